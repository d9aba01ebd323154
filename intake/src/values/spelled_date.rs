//! Dates with words in them: `Tuesday, 5th March 2024`, `07Mar2024`, `5 de marzo de 2024`, `den 5. marts 2024`.

use super::calendar::{Meaning, meaning};
use crate::digits::is_digits;

/// The parts of such a date, unread.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Spelled<'t> {
    pub(super) day: Day<'t>,
    /// A bit for each day of the week that the text may name, Monday first; none if it names none.
    pub(super) weekdays: u8,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Day<'t> {
    /// With the month's name as the first, second or third part: `[number, number]` are the others in their order.
    Named { month: u8, place: usize, numbers: [&'t str; 2] },
    /// Numbers alone, with the day of the week or other words beside them.
    Numbers(&'t str),
}

/// What follows the number of a day: English, French, Dutch, Spanish and Italian.
const ORDINALS: [&str; 11] = ["st", "nd", "rd", "th", "er", "ère", "re", "e", "o", "º", "ª"];

/// Whether a text has the form of a date with a name in it.
pub(crate) fn is_spelled(text: &str) -> bool {
    let numbers = || text.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).count();
    let has_words = || text.contains(|c| is_letter(c) || is_unit(c));
    if !(2..=3).contains(&numbers()) || !has_words() {
        return false;
    }
    let is_sure = |it: Spelled<'_>| match it.day {
        Day::Named { .. } => true,
        Day::Numbers(numbers) => it.weekdays != 0 || numbers.contains(is_unit),
    };
    parts(text).is_some_and(is_sure)
}

/// None if there is a word that has nothing to do with dates, or too much of anything.
pub(super) fn parts(text: &str) -> Option<Spelled<'_>> {
    let mut numbers: Vec<(usize, &str)> = Vec::new();
    let mut words: Vec<(usize, Meaning)> = Vec::new();
    let (mut rest, mut after_number) = (text, false);
    while let Some(first) = rest.chars().next() {
        let (token, behind) = rest.split_at(run(rest, first));
        let parts = numbers.len() + words.len();
        match first {
            '0'..='9' => numbers.push((parts, token)),
            _ if !is_letter(first) && !token.chars().all(is_separator) => return None,
            _ if !is_letter(first) || (after_number && is_ordinal(token)) => {}
            _ => match meaning(token)? {
                meaning if meaning.is_filler && meaning.month.is_none() && meaning.weekdays == 0 => {}
                meaning => words.push((parts, meaning)),
            },
        }
        after_number = first.is_ascii_digit();
        rest = behind;
    }
    dated(text, &numbers, &words)
}

/// The length of what stands together: digits, letters or anything else.
fn run(text: &str, first: char) -> usize {
    let class = |c: char| (c.is_ascii_digit(), is_letter(c));
    text.find(|c| class(c) != class(first)).unwrap_or(text.len())
}

/// Accents may be characters of their own.
fn is_letter(c: char) -> bool {
    (c.is_alphabetic() && !is_unit(c)) || matches!(c, '\u{300}'..='\u{36F}')
}

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | ',' | '.' | '-' | '/' | '\'') || is_unit(c)
}

/// Year, month and day in Chinese, Japanese and Korean, behind their numbers.
pub(super) fn is_unit(c: char) -> bool {
    matches!(c, '年' | '月' | '日' | '년' | '월' | '일')
}

fn is_ordinal(word: &str) -> bool {
    ORDINALS.iter().any(|known| known.eq_ignore_ascii_case(word))
}

fn dated<'t>(text: &'t str, numbers: &[(usize, &'t str)], words: &[(usize, Meaning)]) -> Option<Spelled<'t>> {
    let is_month = |(_, meaning): &&(usize, Meaning)| meaning.month.is_some();
    // A word that means both, such as `mar`, is the month if no other is.
    let sure = |(_, meaning): &&(usize, Meaning)| meaning.month.is_some() && meaning.weekdays == 0;
    let month = words.iter().find(sure).or_else(|| words.iter().rfind(is_month));
    let mut others = words.iter().filter(|word| Some(*word) != month);
    let weekday = others.next();
    let weekdays = weekday.map_or(0, |(_, meaning)| meaning.weekdays);
    if others.next().is_some() || (weekday.is_some() && weekdays == 0) {
        return None;
    }
    let Some((place, Meaning { month: Some(month), .. })) = month else {
        let start = text.find(|c: char| c.is_ascii_digit())?;
        let end = text.rfind(|c: char| c.is_ascii_digit())? + 1;
        let numbers = &text[start..end];
        // Where years, months and days have units, the year comes first.
        let year_first = numbers.get(..4).is_some_and(is_digits);
        let together = !numbers.contains(is_letter) && (year_first || !numbers.contains(is_unit));
        return together.then_some(Spelled { day: Day::Numbers(numbers), weekdays });
    };
    let [(_, first), (_, second)] = *numbers else { return None };
    // The day of the week stands before or behind the date.
    let before = weekday.is_some_and(|(place, _)| *place == 0);
    let outside = before || weekday.is_none_or(|(place, _)| *place == 3);
    let place = place.checked_sub(usize::from(before))?;
    outside
        .then_some(Spelled { day: Day::Named { month: *month, place, numbers: [first, second] }, weekdays })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_of_the_week_is_told_from_the_month() {
        for (text, month, place, weekdays) in [
            ("Tuesday, 5 March 2024", 3, 1, 0b10),
            ("5 March 2024, Tue.", 3, 1, 0b10),
            ("mar. 5 mar. 2024", 3, 1, 0b10),
            ("Mar 8, 2024", 3, 0, 0),
            ("2024 8 Mar", 3, 2, 0),
            ("di 5.3", 0, 0, 0),
            ("den 5.3", 0, 0, 0),
        ] {
            match parts(text) {
                Some(Spelled { day: Day::Named { month: found, place: at, .. }, weekdays: days }) => {
                    assert_eq!((found, at, days), (month, place, weekdays), "{text}");
                }
                Some(Spelled { day: Day::Numbers(numbers), .. }) => assert_eq!(numbers, "5.3", "{text}"),
                None => panic!("{text}"),
            }
        }
    }

    #[test]
    fn other_words_make_it_no_date() {
        for text in [
            "5 apples 2024",
            "March March 2024",
            "Tue Wed 5 March 2024",
            "5 March (2024)",
            "Tue",
            "5 Tue March 2024",
        ] {
            assert_eq!(parts(text), None, "{text}");
        }
    }
}
