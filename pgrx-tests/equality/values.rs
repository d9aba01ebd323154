//! Cells of a file: mostly good, with the edges of their types among them.

use crate::dice::Dice;

#[derive(Clone, Copy, PartialEq)]
pub enum Values {
    Text,
    /// Long keys that repeat.
    Long,
    Short,
    Integer,
    Decimal,
    Float,
    Boolean,
    Date,
    Moment,
    Zoned,
    Unzoned,
    Uuid,
    Json,
    Mood,
    Array,
    Address,
}

impl Values {
    /// A cell, quoted for CSV where it has to be; empty is NULL. Among `odd` ones are values whose stored form pack leaves to
    /// the database.
    pub fn cell(self, odd: bool, dice: &mut Dice) -> String {
        if dice.once_in(8) {
            return String::new();
        }
        let cell = if odd && dice.once_in(500) { self.odd(dice) } else { self.value(dice) };
        if cell.contains([',', '"', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
    }

    fn odd(self, dice: &mut Dice) -> String {
        match self {
            Values::Decimal => "1.5e1".into(),
            Values::Moment | Values::Zoned => "2024-02-29 23:59:59.9999995Z".into(),
            Values::Json => r#"{"a": 1.5E2, "b": "\ud83d\ude00"}"#.into(),
            _ => self.value(dice),
        }
    }

    fn value(self, dice: &mut Dice) -> String {
        match self {
            Values::Text => text(dice),
            Values::Long => long(dice),
            Values::Short => "äbc def".chars().take(dice.roll(8) as usize).collect(),
            Values::Integer => integer(dice),
            Values::Decimal => decimal(dice),
            Values::Float => float(dice),
            Values::Boolean => mostly(&["true", "f", "yes", "0"], "perhaps", dice),
            Values::Date => date(dice),
            Values::Moment => format!("{} {}", date(dice), clock(dice)),
            Values::Zoned => {
                format!(
                    "{} {}{}",
                    date(dice),
                    clock(dice),
                    dice.pick(&["Z", "+00", "+02:00", "-0330", "+13"])
                )
            }
            Values::Unzoned => date(dice),
            Values::Uuid => format!("{:08x}-0000-4000-8000-{:012X}", dice.roll(9), dice.roll(1 << 40)),
            Values::Json => json(dice, 3),
            Values::Mood => mostly(&["glad", "sad"], "angry", dice),
            Values::Array => format!("{{{},\"b c\"}}", dice.roll(5)),
            Values::Address => mostly(&["10.0.0.1", "::1", "10.0.0.0/8"], "10.0.0.256", dice),
        }
    }
}

/// One of the good, and once in a while what is no value of the type.
fn mostly(good: &[&str], bad: &str, dice: &mut Dice) -> String {
    if dice.once_in(3_000) { bad.into() } else { (*dice.pick(good)).into() }
}

fn text(dice: &mut Dice) -> String {
    match dice.roll(60) {
        0 => "a line,\nand \"another\"".into(),
        1 => "x".repeat(124 + dice.roll(5) as usize),
        2 => "ä".repeat(1_000 + dice.roll(2_000) as usize),
        // No two alike: not to be compressed.
        3 => (0..dice.roll(400)).map(|_| format!("{:08x}", dice.roll(1 << 32))).collect(),
        4 => "  spaces  ".into(),
        _ => format!("text {}", dice.roll(50)),
    }
}

/// Some keys that are long and repeat at the end of their index, as they are or compressed to as much.
fn long(dice: &mut Dice) -> String {
    if !dice.once_in(12) {
        return format!("key {}", dice.roll(50));
    }
    let which = dice.roll(6);
    let noise = |words: u64| -> String {
        (1..=words).map(|n| format!("{:08x}", (n * (which + 7)).wrapping_mul(2_654_435_761) as u32)).collect()
    };
    match which {
        0..3 => format!("z{which} {}", noise(230 + 30 * which)),
        _ => format!("z{which} {}", noise(60 + 20 * which).repeat(6)),
    }
}

fn integer(dice: &mut Dice) -> String {
    match dice.roll(2_000) {
        0 => "-32768".into(),
        1 => "99999999999".into(),
        2 => "2147483647".into(),
        3 => "5.5".into(),
        4..20 => (*dice.pick(&["-5", "-6", "-4", "1000", "1001", "999"])).into(),
        20..40 => "007".into(),
        40..60 => "5.0".into(),
        _ => dice.roll(900).to_string(),
    }
}

fn decimal(dice: &mut Dice) -> String {
    match dice.roll(2_000) {
        0 => "12345678901.5".into(),
        1..40 => {
            (*dice.pick(&["-0.004", "-0.005", "-5.0049", "999.995", "1000.005", "1000.00", "-5"])).into()
        }
        40..60 => "0.00001".into(),
        60..80 => format!("{}.0000", dice.roll(10)),
        _ => format!("{}.{:02}", dice.roll(900), dice.roll(100)),
    }
}

fn float(dice: &mut Dice) -> String {
    match dice.roll(40) {
        0 => "1e-30".into(),
        1 => "3.4028234e38".into(),
        2 => "NaN".into(),
        3 => "-Infinity".into(),
        4 => "0.1000000000000000055".into(),
        5 => "-0".into(),
        _ => format!("{}.{}", dice.roll(1_000), dice.roll(1_000_000)),
    }
}

fn date(dice: &mut Dice) -> String {
    match dice.roll(1_000) {
        0 => "2023-02-29".into(),
        1 => "0001-01-01".into(),
        2 => "9999-12-31".into(),
        3..40 => "2000-01-01".into(),
        _ => format!("{:04}-{:02}-{:02}", 1900 + dice.roll(200), 1 + dice.roll(12), 1 + dice.roll(28)),
    }
}

fn clock(dice: &mut Dice) -> String {
    let clock = format!("{:02}:{:02}:{:02}", dice.roll(24), dice.roll(60), dice.roll(60));
    match dice.roll(3_000) {
        0..1_000 => format!("{clock}.{:06}", dice.roll(1_000_000)),
        _ => clock,
    }
}

fn json(dice: &mut Dice, depth: u32) -> String {
    let members = if dice.once_in(30) { 40 } else { dice.roll(4) };
    match dice.roll(if depth == 0 { 6 } else { 9 }) {
        0 => "null".into(),
        1 => "true".into(),
        2 => "false".into(),
        3 => format!("{}.{}0", dice.roll(100_000_000), dice.roll(1_000)),
        4 => "-12.50".into(),
        5 => format!("\"s\\u00e4\\n {}\"", "\\\\y".repeat(dice.roll(60) as usize)),
        6 => {
            let members: Vec<String> = (0..members).map(|_| json(dice, depth - 1)).collect();
            format!("[{}]", members.join(" , "))
        }
        _ => {
            let member = |dice: &mut Dice| {
                let key = *dice.pick(&["a", "b", "aa", "ä", "long key", "b", ""]);
                format!("\"{key}{}\": {}", dice.roll(5), json(dice, depth - 1))
            };
            let members: Vec<String> = (0..members).map(|_| member(dice)).collect();
            format!("{{{}}}", members.join(","))
        }
    }
}
