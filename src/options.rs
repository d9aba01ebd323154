//! The options of jobs and of reading, known here and nowhere else: SQL asks [`teamwork::option_fault`] whether options can be
//! meant, the documentation lists [`teamwork::job_options`], a running job has them as a struct.

mod declare;
mod export;
mod import;
mod reading;
mod value;

pub use declare::Options;

use declare::Fault;
pub use export::{ExportOptions, Formulas};
pub use import::{Blank, ImportOptions, Location, OnConflict, OnRepeat};
pub use reading::ReadingOptions;

use crate::failure::Failure;
use pgrx::prelude::*;
use pgrx::{JsonB, name};
use serde_json::Value;

/// Reads the options of a job, which were checked when it was submitted.
pub fn parse<O: Options>(json: &str) -> Result<O, Failure> {
    let options = serde_json::from_str(json);
    read(options.map_err(|error| Failure::new(format!("invalid options: {error}")))?)
}

/// Refuses options that there are not, and values that an option does not take.
pub fn read<O: Options>(options: Value) -> Result<O, Failure> {
    if let Some(Fault { option, is_known, hint }) = O::fault(&options) {
        let message = if is_known {
            format!("invalid value for {} option \"{option}\": {}", O::KIND, options[&option])
        } else {
            format!("unrecognized {} option \"{option}\"", O::KIND)
        };
        return Err(Failure::new(message).hint(hint));
    }
    // Serde would take an array for a struct.
    let read = if options.is_object() { serde_json::from_value(options).ok() } else { None };
    read.ok_or_else(|| Failure::new(format!("{} options must be a JSON object", O::KIND)))
}

#[pg_schema]
pub mod teamwork {
    use super::*;

    /// The first of the options that such jobs do not have, or that has a value which it cannot have, with what to give instead.
    /// `options` is a JSON object.
    #[pg_extern(immutable, strict, parallel_safe)]
    pub fn option_fault(
        job_type: &str,
        options: JsonB,
    ) -> TableIterator<'static, (name!(option, String), name!(is_known, bool), name!(hint, String))> {
        let fault = match job_type {
            "export" => ExportOptions::fault(&options.0),
            _ => ImportOptions::fault(&options.0),
        };
        TableIterator::new(fault.map(|fault| (fault.option, fault.is_known, fault.hint)))
    }

    /// The options that jobs and reading have.
    #[pg_extern(immutable, parallel_safe)]
    pub fn job_options() -> TableIterator<
        'static,
        (name!(kind, String), name!(option, String), name!(values, String), name!(meaning, String)),
    > {
        let all = [
            (ImportOptions::KIND, ImportOptions::KNOWN),
            (ExportOptions::KIND, ExportOptions::KNOWN),
            (ReadingOptions::KIND, ReadingOptions::KNOWN),
        ];
        let rows = all.into_iter().flat_map(|(kind, known)| {
            let row = move |option: &declare::Known| {
                (
                    kind.to_owned(),
                    option.name.to_owned(),
                    option.values.to_owned(),
                    option.meaning.trim().to_owned(),
                )
            };
            known.iter().map(row)
        });
        TableIterator::new(rows)
    }
}
