//! Problem matchers: how an annotation is found in what a tool prints.
//!
//! The configuration is GitHub's. Patterns are written for regular expressions of another kind;
//! they are translated, and one that looks around or back is refused: what is used here takes
//! time in proportion to the line, whatever the pattern.

use regex::{Captures, Regex, RegexBuilder};

use crate::base::text::title;
use crate::model::annotation::{self, Annotation, Level};
use crate::model::problem_matcher::translate::translate;

mod translate;

/// Matchers that are at work at once.
const MATCHERS: usize = 100;

/// Patterns of one matcher.
const PATTERNS: usize = 50;

/// Longest line that is looked at, in bytes: nobody prints a longer one for people.
const LINE_BYTES: usize = 16 * 1024;

/// Memory of one pattern, compiled, in bytes.
const PATTERN_BYTES: usize = 4 * 1024 * 1024;

/// What a matcher is made of, as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MatcherConfig {
    /// Its name; another one of this name takes its place.
    pub(crate) owner: String,
    /// The level of what says none itself; empty for errors.
    pub(crate) severity: String,
    /// The file from which paths are relative, where no line says one.
    pub(crate) from_path: String,
    /// Its patterns, for one line each.
    pub(crate) patterns: Vec<PatternConfig>,
}

/// One pattern and which of its groups means what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PatternConfig {
    /// The regular expression.
    pub(crate) regexp: String,
    /// The groups by [`Part`]; `None` for what it does not tell.
    pub(crate) groups: [Option<i64>; PARTS],
    /// Whether the last pattern is tried on line after line.
    pub(crate) repeats: bool,
}

/// What a group of a pattern can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The path of the file.
    File,
    /// The line.
    Line,
    /// The column.
    Column,
    /// The level.
    Severity,
    /// The kind of fault.
    Code,
    /// The message.
    Message,
    /// The file from which the path is relative.
    FromPath,
    /// The last line; not known to GitHub.
    EndLine,
    /// The last column; not known to GitHub.
    EndColumn,
}

/// How many there are.
pub(crate) const PARTS: usize = 9;

impl Part {
    /// Each of them, with its key.
    pub(crate) const ALL: [(Self, &'static str); PARTS] = [
        (Self::File, "file"),
        (Self::Line, "line"),
        (Self::Column, "column"),
        (Self::Severity, "severity"),
        (Self::Code, "code"),
        (Self::Message, "message"),
        (Self::FromPath, "fromPath"),
        (Self::EndLine, "endLine"),
        (Self::EndColumn, "endColumn"),
    ];
}

/// What is wrong with a matcher.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MatcherFault {
    /// It has no name.
    #[error("a problem matcher has no `owner`")]
    NoOwner,
    /// Two of one file have the same name.
    #[error("two problem matchers have the owner `{}`", title(.owner))]
    TwoOwners {
        /// The name.
        owner: String,
    },
    /// There are too many.
    #[error("more than {limit} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
    /// Its level is none.
    #[error("problem matcher `{}`: `severity` is `{}`, not `error`, `warning` or `notice`", title(.owner), title(.found))]
    Severity {
        /// Which matcher.
        owner: String,
        /// What it says.
        found: String,
    },
    /// It has no pattern.
    #[error("problem matcher `{}` has no `pattern`", title(.owner))]
    NoPattern {
        /// Which matcher.
        owner: String,
    },
    /// A pattern that is none, or of a kind that is not supported.
    #[error("problem matcher `{}`: the pattern `{}` cannot be used: {reason}", title(.owner), title(.regexp))]
    Pattern {
        /// Which matcher.
        owner: String,
        /// The pattern as it was written.
        regexp: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Two patterns tell the same.
    #[error("problem matcher `{}`: `{key}` is set twice", title(.owner))]
    Twice {
        /// Which matcher.
        owner: String,
        /// What they tell.
        key: &'static str,
    },
    /// A group that its pattern does not have.
    #[error("problem matcher `{}`: `{key}` is group {found}, and the last group is {last}", title(.owner))]
    Group {
        /// Which matcher.
        owner: String,
        /// What the group should tell.
        key: &'static str,
        /// Its number.
        found: i64,
        /// The highest number there is.
        last: usize,
    },
    /// No pattern tells the message.
    #[error("problem matcher `{}`: no pattern has a `message`", title(.owner))]
    NoMessage {
        /// Which matcher.
        owner: String,
    },
    /// A pattern repeats that must not.
    #[error("problem matcher `{}`: only the last of several patterns can have `loop`, with a `message`", title(.owner))]
    Loop {
        /// Which matcher.
        owner: String,
    },
}

impl MatcherFault {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        matches!(self, Self::Pattern { .. }).then_some(
            "write it without `(?=`, `(?!`, `(?<=`, `(?<!` and `\\1`: a pattern must not look around or back",
        )
    }
}

/// One matcher, ready.
#[derive(Clone, Debug)]
struct Matcher {
    owner: String,
    severity: String,
    from_path: String,
    patterns: Vec<Pattern>,
    /// What each pattern but the last has found of the annotation under way.
    state: Vec<Option<Found>>,
}

#[derive(Clone, Debug)]
struct Pattern {
    regex: Regex,
    /// As in [`PatternConfig`], by the numbers of [`Regex`].
    groups: [Option<usize>; PARTS],
    repeats: bool,
}

/// What was found of an annotation; what an earlier line told stays, even when it was empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found([Option<String>; PARTS]);

impl Found {
    /// What a part is, if it is not empty.
    pub(crate) fn part(&self, part: Part) -> Option<&str> {
        let text = self.0.get(part as usize)?.as_deref()?;
        (!text.is_empty()).then_some(text)
    }
}

/// The matchers at work in a job: each step adds to them and removes some.
#[derive(Clone, Debug, Default)]
pub(crate) struct Matchers {
    /// The newest first.
    all: Vec<Matcher>,
}

impl Matchers {
    /// Adds those of one file, each in the place of one of the same name; none when one is wrong.
    pub(crate) fn add(&mut self, configs: &[MatcherConfig]) -> Result<(), MatcherFault> {
        let mut ready: Vec<Matcher> = Vec::new();
        for config in configs {
            let same = |known: &Matcher| is_owner(known, &config.owner);
            if ready.iter().any(same) {
                let owner = config.owner.clone();
                return Err(MatcherFault::TwoOwners { owner });
            }
            ready.push(Matcher::new(config)?);
        }
        for matcher in ready {
            self.remove(&matcher.owner);
            if self.all.len() >= MATCHERS {
                let (what, limit) = ("problem matchers", MATCHERS);
                return Err(MatcherFault::TooMany { what, limit });
            }
            self.all.insert(0, matcher);
        }
        Ok(())
    }

    /// Removes the one of this name, whatever its case.
    pub(crate) fn remove(&mut self, owner: &str) {
        self.all.retain(|known| !is_owner(known, owner));
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// A step begins: nothing of what another one printed belongs to it.
    pub(crate) fn reset(&mut self) {
        self.all.iter_mut().for_each(Matcher::reset);
    }

    /// What a line, without its end, tells. The caller decides what becomes of the path.
    pub(crate) fn line(&mut self, line: &str) -> Option<(Annotation, Found)> {
        if self.all.is_empty() || line.len() > LINE_BYTES {
            return None;
        }
        let line = without_colours(line);
        for index in 0..self.all.len() {
            let Some(found) = self.all.get_mut(index).and_then(|it| it.line(&line)) else {
                continue;
            };
            for (other, matcher) in self.all.iter_mut().enumerate() {
                if other != index {
                    matcher.reset();
                }
            }
            if let Some(annotation) = annotation(&found) {
                return Some((annotation, found));
            }
        }
        None
    }
}

fn is_owner(matcher: &Matcher, owner: &str) -> bool {
    matcher.owner.to_lowercase() == owner.to_lowercase()
}

impl Matcher {
    fn new(config: &MatcherConfig) -> Result<Self, MatcherFault> {
        let owner = || config.owner.clone();
        if config.owner.is_empty() {
            return Err(MatcherFault::NoOwner);
        }
        if !config.severity.is_empty() && Level::of(&config.severity).is_none() {
            return Err(MatcherFault::Severity {
                owner: owner(),
                found: config.severity.clone(),
            });
        }
        if config.patterns.is_empty() {
            return Err(MatcherFault::NoPattern { owner: owner() });
        }
        if config.patterns.len() > PATTERNS {
            let (what, limit) = ("patterns of one problem matcher", PATTERNS);
            return Err(MatcherFault::TooMany { what, limit });
        }
        let last = config.patterns.len() - 1;
        let mut told = [false; PARTS];
        let mut patterns = Vec::new();
        for (index, pattern) in config.patterns.iter().enumerate() {
            let has_message = pattern.groups.get(Part::Message as usize);
            let has_message = has_message.is_some_and(Option::is_some);
            if pattern.repeats && (index == 0 || index != last || !has_message) {
                return Err(MatcherFault::Loop { owner: owner() });
            }
            patterns.push(Pattern::new(&config.owner, pattern, &mut told)?);
        }
        if !told.get(Part::Message as usize).is_some_and(|told| *told) {
            return Err(MatcherFault::NoMessage { owner: owner() });
        }
        Ok(Self {
            owner: owner(),
            severity: config.severity.clone(),
            from_path: config.from_path.clone(),
            state: vec![None; last],
            patterns,
        })
    }

    fn reset(&mut self) {
        self.state.fill(None);
    }

    /// What a line completes. Later patterns are tried first, so that a line is never taken as
    /// two parts of one annotation.
    fn line(&mut self, line: &str) -> Option<Found> {
        let last = self.patterns.len().checked_sub(1)?;
        for index in (0..=last).rev() {
            let before = index.checked_sub(1);
            let so_far = match before {
                None => None,
                Some(before) => match self.state.get(before).cloned().flatten() {
                    None => continue,
                    known => known,
                },
            };
            let Some(pattern) = self.patterns.get(index) else {
                continue;
            };
            let found = pattern.regex.captures(line);
            let found = found.map(|groups| pattern.found(so_far.as_ref(), &groups));
            if index < last {
                if let Some(state) = self.state.get_mut(index) {
                    *state = found;
                }
                continue;
            }
            let repeats = pattern.repeats;
            let Some(mut found) = found else {
                if let Some(state) = before.and_then(|before| self.state.get_mut(before)) {
                    *state = None;
                }
                continue;
            };
            self.reset();
            if let (true, Some(state)) = (repeats, before.and_then(|it| self.state.get_mut(it))) {
                *state = so_far;
            }
            found.set_default(Part::Severity, &self.severity);
            found.set_default(Part::FromPath, &self.from_path);
            return Some(found);
        }
        None
    }
}

impl Pattern {
    fn new(
        owner: &str,
        config: &PatternConfig,
        told: &mut [bool; PARTS],
    ) -> Result<Self, MatcherFault> {
        let regex = RegexBuilder::new(&translate(&config.regexp))
            .size_limit(PATTERN_BYTES)
            .build()
            .map_err(|error| MatcherFault::Pattern {
                owner: owner.to_owned(),
                regexp: config.regexp.clone(),
                reason: last_line(&error.to_string()),
            })?;
        // Groups with a name are counted after those without, as GitHub's runner does.
        let names: Vec<Option<&str>> = regex.capture_names().collect();
        let of = |named: bool| {
            let numbers = names.iter().enumerate();
            numbers.filter(move |(_, name)| name.is_some() == named)
        };
        let numbers: Vec<usize> = of(false).chain(of(true)).map(|(at, _)| at).collect();
        let mut groups = [None; PARTS];
        for (((_, key), group), (told, wanted)) in Part::ALL
            .into_iter()
            .zip(&mut groups)
            .zip(told.iter_mut().zip(config.groups))
        {
            let Some(wanted) = wanted else {
                continue;
            };
            let owner = || owner.to_owned();
            if std::mem::replace(told, true) {
                return Err(MatcherFault::Twice {
                    owner: owner(),
                    key,
                });
            }
            let number = usize::try_from(wanted).ok().and_then(|it| numbers.get(it));
            *group = Some(*number.ok_or_else(|| MatcherFault::Group {
                owner: owner(),
                key,
                found: wanted,
                last: numbers.len().saturating_sub(1),
            })?);
        }
        Ok(Self {
            regex,
            groups,
            repeats: config.repeats,
        })
    }

    fn found(&self, so_far: Option<&Found>, captures: &Captures<'_>) -> Found {
        let mut found = so_far.cloned().unwrap_or_default();
        for (part, group) in found.0.iter_mut().zip(self.groups) {
            if let (None, Some(group)) = (&part, group) {
                let text = captures.get(group).map_or("", |group| group.as_str());
                *part = Some(text.to_owned());
            }
        }
        found
    }
}

impl Found {
    fn set_default(&mut self, part: Part, value: &str) {
        if self.part(part).is_none()
            && let (false, Some(found)) = (value.is_empty(), self.0.get_mut(part as usize))
        {
            *found = Some(value.to_owned());
        }
    }
}

/// The annotation without its file; none when it has no message, or a level that is none.
fn annotation(found: &Found) -> Option<Annotation> {
    let level = found
        .part(Part::Severity)
        .map_or(Some(Level::Error), Level::of)?;
    let message = found
        .part(Part::Message)
        .filter(|it| !it.trim().is_empty())?;
    let number = |part: Part| {
        let text = found.part(part)?;
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| digits)
    };
    let mut annotation = Annotation {
        line: number(Part::Line),
        end_line: number(Part::EndLine),
        column: number(Part::Column),
        end_column: number(Part::EndColumn),
        code: found
            .part(Part::Code)
            .map(str::trim)
            .and_then(annotation::name),
        ..Annotation::new(level, message)
    };
    annotation.settle_place();
    Some(annotation)
}

/// A line without the codes that colour it on a terminal.
fn without_colours(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|it: char| it.is_ascii_digit() || it == ';');
        plain.push_str(rest.strip_prefix('m').unwrap_or(rest));
    }
    plain
}

/// What the errors of `regex` say at their end, behind a picture of the pattern.
fn last_line(message: &str) -> String {
    let last = message.lines().last().unwrap_or("").trim();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

#[cfg(test)]
mod tests;
