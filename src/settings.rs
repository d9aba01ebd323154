//! Settings: every GUC of the extension, with its reason, behind typed getters.

use pgrx::{GucContext, GucFlags, GucRegistry, GucSetting};
use std::ffi::CString;
use std::time::Duration;

/// Off pauses the engine without a restart: jobs wait, nothing is lost.
static ENABLED: GucSetting<bool> = GucSetting::<bool>::new(true);

/// Commits wake the engine at once; this is the backstop for what no commit callback sees (PREPARE TRANSACTION).
static POLL_INTERVAL: GucSetting<i32> = GucSetting::<i32>::new(5_000);

/// Half of PostgreSQL's default max_worker_processes (8): the launcher, schedulers and parallel queries need the rest.
static MAX_WORKERS: GucSetting<i32> = GucSetting::<i32>::new(4);

/// Guards against accidents, not against attackers: whoever may drop the extension may set it.
static ALLOW_DROP: GucSetting<bool> = GucSetting::<bool>::new(false);

/// A user's own to set, like the claims, and unlike them worth nothing unless it is signed. Identity reads it by its name, as it does
/// the claims: what is set before the library is loaded counts.
static TOKEN: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);

pub fn init() {
    GucRegistry::define_bool_guc(
        c"teamwork.enabled",
        c"Whether background jobs are run.",
        c"When off, jobs wait until it is on again; a running job is finished.",
        &ENABLED,
        GucContext::Sighup,
        GucFlags::default(),
    );
    GucRegistry::define_int_guc(
        c"teamwork.poll_interval",
        c"How often the engine looks for jobs that no commit has announced.",
        c"A commit that makes a job due wakes the engine at once; this is the backstop.",
        &POLL_INTERVAL,
        100,
        3_600_000,
        GucContext::Sighup,
        GucFlags::UNIT_MS,
    );
    GucRegistry::define_int_guc(
        c"teamwork.max_workers",
        c"How many jobs run at the same time in the whole cluster.",
        c"Each takes a slot of max_worker_processes while it runs.",
        &MAX_WORKERS,
        1,
        crate::worker::MAX_WORKERS as i32,
        GucContext::Sighup,
        GucFlags::default(),
    );
    GucRegistry::define_bool_guc(
        c"teamwork.allow_drop",
        c"Whether the extension can be dropped together with team data.",
        c"When off, DROP EXTENSION teamwork is refused while there are members, rows, jobs or protected tables.",
        &ALLOW_DROP,
        GucContext::Userset,
        GucFlags::default(),
    );
    GucRegistry::define_string_guc(
        c"teamwork.token",
        c"The signed token of the session's user.",
        c"A JSON Web Token with HS256; teamwork.login() sets it. It comes before request.jwt.claims.",
        &TOKEN,
        GucContext::Userset,
        GucFlags::NO_SHOW_ALL | GucFlags::DISALLOW_IN_FILE,
    );
    crate::pg::reserve_setting_prefix(c"teamwork");
}

pub fn enabled() -> bool {
    ENABLED.get()
}

pub fn poll_interval() -> Duration {
    Duration::from_millis(POLL_INTERVAL.get() as u64)
}

pub fn max_workers() -> usize {
    MAX_WORKERS.get() as usize
}

pub fn allow_drop() -> bool {
    ALLOW_DROP.get()
}
