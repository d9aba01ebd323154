//! The next numbers of a sequence, many at a time. `nextval_internal` in `sequence.c` locks and looks through the sequence's
//! page for each, and logs every 32nd.

use super::unguarded::nextval_internal;
use super::wal::change_page;
use pgrx::pg_sys;
use pgrx::pg_sys::ffi::pg_guard_ffi_boundary;

/// `FormData_pg_sequence_data` of `sequence.h`.
#[repr(C)]
struct State {
    last_value: i64,
    /// How many numbers the log is ahead.
    log_count: i64,
    is_called: bool,
}

/// `FormData_pg_sequence` of `pg_sequence.h`.
#[repr(C)]
struct Definition {
    sequence: pg_sys::Oid,
    of_type: pg_sys::Oid,
    start: i64,
    increment: i64,
    most: i64,
    least: i64,
}

/// Draws numbers, as many calls of nextval() would: other sessions' may lie between the first, the last and the others. Raises
/// what nextval() would, at the end of the sequence for instance. SAFETY: the sequence exists, and somebody sees to that.
pub unsafe fn draw(sequence: pg_sys::Oid, count: usize, checks_permissions: bool) -> Vec<i64> {
    let mut numbers = Vec::with_capacity(count);
    let one_by_one = |count: usize, numbers: &mut Vec<i64>| {
        // SAFETY: the guard makes a panic of an error, which would jump over the end of the subtransaction; nothing in the
        // closure is to be dropped.
        unsafe {
            pg_guard_ffi_boundary(|| {
                (0..count).for_each(|_| numbers.push(nextval_internal(sequence, checks_permissions)));
            });
        }
    };
    // The first asks for the right to, and keeps the sequence from being altered until the transaction ends; the last is what
    // currval() says.
    one_by_one(count.min(1), &mut numbers);
    if count > 2 {
        // SAFETY: the sequence is locked by now.
        unsafe { advance(sequence, count - 2, &mut numbers) };
    }
    one_by_one(count - numbers.len(), &mut numbers);
    numbers
}

/// Takes a block of numbers, or none: where the sequence has not as many left, or is about to be set back.
/// SAFETY: the sequence is locked by a call of nextval().
unsafe fn advance(sequence: pg_sys::Oid, count: usize, numbers: &mut Vec<i64>) {
    // SAFETY: a sequence has one page, with one tuple, whose values are those of `State`; it is written under the exclusive
    // lock of its buffer. In the critical section nothing raises: page and log say the same, or the server recovers.
    unsafe {
        let relation = pg_sys::relation_open(sequence, pg_sys::NoLock as i32);
        let buffer = pg_sys::ReadBuffer(relation, 0);
        pg_sys::LockBuffer(buffer, pg_sys::BUFFER_LOCK_EXCLUSIVE as i32);
        let page = pg_sys::BufferGetPage(buffer);
        let tuple: pg_sys::HeapTupleHeader = pg_sys::PageGetItem(page, pg_sys::PageGetItemId(page, 1)).cast();
        let state = &mut *tuple.cast::<u8>().add((*tuple).t_hoff.into()).cast::<State>();
        if let Some((increment, last)) = block(sequence, state, count) {
            let first = state.last_value + increment;
            change_page(relation, buffer, |_| {
                state.last_value = last;
                state.log_count = 0;
            });
            numbers.extend((0..count as i64).map(|n| first + n * increment));
        }
        pg_sys::UnlockReleaseBuffer(buffer);
        pg_sys::relation_close(relation, pg_sys::NoLock as i32);
    }
}

/// The increment and the last number of a block of so many, if the sequence has them.
unsafe fn block(sequence: pg_sys::Oid, state: &State, count: usize) -> Option<(i64, i64)> {
    // SAFETY: the entry of the cache is read before it is released.
    let (increment, least, most) = unsafe {
        let cache = pg_sys::SysCacheIdentifier::SEQRELID as i32;
        let entry = pg_sys::SearchSysCache1(cache, sequence.into());
        if entry.is_null() {
            return None;
        }
        let definition = &*pg_sys::GETSTRUCT(entry).cast::<Definition>();
        let found = (definition.increment, definition.least, definition.most);
        pg_sys::ReleaseSysCache(entry);
        found
    };
    let last = increment.checked_mul(count as i64)?.checked_add(state.last_value)?;
    (state.is_called && (least..=most).contains(&last)).then_some((increment, last))
}
