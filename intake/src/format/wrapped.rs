//! Texts that are something else than the table that they were meant to be, and those that have it inside.

use memchr::memmem;

/// What the text is, if it is none of the formats that have an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrapped {
    /// `.rtf`
    Rtf,
    /// The body of a request, with the file in it.
    Multipart,
    /// `data:…;base64,…`
    DataUrl,
    /// What Git has in place of a large file.
    LfsPointer,
    /// A line such as `404: Not Found`.
    HttpError,
    /// Statements of SQL, as a dump has them.
    SqlDump,
    /// `.ofx`, `.qif` or MT940.
    BankFile,
    /// `.vcf` or `.ics`
    Card,
    /// A message with headers.
    Email,
}

/// What of a text is looked at.
const HEAD: usize = 1024;

/// The longest answer of a server that is one line.
const ERROR_LINE: usize = 200;

impl Wrapped {
    /// `text` has no blanks before it.
    pub(super) fn of(text: &[u8]) -> Option<Self> {
        let head = &text[..text.len().min(HEAD)];
        let begins = |start: &str| {
            head.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start.as_bytes()))
        };
        let any = |starts: &[&str]| starts.iter().any(|start| begins(start));
        let has = |text: &str| memmem::find(head, text.as_bytes()).is_some();
        let is = |is: bool, what| is.then_some(what);
        is(begins("{\\rtf"), Wrapped::Rtf)
            .or_else(|| is(begins("--") && has("Content-Disposition:"), Wrapped::Multipart))
            .or_else(|| is(begins("data:") && (has(";base64,") || has("/csv,")), Wrapped::DataUrl))
            .or_else(|| is(begins("version https://git-lfs"), Wrapped::LfsPointer))
            .or_else(|| is(is_http_error(text), Wrapped::HttpError))
            .or_else(|| {
                let starts = [
                    "-- mysql dump",
                    "-- mariadb dump",
                    "-- postgresql database dump",
                    "insert into ",
                    "create table ",
                ];
                is(any(&starts) || (begins("--\n-- PostgreSQL database dump")), Wrapped::SqlDump)
            })
            .or_else(|| {
                let starts = ["OFXHEADER:", "<OFX>", "!Type:", "!Account", ":20:", "{1:F01"];
                is(any(&starts), Wrapped::BankFile)
            })
            .or_else(|| is(any(&["BEGIN:VCARD", "BEGIN:VCALENDAR"]), Wrapped::Card))
            .or_else(|| {
                let starts = ["Return-Path:", "Received:", "Delivered-To:", "MIME-Version:", "From: "];
                is(any(&starts) && (has("\nSubject:") || has("\nContent-Type:")), Wrapped::Email)
            })
    }

    /// With its article, as a message has it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Wrapped::Rtf => "a document of a word processor (RTF)",
            Wrapped::Multipart => "the body of a form (multipart/form-data) with a file in it",
            Wrapped::DataUrl => "a data: URL",
            Wrapped::LfsPointer => "what Git LFS has in place of a file",
            Wrapped::HttpError => "the error message of a web server",
            Wrapped::SqlDump => "SQL",
            Wrapped::BankFile => "a bank's file (OFX, QIF or MT940)",
            Wrapped::Card => "a card or a calendar (vCard, iCalendar)",
            Wrapped::Email => "an e-mail message",
        }
    }

    /// What to do about it.
    pub(super) fn hint(self) -> &'static str {
        match self {
            Wrapped::Multipart => "Send the bytes of the file alone, without the form around them.",
            Wrapped::DataUrl => "Send the bytes that it stands for.",
            Wrapped::LfsPointer => "Fetch the file itself with git lfs pull, and send that.",
            Wrapped::HttpError => "The download has failed: download the file again, and send that.",
            Wrapped::SqlDump => "Load it into a database, export the table as CSV, and send that file.",
            Wrapped::BankFile => "Download the statement as CSV, and send that file.",
            Wrapped::Email => "Send the attachment alone.",
            Wrapped::Rtf | Wrapped::Card => "Export the data as CSV, and send that file.",
        }
    }
}

/// Whether all of the text is the name of an error of HTTP.
fn is_http_error(text: &[u8]) -> bool {
    const REASONS: [&str; 13] = [
        "bad request",
        "unauthorized",
        "forbidden",
        "access denied",
        "not found",
        "method not allowed",
        "request timeout",
        "gone",
        "too many requests",
        "internal server error",
        "bad gateway",
        "service unavailable",
        "gateway timeout",
    ];
    if text.len() > ERROR_LINE {
        return false;
    }
    if text.starts_with(b"HTTP/1.") {
        return true;
    }
    let line = String::from_utf8_lossy(text).trim().to_lowercase();
    let line = line.strip_prefix("error").unwrap_or(&line).trim_start_matches([' ', ':']);
    let code = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let has_code = line.len() - code.len() == 3 && line.starts_with(['4', '5']);
    let reason = code.trim_matches([' ', ':', '-', '.']);
    REASONS.contains(&reason) && (has_code || code.len() == line.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_known_by_its_beginning() {
        for (text, wrapped) in [
            ("{\\rtf1\\ansi sku,name\\par}", Some(Wrapped::Rtf)),
            (
                "------WebKitFormBoundaryX\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nsku,name\r\n",
                Some(Wrapped::Multipart),
            ),
            ("data:text/csv;base64,c2t1", Some(Wrapped::DataUrl)),
            ("data:text/csv,sku%2Cname", Some(Wrapped::DataUrl)),
            ("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n", Some(Wrapped::LfsPointer)),
            ("404: Not Found", Some(Wrapped::HttpError)),
            ("Forbidden\n", Some(Wrapped::HttpError)),
            ("Error 502 Bad Gateway", Some(Wrapped::HttpError)),
            ("INSERT INTO items VALUES (1, 'Lamp');", Some(Wrapped::SqlDump)),
            ("!Type:Bank\nD03/04/2024\nT-850.00\n^\n", Some(Wrapped::BankFile)),
            ("BEGIN:VCARD\nFN:Ada Quill\nEND:VCARD\n", Some(Wrapped::Card)),
            ("Received: by mx\nSubject: stock\n\nsku,name\n", Some(Wrapped::Email)),
            ("-- stock --\nsku,name\n", None),
            ("data: march\nsku,name\n", None),
            ("not found,name\nA,Lamp\n", None),
            ("404,Lamp\n", None),
            ("From: 2024-01-01\nsku,name\n", None),
        ] {
            assert_eq!(Wrapped::of(text.as_bytes()), wrapped, "{text}");
        }
    }
}
