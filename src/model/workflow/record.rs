//! Reads a mapping by the table of keys and reports what does not fit.

use crate::base::diagnostic::Problem;
use crate::base::source::Span;
use crate::base::text;
use crate::model::tree::Entry;
use crate::model::tree::Node;
use crate::model::tree::Value;
use crate::model::workflow::keys::Key;
use crate::model::workflow::keys::LATER;
use crate::model::workflow::keys::Place;
use crate::model::workflow::keys::Shape;
use crate::model::workflow::report::Report;
use crate::model::workflow::shapes;

/// The keys of one mapping that are known and have a value of their shape.
#[derive(Debug)]
pub(crate) struct Record<'a> {
    entries: Vec<(&'static Key, &'a Entry)>,
    /// Every known key that is written, whatever its value.
    written: Vec<&'static str>,
    /// Whether a key stands there that has no meaning.
    pub(crate) has_unknown: bool,
    /// Whether one of them is GitHub's and cannot work here.
    has_refused: bool,
}

impl<'a> Record<'a> {
    /// Reads a mapping. Missing keys are reported at `at`, which names the place for people.
    pub(crate) fn read(
        node: &'a Node,
        place: &'static Place,
        at: Span,
        report: &mut Report,
    ) -> Option<Self> {
        let Some(entries) = node.mapping() else {
            let message = format!("{} is a mapping, not {}", place.name, node.kind());
            let hint = instead_of(node, place);
            report.error_with_hint("wrong-type", visible_span(node, at), message, hint);
            return None;
        };
        let mut record = Self {
            entries: Vec::new(),
            written: Vec::new(),
            has_unknown: false,
            has_refused: false,
        };
        for entry in entries {
            record.take(entry, place, report);
        }
        for key in place.keys.iter().filter(|key| key.required) {
            // Whoever wrote a key of GitHub that cannot work here did not forget what it stands for.
            if !record.written.contains(&key.name) && !record.has_refused {
                let message = format!("{} needs `{}`", place.name, key.name);
                report.error("missing-key", at, message);
            }
        }
        Some(record)
    }

    fn take(&mut self, entry: &'a Entry, place: &'static Place, report: &mut Report) {
        let span = entry.key_span;
        let Some(key) = place.key(&entry.key) else {
            self.has_unknown = true;
            unknown(entry, place, report);
            return;
        };
        if self.written.contains(&key.name) {
            let message = format!("`{}` is there already", key.name);
            report.error("duplicate-key", span, message);
            return;
        }
        self.written.push(key.name);
        match key.shape {
            Shape::Ignored => {
                let message = format!("`{}` is {}", key.name, key.description);
                let source = report.source();
                let problem = Problem::warning("ignored-key", source, span, message);
                let hint = key.instead.map(str::to_owned);
                report.add(Problem { hint, ..problem });
            }
            Shape::Refused => {
                self.has_unknown = true;
                self.has_refused = true;
                let message = format!("`{}` is not supported", key.name);
                let hint = key
                    .instead
                    .unwrap_or_else(|| instead_of_action(&entry.value));
                report.error_with_hint("unsupported-key", span, message, Some(hint.to_owned()));
            }
            // A text that is left empty is none, as on GitHub.
            Shape::Text | Shape::Template | Shape::Condition
                if entry.value.value == Value::Null && !key.required => {}
            shape => {
                if shapes::check(shape, entry, report) {
                    self.entries.push((key, entry));
                }
            }
        }
    }

    /// The entry of a key.
    pub(crate) fn entry(&self, name: &str) -> Option<&'a Entry> {
        self.entries
            .iter()
            .find(|(key, _)| key.name == name)
            .map(|(_, entry)| *entry)
    }

    /// The value of a key.
    pub(crate) fn node(&self, name: &str) -> Option<&'a Node> {
        self.entry(name).map(|entry| &entry.value)
    }

    /// Whether a key is written, with a value that fits or not.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.written.contains(&name)
    }

    /// The known keys with their entries, in the order of the file.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static Key, &'a Entry)> {
        self.entries.iter().copied()
    }
}

/// Reports the value of a key that has the wrong type.
pub(crate) fn wrong_type(entry: &Entry, expected: &str, report: &mut Report) {
    wrong_value(&entry.key, &entry.value, entry.key_span, expected, report);
}

/// Reports a value of the wrong type, by a name for people.
pub(crate) fn wrong_value(name: &str, node: &Node, at: Span, expected: &str, report: &mut Report) {
    let message = if node.value == Value::Null {
        format!("`{name}` has no value, expected {expected}")
    } else {
        format!("`{name}` is {}, expected {expected}", node.kind())
    };
    let hint = match (name, &node.value) {
        ("steps" | "on-failure" | "ensure", Value::Mapping(_)) => {
            Some("start each step with `- `".to_owned())
        }
        ("jobs", Value::Sequence(jobs)) if !jobs.is_empty() => {
            Some("leave out the `- `: a job is its id with a `:`, and its keys below it".to_owned())
        }
        _ => None,
    };
    report.error_with_hint("wrong-type", visible_span(node, at), message, hint);
}

/// What to write instead of a value that is no mapping.
fn instead_of(node: &Node, place: &'static Place) -> Option<String> {
    match (&node.value, place.name) {
        (Value::Null, "a job" | "a step") => {
            Some("what belongs to it stands below it, further to the right".to_owned())
        }
        (Value::Sequence(_), "a job") => Some("put the list below `steps:`".to_owned()),
        (Value::String(text), "a step") => {
            let is_plain =
                text.len() <= 60 && !["\n", ": ", " #"].iter().any(|it| text.contains(it));
            let command = if is_plain { text.as_str() } else { "…" };
            Some(format!(
                "a command stands behind `run:`: `- run: {command}`"
            ))
        }
        _ => None,
    }
}

/// The span of a value, or where it should be: a value that is not written has no place.
pub(crate) fn visible_span(node: &Node, otherwise: Span) -> Span {
    if node.span.start == node.span.end {
        otherwise
    } else {
        node.span
    }
}

fn unknown(entry: &Entry, place: &'static Place, report: &mut Report) {
    if LATER.contains(&entry.key.as_str()) {
        let message = format!("`{}` is not known in this version", entry.key);
        report.error("unknown-key", entry.key_span, message);
        return;
    }
    let hint = match report.near(&entry.key, place.names()) {
        Some(near) => near,
        None => {
            match elsewhere(&entry.key).filter(|ours| place.names().any(|name| name == *ours)) {
                Some(ours) => format!("did you mean `{ours}`?"),
                None => format!("known here: {}", text::one_of(place.names())),
            }
        }
    };
    let message = format!("unknown key `{}` in {}", entry.key, place.name);
    report.error_with_hint("unknown-key", entry.key_span, message, Some(hint));
}

/// Our key for one that other tools have for it.
fn elsewhere(key: &str) -> Option<&'static str> {
    const NAMES: &[(&str, &[&str])] = &[
        (
            "continue-on-error",
            &["allowfailure", "continueonfailure", "ignoreerror"],
        ),
        ("ensure", &["always", "cleanup", "finally"]),
        ("env", &["variables", "vars"]),
        ("for-each", &["foreach", "map", "withitems"]),
        (
            "if",
            &[
                "condition",
                "onlyif",
                "precondition",
                "preconditions",
                "when",
            ],
        ),
        ("name", &["label", "title"]),
        (
            "needs",
            &["after", "dependencies", "dependson", "depends", "requires"],
        ),
        ("on-failure", &["onerror", "onfail", "rescue"]),
        ("retry", &["attempts", "retries", "retrypolicy"]),
        (
            "run",
            &[
                "bash",
                "cmd",
                "cmds",
                "command",
                "commands",
                "exec",
                "script",
                "shellcommand",
            ],
        ),
        ("strategy", &["matrix"]),
        (
            "timeout-minutes",
            &["timeout", "timeoutsec", "timeoutseconds"],
        ),
        ("with", &["args", "arguments", "params", "parameters"]),
        ("workflow", &["call", "subworkflow"]),
        (
            "working-directory",
            &["chdir", "cwd", "dir", "directory", "workdir", "workingdir"],
        ),
    ];
    let key: String = key
        .chars()
        .filter(|letter| !matches!(letter, '-' | '_'))
        .collect();
    let key = key.to_ascii_lowercase();
    let mut all = NAMES.iter();
    let known = all.find(|(_, others)| others.contains(&key.as_str()));
    known.map(|(ours, _)| *ours)
}

/// What to do instead of using one of GitHub's actions.
fn instead_of_action(action: &Node) -> &'static str {
    let name = action.string().unwrap_or("");
    let name = name.split('@').next().unwrap_or(name);
    match name {
        "actions/checkout" => "leave it out: the work tree is here",
        "actions/cache" | "actions/cache/restore" | "actions/cache/save" => {
            "leave it out: what a run leaves on this machine is there for the next one"
        }
        "actions/upload-artifact" => "write `artifacts: {<name>: <path>}` beside `run:`",
        "actions/download-artifact" => {
            "leave it out: the files are here; `git mmm artifact get` fetches those of another run"
        }
        _ => "write the commands under `run:` of a step",
    }
}

/// Whether a value can stand for a text.
pub(crate) fn is_scalar(value: &Value) -> bool {
    matches!(
        value,
        Value::String(_) | Value::Integer(_) | Value::Float(_) | Value::Boolean(_)
    )
}
