//! Columns of text: no borders, two spaces between, each as wide as its widest cell.
//!
//! comfy-table aligns; widths, the one column that may be cut, and colour are decided here.
//! Nothing is ever cut where there is no terminal: a script gets the whole text.

use std::borrow::Cow;

use anstyle::Style;
use comfy_table::{
    Cell as Slot, CellAlignment, ColumnConstraint, ContentArrangement, Table as Grid, Width,
    presets,
};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::base::text::visible;
use crate::cli::report::Look;

/// Characters without a width that mark where a style begins and ends until the columns are laid
/// out: escape sequences would count as text there. They are of a plane that nobody types, and
/// taken out of what is shown first.
const BEGIN: char = '\u{e0041}';
const END: char = '\u{e007f}';

/// Columns that the cut column keeps at least.
const NARROWEST: usize = 12;

/// Columns of nothing between two columns.
const BETWEEN: u16 = 2;

/// Rows that are laid out at once: what a row takes while it is drawn is several times its text,
/// and memory that is used again costs less than memory that is asked for.
const PART: usize = 64;

/// One cell; it borrows its text where it can, since a table may have thousands of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell<'a> {
    text: Cow<'a, str>,
    style: Style,
}

impl<'a> Cell<'a> {
    /// Text in a style.
    pub(crate) fn styled(text: impl Into<Cow<'a, str>>, style: Style) -> Self {
        let text = text.into();
        let text = match harmless(&text) {
            Some(text) => Cow::Owned(text),
            None => text,
        };
        Self { text, style }
    }
}

impl<'a, T: Into<Cow<'a, str>>> From<T> for Cell<'a> {
    fn from(text: T) -> Self {
        Self::styled(text, Style::new())
    }
}

/// The text as it may stand in a cell, when that is another one.
fn harmless(text: &str) -> Option<String> {
    if is_plain(text) {
        return None;
    }
    let shown = visible(text);
    if matches!(shown, Cow::Borrowed(_)) && !shown.contains(['\n', '\t', BEGIN, END]) {
        return None;
    }
    Some(shown.replace(['\n', '\t'], " ").replace([BEGIN, END], ""))
}

/// A table that is being filled.
#[derive(Clone, Debug)]
pub(crate) struct Table<'a> {
    rows: Vec<Vec<Cell<'a>>>,
    right: Vec<usize>,
    flexible: Option<usize>,
}

impl<'a> Table<'a> {
    /// A table with these column headings.
    pub(crate) fn new(headings: impl IntoIterator<Item = &'a str>) -> Self {
        let style = Style::new().bold();
        let headings = headings.into_iter().map(|text| Cell::styled(text, style));
        Self {
            rows: vec![headings.collect()],
            right: Vec::new(),
            flexible: None,
        }
    }

    /// Aligns a column (from 0) to the right, for numbers.
    pub(crate) fn right(mut self, column: usize) -> Self {
        self.right.push(column);
        self
    }

    /// Names the column (from 0) that is cut when a terminal is too narrow.
    pub(crate) fn flexible(mut self, column: usize) -> Self {
        self.flexible = Some(column);
        self
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell<'a>>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Whether there is nothing but the headings.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.len() < 2
    }

    /// The table as lines, each with its line feed.
    pub(crate) fn render(mut self, look: Look) -> String {
        self.cut(look.width);
        let widths = match self.rows.len() {
            0..=PART => Vec::new(),
            _ => self.widths(),
        };
        let mut text = String::new();
        for rows in self.rows.chunks(PART) {
            self.draw(rows, &widths, look, &mut text);
        }
        text
    }

    /// Adds the lines of some rows; without widths, columns are as wide as these rows need.
    fn draw(&self, rows: &[Vec<Cell<'a>>], widths: &[usize], look: Look, text: &mut String) {
        let mut styles = rows
            .iter()
            .flatten()
            .filter(|cell| marked(cell, look))
            .map(|cell| cell.style);
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled);
        for row in rows {
            grid.add_row(row.iter().map(|cell| {
                if marked(cell, look) {
                    Slot::new_owned(format!("{BEGIN}{}{END}", cell.text))
                } else {
                    Slot::new(&cell.text)
                }
            }));
        }
        for (index, column) in grid.column_iter_mut().enumerate() {
            column.set_padding((0, BETWEEN));
            if let Some(width) = widths.get(index) {
                let width = u16::try_from(*width).unwrap_or(u16::MAX);
                let width = Width::Fixed(width.saturating_add(BETWEEN));
                column.set_constraint(ColumnConstraint::Absolute(width));
            }
        }
        for index in &self.right {
            if let Some(column) = grid.column_mut(*index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        for line in grid.lines() {
            let line = line.trim_end();
            if look.coloured {
                text.push_str(colour(line, &mut styles).trim_end());
            } else {
                text.push_str(line);
            }
            text.push('\n');
        }
    }

    /// The widest cell of each column.
    fn widths(&self) -> Vec<usize> {
        let mut widths = Vec::new();
        for row in &self.rows {
            widths.resize(widths.len().max(row.len()), 0);
            for (widest, cell) in widths.iter_mut().zip(row) {
                *widest = width(&cell.text).max(*widest);
            }
        }
        widths
    }

    /// Shortens the flexible column until a line fits.
    fn cut(&mut self, width: Option<usize>) {
        let (Some(width), Some(flexible)) = (width, self.flexible) else {
            return;
        };
        let widths = self.widths();
        let all: usize = widths.iter().sum();
        let others = all - widths.get(flexible).copied().unwrap_or(0);
        let between = usize::from(BETWEEN) * widths.len().saturating_sub(1);
        let room = width.saturating_sub(others + between).max(NARROWEST);
        for row in &mut self.rows {
            if let Some(cell) = row.get_mut(flexible) {
                cell.text = Cow::Owned(shortened(&cell.text, room));
            }
        }
    }
}

/// Whether all characters are of ASCII and visible: of nearly every text.
fn is_plain(text: &str) -> bool {
    let hidden = text.bytes().filter(|byte| !matches!(byte, b' '..=b'~'));
    hidden.count() == 0
}

/// Columns that the text of a cell takes.
fn width(text: &str) -> usize {
    if is_plain(text) {
        text.len()
    } else {
        text.width()
    }
}

fn marked(cell: &Cell<'_>, look: Look) -> bool {
    look.coloured && cell.style != Style::new()
}

/// The text in at most `room` columns, with `…` where something is missing.
pub(crate) fn shortened(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut used = 1;
    for character in text.chars() {
        used += character.width().unwrap_or(0);
        if used > room {
            break;
        }
        short.push(character);
    }
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// Puts the styles where their marks are.
fn colour(line: &str, styles: &mut impl Iterator<Item = Style>) -> String {
    let mut text = String::with_capacity(line.len());
    let mut open = Style::new();
    for character in line.chars() {
        match character {
            BEGIN => {
                open = styles.next().unwrap_or_default();
                text.push_str(&open.render().to_string());
            }
            END => text.push_str(&open.render_reset().to_string()),
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests;
