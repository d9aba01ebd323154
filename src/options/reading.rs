//! How a file is to be read, where that is not left to the file.

use super::declare::options;
use super::value::{Delimiter, Encoding, Header};
use intake::ReadOptions;

options! {
    /// The options of read_csv().
    pub struct ReadingOptions of "read" {
        /// The encoding of the file; found out from the file where not given.
        encoding: Option<Encoding> = None,
        /// What parts the cells; found out from the file where not given.
        delimiter: Option<Delimiter> = None,
        /// Whether a row names the columns, or the line of that row; found out from the file where not given.
        header: Option<Header> = None,
    }
}

impl From<ReadingOptions> for ReadOptions {
    fn from(ReadingOptions { encoding, delimiter, header }: ReadingOptions) -> Self {
        Self {
            encoding: encoding.map(|it| it.0),
            delimiter: delimiter.map(|it| it.0),
            header: header.map(|it| it.0),
            ..Self::default()
        }
    }
}
