//! Memory that is given back before the transaction ends.

use pgrx::pg_sys;

/// Runs the body with everything it allocates in a context of its own, freed afterwards, whatever unwinds. Without it the
/// parameters of each statement would stay until the transaction's end.
pub fn with_scratch_memory<R>(body: impl FnOnce() -> R) -> R {
    // SAFETY: the name is static; the context is a child of the current one and so cannot outlive it.
    let _scratch = unsafe {
        let before = pg_sys::CurrentMemoryContext;
        let context = pg_sys::AllocSetContextCreateExtended(
            before,
            c"teamwork scratch".as_ptr(),
            pg_sys::ALLOCSET_DEFAULT_MINSIZE as usize,
            pg_sys::ALLOCSET_DEFAULT_INITSIZE as usize,
            pg_sys::ALLOCSET_DEFAULT_MAXSIZE as usize,
        );
        pg_sys::CurrentMemoryContext = context;
        Scratch { before, context }
    };
    body()
}

struct Scratch {
    before: pg_sys::MemoryContext,
    context: pg_sys::MemoryContext,
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // SAFETY: the body is over, so nothing refers to what it allocated.
        unsafe {
            pg_sys::CurrentMemoryContext = self.before;
            pg_sys::MemoryContextDelete(self.context);
        }
    }
}
