//! Reading: from the bytes of a job to batches of checked values, and tuples where they go in bulk.

mod feed;
mod file_hash;
pub mod mapping;
mod packing;
mod pipe;
mod reading;
mod source;
mod spec;
mod survey;
mod upload;

pub use packing::{Packing, Plan};
pub use reading::{Read, Reading};
pub use source::Source;
pub use spec::spec;
pub use survey::{Input, Survey, again_if_ruled_out};
