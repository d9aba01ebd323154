//! Where each column of the file goes.

mod asked_location;
mod builder;
mod candidates;
mod destination;
mod finder;
mod glossary;
mod hints;
mod locations;
mod name;
mod opposites;
mod product_columns;
mod resolve;
mod samples;
mod sharing;
mod suggest;
mod vocabulary;

pub use builder::MappingSource;
pub use destination::{Destination, Sign};
pub(crate) use finder::Finder;
pub(crate) use locations::{is_at, is_count};
pub(crate) use name::Name;
pub use name::header_signature;
pub(crate) use product_columns::ProductColumns;
pub(crate) use resolve::Asked;
pub use resolve::Mapping;
pub use suggest::{Suggestion, suggest};
pub(crate) use vocabulary::Vocabulary;
