//! Times of day.

use super::date::Fault;
use crate::digits::{is_digits, number_of_digits};
use jiff::civil::Time;
use std::fmt::Write;

/// A time of day as written.
pub(super) struct Clock<'t> {
    hour: i64,
    minute: i64,
    second: i64,
    /// Digits, or nothing.
    fraction: &'t str,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Half {
    Am,
    Pm,
}

/// AM or PM, and what follows.
pub(super) fn half_of_day(text: &str) -> (Option<Half>, &str) {
    const MARKS: [(&str, Half); 6] = [
        ("am", Half::Am),
        ("pm", Half::Pm),
        ("a.m.", Half::Am),
        ("p.m.", Half::Pm),
        ("a. m.", Half::Am),
        ("p. m.", Half::Pm),
    ];
    let begins = |mark: &str| text.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark));
    // What Germans say behind the hour.
    let text = text.strip_prefix("Uhr").unwrap_or(text);
    match MARKS.iter().find(|(mark, _)| begins(mark)) {
        Some((mark, half)) => (Some(*half), text[mark.len()..].trim_start()),
        None => (None, text),
    }
}

impl<'t> Clock<'t> {
    /// Takes `HH:MM`, `HH:MM:SS`, `HHMM`, `HHMMSS`, with a fraction behind the seconds.
    pub(super) fn parse(text: &'t str, half: Option<Half>) -> Result<Self, Fault> {
        let (whole, fraction) = match text.split_once(['.', ',']) {
            Some((_, fraction)) if fraction.is_empty() || !is_digits(fraction) => return Err(Fault::Form),
            Some((whole, fraction)) => (whole, fraction),
            None => (text, ""),
        };
        let (hour, minute, seconds) = fields(whole).ok_or(Fault::Form)?;
        if seconds.is_none() && !fraction.is_empty() {
            return Err(Fault::Form);
        }
        let part = |text, digits| number_of_digits(text, digits).ok_or(Fault::Form);
        let (hour, minute) = (part(hour, 1..=2)?, part(minute, 2..=2)?);
        let second = seconds.map_or(Ok(0), |seconds| part(seconds, 2..=2))?;
        let hour = match half {
            None => hour,
            Some(_) if !(1..=12).contains(&hour) => return Err(Fault::Range),
            Some(half) => hour % 12 + if half == Half::Pm { 12 } else { 0 },
        };
        let clock = Clock { hour, minute, second, fraction };
        let exists = Time::new(hour as i8, minute as i8, second as i8, 0).is_ok();
        if exists || clock.is_next_day() { Ok(clock) } else { Err(Fault::Range) }
    }

    /// `24:00`, the end of the day.
    pub(super) fn is_next_day(&self) -> bool {
        let Clock { hour, minute, second, fraction } = self;
        (*hour, *minute, *second) == (24, 0, 0) && fraction.bytes().all(|digit| digit == b'0')
    }

    pub(super) fn write(&self, out: &mut String) {
        let Clock { hour, minute, second, fraction } = self;
        // A string takes everything.
        let _ = write!(out, " {:02}:{minute:02}:{second:02}", hour % 24);
        if !fraction.is_empty() {
            out.push('.');
            out.push_str(fraction);
        }
    }
}

fn fields(text: &str) -> Option<(&str, &str, Option<&str>)> {
    let is_basic = matches!(text.len(), 4 | 6) && is_digits(text);
    if is_basic {
        return Some((&text[..2], &text[2..4], text.get(4..6)));
    }
    let (hour, rest) = text.split_once(':')?;
    Some(match rest.split_once(':') {
        Some((minute, second)) => (hour, minute, Some(second)),
        None => (hour, rest, None),
    })
}
