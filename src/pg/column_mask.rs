//! Columns that some callers do not see. While a statement is planned, a table that it reads becomes a subquery over that table, as
//! a view would (`ApplyRetrieveRule` in `rewriteHandler.c`), in which such a column is NULL for them; it is pulled up again, so the
//! plan is that of the table. What cannot be replaced (the table that is written, `FOR UPDATE`, system columns) is left, and the check
//! of privileges that every statement passes refuses what is then still named: nothing depends on the replacement being complete.

use super::masked_table::{bit, can_be_replaced, mask_returned, replace};
use super::range_table::{Entry, Permissions, entries, permissions_of};
use pgrx::is_a;
use pgrx::pg_sys::{self, NodeTag, Oid};
use pgrx::prelude::*;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::sync::OnceLock;

/// What is asked about tables.
pub struct Masks {
    /// The columns of a table that are hidden from anybody.
    pub hidden: fn(Oid) -> Vec<CString>,
    /// Those that are hidden from the caller.
    pub hidden_from_caller: fn(Oid) -> Vec<CString>,
    /// Raises, as the caller may not name a column of a table.
    pub refuse: fn(&str, &str) -> !,
}

struct Hooks {
    masks: Masks,
    planner: pg_sys::planner_hook_type,
    check: pg_sys::ExecutorCheckPerms_hook_type,
}

static HOOKS: OnceLock<Hooks> = OnceLock::new();

/// From now on statements are planned with masks, and checked. To be called once, from `_PG_init`.
pub fn mask_columns(masks: Masks) {
    // SAFETY: plain variables of a process with one thread; the functions live as long as the process.
    unsafe {
        let hooks = Hooks { masks, planner: pg_sys::planner_hook, check: pg_sys::ExecutorCheckPerms_hook };
        if HOOKS.set(hooks).is_ok() {
            pg_sys::planner_hook = Some(plan);
            pg_sys::ExecutorCheckPerms_hook = Some(check);
        }
    }
}

#[pg_guard]
unsafe extern "C-unwind" fn plan(
    query: *mut pg_sys::Query,
    text: *const c_char,
    options: c_int,
    parameters: pg_sys::ParamListInfo,
) -> *mut pg_sys::PlannedStmt {
    let Some(hooks) = HOOKS.get() else {
        // SAFETY: as PostgreSQL would have called it.
        return unsafe { pg_sys::standard_planner(query, text, options, parameters) };
    };
    // SAFETY: the planner may change the query that it is given.
    unsafe {
        mask_query(query, hooks);
        match hooks.planner {
            Some(planner) => planner(query, text, options, parameters),
            None => pg_sys::standard_planner(query, text, options, parameters),
        }
    }
}

/// Masks a query and those within it.
unsafe fn mask_query(query: *mut pg_sys::Query, hooks: &Hooks) {
    // SAFETY: the query is one that has been rewritten, and nobody else's.
    unsafe {
        pg_sys::query_tree_walker(query, Some(mask_within), std::ptr::null_mut(), 0);
        for Entry { position, entry } in entries((*query).rtable) {
            if (*entry).rtekind != pg_sys::RTEKind::RTE_RELATION || is_proposed(query, position) {
                continue;
            }
            let hidden = (hooks.masks.hidden)((*entry).relid);
            if hidden.is_empty() || !has_policies(query, entry) {
                continue;
            }
            if position == (*query).resultRelation {
                mask_returned(query, position, entry, &hidden);
            } else if can_be_replaced(query, position) {
                replace(query, position, entry, &hidden);
            }
        }
    }
}

#[pg_guard]
unsafe extern "C-unwind" fn mask_within(node: *mut pg_sys::Node, context: *mut c_void) -> bool {
    // SAFETY: the walker hands over nodes, or NULL.
    unsafe {
        if node.is_null() {
            return false;
        }
        if is_a(node, NodeTag::T_Query) {
            if let Some(hooks) = HOOKS.get() {
                mask_query(node.cast(), hooks);
            }
            return false;
        }
        pg_sys::expression_tree_walker(node, Some(mask_within), context)
    }
}

/// Whether the query means by the table the row that an INSERT proposes.
unsafe fn is_proposed(query: *mut pg_sys::Query, position: c_int) -> bool {
    // SAFETY: the caller's word.
    unsafe { (*query).onConflict.as_ref().is_some_and(|conflict| conflict.exclRelIndex == position) }
}

/// Whether policies hold back whoever reads the table.
unsafe fn has_policies(query: *mut pg_sys::Query, entry: *mut pg_sys::RangeTblEntry) -> bool {
    // SAFETY: the caller's word.
    unsafe {
        let reader =
            permissions_of(query, entry).map_or(Oid::INVALID, |permissions| (*permissions).checkAsUser);
        pg_sys::check_enable_rls((*entry).relid, reader, true)
            == pg_sys::CheckEnableRlsResult::RLS_ENABLED as c_int
    }
}

// The check ---------------------------------------------------------------------------------------------------------------

/// Refuses a statement that still names a column which is hidden from the caller. Updates may name one: a trigger keeps it.
unsafe fn refuse_hidden(hooks: &Hooks, permissions: &Permissions, table: Oid) {
    // SAFETY: the sets are the statement's.
    unsafe {
        for name in (hooks.masks.hidden_from_caller)(table) {
            let column = bit(pg_sys::get_attnum(table, name.as_ptr()));
            let is_read = [column, bit(0)].map(|bit| pg_sys::bms_is_member(bit, permissions.selectedCols));
            if is_read.contains(&true) || pg_sys::bms_is_member(column, permissions.insertedCols) {
                let relation = CStr::from_ptr(pg_sys::get_rel_name(table)).to_string_lossy();
                (hooks.masks.refuse)(&name.to_string_lossy(), &relation);
            }
        }
    }
}

unsafe fn check_permissions<'a>(of: impl Iterator<Item = (Oid, &'a Permissions)>) {
    let Some(hooks) = HOOKS.get() else { return };
    for (table, permissions) in of {
        // SAFETY: the statement is about to run; its tables are locked.
        unsafe {
            let enabled = pg_sys::CheckEnableRlsResult::RLS_ENABLED as c_int;
            if permissions.requiredPerms != 0
                && !(hooks.masks.hidden)(table).is_empty()
                && pg_sys::check_enable_rls(table, permissions.checkAsUser, true) == enabled
            {
                refuse_hidden(hooks, permissions, table);
            }
        }
    }
}

#[cfg(feature = "pg15")]
#[pg_guard]
unsafe extern "C-unwind" fn check(range_table: *mut pg_sys::List, raises: bool) -> bool {
    // SAFETY: the list holds the entries of the statement that is about to run.
    unsafe {
        let entries = entries(range_table).into_iter().map(|it| &*it.entry);
        let tables = entries.filter(|entry| entry.rtekind == pg_sys::RTEKind::RTE_RELATION);
        check_permissions(tables.map(|entry| (entry.relid, entry)));
        HOOKS.get().and_then(|hooks| hooks.check).is_none_or(|check| check(range_table, raises))
    }
}

#[cfg(not(feature = "pg15"))]
#[pg_guard]
unsafe extern "C-unwind" fn check(
    range_table: *mut pg_sys::List,
    permissions: *mut pg_sys::List,
    raises: bool,
) -> bool {
    // SAFETY: the list holds the permissions of the statement that is about to run.
    unsafe {
        let list = pgrx::PgList::<Permissions>::from_pg(permissions);
        check_permissions(list.iter_ptr().map(|it| ((*it).relid, &*it)));
        HOOKS.get().and_then(|hooks| hooks.check).is_none_or(|check| check(range_table, permissions, raises))
    }
}
