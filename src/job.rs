//! Jobs: what one row of `scheduled_jobs` asks for, and the steps from its claim to its end. Each step is one call of a function in
//! `sql/jobs/`, in the caller's transaction.

mod claim;
mod ending;
mod queue;
mod work;

pub use claim::{Claim, Commits, JobType, begin, checkpoint, claim, lock_batch, next_candidates};
pub use ending::{Completed, Ending, Outcome, complete, end, release, retry_later};
pub use queue::{Processing, Queue, delete_ended, processing, promote, publish_progress, queue_state};
pub use work::Work;
