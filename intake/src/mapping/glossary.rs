//! What names of columns mean: to vendors (`vendors.txt`), and in everyday use (`synonyms.txt`).

use super::name::{Name, key, written_out};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Of the names in a vendor's own file, in percent.
const VENDORS_CONFIDENCE: u8 = 95;

/// A name, and the column that it means.
pub(super) struct Term {
    /// The [`key`] of the table's column.
    pub(super) target: String,
    /// The place among the names for the target, the best being 0.
    pub(super) place: usize,
    /// The name as it is listed.
    pub(super) name: &'static str,
    form: Form,
}

/// What keys a name has.
enum Form {
    Whole(String),
    /// With the name of a location between them.
    Around(String, String),
}

impl Term {
    fn new(target: &str, place: usize, name: &'static str) -> Term {
        let form = match name.split_once("<L>") {
            Some((start, end)) => Form::Around(key(start), key(end)),
            None => Form::Whole(key(name)),
        };
        Term { target: key(target), place, name, form }
    }

    pub(super) fn is_per_location(&self) -> bool {
        matches!(self.form, Form::Around(..))
    }

    /// The key of the name, unless locations change it.
    pub(super) fn key(&self) -> Option<&str> {
        match &self.form {
            Form::Whole(key) => Some(key),
            Form::Around(..) => None,
        }
    }

    /// The location in the name of a column, as it is spelled there; None of a name that has none.
    pub(super) fn place_in(&self, name: &str) -> Option<String> {
        let Form::Around(start, end) = &self.form else { return None };
        let cuts = || name.char_indices().map(|(at, _)| at).chain([name.len()]);
        let from = cuts().find(|at| key(&name[..*at]) == *start)?;
        let to = cuts().rev().find(|at| key(&name[*at..]) == *end)?;
        // `Stockholm` is no stock.
        let middle = name.get(from..to)?;
        let is_parted =
            |text: Option<char>, side: &str| side.is_empty() || text.is_some_and(|c| !c.is_alphanumeric());
        let place = middle.trim_matches(|c: char| !c.is_alphanumeric());
        let are_parted =
            is_parted(middle.chars().next(), start) && is_parted(middle.chars().next_back(), end);
        (!place.is_empty() && are_parted && self.fits(&key(name))).then(|| place.to_owned())
    }

    pub(super) fn fits(&self, key: &str) -> bool {
        match &self.form {
            Form::Whole(whole) => whole == key,
            Form::Around(start, end) => {
                let location =
                    key.strip_prefix(start.as_str()).and_then(|rest| rest.strip_suffix(end.as_str()));
                location.is_some_and(|location| !location.is_empty())
            }
        }
    }
}

/// One section of a file.
pub(super) struct Glossary {
    title: &'static str,
    /// How sure it is that a name means what the section says, in percent.
    pub(super) confidence: u8,
    signature: Vec<Term>,
    /// What the rows of one product have in common, what only the first of them says, and what rows of images have.
    pub(super) product: Vec<Term>,
    pub(super) shared: Vec<Term>,
    pub(super) image: Vec<Term>,
    pub(super) terms: Vec<Term>,
    /// Where in `terms` those of a key are, and those that are per location.
    by_key: HashMap<String, Vec<usize>>,
    per_location: Vec<usize>,
}

impl Glossary {
    fn new(title: &'static str) -> Glossary {
        Glossary {
            title,
            confidence: VENDORS_CONFIDENCE,
            signature: Vec::new(),
            product: Vec::new(),
            shared: Vec::new(),
            image: Vec::new(),
            terms: Vec::new(),
            by_key: HashMap::new(),
            per_location: Vec::new(),
        }
    }

    /// `target: name | name`, where `confidence`, `signature` and what is said of products are no targets.
    fn add(&mut self, line: &'static str) {
        let Some((target, names)) = line.split_once(": ") else { return };
        let terms = match target {
            "confidence" => return self.confidence = names.parse().unwrap_or_default(),
            "signature" => &mut self.signature,
            "product" => &mut self.product,
            "shared" => &mut self.shared,
            "image" => &mut self.image,
            _ => &mut self.terms,
        };
        let wanted = key(target);
        let known = terms.iter().filter(|term| term.target == wanted).count();
        let names = names.split('|').map(str::trim).enumerate();
        terms.extend(names.map(|(place, name)| Term::new(target, known + place, name)));
    }

    /// The same, its terms to be found by their keys.
    fn indexed(mut self) -> Glossary {
        for (at, term) in self.terms.iter().enumerate() {
            match term.key() {
                Some(key) => {
                    let written = written_out(term.name);
                    for key in [Some(key.to_owned()), written].into_iter().flatten() {
                        self.by_key.entry(key).or_default().push(at);
                    }
                }
                None => self.per_location.push(at),
            }
        }
        self
    }

    /// Whether a key is that of a term, whatever it means.
    pub(super) fn knows(&self, key: &str) -> bool {
        self.by_key.contains_key(key)
    }

    /// The terms that a key fits, in their order.
    fn find(&self, key: &str) -> Vec<&Term> {
        let whole = self.by_key.get(key).into_iter().flatten();
        let around = self.per_location.iter().filter(|&&at| self.terms[at].fits(key));
        let mut found: Vec<usize> = whole.chain(around).copied().collect();
        found.sort_unstable();
        found.into_iter().map(|at| &self.terms[at]).collect()
    }

    /// What a name means, and whether it does only without its prefix and suffix.
    pub(super) fn look_up(&self, name: &Name) -> (Vec<&Term>, bool) {
        let whole = self.find(&name.key);
        match &name.bare {
            Some(bare) if whole.is_empty() => (self.find(bare), true),
            _ => (whole, false),
        }
    }

    /// Why a column goes to `target`.
    pub(super) fn reason(&self, target: &str) -> String {
        if self.signature.is_empty() {
            format!("{} {target}", self.title)
        } else {
            format!("{}'s name for {target}", self.title)
        }
    }
}

/// Reads sections headed `[title]`; a line that begins with `#` is a comment.
fn sections(text: &'static str) -> Vec<Glossary> {
    let mut glossaries = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(title) => glossaries.push(Glossary::new(title)),
            None => glossaries.last_mut().into_iter().for_each(|last: &mut Glossary| last.add(line)),
        }
    }
    glossaries.into_iter().map(Glossary::indexed).collect()
}

static VENDORS: LazyLock<Vec<Glossary>> = LazyLock::new(|| sections(include_str!("vendors.txt")));

static LOCATIONS: LazyLock<Vec<Glossary>> = LazyLock::new(|| sections(include_str!("locations.txt")));

static SYNONYMS: LazyLock<Vec<Glossary>> = LazyLock::new(|| sections(include_str!("synonyms.txt")));

/// The glossary of the vendor whose files have columns of these names.
pub(super) fn vendor(names: &[Name]) -> Option<&'static Glossary> {
    let is_there = |term: &Term| names.iter().any(|name| name.keys().any(|key| term.fits(key)));
    VENDORS.iter().find(|vendor| vendor.signature.iter().all(is_there))
}

/// The glossaries of all vendors.
pub(super) fn vendors() -> &'static [Glossary] {
    &VENDORS
}

/// How files name what they have of each location.
pub(super) fn locations() -> &'static Glossary {
    &LOCATIONS[0]
}

/// The glossaries of everyday words.
pub(super) fn synonyms() -> &'static [Glossary] {
    &SYNONYMS
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_line_of_the_lists_is_understood() {
        for (text, glossaries) in
            [(include_str!("vendors.txt"), &*VENDORS), (include_str!("synonyms.txt"), &*SYNONYMS)]
        {
            let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with(['#', '[']));
            let names: usize = lines.clone().map(|line| line.split('|').count()).sum();
            let confidences = lines.filter(|line| line.starts_with("confidence: ")).count();
            let lists =
                |it: &Glossary| [&it.terms, &it.signature, &it.product, &it.shared, &it.image].map(Vec::len);
            let read = glossaries.iter().flat_map(lists).sum::<usize>();
            assert_eq!(read + confidences, names);
            assert!(glossaries.iter().all(|it| (1..100).contains(&it.confidence)));
        }
        assert!(VENDORS.iter().all(|vendor| !vendor.signature.is_empty()));
        assert!(SYNONYMS.iter().all(|glossary| glossary.signature.is_empty()));
    }

    #[test]
    fn no_name_is_listed_twice_for_one_target() {
        for glossary in VENDORS.iter().chain(&*SYNONYMS) {
            let mut seen = HashSet::new();
            for term in &glossary.terms {
                assert!(seen.insert((&term.target, key(term.name))), "{}: {}", glossary.title, term.name);
            }
        }
    }
}
