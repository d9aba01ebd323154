//! What became of a file, in the words in which cases say what should.

use super::case::Case;
use postgres::Client;
use serde_json::Value;

pub struct Outcome {
    status: String,
    pub error: String,
    pub warnings: Vec<Value>,
    /// As the case has it written down, and of the columns that it names.
    rows: Vec<String>,
    refused: Vec<String>,
}

impl Outcome {
    pub fn of(member: &mut Client, case: &Case, job: &str) -> Self {
        let sql = "SELECT status, coalesce(error_message, ''), coalesce(report -> 'warnings', '[]') FROM scheduled_jobs
                   WHERE id = $1::text::uuid";
        let row = member.query_one(sql, &[&job]).unwrap();
        let warnings: Value = row.get(2);
        let sql = "SELECT concat_ws(' | ', line, coalesce(column_name, '∅'), coalesce(value, '∅')) FROM scheduled_job_errors
                   WHERE job_id = $1::text::uuid ORDER BY line, id";
        let refused = member.query(sql, &[&job]).unwrap().iter().map(|row| row.get(0)).collect();
        Outcome {
            status: row.get(0),
            error: row.get(1),
            warnings: warnings.as_array().cloned().unwrap_or_default(),
            rows: rows(member, case),
            refused,
        }
    }

    pub fn is_completed(&self) -> bool {
        self.status == "completed"
    }

    /// The outcome as the case has it written down; of a message, the parts that are there.
    pub fn to_lines(&self, case: &Case) -> Vec<String> {
        let mut lines = vec![self.status.clone()];
        if self.status == "failed" {
            let parts = case.expected.iter().skip(1);
            let has = |part: &&String| self.error.contains(part.trim_start_matches("| "));
            lines.extend(parts.filter(has).cloned());
        }
        let mut add = |title: String, rows: &mut dyn Iterator<Item = String>| {
            let mut rows = rows.map(|row| format!("| {row}").trim_end().to_owned()).peekable();
            if rows.peek().is_some() {
                lines.push(title);
                lines.extend(rows);
            }
        };
        add(format!("rows {}", case.columns().join(" | ")), &mut self.rows.iter().cloned());
        add("refused".to_owned(), &mut self.refused.iter().cloned());
        add("warnings".to_owned(), &mut self.warnings.iter().map(warning));
        lines
    }
}

fn rows(member: &mut Client, case: &Case) -> Vec<String> {
    let sql = format!(
        "SELECT (SELECT string_agg(coalesce(to_jsonb(t) #>> string_to_array(name, '.'), '∅'), ' | ' ORDER BY place)
                 FROM unnest($1::text[]) WITH ORDINALITY named (name, place))
         FROM {} t ORDER BY id",
        case.table
    );
    member.query(&sql, &[&case.columns()]).unwrap().iter().map(|row| row.get(0)).collect()
}

fn warning(warning: &Value) -> String {
    let parts = [warning["kind"].as_str(), warning["column"].as_str()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" | ")
}
