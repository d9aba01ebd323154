//! Which column of a file goes into which column of a table, by its name and its values.

mod currencies;
mod properties;
mod saved;
mod spellings;
mod vendors;
mod words;

use intake::*;
use serde_json::{Map, Value};

/// The table that shops fill.
pub fn inventory() -> Table {
    let text = || Kind::Text { max_chars: None };
    let money = || Kind::Numeric { precision: Some((12, 2)) };
    let mut columns = vec![
        Column::new("sku", text()).required(),
        Column::new("name", text()).required(),
        Column::new("description", text()),
        Column::new("category", text()),
        Column::new("quantity", Kind::Int4),
        Column::new("quantity_on_order", Kind::Int4),
        Column::new("unit_price", money()),
        Column::new("cost", money()),
    ];
    columns.extend((1..=5).map(|tier| Column::new(format!("price_tier_{tier}"), money())));
    columns.extend(
        ["department_code", "unit_of_measure", "barcode", "location", "supplier"]
            .map(|name| Column::new(name, text())),
    );
    columns.push(Column::new("reorder_level", Kind::Int4));
    columns.push(Column::new("attributes", Kind::Json));
    let attributes = Some(columns.len() - 1);
    Table { columns, attributes }
}

pub fn transactions() -> Table {
    let text = || Kind::Text { max_chars: None };
    let columns = vec![
        Column::new("type", text()),
        Column::new("category", text()),
        Column::new("amount", Kind::Numeric { precision: Some((14, 2)) }).required(),
        Column::new("description", text()),
        Column::new("occurred_on", Kind::Date),
    ];
    Table { columns, attributes: None }
}

pub fn staff() -> Table {
    let text = || Kind::Text { max_chars: None };
    let columns = vec![
        Column::new("full_name", text()).required(),
        Column::new("position", text()),
        Column::new("email", text()),
        Column::new("phone", text()),
        Column::new("salary", Kind::Numeric { precision: Some((12, 2)) }),
        Column::new("hired_on", Kind::Date),
        Column::new("is_active", Kind::Bool),
    ];
    Table { columns, attributes: None }
}

/// A file whose cells are parted by bars: the first line names the columns.
pub fn parse(file: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let mut lines = file.lines().map(str::trim).filter(|line| !line.is_empty()).map(cells);
    (lines.next().expect("a header"), lines.collect())
}

pub fn suggestions(table: &Table, file: &str, saved: Option<&Map<String, Value>>) -> Vec<Suggestion> {
    let (header, rows) = parse(file);
    suggest(&header, &rows, table, saved)
}

/// What is suggested for a column of the file.
pub fn suggestion(table: &Table, file: &str, column: &str) -> Suggestion {
    let suggestions = suggestions(table, file, None);
    suggestions.into_iter().find(|it| it.csv_column == column).expect("a column of the file")
}

/// The pairs `column → target` that a job without a mapping uses, attributes left out.
pub fn mapped(table: &Table, file: &str) -> Vec<String> {
    let (header, rows) = parse(file);
    let mapping = Mapping::resolve(&header, &rows, table, None, None).expect("a mapping");
    let pairs = mapping.header.iter().zip(&mapping.destinations);
    let targets = pairs.filter(|(_, destination)| matches!(destination, Destination::Column(_)));
    targets.map(|(name, target)| format!("{name} → {}", target.name(table).expect("a name"))).collect()
}
