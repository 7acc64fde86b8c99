//! What a step says in the lines that it prints: annotations, outputs, matchers.
//!
//! The text is what was kept of the output: masked, and cut where there was too much. What it says
//! is told by a [`Reader`], line by line; [`read`] collects what matters of a whole step.

use crate::base::step_command::{self, Command};
use crate::base::text::title;
use crate::model::annotation::{self, Annotation, Annotations, Level};
use crate::model::problem_matcher::{Found, MatcherConfig, Matchers, Part};

/// Commands that are written to files today.
const OUT_OF_DATE: [(&str, &str); 2] = [
    ("save-state", "$GITHUB_STATE"),
    ("set-output", "$GITHUB_OUTPUT"),
];

/// What one line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said<'a> {
    /// Nothing but itself.
    Text(&'a str),
    /// Something for who looks for a fault.
    Debug(String),
    /// Something about a place.
    Annotation(Annotation),
    /// A group of lines begins.
    Group(String),
    /// The group ends.
    EndGroup,
    /// A value was hidden; it is known no more.
    Mask,
    /// From now on lines are text, until a token comes.
    Stopped,
    /// The token has come.
    Resumed,
    /// Whether commands should be shown as they were written.
    Echo,
    /// An output, in the old way.
    Output(String, String),
    /// A state, in the old way. Steps have no later parts, so nobody reads it.
    State,
    /// Lines are to be looked at by the matchers of this file.
    AddMatcher(String),
    /// No more by the matchers of this file.
    RemoveMatchersOf(String),
    /// No more by the matcher of this name.
    RemoveMatcher(String),
    /// A command that cannot be followed.
    Fault(CommandFault),
}

/// Why a command cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CommandFault {
    /// It is not done any more, as anything that is printed could do it.
    #[error("`{name}` is refused: write to `{file}` instead")]
    Refused {
        /// The command.
        name: String,
        /// What to write to.
        file: &'static str,
    },
    /// Something that it needs is not there.
    #[error("`{name}` needs {needs}")]
    Needs {
        /// The command.
        name: String,
        /// What it needs.
        needs: &'static str,
    },
    /// A value that it does not know.
    #[error("`{name}` is `{}`, not {expected}", title(.found))]
    Value {
        /// The command.
        name: String,
        /// What it was given.
        found: String,
        /// What it takes.
        expected: &'static str,
    },
    /// The matchers in a file cannot be used.
    #[error("`add-matcher`: {reason}")]
    Matcher {
        /// Why.
        reason: String,
    },
}

impl CommandFault {
    /// Whether the step fails by it.
    fn level(&self) -> Level {
        match self {
            Self::Needs { name, .. }
                if matches!(name.as_str(), "add-mask" | "add-matcher" | "remove-matcher") =>
            {
                Level::Warning
            }
            _ => Level::Error,
        }
    }
}

/// Tells line by line what is said; remembers what earlier lines decided.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reader {
    /// The token that is waited for.
    stopped: Option<String>,
}

impl Reader {
    /// What a line says, without its end.
    pub(crate) fn line<'a>(&mut self, line: &'a str) -> Said<'a> {
        // Most lines are no commands.
        if !line.contains(step_command::COLONS) && !line.contains(step_command::BRACKET) {
            return Said::Text(line);
        }
        let Some(command) = step_command::parse(line, self.stopped.as_deref()) else {
            return Said::Text(line);
        };
        match &self.stopped {
            None => self.command(command),
            Some(token) if *token == command.name => {
                self.stopped = None;
                Said::Resumed
            }
            Some(_) => Said::Text(line),
        }
    }

    fn command(&mut self, command: Command) -> Said<'static> {
        let Command { name, message, .. } = &command;
        match name.as_str() {
            "debug" => Said::Debug(command.message),
            "group" => Said::Group(command.message),
            "endgroup" => Said::EndGroup,
            step_command::ADD_MASK if message.trim().is_empty() => needs(name, "a value"),
            step_command::ADD_MASK => Said::Mask,
            step_command::STOP_COMMANDS if !step_command::is_token(message) => {
                Said::Fault(CommandFault::Value {
                    name: command.name,
                    found: command.message,
                    expected: "a word that is no command",
                })
            }
            step_command::STOP_COMMANDS => {
                self.stopped = Some(command.message);
                Said::Stopped
            }
            "echo" => match message.trim().to_ascii_lowercase().as_str() {
                "on" | "off" => Said::Echo,
                _ => Said::Fault(CommandFault::Value {
                    name: command.name,
                    found: command.message,
                    expected: "`on` or `off`",
                }),
            },
            "set-env" => refused(command.name, "$GITHUB_ENV"),
            "add-path" => refused(command.name, "$GITHUB_PATH"),
            "set-output" => named(command, Said::Output),
            "save-state" => named(command, |_, _| Said::State),
            "add-matcher" if message.is_empty() => needs(name, "the path of a file"),
            "add-matcher" => Said::AddMatcher(command.message),
            "remove-matcher" => match (command.property("owner"), message.is_empty()) {
                (Some(owner), true) => Said::RemoveMatcher(owner.to_owned()),
                (None, false) => Said::RemoveMatchersOf(command.message),
                _ => needs(name, "either `owner=…` or the path of a file"),
            },
            _ => Level::of(name).map_or(Said::EndGroup, |level| {
                Said::Annotation(annotation_of(level, &command))
            }),
        }
    }
}

fn needs(name: &str, needs: &'static str) -> Said<'static> {
    Said::Fault(CommandFault::Needs {
        name: name.to_owned(),
        needs,
    })
}

fn refused(name: String, file: &'static str) -> Said<'static> {
    Said::Fault(CommandFault::Refused { name, file })
}

fn named(command: Command, said: fn(String, String) -> Said<'static>) -> Said<'static> {
    match command.property("name") {
        Some(name) => said(name.to_owned(), command.message),
        None => needs(&command.name, "`name=…`"),
    }
}

fn annotation_of(level: Level, command: &Command) -> Annotation {
    let text = |name| command.property(name).and_then(annotation::name);
    let number = |name| {
        let number = command.property(name)?.trim().parse::<u32>().ok();
        number.filter(|number| *number > 0)
    };
    let mut annotation = Annotation {
        title: text("title"),
        file: text("file"),
        line: number("line"),
        end_line: number("endLine"),
        column: number("col"),
        end_column: number("endColumn"),
        ..Annotation::new(level, &command.message)
    };
    annotation.settle_place();
    annotation
}

/// What reading a step needs to know of where it ran.
pub(crate) trait Workplace {
    /// The folder that paths are told from, absolute.
    fn top(&self) -> &str;
    /// Whether there is a file at this path below the top.
    fn is_file(&self, path: &str) -> bool;
    /// The problem matchers in a file, by its path as the step gave it; or why there are none.
    fn matchers(&self, path: &str) -> Result<Vec<MatcherConfig>, String>;
}

/// What a step has said by the time it has ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Speech {
    /// Annotations, of commands and of matchers, and what is wrong with commands.
    pub(crate) annotations: Annotations,
    /// Outputs that were set in the old way, in their order; of two of a name the last one counts.
    pub(crate) outputs: Vec<(String, String)>,
    /// Why the step has failed by what it said, however it ended; nothing when it has not.
    pub(crate) failed: Option<String>,
}

/// Reads all that a step printed. Matchers of earlier steps of the job are at work, and those that
/// it adds stay for later ones.
pub(crate) fn read(text: &str, matchers: &mut Matchers, place: &dyn Workplace) -> Speech {
    matchers.reset();
    let mut hearing = Hearing {
        speech: Speech::default(),
        matchers,
        place,
        out_of_date: [false; OUT_OF_DATE.len()],
    };
    let mut reader = Reader::default();
    for line in lines(text) {
        hearing.take(reader.line(line));
    }
    hearing.speech
}

/// The lines of a text without their ends, which are those that a terminal knows.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        rest = after
            .strip_prefix("\r\n")
            .or_else(|| after.get(1..))
            .unwrap_or("");
        Some(line)
    })
}

struct Hearing<'a> {
    speech: Speech,
    matchers: &'a mut Matchers,
    place: &'a dyn Workplace,
    /// Which of [`OUT_OF_DATE`] have been warned of.
    out_of_date: [bool; OUT_OF_DATE.len()],
}

impl Hearing<'_> {
    fn take(&mut self, said: Said<'_>) {
        match said {
            Said::Text(line) => self.text(line),
            Said::Annotation(mut annotation) => {
                let file = annotation.file.take();
                annotation.file = file.map(|file| self.below(&file).to_owned());
                self.speech.annotations.add(annotation);
            }
            Said::Output(name, value) => {
                self.warn_of("set-output");
                self.speech.outputs.push((name, value));
            }
            Said::State => self.warn_of("save-state"),
            Said::AddMatcher(path) => {
                let added = self.place.matchers(&path);
                let added = added.and_then(|configs| {
                    let added = self.matchers.add(&configs);
                    added.map_err(|fault| match fault.hint() {
                        Some(hint) => format!("{fault}; {hint}"),
                        None => fault.to_string(),
                    })
                });
                if let Err(reason) = added {
                    self.fault(&CommandFault::Matcher { reason });
                }
            }
            Said::RemoveMatcher(owner) => self.matchers.remove(&owner),
            Said::RemoveMatchersOf(path) => match self.place.matchers(&path) {
                Ok(configs) => configs
                    .iter()
                    .for_each(|it| self.matchers.remove(&it.owner)),
                Err(reason) => self.fault(&CommandFault::Matcher { reason }),
            },
            Said::Fault(fault) => self.fault(&fault),
            Said::Debug(_)
            | Said::Group(_)
            | Said::EndGroup
            | Said::Mask
            | Said::Stopped
            | Said::Resumed
            | Said::Echo => {}
        }
    }

    fn text(&mut self, line: &str) {
        if let Some((mut annotation, found)) = self.matchers.line(line) {
            annotation.file = self.file(&found);
            self.speech.annotations.add(annotation);
        }
    }

    fn fault(&mut self, fault: &CommandFault) {
        let level = fault.level();
        if level == Level::Error {
            self.speech.failed.get_or_insert_with(|| fault.to_string());
        }
        let annotation = Annotation::new(level, &fault.to_string());
        self.speech.annotations.add(annotation);
    }

    fn warn_of(&mut self, name: &str) {
        let known = OUT_OF_DATE.iter().zip(&mut self.out_of_date);
        for ((_, file), told) in known.filter(|((known, _), _)| *known == name) {
            if !std::mem::replace(told, true) {
                let message = format!("`{name}` is out of date: write to `{file}` instead");
                let annotation = Annotation::new(Level::Warning, &message);
                self.speech.annotations.add(annotation);
            }
        }
    }

    /// A path from the top, if it is one below the top.
    fn below<'p>(&self, path: &'p str) -> &'p str {
        let below = path.strip_prefix(self.place.top().trim_end_matches('/'));
        below
            .and_then(|path| path.strip_prefix('/'))
            .unwrap_or(path)
    }

    /// The file that a matcher found, if there is such a file below the top.
    fn file(&self, found: &Found) -> Option<String> {
        let file = found
            .part(Part::File)
            .filter(|file| !file.trim().is_empty())?;
        let from = found
            .part(Part::FromPath)
            .and_then(|from| from.rsplit_once('/'));
        let whole = match from {
            Some((folder, _)) if !file.starts_with('/') => format!("{folder}/{file}"),
            _ => file.to_owned(),
        };
        let path = if whole.starts_with('/') {
            whole
        } else {
            format!("{}/{whole}", self.place.top())
        };
        let path = plain(&path);
        let below = self.below(&path);
        let is_below = !below.starts_with('/') && self.place.is_file(below);
        annotation::name(below).filter(|_| is_below)
    }
}

/// An absolute path without `.`, `..` and what is empty.
fn plain(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests;
