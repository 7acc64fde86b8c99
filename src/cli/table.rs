//! Columns of text: no borders, two spaces between, each as wide as its widest cell.
//!
//! comfy-table aligns; widths, the one column that may be cut, and colour are decided here.
//! Nothing is ever cut where there is no terminal: a script gets the whole text.

use anstyle::Style;
use comfy_table::{Cell as Slot, CellAlignment, ContentArrangement, Table as Grid, presets};
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

/// One cell.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// Text in a style.
    pub(crate) fn styled(text: impl AsRef<str>, style: Style) -> Self {
        let text = visible(text.as_ref()).replace(['\n', '\t'], " ");
        Self {
            text: text.replace([BEGIN, END], ""),
            style,
        }
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::styled(text, Style::new())
    }
}

/// A table that is being filled.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<Cell>>,
    right: Vec<usize>,
    flexible: Option<usize>,
}

impl Table {
    /// A table with these column headings.
    pub(crate) fn new<T: AsRef<str>>(headings: impl IntoIterator<Item = T>) -> Self {
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
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Whether there is nothing but the headings.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.len() < 2
    }

    /// The table as lines, each with its line feed.
    pub(crate) fn render(mut self, look: Look) -> String {
        self.cut(look.width);
        let styles: Vec<Style> = self
            .rows
            .iter()
            .flatten()
            .filter(|cell| marked(cell, look))
            .map(|cell| cell.style)
            .collect();
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled);
        for row in &self.rows {
            grid.add_row(row.iter().map(|cell| {
                Slot::new(if marked(cell, look) {
                    format!("{BEGIN}{}{END}", cell.text)
                } else {
                    cell.text.clone()
                })
            }));
        }
        for column in grid.column_iter_mut() {
            column.set_padding((0, 2));
        }
        for index in &self.right {
            if let Some(column) = grid.column_mut(*index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let mut text = String::new();
        let mut styles = styles.into_iter();
        for line in grid.lines() {
            text.push_str(colour(line.trim_end(), &mut styles).trim_end());
            text.push('\n');
        }
        text
    }

    /// Shortens the flexible column until a line fits.
    fn cut(&mut self, width: Option<usize>) {
        let (Some(width), Some(flexible)) = (width, self.flexible) else {
            return;
        };
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widest = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.text.width()).max().unwrap_or(0)
        };
        let others: usize = (0..columns)
            .filter(|column| *column != flexible)
            .map(widest)
            .sum();
        let between = 2 * columns.saturating_sub(1);
        let room = width.saturating_sub(others + between).max(NARROWEST);
        for row in &mut self.rows {
            if let Some(cell) = row.get_mut(flexible) {
                cell.text = shortened(&cell.text, room);
            }
        }
    }
}

fn marked(cell: &Cell, look: Look) -> bool {
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
