//! Settings: every GUC of the extension, with its reason, behind typed getters.

use pgrx::{GucContext, GucFlags, GucRegistry, GucSetting};
use std::ffi::{CStr, CString};
use std::time::Duration;

/// The most workers that `teamwork.max_workers` can ask for: as many as have a slot in shared memory.
pub const WORKER_SLOTS: usize = 256;

/// The names of those that are read or set by name.
pub const TOKEN: &CStr = c"teamwork.token";
pub const TABLE_UNDER_UNDO: &CStr = c"teamwork.table_under_undo";

/// Off pauses the engine without a restart: jobs wait, nothing is lost.
static ENABLED: GucSetting<bool> = GucSetting::<bool>::new(true);

/// Commits wake the engine at once; this is the backstop for what no commit callback sees (PREPARE TRANSACTION).
static POLL_INTERVAL: GucSetting<i32> = GucSetting::<i32>::new(5_000);

/// Half of PostgreSQL's default max_worker_processes (8): the launcher, schedulers and parallel queries need the rest.
static MAX_WORKERS: GucSetting<i32> = GucSetting::<i32>::new(4);

/// No limit: teams take turns anyway. A limit keeps slots free for the next team when jobs are long.
static MAX_JOBS_PER_TEAM: GucSetting<i32> = GucSetting::<i32>::new(0);

/// None: how long a job may take is a question of its size, which only the administrator knows.
static JOB_TIMEOUT: GucSetting<i32> = GucSetting::<i32>::new(0);

/// Thirty days: long enough to look at last month's imports, short enough that history does not outgrow the data.
static RETENTION: GucSetting<i32> = GucSetting::<i32>::new(30 * 24 * 60 * 60);

/// Off takes every row through the executor: slower, and the same by all that is known. The way around a fault of the other.
static BULK_IMPORTS: GucSetting<bool> = GucSetting::<bool>::new(true);

/// Workbooks and ZIP archives have their contents at the end, so that they are held; four workers may do so at once. A sheet of a
/// million rows takes about half of it, most of which is its texts.
static WORKBOOK_MEMORY: GucSetting<i32> = GucSetting::<i32>::new(512);

/// For tests of what takes days.
static CLOCK_OFFSET: GucSetting<i32> = GucSetting::<i32>::new(0);

/// Guards against accidents, not against attackers: whoever may drop the extension may set it.
static ALLOW_DROP: GucSetting<bool> = GucSetting::<bool>::new(false);

/// A user's own to set, like the claims, and unlike them worth nothing unless it is signed. Identity reads it by its name, as it does
/// the claims: what is set before the library is loaded counts.
static TOKEN_SETTING: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);

/// The table whose rows an undo restores: `teamwork.touch_row()` reads it by its name, and leaves their times alone. Nobody but
/// the undo sets it, or any row could be changed without a trace.
static TABLE_UNDER_UNDO_SETTING: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);

pub fn init() {
    define_which_jobs_run();
    define_how_jobs_run();
    define_what_sessions_have();
    crate::pg::reserve_setting_prefix(c"teamwork");
}

fn define_which_jobs_run() {
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
        WORKER_SLOTS as i32,
        GucContext::Sighup,
        GucFlags::default(),
    );
    GucRegistry::define_int_guc(
        c"teamwork.max_jobs_per_team",
        c"How many jobs of one team run at the same time.",
        c"0: as many as there are workers. Teams take turns in any case.",
        &MAX_JOBS_PER_TEAM,
        0,
        WORKER_SLOTS as i32,
        GucContext::Sighup,
        GucFlags::default(),
    );
}

fn define_how_jobs_run() {
    GucRegistry::define_int_guc(
        c"teamwork.job_timeout",
        c"How long a job may run.",
        c"A job that takes longer fails and leaves no rows. 0: as long as it takes.",
        &JOB_TIMEOUT,
        0,
        i32::MAX,
        GucContext::Sighup,
        GucFlags::UNIT_MS,
    );
    GucRegistry::define_int_guc(
        c"teamwork.retention",
        c"How long ended jobs are kept, with their sources and the reasons for refused rows, and ended invitations.",
        c"0: for ever.",
        &RETENTION,
        0,
        i32::MAX,
        GucContext::Sighup,
        GucFlags::UNIT_S,
    );
    GucRegistry::define_bool_guc(
        c"teamwork.bulk_imports",
        c"Whether imports put rows into tables in bulk.",
        c"When off, or where a table does not allow it, rows are inserted by statements, which is slower.",
        &BULK_IMPORTS,
        GucContext::Suset,
        GucFlags::default(),
    );
    GucRegistry::define_int_guc(
        c"teamwork.workbook_memory",
        c"How much memory a workbook or a ZIP archive may take while it is read.",
        c"One that would take more is refused. Other files are read in little memory, whatever their size.",
        &WORKBOOK_MEMORY,
        1,
        1024 * 1024,
        GucContext::Sighup,
        GucFlags::UNIT_MB,
    );
    GucRegistry::define_int_guc(
        c"teamwork.clock_offset",
        c"How far the engine's clock is ahead of the system's.",
        c"For tests: decides when jobs are due, repeated, tried again and forgotten.",
        &CLOCK_OFFSET,
        i32::MIN,
        i32::MAX,
        GucContext::Suset,
        GucFlags::UNIT_S,
    );
}

fn define_what_sessions_have() {
    GucRegistry::define_bool_guc(
        c"teamwork.allow_drop",
        c"Whether the extension can be dropped together with team data.",
        c"When off, DROP EXTENSION teamwork is refused while there are members, rows, jobs or protected tables.",
        &ALLOW_DROP,
        GucContext::Userset,
        GucFlags::default(),
    );
    GucRegistry::define_string_guc(
        TOKEN,
        c"The signed token of the session's user.",
        c"A JSON Web Token with HS256; teamwork.login() sets it. It comes before request.jwt.claims.",
        &TOKEN_SETTING,
        GucContext::Userset,
        GucFlags::NO_SHOW_ALL | GucFlags::DISALLOW_IN_FILE,
    );
    GucRegistry::define_string_guc(
        TABLE_UNDER_UNDO,
        c"The table in which undo_import() is restoring rows.",
        c"For the machinery: an OID.",
        &TABLE_UNDER_UNDO_SETTING,
        GucContext::Suset,
        GucFlags::NO_SHOW_ALL | GucFlags::NO_RESET_ALL | GucFlags::DISALLOW_IN_FILE,
    );
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

/// `None`: no limit.
pub fn max_jobs_per_team() -> Option<usize> {
    Some(MAX_JOBS_PER_TEAM.get() as usize).filter(|most| *most > 0)
}

/// The same for SQL, where 0 is no limit.
pub fn max_jobs_per_team_or_zero() -> i32 {
    MAX_JOBS_PER_TEAM.get()
}

/// `None`: no limit.
pub fn job_timeout() -> Option<Duration> {
    Some(Duration::from_millis(JOB_TIMEOUT.get() as u64)).filter(|limit| !limit.is_zero())
}

/// `None`: for ever.
pub fn retention() -> Option<Duration> {
    Some(Duration::from_secs(RETENTION.get() as u64)).filter(|age| !age.is_zero())
}

/// In bytes.
pub fn workbook_memory() -> u64 {
    (WORKBOOK_MEMORY.get() as u64) << 20
}

pub fn bulk_imports() -> bool {
    BULK_IMPORTS.get()
}

/// In microseconds.
pub fn clock_offset() -> i64 {
    i64::from(CLOCK_OFFSET.get()) * 1_000_000
}

pub fn allow_drop() -> bool {
    ALLOW_DROP.get()
}
