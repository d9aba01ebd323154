//! The SQLSTATEs that intake reports, by PostgreSQL's names for them.

/// `data_exception`
pub const NO_DATA_ROW: &str = "22000";
/// `string_data_right_truncation`
pub const STRING_TOO_LONG: &str = "22001";
/// `numeric_value_out_of_range`
pub const NUMBER_OUT_OF_RANGE: &str = "22003";
/// `invalid_datetime_format`
pub const INVALID_DATETIME: &str = "22007";
/// `datetime_field_overflow`
pub const DATETIME_OUT_OF_RANGE: &str = "22008";
/// `character_not_in_repertoire`
pub const INVALID_BYTES: &str = "22021";
/// `invalid_parameter_value`
pub const INVALID_PARAMETER: &str = "22023";
/// `invalid_text_representation`
pub const INVALID_TEXT: &str = "22P02";
/// `bad_copy_file_format`
pub const BAD_FILE_FORMAT: &str = "22P04";
/// `untranslatable_character`
pub const UNTRANSLATABLE: &str = "22P05";
/// `not_null_violation`
pub const NOT_NULL_VIOLATION: &str = "23502";
/// `check_violation`
pub const CHECK_VIOLATION: &str = "23514";
/// `duplicate_column`
pub const DUPLICATE_COLUMN: &str = "42701";
/// `undefined_column`
pub const UNDEFINED_COLUMN: &str = "42703";
/// `program_limit_exceeded`
pub const LIMIT_EXCEEDED: &str = "54000";
/// `io_error`
pub const IO_ERROR: &str = "58030";
