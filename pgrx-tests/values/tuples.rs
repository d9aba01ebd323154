//! Whole rows: what is around the values, and between them.

use super::column::Column;
use super::server::{Server, TOAST_THRESHOLD, record};
use super::{asked_for, cells};
use crate::fixture::{self, Database};
use fastrand::Rng;
use intake::{Batch, DateOrder, DecimalMark, Event, Spec, Table};
use pack::{Attribute, Fill, Numbers, OfRows, Packed, Packer, RowPlan, Storage};
use postgres::Row;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use std::ops::ControlFlow;

/// One for so many texts of each type.
const TEXTS: u64 = 25;
const ROWS: usize = 40;
/// More than fit into two bytes of a bitmap.
const MOST_COLUMNS: u64 = 20;

/// The tuples of a table, without what is of transactions: number and length of attributes
/// (`HEAP_NATTS_MASK`), `HEAP_HASNULL` to `HEAP_HASEXTERNAL`, and all from `t_hoff` on.
const READ: &str = "
SELECT i.t_infomask2 & 2047, i.t_infomask & 7, substring(page FROM i.lp_off + 23 FOR i.lp_len - 22)
FROM generate_series(0, pg_relation_size('r') / 8192 - 1) b, get_raw_page('r', b::integer) page,
     heap_page_items(page) i";

/// `offsetof(HeapTupleHeaderData, t_hoff)`, and where the masks before it begin.
const HOFF: usize = 22;
const INFOMASK: usize = 20;
const INFOMASK2: usize = 18;

#[derive(Debug, PartialEq)]
struct Tuple {
    attributes: i32,
    flags: i32,
    rest: Vec<u8>,
}

#[test]
fn tuples_are_formed_as_an_insert_does() {
    let (cases, mut runner, mut rng) = asked_for();
    let tables = cases / TEXTS;
    let database = Database::create(fixture::shared(), "packed_tuples");
    let mut server = Server::prepare(&database, &mut rng);
    let columns = Column::all(&mut server);
    let mut compared = 0;
    for table in 0..tables {
        let layout = Layout::throw(&columns, &mut runner, &mut rng);
        let file = layout.file(&mut runner, &mut rng);
        compared += layout.compare(file, &mut server, &format!("table {table}"));
    }
    assert!(compared as u64 > tables * ROWS as u64 / 2, "only {compared} tuples are compared");
}

/// What is in a column of a table.
enum Content {
    /// Cells of a file; NULL becomes the default, if there is one.
    Cells(Option<String>),
    Constant(Option<String>),
    Number,
    Uuid,
    /// The column is dropped.
    Nothing,
}

/// The columns of a table, and what is in them.
struct Layout<'c>(Vec<(&'c Column, Content)>);

impl<'c> Layout<'c> {
    fn throw(columns: &'c [Column], runner: &mut TestRunner, rng: &mut Rng) -> Self {
        let count = 1 + rng.u64(..MOST_COLUMNS);
        let column = |number| {
            let column = rng.choice(columns).unwrap();
            let content = match rng.u64(..10) {
                _ if number == 0 => Content::Cells(None),
                0 => Content::Nothing,
                1 => Content::Constant(None),
                2 => Content::Constant(Some(text(column, runner))),
                3 => Content::Cells(Some(text(column, runner))),
                4 | 5 if matches!(column.storage, Storage::Int4 | Storage::Int8) => Content::Number,
                4 | 5 if column.storage == Storage::Uuid => Content::Uuid,
                _ => Content::Cells(None),
            };
            (column, content)
        };
        Self((0..count).map(column).collect())
    }

    fn create(&self, server: &mut Server) {
        let columns: Vec<String> =
            self.0.iter().enumerate().map(|(n, (column, _))| format!("c{n} {}", column.sql_type)).collect();
        let dropped =
            self.0.iter().enumerate().filter(|(_, (_, content))| matches!(content, Content::Nothing));
        let drops: String = dropped.map(|(n, _)| format!("ALTER TABLE r DROP COLUMN c{n};")).collect();
        let sql = format!("DROP TABLE IF EXISTS r; CREATE TABLE r ({}); {drops}", columns.join(", "));
        server.client.batch_execute(&sql).unwrap();
    }

    /// The columns that a file fills.
    fn filled(&self) -> impl Iterator<Item = (usize, &'c Column)> {
        let filled =
            self.0.iter().enumerate().filter(|(_, (_, content))| matches!(content, Content::Cells(_)));
        filled.map(|(n, (column, _))| (n, *column))
    }

    /// Rows of a file, as JSON objects.
    fn file(&self, runner: &mut TestRunner, rng: &mut Rng) -> Vec<String> {
        let object = |_| {
            let member = |(n, column)| {
                let cell = (rng.u64(..4) != 0).then(|| text(column, runner));
                (format!("c{n}"), cell.into())
            };
            let object: serde_json::Map<String, serde_json::Value> = self.filled().map(member).collect();
            serde_json::Value::from(object).to_string()
        };
        (0..ROWS).map(object).collect()
    }

    /// The batches of a file, and which of the filled columns their values are of.
    fn read(&self, file: Vec<String>) -> (Vec<usize>, Vec<Batch>) {
        let names: Vec<String> = self.filled().map(|(n, _)| format!("c{n}")).collect();
        let columns = self
            .filled()
            .map(|(n, column)| intake::Column { name: format!("c{n}"), ..column.of_intake.clone() });
        let table = Table { columns: columns.collect(), attributes: None };
        let spec =
            Spec { decimal: Some(DecimalMark::Point), date_order: Some(DateOrder::Mdy), ..Spec::new(table) };
        let (mut carried, mut batches) = (Vec::new(), Vec::new());
        let mut emit = |event| {
            match event {
                Event::Started { columns, .. } => carried = columns,
                Event::Batch(batch) => batches.push(batch),
            }
            ControlFlow::Continue(Batch::default())
        };
        intake::read_objects(&names, file.into_iter(), &spec, &mut emit).expect("the objects are read");
        (carried, batches)
    }

    fn plan(&self, carried: &[usize]) -> RowPlan {
        let filled: Vec<usize> = self.filled().map(|(n, _)| n).collect();
        let attribute = |(n, (column, content)): (usize, &(&Column, Content))| {
            let fill = match content {
                Content::Cells(default) => {
                    let column = carried.iter().position(|carried| filled[*carried] == n);
                    Fill::Cell { column: column.expect("the file has the column"), default: default.clone() }
                }
                Content::Constant(text) => Fill::Constant(text.clone()),
                Content::Number => Fill::Deferred,
                Content::Uuid => Fill::Random,
                Content::Nothing => return Attribute { storage: None, fill: Fill::Constant(None) },
            };
            Attribute { storage: Some(column.storage.clone()), fill }
        };
        RowPlan { attributes: self.0.iter().enumerate().map(attribute).collect(), indexes: Vec::new() }
    }

    /// What the backend writes into tuples.
    fn finish(&self, packed: &mut Packed) {
        let rows = packed.rows();
        for (attribute, (column, content)) in self.0.iter().enumerate() {
            match content {
                Content::Number => {
                    let width = if column.storage == Storage::Int4 { 4 } else { 8 };
                    let of_rows = OfRows::Each((0..rows).map(number).collect());
                    packed.set_numbers(&[Numbers { attribute, width, of_rows }]);
                }
                Content::Uuid => {
                    let uuids: Vec<[u8; 16]> = (0..rows).map(uuid).collect();
                    packed.set_uuids(attribute, &uuids);
                }
                _ => {}
            }
        }
    }

    /// A row as the server is given it.
    fn record(&self, plan: &RowPlan, batch: &Batch, row: usize) -> String {
        let (number, uuid) = (number(row).to_string(), u128::from_be_bytes(uuid(row)));
        let uuid = format!("{uuid:032x}");
        let columns = self.0.iter().zip(&plan.attributes);
        let kept = columns.filter(|((_, content), _)| !matches!(content, Content::Nothing));
        record(kept.map(|(_, attribute)| match &attribute.fill {
            Fill::Cell { column, default } => batch.cell(row, *column).or(default.as_deref()),
            Fill::Constant(text) => text.as_deref(),
            Fill::Deferred => Some(number.as_str()),
            Fill::Random => Some(uuid.as_str()),
        }))
    }

    /// Packs the rows of a file, and has them inserted; how many tuples are found to be the same.
    fn compare(&self, file: Vec<String>, server: &mut Server, described: &str) -> usize {
        let (carried, batches) = self.read(file);
        let plan = self.plan(&carried);
        let mut packer = Packer::new(plan.clone()).expect("the constants can be stored");
        let mut compared = 0;
        for batch in batches {
            let mut packed = packer.pack(&batch, Packed::default()).expect("all values can be stored");
            self.finish(&mut packed);
            let packed = tuples(&mut packed);
            // Of the others the server compresses values, or puts them out of line.
            let rows = (0..batch.rows()).filter(|row| packed[*row].rest.len() < TOAST_THRESHOLD);
            let (records, packed): (Vec<String>, Vec<&Tuple>) =
                rows.map(|row| (self.record(&plan, &batch, row), &packed[row])).unzip();
            self.create(server);
            server.put("r", &records);
            let stored = stored(server);
            assert_eq!(packed.len(), stored.len(), "{described}: the server refuses a row");
            // Which page has room decides about their order.
            let missing = records.iter().zip(packed).find(|(_, packed)| !stored.contains(packed));
            assert_eq!(missing, None, "{described}: {}\nstored: {stored:?}", self.described());
            compared += records.len();
        }
        compared
    }

    fn described(&self) -> String {
        self.0.iter().map(|(column, _)| column.sql_type.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// A text that `pack` stores.
fn text(column: &Column, runner: &mut TestRunner) -> String {
    let cells = cells(&column.texts);
    let text = |_| {
        let (cell, locale) = cells.new_tree(runner).ok()?.current();
        let text = intake::check(&column.of_intake, locale, &cell).ok()??;
        (text.len() < 300 && column.storage.stored(&text).is_some()).then_some(text)
    };
    (0..10_000).find_map(text).unwrap_or_else(|| panic!("no text for {}", column.sql_type))
}

fn number(row: usize) -> i64 {
    row as i64 * -1_000_003
}

fn uuid(row: usize) -> [u8; 16] {
    std::array::from_fn(|byte| (row * 17 + byte) as u8)
}

fn tuples(packed: &mut Packed) -> Vec<Tuple> {
    let extents: Vec<(usize, usize)> = (0..packed.rows()).map(|row| packed.extent(row)).collect();
    let memory: Vec<u8> = packed.memory().iter().flat_map(|word| word.to_ne_bytes()).collect();
    let tuple = |(word, len): (usize, usize)| {
        let bytes = &memory[word * size_of::<u64>()..][..len];
        let mask = |at: usize| i32::from(u16::from_ne_bytes([bytes[at], bytes[at + 1]]));
        Tuple { attributes: mask(INFOMASK2), flags: mask(INFOMASK), rest: bytes[HOFF..].to_vec() }
    };
    extents.into_iter().map(tuple).collect()
}

fn stored(server: &mut Server) -> Vec<Tuple> {
    let rows = server.client.query(READ, &[]).unwrap();
    let tuple = |row: &Row| Tuple { attributes: row.get(0), flags: row.get(1), rest: row.get(2) };
    rows.iter().map(tuple).collect()
}
