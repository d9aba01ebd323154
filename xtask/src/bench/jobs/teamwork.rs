//! The extension's engine: a job is an import of one record.

use std::thread;
use std::time::Duration;

use anyhow::Result;
use postgres::Client;
use xtask::cluster::Cluster;

use super::contender::{Contender, Starts, observe};

pub struct Teamwork(Client);

impl Teamwork {
    /// Leaves the engine paused.
    pub fn new(cluster: &Cluster) -> Result<Self> {
        let mut engine = Self(observe(cluster)?);
        engine.pause()?;
        Ok(engine)
    }

    fn switch(&mut self, state: &str) -> Result<()> {
        self.0.batch_execute(&format!("ALTER SYSTEM SET teamwork.enabled = {state}"))?;
        Ok(self.0.batch_execute("SELECT pg_reload_conf()")?)
    }

    /// Returns when its processes have left the database.
    fn pause(&mut self) -> Result<()> {
        self.switch("off")?;
        let sql = "SELECT count(*) FROM pg_stat_activity
                   WHERE backend_type IN ('teamwork scheduler', 'teamwork worker') AND datname = current_database()";
        while self.0.query_one(sql, &[])?.get::<_, i64>(0) > 0 {
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Contender for Teamwork {
    fn submit(&self) -> &'static str {
        "INSERT INTO scheduled_jobs (job_type, data_type, file_data)
         VALUES ('import', 'transactions', jsonb_build_object('records', jsonb_build_array(bench_record($1))))
         RETURNING pg_current_xact_id()::text"
    }

    fn submit_many(&self) -> &'static str {
        "INSERT INTO scheduled_jobs (job_type, data_type, file_data)
         SELECT 'import', 'transactions', jsonb_build_object('records', jsonb_build_array(bench_record(n)))
         FROM generate_series($1::bigint, $2) n"
    }

    fn is_done(&self) -> &'static str {
        "SELECT NOT EXISTS (SELECT FROM scheduled_jobs WHERE status = 'pending')
            AND NOT EXISTS (SELECT FROM scheduled_jobs WHERE status = 'processing')"
    }

    fn start(&mut self) -> Result<()> {
        self.switch("on")
    }

    fn stop(&mut self) -> Result<Starts> {
        self.pause()?;
        // The default of created_at is now(): the beginning of the transaction that does the work.
        let sql =
            "SELECT description::bigint, extract(epoch FROM created_at)::float8 * 1e3 FROM transactions";
        Ok(self.0.query(sql, &[])?.iter().map(|row| (row.get(0), row.get(1))).collect())
    }
}
