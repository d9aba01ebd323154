//! `import_errors_csv()`: its rows, made by intake, which knows how the file was read.

use intake::Dialect;
use pgrx::JsonB;
use pgrx::prelude::*;

#[pg_schema]
pub mod teamwork {
    use super::*;

    /// The first row of the file of refused rows.
    #[pg_extern(immutable, parallel_safe)]
    pub fn error_file_header(header: Vec<String>, delimiter: &str) -> String {
        intake::error_file_header(&header, byte(delimiter))
    }

    /// One refused row of it: `raw` is the record as it stands in the file of that dialect or, without one, a JSON text. The
    /// columns with decimal commas are `commas`.
    #[pg_extern(immutable, parallel_safe)]
    pub fn error_file_record(
        raw: &str,
        dialect: Option<JsonB>,
        header: Vec<String>,
        commas: Vec<String>,
        reason: &str,
    ) -> String {
        match dialect {
            Some(JsonB(dialect)) => {
                intake::error_file_record(raw, Dialect::of_json(&dialect), &header, &commas, reason)
            }
            None => intake::error_file_object(raw, b',', &header, &commas, reason),
        }
    }

    /// What stands behind each reason: how numbers and dates were read, for the import of the corrected rows.
    #[pg_extern(immutable, parallel_safe)]
    pub fn error_file_mark(locale: JsonB, dialect: Option<JsonB>) -> String {
        let is_export = dialect.is_some_and(|JsonB(dialect)| Dialect::of_json(&dialect).is_export);
        intake::error_file_mark(&locale.0, is_export)
    }
}

fn byte(delimiter: &str) -> u8 {
    delimiter.bytes().next().filter(u8::is_ascii).unwrap_or(b',')
}
