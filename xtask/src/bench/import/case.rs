//! What is measured, and against what.

/// What an import is measured against.
pub enum Peer {
    /// COPY into the table.
    Copy,
    /// COPY into a table of its own, and from there INSERT … ON CONFLICT DO UPDATE.
    StagedUpsert,
    /// COPY into a table of its own, and from there row by row, each in a block with an exception handler.
    RowByRow,
}

pub struct Case {
    /// What `--cases` knows it by.
    pub letter: char,
    pub title: &'static str,
    pub table: &'static str,
    pub rows: usize,
    /// Of the import, as JSON.
    pub options: &'static str,
    /// Run when the table has been emptied.
    pub before: &'static str,
    pub peer: Peer,
    /// How many times as fast as the peer it shall be.
    pub goal: f64,
}

const MILLION: usize = 1_000_000;

pub const CASES: [Case; 9] = [
    Case {
        letter: 'a',
        title: "inventory, plain inserts",
        table: "inventory",
        rows: MILLION,
        options: r#"{"on_conflict": "error"}"#,
        before: "",
        peer: Peer::Copy,
        goal: 5.0,
    },
    Case {
        letter: 'a',
        title: "the same between the rows of other teams",
        table: "inventory",
        rows: MILLION,
        options: r#"{"on_conflict": "error"}"#,
        before: "SELECT have_neighbours()",
        peer: Peer::Copy,
        goal: 1.0,
    },
    Case {
        letter: 'b',
        title: "inventory, on_conflict update, all rows new",
        table: "inventory",
        rows: MILLION,
        options: "{}",
        before: "",
        peer: Peer::Copy,
        goal: 3.5,
    },
    Case {
        letter: 'b',
        title: "half of them known; staging + ON CONFLICT",
        table: "inventory",
        rows: MILLION,
        options: "{}",
        before: "SELECT have_half(1000000); VACUUM ANALYZE inventory",
        peer: Peer::StagedUpsert,
        goal: 1.5,
    },
    Case {
        letter: 'c',
        title: "a table with a random-valued index",
        table: "parts",
        rows: MILLION,
        options: "{}",
        before: "",
        peer: Peer::Copy,
        goal: 2.5,
    },
    Case {
        letter: 'd',
        title: "a table with an AFTER ROW trigger",
        table: "watched",
        rows: MILLION,
        options: "{}",
        before: "",
        peer: Peer::Copy,
        goal: 1.0,
    },
    Case {
        letter: 'e',
        title: "row by row with an exception block",
        table: "inventory",
        rows: MILLION,
        options: "{}",
        before: "",
        peer: Peer::RowByRow,
        goal: 20.0,
    },
    Case {
        letter: 'f',
        title: "inventory, commit_every 100,000",
        table: "inventory",
        rows: MILLION,
        options: r#"{"commit_every": 100000}"#,
        before: "",
        peer: Peer::Copy,
        goal: 7.0,
    },
    Case {
        letter: 'g',
        title: "random ids, an enumeration, five CHECKs",
        table: "goods",
        rows: MILLION,
        options: "{}",
        before: "",
        peer: Peer::Copy,
        goal: 2.5,
    },
];
