//! Numbers as people write them, spelled as computers do: what a refusal suggests.

/// `$1,234.50` → `1234.50`, `12,50` → `12.50`, `1.234,56` → `1234.56`, `(12)` → `-12`; None if unclear or
/// already plain.
pub(super) fn spelling(text: &str) -> Option<String> {
    let (negative, unsigned) = sign(text.trim());
    let body = unsigned.trim_matches(|c: char| c.is_whitespace() || is_currency(c));
    // The sign may stand on either side of the currency: -$5, $-5.
    let (negative, body) = match body.strip_prefix('-') {
        Some(rest) if !negative => (true, rest),
        _ => (negative, body),
    };
    let (whole, fraction) = match decimal_mark(body) {
        Some(at) => (&body[..at], &body[at + 1..]),
        None => (body, ""),
    };
    let whole = ungrouped(whole)?;
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let sign = if negative { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}")).filter(|plain| plain != text)
}

/// Accountants put negative numbers in parentheses.
fn sign(text: &str) -> (bool, &str) {
    if let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return (true, inner);
    }
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn is_currency(c: char) -> bool {
    matches!(c, '$' | '€' | '£' | '¥')
}

/// Of a point and a comma the later is the decimal mark; one comma alone is, unless it parts thousands.
fn decimal_mark(body: &str) -> Option<usize> {
    let once = |mark: char| body.matches(mark).count() == 1;
    match (body.rfind('.'), body.rfind(',')) {
        (Some(point), Some(comma)) => Some(point.max(comma)),
        (Some(point), None) => once('.').then_some(point),
        (None, Some(comma)) => (once(',') && ungrouped(body).is_none()).then_some(comma),
        (None, None) => None,
    }
}

/// Digits, in groups of three if at all.
fn ungrouped(whole: &str) -> Option<String> {
    const SEPARATORS: [char; 6] = [',', '.', ' ', '\'', '\u{A0}', '\u{202F}'];
    let separator = whole.chars().find(|c| SEPARATORS.contains(c));
    let groups: Vec<&str> = match separator {
        Some(separator) => whole.split(separator).collect(),
        None => vec![whole],
    };
    let (first, rest) = groups.split_first()?;
    let shaped = !first.is_empty()
        && (rest.is_empty() || first.len() <= 3)
        && rest.iter().all(|group| group.len() == 3)
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_digit()));
    shaped.then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use super::spelling;

    #[test]
    fn what_people_write_becomes_plain() {
        for (written, plain) in [
            ("1,234", "1234"),
            ("1,234,567.8", "1234567.8"),
            ("$5", "5"),
            ("-$5", "-5"),
            ("$-5", "-5"),
            ("€ 5.50", "5.50"),
            ("12,50", "12.50"),
            ("1.234,56", "1234.56"),
            ("1.234.567", "1234567"),
            ("1 234", "1234"),
            ("1\u{A0}234,5 €", "1234.5"),
            ("(12)", "-12"),
        ] {
            assert_eq!(spelling(written).as_deref(), Some(plain), "{written}");
        }
    }

    #[test]
    fn what_is_unclear_stays_unsaid() {
        for written in ["abc", "", "12", "1,23,4", "1,2345,678", "5%", "$", "1 23"] {
            assert_eq!(spelling(written), None, "{written}");
        }
    }
}
