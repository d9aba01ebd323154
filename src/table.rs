//! A protected table, as imports and exports see it: described by one call of SQL, and remembered until the catalog changes.

mod check;
mod column;
mod description;
mod foreign_key;
mod target;
mod types;

pub use check::Check;
pub use column::Column;
pub use description::{Constraint, Index, RowTrigger};
pub use foreign_key::{ForeignKey, Shared};
pub use target::Target;
pub use types::{kind_of, kind_of_column, storage_of};
