//! A lease: the lock by which a process proves that it still runs a job. The lock manager drops it with the process,
//! however that ends, so "is the job alive?" is a question about a process and never about elapsed time.

use pgrx::pg_sys;

/// pg_advisory_lock() uses 1 and 2 here: no SQL can take or probe these locks.
const LEASE_CLASS: u16 = 0x7477;
const PLACES_CLASS: u16 = 0x7478;
const USER_LOCKMETHOD: u8 = 2;

/// Held from [`Lease::hold`] until dropped, across transactions.
pub struct Lease(pg_sys::LOCKTAG);

impl Lease {
    /// Takes the lock of a lease; `None` when another process holds it: the job is alive.
    pub fn hold(lease: i64) -> Option<Self> {
        let tag = tag(LEASE_CLASS, (lease >> 32) as u32, lease as u32);
        // SAFETY: the tag is a valid user lock; a session lock needs no transaction to survive.
        let outcome = unsafe { pg_sys::LockAcquire(&tag, pg_sys::ExclusiveLock as i32, true, true) };
        (outcome != pg_sys::LockAcquireResult::LOCKACQUIRE_NOT_AVAIL).then(|| Self(tag))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // SAFETY: releasing a lock that something else has released already is a warning, not an error.
        unsafe { pg_sys::LockRelease(&self.0, pg_sys::ExclusiveLock as i32, true) };
    }
}

/// Locks the places of a team until the transaction ends; false when another process has. (Of the id's bytes: teams that
/// share these wait for each other now and then, which does no harm.)
pub fn try_lock_places(team: pgrx::Uuid) -> bool {
    let mut halves = [0; 2];
    for (half, bytes) in halves.iter_mut().zip(team.as_bytes().chunks_exact(4)) {
        *half = u32::from_be_bytes(bytes.try_into().unwrap_or_default());
    }
    let tag = tag(PLACES_CLASS, halves[0], halves[1]);
    // SAFETY: as in `hold`; the lock goes with the transaction.
    let outcome = unsafe { pg_sys::LockAcquire(&tag, pg_sys::ExclusiveLock as i32, false, true) };
    outcome != pg_sys::LockAcquireResult::LOCKACQUIRE_NOT_AVAIL
}

fn tag(class: u16, high: u32, low: u32) -> pg_sys::LOCKTAG {
    pg_sys::LOCKTAG {
        locktag_field1: super::my_database().to_u32(),
        locktag_field2: high,
        locktag_field3: low,
        locktag_field4: class,
        locktag_type: pg_sys::LockTagType::LOCKTAG_ADVISORY as u8,
        locktag_lockmethodid: USER_LOCKMETHOD,
    }
}
