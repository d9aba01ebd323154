//! What the steps share.

use anyhow::Result;
use postgres::Client;

use super::stage::Stage;
use crate::cluster::Cluster;

/// The database that the story makes for itself.
pub const DATABASE: &str = "story";

pub struct Scene<'a> {
    pub cluster: &'a Cluster,
    pub stage: &'a mut Stage,
}

impl Scene<'_> {
    /// A connection as superuser, who does what an application's backend or a DBA would.
    pub fn superuser(&self) -> Result<Client> {
        self.cluster.connect(DATABASE, "postgres")
    }
}
