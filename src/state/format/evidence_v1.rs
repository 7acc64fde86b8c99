//! `.mmm/runs/<ulid>.toml`: the evidence of a run of a spec, for the pull request.
//!
//! Small on purpose: it is reviewed, and there is one for each spec. What does not fit becomes a
//! count; the sealed run and the notes hold everything.

use std::fmt::Write;
use std::str::FromStr;

use crate::base::diagnostic::{self, Problem};
use crate::base::ids::{ContentHash, CriterionId, ObjectId, RunId, SpecId};
use crate::base::limits::EVIDENCE_BYTES;
use crate::base::source::SourceText;
use crate::base::text::one_of;
use crate::model::evidence::{Approval, Cost, Evidence, Omitted, StepEvidence, VerdictEvidence};
use crate::model::run::Outcome;
use crate::state::format::conflict;
use crate::state::format::fields::{Checker, Table};
use crate::state::format::toml_tree::{self, quoted};
use crate::sys::clock::{parse_rfc3339, rfc3339};

/// The format that this version reads and writes.
pub(crate) const FORMAT: i64 = 1;

/// Longest name that is written whole, in characters.
const NAME_CHARACTERS: usize = 60;

/// Bytes kept free for the counts of what was left out.
const OMITTED_BYTES: usize = 80;

const ROOT_KEYS: [&str; 15] = [
    "format",
    "run",
    "spec",
    "workflow",
    "workflow_hash",
    "started",
    "ended",
    "outcome",
    "base",
    "tree",
    "dirty",
    "step",
    "verdict",
    "approval",
    "cost",
];

/// The text of an evidence file: always the same for the same evidence, at most
/// [`EVIDENCE_BYTES`] long.
pub(crate) fn render(evidence: &Evidence) -> String {
    let mut head = head(evidence);
    let cost = evidence.cost.map(cost).unwrap_or_default();
    let mut room = EVIDENCE_BYTES.saturating_sub(head.len() + cost.len() + OMITTED_BYTES);
    // In the order of what a reviewer misses most: who agreed, what is proved, what went wrong.
    let approvals: Vec<String> = evidence.approvals.iter().map(approval).collect();
    let approvals = fitting(approvals, |_| true, &mut room);
    let verdicts: Vec<String> = evidence.verdicts.iter().map(verdict).collect();
    let verdicts = fitting(verdicts, |_| true, &mut room);
    let steps: Vec<String> = evidence.steps.iter().map(step).collect();
    let unusual = |at: usize| {
        let step = evidence.steps.get(at);
        step.is_some_and(|step| step.outcome != Outcome::Success)
    };
    let steps = fitting(steps, unusual, &mut room);
    for part in steps
        .kept
        .iter()
        .chain(&verdicts.kept)
        .chain(&approvals.kept)
    {
        head.push_str(part);
    }
    head.push_str(&cost);
    head.push_str(&omitted(Omitted {
        steps: evidence.omitted.steps + steps.omitted,
        verdicts: evidence.omitted.verdicts + verdicts.omitted,
        approvals: evidence.omitted.approvals + approvals.omitted,
    }));
    head
}

/// What found room.
struct Fitting {
    kept: Vec<String>,
    omitted: usize,
}

/// Keeps the parts that fit, those that `first` picks before the others, in their own order.
fn fitting(parts: Vec<String>, first: impl Fn(usize) -> bool, room: &mut usize) -> Fitting {
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|at| !first(*at));
    let mut keep = vec![false; parts.len()];
    for at in order {
        let Some((part, keep)) = parts.get(at).zip(keep.get_mut(at)) else {
            continue;
        };
        if part.len() > *room {
            break;
        }
        *room -= part.len();
        *keep = true;
    }
    let total = parts.len();
    let kept: Vec<String> = parts
        .into_iter()
        .zip(keep)
        .filter_map(|(part, keep)| keep.then_some(part))
        .collect();
    Fitting {
        omitted: total - kept.len(),
        kept,
    }
}

/// Writes `key = value` lines; writing to a `String` cannot fail.
macro_rules! lines {
    ($text:expr, $($key:literal = $value:expr),* $(,)?) => {
        $(writeln!($text, concat!($key, " = {}"), $value).expect("a string takes every write");)*
    };
}

fn head(evidence: &Evidence) -> String {
    let mut text = String::new();
    lines!(
        text,
        "format" = FORMAT,
        "run" = quoted(&evidence.run.to_string()),
        "spec" = quoted(evidence.spec.as_str()),
        "workflow" = name(&evidence.workflow),
        "workflow_hash" = quoted(evidence.workflow_hash.as_str()),
        "started" = rfc3339(evidence.started_ms),
        "ended" = rfc3339(evidence.ended_ms),
        "outcome" = quoted(evidence.outcome.as_str()),
    );
    if let Some(base) = &evidence.base {
        lines!(text, "base" = quoted(base.as_str()));
    }
    lines!(
        text,
        "tree" = quoted(evidence.tree.as_str()),
        "dirty" = evidence.dirty
    );
    text
}

fn step(step: &StepEvidence) -> String {
    let mut text = "\n[[step]]\n".to_owned();
    lines!(
        text,
        "job" = name(&step.job),
        "name" = name(&step.name),
        "outcome" = quoted(step.outcome.as_str()),
        "ms" = step.duration_ms,
    );
    text
}

fn verdict(verdict: &VerdictEvidence) -> String {
    let mut text = "\n[[verdict]]\n".to_owned();
    lines!(
        text,
        "criterion" = quoted(verdict.criterion.as_str()),
        "text_hash" = quoted(verdict.text_hash.as_str()),
        "command_hash" = quoted(verdict.command_hash.as_str()),
        "outcome" = quoted(if verdict.passed { "passed" } else { "failed" }),
        "red_before" = verdict.red_before,
    );
    text
}

fn approval(approval: &Approval) -> String {
    let mut text = "\n[[approval]]\n".to_owned();
    lines!(
        text,
        "who" = name(&approval.who),
        "option" = name(&approval.option),
        "at" = rfc3339(approval.at_ms),
        "hash" = quoted(approval.hash.as_str()),
    );
    text
}

fn cost(cost: Cost) -> String {
    let mut text = "\n[cost]\n".to_owned();
    lines!(
        text,
        "input_tokens" = cost.input_tokens,
        "output_tokens" = cost.output_tokens,
        "pico_usd" = cost.pico_usd,
    );
    text
}

fn omitted(omitted: Omitted) -> String {
    let mut text = String::new();
    if omitted == Omitted::default() {
        return text;
    }
    text.push_str("\n[omitted]\n");
    lines!(
        text,
        "steps" = omitted.steps,
        "verdicts" = omitted.verdicts,
        "approvals" = omitted.approvals,
    );
    text
}

/// A name, quoted; a long one is cut so that the file stays small whatever people call things.
fn name(name: &str) -> String {
    if name.chars().count() <= NAME_CHARACTERS {
        return quoted(name);
    }
    let cut: String = name.chars().take(NAME_CHARACTERS - 1).collect();
    quoted(&format!("{cut}…"))
}

/// Reads an evidence file with all its problems; nothing comes back when one of them is an error.
///
/// One in a newer format is read as far as it is known; that it is newer is all that is said of it.
pub(crate) fn read(source: &SourceText) -> (Option<Evidence>, Vec<Problem>) {
    let (node, problems) = toml_tree::parse(source);
    if conflict::is_among(&problems) {
        return (None, problems);
    }
    let mut checker = Checker::new(source, problems);
    let root = checker.root(&node);
    let newer = checker.newer_format(&root, FORMAT);
    let evidence = fields(&mut checker, &root);
    if let Some(problem) = newer {
        return (evidence, vec![problem]);
    }
    let known: Vec<&'static str> = ROOT_KEYS.into_iter().chain(["omitted"]).collect();
    checker.unknown_keys(&root, &known);
    let usable = !checker.has_errors();
    let mut problems = checker.into_problems();
    diagnostic::sort(&mut problems);
    (evidence.filter(|_| usable), problems)
}

fn fields<'a>(checker: &mut Checker<'a>, root: &Table<'a>) -> Option<Evidence> {
    let run = required::<RunId>(checker, root, "run");
    let spec = required::<SpecId>(checker, root, "spec");
    let workflow = text(checker, root, "workflow");
    let workflow_hash = hash(checker, root, "workflow_hash");
    let started_ms = time(checker, root, "started");
    let ended_ms = time(checker, root, "ended");
    let outcome = outcome(checker, root);
    let base = checker.parsed::<ObjectId>(root, "base");
    let tree = required::<ObjectId>(checker, root, "tree");
    let dirty = checker.boolean(root, "dirty");
    let dirty = checker.required(root, "dirty", dirty);
    let steps = read_all(checker, root, "step", read_step);
    let verdicts = read_all(checker, root, "verdict", read_verdict);
    let approvals = read_all(checker, root, "approval", read_approval);
    let cost = read_cost(checker, root);
    let omitted = read_omitted(checker, root);
    Some(Evidence {
        run: run?,
        spec: spec?,
        workflow: workflow?,
        workflow_hash: workflow_hash?,
        started_ms: started_ms?,
        ended_ms: ended_ms?,
        outcome: outcome?,
        base,
        tree: tree?,
        dirty: dirty?,
        steps,
        verdicts,
        approvals,
        cost,
        omitted,
    })
}

fn read_all<'a, T>(
    checker: &mut Checker<'a>,
    root: &Table<'a>,
    key: &'static str,
    read: impl Fn(&mut Checker<'a>, &Table<'a>) -> Option<T>,
) -> Vec<T> {
    let tables = checker.tables(root, key);
    tables
        .iter()
        .filter_map(|table| read(checker, table))
        .collect()
}

fn read_step<'a>(checker: &mut Checker<'a>, table: &Table<'a>) -> Option<StepEvidence> {
    let job = text(checker, table, "job");
    let name = text(checker, table, "name");
    let outcome = outcome(checker, table);
    let duration_ms = checker.count(table, "ms");
    let duration_ms = checker.required(table, "ms", duration_ms);
    checker.unknown_keys(table, &["job", "name", "outcome", "ms"]);
    Some(StepEvidence {
        job: job?,
        name: name?,
        outcome: outcome?,
        duration_ms: duration_ms?,
    })
}

fn read_verdict<'a>(checker: &mut Checker<'a>, table: &Table<'a>) -> Option<VerdictEvidence> {
    let criterion = required::<CriterionId>(checker, table, "criterion");
    let text_hash = hash(checker, table, "text_hash");
    let command_hash = hash(checker, table, "command_hash");
    let passed = word(
        checker,
        table,
        "outcome",
        &[("passed", true), ("failed", false)],
    );
    let red_before = checker.boolean(table, "red_before");
    let red_before = checker.required(table, "red_before", red_before);
    let known = [
        "criterion",
        "text_hash",
        "command_hash",
        "outcome",
        "red_before",
    ];
    checker.unknown_keys(table, &known);
    Some(VerdictEvidence {
        criterion: criterion?,
        text_hash: text_hash?,
        command_hash: command_hash?,
        passed: passed?,
        red_before: red_before?,
    })
}

fn read_approval<'a>(checker: &mut Checker<'a>, table: &Table<'a>) -> Option<Approval> {
    let who = text(checker, table, "who");
    let option = text(checker, table, "option");
    let at_ms = time(checker, table, "at");
    let hash = hash(checker, table, "hash");
    checker.unknown_keys(table, &["who", "option", "at", "hash"]);
    Some(Approval {
        who: who?,
        option: option?,
        at_ms: at_ms?,
        hash: hash?,
    })
}

fn read_cost<'a>(checker: &mut Checker<'a>, root: &Table<'a>) -> Option<Cost> {
    root.get("cost")?;
    let table = checker.table(root, "cost");
    checker.unknown_keys(&table, &["input_tokens", "output_tokens", "pico_usd"]);
    Some(Cost {
        input_tokens: checker.count(&table, "input_tokens").unwrap_or(0),
        output_tokens: checker.count(&table, "output_tokens").unwrap_or(0),
        pico_usd: checker.count(&table, "pico_usd").unwrap_or(0),
    })
}

fn read_omitted<'a>(checker: &mut Checker<'a>, root: &Table<'a>) -> Omitted {
    let table = checker.table(root, "omitted");
    checker.unknown_keys(&table, &["steps", "verdicts", "approvals"]);
    let mut count = |key| {
        let count = checker.count(&table, key).unwrap_or(0);
        usize::try_from(count).unwrap_or(usize::MAX)
    };
    Omitted {
        steps: count("steps"),
        verdicts: count("verdicts"),
        approvals: count("approvals"),
    }
}

fn required<'a, T>(checker: &mut Checker<'a>, table: &Table<'a>, key: &'static str) -> Option<T>
where
    T: FromStr,
    T::Err: std::fmt::Display,
{
    let value = checker.parsed(table, key);
    checker.required(table, key, value)
}

fn text<'a>(checker: &mut Checker<'a>, table: &Table<'a>, key: &'static str) -> Option<String> {
    let value = checker.text(table, key).map(str::to_owned);
    checker.required(table, key, value)
}

/// A value from a few known words.
fn word<'a, T: Copy>(
    checker: &mut Checker<'a>,
    table: &Table<'a>,
    key: &'static str,
    words: &[(&'static str, T)],
) -> Option<T> {
    let found = checker.text(table, key);
    let found = checker.required(table, key, found)?;
    let value = words.iter().find(|(word, _)| *word == found);
    if let (None, Some(node)) = (value, table.get(key)) {
        let expected = one_of(words.iter().map(|(word, _)| *word));
        let message = format!("`{}` is not {expected}", found.escape_debug());
        checker.error("invalid-value", node.span, message);
    }
    value.map(|(_, value)| *value)
}

fn outcome<'a>(checker: &mut Checker<'a>, table: &Table<'a>) -> Option<Outcome> {
    let words = Outcome::ALL.map(|outcome| (outcome.as_str(), outcome));
    word(checker, table, "outcome", &words)
}

fn hash<'a>(
    checker: &mut Checker<'a>,
    table: &Table<'a>,
    key: &'static str,
) -> Option<ContentHash> {
    let found = text(checker, table, key)?;
    let hex = found
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if hex && found.len() == 64 {
        return Some(ContentHash::new(found));
    }
    if let Some(node) = table.get(key) {
        let message = format!("`{}` is not a hash of 64 hex digits", found.escape_debug());
        checker.error("invalid-value", node.span, message);
    }
    None
}

fn time<'a>(checker: &mut Checker<'a>, table: &Table<'a>, key: &'static str) -> Option<u64> {
    let found = checker.text(table, key);
    let found = checker.required(table, key, found)?;
    let ms = parse_rfc3339(found);
    if let (None, Some(node)) = (ms, table.get(key)) {
        let message = format!("`{}` is not a time", found.escape_debug());
        checker.error("invalid-value", node.span, message);
    }
    ms
}

#[cfg(test)]
mod tests;
