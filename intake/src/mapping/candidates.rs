//! Candidates: which column of the file may fill which column of the table, and why.

use super::glossary::{Glossary, Term, synonyms, vendor};
use super::name::{Name, Role, key, written_out};
use super::samples::{Fill, Samples};
use crate::kind::Kind;
use crate::table::Table;
use std::cmp::Reverse;
use strsim::normalized_damerau_levenshtein;

/// How sure a destination must be to be taken without asking, in percent.
pub(super) const SURE: u8 = 80;

// In percent; the glossaries have theirs.
const SAME_NAME: u8 = 99;
const SAME_KEY: u8 = 97;
const SAME_BARE_NAME: u8 = 92;
const MAX_FOR_SIMILARITY: f64 = 79.0;
const ONE_OF_SEVERAL: u8 = 50;
const LOCATIONS_NAMED: usize = 3;
const NOT_NEWEST: u8 = 50;
const SOME_NEW_VALUES: u8 = 60;

/// How much less sure a meaning is when something had to be taken off the name.
const BARE_NAME_PENALTY: u8 = 3;

/// Names of which less is similar are different names.
const MIN_SIMILARITY: f64 = 0.85;

/// A file before its rows are read.
pub(super) struct File<'a> {
    pub(super) header: &'a [String],
    pub(super) names: Vec<Name>,
    pub(super) samples: Samples<'a>,
}

impl<'a> File<'a> {
    pub(super) fn new(header: &'a [String], rows: &'a [Vec<String>]) -> Self {
        File { header, names: Name::all(header), samples: Samples(rows) }
    }
}

/// A column of the file that may fill a column of the table.
pub(super) struct Candidate {
    /// Index in the file's columns.
    pub(super) from: usize,
    /// Index in the table's columns.
    pub(super) to: usize,
    /// In percent.
    pub(super) confidence: u8,
    pub(super) reason: String,
    /// Whether most values are of the type of the table's column.
    fits: bool,
    role: Role,
    fill: Fill,
    place: usize,
}

/// All candidates, and what only seemed to be one.
pub(super) struct Candidates<'a> {
    pub(super) file: &'a File<'a>,
    table: &'a Table,
    /// Keys of the table's columns.
    pub(super) keys: Vec<String>,
    /// The best first.
    pub(super) ranked: Vec<Candidate>,
    /// By column of the file: why a meaning of its name does not count.
    pub(super) rejections: Vec<Option<String>>,
    /// Columns of the file that differ only by what stands behind their names, each with the column of the table that it means.
    pub(super) rivals: Vec<(usize, usize)>,
}

impl<'a> Candidates<'a> {
    /// Looks for names and their meanings. The best candidates come first.
    pub(super) fn gather(file: &'a File<'a>, table: &'a Table) -> Self {
        let keys = table.names().map(key).collect();
        let rejections = vec![None; file.header.len()];
        let mut candidates =
            Candidates { file, table, keys, ranked: Vec::new(), rejections, rivals: Vec::new() };
        let vendor = vendor(&file.names);
        for (from, name) in file.names.iter().enumerate() {
            let (terms, is_bare) = vendor.map_or((Vec::new(), false), |vendor| vendor.look_up(name));
            candidates.compare_names(from, &terms);
            match vendor {
                // A vendor means what it says, whatever others mean by it.
                Some(vendor) if !terms.is_empty() => candidates.add_meanings(from, vendor, &terms, is_bare),
                _ => synonyms().iter().for_each(|glossary| {
                    let (terms, is_bare) = glossary.look_up(name);
                    candidates.add_meanings(from, glossary, &terms, is_bare);
                }),
            }
        }
        candidates.prefer_new_values();
        candidates.leave_rivals_to_people();
        candidates.rank_from(0)
    }

    /// Looks for names that are spelled nearly like those of the table or like everyday words for them, for columns
    /// without a candidate. They come last.
    pub(super) fn with_similar_names(mut self) -> Self {
        let others = self.ranked.len();
        let mut has_meaning: Vec<bool> = self.rejections.iter().map(Option::is_some).collect();
        self.ranked.iter().for_each(|candidate| has_meaning[candidate.from] = true);
        for from in (0..has_meaning.len()).filter(|&from| !has_meaning[from]) {
            self.find_similar(from);
        }
        self.rank_from(others)
    }

    fn compare_names(&mut self, from: usize, terms: &[&Term]) {
        let (header, name) = (&self.file.header[from], &self.file.names[from]);
        for to in 0..self.keys.len() {
            let (key, column) = (&self.keys[to], &self.table.columns[to]);
            if !terms.is_empty() && terms.iter().all(|term| term.target != *key) {
                continue;
            }
            // Of a sign, as in `Stock €`, the name has no letters.
            let has_room = self.has_room_for_currency(from, to);
            // A name that is the table's own counts whatever the values are: what does not fit is refused, with the
            // reason.
            if *header == column.name {
                self.add(from, to, SAME_NAME, "same name".to_owned(), 0, Role::Plain);
            } else if (has_room || name.bare.is_some()) && !key.is_empty() && self.is_spelled_as(name, to) {
                self.add(from, to, SAME_KEY, "same name, spelled differently".to_owned(), 0, Role::Plain);
            } else if has_room && name.bare.as_ref() == Some(key) {
                self.add(from, to, SAME_BARE_NAME, format!("another form of {}", column.name), 0, name.role);
            }
        }
    }

    /// Whether a name is that of a column but for case, punctuation, accents, and umlauts that one of them writes out.
    fn is_spelled_as(&self, name: &Name, to: usize) -> bool {
        let written = || written_out(&self.table.columns[to].name);
        name.whole_keys().any(|key| *key == self.keys[to])
            || written().is_some_and(|written| name.whole_keys().any(|key| key == written))
    }

    /// Whether a column takes money, if that is what a name says. The table's own name says more.
    fn has_room_for_currency(&self, from: usize, to: usize) -> bool {
        let is_fraction =
            |kind: &Kind| kind.is_number() && !matches!(kind, Kind::Int2 | Kind::Int4 | Kind::Int8);
        !self.file.names[from].is_money || is_fraction(&self.table.columns[to].kind)
    }

    fn add_meanings(&mut self, from: usize, glossary: &Glossary, terms: &[&Term], is_bare: bool) {
        for term in terms {
            let Some(to) = self.keys.iter().position(|key| *key == term.target) else { continue };
            if !self.has_room_for_currency(from, to) {
                continue;
            }
            let reason = glossary.reason(&self.table.columns[to].name);
            let (confidence, reason) = match self.other_locations(from, term) {
                Some(others) => {
                    (ONE_OF_SEVERAL, format!("{reason} at one of several locations; also {others}"))
                }
                None => (glossary.confidence - if is_bare { BARE_NAME_PENALTY } else { 0 }, reason),
            };
            self.add(from, to, confidence, reason, term.place, self.file.names[from].role);
        }
    }

    /// The columns that have the same of other locations, the first of them by name.
    fn other_locations(&self, from: usize, term: &Term) -> Option<String> {
        if !term.is_per_location() {
            return None;
        }
        let names = self.file.names.iter().zip(self.file.header).enumerate();
        let of_others = names.filter(|(index, (name, _))| *index != from && term.fits(&name.key));
        let mut others: Vec<String> =
            of_others.take(LOCATIONS_NAMED + 1).map(|(_, (_, header))| format!("\"{header}\"")).collect();
        if others.len() > LOCATIONS_NAMED {
            others[LOCATIONS_NAMED] = "…".to_owned();
        }
        (!others.is_empty()).then(|| others.join(", "))
    }

    /// Whether a column of the file that may be taken surely means a column of the table.
    pub(super) fn has_sure(&self, to: usize, may_be_taken: impl Fn(usize) -> bool) -> bool {
        self.ranked.iter().any(|it| it.to == to && it.confidence >= SURE && may_be_taken(it.from))
    }

    fn find_similar(&mut self, from: usize) {
        let name = &self.file.names[from].key;
        let words = synonyms().iter().flat_map(|glossary| &glossary.terms);
        let words = words.filter_map(|term| Some((term.target.as_str(), term.key()?, term.name)));
        let names =
            self.keys.iter().zip(self.table.names()).map(|(key, name)| (key.as_str(), key.as_str(), name));
        let similar = names.chain(words).filter_map(|(target, word, spelled)| {
            let to = self.keys.iter().position(|key| key == target)?;
            let similarity = similarity(name, word);
            (similarity >= MIN_SIMILARITY).then_some((similarity, to, spelled))
        });
        let Some((similarity, to, spelled)) = similar.max_by(|a, b| a.0.total_cmp(&b.0)) else { return };
        let reason = format!("spelled nearly like \"{spelled}\"");
        self.add(from, to, (similarity * MAX_FOR_SIMILARITY) as u8, reason, 0, Role::Plain);
    }

    /// Adds a candidate. A name that is sure keeps its meaning if most values are not of the column's type: each of them is
    /// then refused with its reason. A name that is not sure means something else then.
    fn add(&mut self, from: usize, to: usize, confidence: u8, mut reason: String, place: usize, role: Role) {
        let column = &self.table.columns[to];
        let fits = self.file.samples.match_type_of(from, column);
        let is_own_name = matches!(confidence, SAME_NAME | SAME_KEY);
        if !fits && confidence < SURE {
            let rejection = format!("{reason}, but the values are not of type {}", column.kind);
            self.rejections[from].get_or_insert(rejection);
            return;
        }
        if !fits && !is_own_name {
            reason += &format!(", though most values are not of type {}", column.kind);
        }
        let fill = self.file.samples.fill(from);
        self.ranked.push(Candidate { from, to, confidence, reason, fits, role, fill, place });
    }

    /// If a file has a new and a current value, the new one counts, provided that every row has one. A missing new
    /// value means no change to people, but an import would empty the column. Then people must decide.
    fn prefer_new_values(&mut self) {
        let of_role = |it: &Candidate, role, to| it.role == role && it.to == to;
        for to in 0..self.keys.len() {
            if !self.ranked.iter().any(|it| of_role(it, Role::Current, to)) {
                continue;
            }
            let is_empty = |it: &Candidate| of_role(it, Role::New, to) && it.fill == Fill::None;
            for empty in self.ranked.extract_if(.., |it| is_empty(it)) {
                self.rejections[empty.from] = Some(format!("{}, but it is empty", empty.reason));
            }
            if self.ranked.iter().any(|it| of_role(it, Role::New, to)) {
                self.ranked.iter_mut().filter(|it| it.to == to).for_each(Candidate::yield_to_new_values);
            }
        }
    }

    /// If several columns have the same name but for what stands behind it, as `Price (USD)` and `Price (EUR)` have, none is taken by
    /// itself. A currency counts for more than other words: `Amount (EUR)` beside `Amount (foreign currency)`.
    fn leave_rivals_to_people(&mut self) {
        let is_rival = |it: &Candidate| {
            let name = &self.file.names[it.from];
            name.is_qualified && it.role == Role::Plain && it.fill != Fill::None && it.confidence < SAME_KEY
        };
        let rivals: Vec<(usize, usize, u8)> =
            self.ranked.iter().filter(|it| is_rival(it)).map(|it| (it.from, it.to, it.confidence)).collect();
        let is_money = |from: usize| self.file.names[from].is_money;
        for it in &mut self.ranked {
            let mut others = rivals.iter().filter(|(from, to, confidence)| {
                (*to, *confidence) == (it.to, it.confidence)
                    && *from != it.from
                    && (is_money(*from) || !is_money(it.from))
            });
            if rivals.contains(&(it.from, it.to, it.confidence))
                && let Some((other, ..)) = others.next()
            {
                it.confidence = ONE_OF_SEVERAL;
                it.reason += &format!(", and so is \"{}\"", self.file.header[*other]);
                self.rivals.push((it.from, it.to));
            }
        }
    }

    fn rank_from(mut self, first: usize) -> Self {
        self.ranked[first..].sort_by_key(|it| {
            // A read-only column counts only if there is no other. A sure name with strange values gives way to a sure name
            // with values of the type, and to nothing else.
            let (is_unsure, is_strange) = (it.confidence < SURE, !it.fits && it.confidence < SAME_KEY);
            (
                it.role == Role::Fixed,
                is_unsure,
                is_strange,
                Reverse(it.confidence),
                it.fill == Fill::None,
                it.place,
                it.from,
            )
        });
        self
    }
}

impl Candidate {
    fn yield_to_new_values(&mut self) {
        match (self.role, self.fill) {
            (Role::New, Fill::All) => self.reason += "; it comes before the current value",
            (Role::New, _) => {
                self.confidence = self.confidence.min(SOME_NEW_VALUES);
                self.reason += "; it is empty in some rows, which would empty the column there";
            }
            (Role::Current, _) => {
                self.confidence = self.confidence.min(NOT_NEWEST);
                self.reason += "; the file has new values, too";
            }
            (Role::Plain | Role::Fixed, _) => {}
        }
    }
}

/// From 0 to 1. It is 0 without a comparison if the lengths differ too much.
fn similarity(one: &str, other: &str) -> f64 {
    let (short, long) = (one.len().min(other.len()) as f64, one.len().max(other.len()) as f64);
    if short < long * MIN_SIMILARITY { 0.0 } else { normalized_damerau_levenshtein(one, other) }
}
