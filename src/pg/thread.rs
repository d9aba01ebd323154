//! Threads beside the one that PostgreSQL knows. They touch nothing of PostgreSQL.

use std::thread::JoinHandle;

/// Starts a thread that receives no signals, so that PostgreSQL's handlers run where PostgreSQL expects them.
pub fn spawn_without_signals<T: Send + 'static>(
    name: &str,
    body: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<JoinHandle<T>> {
    // SAFETY: the sets are initialised by sigfillset and pthread_sigmask before they are read. A new thread inherits the
    // mask of its maker, so the maker blocks everything for the moment of the birth.
    unsafe {
        let mut all = std::mem::zeroed();
        let mut before = std::mem::zeroed();
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(body);
        libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut());
        thread
    }
}
