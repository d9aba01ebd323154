//! A database with the extension in it, as the tests want it.

use anyhow::Result;

use crate::cluster::Cluster;

/// No poll comes to the rescue: what runs was woken by its commit or its due time.
pub const ENGINE: [(&str, &str); 3] = [
    ("shared_preload_libraries", "teamwork"),
    ("teamwork.poll_interval", "1h"),
    ("max_worker_processes", "32"),
];

/// Makes the database `name` with the extension in `schema`, which leads the search path.
pub fn create(cluster: &Cluster, name: &str, schema: &str) -> Result<()> {
    cluster.psql("postgres", &format!("CREATE DATABASE {name}"))?;
    let sql = format!(
        "CREATE SCHEMA IF NOT EXISTS {schema}; ALTER DATABASE {name} SET search_path = {schema}, public;
         CREATE EXTENSION teamwork SCHEMA {schema}"
    );
    cluster.psql(name, &sql).map(drop)
}
