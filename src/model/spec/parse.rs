//! Turns a spec file into a [`Spec`] and reports everything that is wrong with it at once.

use crate::base::diagnostic::{Problem, Severity};
use crate::base::ids::SpecId;
use crate::base::source::SourceText;
use crate::base::source::Span;
use crate::base::text::one_of;
use crate::base::text::suggestion;
use crate::base::text::visible;
use crate::model::spec::criteria;
use crate::model::spec::seen::FirstPlaces;
use crate::model::spec::split::Parts;
use crate::model::spec::types::Dependency;
use crate::model::spec::types::FORMAT;
use crate::model::spec::types::KEYS;
use crate::model::spec::types::PROBLEMS;
use crate::model::spec::types::Spec;
use crate::model::spec::types::Status;
use crate::model::tree::Entry;
use crate::model::tree::Node;
use crate::model::tree::Value;

/// Keys without which a file is no spec.
const REQUIRED: [&str; 4] = ["title", "id", "status", "format"];

/// Reads a spec from its parts and its front matter, which the caller has read from YAML.
///
/// There is a spec whenever title, id, status and format are sound, even if other things are
/// wrong; without one there is at least one error. A file in a newer format is read as far as it is
/// known, and that is the only thing said of it: what else looks wrong may be right there.
pub(crate) fn parse(
    source: &SourceText,
    parts: &Parts,
    front: &Node,
) -> (Option<Spec>, Vec<Problem>) {
    let mut reader = Reader {
        source,
        front,
        problems: Vec::new(),
    };
    let spec = reader.spec(parts);
    if let Some(problem) = reader.newer_format(spec.is_some()) {
        return (spec, vec![problem]);
    }
    let mut problems = reader.problems;
    if problems.len() > PROBLEMS {
        // Errors stay in front, so that a file without a spec still says why.
        problems.sort_by_key(|problem| !problem.is_error());
        problems.truncate(PROBLEMS);
        let message = format!("the file has more than {PROBLEMS} problems, the rest is not shown");
        let start = Span::new(parts.front.start, parts.front.start);
        problems.push(Problem::error("too-many-problems", source, start, message));
    }
    (spec, problems)
}

struct Reader<'a> {
    source: &'a SourceText,
    front: &'a Node,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// The one problem of a file in a newer format, which is read as far as that goes.
    fn newer_format(&self, is_read: bool) -> Option<Problem> {
        let node = self.front.get("format")?;
        let Value::Integer(format) = node.value else {
            return None;
        };
        if format <= FORMAT {
            return None;
        }
        let severity = if is_read {
            Severity::Warning
        } else {
            Severity::Error
        };
        let formats = (format, FORMAT);
        let problem = Problem::newer_format(severity, self.source, node.span, formats);
        Some(problem)
    }

    fn spec(&mut self, parts: &Parts) -> Option<Spec> {
        self.keys();
        let title = self.title();
        let id = self.id();
        let status = self.status();
        let format = self.format();
        let kind = self.text("kind").map(|(text, _)| text);
        let owner = self.text("owner").map(|(text, _)| text);
        let workflow = self.text("workflow").map(|(text, _)| text);
        let priority = self.priority();
        let created = self.created();
        let labels = self.list("labels");
        let depends_on = self.list("depends_on");
        let found = criteria::find(self.source, parts.body, &mut self.problems);
        let (id, id_span, slug) = id?;
        let (status, status_span) = status?;
        let spec = Spec {
            id,
            id_span,
            slug,
            source: self.source.clone(),
            title: title?,
            status,
            status_span,
            kind,
            owner,
            priority,
            created,
            workflow,
            labels: labels.into_iter().map(|label| label.text).collect(),
            depends_on,
            criteria: found.criteria,
            unreadable: found.unreadable,
            section: found.section,
            prose: found.prose,
            format: format?,
        };
        self.criteria_are_there(&spec);
        Some(spec)
    }

    fn criteria_are_there(&mut self, spec: &Spec) {
        let wanted = matches!(spec.status, Status::Ready | Status::Done);
        let broken = self.problems.iter().any(Problem::is_error);
        if wanted && !broken && spec.criteria.is_empty() {
            let message = format!(
                "the spec is {} without acceptance criteria",
                spec.status.as_str()
            );
            self.warning("no-criteria", spec.status_span, message, Some(
                "add a list item such as `- [ ] what must be true (ac-1a2b)` under `## Acceptance criteria`".to_owned(),
            ));
        }
    }

    /// Reports unknown, repeated and missing keys.
    fn keys(&mut self) {
        let entries: &[Entry] = match &self.front.value {
            Value::Mapping(entries) => entries,
            Value::Null => &[],
            _ => {
                let message = format!("the front matter is {}, not a mapping", self.front.kind());
                self.error(
                    "front-matter",
                    self.front.span,
                    message,
                    Some("write it as `key: value` lines".to_owned()),
                );
                return;
            }
        };
        let mut seen: FirstPlaces<&str> = FirstPlaces::default();
        for entry in entries {
            if self.problems.len() > PROBLEMS {
                break;
            }
            if let Some(first) = seen.of_or_put(&entry.key, entry.key_span) {
                let line = self.source.position(first.start).line;
                let key = visible(&entry.key);
                let message = format!("`{key}` stands twice, first in line {line}");
                let hint = "remove one of them".to_owned();
                self.error("duplicate-key", entry.key_span, message, Some(hint));
            } else if !KEYS.contains(&entry.key.as_str()) {
                let message = format!("the key `{}` is unknown", visible(&entry.key));
                let hint = suggestion(&entry.key, KEYS).map_or_else(
                    || "it is kept as it is; known keys are ".to_owned() + &one_of(KEYS),
                    |known| format!("did you mean `{known}`?"),
                );
                self.warning("unknown-key", entry.key_span, message, Some(hint));
            }
        }
        for key in REQUIRED {
            let given = self
                .front
                .get(key)
                .is_some_and(|node| node.value != Value::Null);
            if !given {
                let place = entries.iter().find(|entry| entry.key == key).map_or(
                    Span::new(self.front.span.start, self.front.span.start),
                    |entry| entry.key_span,
                );
                let message = format!("the front matter has no `{key}`");
                self.error("missing-key", place, message, Some(example(key)));
            }
        }
    }

    /// The node of a key that is there and holds something.
    fn node(&self, key: &str) -> Option<&'a Node> {
        self.front.get(key).filter(|node| node.value != Value::Null)
    }

    fn text(&mut self, key: &str) -> Option<(String, Span)> {
        let node = self.node(key)?;
        match &node.value {
            Value::String(text) if !text.trim().is_empty() => Some((text.clone(), node.span)),
            Value::String(_) => {
                self.error(
                    "empty-value",
                    node.span,
                    format!("`{key}` is empty"),
                    Some(example(key)),
                );
                None
            }
            _ => {
                self.wrong_type(key, node, "text");
                None
            }
        }
    }

    fn wrong_type(&mut self, key: &str, node: &Node, expected: &str) {
        let message = format!("`{key}` is {}, not {expected}", node.kind());
        let written = self.source.slice(node.span);
        let scalar = node.sequence().is_none() && node.mapping().is_none();
        let hint = if scalar && expected == "text" && !written.contains('\n') {
            format!("put it in quotes: `{key}: '{}'`", visible(written))
        } else {
            example(key)
        };
        self.error("wrong-type", node.span, message, Some(hint));
    }

    fn title(&mut self) -> Option<String> {
        let (text, span) = self.text("title")?;
        if text.trim().contains('\n') {
            let message = "`title` has more than one line";
            self.error(
                "title-lines",
                span,
                message,
                Some("say it in one line; the rest is prose".to_owned()),
            );
            return None;
        }
        Some(text.trim().to_owned())
    }

    fn id(&mut self) -> Option<(SpecId, Span, String)> {
        let node = self.node("id")?;
        // An id of digits only reads as a number: what counts is how it is written.
        let written = match &node.value {
            Value::String(text) => text.clone(),
            Value::Integer(_) | Value::Float(_) => self.source.slice(node.span).to_owned(),
            _ => {
                self.wrong_type("id", node, "text");
                return None;
            }
        };
        match written.parse::<SpecId>() {
            Ok(id) => {
                let slug = self.slug(&id, node.span);
                Some((id, node.span, slug))
            }
            Err(error) => {
                let hint = self
                    .file_id()
                    .map(|id| format!("the file name says `{id}`"));
                self.error("spec-id", node.span, visible(&error.to_string()), hint);
                None
            }
        }
    }

    fn stem(&self) -> &'a str {
        let path = self.source.path();
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        name.strip_suffix(".md").unwrap_or(name)
    }

    fn file_id(&self) -> Option<SpecId> {
        let stem = self.stem();
        let tail = stem.rsplit('-').next().unwrap_or(stem);
        tail.parse().ok()
    }

    /// The slug of the file name, which must end in the id.
    fn slug(&mut self, id: &SpecId, span: Span) -> String {
        let stem = self.stem();
        if let Some(slug) = stem.strip_suffix(id.as_str()) {
            if let Some(slug) = slug.strip_suffix('-') {
                return slug.to_owned();
            }
            if slug.is_empty() {
                return String::new();
            }
        }
        let message = format!(
            "the id `{id}` is not the one in the file name `{}`",
            visible(stem)
        );
        let hint = match self.file_id() {
            Some(other) => {
                format!("write `id: {other}`, or rename the file so that it ends in `-{id}.md`")
            }
            None => format!("rename the file so that it ends in `-{id}.md`"),
        };
        self.error("id-mismatch", span, message, Some(hint));
        match self.file_id() {
            Some(_) => stem
                .rsplit_once('-')
                .map_or("", |(slug, _)| slug)
                .to_owned(),
            None => stem.to_owned(),
        }
    }

    fn status(&mut self) -> Option<(Status, Span)> {
        let (word, span) = self.text("status")?;
        if let Some(status) = Status::from_word(&word) {
            return Some((status, span));
        }
        let words = Status::ALL.map(Status::as_str);
        let derived = ["running", "waiting", "verified", "failing", "stale"];
        let hint = if let Some(known) = suggestion(&word, words) {
            format!("did you mean `{known}`?")
        } else if derived.contains(&word.as_str()) {
            format!(
                "`{word}` is found out, never written: write {}",
                one_of(words)
            )
        } else {
            format!("write {}", one_of(words))
        };
        let message = format!("the status `{}` is unknown", visible(&word));
        self.error("unknown-status", span, message, Some(hint));
        None
    }

    fn format(&mut self) -> Option<i64> {
        let node = self.node("format")?;
        match node.value {
            Value::Integer(format) if format >= 1 => Some(format),
            Value::Integer(format) => {
                let message = format!("there is no format {format}");
                self.error("format", node.span, message, Some(example("format")));
                None
            }
            _ => {
                self.wrong_type("format", node, "a whole number");
                None
            }
        }
    }

    fn priority(&mut self) -> Option<i64> {
        let node = self.node("priority")?;
        if let Value::Integer(priority) = node.value {
            return Some(priority);
        }
        let found = visible(self.source.slice(node.span));
        let message = format!("the priority `{found}` is not a whole number");
        self.error("priority", node.span, message, Some(example("priority")));
        None
    }

    fn created(&mut self) -> Option<String> {
        let (text, span) = self.text("created")?;
        if is_date(&text) {
            return Some(text);
        }
        let message = format!("`{}` is not a day of the calendar", visible(&text));
        self.error("created", span, message, Some(example("created")));
        None
    }

    fn list(&mut self, key: &str) -> Vec<Dependency> {
        let Some(node) = self.node(key) else {
            return Vec::new();
        };
        let Value::Sequence(nodes) = &node.value else {
            self.wrong_type(key, node, "a list");
            return Vec::new();
        };
        let mut items = Vec::with_capacity(nodes.len());
        for item in nodes {
            let span = item.span;
            match &item.value {
                Value::String(text) if !text.trim().is_empty() => items.push(Dependency {
                    text: text.trim().to_owned(),
                    span,
                }),
                // A reference by an id of digits only.
                Value::Integer(_) | Value::Float(_) if key == "depends_on" => {
                    let text = self.source.slice(span).to_owned();
                    items.push(Dependency { text, span });
                }
                _ => {
                    let message = format!(
                        "an item of `{key}` is {}, not text",
                        if item.string().is_some() {
                            "empty"
                        } else {
                            item.kind()
                        }
                    );
                    self.error("wrong-type", span, message, Some(example(key)));
                }
            }
        }
        items
    }

    fn error(
        &mut self,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        self.push(Problem::error(code, self.source, span, message), hint);
    }

    fn warning(
        &mut self,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        self.push(Problem::warning(code, self.source, span, message), hint);
    }

    fn push(&mut self, problem: Problem, hint: Option<String>) {
        self.problems.push(match hint {
            Some(hint) => problem.with_hint(hint),
            None => problem,
        });
    }
}

/// How a key is written.
fn example(key: &str) -> String {
    match key {
        "title" => "add a line such as `title: Expired tokens are refused`".to_owned(),
        "id" => {
            "add the 7 characters at the end of the file name, such as `id: 7k3q9x2`".to_owned()
        }
        "status" => {
            "write `status: ` and one of ".to_owned() + &one_of(Status::ALL.map(Status::as_str))
        }
        "format" => format!("write `format: {FORMAT}`"),
        "priority" => "write a number such as `priority: 2`; lower comes first".to_owned(),
        "created" => "write the day as `created: 2026-11-22`".to_owned(),
        "labels" | "depends_on" => format!("write `{key}:` and below it one `  - name` a line"),
        _ => format!("write `{key}: word`, or remove the key"),
    }
}

/// Whether a text is a day as `YYYY-MM-DD`.
pub(crate) fn is_date(text: &str) -> bool {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let number =
        |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<u32>().ok());
    let (Some(year), Some(month), Some(day)) = (number(0, 4), number(5, 7), number(8, 10)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    };
    shape && (1..=last).contains(&day)
}
