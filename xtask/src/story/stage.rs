//! Where the story is told: on a terminal, or nowhere.

use std::fmt::Display;

use indicatif::{ProgressBar, ProgressStyle};

/// The blocks of a full bar in background_imports.
const FULL: usize = 20;

pub struct Stage {
    loud: bool,
    titles: usize,
    /// Blocks of the bar that was drawn last.
    drawn: usize,
}

impl Stage {
    /// For people.
    pub fn loud() -> Self {
        Self { loud: true, titles: 0, drawn: 0 }
    }

    /// For tests: only a wrong outcome is heard.
    pub fn quiet() -> Self {
        Self { loud: false, titles: 0, drawn: 0 }
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

    /// Where there is no terminal for `bar` to move on, the view's own bar, each time that it has grown.
    pub fn draws(&mut self, bar: &ProgressBar, text: &str) {
        let blocks = text.matches('█').count();
        if self.loud && bar.is_hidden() && blocks > self.drawn {
            println!("    {text}");
        }
        self.drawn = if blocks == FULL { 0 } else { blocks };
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
