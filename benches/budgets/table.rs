//! The rows as they are printed.

/// How a row is judged.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bar {
    /// Ours is at most this many times the control.
    Times(f64),
    /// The control is at least this many times ours.
    #[cfg_attr(
        not(feature = "internals"),
        expect(dead_code, reason = "for rows without a command")
    )]
    TimesLess(f64),
    /// Ours is at most this much more than the control.
    Plus(f64),
    /// Ours is at most this.
    AtMost(f64),
}

/// One row.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What was done.
    pub(crate) work: String,
    /// Milliseconds, MiB and so on.
    pub(crate) unit: &'static str,
    /// What it cost.
    pub(crate) ours: f64,
    /// What the control cost.
    pub(crate) control: Option<f64>,
    /// What it may cost.
    pub(crate) bar: Bar,
}

impl Row {
    /// Whether the bar is kept.
    fn is_ok(&self) -> bool {
        let control = self.control.unwrap_or(0.0);
        match self.bar {
            Bar::Times(times) => self.ours <= control * times,
            Bar::TimesLess(times) => self.ours * times <= control,
            Bar::Plus(more) => self.ours <= control + more,
            Bar::AtMost(most) => self.ours <= most,
        }
    }

    fn cells(&self) -> [String; 6] {
        let unit = self.unit;
        let control = self.control;
        let compared = control.map_or_else(String::new, |control| match self.bar {
            Bar::Plus(_) => format!("{:+.2} {unit}", self.ours - control),
            Bar::TimesLess(_) => format!("{:.0}x less", control / self.ours),
            _ => format!("{:.2}x", self.ours / control),
        });
        let bar = match self.bar {
            Bar::Times(times) => format!("{times}x"),
            Bar::TimesLess(times) => format!("{times}x less"),
            Bar::Plus(more) => format!("+{more} {unit}"),
            Bar::AtMost(most) => format!("{most} {unit}"),
        };
        [
            self.work.clone(),
            format!("{:.2} {unit}", self.ours),
            control.map_or_else(String::new, |control| format!("{control:.2} {unit}")),
            compared,
            bar,
            if self.is_ok() { "ok" } else { "over" }.to_owned(),
        ]
    }
}

/// All rows, as a table in Markdown.
pub(crate) fn show(rows: &[Row]) -> String {
    let heading = ["work", "ours", "control", "compared", "bar", ""].map(str::to_owned);
    let lines: Vec<[String; 6]> = std::iter::once(heading)
        .chain(rows.iter().map(Row::cells))
        .collect();
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(String::len).max().unwrap_or(0)
    };
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        for (column, cell) in line.iter().enumerate() {
            let width = width(column);
            let shown = match column {
                0 => format!("| {cell:<width$} "),
                _ => format!("| {cell:>width$} "),
            };
            text += &shown;
        }
        text += "|\n";
        if number == 0 {
            for column in 0..line.len() {
                let dashes = "-".repeat(width(column) + 1);
                let shown = match column {
                    0 => format!("|{dashes}-"),
                    _ => format!("|{dashes}:"),
                };
                text += &shown;
            }
            text += "|\n";
        }
    }
    text
}
