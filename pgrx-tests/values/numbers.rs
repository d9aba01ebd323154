//! Integers, decimals and floats.

use super::texts::spoiled;
use proptest::prelude::*;
use proptest::sample::select;

/// Around the ends of integers of 16, 32 and 64 bits, those of `bits` above all.
pub fn integers(bits: u32) -> BoxedStrategy<String> {
    let near = |bits: u32| {
        (any::<bool>(), -3..4i128).prop_map(move |(negative, off)| {
            let end = 1i128 << (bits - 1);
            (if negative { -end } else { end } + off).to_string()
        })
    };
    let fitting = (0..bits - 1, any::<i64>()).prop_map(|(bits, number)| (number >> (63 - bits)).to_string());
    spoiled(prop_oneof![
        6 => fitting,
        2 => near(bits),
        1 => prop_oneof![near(16), near(32), near(64)],
        2 => "[+-]?0{0,30}[0-9]{1,5}",
        1 => "[+-]?[0-9]{1,30}",
        1 => " ?[+-]?[0-9]{1,4}(\\.0{0,3})? ?",
        1 => "-?[1-9][0-9]{0,2}([,.' ][0-9]{3}){1,2}",
        1 => select(&["-0", "+0", "0x1F", "0b1", "1_000", "1e3", "५", "(5)", "5-", "$5", "'5", "--5"][..])
            .prop_map(str::to_owned),
    ])
}

/// Decimals with about so many digits before the point and behind it.
pub fn decimals(whole: usize, fraction: usize) -> BoxedStrategy<String> {
    let digits = |most: usize| {
        prop_oneof![
            digits(0..most + 1),
            digits(most.saturating_sub(5)..most + 1),
            (select(&["0", "9"][..]), most.saturating_sub(3)..most + 3)
                .prop_map(|(digit, count)| digit.repeat(count)),
        ]
    };
    // What decides about rounding, and whether it carries.
    let behind = (digits(fraction), "(4|5|49|50|9)?[0-9]{0,4}").prop_map(|(some, rest)| some + &rest);
    let decimal = (select(&["", "", "-", "+"][..]), digits(whole), behind, 0..8u8).prop_map(
        |(sign, whole, fraction, form)| match form {
            0 => format!("{sign}{whole}"),
            1 => format!("{sign}{whole}."),
            2 => format!("{sign}.{fraction}"),
            _ => format!("{sign}{whole}.{fraction}"),
        },
    );
    prop_oneof![8 => spoiled(decimal), 1 => plain_and_odd()].boxed()
}

/// Decimals of any length, some as long as `numeric` has them.
pub fn any_decimals() -> BoxedStrategy<String> {
    let longest = (
        select(&["", "-"][..]),
        select(&[0, 4, 131_071, 131_072, 131_073, 140_000][..]),
        select(&[0, 1, 16_383, 16_384, 16_388][..]),
        select(&["0", "9", "12345678", "0000000000000001"][..]),
    );
    let longest = longest.prop_map(|(sign, whole, fraction, digits)| {
        let digits = |count: usize| digits.chars().cycle().take(count).collect::<String>();
        format!("{sign}{}.{}", digits(whole), digits(fraction))
    });
    prop_oneof![
        40 => decimals(12, 6),
        40 => decimals(262, 64),
        40 => decimals(3, 262),
        1 => longest,
    ]
    .boxed()
}

fn digits(count: std::ops::Range<usize>) -> BoxedStrategy<String> {
    prop::collection::vec(b'0'..=b'9', count)
        .prop_map(|digits| digits.into_iter().map(char::from).collect())
        .boxed()
}

fn plain_and_odd() -> BoxedStrategy<String> {
    prop_oneof![
        2 => "-?[0-9]{1,5}(\\.[0-9]{1,3})?[eE][+-]?[0-9]{1,3}",
        1 => "-?0{0,300}\\.0{0,70}",
        1 => "-?[1-9][0-9]{0,2}([,.' ][0-9]{3}){1,2}([.,][0-9]{0,3})?",
        1 => select(&["NaN", "Infinity", "-inf", "-0", "-0.00", "0", ".", "-.", "1e131071", "1e-16383", "1e999999999", "12 %"][..])
            .prop_map(str::to_owned),
    ]
    .boxed()
}

/// Floats of both widths, from the digits of one to those of many.
pub fn floats() -> BoxedStrategy<String> {
    let double = any::<u64>().prop_map(f64::from_bits);
    let subnormal = (0..1u64 << 52).prop_map(f64::from_bits);
    let single = any::<u32>().prop_map(f32::from_bits);
    // Right between two floats of 32 bits, which decides how the last bit is rounded; and a little beside.
    let between = (any::<u32>(), "[01]?").prop_map(|(bits, more)| {
        let (one, next) = (f32::from_bits(bits), f32::from_bits(bits.wrapping_add(1)));
        format!("{:.60}{more}", (f64::from(one) + f64::from(next)) / 2.0)
    });
    spoiled(prop_oneof![
        2 => double.clone().prop_map(|float| float.to_string()),
        2 => double.prop_map(|float| format!("{float:e}")),
        2 => subnormal.prop_map(|float| format!("{float:e}")),
        2 => single.clone().prop_map(|float| float.to_string()),
        2 => single.prop_map(|float| format!("{float:E}")),
        2 => between,
        6 => "[+-]?[0-9]{1,9}(\\.[0-9]{0,9})?",
        2 => "[+-]?[0-9]{1,30}(\\.[0-9]{0,30})?([eE][+-]?[0-9]{1,3})?",
        1 => "0{0,400}\\.0{0,400}[0-9]{0,20}",
        3 => select(&[
            "NaN", "nan", "-nan", "+NaN", "NaN(1)", "inf", "+inf", "-INF", "Infinity", "-infinity", "infinit", "1e400",
            "-1e400", "1e-400", "0e-400", "0e999999", "4.9e-324", "2.4e-324", "2.5e-324", "1.7976931348623158e308",
            "1.7976931348623159e308", "3.4028235e38", "3.4028236e38", "1e39", "1.4e-45", "7e-46", "8e-46", "-0", "-0.0",
            "0x1p3", "0x1F", "1_000", "1.", ".5", ".", "1e", "1e+", "5 %",
        ][..]).prop_map(str::to_owned),
    ])
}
