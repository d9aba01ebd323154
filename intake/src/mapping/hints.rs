//! Words in a name that say what a column may be about, whatever its values are: `Stock status`, `Month`.

use super::glossary::synonyms;
use super::name::key;
use crate::table::Column;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Words of dates and times, as [`key`] has them.
const OF_DATES: [&str; 46] = [
    "date",
    "dated",
    "day",
    "month",
    "year",
    "time",
    "timestamp",
    "when",
    "week",
    "quarter",
    "period",
    "created",
    "posted",
    "booked",
    "datum",
    "tag",
    "monat",
    "jahr",
    "zeit",
    "zeitpunkt",
    "woche",
    "quartal",
    "fecha",
    "dia",
    "mes",
    "ano",
    "hora",
    "periodo",
    "jour",
    "mois",
    "annee",
    "heure",
    "periode",
    "giorno",
    "mese",
    "anno",
    "ora",
    "dato",
    "dag",
    "maand",
    "jaar",
    "manad",
    "ar",
    "dzien",
    "miesiac",
    "rok",
];

/// A word counts for a column if at least one in so many names with the word mean that column.
const SHARE: usize = 3;

/// Long words are the same if they begin with so many letters alike: `available`, `availability`.
const STEM: usize = 6;
const LONG: usize = 8;

/// Shorter words say nothing.
const SHORTEST: usize = 4;

/// By stem: how often it is in a name for each column of a table.
static STEMS: LazyLock<HashMap<String, HashMap<&'static str, usize>>> = LazyLock::new(|| {
    let mut stems: HashMap<String, HashMap<&'static str, usize>> = HashMap::new();
    for term in synonyms().iter().flat_map(|glossary| &glossary.terms) {
        for stem in stems_of(term.name) {
            *stems.entry(stem).or_default().entry(term.target.as_str()).or_default() += 1;
        }
    }
    stems
});

/// Whether some word of a name speaks for a column of numbers, dates or marks.
pub(super) fn speaks_for(name: &str, target: &Column) -> bool {
    if target.kind.is_date() {
        return words(name).any(|word| OF_DATES.contains(&word.as_str()));
    }
    let target = key(&target.name);
    stems_of(name).any(|stem| {
        let counts = STEMS.get(&stem);
        let of = |counts: &HashMap<&str, usize>| counts.get(target.as_str()).copied().unwrap_or(0);
        counts.is_some_and(|counts| of(counts) * SHARE >= counts.values().sum())
    })
}

fn stems_of(name: &str) -> impl Iterator<Item = String> {
    let telling = words(name).filter(|word| word.chars().count() >= SHORTEST);
    telling.map(|word| if word.chars().count() < LONG { word } else { word.chars().take(STEM).collect() })
}

/// The words of a name: `createdAt` and `created_at` have two.
fn words(name: &str) -> impl Iterator<Item = String> {
    let mut spaced = String::with_capacity(name.len() + 4);
    let mut was_small = false;
    for c in name.chars() {
        if was_small && c.is_uppercase() {
            spaced.push(' ');
        }
        was_small = c.is_lowercase();
        spaced.push(if c.is_alphanumeric() { c } else { ' ' });
    }
    let words: Vec<String> = spaced.split(' ').map(key).filter(|word| !word.is_empty()).collect();
    words.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;

    #[test]
    fn words_speak_for_what_they_are_about() {
        let column = |name, kind| Column::new(name, kind);
        let day = column("occurred_on", Kind::Date);
        let quantity = column("quantity", Kind::Int4);
        let is_active = column("is_active", Kind::Bool);
        for name in ["Month", "createdAt", "Jour", "Day #", "week_no", "Año"] {
            assert!(speaks_for(name, &day), "{name}");
        }
        for name in ["Payee", "Update", "Daytona", "Transaction ID"] {
            assert!(!speaks_for(name, &day), "{name}");
        }
        for name in ["Availability", "Stock status", "In stock?", "Inventory policy", "Lagerbestand"] {
            assert!(speaks_for(name, &quantity), "{name}");
        }
        for name in ["Colour", "Supplier", "Description", "Barcode", "Command"] {
            assert!(!speaks_for(name, &quantity), "{name}");
        }
        assert!(speaks_for("Employment status", &is_active) && !speaks_for("Left on", &is_active));
        assert!(!speaks_for("anything", &column("own", Kind::Int4)));
    }
}
