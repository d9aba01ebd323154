//! The names of PostgreSQL's settings that the extension sets or reads.

use std::ffi::CStr;

pub const BYTEA_OUTPUT: &CStr = c"bytea_output";
pub const CURSOR_TUPLE_FRACTION: &CStr = c"cursor_tuple_fraction";
pub const DATE_STYLE: &CStr = c"DateStyle";
pub const DEFAULT_TRANSACTION_ISOLATION: &CStr = c"default_transaction_isolation";
pub const DEFAULT_TRANSACTION_READ_ONLY: &CStr = c"default_transaction_read_only";
pub const ENABLE_HASHJOIN: &CStr = c"enable_hashjoin";
pub const ENABLE_MERGEJOIN: &CStr = c"enable_mergejoin";
pub const ENABLE_SEQSCAN: &CStr = c"enable_seqscan";
pub const EXTRA_FLOAT_DIGITS: &CStr = c"extra_float_digits";
pub const INTERVAL_STYLE: &CStr = c"IntervalStyle";
pub const PLAN_CACHE_MODE: &CStr = c"plan_cache_mode";
pub const ROW_SECURITY: &CStr = c"row_security";
pub const SEARCH_PATH: &CStr = c"search_path";
pub const SYNCHRONOUS_COMMIT: &CStr = c"synchronous_commit";
pub const TIME_ZONE: &CStr = c"TimeZone";
