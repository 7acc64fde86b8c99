//! The tree of a run under way on a terminal, below what has been printed.
//!
//! indicatif draws it, as one bar whose message is the whole picture, so that no picture is ever
//! half new. Its own terminal fills each row up with spaces and lets the row break by itself: after
//! a resize such rows flow together, and taking them away takes what stood above them. So the
//! rows go to the terminal through [`Screen`], which ends each with a line feed and never goes
//! further up than it has drawn.
//!
//! The cursor is never hidden, for a process that is killed could not show it again.

use std::fmt::Write as _;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use crate::app::terminal;
use crate::cli::output::write_note;
use crate::cli::run::rows::Size;
use crate::cli::run::tree::Tree;
use crate::model::run::RecordedEvent;
use crate::workflow::driver::Watched;

/// Columns and rows of a terminal that does not say them.
const USUAL: (usize, usize) = (80, 24);

/// What turns in front of a row that is at work.
const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// The tree and where it is drawn.
#[derive(Debug)]
pub(crate) struct Live {
    bar: ProgressBar,
    /// Which picture of the spinner was drawn last.
    picture: usize,
    screen: Arc<Mutex<Rows>>,
    /// There is none before the first event.
    tree: Option<Tree>,
    coloured: bool,
}

impl Live {
    /// Shows nothing yet.
    pub(crate) fn new(coloured: bool) -> Self {
        let screen = Arc::new(Mutex::new(Rows::default()));
        let target = ProgressDrawTarget::term_like(Box::new(Screen(Arc::clone(&screen))));
        let plain = ProgressStyle::with_template("{msg}");
        let style = plain.unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bars = MultiProgress::with_draw_target(target);
        Self {
            bar: bars.add(ProgressBar::new_spinner().with_style(style)),
            picture: 0,
            screen,
            tree: None,
            coloured,
        }
    }

    /// Takes note of what happened; the next picture shows it.
    pub(crate) fn event(&mut self, event: &RecordedEvent, run: &Watched<'_>) {
        match &mut self.tree {
            Some(tree) => tree.event(event, run),
            None => self.tree = Some(Tree::new(run, event.at_ms)),
        }
    }

    /// Draws the tree as it is now, for the size that the terminal has now.
    pub(crate) fn draw(&mut self) {
        let Some(tree) = &self.tree else {
            return;
        };
        let (columns, height) = terminal::size().unwrap_or(USUAL);
        lock(&self.screen).size = (columns, height);
        self.picture = (self.picture + 1) % SPINNER.len();
        let spinner = SPINNER.get(self.picture).copied().unwrap_or("*");
        let size = Size::of_terminal(columns, height);
        let rows = tree.rows(size, spinner, self.coloured);
        self.bar.set_message(rows.join("\n"));
    }

    /// Takes the tree away, so that something can be printed where it was.
    pub(crate) fn hide(&mut self) {
        self.bar.set_message("");
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.hide();
        self.bar.finish_and_clear();
    }
}

/// The rows on the terminal and those that come.
#[derive(Debug, Default)]
struct Rows {
    size: (usize, usize),
    next: Vec<String>,
    /// How many rows stand above the cursor.
    drawn: usize,
}

impl Rows {
    /// What replaces the rows that stand by those that come.
    fn replace(&mut self) -> String {
        let rows = std::mem::take(&mut self.next);
        let mut text = String::new();
        if rows.is_empty() && self.drawn == 0 {
            return text;
        }
        text.push('\r');
        if self.drawn > 0 {
            let _ = write!(text, "\u{1b}[{}A", self.drawn);
        }
        for row in &rows {
            // What is left of the old row is cleared after the new one is there: no flicker.
            let _ = write!(text, "{row}\u{1b}[K\r\n");
        }
        text.push_str("\u{1b}[J");
        self.drawn = rows.len();
        text
    }
}

/// The end of a drawing for indicatif: takes rows, and decides alone where they go.
#[derive(Debug)]
struct Screen(Arc<Mutex<Rows>>);

fn lock(rows: &Mutex<Rows>) -> MutexGuard<'_, Rows> {
    rows.lock().unwrap_or_else(PoisonError::into_inner)
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        u16::try_from(lock(&self.0).size.0).unwrap_or(u16::MAX)
    }

    fn height(&self) -> u16 {
        u16::try_from(lock(&self.0).size.1).unwrap_or(u16::MAX)
    }

    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.write_str(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        // Spaces alone fill a row up.
        if !text.trim().is_empty() {
            lock(&self.0).next.push(text.trim_end().to_owned());
        }
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        let text = lock(&self.0).replace();
        if !text.is_empty() {
            write_note(&text);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Rows;

    #[test]
    fn rows_end_with_line_feeds_and_nothing_above_them_is_touched() {
        let mut rows = Rows::default();
        assert_eq!(rows.replace(), "");
        rows.next = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(rows.replace(), "\ra\u{1b}[K\r\nb\u{1b}[K\r\n\u{1b}[J");
        rows.next = vec!["c".to_owned()];
        assert_eq!(rows.replace(), "\r\u{1b}[2Ac\u{1b}[K\r\n\u{1b}[J");
        assert_eq!(rows.replace(), "\r\u{1b}[1A\u{1b}[J");
        assert_eq!(rows.replace(), "");
    }
}
