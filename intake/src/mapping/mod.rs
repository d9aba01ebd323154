//! Where each column of the file goes.

mod builder;
mod candidates;
mod destination;
mod finder;
mod glossary;
mod name;
mod opposites;
mod product_columns;
mod resolve;
mod samples;
mod suggest;
mod vocabulary;

pub use builder::MappingSource;
pub use destination::{Destination, Sign};
pub(crate) use finder::Finder;
pub use name::header_signature;
pub(crate) use product_columns::ProductColumns;
pub use resolve::Mapping;
pub use suggest::{Suggestion, suggest};
pub(crate) use vocabulary::Vocabulary;
