//! What a reading is asked for.

use super::mapping;
use crate::failure::Failure;
use crate::import::added;
use crate::job::Work;
use crate::options::{ImportOptions, Location, OnConflict};
use crate::pg::{self, setting_name};
use crate::table::Target;
use intake::{DateOrder, Spec};
use serde_json::{Map, Value};

/// Accepted rows a batch. The more rows go into an index at once, the more of them share its pages; the fewer they are, the more of
/// a batch stays in the processor's cache. A statement has as many, in one subtransaction: more than 64 subtransactions in a
/// transaction slow down every snapshot of the server.
const BATCH_ROWS: usize = 5_000;

/// Input that a batch goes through at most.
pub const BATCH_BYTES: u64 = 4 << 20;

pub fn spec(target: &Target, work: &Work, options: &ImportOptions) -> Result<Spec, Failure> {
    let mapping = work.mapping.as_deref().map(serde_json::from_str).transpose();
    let mut mapping: Option<Map<String, Value>> =
        mapping.map_err(|error| Failure::new(format!("mapping is not a JSON object: {error}")))?;
    let of_mapping = mapping.as_mut().and_then(|mapping| take_location(mapping, target));
    Ok(Spec {
        mapping,
        location: options.location.clone().or(of_mapping).map(|it| it.0),
        saved: mapping::saved(work),
        reading: options.reading(),
        decimal: options.decimal.map(|it| it.0),
        date_order: options.date_order.map(|it| it.0),
        usual_date_order: date_order_of_server(),
        updates_known_rows: options.on_conflict == OnConflict::Update && !target.row_identity.is_empty(),
        batch_rows: batch_rows(options.commit_every()),
        batch_bytes: BATCH_BYTES,
        ..Spec::new(added::table(target, options)?)
    })
}

/// The location that a mapping names instead of a column: `{"location": "Main St"}`.
fn take_location(mapping: &mut Map<String, Value>, target: &Target) -> Option<Location> {
    const KEY: &str = "location";
    let name = mapping.get(KEY)?.as_str()?;
    let column = name.strip_prefix(['+', '-']).unwrap_or(name);
    let is_column = target.file_columns().any(|it| it.name() == column) || name.starts_with("attributes.");
    let location = Location::try_from(name.to_owned()).ok().filter(|_| !is_column)?;
    mapping.remove(KEY);
    Some(location)
}

/// Accepted rows a batch: a commit comes after a whole number of batches.
fn batch_rows(commit_every: Option<u64>) -> usize {
    let rows = commit_every.map_or(BATCH_ROWS, |rows| rows as usize);
    rows.div_ceil(rows.div_ceil(BATCH_ROWS))
}

/// The order in `ISO, MDY`, as DateStyle has it.
fn date_order_of_server() -> DateOrder {
    let style = pg::setting(setting_name::DATE_STYLE).unwrap_or_default();
    style.split(", ").find_map(DateOrder::parse).unwrap_or(DateOrder::Mdy)
}
