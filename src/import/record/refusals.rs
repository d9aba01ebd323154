//! Refused rows, kept for whoever corrects the file.

use crate::pg;
use intake::Refusal;
use pgrx::Uuid;

/// Rows a call: bounds the memory of the parameters.
const ROWS_A_CALL: usize = 1_000;

/// Writes the reasons to scheduled_job_errors, one row per cell, as the worker's own role.
pub fn keep(job: Uuid, refusals: &[Refusal]) {
    for some in refusals.chunks(ROWS_A_CALL) {
        let cells: Vec<_> =
            some.iter().flat_map(|refusal| refusal.cells.iter().map(move |cell| (refusal, cell))).collect();
        let lines: Vec<i64> = cells.iter().map(|(refusal, _)| refusal.line as i64).collect();
        let offsets: Vec<Option<i64>> =
            cells.iter().map(|(refusal, _)| refusal.byte_offset.map(|offset| offset as i64)).collect();
        let columns: Vec<Option<&str>> = cells.iter().map(|(_, cell)| cell.column.as_deref()).collect();
        let values: Vec<Option<&str>> = cells.iter().map(|(_, cell)| cell.value.as_deref()).collect();
        let codes: Vec<&str> = cells.iter().map(|(_, cell)| cell.code.as_ref()).collect();
        let messages: Vec<&str> = cells.iter().map(|(_, cell)| cell.message.as_str()).collect();
        let suggestions: Vec<Option<&str>> =
            cells.iter().map(|(_, cell)| cell.suggestion.as_deref()).collect();
        let raws: Vec<&str> = cells.iter().map(|(refusal, _)| refusal.raw.as_str()).collect();
        pg::execute(
            "SELECT teamwork.record_refusals($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                job.into(),
                lines.into(),
                offsets.into(),
                columns.into(),
                values.into(),
                codes.into(),
                messages.into(),
                suggestions.into(),
                raws.into(),
            ],
        );
    }
}
