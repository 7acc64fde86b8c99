//! The text of `.env` files: `NAME=value`, as shells and container tools write them.
//!
//! ```text
//! # a comment
//! export NAME=plain text   # a comment after white space
//! SINGLE='as it is, ${NAME} too'
//! DOUBLE="an escape: \n, a variable: ${NAME},
//! and a second line"
//! ```
//!
//! `${NAME}` stands for a variable set above, in this file or in one before it; nothing else is
//! expanded, and no command is run. Such files hold secrets: a problem shows where it is, and the
//! text that it shows has nothing but the names in it.

use crate::base::diagnostic::Problem;
use crate::base::source::{SourceText, Span};
use crate::base::text::{is_variable_name, suggestion};

/// Variables that one file may set.
const VARIABLES: usize = 1000;

/// Longest value, in bytes, what is expanded in it included.
const VALUE_BYTES: usize = 64 * 1024;

/// Problems of one file that are told.
const PROBLEMS: usize = 100;

/// A variable and its value.
pub(crate) type Variable = (String, String);

/// What a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parsed {
    /// The variables in their order, each once: the last value of a name counts.
    pub(crate) variables: Vec<Variable>,
    /// Everything that is wrong; with an error among them the variables are not to be used.
    pub(crate) problems: Vec<Problem>,
}

/// Reads a file. `earlier` are the variables of the files before it.
pub(crate) fn parse(source: &SourceText, earlier: &[Variable]) -> Parsed {
    let mut parser = Parser {
        text: source.text(),
        at: 0,
        earlier,
        variables: Vec::new(),
        names: Vec::new(),
        found: Vec::new(),
    };
    if parser.rest().starts_with('\u{feff}') {
        parser.at = '\u{feff}'.len_utf8();
    }
    while parser.at < parser.text.len() && parser.found.len() < PROBLEMS {
        parser.line();
    }
    let shown = Shown::new(source, &parser.names);
    Parsed {
        problems: parser
            .found
            .into_iter()
            .map(|found| shown.problem(found))
            .collect(),
        variables: parser.variables,
    }
}

/// Something wrong in the text.
struct Found {
    code: &'static str,
    is_warning: bool,
    span: Span,
    message: String,
    hint: Option<String>,
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    earlier: &'a [Variable],
    variables: Vec<Variable>,
    /// Where names stand, which may be shown.
    names: Vec<Span>,
    found: Vec<Found>,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Skips what fits.
    fn skip(&mut self, fits: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(fits).len();
    }

    fn skip_blanks(&mut self) {
        self.skip(|character| matches!(character, ' ' | '\t'));
    }

    /// Goes to the start of the next line.
    fn skip_line(&mut self) {
        self.skip(|character| character != '\n');
        self.at = (self.at + 1).min(self.text.len());
    }

    fn error(&mut self, code: &'static str, span: (usize, usize), message: impl Into<String>) {
        self.found.push(Found {
            code,
            is_warning: false,
            span: Span::new(span.0, span.1),
            message: message.into(),
            hint: None,
        });
    }

    fn hint(&mut self, hint: impl Into<String>) {
        if let Some(last) = self.found.last_mut() {
            last.hint = Some(hint.into());
        }
    }

    /// Reads one assignment, or a line without one.
    fn line(&mut self) {
        self.skip(char::is_whitespace);
        if matches!(self.peek(), None | Some('#')) {
            self.skip_line();
            return;
        }
        let start = self.at;
        let Some(name) = self.name() else {
            self.skip_line();
            return;
        };
        let before = self.found.len();
        let value = self.value();
        if value.len() > VALUE_BYTES {
            let message = format!("the value of `{name}` is longer than {VALUE_BYTES} bytes");
            self.error("too-long", (start, self.at), message);
        }
        if value.contains('\0') {
            let message = format!("the value of `{name}` has a NUL character in it");
            self.error("nul-character", (start, self.at), message);
        }
        if self.found.len() == before || self.found.iter().skip(before).all(|it| it.is_warning) {
            self.set(&name, value, start);
        }
    }

    fn set(&mut self, name: &str, value: String, start: usize) {
        let span = (start, start + name.len());
        if let Some(known) = self.variables.iter_mut().find(|(known, _)| known == name) {
            known.1 = value;
            let message = format!("`{name}` is set above too; this value counts");
            self.error("duplicate-variable", span, message);
            if let Some(last) = self.found.last_mut() {
                last.is_warning = true;
            }
            return;
        }
        if self.variables.len() == VARIABLES {
            self.error(
                "too-many",
                span,
                format!("a file sets at most {VARIABLES} variables"),
            );
            self.at = self.text.len();
            return;
        }
        self.variables.push((name.to_owned(), value));
    }

    /// Reads a name and the `=` behind it.
    fn name(&mut self) -> Option<String> {
        let start = self.at;
        if let Some(rest) = self.rest().strip_prefix("export")
            && rest.starts_with([' ', '\t'])
        {
            self.at += "export".len();
            self.skip_blanks();
        }
        let from = self.at;
        self.skip(|character| !matches!(character, '=' | '\n' | ' ' | '\t' | '\r'));
        let name = self.text.get(from..self.at).unwrap_or("");
        if !is_variable_name(name) {
            self.error(
                "bad-variable",
                (from, self.at),
                "this is not a name of a variable",
            );
            self.hint("start with a letter or `_`, go on with letters, digits and `_`");
            return None;
        }
        self.skip_blanks();
        if self.peek() != Some('=') {
            // It may be a line of a secret that lacks its quotes, so it is not shown.
            self.error(
                "no-value",
                (self.at, self.at),
                "a name has no `=` behind it",
            );
            self.hint("write `NAME=value`, and a value of several lines in `\"`");
            return None;
        }
        self.at += 1;
        self.names.push(Span::new(start, self.at));
        self.skip_blanks();
        Some(name.to_owned())
    }

    /// Reads a value to the end of its line.
    fn value(&mut self) -> String {
        let Some(quote @ ('"' | '\'')) = self.peek() else {
            return self.plain();
        };
        let start = self.at;
        self.at += 1;
        let value = if quote == '"' {
            self.double()
        } else {
            self.single()
        };
        let Some(value) = value else {
            let message = "a quote is opened here and not closed";
            self.error("open-quote", (start, start + 1), message);
            self.hint(if quote == '"' {
                "close it with `\"`"
            } else {
                "close it with `'` in the same line; a value of several lines goes into `\"`"
            });
            // Where it was to end nobody knows: what follows is read again line by line.
            self.at = start;
            self.skip_line();
            return String::new();
        };
        let close = self.at;
        self.skip_blanks();
        let blank = self.at > close;
        match self.peek() {
            None | Some('\n' | '\r') => {}
            Some('#') if blank => {}
            Some(_) => {
                let span = (self.at, self.at + 1);
                self.error(
                    "text-after-quote",
                    span,
                    "there is text behind the closing quote",
                );
                self.hint("put the whole value into quotes");
            }
        }
        self.skip_line();
        value
    }

    /// A value without quotes: to the end of the line, or to white space and `#`.
    fn plain(&mut self) -> String {
        let mut value = String::new();
        let mut blank = true;
        while let Some(character) = self.peek() {
            match character {
                '\n' => break,
                '#' if blank => break,
                '$' => self.dollar(&mut value),
                '\\' if self.rest().starts_with("\\$") => {
                    value.push('$');
                    self.at += 2;
                }
                _ => {
                    value.push(character);
                    self.at += character.len_utf8();
                }
            }
            blank = matches!(character, ' ' | '\t');
        }
        self.skip_line();
        value.truncate(value.trim_end().len());
        value
    }

    /// What is between single quotes, in one line, as it is.
    fn single(&mut self) -> Option<String> {
        let rest = self.rest();
        let end = rest.find(['\'', '\n'])?;
        let value = rest.get(..end)?;
        if !rest.get(end..)?.starts_with('\'') {
            return None;
        }
        self.at += end + 1;
        Some(value.to_owned())
    }

    /// What is between double quotes, with its escapes.
    fn double(&mut self) -> Option<String> {
        let mut value = String::new();
        loop {
            let character = self.peek()?;
            match character {
                '"' => {
                    self.at += 1;
                    return Some(value);
                }
                '\\' => self.escape(&mut value)?,
                '$' => self.dollar(&mut value),
                // A file with the line ends of Windows means lines, not carriage returns.
                '\r' if self.rest().starts_with("\r\n") => self.at += 1,
                _ => {
                    value.push(character);
                    self.at += character.len_utf8();
                }
            }
        }
    }

    /// An escape; one that means nothing stays as it is, as in a shell.
    fn escape(&mut self, value: &mut String) -> Option<()> {
        self.at += 1;
        let character = self.peek()?;
        self.at += character.len_utf8();
        match character {
            'n' => value.push('\n'),
            'r' => value.push('\r'),
            't' => value.push('\t'),
            '"' | '\\' | '$' => value.push(character),
            // The line goes on.
            '\n' => {}
            other => value.extend(['\\', other]),
        }
        Some(())
    }

    /// `${NAME}`; any other `$` is one.
    fn dollar(&mut self, value: &mut String) {
        let start = self.at;
        self.at += 1;
        let rest = self.rest();
        if rest.starts_with('(') {
            self.error(
                "no-command",
                (start, start + 2),
                "commands in a value are not run",
            );
            self.hint("it is taken as text; write `\\$(` or single quotes to say so");
            if let Some(last) = self.found.last_mut() {
                last.is_warning = true;
            }
        }
        let Some(inner) = rest.strip_prefix('{') else {
            value.push('$');
            return;
        };
        let end = inner.find(['}', '\n', '"']).unwrap_or(inner.len());
        let name = inner.get(..end).unwrap_or("");
        let closed = inner.get(end..).is_some_and(|rest| rest.starts_with('}'));
        let span = (start, start + 2 + end + usize::from(closed));
        self.at = span.1;
        if !closed || !is_variable_name(name) {
            self.error("bad-reference", span, "only `${NAME}` is expanded");
            self.hint("write `\\${` for the text itself");
            return;
        }
        let mut known = self.variables.iter().chain(self.earlier);
        if let Some((_, found)) = known.find(|(known, _)| known == name) {
            // One value may name another a thousand times.
            if value.len() <= VALUE_BYTES {
                value.push_str(found);
            }
            return;
        }
        let names = self.variables.iter().chain(self.earlier);
        let near = suggestion(name, names.map(|(name, _)| name.as_str())).map(str::to_owned);
        self.error(
            "unknown-variable",
            span,
            format!("`{name}` is not set above"),
        );
        self.hint(near.map_or_else(
            || format!("set `{name}` before it is used, or write `\\${{{name}}}` for the text"),
            |near| format!("did you mean `{near}`?"),
        ));
    }
}

/// The text as it may be shown: names and white space, everything else covered.
struct Shown {
    source: SourceText,
    /// Where each character of the real text is in the one that is shown, ascending.
    offsets: Vec<(usize, usize)>,
}

impl Shown {
    fn new(source: &SourceText, names: &[Span]) -> Self {
        let mut text = String::with_capacity(source.text().len());
        let mut offsets = Vec::with_capacity(source.text().len() + 1);
        let mut names = names.iter().peekable();
        for (at, character) in source.text().char_indices() {
            offsets.push((at, text.len()));
            while names.next_if(|span| span.end <= at).is_some() {}
            let named = names.peek().is_some_and(|span| span.start <= at);
            let plain = named || character.is_whitespace() || character == '\u{feff}';
            text.push(if plain { character } else { '*' });
        }
        offsets.push((source.text().len(), text.len()));
        Self {
            source: SourceText::new(source.path(), text),
            offsets,
        }
    }

    fn offset(&self, at: usize) -> usize {
        let index = self.offsets.partition_point(|(real, _)| *real < at);
        let known = self.offsets.get(index).or(self.offsets.last());
        known.map_or(0, |(_, shown)| *shown)
    }

    fn problem(&self, found: Found) -> Problem {
        let span = Span::new(self.offset(found.span.start), self.offset(found.span.end));
        let make = if found.is_warning {
            Problem::warning
        } else {
            Problem::error
        };
        let mut problem = make(found.code, &self.source, span, found.message);
        problem.hint = found.hint;
        problem
    }
}

#[cfg(test)]
mod tests;
