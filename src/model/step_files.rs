//! The files by which a step hands values on: `$GITHUB_OUTPUT`, `$GITHUB_ENV`, `$GITHUB_STATE` and
//! `$GITHUB_PATH`, under whichever name the step knows them.
//!
//! Read as GitHub's runner reads them where there is no Windows: a line ends with a line feed, and
//! a carriage return before it belongs to the value. What was written before a fault counts; what
//! comes after it is not read.
//!
//! Quotes of what a step wrote may hold secrets: whoever shows a problem masks it.

use std::collections::HashMap;

use crate::base::limits::STEP_FILE_BYTES;
use crate::base::text::title;

/// Variables that no step may set for later ones, whatever their case: they change what every
/// program in Node.js runs.
const REFUSED: [&str; 1] = ["NODE_OPTIONS"];

/// Beginnings of the variables that tell a step where it is; they are ours to set.
const RESERVED: [&str; 3] = ["GITHUB_", "MMM_", "RUNNER_"];

/// What a file of values is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueFile<'a> {
    /// `$GITHUB_OUTPUT`.
    Output,
    /// `$GITHUB_ENV`.
    Environment {
        /// More variables that may not be set: those that point Git at a repository.
        refused: &'a [&'a str],
    },
}

/// What a file of values says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StepValues {
    /// Names and values, each name once, in the order in which they were first written.
    pub(crate) values: Vec<(String, String)>,
    /// What is wrong with the file.
    pub(crate) problems: Vec<StepFileProblem>,
}

/// What a file of folders says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StepPaths {
    /// Folders, each once; the last one is to be looked through first.
    pub(crate) paths: Vec<String>,
    /// What is wrong with the file.
    pub(crate) problems: Vec<StepFileProblem>,
}

/// What is wrong with a file that a step wrote, and in which line, from 1; 0 for the whole file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StepFileProblem {
    /// The line.
    pub(crate) line: usize,
    /// What is wrong.
    pub(crate) fault: StepFileFault,
}

/// What can be wrong with a file that a step wrote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StepFileFault {
    /// It is larger than is read; nothing of it counts.
    #[error("the file has {bytes} bytes, and at most {limit} are read")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// What is read.
        limit: u64,
    },
    /// A line that is neither form.
    #[error("expected `name=value` or `name<<delimiter`, found `{}`", title(.found))]
    Form {
        /// The line.
        found: String,
    },
    /// A value without a name.
    #[error("there is no name in `{}`", title(.found))]
    NoName {
        /// The line.
        found: String,
    },
    /// A value of several lines of which nobody knows the end.
    #[error("there is no delimiter after `{}<<`", title(.name))]
    NoDelimiter {
        /// The name of the value.
        name: String,
    },
    /// A value of several lines that has no end.
    #[error("the value of `{}` does not end: no line after it is `{}`", title(.name), title(.delimiter))]
    NoEnd {
        /// The name of the value.
        name: String,
        /// What should have ended it.
        delimiter: String,
    },
    /// A variable that a step may not set for later ones.
    #[error("`{}` cannot be set for later steps", title(.name))]
    Refused {
        /// Its name.
        name: String,
    },
    /// A byte that no variable can hold.
    #[error("`{}` holds a zero byte, which no variable can", title(.name))]
    ZeroByte {
        /// The name of the variable, or the folder.
        name: String,
    },
}

impl StepFileFault {
    /// Whether the step fails by it; else only what the line says does not count.
    pub(crate) fn is_fatal(&self) -> bool {
        !matches!(self, Self::Refused { .. })
    }

    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Form { .. } | Self::NoEnd { .. } | Self::NoDelimiter { .. } => Some(
                "write a value of several lines as `name<<EOF`, its lines, and `EOF` on a line of its own",
            ),
            Self::Refused { .. } => Some("give it to each step that needs it by `env:`"),
            Self::TooLarge { .. } => Some("keep large values in a file, and hand on its path"),
            Self::NoName { .. } | Self::ZeroByte { .. } => None,
        }
    }
}

/// The text of a file that a step wrote: a byte order mark says how it is encoded, and is no part
/// of it.
pub(crate) fn text(bytes: &[u8]) -> String {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let pairs = bytes.chunks_exact(2).filter_map(<[u8]>::first_chunk::<2>);
        String::from_utf16_lossy(&pairs.map(|pair| unit(*pair)).collect::<Vec<_>>())
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Reads a file of values.
pub(crate) fn values(file: ValueFile<'_>, bytes: &[u8]) -> StepValues {
    let mut found = Collected::new(file);
    if let Some(problem) = too_large(bytes) {
        found.said.problems.push(problem);
        return found.said;
    }
    let text = text(bytes);
    let mut lines = Lines {
        rest: &text,
        number: 0,
    };
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        let number = lines.number;
        match pair(line, &mut lines) {
            Ok((name, value)) => found.add(number, name, value),
            Err(fault) => {
                found.problem(number, fault);
                break;
            }
        }
    }
    found.said
}

/// Reads a file of folders to look for programs in, one a line.
pub(crate) fn paths(bytes: &[u8]) -> StepPaths {
    let mut said = StepPaths::default();
    if let Some(problem) = too_large(bytes) {
        said.problems.push(problem);
        return said;
    }
    let text = text(bytes);
    // Each folder with the place where it was named last.
    let mut last: HashMap<&str, usize> = HashMap::new();
    let lines: Vec<&str> = text.split(['\n', '\r']).collect();
    for (at, line) in lines
        .iter()
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
    {
        if line.contains('\0') {
            said.problems.push(StepFileProblem {
                line: text_line(&text, line),
                fault: StepFileFault::ZeroByte {
                    name: (*line).to_owned(),
                },
            });
        } else {
            last.insert(line, at);
        }
    }
    let named = lines.iter().enumerate();
    let named = named.filter(|(at, line)| last.get(*line) == Some(at));
    said.paths = named.map(|(_, line)| (*line).to_owned()).collect();
    said
}

/// The number of the line that a part of a text stands in.
fn text_line(text: &str, part: &str) -> usize {
    let offset = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let before = text.get(..offset).unwrap_or("");
    before.bytes().filter(|byte| *byte == b'\n').count() + 1
}

fn too_large(bytes: &[u8]) -> Option<StepFileProblem> {
    let (bytes, limit) = (bytes.len() as u64, STEP_FILE_BYTES);
    (bytes > limit).then_some(StepFileProblem {
        line: 0,
        fault: StepFileFault::TooLarge { bytes, limit },
    })
}

/// Lines that end with a line feed alone.
struct Lines<'a> {
    rest: &'a str,
    /// The number of the line that was given last.
    number: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = rest;
        self.number += 1;
        Some(line)
    }
}

/// The name and the value that begin in a line; takes the lines that belong to the value.
fn pair<'a>(line: &'a str, lines: &mut Lines<'a>) -> Result<(&'a str, &'a str), StepFileFault> {
    let no_name = || StepFileFault::NoName {
        found: line.to_owned(),
    };
    let (equals, heredoc) = (line.find('='), line.find("<<"));
    let is_plain = match (equals, heredoc) {
        (Some(equals), Some(heredoc)) => equals < heredoc,
        (equals, _) => equals.is_some(),
    };
    if let (true, Some((name, value))) = (is_plain, line.split_once('=')) {
        return if name.is_empty() {
            Err(no_name())
        } else {
            Ok((name, value))
        };
    }
    let Some((name, delimiter)) = line.split_once("<<") else {
        return Err(StepFileFault::Form {
            found: line.to_owned(),
        });
    };
    if name.is_empty() {
        return Err(no_name());
    }
    if delimiter.is_empty() {
        return Err(StepFileFault::NoDelimiter {
            name: name.to_owned(),
        });
    }
    let body = lines.rest;
    loop {
        let end = body.len() - lines.rest.len();
        match lines.next() {
            Some(line) if line == delimiter => {
                let value = body.get(..end).unwrap_or("");
                return Ok((name, value.strip_suffix('\n').unwrap_or(value)));
            }
            Some(_) => {}
            None => {
                return Err(StepFileFault::NoEnd {
                    name: name.to_owned(),
                    delimiter: delimiter.to_owned(),
                });
            }
        }
    }
}

/// What was read so far.
struct Collected<'a> {
    file: ValueFile<'a>,
    /// Where each name stands among the values.
    places: HashMap<String, usize>,
    said: StepValues,
}

impl<'a> Collected<'a> {
    fn new(file: ValueFile<'a>) -> Self {
        Self {
            file,
            places: HashMap::new(),
            said: StepValues::default(),
        }
    }

    fn problem(&mut self, line: usize, fault: StepFileFault) {
        self.said.problems.push(StepFileProblem { line, fault });
    }

    fn add(&mut self, line: usize, name: &str, value: &str) {
        // Names of variables are told apart by their case, those of outputs and states are not.
        let mut key = name.to_owned();
        if let ValueFile::Environment { refused } = self.file {
            let name = || name.to_owned();
            if is_refused(&key, refused) {
                return self.problem(line, StepFileFault::Refused { name: name() });
            }
            if key.contains('\0') || value.contains('\0') {
                return self.problem(line, StepFileFault::ZeroByte { name: name() });
            }
        } else {
            key = key.to_lowercase();
        }
        let values = &mut self.said.values;
        let place = *self.places.entry(key).or_insert(values.len());
        match values.get_mut(place) {
            Some((_, known)) => value.clone_into(known),
            None => values.push((name.to_owned(), value.to_owned())),
        }
    }
}

fn is_refused(name: &str, more: &[&str]) -> bool {
    let begins = |begin: &&str| {
        let head = name.as_bytes().get(..begin.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(begin.as_bytes()))
    };
    let is = |refused: &&str| refused.eq_ignore_ascii_case(name);
    RESERVED.iter().any(begins) || REFUSED.iter().any(is) || more.iter().any(is)
}

#[cfg(test)]
mod tests;
