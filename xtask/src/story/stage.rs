//! Where the story is told: on a terminal, or nowhere.

use std::fmt::Display;

use indicatif::{ProgressBar, ProgressStyle};

pub struct Stage {
    loud: bool,
    titles: usize,
}

impl Stage {
    /// For people.
    pub fn loud() -> Self {
        Self { loud: true, titles: 0 }
    }

    /// For tests: only a wrong outcome is heard.
    pub fn quiet() -> Self {
        Self { loud: false, titles: 0 }
    }

    pub fn title(&mut self, title: &str) {
        self.titles += 1;
        if self.loud {
            println!("\n\x1b[1m{}. {title}\x1b[0m", self.titles);
        }
    }

    pub fn note(&self, text: impl Display) {
        if self.loud {
            println!("  \x1b[2m-- {text}\x1b[0m");
        }
    }

    /// The SQL that `who` types, at psql's prompt.
    pub fn says(&self, who: &str, sql: &str) {
        if self.loud {
            let prompt = format!("{who}=> ");
            let indent = format!("\n{:width$}", "", width = prompt.len() + 2);
            println!("  \x1b[36m{prompt}\x1b[0m{};", sql.trim().replace('\n', &indent));
        }
    }

    /// What came back.
    pub fn shows(&self, answer: impl Display) {
        if self.loud {
            println!("    {}", answer.to_string().replace('\n', "\n    "));
        }
    }

    /// A bar for `total` rows; without a terminal it is not drawn.
    pub fn bar(&self, total: u64) -> ProgressBar {
        if !self.loud {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new(total);
        match ProgressStyle::with_template(
            "    {bar:40.green/dim} {percent:>3} %  {human_pos} of {human_len} rows  {msg}",
        ) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        }
    }
}
