//! The files of `pgrx-tests/regress` and `pgrx-tests/isolation`: which there are of a name, and on which servers they run.

use anyhow::{Context, Result};

use crate::cluster::Checked;
use crate::extension::{self, ENGINE};
use crate::regress::{Driver, Input};
use crate::workspace::workspace;

const DATABASE: &str = "regression";

/// The files of a driver, with the extension in `schema`.
#[derive(Clone, Copy)]
pub struct Suite {
    driver: Driver,
    /// Below `pgrx-tests`.
    directory: &'static str,
    schema: &'static str,
    /// The name of its cluster.
    server: &'static str,
}

pub const REGRESS: Suite =
    Suite { driver: Driver::Regress, directory: "regress", schema: "public", server: "regress" };
/// The same files with the same expected output: what they print does not depend on the schema.
pub const REGRESS_IN_APP: Suite = Suite { schema: "app", server: "regress-app", ..REGRESS };
pub const ISOLATION: Suite =
    Suite { driver: Driver::Isolation, directory: "isolation", schema: "public", server: "isolation" };

impl Suite {
    /// Runs every file; where one prints anything else than expected, the differences are the error.
    pub fn run_all(self) -> Result<()> {
        self.run(&self.input().named("")?)
    }

    fn run(self, names: &[String]) -> Result<()> {
        self.input()
            .run(&*self.start()?, DATABASE, names)
            .with_context(|| format!("with the extension in the schema {}", self.schema))
    }

    fn accept(self, names: &[String]) -> Result<()> {
        self.input().accept(&*self.start()?, DATABASE, names)
    }

    fn input(self) -> Input {
        Input::new(self.driver, workspace().join("pgrx-tests").join(self.directory))
    }

    fn start(self) -> Result<Checked> {
        let cluster = Checked::start(self.server, &ENGINE)?;
        extension::create(&cluster, DATABASE, self.schema)?;
        Ok(cluster)
    }
}

/// Files of one driver.
pub struct Files {
    names: Vec<String>,
    first: Suite,
    /// Where they have to print the same.
    others: &'static [Suite],
}

/// The files whose names contain `part`, which may end in `.sql` or `.spec` as they do.
pub fn files_named(part: &str) -> Result<Vec<Files>> {
    let mut found = Vec::new();
    for (first, others) in [(REGRESS, &[REGRESS_IN_APP][..]), (ISOLATION, &[])] {
        let names = first.input().named(part)?;
        if !names.is_empty() {
            found.push(Files { names, first, others });
        }
    }
    Ok(found)
}

impl Files {
    pub fn title(&self) -> &'static str {
        match self.first.driver {
            Driver::Regress => "regression files",
            Driver::Isolation => "isolation specs",
        }
    }

    pub fn run(&self) -> Result<()> {
        println!("{}", self.names.join("\n"));
        self.first.run(&self.names)?;
        self.check_others()
    }

    /// Makes what the files print now their expected output.
    pub fn accept(&self) -> Result<()> {
        self.first.accept(&self.names)?;
        self.check_others()
    }

    fn check_others(&self) -> Result<()> {
        self.others.iter().try_for_each(|suite| suite.run(&self.names))
    }
}
