//! The statement that is being planned, for a planner support function: PostgreSQL calls one with the function call that it
//! would like to see replaced by something simpler.

use pgrx::datum::Internal;
use pgrx::pg_sys::{self, CmdType, NodeTag, OverridingKind};
use pgrx::{PgList, is_a};
use std::ffi::CStr;

/// The statement, or the part of it that is planned by itself, in which the call stands.
pub struct PlannedStatement<'a>(&'a pg_sys::Query);

impl PlannedStatement<'_> {
    /// `None` when the request asks for something else than a replacement, or the call stands in no statement.
    pub fn of(request: &Internal) -> Option<Self> {
        // SAFETY: PostgreSQL calls support functions, and with an `internal` argument nobody else can. Every request is a
        // node; its tag says which. Planner and statement live for as long as the call does.
        unsafe {
            let node = request.get::<pg_sys::Node>()?;
            if !is_a(std::ptr::from_ref(node).cast_mut(), NodeTag::T_SupportRequestSimplify) {
                return None;
            }
            let root = request.get::<pg_sys::SupportRequestSimplify>()?.root.as_ref()?;
            root.parse.as_ref().map(Self)
        }
    }

    /// Whether it is an INSERT, or a MERGE that inserts, with OVERRIDING SYSTEM VALUE.
    pub fn overrides_identity(&self) -> bool {
        let overrides = |kind| kind == OverridingKind::OVERRIDING_SYSTEM_VALUE;
        // SAFETY: the list holds MergeActions, and is empty but in a MERGE.
        let of_merge = unsafe {
            PgList::<pg_sys::MergeAction>::from_pg(self.0.mergeActionList)
                .iter_ptr()
                .any(|action| (*action).commandType == CmdType::CMD_INSERT && overrides((*action).override_))
        };
        of_merge || self.0.commandType == CmdType::CMD_INSERT && overrides(self.0.override_)
    }

    /// The name of the table that it writes; empty when it writes none.
    pub fn target(&self) -> String {
        let entries = PgList::<pg_sys::RangeTblEntry>::from_pg;
        // SAFETY: the range table holds its entries, counted from 1; 0 is none. The name is a copy, NUL-terminated.
        unsafe {
            let position = usize::try_from(self.0.resultRelation).unwrap_or_default().wrapping_sub(1);
            let entry = entries(self.0.rtable).get_ptr(position);
            let name = entry.map(|entry| pg_sys::get_rel_name((*entry).relid)).filter(|name| !name.is_null());
            name.map(|name| CStr::from_ptr(name).to_string_lossy().into_owned()).unwrap_or_default()
        }
    }
}

/// The answer to a request: what takes the place of the call.
pub fn replacement(with_true: bool) -> Internal {
    // SAFETY: allocates a node in the planner's memory.
    let node = with_true.then(|| unsafe { pg_sys::makeBoolConst(true, false) });
    // "Nothing" is a null pointer, and not an SQL NULL.
    Internal::from(Some(node.map_or(pg_sys::Datum::null(), pg_sys::Datum::from)))
}
