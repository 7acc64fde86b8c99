//! Writes a new spec file in its canonical form.

use crate::base::ids::CriterionId;
use crate::base::ids::SpecId;
use crate::model::spec::quoting;
use crate::model::spec::quoting::Context;
use crate::model::spec::quoting::Style;
use crate::model::spec::types::FIXED;
use crate::model::spec::types::FORMAT;
use crate::model::spec::types::KEYS;
use crate::model::spec::types::Status;
use std::time::Duration;

/// Longest slug in characters.
const SLUG_LENGTH: usize = 40;

/// What a new spec file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewSpec {
    /// One line that says what will be true.
    pub(crate) title: String,
    /// The id, also in the file name.
    pub(crate) id: SpecId,
    /// The stored status.
    pub(crate) status: Status,
    /// Such as `feature`.
    pub(crate) kind: Option<String>,
    /// Who drives it.
    pub(crate) owner: Option<String>,
    /// Lower comes first.
    pub(crate) priority: Option<i64>,
    /// Day of creation, `YYYY-MM-DD`.
    pub(crate) created: Option<String>,
    /// Name of the workflow.
    pub(crate) workflow: Option<String>,
    /// Free words.
    pub(crate) labels: Vec<String>,
    /// References to other specs.
    pub(crate) depends_on: Vec<String>,
    /// Markdown before the criteria.
    pub(crate) prose: String,
    /// The criteria.
    pub(crate) criteria: Vec<NewCriterion>,
}

/// What a new criterion says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewCriterion {
    /// Names it in its spec.
    pub(crate) id: CriterionId,
    /// What must be true.
    pub(crate) text: String,
    /// The command that verifies it.
    pub(crate) command: Option<String>,
    /// The time that the command may take.
    pub(crate) timeout: Option<Duration>,
}

/// The text of a new spec file, with a line for every key.
pub(crate) fn spec(new: &NewSpec) -> String {
    let mut text = String::from("---\n");
    let mut before = None;
    for key in KEYS {
        let changes = |key: &&str| !FIXED.contains(key);
        // Without a line between them, edits of both on two branches would be a conflict.
        if before.as_ref().is_some_and(changes) && changes(&key) {
            text.push('\n');
        }
        before = Some(key);
        text.extend([key, ":"]);
        if let Some(line) = value(new, key) {
            text.extend([" ", &line]);
        }
        text.push('\n');
        let items: &[String] = match key {
            "labels" => &new.labels,
            "depends_on" => &new.depends_on,
            _ => &[],
        };
        for item in items {
            let written = quoting::write(item, Style::Plain, Context::Block);
            text.extend(["  - ", &written, "\n"]);
        }
    }
    text.push_str("---\n");
    let prose = new.prose.trim();
    if !prose.is_empty() {
        text.extend([prose, "\n"]);
    }
    if !new.criteria.is_empty() {
        let gap = if prose.is_empty() { "" } else { "\n" };
        text.extend([gap, "## Acceptance criteria\n"]);
    }
    for new in &new.criteria {
        text.push('\n');
        text.push_str(&criterion(new));
    }
    text
}

fn value(new: &NewSpec, key: &str) -> Option<String> {
    let plain = |text: &str| quoting::write(text, Style::Plain, Context::Block);
    match key {
        "title" => Some(plain(&new.title)),
        "id" => Some(plain(new.id.as_str())),
        "status" => Some(new.status.as_str().to_owned()),
        "format" => Some(FORMAT.to_string()),
        "kind" => new.kind.as_deref().map(plain),
        "owner" => new.owner.as_deref().map(plain),
        "priority" => new.priority.map(|priority| priority.to_string()),
        "created" => new.created.as_deref().map(plain),
        "workflow" => new.workflow.as_deref().map(plain),
        _ => None,
    }
}

/// The text of one criterion, ending in a line feed.
pub(crate) fn criterion(new: &NewCriterion) -> String {
    let words: Vec<&str> = new.text.split_whitespace().collect();
    let mut text = format!("- [ ] {} ({})\n", words.join(" "), new.id);
    let Some(command) = new.command.as_deref().map(str::trim) else {
        return text;
    };
    let timeout = new
        .timeout
        .map(|timeout| format!(" (timeout {})", duration(timeout)))
        .unwrap_or_default();
    if command.contains('\n') {
        let fence = "`".repeat((longest_run(command) + 1).max(3));
        text.extend(["\n  verify:", &timeout, "\n\n  ", &fence, "sh\n"]);
        for line in command.lines() {
            let indent = if line.is_empty() { "" } else { "  " };
            text.extend([indent, line, "\n"]);
        }
        text.extend(["  ", &fence, "\n"]);
        return text;
    }
    let ticks = match longest_run(command) {
        0 => "`".to_owned(),
        run => "`".repeat(run + 1),
    };
    let quoted = command.starts_with('`') || command.ends_with('`');
    let pad = if quoted { " " } else { "" };
    text.extend([
        "\n  verify: ",
        &ticks,
        pad,
        command,
        pad,
        &ticks,
        &timeout,
        "\n",
    ]);
    text
}

/// The longest run of back quotes.
fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or(0)
}

/// A time as `2h`, `20m` or `90s`.
fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        _ if seconds.is_multiple_of(3600) => format!("{}h", seconds / 3600),
        _ if seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}

/// A name for a file, made from a title: ASCII words joined by `-`, at most 40 characters.
pub(crate) fn slug(title: &str) -> String {
    let mut slug = String::new();
    let words = title
        .split(|character: char| !character.is_ascii_alphanumeric() && character != '\'')
        .map(|word| word.replace('\'', "").to_ascii_lowercase())
        .filter(|word| !word.is_empty());
    for word in words {
        let gap = usize::from(!slug.is_empty());
        if slug.len() + gap + word.len() <= SLUG_LENGTH {
            if gap == 1 {
                slug.push('-');
            }
            slug.push_str(&word);
        } else if slug.is_empty() {
            // All ASCII, so every offset is between characters.
            slug.push_str(word.get(..SLUG_LENGTH).unwrap_or(&word));
            break;
        } else {
            break;
        }
    }
    if slug.is_empty() {
        slug.push_str("spec");
    }
    slug
}
