//! The same file again: most tables have keys, but a bank file that is imported twice doubles everything.

use crate::failure::Failure;
use crate::job::Work;
use crate::options::{ImportOptions, OnRepeat};
use crate::pg;
use intake::{Warning, WarningKind};
use pgrx::datum::DatumWithOid;

pg::from_row! {
    struct Before {
        imported_by: Option<String>,
        /// As an ISO date.
        imported_on: String,
        file_name: Option<String>,
    }
}

/// Says that the team has imported a file of this hash into the table before, or fails the import if it was to.
pub fn check(work: &Work, options: &ImportOptions, hash: &str) -> Result<Option<Warning>, Failure> {
    let sql = "SELECT imported_by, imported_on, file_name FROM teamwork.imported_before($1, $2, $3)";
    let arguments: [DatumWithOid; 3] =
        [work.organization_id.into(), work.data_type.as_str().into(), hash.into()];
    let Some(Before { imported_by, imported_on, file_name }) = pg::query_first(sql, &arguments) else {
        return Ok(None);
    };
    let by = imported_by.map_or_else(String::new, |name| format!(" by {name},"));
    let called = file_name.map_or_else(String::new, |name| format!(", as {name}"));
    let message = format!("the same file was imported before{by} on {imported_on}{called}");
    if options.on_repeat == OnRepeat::Fail && !options.dry_run {
        return Err(Failure::new(message)
            .code("23505")
            .detail("Nothing was imported.")
            .hint("Import it without the option on_repeat, or undo the first import."));
    }
    let warning = Warning::new(WarningKind::RepeatedFile, 1, message);
    Ok(Some(warning.hint("Undo one of the imports with undo_import(), if both were not meant.")))
}
