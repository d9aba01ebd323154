//! What a member's INSERT leaves to the database, and what it may say itself. All teams draw ids from one sequence per table, so
//! that an id which somebody chose is one that another team will be given, whose insert then fails. But clients write whole rows
//! back, ids and owners included, by ON CONFLICT DO UPDATE.
//!
//! A row trigger on INSERT would take the fast path away from bulk loads. So the policy for INSERT calls two functions, and their
//! support functions look at the statement while it is planned. One that says nothing of ids and has no ON CONFLICT pays nothing:
//! true and false take the place of the calls. In the others, functions of `sql/protection/whole_rows.sql` do, which look at each
//! row. Only statements that are subject to the policy get here: administrators and services write what they like.
//!
//! A grant of INSERT by columns would leave the id out as well, and with it `VALUES (DEFAULT, …)`, which several clients
//! write, and every column that is added later.

use crate::pg::{self, PlannedInsert};
use pgrx::Uuid;
use pgrx::datum::Internal;
use pgrx::pg_sys;
use pgrx::prelude::*;

/// Where NULL stands for the default, as some clients write it.
const DEFAULT_FOR_NULL: [&str; 2] = ["owner_id", "admin_id"];

/// What the database alone says.
const ALWAYS_DEFAULT: [&str; 2] = ["created_at", "updated_at"];

#[pg_schema]
pub mod teamwork {
    use super::*;

    /// Part of the policy for INSERT, with a column of the table. A statement that chooses ids is planned with
    /// `teamwork.ids_are_own()` instead.
    #[pg_extern(stable, parallel_safe, support = plan_insert)]
    pub fn ids_are_generated(_admin_id: Option<Uuid>) -> bool {
        true
    }

    #[pg_extern(immutable, strict, parallel_safe)]
    pub fn plan_insert(request: Internal) -> Internal {
        let Some(insert) = PlannedInsert::of(&request) else { return pg::no_replacement() };
        let numbered = insert.identity_columns();
        let chooses = insert.gives(&numbered);
        insert.fill_nulls(&numbered);
        insert.fill_nulls(&insert.columns(&DEFAULT_FOR_NULL));
        insert.use_defaults(&insert.columns(&ALWAYS_DEFAULT));
        // Not its default: where somebody else owns auth, auth.uid() goes by settings also of a session that goes by a token.
        insert.use_result(&insert.columns(&["updated_by"]), c"current_user_id", pg_sys::UUIDOID);
        if chooses { insert.call_with_row(c"ids_are_own", None) } else { pg::replacement(true) }
    }

    /// Part of the policy for INSERT: the row takes the place of one that is the same owner's. A statement with ON CONFLICT is
    /// planned with `teamwork.is_own_row()` instead.
    #[pg_extern(stable, parallel_safe, support = plan_upsert)]
    pub fn replaces_a_row(_admin_id: Option<Uuid>) -> bool {
        false
    }

    #[pg_extern(immutable, strict, parallel_safe)]
    pub fn plan_upsert(request: Internal) -> Internal {
        let Some(insert) = PlannedInsert::of(&request) else { return pg::no_replacement() };
        match insert.conflict_key() {
            Some(key) => insert.call_with_row(c"is_own_row", Some(key)),
            None => pg::replacement(false),
        }
    }

    /// Whether this session has drawn the number from the sequence, and none after it. Whoever has drawn a number can use it:
    /// nobody else gets it.
    #[pg_extern(volatile, strict)]
    pub fn has_drawn(sequence: pg_sys::Oid, number: i64) -> bool {
        pg::last_drawn(sequence) == Some(number)
    }
}
