//! Cells that a spreadsheet would run as formulas when it opens the file: CSV injection, CWE-1236. By such a cell,
//! somebody who may write a row can make the reader's computer send the file away.

/// Whether a spreadsheet may run a text as a formula. It begins with one of OWASP's characters, their wide forms and
/// line ends included, maybe behind blanks that a spreadsheet drops.
///
/// ```
/// assert!(intake::is_formula("=HYPERLINK(A1)") && intake::is_formula(" +1"));
/// assert!(!intake::is_formula("a+1"));
/// ```
pub fn is_formula(text: &str) -> bool {
    const STARTS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    text.starts_with(['\t', '\r', '\n']) || text.trim_start_matches(is_blank).starts_with(STARTS)
}

/// White space, control characters, and what takes no room.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::is_formula;

    #[test]
    fn what_a_spreadsheet_would_run_is_told_from_text() {
        let formulas = [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\rx",
            "\nx",
            " =1",
            "\u{A0}=1",
            "\u{FEFF}=1",
            "＝1",
            "＠a",
            "\u{200B}-1",
        ];
        for text in formulas {
            assert!(is_formula(text), "{text:?}");
        }
        for text in ["", "a=1", "1-1", "'=1", "\"=1\"", "  ", "{\"a\": \"=1\"}", "·-1"] {
            assert!(!is_formula(text), "{text:?}");
        }
    }
}
