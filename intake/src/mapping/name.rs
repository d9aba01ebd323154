//! The parts of the name of a column: prefix, name and suffix.

use crate::error_file::REASON_COLUMN;
use crate::header::numbered_column;
use crate::values::is_currency;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What the spellings of a name share: `Unit Price`, `*unit-price` and `UNIT_PRICE` are one, so are `Qté` and `qte`. Of
/// punctuation only `#` is kept, as the `No` that it stands for. Empty when there is neither a letter nor a digit.
pub(super) fn key(name: &str) -> String {
    if name.is_ascii() {
        return ascii_key(name);
    }
    let plain = name.replace('#', " No ");
    plain
        .nfkd()
        .filter(|c| c.is_alphanumeric() && !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The same for ASCII, which needs no normalization: every import asks for all names of the table and of the file.
fn ascii_key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '#' => key += "no",
            c if c.is_ascii_alphanumeric() => key.push(c.to_ascii_lowercase()),
            _ => {}
        }
    }
    key
}

/// The key of a name whose umlauts and the like are written out: `Stückzahl` is `stueckzahl`, too. None without any.
pub(super) fn written_out(name: &str) -> Option<String> {
    if name.is_ascii() {
        return None;
    }
    let name: String = name.nfc().flat_map(char::to_lowercase).collect();
    let mut written = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            'ä' | 'æ' => written += "ae",
            'ö' | 'ø' | 'œ' => written += "oe",
            'ü' => written += "ue",
            'ß' => written += "ss",
            'å' => written += "aa",
            _ => written.push(c),
        }
    }
    (written != name).then(|| key(&written))
}

/// Identifies a header: a hash of its names in their order, however they are spelled. None for a file without a header,
/// as numbered columns say nothing about the next such file.
///
/// ```
/// use intake::header_signature;
///
/// let names = |names: [&str; 2]| names.map(str::to_owned);
/// assert_eq!(header_signature(&names(["Unit Price", "SKU"])), header_signature(&names(["unit_price", "sku"])));
/// assert_eq!(header_signature(&names(["column_1", "column_2"])), None);
/// ```
pub fn header_signature(header: &[String]) -> Option<String> {
    if header.iter().enumerate().all(|(index, name)| *name == numbered_column(index)) {
        return None;
    }
    let mut hash = Sha256::new();
    // An error file has the signature of the file that it came from.
    for name in header.iter().filter(|name| *name != REASON_COLUMN) {
        let key = key(name);
        hash.update(if key.is_empty() { name.trim() } else { key.as_str() });
        hash.update([0]);
    }
    Some(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What a name says about the values beneath it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Plain,
    /// What shall be from now on: `On hand (new)`, `New Quantity`.
    New,
    /// What is now: `On hand (current)`, `Current Quantity`.
    Current,
    /// For reading only: `Available (not editable)`.
    Fixed,
}

/// A name, and what is left of it without what stands around it.
pub(crate) struct Name {
    pub(crate) key: String,
    /// The key without prefixes and suffixes: `Variant `, `C:`, `(USD)`, `(new)`. None if there are none.
    pub(super) bare: Option<String>,
    /// The key with umlauts written out, if there are any.
    pub(super) written_out: Option<String>,
    pub(super) role: Role,
    /// A currency was taken off, so that the values are amounts of money: `Stock EUR` is worth something, and no stock.
    pub(super) is_money: bool,
    /// Something was taken off behind it, or a currency: of `Price (retail)` and `Price EUR`, other columns may have other ones.
    pub(super) is_qualified: bool,
}

impl Name {
    pub(crate) fn of(header: &str) -> Name {
        let (prefix, rest) = split_prefix(header.trim());
        let (rest, suffix) = split_suffix(rest);
        let (rest, currency) = split_currency(rest);
        let is_money = currency.is_some() || is_currency(suffix);
        let role = match (prefix, suffix.to_lowercase().as_str()) {
            (_, "not editable") => Role::Fixed,
            ("new", _) | (_, "new") => Role::New,
            ("current", _) | (_, "current") => Role::Current,
            _ => Role::Plain,
        };
        let is_qualified = is_money || (!suffix.is_empty() && role == Role::Plain);
        let (whole, bare) = (key(header), key(rest));
        let bare = Some(bare).filter(|bare| !bare.is_empty() && *bare != whole);
        Name { bare, written_out: written_out(header), key: whole, role, is_money, is_qualified }
    }

    /// The names of a header. What most of them begin with is no part of them: `HB.name` and `HB.quantity`, or
    /// `item_name` and `item_quantity` if all do.
    pub(super) fn all(header: &[String]) -> Vec<Name> {
        let shared = shared_prefix(header);
        let named = |name: &String| {
            let rest = shared.and_then(|it| name.trim().strip_prefix(it));
            match rest.filter(|rest| !key(rest).is_empty()) {
                Some(rest) => {
                    let rest = Name::of(rest);
                    Name { key: key(name), bare: Some(rest.bare.unwrap_or(rest.key)), ..rest }
                }
                None => Name::of(name),
            }
        };
        header.iter().map(named).collect()
    }

    /// The whole name, then what is left of it.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.whole_keys().chain(self.bare.as_deref())
    }

    /// The whole name, also with umlauts written out.
    pub(super) fn whole_keys(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.key.as_str()).chain(self.written_out.as_deref())
    }
}

/// A word with a sign behind it that more than half of the names begin with or, where words of a name are parted so, all.
fn shared_prefix(header: &[String]) -> Option<&str> {
    const ALONE: usize = 2;
    let prefix = |sign: char| {
        let prefix = |name: &'_ String| name.trim().find(sign).map(|at| at + sign.len_utf8());
        let (first, end) = header.iter().find_map(|name| Some((name.trim(), prefix(name)?)))?;
        let (shared, word) = (&first[..end], &first[..end - sign.len_utf8()]);
        let sharing = header.iter().filter(|name| name.trim().starts_with(shared)).count();
        let is_enough = match sign {
            '.' | ':' | '/' => sharing >= ALONE && sharing * 2 > header.len(),
            _ => sharing > ALONE && sharing == header.len(),
        };
        (is_enough && !word.is_empty() && word.chars().all(char::is_alphanumeric)).then_some(shared)
    };
    ['.', ':', '/', '_', '-', ' '].into_iter().find_map(prefix)
}

/// Words that say something about a column and are no part of its name.
fn split_prefix(name: &str) -> (&'static str, &str) {
    const PREFIXES: [&str; 5] = ["variant", "new", "current", "c:", "p:"];
    for prefix in PREFIXES {
        let Some((start, rest)) = name.split_at_checked(prefix.len()) else { continue };
        let ends = prefix.ends_with(':') || rest.starts_with([' ', '_', '-']);
        if ends && start.eq_ignore_ascii_case(prefix) {
            return (prefix, rest);
        }
    }
    ("", name)
}

/// `Price (USD)` → `Price`, `USD`; `Price [USD]` likewise.
fn split_suffix(name: &str) -> (&str, &str) {
    let split = |(open, close)| name.trim_end().strip_suffix(close)?.rsplit_once(open);
    let split = [('(', ')'), ('[', ']')].into_iter().find_map(split);
    split.map_or((name, ""), |(rest, suffix): (&str, &str)| (rest, suffix.trim()))
}

/// `Amount CZK`, `€ Price`, `Betrag in EUR` and `price_usd` → the name without its currency, and that.
fn split_currency(name: &str) -> (&str, Option<&str>) {
    let is_between = |c: char| c.is_whitespace() || matches!(c, '_' | '-' | '/' | ',' | ':' | '[' | ']');
    let name = name.trim_matches(is_between);
    let last = name.rfind(is_between).map(|at| name.split_at(at));
    if let Some((rest, word)) = last.map(|(rest, word)| (rest, word.trim_start_matches(is_between)))
        && is_currency(word)
    {
        let rest = rest.trim_end_matches(is_between);
        let connected = ["in", "en", "em", "i", "w", "v"].into_iter().find_map(|word| {
            let (rest, end) = rest.split_at_checked(rest.len().checked_sub(word.len())?)?;
            (end.eq_ignore_ascii_case(word) && rest.ends_with(is_between)).then_some(rest)
        });
        return (connected.unwrap_or(rest), Some(word));
    }
    // In front, a code in other letters is a word more often: `afn-quantity`.
    let is_prefix = |word: &str| {
        is_currency(word) && !(word.len() == 3 && word.contains(|c: char| c.is_ascii_lowercase()))
    };
    let first = name.find(is_between).map(|at| name.split_at(at));
    match first.filter(|(word, _)| is_prefix(word)) {
        Some((word, rest)) => (rest, Some(word)),
        None => (name, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(header: &str) -> Vec<String> {
        Name::of(header).keys().map(str::to_owned).collect()
    }

    #[test]
    fn spellings_of_a_name_are_one() {
        for spelling in
            ["unit_price", "Unit Price", "UNIT-PRICE", " unitPrice ", "\u{FEFF}*Unit price:", "Ｕnit Pricé"]
        {
            assert_eq!(key(spelling), "unitprice");
        }
        assert_eq!(
            (key("Item #"), key("Item N°"), key("%")),
            (key("item no"), "itemn".into(), String::new())
        );
    }

    #[test]
    fn what_stands_around_a_name_is_taken_off() {
        assert_eq!(keys("Variant Inventory Qty"), ["variantinventoryqty", "inventoryqty"]);
        assert_eq!(keys("P:UPC"), ["pupc", "upc"]);
        assert_eq!(keys("Price (USD) "), ["priceusd", "price"]);
        assert_eq!(keys("Newspaper"), ["newspaper"]);
        assert_eq!(keys("(new)"), ["new"]);
        assert_eq!(keys("Variants"), ["variants"]);
    }

    #[test]
    fn a_currency_is_no_part_of_a_name() {
        for header in [
            "Amount CZK",
            "amount_usd",
            "Amount in €",
            "EUR Amount",
            "Amount, zł",
            "Amount [GBP]",
            "Amount/kr.",
            "Amount Kč",
        ] {
            let name = Name::of(header);
            assert_eq!((name.bare.as_deref(), name.is_money), (Some("amount"), true), "{header}");
        }
        for header in
            ["Amount", "Tray", "Top", "Amount all", "Try it", "EUR", "Lei", "Part No.", "afn-quantity"]
        {
            assert!(!Name::of(header).is_money, "{header}");
        }
    }

    #[test]
    fn hints_are_kept() {
        for (header, role) in [
            ("On hand (new)", Role::New),
            ("New Quantity Main St", Role::New),
            ("On hand (current)", Role::Current),
            ("current_stock", Role::Current),
            ("Available (not editable)", Role::Fixed),
            ("Weight (kg)", Role::Plain),
            ("Currently employed", Role::Plain),
        ] {
            assert_eq!(Name::of(header).role, role, "{header}");
        }
    }

    #[test]
    fn a_signature_is_that_of_the_names_in_their_order() {
        let signature =
            |names: &[&str]| header_signature(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
        assert_eq!(signature(&["Item Code", "Qty"]), signature(&["item_code", "QTY"]));
        assert_ne!(signature(&["Qty", "Item Code"]), signature(&["Item Code", "Qty"]));
        assert_ne!(signature(&["ab", "c"]), signature(&["a", "bc"]));
        assert_ne!(signature(&["%"]), signature(&["$"]));
        assert_eq!(signature(&["column_1", "column_2"]), None);
        assert!(signature(&["column_2", "column_1"]).is_some_and(|hash| hash.len() == 64));
    }
}
