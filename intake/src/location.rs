//! Which of several locations an import takes.

/// What an import takes of several locations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// What is at the location of that name.
    At(String),
    /// The sum of all.
    Sum,
}
