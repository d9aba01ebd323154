//! Cells of a file: mostly good, with the edges of their types among them.

use fastrand::Rng;

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
    pub fn cell(self, odd: bool, rng: &mut Rng) -> String {
        if rng.u64(..8) == 0 {
            return String::new();
        }
        let cell = if odd && rng.u64(..500) == 0 { self.odd(rng) } else { self.value(rng) };
        if cell.contains([',', '"', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
    }

    fn odd(self, rng: &mut Rng) -> String {
        match self {
            Values::Decimal => "1.5e1".into(),
            Values::Moment | Values::Zoned => "2024-02-29 23:59:59.9999995Z".into(),
            Values::Json => r#"{"a": 1.5E2, "b": "\ud83d\ude00"}"#.into(),
            _ => self.value(rng),
        }
    }

    fn value(self, rng: &mut Rng) -> String {
        match self {
            Values::Text => text(rng),
            Values::Long => long(rng),
            Values::Short => "äbc def".chars().take(rng.u64(..8) as usize).collect(),
            Values::Integer => integer(rng),
            Values::Decimal => decimal(rng),
            Values::Float => float(rng),
            Values::Boolean => mostly(&["true", "f", "yes", "0"], "perhaps", rng),
            Values::Date => date(rng),
            Values::Moment => format!("{} {}", date(rng), clock(rng)),
            Values::Zoned => {
                format!(
                    "{} {}{}",
                    date(rng),
                    clock(rng),
                    rng.choice(&["Z", "+00", "+02:00", "-0330", "+13"]).unwrap()
                )
            }
            Values::Unzoned => date(rng),
            Values::Uuid => format!("{:08x}-0000-4000-8000-{:012X}", rng.u64(..9), rng.u64(..1 << 40)),
            Values::Json => json(rng, 3),
            Values::Mood => mostly(&["glad", "sad"], "angry", rng),
            Values::Array => format!("{{{},\"b c\"}}", rng.u64(..5)),
            Values::Address => mostly(&["10.0.0.1", "::1", "10.0.0.0/8"], "10.0.0.256", rng),
        }
    }
}

/// One of the good, and once in a while what is no value of the type.
fn mostly(good: &[&str], bad: &str, rng: &mut Rng) -> String {
    if rng.u64(..3_000) == 0 { bad.into() } else { (*rng.choice(good).unwrap()).into() }
}

fn text(rng: &mut Rng) -> String {
    match rng.u64(..60) {
        0 => "a line,\nand \"another\"".into(),
        1 => "x".repeat(124 + rng.u64(..5) as usize),
        2 => "ä".repeat(1_000 + rng.u64(..2_000) as usize),
        // No two alike: not to be compressed.
        3 => (0..rng.u64(..400)).map(|_| format!("{:08x}", rng.u64(..1 << 32))).collect(),
        4 => "  spaces  ".into(),
        _ => format!("text {}", rng.u64(..50)),
    }
}

/// Some keys that are long and repeat at the end of their index, as they are or compressed to as much.
fn long(rng: &mut Rng) -> String {
    if rng.u64(..12) != 0 {
        return format!("key {}", rng.u64(..50));
    }
    let which = rng.u64(..6);
    let noise = |words: u64| -> String {
        (1..=words).map(|n| format!("{:08x}", (n * (which + 7)).wrapping_mul(2_654_435_761) as u32)).collect()
    };
    match which {
        0..3 => format!("z{which} {}", noise(230 + 30 * which)),
        _ => format!("z{which} {}", noise(60 + 20 * which).repeat(6)),
    }
}

fn integer(rng: &mut Rng) -> String {
    match rng.u64(..2_000) {
        0 => "-32768".into(),
        1 => "99999999999".into(),
        2 => "2147483647".into(),
        3 => "5.5".into(),
        4..20 => (*rng.choice(&["-5", "-6", "-4", "1000", "1001", "999"]).unwrap()).into(),
        20..40 => "007".into(),
        40..60 => "5.0".into(),
        _ => rng.u64(..900).to_string(),
    }
}

fn decimal(rng: &mut Rng) -> String {
    match rng.u64(..2_000) {
        0 => "12345678901.5".into(),
        1..40 => {
            (*rng.choice(&["-0.004", "-0.005", "-5.0049", "999.995", "1000.005", "1000.00", "-5"]).unwrap())
                .into()
        }
        40..60 => "0.00001".into(),
        60..80 => format!("{}.0000", rng.u64(..10)),
        _ => format!("{}.{:02}", rng.u64(..900), rng.u64(..100)),
    }
}

fn float(rng: &mut Rng) -> String {
    match rng.u64(..40) {
        0 => "1e-30".into(),
        1 => "3.4028234e38".into(),
        2 => "NaN".into(),
        3 => "-Infinity".into(),
        4 => "0.1000000000000000055".into(),
        5 => "-0".into(),
        _ => format!("{}.{}", rng.u64(..1_000), rng.u64(..1_000_000)),
    }
}

fn date(rng: &mut Rng) -> String {
    match rng.u64(..1_000) {
        0 => "2023-02-29".into(),
        1 => "0001-01-01".into(),
        2 => "9999-12-31".into(),
        3..40 => "2000-01-01".into(),
        _ => format!("{:04}-{:02}-{:02}", 1900 + rng.u64(..200), 1 + rng.u64(..12), 1 + rng.u64(..28)),
    }
}

fn clock(rng: &mut Rng) -> String {
    let clock = format!("{:02}:{:02}:{:02}", rng.u64(..24), rng.u64(..60), rng.u64(..60));
    match rng.u64(..3_000) {
        0..1_000 => format!("{clock}.{:06}", rng.u64(..1_000_000)),
        _ => clock,
    }
}

fn json(rng: &mut Rng, depth: u32) -> String {
    let members = if rng.u64(..30) == 0 { 40 } else { rng.u64(..4) };
    match rng.u64(..if depth == 0 { 6 } else { 9 }) {
        0 => "null".into(),
        1 => "true".into(),
        2 => "false".into(),
        3 => format!("{}.{}0", rng.u64(..100_000_000), rng.u64(..1_000)),
        4 => "-12.50".into(),
        5 => format!("\"s\\u00e4\\n {}\"", "\\\\y".repeat(rng.u64(..60) as usize)),
        6 => {
            let members: Vec<String> = (0..members).map(|_| json(rng, depth - 1)).collect();
            format!("[{}]", members.join(" , "))
        }
        _ => {
            let member = |rng: &mut Rng| {
                let key = *rng.choice(&["a", "b", "aa", "ä", "long key", "b", ""]).unwrap();
                format!("\"{key}{}\": {}", rng.u64(..5), json(rng, depth - 1))
            };
            let members: Vec<String> = (0..members).map(|_| member(rng)).collect();
            format!("{{{}}}", members.join(","))
        }
    }
}
