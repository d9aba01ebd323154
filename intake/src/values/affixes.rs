//! What stands around the digits of a number.

use super::money::{self, Money};
use crate::currency::Currency;

/// What stands around the digits of a number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Affixes {
    pub(crate) percent: bool,
    /// The separator of its thousands.
    pub(crate) group: Option<char>,
    /// `12.-`: a dash in place of the cents.
    pub(super) dash_for_cents: bool,
    /// `99¢`: a hundredth of a currency.
    pub(super) cents: bool,
    pub(super) negative: bool,
    signed: bool,
    /// The sign was a dash.
    dashed: bool,
    currency: Option<Money>,
    currencies: u8,
}

impl Affixes {
    /// Strips everything around the digits, in whatever order it stands there, each thing once.
    pub(super) fn strip<'t>(&mut self, mut body: &'t str) -> &'t str {
        while let Some(rest) = self.strip_one(body) {
            body = rest.trim();
        }
        body
    }

    pub(crate) fn currency(&self) -> Option<Currency> {
        self.currency.map(|money| money.currency)
    }

    /// Whether a body without digits is how spreadsheets show the zero of an account: `$ -`.
    pub(super) fn is_zero(&self, body: &str) -> bool {
        body.is_empty() && self.dashed && self.currency.is_some() && !self.percent
    }

    fn strip_one<'t>(&mut self, body: &'t str) -> Option<&'t str> {
        // Most numbers have none.
        if [body.bytes().next()?, body.bytes().next_back()?].iter().all(u8::is_ascii_digit) {
            return None;
        }
        if !body.is_ascii() && self.currency.is_none() && !self.cents {
            if let Some(rest) = body.strip_suffix('¢').or_else(|| body.strip_prefix('¢')) {
                self.cents = true;
                return Some(rest);
            }
            if let Some(rest) = self.strip_currency(body) {
                return Some(rest);
            }
        }
        if let Some(rest) = without_dash(body).filter(|_| !self.dash_for_cents) {
            self.dash_for_cents = true;
            return Some(rest);
        }
        if let Some((sign, rest)) = sign(body).filter(|_| !self.signed) {
            (self.signed, self.negative, self.dashed) = (true, sign != Sign::Plus, sign == Sign::Dash);
            return Some(rest);
        }
        if let Some(rest) = body.strip_suffix('%').filter(|_| !self.percent) {
            self.percent = true;
            return Some(rest);
        }
        self.strip_currency(body)
    }

    /// Two of them may be the same: `$5.00 USD`.
    fn strip_currency<'t>(&mut self, body: &'t str) -> Option<&'t str> {
        if self.currencies == 2 || self.cents {
            return None;
        }
        let (money, rest) = money::before(body).or_else(|| money::behind(body))?;
        let both = match self.currency {
            Some(other) => other.and(money)?,
            None => money,
        };
        self.currency = Some(both);
        self.currencies += 1;
        Some(rest)
    }
}

#[derive(PartialEq)]
enum Sign {
    Plus,
    Dash,
    Parentheses,
}

/// A sign on either side; accountants put negative numbers in parentheses.
fn sign(body: &str) -> Option<(Sign, &str)> {
    if let Some(rest) = body.strip_prefix('+') {
        return Some((Sign::Plus, rest));
    }
    let behind = || body.strip_suffix('-').filter(|rest| !rest.trim_end().ends_with('-'));
    if let Some(rest) = body.strip_prefix('-').or_else(behind) {
        return Some((Sign::Dash, rest));
    }
    let inner = body.strip_prefix('(')?.strip_suffix(')')?;
    Some((Sign::Parentheses, inner))
}

/// `5.-`, `5,--`, `5/-` and `5:-` are 5.
fn without_dash(body: &str) -> Option<&str> {
    let rest = body.strip_suffix('-')?;
    let rest = rest.strip_suffix('-').unwrap_or(rest).strip_suffix(['.', ',', '/', ':'])?;
    rest.ends_with(|c: char| c.is_ascii_digit()).then_some(rest)
}
