//! Servers, databases, teams and people for the tests.

use fallible_iterator::FallibleIterator;
use postgres::error::SqlState;
use postgres::{Client, Error};
use std::sync::OnceLock;
use std::time::Duration;
use xtask::cluster::{Checked, Cluster};
use xtask::extension;
pub use xtask::extension::ENGINE;

/// Long enough for the slowest machine; nothing waits for it that goes well.
pub const TIMEOUT: Duration = Duration::from_secs(120);

/// A server that tests share, each with a database of its own.
pub fn shared() -> &'static Checked {
    static SHARED: OnceLock<Checked> = OnceLock::new();

    /// Nobody drops a static.
    extern "C" fn inspect() {
        if let Some(Err(error)) = SHARED.get().map(|server| server.inspect()) {
            eprintln!("the server that tests share is not sound: {error:#}");
            // SAFETY: ends the process, with another code than that of its tests.
            unsafe { libc::_exit(101) };
        }
    }

    SHARED.get_or_init(|| {
        // SAFETY: called when the tests are over, on the thread that ends the process.
        unsafe { libc::atexit(inspect) };
        server("shared")
    })
}

/// A server for a test that kills it.
pub fn server(name: &str) -> Checked {
    server_with(name, &[])
}

/// A server for a test that needs settings of its own.
pub fn server_with(name: &str, settings: &[(&str, &str)]) -> Checked {
    server_without_engine(name, &[&ENGINE, settings].concat())
}

/// A server that has not preloaded the library, unless the settings say so.
pub fn server_without_engine(name: &str, settings: &[(&str, &str)]) -> Checked {
    Checked::start(name, settings).expect("a server starts")
}

/// A database with the extension.
pub struct Database<'a> {
    pub cluster: &'a Cluster,
    pub name: String,
}

impl<'a> Database<'a> {
    pub fn create(cluster: &'a Cluster, name: &str) -> Self {
        Self::create_in(cluster, name, "public")
    }

    /// The same with the extension in a schema that leads the search path.
    pub fn create_in(cluster: &'a Cluster, name: &str, schema: &str) -> Self {
        extension::create(cluster, name, schema).expect("a database with the extension is created");
        Self { cluster, name: name.to_owned() }
    }

    pub fn superuser(&self) -> Client {
        self.cluster.connect(&self.name, "postgres").expect("the superuser connects")
    }

    /// A connection as PostgREST makes it: role and claims of the person.
    pub fn login(&self, person: &str) -> Client {
        let mut client = self.superuser();
        let claims = format!(r#"{{"sub": "{person}", "role": "authenticated"}}"#);
        client
            .batch_execute(&format!("SET ROLE authenticated; SET request.jwt.claims = '{claims}'"))
            .expect("the person signs in");
        client
    }

    /// The number that a query returns, to a superuser.
    pub fn count(&self, sql: &str) -> i64 {
        number(&mut self.superuser(), sql)
    }

    /// Registers the admin of a new team, who is number `n`, and a manager.
    pub fn team(&self, n: u32) -> Team {
        let team = Team { admin: id(n, 0), manager: id(n, 1) };
        let mut admin = self.login(&team.admin);
        let (admin_id, manager_id) = (&team.admin, &team.manager);
        admin
            .batch_execute(&format!(
                "INSERT INTO user_profiles (id, email, role) VALUES ('{admin_id}', 'admin{n}@example.com', 'admin');
                 SELECT create_team_member('manager{n}@example.com', 'Manager', 'manager', '{manager_id}')"
            ))
            .expect("a team registers");
        team
    }
}

impl Drop for Database<'_> {
    /// A test that passes may have left something behind it, of which only the server's log tells.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.cluster.complaints(), [""; 0], "in the server's log");
        }
    }
}

/// The ids of a team's people.
pub struct Team {
    pub admin: String,
    pub manager: String,
}

/// Person `person` of team `team`.
pub fn id(team: u32, person: u32) -> String {
    format!("{team:08x}-0000-4000-8000-{person:012x}")
}

pub fn number(client: &mut Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).unwrap_or_else(|error| panic!("{error:?}: {sql}")).get(0)
}

/// Submits a CSV for inventory; returns the job's id.
pub fn submit(client: &mut Client, csv: &str) -> String {
    let sql = "SELECT create_background_import_job('inventory', csv => $1)::text";
    client.query_one(sql, &[&csv]).expect("the job is accepted").get(0)
}

/// Sends a file in pieces, as a client with a file of any size does, and submits its import; returns the job.
pub fn import_upload(client: &mut Client, file: &[u8], options: &str) -> String {
    let upload: String = client.query_one("SELECT create_upload('file')::text", &[]).unwrap().get(0);
    for piece in file.chunks(200_000) {
        client.execute("SELECT append_upload($1::text::uuid, $2)", &[&upload, &piece]).unwrap();
    }
    let sql = "SELECT create_background_import_job('inventory', upload_id => $1::text::uuid, options => $2::text::jsonb)::text";
    client.query_one(sql, &[&upload, &options]).unwrap().get(0)
}

/// Waits for the job's end; returns its status and error message.
pub fn outcome(client: &mut Client, job: &str) -> (String, Option<String>) {
    let sql = format!("SELECT wait_for_job('{job}', '{} s')", TIMEOUT.as_secs());
    let status = client.query_one(&sql, &[]).expect("the job can be waited for").get(0);
    let sql = format!("SELECT error_message FROM scheduled_jobs WHERE id = '{job}'");
    (status, client.query_one(&sql, &[]).expect("the job is there").get(0))
}

/// `count` good rows whose SKUs begin with the prefix.
pub fn stock(prefix: &str, count: usize) -> String {
    let rows = (1..=count).map(|n| format!("{prefix}-{n:07},Product {n},{},{}.99\n", n % 500, n % 90));
    std::iter::once("sku,name,quantity,unit_price\n".to_owned()).chain(rows).collect()
}

/// Until the condition holds, or time is up.
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + TIMEOUT;
    while !condition() {
        assert!(std::time::Instant::now() < deadline, "{what}: not within {TIMEOUT:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The most memory, in KiB, that the worker of this job has used until the job ended; 0 when it was never seen. The kernel keeps
/// the peak, so the last look before the end is enough.
pub fn peak_of_worker(database: &Database, job: &str) -> u64 {
    let mut superuser = database.superuser();
    let worker = format!(
        "SELECT pid FROM pg_stat_activity WHERE query LIKE '%port % (job {job})' AND pid <> pg_backend_pid()"
    );
    let ended =
        format!("SELECT status NOT IN ('pending', 'processing') FROM scheduled_jobs WHERE id = '{job}'");
    let mut peak = 0;
    eventually("the job ends", || {
        let pid = superuser.query_opt(&worker, &[]).unwrap().map(|row| row.get::<_, i32>(0));
        peak = peak.max(pid.and_then(peak_of).unwrap_or(0));
        superuser.query_one(&ended, &[]).unwrap().get(0)
    });
    peak
}

fn peak_of(pid: i32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// The SQLSTATE of an error that came from the server.
pub fn code(error: &Error) -> SqlState {
    error.code().unwrap_or_else(|| panic!("not an answer of the server: {error:?}")).clone()
}

/// Changes a setting of the running server, and waits until new sessions have it.
pub fn configure(cluster: &Cluster, name: &str, value: &str) {
    let sql = format!("ALTER SYSTEM SET {name} = '{value}'; SELECT pg_reload_conf()");
    cluster.psql("postgres", &sql).expect("the setting is changed");
    let in_force = format!(
        "SELECT current_setting('{name}')::text IN ('{value}') OR
        (SELECT setting = '{value}' FROM pg_settings WHERE name = '{name}')"
    );
    eventually("the setting is in force", || {
        cluster.psql("postgres", &in_force).is_ok_and(|is| is.trim() == "t")
    });
}

/// Moves the engine's clock forward.
pub fn move_clock(cluster: &Cluster, by: Duration) {
    let sql = "SELECT setting FROM pg_settings WHERE name = 'teamwork.clock_offset'";
    let offset: u64 =
        cluster.psql("postgres", sql).expect("the offset is read").trim().parse().expect("a number");
    configure(cluster, "teamwork.clock_offset", &(offset + by.as_secs()).to_string());
}

/// The statuses in the next notifications, as many as that.
pub fn heard(client: &mut Client, count: usize) -> Vec<String> {
    let mut notifications = client.notifications();
    let messages = notifications.timeout_iter(TIMEOUT).take(count);
    let status = |payload: &str| -> Option<String> {
        serde_json::from_str::<serde_json::Value>(payload).ok()?["status"].as_str().map(str::to_owned)
    };
    messages
        .map(|message| Ok(status(message.payload()).unwrap_or_default()))
        .collect()
        .expect("a notification arrives")
}
