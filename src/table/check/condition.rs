//! Reads what PostgreSQL prints of a CHECK constraint that looks at one column: `(quantity >= 0)`, `((price IS NULL) OR (price >
//! (0)::numeric))`, `((mood)::text = ANY ((ARRAY['glad'::character varying])::text[]))`. Operators and functions of other schemas
//! are printed with their schema, and are not understood.

use intake::{Comparison, Condition};
use pgrx::spi::quote_identifier;

/// The conditions, all of which have to hold; None of an expression that only the database can judge.
pub fn conditions(expression: &str, column: &str) -> Option<Vec<Condition>> {
    let inner = without_parentheses(expression)?;
    let all = parts(inner, " AND ");
    if all.len() > 1 {
        let conditions: Option<Vec<_>> = all.into_iter().map(|part| conditions(part, column)).collect();
        return Some(conditions?.concat());
    }
    let column_name = quote_identifier(column);
    let is_null = format!("({column_name} IS NULL)");
    let any: Vec<&str> = parts(inner, " OR ").into_iter().filter(|part| *part != is_null).collect();
    match any.as_slice() {
        [only] if *only != inner => conditions(only, column),
        [only] => Some(vec![condition(only, &column_name)?]),
        _ => None,
    }
}

fn condition(text: &str, column: &str) -> Option<Condition> {
    let as_text = format!("({column})::text");
    let of = |operand: &str| text.strip_prefix(operand)?.strip_prefix(' ')?.split_once(' ');
    for operand in [column, &as_text] {
        for function in ["length", "char_length", "character_length"] {
            if let Some((operator, limit)) = of(&format!("{function}({operand})")) {
                return Some(Condition::Length(comparison(operator)?, whole_number(limit)?));
            }
        }
        match of(operand) {
            Some(("=", texts)) => return Some(Condition::OneOf(one_or_more(texts, "ANY ")?)),
            Some(("<>", texts)) => return Some(Condition::NoneOf(one_or_more(texts, "ALL ")?)),
            _ => {}
        }
    }
    let (operator, limit) = of(column)?;
    Some(Condition::Number(comparison(operator)?, whole_number(limit)?))
}

fn comparison(operator: &str) -> Option<Comparison> {
    Some(match operator {
        ">=" => Comparison::AtLeast,
        ">" => Comparison::MoreThan,
        "<=" => Comparison::AtMost,
        "<" => Comparison::LessThan,
        _ => return None,
    })
}

/// Reads `5`, `5.00`, `(5)::numeric`, `'-5'::integer`, `('-5'::integer)::numeric`.
fn whole_number(text: &str) -> Option<i64> {
    const CASTS: [&str; 6] =
        ["::numeric", "::integer", "::bigint", "::smallint", "::double precision", "::real"];
    let text = CASTS.iter().find_map(|cast| text.strip_suffix(cast)).unwrap_or(text);
    if let Some(inner) = without_parentheses(text) {
        return whole_number(inner);
    }
    let text = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.bytes().all(|digit| digit == b'0') { whole.parse().ok() } else { None }
}

/// Reads `'one'::text`, and after `quantifier` `(ARRAY['one'::text, 'two'::text])` and `((ARRAY[...])::text[])`.
fn one_or_more(texts: &str, quantifier: &str) -> Option<Vec<String>> {
    let Some(array) = texts.strip_prefix(quantifier) else { return Some(vec![constant(texts)?]) };
    let mut array = without_parentheses(array)?;
    if let Some(cast) = array.strip_suffix("::text[]") {
        array = without_parentheses(cast)?;
    }
    let elements = array.strip_prefix("ARRAY[")?.strip_suffix(']')?;
    parts(elements, ", ").into_iter().map(constant).collect()
}

/// Reads `'it''s'::text`. What has a backslash is written in one way or another, as a setting has it.
fn constant(text: &str) -> Option<String> {
    let cast = ["::text", "::character varying"].iter().find_map(|cast| text.strip_suffix(cast))?;
    let quoted = cast.strip_prefix('\'')?.strip_suffix('\'')?;
    let is_one = quoted.replace("''", "").bytes().all(|byte| !matches!(byte, b'\'' | b'\\'));
    is_one.then(|| quoted.replace("''", "'"))
}

/// The text between parentheses that belong together.
fn without_parentheses(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('(')?.strip_suffix(')')?;
    let is_whole = depths(inner).all(|(_, depth)| depth >= 0);
    is_whole.then_some(inner)
}

/// The parts of a text between separators outside of parentheses and quotes.
fn parts<'t>(text: &'t str, separator: &str) -> Vec<&'t str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, depth) in depths(text) {
        if depth == 0 && at >= start && text[at..].starts_with(separator) {
            parts.push(&text[start..at]);
            start = at + separator.len();
        }
    }
    parts.push(&text[start..]);
    parts
}

/// The characters outside of quotes, by their places, and in how many parentheses and brackets each is.
fn depths(text: &str) -> impl Iterator<Item = (usize, i32)> {
    let (mut depth, mut quote) = (0, None);
    text.char_indices().filter_map(move |(at, character)| {
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth -= 1,
            (Some(open), _) if open == character => quote = None,
            _ => {}
        }
        quote.is_none().then_some((at, depth))
    })
}
