//! Where each column of the file goes.

mod builder;
mod candidates;
mod destination;
mod finder;
mod glossary;
mod name;
mod opposites;
mod resolve;
mod samples;
mod suggest;
mod vocabulary;

pub use builder::MappingSource;
pub use destination::{Destination, Sign};
pub(crate) use finder::Finder;
pub use name::header_signature;
pub use resolve::Mapping;
pub use suggest::{Suggestion, suggest};
pub(crate) use vocabulary::Vocabulary;
