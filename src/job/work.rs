//! What a job is to do, and in whose name.

use crate::failure::Failure;
use crate::pg;
use pgrx::{Uuid, pg_sys};

pg::from_row! {
    pub struct Work {
        pub organization_id: Uuid,
        pub created_by: Uuid,
        /// The role that asked for it.
        pub submitted_as: String,
        pub data_type: String,
        /// JSON texts.
        pub mapping: Option<String>,
        pub options: String,
    }
}

impl Work {
    /// The table to fill or to read. Fails when it is not protected any more.
    pub fn target(&self) -> Result<pg_sys::Oid, Failure> {
        let target: Option<pg_sys::Oid> =
            pg::query_value("SELECT teamwork.target_of($1)::oid", &[self.data_type.as_str().into()]);
        target.ok_or_else(|| self.lost_its_target())
    }

    pub fn lost_its_target(&self) -> Failure {
        Failure::new(format!("data type {} does not exist any more", self.data_type))
            .hint("Protect the table again with teamwork.protect_table, or submit the job for another table.")
    }

    pub fn lost_its_creator(&self) -> Failure {
        Failure::new("the creator of the job is not an active member of its team any more")
            .detail(format!("User {} submitted the job for team {}.", self.created_by, self.organization_id))
            .hint("Let an active member submit the job again.")
    }

    pub fn lost_its_role(&self) -> Failure {
        Failure::new(format!("role \"{}\" does not exist any more", self.submitted_as))
            .detail("A job runs as the role that submitted it.")
            .hint("Submit the job again.")
    }

    /// Of an import that was asked to commit in between. It heals: the next attempt goes on with the table as it is then.
    pub fn found_its_target_changed(&self) -> Failure {
        Failure::new(format!("table {} was changed while the import ran", self.data_type)).code("40001")
    }
}
