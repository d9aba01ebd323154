//! The only home of `unsafe`: what the rest of the extension needs of PostgreSQL, wrapped so that it cannot be misused.

mod bgworker;
mod bulk;
mod catalog;
mod child;
mod column_mask;
mod cursor;
mod drop_guard;
mod error;
mod exit;
mod invalidation;
mod latch;
mod lease;
mod masked_table;
mod memory;
mod planner;
mod progress;
mod range_table;
mod row;
mod sequence;
mod setting;
pub mod setting_name;
mod shmem;
mod spi;
mod subtransaction;
mod thread;
mod timeout;
mod transaction;
mod unneeded_triggers;
mod user;

pub use bgworker::{
    at_exit, attach, connect, in_postmaster_startup, max_worker_processes, my_database, my_pid, upgrading,
};
pub use bulk::{
    BulkTarget, BulkUpdate, Emptied, Index, Place, Sequence, bulk_insert, bulk_update, is_left_out_of_wal,
};
pub use catalog::{
    Database, TableRule, count_rows, databases, extension_owner, extension_schema, find_profile, has_row,
    hold_extension, is_volatile_expression, lock_for_writing, profiles_table, relation, schema, table_rules,
    token_keys,
};
pub use child::{Child, LIBRARY};
pub use column_mask::{Masks, mask_columns};
pub use cursor::Cursor;
pub use drop_guard::{guard_drop, is_relation_of};
pub use error::Caught;
pub use exit::{postmaster_started_at, server_is_stopping};
pub use invalidation::{announce_change, catalog_generation, profiles_generation};
pub use latch::{
    LatchHandle, check_for_interrupts, leave_with_postmaster, now, reload_settings, wait, wake_self,
};
pub use lease::{Lease, try_lock_places};
pub use memory::with_scratch_memory;
pub use planner::{PlannedInsert, no_replacement, replacement};
pub use progress::CopyProgress;
pub(crate) use row::from_row;
pub use row::{FromColumn, FromRow, Row};
pub use sequence::last_drawn;
pub use setting::{
    default_setting, override_setting, reserve_setting_prefix, set_setting, setting, setting_is,
    settings_with_prefix, with_settings, with_superuser_setting,
};
pub use shmem::Shared;
pub use spi::{execute, query, query_column, query_first, query_value};
pub use subtransaction::{roll_back_after, subtransaction, try_subtransaction};
pub use thread::spawn_without_signals;
pub use timeout::{Timeout, statement_timeout};
pub use transaction::{
    at_commit, at_commit_once, commit_and_begin, forgo_flush, is_read_committed, last_transaction,
    report_application, transaction, try_transaction,
};
pub use unneeded_triggers::without_triggers;
pub use user::{
    as_owner, as_user, bypasses_row_security, is_exempt_from_row_security, outer_user, role, session_is_in,
    session_user,
};
