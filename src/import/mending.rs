//! `import_errors_csv()`: its rows, made by intake, which knows how the file was read.

use pgrx::prelude::*;

#[pg_schema]
pub mod teamwork {
    use super::*;

    /// The first row of the file of refused rows.
    #[pg_extern(immutable, parallel_safe)]
    pub fn mending_header(header: Vec<String>, delimiter: &str) -> String {
        intake::mending_header(&header, byte(delimiter))
    }

    /// One refused row of it: `raw` is the record as it stands in the file, or a JSON text.
    #[pg_extern(immutable, parallel_safe)]
    pub fn mended_record(
        raw: &str,
        is_json: bool,
        header: Vec<String>,
        delimiter: &str,
        reason: &str,
    ) -> String {
        if is_json {
            intake::mended_object(raw, byte(delimiter), &header, reason)
        } else {
            intake::mended_record(raw, byte(delimiter), &header, reason)
        }
    }
}

fn byte(delimiter: &str) -> u8 {
    delimiter.bytes().next().filter(u8::is_ascii).unwrap_or(b',')
}
