//! Triggers that a statement need not fire, because what they would check is known. PostgreSQL has no way to say so of some
//! triggers in one statement: they are disabled in the executor's own copy of the table's triggers.

use pgrx::{PgList, pg_guard, pg_sys};
use std::cell::{Cell, RefCell};
use std::ffi::{c_char, c_int};

thread_local! {
    /// The table whose next statement need not fire these.
    static UNNEEDED: RefCell<Option<(pg_sys::Oid, Vec<pg_sys::Oid>)>> = const { RefCell::new(None) };
    static IS_HOOKED: Cell<bool> = const { Cell::new(false) };
    /// Who was to be called at a statement's start before.
    static PREVIOUS: Cell<pg_sys::ExecutorStart_hook_type> = const { Cell::new(None) };
}

/// Takes it back when the statement has ended, in whatever way.
struct Reset;

impl Drop for Reset {
    fn drop(&mut self) {
        UNNEEDED.set(None);
    }
}

/// Runs one statement that writes to the table and need not fire the triggers. Those of its own triggers' and functions' statements
/// fire as ever.
pub fn without_triggers<R>(table: pg_sys::Oid, triggers: &[pg_sys::Oid], statement: impl FnOnce() -> R) -> R {
    if triggers.is_empty() {
        return statement();
    }
    if !IS_HOOKED.replace(true) {
        // SAFETY: hooks are called in this thread, and replaced between two statements.
        unsafe {
            PREVIOUS.set(pg_sys::ExecutorStart_hook);
            pg_sys::ExecutorStart_hook = Some(start);
        }
    }
    UNNEEDED.set(Some((table, triggers.to_vec())));
    let _reset = Reset;
    statement()
}

#[pg_guard]
unsafe extern "C-unwind" fn start(query: *mut pg_sys::QueryDesc, flags: c_int) {
    // SAFETY: the executor's own call, handed on; then its state is there.
    unsafe {
        match PREVIOUS.get() {
            Some(previous) => previous(query, flags),
            None => pg_sys::standard_ExecutorStart(query, flags),
        }
        let Some((table, triggers)) = UNNEEDED.take() else { return };
        if !disable((*query).estate, table, &triggers) {
            // Another statement, that ours asks before it begins.
            UNNEEDED.set(Some((table, triggers)));
        }
    }
}

/// Whether the statement writes to the table. SAFETY: the state is that of a statement which has been started.
unsafe fn disable(state: *mut pg_sys::EState, table: pg_sys::Oid, triggers: &[pg_sys::Oid]) -> bool {
    // SAFETY: the relations are open, and have their own copies of the descriptions of their triggers.
    unsafe {
        let targets = PgList::<pg_sys::ResultRelInfo>::from_pg((*state).es_opened_result_relations);
        let Some(target) = targets.iter_ptr().find(|target| (*(**target).ri_RelationDesc).rd_id == table)
        else {
            return false;
        };
        if let Some(known) = (*target).ri_TrigDesc.as_ref() {
            let all = std::slice::from_raw_parts_mut(known.triggers, known.numtriggers as usize);
            for trigger in all.iter_mut().filter(|trigger| triggers.contains(&trigger.tgoid)) {
                trigger.tgenabled = pg_sys::TRIGGER_DISABLED as c_char;
            }
        }
        true
    }
}
