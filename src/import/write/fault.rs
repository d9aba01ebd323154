//! Which errors of the database are about rows.

use crate::pg::{self, Caught};

/// Somebody has inserted or changed a row with the same key meanwhile: a smaller statement, of a later snapshot, sees it.
pub fn is_race(error: &Caught) -> bool {
    error.sqlstate == "40001" && pg::is_read_committed()
}

/// Data exceptions, integrity violations, limits such as an index row's size, and what triggers raise. Everything else
/// (a full disk, a cancelled statement, a missing privilege) is not the row's fault and ends the import.
pub fn is_fault_of_a_row(error: &Caught) -> bool {
    ["22", "23", "54", "P0"].iter().any(|class| error.sqlstate.starts_with(class))
        || error.sqlstate == "21000"
}
