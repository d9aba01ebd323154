//! A table of a query that becomes a subquery over itself, as a view would.

use super::range_table::{hand_over, permissions_of};
use pgrx::pg_sys::{self, NodeTag, Oid};
use pgrx::prelude::*;
use pgrx::{PgList, is_a};
use std::ffi::{CStr, CString, c_int, c_void};

/// A subquery has no system columns, and its rows cannot be locked from without.
pub unsafe fn can_be_replaced(query: *mut pg_sys::Query, position: c_int) -> bool {
    // SAFETY: the caller's word; the list holds row marks.
    unsafe {
        let marks = PgList::<pg_sys::RowMarkClause>::from_pg((*query).rowMarks);
        !marks.iter_ptr().any(|mark| (*mark).rti == position as pg_sys::Index)
            && count_names(query, position, &|column| column < 0) == 0
    }
}

/// Columns of a table of a query, looked for in all of the query.
struct Search<'a> {
    position: c_int,
    is_wanted: &'a dyn Fn(i16) -> bool,
    /// Queries between the table's and the node.
    level: pg_sys::Index,
    found: usize,
}

/// How often a query names columns of one of its tables. SAFETY: the query is a valid one.
unsafe fn count_names(query: *mut pg_sys::Query, position: c_int, is_wanted: &dyn Fn(i16) -> bool) -> usize {
    let mut search = Search { position, is_wanted, level: 0, found: 0 };
    // SAFETY: the caller's word; the search outlives the walk.
    unsafe {
        pg_sys::query_tree_walker(query, Some(count_in), std::ptr::from_mut(&mut search).cast(), 0);
    }
    search.found
}

#[pg_guard]
unsafe extern "C-unwind" fn count_in(node: *mut pg_sys::Node, context: *mut c_void) -> bool {
    // SAFETY: the walker hands over nodes, or NULL, and the search that it was given.
    unsafe {
        if node.is_null() {
            return false;
        }
        let search = &mut *context.cast::<Search>();
        if is_a(node, NodeTag::T_Var) {
            let var = &*node.cast::<pg_sys::Var>();
            let is_of_table = var.varno as c_int == search.position && var.varlevelsup == search.level;
            search.found += usize::from(is_of_table && (search.is_wanted)(var.varattno));
            return false;
        }
        if is_a(node, NodeTag::T_Query) {
            search.level += 1;
            pg_sys::query_tree_walker(node.cast(), Some(count_in), context, 0);
            (*context.cast::<Search>()).level -= 1;
            return false;
        }
        pg_sys::expression_tree_walker(node, Some(count_in), context)
    }
}

/// Makes the table a subquery over itself.
pub unsafe fn replace(
    query: *mut pg_sys::Query,
    position: c_int,
    entry: *mut pg_sys::RangeTblEntry,
    hidden: &[CString],
) {
    // SAFETY: the caller's word; what is made lives in the planner's memory, as the query does.
    unsafe {
        let subquery = masked_select((*entry).relid, hidden);
        let table = pg_sys::palloc(size_of::<pg_sys::RangeTblEntry>()).cast::<pg_sys::RangeTblEntry>();
        *table = *entry;
        (*table).lateral = false;
        (*table).inFromCl = true;
        pg_sys::ChangeVarNodes((*table).securityQuals.cast(), position, 1, 0);
        hand_over(query, entry, subquery, table);
        if let Some(permissions) = permissions_of(subquery, table) {
            (*permissions).selectedCols = without(&*table, (*permissions).selectedCols, hidden);
        }
        (*subquery).hasSubLinks = true;
        (*subquery).hasRowSecurity = (*query).hasRowSecurity;
        (*entry).rtekind = pg_sys::RTEKind::RTE_SUBQUERY;
        (*entry).subquery = subquery;
        (*entry).security_barrier = false;
        (*entry).relid = Oid::INVALID;
        (*entry).relkind = 0;
        (*entry).rellockmode = 0;
        (*entry).tablesample = std::ptr::null_mut();
        (*entry).inh = false;
        (*entry).securityQuals = std::ptr::null_mut();
    }
}

/// Masks what a statement that writes a table returns of it. Anything else that it says of a hidden column is left, and refused.
/// SAFETY: the query is one that has been rewritten, and nobody else's; the entry is one of its.
pub unsafe fn mask_returned(
    query: *mut pg_sys::Query,
    position: c_int,
    entry: *mut pg_sys::RangeTblEntry,
    hidden: &[CString],
) {
    // SAFETY: the caller's word; lists hold what they are said to hold.
    unsafe {
        let numbers: Vec<i16> =
            hidden.iter().map(|name| pg_sys::get_attnum((*entry).relid, name.as_ptr())).collect();
        let returned = PgList::<pg_sys::TargetEntry>::from_pg((*query).returningList);
        let of_table = |target: &*mut pg_sys::TargetEntry| {
            let node = (**target).expr.cast::<pg_sys::Node>();
            let var = is_a(node, NodeTag::T_Var).then(|| &*node.cast::<pg_sys::Var>())?;
            let is_hidden =
                var.varno as c_int == position && var.varlevelsup == 0 && numbers.contains(&var.varattno);
            is_hidden.then_some((*target, var.varattno))
        };
        let masked: Vec<_> = returned.iter_ptr().filter_map(|target| of_table(&target)).collect();
        let named = count_names(query, position, &|column| column == 0 || numbers.contains(&column));
        if masked.is_empty() || masked.len() < named {
            return;
        }
        let columns =
            PgList::<pg_sys::TargetEntry>::from_pg((*masked_select((*entry).relid, hidden)).targetList);
        for (target, number) in masked {
            let Some(column) = columns.get_ptr(number as usize - 1) else { return };
            let mask = pg_sys::copyObjectImpl((*column).expr.cast());
            pg_sys::ChangeVarNodes(mask.cast(), 1, position, 0);
            (*target).expr = mask.cast();
        }
        if let Some(permissions) = permissions_of(query, entry) {
            (*permissions).selectedCols = without(&*entry, (*permissions).selectedCols, hidden);
        }
    }
}

/// All columns of a table in their places, dropped ones too, with the hidden ones behind a question.
unsafe fn masked_select(table: Oid, hidden: &[CString]) -> *mut pg_sys::Query {
    // SAFETY: the table is locked, as the query reads it; names are NUL-terminated, and the text outlives its analysis.
    unsafe {
        let relation = pg_sys::relation_open(table, pg_sys::NoLock as pg_sys::LOCKMODE);
        let descriptor = pgrx::PgTupleDesc::from_pg_unchecked((*relation).rd_att);
        let columns: Vec<String> = descriptor.iter().map(|column| column_of(table, column, hidden)).collect();
        let schema = CStr::from_ptr(pg_sys::get_namespace_name((*(*relation).rd_rel).relnamespace));
        let name = CStr::from_ptr((*(*relation).rd_rel).relname.data.as_ptr());
        let text = format!("SELECT {} FROM {}.{}", columns.join(", "), quoted(schema), quoted(name));
        pg_sys::relation_close(relation, pg_sys::NoLock as pg_sys::LOCKMODE);
        let text = CString::new(text).unwrap_or_default();
        let statements = PgList::<pg_sys::RawStmt>::from_pg(pg_sys::pg_parse_query(text.as_ptr()));
        let statement = statements.head().unwrap_or(std::ptr::null_mut());
        pg_sys::parse_analyze_fixedparams(statement, text.as_ptr(), std::ptr::null(), 0, std::ptr::null_mut())
    }
}

unsafe fn column_of(table: Oid, column: &pg_sys::FormData_pg_attribute, hidden: &[CString]) -> String {
    if column.attisdropped {
        return "NULL::pg_catalog.int4".to_owned();
    }
    // SAFETY: a name is NUL-terminated.
    let name = unsafe { CStr::from_ptr(column.attname.data.as_ptr()) };
    let quoted = quoted(name);
    if !hidden.iter().any(|hidden| hidden.as_c_str() == name) {
        return quoted;
    }
    // Prepared statements insist on the type, with its modifier.
    let otherwise = if column.atttypmod < 0 {
        String::new()
    } else {
        let flags = (pg_sys::FORMAT_TYPE_TYPEMOD_GIVEN | pg_sys::FORMAT_TYPE_FORCE_QUALIFY) as u16;
        // SAFETY: the answer is NUL-terminated, and lives in the memory of the statement.
        let name =
            unsafe { CStr::from_ptr(pg_sys::format_type_extended(column.atttypid, column.atttypmod, flags)) };
        format!(" ELSE NULL::{}", name.to_string_lossy())
    };
    let (table, text) = (table.to_u32(), literal(name));
    format!("CASE WHEN teamwork.is_visible({table}, {text}) THEN {quoted}{otherwise} END AS {quoted}")
}

fn literal(name: &CStr) -> String {
    // SAFETY: the name is NUL-terminated; the answer is, and lives in the memory of the statement.
    unsafe { CStr::from_ptr(pg_sys::quote_literal_cstr(name.as_ptr())) }.to_string_lossy().into_owned()
}

fn quoted(name: &CStr) -> String {
    // SAFETY: the name is NUL-terminated; the answer is, and lives in the memory of the statement.
    unsafe { CStr::from_ptr(pg_sys::quote_identifier(name.as_ptr())) }.to_string_lossy().into_owned()
}

/// The column's place among those whose privileges are asked for.
pub fn bit(column: i16) -> c_int {
    c_int::from(column) - pg_sys::FirstLowInvalidHeapAttributeNumber
}

/// Columns that are selected, without the hidden ones; a whole row is all of its columns.
unsafe fn without(
    table: &pg_sys::RangeTblEntry,
    selected: *mut pg_sys::Bitmapset,
    hidden: &[CString],
) -> *mut pg_sys::Bitmapset {
    // SAFETY: the set is the planner's.
    unsafe {
        let mut selected = pg_sys::bms_copy(selected);
        if pg_sys::bms_is_member(bit(0), selected) {
            selected = pg_sys::bms_del_member(selected, bit(0));
            let names = PgList::<pg_sys::Node>::from_pg((*table.eref).colnames);
            for column in 1..=names.len() as i16 {
                selected = pg_sys::bms_add_member(selected, bit(column));
            }
        }
        for name in hidden {
            let column = pg_sys::get_attnum(table.relid, name.as_ptr());
            selected = pg_sys::bms_del_member(selected, bit(column));
        }
        selected
    }
}
