//! The UPDATE of rows whose keys the table is known to have. It costs less than an INSERT ... ON CONFLICT: no row is proposed, no
//! number drawn, no row locked before it is updated, and what it was is read where it is found.

use super::builder::{Builder, column_of};
use crate::table::Column;
use pgrx::spi::quote_identifier;

impl Builder<'_> {
    /// See [`super::Statements::update`]. `remembers`: whether a row can be found again, to be what it was.
    pub fn update(&self, remembers: bool) -> String {
        let table = &self.target.name;
        let new: Vec<String> =
            self.updated().map(|(index, _)| format!("{} AS n{index}", self.new_value(index))).collect();
        let before = format!("(SELECT row_to_json(o.*) FROM (SELECT {}) o)", self.columns_before("t"));
        let before = if remembers { before } else { "NULL::json".to_owned() };
        let differs: Vec<String> =
            self.updated().map(|(index, column)| difference(column, &format!("v.n{index}"))).collect();
        let set: Vec<String> =
            self.updated().map(|(index, column)| assignment(column, &format!("f.n{index}"))).collect();
        format!(
            "WITH found AS MATERIALIZED (
                 SELECT u.row, t.ctid AS place, d.differs, v.*,
                        CASE WHEN d.differs THEN {before} END AS before
                 FROM {found}
                 CROSS JOIN LATERAL (SELECT {new}) v CROSS JOIN LATERAL (SELECT {differs} AS differs) d
             ), changed AS (
                 UPDATE {table} AS t SET {set} FROM found f WHERE t.ctid = f.place AND f.differs RETURNING f.before
             )
             SELECT count(*) FILTER (WHERE differs) AS differing, (SELECT count(*) FROM changed) AS updated,
                    (SELECT json_agg(before)::text FROM changed WHERE before IS NOT NULL) AS before, array_agg(row) AS found FROM found",
            found = self.found(&self.input()),
            new = new.join(", "),
            differs = differs.join(" OR "),
            set = set.join(", "),
        )
    }

    /// See [`super::Statements::tids`].
    pub fn tids(&self) -> String {
        format!("SELECT u.row AS row, t.ctid AS tid FROM {}", self.found(&self.input_of_key()))
    }
}

/// `new`: the file's value, as an expression of the column's type.
pub fn assignment(column: &Column, new: &str) -> String {
    format!("{} = {}", quote_identifier(column.name()), new_value(column, new))
}

pub fn difference(column: &Column, new: &str) -> String {
    let old = comparable(column, &column_of("t", column.name()));
    format!("{old} IS DISTINCT FROM {}", comparable(column, &new_value(column, new)))
}

/// What an update makes of a column; attributes are added to those that the row has.
fn new_value(column: &Column, new: &str) -> String {
    if column.is_attributes() {
        let old = column_of("t", column.name());
        format!("coalesce({old} || {new}, {old}, {new})")
    } else {
        new.to_owned()
    }
}

/// Types without equality compare by their text.
fn comparable(column: &Column, expression: &str) -> String {
    const WITHOUT_EQUALITY: [&str; 9] =
        ["json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle"];
    let cast = if WITHOUT_EQUALITY.contains(&column.type_name()) { "::text" } else { "" };
    format!("({expression}){cast}")
}
