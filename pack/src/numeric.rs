//! `numeric`, as `make_result` in `numeric.c` lays it out: a header of sign, scale and weight, then base-10000 digits
//! without leading and trailing zeros.
//!
//! `rust_decimal` holds 28 digits and converts them to the wire format of PostgreSQL, not to this one.

use intake::Decimal;
use std::ops::RangeInclusive;

/// `DEC_DIGITS`.
const DIGITS: usize = 4;
// `NUMERIC_NEG`, `NUMERIC_SHORT`, and what is in a short header: `NUMERIC_SHORT_SIGN_MASK` and so on.
const NEGATIVE: u16 = 0x4000;
const SHORT: u16 = 0x8000;
const SHORT_NEGATIVE: u16 = 0x2000;
const SHORT_SCALE_SHIFT: u16 = 7;
const SHORT_MAX_SCALE: u16 = 0x3F;
const SHORT_WEIGHT_SIGN: u16 = 0x40;
const SHORT_WEIGHT_MASK: u16 = 0x3F;
/// From `NUMERIC_SHORT_WEIGHT_MIN` to `NUMERIC_SHORT_WEIGHT_MAX`.
const SHORT_WEIGHTS: RangeInclusive<i16> = -64..=63;
/// `NUMERIC_DSCALE_MAX`.
const MAX_SCALE: usize = 0x3FFF;

/// Writes the payload (no varlena header) of a decimal number such as `-1234.50`, rounded half away from zero to
/// `scale` digits if it is given (`round_var`). False for text that is not of that form, and for what overflows the
/// format.
pub(crate) fn write(text: &str, scale: Option<u16>, digits: &mut Vec<u8>, out: &mut Vec<u8>) -> bool {
    let Some((negative, whole, fraction)) = Decimal::parse(text).and_then(|number| number.plain_parts())
    else {
        return false;
    };
    let (whole, fraction) = (whole.as_bytes(), fraction.as_bytes());
    let scale = scale.map_or(fraction.len(), usize::from);
    if scale > MAX_SCALE {
        return false;
    }
    let weight = align(whole, fraction, scale, digits);
    write_aligned(negative, scale as u16, weight, digits, out).is_some()
}

/// Fills `digits` with decimal digits, a multiple of four before the point and after it, rounded to `scale`. Returns
/// the number of base-10000 digits before the point.
fn align(whole: &[u8], fraction: &[u8], scale: usize, digits: &mut Vec<u8>) -> i32 {
    digits.clear();
    // Room for a carry.
    let padded = (whole.len() + 1).next_multiple_of(DIGITS);
    digits.resize(padded - whole.len(), 0);
    digits.extend(whole.iter().map(|digit| digit - b'0'));
    digits.extend(fraction.iter().take(scale).map(|digit| digit - b'0'));
    if fraction.get(scale).is_some_and(|digit| *digit >= b'5') {
        for digit in digits.iter_mut().rev() {
            *digit = (*digit + 1) % 10;
            if *digit != 0 {
                break;
            }
        }
    }
    digits.resize(padded + fraction.len().min(scale).next_multiple_of(DIGITS), 0);
    (padded / DIGITS) as i32
}

/// None if the weight has no room in the header (`NUMERIC_WEIGHT_MAX`).
fn write_aligned(
    negative: bool,
    scale: u16,
    before_point: i32,
    digits: &[u8],
    out: &mut Vec<u8>,
) -> Option<()> {
    let value = |group: &[u8]| group.iter().fold(0u16, |value, digit| value * 10 + u16::from(*digit));
    let groups = digits.chunks_exact(DIGITS).map(value);
    let leading = groups.clone().take_while(|group| *group == 0).count();
    let trailing = groups.clone().rev().take_while(|group| *group == 0).count();
    let total = digits.len() / DIGITS;
    let kept = total.saturating_sub(leading + trailing);
    // Zero has no digits, no sign, and weight 0.
    let (negative, weight) =
        if kept == 0 { (false, 0) } else { (negative, before_point - 1 - leading as i32) };
    write_header(negative, scale, i16::try_from(weight).ok()?, out);
    for group in groups.skip(leading).take(kept) {
        out.extend_from_slice(&group.to_ne_bytes());
    }
    Some(())
}

fn write_header(negative: bool, scale: u16, weight: i16, out: &mut Vec<u8>) {
    // `NUMERIC_CAN_BE_SHORT`.
    if scale <= SHORT_MAX_SCALE && SHORT_WEIGHTS.contains(&weight) {
        let sign = if negative { SHORT_NEGATIVE } else { 0 };
        let weight_sign = if weight < 0 { SHORT_WEIGHT_SIGN } else { 0 };
        let header =
            SHORT | sign | (scale << SHORT_SCALE_SHIFT) | weight_sign | (weight as u16 & SHORT_WEIGHT_MASK);
        out.extend_from_slice(&header.to_ne_bytes());
    } else {
        let sign = if negative { NEGATIVE } else { 0 };
        out.extend_from_slice(&(sign | scale).to_ne_bytes());
        out.extend_from_slice(&weight.to_ne_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::write;

    /// The header and the base-10000 digits.
    fn packed(text: &str, scale: Option<u16>) -> Option<Vec<u16>> {
        let (mut digits, mut out) = (Vec::new(), Vec::new());
        write(text, scale, &mut digits, &mut out)
            .then(|| out.chunks_exact(2).map(|pair| u16::from_ne_bytes([pair[0], pair[1]])).collect())
    }

    // Of PostgreSQL 15: SELECT encode(numeric_send(…)) says digits, weight and scale; pageinspect the header.
    #[test]
    fn values_are_laid_out_as_postgresql_does() {
        assert_eq!(packed("1234.50", Some(2)), Some(vec![0x8100, 1234, 5000]));
        assert_eq!(packed("-12345.678", Some(2)), Some(vec![0xA101, 1, 2345, 6800]));
        assert_eq!(packed("0.0001", None), Some(vec![0x827F, 1]));
        assert_eq!(packed("10000", None), Some(vec![0x8001, 1]));
        assert_eq!(packed("0.00", Some(2)), Some(vec![0x8100]));
        assert_eq!(packed("-0.001", Some(2)), Some(vec![0x8100]));
        assert_eq!(packed("9999.995", Some(2)), Some(vec![0x8101, 1]));
        assert_eq!(packed(".5", Some(0)), Some(vec![0x8000, 1]));
    }

    #[test]
    fn what_is_no_plain_decimal_is_left_to_others() {
        for text in ["", "-", ".", "1e5", "NaN", "1,5", "1.2.3"] {
            assert_eq!(packed(text, None), None, "{text}");
        }
        let most = "9".repeat(131_072);
        assert_eq!(packed(&format!("000{most}"), None).map(|words| words[1]), Some(32_767));
        assert_eq!(packed(&format!("9{most}"), None), None);
        assert_eq!(packed(&format!("{most}.5"), Some(0)), None, "the carry is one digit too many");
        assert_eq!(packed(&format!(".{:0<16384}", 1), None), None);
    }
}
