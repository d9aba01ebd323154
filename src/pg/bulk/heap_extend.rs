//! New, empty pages at the end of a heap, many at a time.

use pgrx::pg_sys;
use std::ptr;

/// Enlarges the table by as many pages as asked for, or by fewer, or none; returns them pinned. Others may find them before they
/// are filled. SAFETY: the table is open and locked for writing; the pins are released.
#[cfg(not(feature = "pg15"))]
pub unsafe fn extend(table: pg_sys::Relation, pages: u32) -> Vec<pg_sys::Buffer> {
    let what = pg_sys::BufferManagerRelation { rel: table, ..Default::default() };
    let (main, strategy) = (pg_sys::ForkNumber::MAIN_FORKNUM, ptr::null_mut());
    let mut buffers = vec![0; pages as usize];
    let mut count = 0;
    // SAFETY: room for as many buffers as are asked for.
    unsafe {
        pg_sys::ExtendBufferedRelBy(what, main, strategy, 0, pages, buffers.as_mut_ptr(), &mut count);
    }
    buffers.truncate(count as usize);
    buffers
}

/// As above. PostgreSQL 15 writes a page of zeros for each page, and later what has become of it: here for the first only, the
/// others are allocated in the file system, as `FileFallocate` does from PostgreSQL 16 on.
#[cfg(feature = "pg15")]
pub unsafe fn extend(table: pg_sys::Relation, pages: u32) -> Vec<pg_sys::Buffer> {
    /// `P_NEW` (`bufmgr.h`).
    const NEW: pg_sys::BlockNumber = pg_sys::InvalidBlockNumber;
    /// `MaxBlockNumber` (`block.h`).
    const MAX_BLOCK: pg_sys::BlockNumber = pg_sys::InvalidBlockNumber - 1;
    // SAFETY: nobody else enlarges the table while its lock is held, which an error releases. The buffers are made while the pages
    // are behind the end of the file: by whom they are found afterwards, it is there that they are found.
    unsafe {
        let read = |block, mode| {
            let main = pg_sys::ForkNumber::MAIN_FORKNUM;
            pg_sys::ReadBufferExtended(table, main, block, mode, ptr::null_mut())
        };
        pg_sys::LockRelationForExtension(table, pg_sys::ExclusiveLock as i32);
        let mut buffers = vec![read(NEW, pg_sys::ReadBufferMode::RBM_NORMAL)];
        let first = pg_sys::BufferGetBlockNumber(buffers[0]);
        // No further than to the end of the file, as the next begins with a page that PostgreSQL writes, nor than tables can grow.
        let more = (pages - 1).min(pg_sys::RELSEG_SIZE - 1 - first % pg_sys::RELSEG_SIZE);
        let more = more.min(MAX_BLOCK - first);
        for block in first + 1..=first + more {
            let buffer = read(block, pg_sys::ReadBufferMode::RBM_ZERO_AND_LOCK);
            pg_sys::LockBuffer(buffer, pg_sys::BUFFER_LOCK_UNLOCK as i32);
            buffers.push(buffer);
        }
        if more > 0 && !allocate(table, first + 1, more) {
            buffers.drain(1..).for_each(|buffer| pg_sys::ReleaseBuffer(buffer));
        }
        pg_sys::UnlockRelationForExtension(table, pg_sys::ExclusiveLock as i32);
        buffers
    }
}

/// Enlarges the table's last file; false where that cannot be done, for whatever reason: PostgreSQL tells it better.
#[cfg(feature = "pg15")]
unsafe fn allocate(table: pg_sys::Relation, first: pg_sys::BlockNumber, pages: u32) -> bool {
    use std::ffi::CStr;
    use std::os::fd::AsRawFd;
    // SAFETY: the path is a new string.
    let path = unsafe {
        let pg_sys::RelFileNode { dbNode, spcNode, relNode } = (*table).rd_node;
        let main = pg_sys::ForkNumber::MAIN_FORKNUM;
        let path = pg_sys::GetRelationPath(dbNode, spcNode, relNode, pg_sys::InvalidBackendId, main);
        let name = CStr::from_ptr(path).to_string_lossy().into_owned();
        pg_sys::pfree(path.cast());
        name
    };
    let path = match first / pg_sys::RELSEG_SIZE {
        0 => path,
        segment => format!("{path}.{segment}"),
    };
    let Ok(file) = std::fs::OpenOptions::new().write(true).open(path) else { return false };
    let page = i64::from(pg_sys::BLCKSZ);
    let (start, bytes) = (i64::from(first % pg_sys::RELSEG_SIZE) * page, i64::from(pages) * page);
    loop {
        // SAFETY: the file is open.
        match unsafe { libc::posix_fallocate(file.as_raw_fd(), start, bytes) } {
            libc::EINTR => {}
            result => return result == 0,
        }
    }
}
