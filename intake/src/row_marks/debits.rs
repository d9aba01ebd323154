//! Codes that say which way an amount goes, in a column beside it: `S` and `H`, `D` and `C`, `Af` and `Bij`.

use crate::mapping::Name;

/// The codes of a column for what goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Debits(Vec<&'static str>);

/// A code for what goes out, and one for what comes in.
type Pair = (&'static str, &'static str);

/// Letters and signs, which may mean anything: a column has both of them and nothing else, or a name that tells.
const LETTERS: [Pair; 9] = [
    ("s", "h"),
    ("d", "c"),
    ("d", "h"),
    ("d", "k"),
    ("d", "a"),
    ("o", "i"),
    ("-", "+"),
    ("dr", "cr"),
    ("db", "cr"),
];

/// The words of bookkeepers and banks.
const IN_BOOKS: [Pair; 12] = [
    ("soll", "haben"),
    ("debit", "credit"),
    ("debet", "credit"),
    ("debet", "kredit"),
    ("debe", "haber"),
    ("dare", "avere"),
    ("debito", "credito"),
    ("dbit", "crdt"),
    ("af", "bij"),
    ("cargo", "abono"),
    ("belastung", "gutschrift"),
    ("winien", "ma"),
];

/// The words of others, which a column of the table may have for its own use.
const ELSEWHERE: [Pair; 10] = [
    ("out", "in"),
    ("outgoing", "incoming"),
    ("moneyout", "moneyin"),
    ("paidout", "paidin"),
    ("withdrawal", "deposit"),
    ("expense", "income"),
    ("ausgabe", "einnahme"),
    ("ausgang", "eingang"),
    ("depense", "recette"),
    ("gasto", "ingreso"),
];

/// Names of columns of such codes, as [`Name::keys`] has them.
const NAMES: [&str; 26] = [
    "sollhaben",
    "habensoll",
    "sh",
    "sollhabenkennzeichen",
    "sollhabenkz",
    "shkennzeichen",
    "shkz",
    "dc",
    "cd",
    "drcr",
    "crdr",
    "debitcredit",
    "creditdebit",
    "debitcreditindicator",
    "creditdebitindicator",
    "cdtdbtind",
    "dcindicator",
    "cdindicator",
    "cdflag",
    "debehaber",
    "dareavere",
    "afbij",
    "bijaf",
    "sens",
    "vorzeichen",
    "sign",
];

impl Debits {
    /// The codes of a column, going by its name and its first cells; None if it is no column of codes.
    pub(super) fn of<'c>(name: &str, cells: impl Iterator<Item = &'c str> + Clone) -> Option<Self> {
        Debits::among(&[&IN_BOOKS, &ELSEWHERE], name, cells)
    }

    /// The same of a column that the table takes for its own use: what others than bookkeepers say is not meant.
    pub(super) fn in_books<'c>(name: &str, cells: impl Iterator<Item = &'c str> + Clone) -> Option<Self> {
        Debits::among(&[&IN_BOOKS], name, cells)
    }

    fn among<'c>(words: &[&[Pair]], name: &str, cells: impl Iterator<Item = &'c str>) -> Option<Self> {
        let mut codes: Vec<String> = cells.map(code).filter(|code| !code.is_empty()).collect();
        codes.sort_unstable();
        codes.dedup();
        if codes.is_empty() || codes.len() > 2 {
            return None;
        }
        let of_pair = |(out, within): &Pair| codes.iter().all(|code| code == out || code == within);
        let is_named = || Name::of(name).keys().any(|key| NAMES.contains(&key));
        let is_letter = |pair: &Pair| of_pair(pair) && (codes.len() == 2 || is_named());
        let words = words.concat().into_iter().filter(of_pair);
        let pairs: Vec<Pair> = words.chain(LETTERS.into_iter().filter(is_letter)).collect();
        let debits: Vec<&str> = pairs.into_iter().map(|(out, _)| out).collect();
        (!debits.is_empty()).then_some(Debits(debits))
    }

    /// Whether a cell is the code for what goes out.
    pub(super) fn has(&self, cell: &str) -> bool {
        self.0.contains(&code(cell).as_str())
    }
}

/// A code as they are compared: `Dr.` is `dr`.
fn code(cell: &str) -> String {
    match cell.trim() {
        sign @ ("+" | "-") => sign.to_owned(),
        "\u{2212}" | "\u{2013}" => "-".to_owned(),
        word => Name::of(word).key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn debit(name: &str, cells: &[&str]) -> Option<bool> {
        let debits = Debits::of(name, cells.iter().copied())?;
        Some(debits.has(cells[0]) && !debits.has(cells.last()?))
    }

    #[test]
    fn codes_are_known_by_both_or_by_their_name() {
        for (name, cells) in [
            ("Soll/Haben", &["S", "H"][..]),
            ("S/H", &["S", "H", "", "S", "H"]),
            ("Kind", &["D", "C"]),
            ("Dr/Cr", &["Dr.", "CR"]),
            ("Af Bij", &["Af", "Bij"]),
            ("CdtDbtInd", &["DBIT", "CRDT"]),
            ("+/-", &["-", "+"]),
            ("Sens", &["Débit", "Crédit"]),
            ("Type", &["debit", "credit"]),
        ] {
            assert_eq!(debit(name, cells), Some(true), "{name}");
        }
        let lone =
            |name, cell: &'static str| Debits::of(name, [cell].into_iter()).is_some_and(|it| it.has(cell));
        assert!(lone("D/C", "D") && lone("Anything", "DBIT"));
        assert!(!lone("Size", "S") && !lone("D/C", "C"));
        for cells in [&["S", "M", "L"][..], &["debit", "transfer"], &[""], &["A", "B"]] {
            assert_eq!(debit("Type", cells), None, "{cells:?}");
        }
    }
}
