//! Numbers, given as text, beside whole ones.

use crate::decimal::Decimal;
use crate::kind::Kind;
use std::cmp::Ordering;

/// The most digits of a number that is rounded before it is compared.
pub(super) const MAX_DIGITS: usize = 30;

/// How a number, as PostgreSQL's input functions take it, compares with a whole one when it is stored in a column of
/// that kind: of a `numeric(p, s)` it is rounded first, half away from zero. NaN is greater than all others, as it is
/// in PostgreSQL.
pub(super) fn compare(kind: &Kind, text: &str, limit: i64) -> Ordering {
    match kind {
        Kind::Float4 => compare_floats(text.parse::<f32>().map(f64::from), limit),
        Kind::Float8 => compare_floats(text.parse::<f64>(), limit),
        Kind::Numeric { precision: Some((_, scale)) } => {
            compare_decimals(text, usize::try_from(*scale).ok(), limit)
        }
        _ => compare_decimals(text, None, limit),
    }
}

fn compare_floats<E>(number: Result<f64, E>, limit: i64) -> Ordering {
    // What is no number is NaN's neighbour.
    number.ok().and_then(|number| number.partial_cmp(&(limit as f64))).unwrap_or(Ordering::Greater)
}

fn compare_decimals(text: &str, scale: Option<usize>, limit: i64) -> Ordering {
    let limit = i128::from(limit);
    match (Decimal::parse(text), scale) {
        // A limit beyond all numbers of so many digits is as good as the end of them.
        (Some(number), Some(scale)) => {
            number.cut(scale).rounded().cmp(&limit.saturating_mul(10i128.pow(scale as u32)))
        }
        (Some(number), None) => number.cut(0).compare(limit),
        // NaN and the infinities.
        (None, _) if text.starts_with('-') => Ordering::Less,
        (None, _) => Ordering::Greater,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_orders(kind: &Kind, limit: i64, orders: &[(&str, Ordering)]) {
        for (text, order) in orders {
            assert_eq!(compare(kind, text, limit), *order, "{text} beside {limit} in a {kind}");
        }
    }

    #[test]
    fn numbers_are_rounded_before_they_are_compared() {
        use Ordering::{Equal, Greater, Less};
        let price = Kind::Numeric { precision: Some((12, 2)) };
        let orders = [
            ("0", Equal),
            ("-0.004", Equal),
            ("-0.005", Less),
            ("-5e-3", Less),
            ("-4e-3", Equal),
            ("5e-9", Equal),
            ("1e9", Greater),
            ("-1", Less),
        ];
        assert_orders(&price, 0, &orders);
        assert_orders(&Kind::Numeric { precision: Some((30, 30)) }, i64::MAX, &[("0.5", Less)]);
    }

    #[test]
    fn numbers_of_any_length_are_compared_to_the_last_digit() {
        use Ordering::{Equal, Greater, Less};
        let any = Kind::Numeric { precision: None };
        let nines = "9".repeat(200);
        let orders = [
            ("5.000", Equal),
            ("5.0000000000000000000000000000000000000000000000001", Greater),
            ("4.99", Less),
            ("50e-1", Equal),
            ("0.05e2", Equal),
            ("5e-400", Less),
            ("1e131071", Greater),
            ("0e131071", Less),
            (nines.as_str(), Greater),
            ("-6", Less),
            ("NaN", Greater),
            ("Infinity", Greater),
            ("-Infinity", Less),
        ];
        assert_orders(&any, 5, &orders);
        let orders = [("-5.1", Less), ("-5", Equal), ("-4.9", Greater), ("-0", Greater), ("-1e500", Less)];
        assert_orders(&any, -5, &orders);
        assert_orders(&any, 0, &[("-0.0001", Less), ("-0.0", Equal), ("1e-9", Greater)]);
    }

    #[test]
    fn floats_are_compared_as_they_are_stored() {
        use Ordering::{Equal, Greater, Less};
        let orders = [("16777217", Equal), ("NaN", Greater), ("-inf", Less), ("1e30", Greater)];
        assert_orders(&Kind::Float4, 16_777_216, &orders);
        assert_orders(&Kind::Float8, 16_777_216, &[("16777217", Greater), ("-0", Less)]);
    }
}
