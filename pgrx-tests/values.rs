//! What `pack` writes is what PostgreSQL stores: texts of every kind, well-formed and not, go through `intake` and `pack`, and
//! through the input functions of a server, whose bytes are then read from the pages. `cargo xtask test values --rounds
//! 25000` asks for so many texts of each type.

mod column;
mod documents;
mod numbers;
mod server;
mod texts;
mod times;
mod tuples;

use crate::asked;
use crate::fixture::{self, Database};
use column::Column;
use fastrand::Rng;
use intake::{DateOrder, DecimalMark, Locale};
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use server::{Server, Stored};

const CASES: u64 = 700;

/// A cell of a file, and how its column is read.
type Case = (String, Locale);

/// What must be so: these bytes are those of this text.
struct Claim {
    /// Which of the cases it is about.
    case: usize,
    text: String,
    packed: Vec<u8>,
    /// Whether intake vouches for it that PostgreSQL takes the text.
    is_checked: bool,
}

#[test]
fn values_are_stored_as_input_functions_do() {
    let (cases, mut runner, mut rng) = asked_for();
    let database = Database::create(fixture::shared(), "packed_values");
    let mut server = Server::prepare(&database, &mut rng);
    let columns = Column::all(&mut server);
    let faults: Vec<String> =
        columns.iter().filter_map(|column| fault_of(column, cases, &mut server, &mut runner)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_document_as_deep_as_a_file_can_have_it_costs_its_row_alone() {
    let database = Database::create(fixture::shared(), "deep_documents");
    let mut manager = database.login(&database.team(1).manager);
    let table =
        "CREATE TABLE deep (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, document jsonb);
                 SELECT teamwork.protect_table('deep')";
    database.superuser().batch_execute(table).unwrap();
    let deep = |depth: usize| format!("deep,{}{}\n", "[".repeat(depth), "]".repeat(depth));
    let rows = (0..30_000).map(|n| format!("row {n},{{}}\n"));
    let csv: String =
        ["name,document\n".into()].into_iter().chain(rows).chain([deep(60), deep(300_000)]).collect();
    let sql = "SELECT create_background_import_job('deep', csv => $1)::text";
    let job: String = manager.query_one(sql, &[&csv]).unwrap().get(0);
    assert_eq!(fixture::outcome(&mut manager, &job), ("completed".into(), None));
    let refused = "SELECT count(*) FROM scheduled_job_errors WHERE code = '54001' AND line = 30003";
    assert_eq!((database.count(refused), database.count("SELECT count(*) FROM deep")), (1, 30_001));
}

/// How many texts of each type there are to be; what throws them, with a seed that can be asked for, and random numbers of the same.
fn asked_for() -> (u64, TestRunner, Rng) {
    let cases = asked::rounds().unwrap_or(CASES);
    let (rng, seed) = asked::rng();
    println!("again with: cargo xtask test values --rounds {cases} --seed {seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let of_runner = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    (cases, TestRunner::new_with_rng(Config::default(), of_runner), rng)
}

/// The shortest cell found, if any, that a column stores in another way than `pack`.
fn fault_of(column: &Column, cases: u64, server: &mut Server, runner: &mut TestRunner) -> Option<String> {
    let strategy = cells(&column.texts);
    let mut trees: Vec<_> = (0..cases).map(|_| strategy.new_tree(runner).expect("a cell")).collect();
    let cases: Vec<Case> = trees.iter().map(ValueTree::current).collect();
    let verdict = Verdict::on(column, &cases, server);
    let Some((case, _)) = verdict.broken else {
        let Verdict { claims, checked, .. } = verdict;
        println!("{}: of {} cells {claims} claims, {checked} checked", column.sql_type, cases.len());
        // Or the test would hold of anything.
        assert!(claims * 8 > cases.len(), "hardly anything is claimed of {}", column.sql_type);
        return None;
    };
    let ((cell, locale), what) = shrunk(&mut trees[case], column, server)?;
    Some(format!("{}: cell {cell:?} in {locale:?}: {what}", column.sql_type))
}

/// The simplest case below `tree` of which something false is claimed, and what.
fn shrunk(
    tree: &mut impl ValueTree<Value = Case>,
    column: &Column,
    server: &mut Server,
) -> Option<(Case, String)> {
    let mut simplest = None;
    let mut goes_on = true;
    while goes_on {
        let case = tree.current();
        let verdict = Verdict::on(column, std::slice::from_ref(&case), server);
        goes_on = if verdict.broken.is_some() { tree.simplify() } else { tree.complicate() };
        simplest = verdict.broken.map(|(_, what)| (case, what)).or(simplest);
    }
    simplest
}

fn cells(texts: &BoxedStrategy<String>) -> BoxedStrategy<Case> {
    let comma = Locale { decimal: DecimalMark::Comma, dates: DateOrder::Dmy, ..Locale::US };
    let iso = Locale { grouping: false, dates: DateOrder::Ymd, ..Locale::US };
    (texts.clone(), select(vec![Locale::US, comma, iso])).boxed()
}

/// What is claimed of a cell: of the text that intake makes of it, and of itself.
fn claims(column: &Column, case: usize, (cell, locale): &Case) -> Vec<Claim> {
    let checked = intake::check(&column.of_intake, *locale, cell).ok().flatten();
    let itself = (checked.as_ref() != Some(cell)).then(|| (cell.clone(), false));
    let texts = itself.into_iter().chain(checked.map(|text| (text, true)));
    let claim = |(text, is_checked): (String, bool)| {
        let packed = column.storage.stored(&text)?;
        Some(Claim { case, text, packed, is_checked })
    };
    texts.filter_map(claim).collect()
}

impl Claim {
    /// How it is wrong, if it is.
    fn refutation(&self, stored: Option<Stored>) -> Option<String> {
        let what = match stored {
            None if self.is_checked => "which PostgreSQL does not take".to_owned(),
            Some(stored) if !stored.is(&self.packed) => format!("which PostgreSQL stores as {stored}"),
            _ => return None,
        };
        Some(format!("pack makes {} of {:?}, {what}", server::hex(&self.packed), self.text))
    }
}

/// What became of the claims about some cells.
struct Verdict {
    claims: usize,
    checked: usize,
    /// The first case of which something false is claimed, and what.
    broken: Option<(usize, String)>,
}

impl Verdict {
    fn on(column: &Column, cases: &[Case], server: &mut Server) -> Self {
        let claims: Vec<Claim> =
            cases.iter().enumerate().flat_map(|(number, case)| claims(column, number, case)).collect();
        let stored = server.store(column, claims.iter().map(|claim| claim.text.as_str()));
        let mut refuted = claims
            .iter()
            .zip(stored)
            .filter_map(|(claim, stored)| claim.refutation(stored).map(|what| (claim.case, what)));
        let broken = refuted.next();
        let checked = claims.iter().filter(|claim| claim.is_checked).count();
        Verdict { claims: claims.len(), checked, broken }
    }
}
