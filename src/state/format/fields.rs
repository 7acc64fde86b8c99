//! Reads the fields of tables, collecting every problem instead of stopping at the first.

use std::fmt::Display;
use std::str::FromStr;

use crate::base::diagnostic::{Problem, Severity};
use crate::base::source::{SourceText, Span};
use crate::base::text::suggestion;
use crate::model::tree::{Entry, Node, Value};

/// A mapping whose fields are being read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table<'a> {
    entries: &'a [Entry],
    span: Span,
    /// How messages call it: empty for the whole file, else such as `run`.
    name: &'static str,
}

impl<'a> Table<'a> {
    /// A value of the table.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Node> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        Some(&entry.value)
    }

    /// Its entries, in the order written.
    pub(crate) fn entries(&self) -> &'a [Entry] {
        self.entries
    }

    /// The full name of one of its keys, for messages.
    pub(crate) fn path(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        }
    }
}

/// Collects what is wrong while fields are taken.
#[derive(Debug)]
pub(crate) struct Checker<'a> {
    source: &'a SourceText,
    problems: Vec<Problem>,
}

impl<'a> Checker<'a> {
    /// Starts with the problems that parsing found.
    pub(crate) fn new(source: &'a SourceText, problems: Vec<Problem>) -> Self {
        Self { source, problems }
    }

    /// All problems found.
    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// Whether something makes the file unusable.
    pub(crate) fn has_errors(&self) -> bool {
        self.problems.iter().any(Problem::is_error)
    }

    /// Adds an error at a span.
    pub(crate) fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.add(Problem::error(code, self.source, span, message));
    }

    /// Adds a problem.
    pub(crate) fn add(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The whole file as a table.
    pub(crate) fn root(&mut self, node: &'a Node) -> Table<'a> {
        self.as_table(node, "")
    }

    /// A table inside another; one that is not there is empty.
    pub(crate) fn table(&mut self, outer: &Table<'a>, name: &'static str) -> Table<'a> {
        match outer.get(name) {
            Some(node) => self.as_table(node, name),
            None => Table {
                entries: &[],
                span: outer.span,
                name,
            },
        }
    }

    /// The tables of a list of tables.
    pub(crate) fn tables(&mut self, outer: &Table<'a>, name: &'static str) -> Vec<Table<'a>> {
        let Some(node) = outer.get(name) else {
            return Vec::new();
        };
        let Some(nodes) = node.sequence() else {
            self.wrong_type(&outer.path(name), node, "a list of tables");
            return Vec::new();
        };
        nodes.iter().map(|node| self.as_table(node, name)).collect()
    }

    fn as_table(&mut self, node: &'a Node, name: &'static str) -> Table<'a> {
        let entries = node.mapping().unwrap_or_else(|| {
            self.wrong_type(name, node, "a table");
            &[]
        });
        Table {
            entries,
            span: node.span,
            name,
        }
    }

    /// A text.
    pub(crate) fn text(&mut self, table: &Table<'a>, key: &str) -> Option<&'a str> {
        let node = table.get(key)?;
        let text = node.string();
        if text.is_none() {
            self.wrong_type(&table.path(key), node, "text");
        }
        text
    }

    /// Checks the format that the file says it has. One that is newer than `known` is given as a
    /// problem of its own: what else is wrong in such a file cannot be judged.
    pub(crate) fn newer_format(&mut self, root: &Table<'a>, known: i64) -> Option<Problem> {
        match root.get("format").map(|node| (&node.value, node.span)) {
            Some((Value::Integer(found), _)) if *found == known => None,
            Some((Value::Integer(found), span)) if *found > known => Some(Problem::newer_format(
                Severity::Warning,
                self.source,
                span,
                (*found, known),
            )),
            Some((_, span)) => {
                self.error("invalid-format", span, format!("`format` is not {known}"));
                None
            }
            None => {
                self.required::<()>(root, "format", None);
                None
            }
        }
    }

    /// A whole number, not negative.
    pub(crate) fn count(&mut self, table: &Table<'a>, key: &str) -> Option<u64> {
        let node = table.get(key)?;
        let count = match node.value {
            Value::Integer(number) => u64::try_from(number).ok(),
            _ => None,
        };
        if count.is_none() {
            self.wrong_type(&table.path(key), node, "a whole number from 0");
        }
        count
    }

    /// A boolean.
    pub(crate) fn boolean(&mut self, table: &Table<'a>, key: &str) -> Option<bool> {
        let node = table.get(key)?;
        if let Value::Boolean(flag) = node.value {
            return Some(flag);
        }
        self.wrong_type(&table.path(key), node, "`true` or `false`");
        None
    }

    /// A list of texts, each with its place.
    pub(crate) fn texts(&mut self, table: &Table<'a>, key: &str) -> Vec<(&'a str, Span)> {
        let Some(node) = table.get(key) else {
            return Vec::new();
        };
        let Some(nodes) = node.sequence() else {
            self.wrong_type(&table.path(key), node, "a list of text");
            return Vec::new();
        };
        let mut texts = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node.string() {
                Some(text) => texts.push((text, node.span)),
                None => self.wrong_type(&table.path(key), node, "text"),
            }
        }
        texts
    }

    /// A text of a special form, such as an id.
    pub(crate) fn parsed<T>(&mut self, table: &Table<'a>, key: &str) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        let text = self.text(table, key)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                let span = table.get(key).map_or(table.span, |node| node.span);
                self.error("invalid-value", span, error.to_string());
                None
            }
        }
    }

    /// Passes a value on, and reports the key when the file does not have it at all.
    pub(crate) fn required<T>(
        &mut self,
        table: &Table<'a>,
        key: &'static str,
        value: Option<T>,
    ) -> Option<T> {
        if value.is_none() && table.get(key).is_none() {
            let message = format!("the key `{}` is missing", table.path(key));
            self.error("missing-key", table.span, message);
        }
        value
    }

    /// Warns about each key that is not known.
    pub(crate) fn unknown_keys(&mut self, table: &Table<'a>, known: &[&'static str]) {
        for entry in table.entries {
            if known.contains(&entry.key.as_str()) {
                continue;
            }
            let message = format!("unknown key `{}`", table.path(&entry.key));
            let mut problem = Problem::warning("unknown-key", self.source, entry.key_span, message);
            if let Some(name) = suggestion(&entry.key, known.iter().copied()) {
                problem = problem.with_hint(format!("did you mean `{name}`?"));
            }
            self.add(problem);
        }
    }

    fn wrong_type(&mut self, path: &str, node: &Node, expected: &str) {
        let message = if path.is_empty() {
            format!("the file is {}, not {expected}", node.kind())
        } else {
            format!("`{path}` is {}, not {expected}", node.kind())
        };
        self.add(
            Problem::error("wrong-type", self.source, node.span, message)
                .with_label(format!("expected {expected}")),
        );
    }
}
