//! Takes pieces out of a shell script and puts variables in their places.
//!
//! The script keeps its meaning only when it is known how each piece is quoted: in single quotes
//! no variable is replaced, so they are closed before it and opened again behind it.

use crate::base::source::Span;
use crate::model::workflow::import::notes::Notes;

/// What stands for a piece of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A variable of this name.
    Variable(String),
    /// This text, as it is.
    Text(String),
}

/// A script with its pieces taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// The script.
    pub(crate) script: String,
    /// Whether a variable stands where the shell does not replace any: in a here-document whose
    /// end is quoted.
    pub(crate) unreachable: bool,
}

impl Taken {
    /// Says where a variable stands that no shell replaces; `span` is the script's.
    pub(crate) fn tell(&self, span: Span, notes: &mut Notes) {
        if self.unreachable {
            let message = "a here-document with a quoted end has a variable in it, which stays as it \
                           is written there";
            let hint = "take the quotes off its end, or use `printf`";
            notes.replaced(span, message, hint);
        }
    }
}

/// A script with the variables that it is handed over.
#[derive(Debug)]
pub(crate) struct Script {
    /// The script.
    pub(crate) text: String,
    /// Its variables.
    pub(crate) variables: Vec<(String, String)>,
}

/// Replaces pieces of a text that no shell reads, in the same way.
pub(crate) fn replace(text: &str, find: &mut dyn FnMut(&str) -> Option<(usize, String)>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if let Some((length, piece)) = find(rest).filter(|found| found.0 > 0) {
            out.push_str(&piece);
            length
        } else {
            out.push(first);
            first.len_utf8()
        };
        rest = rest.get(length..).unwrap_or("");
    }
    out
}

/// The state of a shell at one place of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quotes {
    /// No quotes; whether a parenthesis or a `$(` closes it.
    None {
        closes: bool,
    },
    Single,
    Double,
}

/// A here-document that begins at the next line.
#[derive(Debug)]
struct Document {
    end: String,
    quoted: bool,
    tabs: bool,
}

/// Replaces pieces: `find` gives the length of one that a text starts with, and what stands for it.
pub(crate) fn take(script: &str, find: &mut dyn FnMut(&str) -> Option<(usize, Piece)>) -> Taken {
    let mut walk = Walk {
        rest: script,
        out: String::with_capacity(script.len()),
        quotes: vec![Quotes::None { closes: false }],
        documents: Vec::new(),
        unreachable: false,
        opened: 0,
    };
    while !walk.rest.is_empty() {
        if let Some((length, piece)) = find(walk.rest).filter(|found| found.0 > 0) {
            walk.piece(piece);
            walk.skip(length);
        } else {
            walk.step(find);
        }
    }
    Taken {
        script: walk.out,
        unreachable: walk.unreachable,
    }
}

struct Walk<'a> {
    rest: &'a str,
    out: String,
    quotes: Vec<Quotes>,
    documents: Vec<Document>,
    unreachable: bool,
    /// How long the script was when a single quote was put at its end.
    opened: usize,
}

impl Walk<'_> {
    fn quotes(&self) -> Quotes {
        let last = self.quotes.last().copied();
        last.unwrap_or(Quotes::None { closes: false })
    }

    fn skip(&mut self, length: usize) {
        self.rest = self.rest.get(length..).unwrap_or("");
    }

    /// Takes so many bytes over as they are.
    fn copy(&mut self, length: usize) {
        let (taken, behind) = self
            .rest
            .split_at_checked(length)
            .unwrap_or((self.rest, ""));
        self.out.push_str(taken);
        self.rest = behind;
    }

    fn piece(&mut self, piece: Piece) {
        match (piece, self.quotes()) {
            (Piece::Text(text), _) => self.out.push_str(&text),
            (Piece::Variable(name), Quotes::Single) => {
                // Nothing stands in the quotes so far: they need not be there.
                if self.opened == self.out.len() {
                    self.out.pop();
                } else {
                    self.out.push('\'');
                }
                self.out.extend(["\"${", &name, "}\"'"]);
                self.opened = self.out.len();
            }
            (Piece::Variable(name), _) => self.out.extend(["${", &name, "}"]),
        }
    }

    /// Goes over one character that begins no piece.
    fn step(&mut self, find: &mut dyn FnMut(&str) -> Option<(usize, Piece)>) {
        let Some(first) = self.rest.chars().next() else {
            return;
        };
        let quotes = self.quotes();
        match (quotes, first) {
            (Quotes::Single, '\'')
                if self.opened == self.out.len() && self.out.ends_with("\"'") =>
            {
                self.quotes.pop();
                self.out.pop();
                self.skip(1);
            }
            (Quotes::Single, '\'')
            | (Quotes::Double, '"')
            | (Quotes::None { closes: true }, ')') => {
                self.quotes.pop();
                self.copy(1);
            }
            (Quotes::Single, _) => self.copy(first.len_utf8()),
            (_, '\\') => {
                let next = self.rest.chars().nth(1).map_or(0, char::len_utf8);
                self.copy(1 + next);
            }
            (_, '$') if self.rest.starts_with("$((") => self.copy(3),
            (_, '$') if self.rest.starts_with("$(") => {
                self.quotes.push(Quotes::None { closes: true });
                self.copy(2);
            }
            (Quotes::None { .. }, '\'') => self.open(Quotes::Single),
            (Quotes::None { .. }, '"') => self.open(Quotes::Double),
            (Quotes::None { closes: true }, '(') => self.open(Quotes::None { closes: true }),
            (Quotes::None { .. }, '#') if self.at_word() => {
                let end = self.rest.find('\n').unwrap_or(self.rest.len());
                self.plain_text(end, find);
            }
            (Quotes::None { .. }, '<') if self.rest.starts_with("<<<") => self.copy(3),
            (Quotes::None { .. }, '<') if self.rest.starts_with("<<") => self.document(),
            (Quotes::None { .. }, '\n') => {
                self.copy(1);
                self.bodies(find);
            }
            (Quotes::Double | Quotes::None { .. }, _) => self.copy(first.len_utf8()),
        }
    }

    fn open(&mut self, quotes: Quotes) {
        self.quotes.push(quotes);
        self.copy(1);
        if quotes == Quotes::Single {
            self.opened = self.out.len();
        }
    }

    /// Whether a word begins here, as it must before a comment.
    fn at_word(&self) -> bool {
        self.out
            .chars()
            .next_back()
            .is_none_or(|before| before.is_whitespace() || ";&|(".contains(before))
    }

    /// Takes the head of a here-document.
    fn document(&mut self) {
        self.copy(2);
        let tabs = self.rest.starts_with('-');
        if tabs {
            self.copy(1);
        }
        let blank = self.rest.len() - self.rest.trim_start_matches([' ', '\t']).len();
        self.copy(blank);
        let mut end = String::new();
        let mut quoted = false;
        let mut open = None;
        while let Some(next) = self.rest.chars().next() {
            match (open, next) {
                (Some(quote), next) if quote == next => open = None,
                (None, '\'' | '"') => {
                    quoted = true;
                    open = Some(next);
                }
                (None, '\\') => quoted = true,
                (None, next) if next.is_whitespace() || ";&|<>()".contains(next) => break,
                (_, '\n') => break,
                (_, next) => end.push(next),
            }
            self.copy(next.len_utf8());
        }
        if !end.is_empty() {
            self.documents.push(Document { end, quoted, tabs });
        }
    }

    /// Takes the here-documents that begin at this line.
    fn bodies(&mut self, find: &mut dyn FnMut(&str) -> Option<(usize, Piece)>) {
        for document in std::mem::take(&mut self.documents) {
            while !self.rest.is_empty() {
                let length = self.rest.find('\n').map_or(self.rest.len(), |at| at + 1);
                let line = self.rest.get(..length).unwrap_or("").trim_end_matches('\n');
                let line = if document.tabs {
                    line.trim_start_matches('\t')
                } else {
                    line
                };
                if line == document.end {
                    self.copy(length);
                    break;
                }
                let found = self.plain_text(length, find);
                self.unreachable |= document.quoted && found;
            }
        }
    }

    /// Takes text in which quotes mean nothing; tells whether a variable was put into it.
    fn plain_text(
        &mut self,
        length: usize,
        find: &mut dyn FnMut(&str) -> Option<(usize, Piece)>,
    ) -> bool {
        let end = self.rest.len().saturating_sub(length);
        let mut found = false;
        while self.rest.len() > end {
            if let Some((length, piece)) = find(self.rest).filter(|piece| piece.0 > 0) {
                found |= matches!(piece, Piece::Variable(_));
                match piece {
                    Piece::Variable(name) => self.out.extend(["${", &name, "}"]),
                    Piece::Text(text) => self.out.push_str(&text),
                }
                self.skip(length);
            } else {
                let next = self.rest.chars().next().map_or(1, char::len_utf8);
                self.copy(next);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::{Piece, take};

    fn check(script: &str, expected: &str, unreachable: bool) {
        let taken = take(script, &mut |rest| {
            rest.starts_with("@X")
                .then(|| (2, Piece::Variable("X".to_owned())))
        });
        assert_eq!(taken.script, expected, "{script:?}");
        assert_eq!(taken.unreachable, unreachable, "{script:?}");
    }

    #[test]
    fn variables_are_put_where_the_shell_replaces_them() {
        let table = [
            ("echo @X", "echo ${X}"),
            ("echo \"a @X\"", "echo \"a ${X}\""),
            ("echo 'a @X b'", "echo 'a '\"${X}\"' b'"),
            ("echo \"it's @X\"", "echo \"it's ${X}\""),
            ("# don't\necho '@X'", "# don't\necho \"${X}\""),
            ("echo \\'@X", "echo \\'${X}"),
            ("echo \"$(echo '@X')\"", "echo \"$(echo \"${X}\")\""),
            ("echo a#'@X'", "echo a#\"${X}\""),
            (
                "cat <<END\nit's @X\nEND\necho '@X'",
                "cat <<END\nit's ${X}\nEND\necho \"${X}\"",
            ),
            ("cat <<< @X\necho '@X'", "cat <<< ${X}\necho \"${X}\""),
            (
                "case a in a) echo '@X';; esac",
                "case a in a) echo \"${X}\";; esac",
            ),
        ];
        for (script, expected) in table {
            check(script, expected, false);
        }
        check(
            "cat <<-'END'\n\t@X\n\tEND\necho @X",
            "cat <<-'END'\n\t${X}\n\tEND\necho ${X}",
            true,
        );
    }
}
