//! Runs the commands of criteria and keeps what they said.

use std::time::Duration;

use crate::base::ids::{CriterionId, ObjectId, RecordId};
use crate::base::limits::VERIFY_TIMEOUT;
use crate::base::text::suggestion;
use crate::git::code_tree;
use crate::git::digest::content_hash;
use crate::model::record::VerdictFact;
use crate::model::spec::verdict::criterion_text;
use crate::model::spec::{Criterion, Spec, Verify};
use crate::proc::command::Exit;
use crate::proc::task::{Ending, Runner, Task};
use crate::spec::Desk;
use crate::spec::Error;

/// Bytes of the end of an output that are kept.
const OUTPUT_BYTES: usize = 64 * 1024;

/// Lines of the end of an output that are told.
const OUTPUT_LINES: usize = 20;

/// What came of one criterion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Its command succeeded.
    Passed,
    /// Its command ended otherwise.
    Failed(Exit),
    /// Its command was ended after this time.
    TimedOut(Duration),
    /// It has no command.
    NoCommand,
}

/// A criterion that was looked at.
#[derive(Clone, Debug)]
pub(crate) struct Found<'a> {
    /// The spec.
    pub(crate) spec: &'a Spec,
    /// The criterion.
    pub(crate) criterion: &'a Criterion,
    /// What came of it.
    pub(crate) outcome: Outcome,
    /// How long its command took.
    pub(crate) elapsed: Duration,
    /// The last lines that a command printed that did not pass, masked.
    pub(crate) output: Vec<String>,
    /// Whether the command changed the code that it was to test.
    pub(crate) changed_code: bool,
}

/// How a verification ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Every criterion was looked at.
    Complete,
    /// Somebody interrupted it; what was found until then is kept.
    Interrupted,
}

/// Whether verdicts are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// In the notes of HEAD if it has the code, else until a commit has it.
    Verdicts,
    /// Nothing is written.
    Nothing,
}

/// What is to be verified.
pub(crate) type Job<'a> = (&'a Spec, &'a Criterion);

/// The criteria of specs, or those of them with these ids.
pub(crate) fn jobs<'a>(
    specs: impl IntoIterator<Item = &'a Spec>,
    ids: &[CriterionId],
) -> Result<Vec<Job<'a>>, Error> {
    let all: Vec<Job<'a>> = specs
        .into_iter()
        .flat_map(|spec| spec.criteria.iter().map(move |criterion| (spec, criterion)))
        .collect();
    if ids.is_empty() {
        return Ok(all);
    }
    for id in ids {
        if !all.iter().any(|(_, criterion)| criterion.id == *id) {
            let known = all.iter().map(|(_, criterion)| criterion.id.as_str());
            return Err(Error::UnknownCriterion {
                criterion: id.to_string(),
                suggestion: suggestion(id.as_str(), known).map(str::to_owned),
            });
        }
    }
    let wanted = |job: &Job<'a>| ids.contains(&job.1.id);
    Ok(all.into_iter().filter(wanted).collect())
}

/// Runs the command of each criterion in turn and tells each outcome at once.
///
/// A verdict is about the code as it was before its command ran.
pub(crate) fn run<'a, E: From<Error>>(
    desk: &Desk<'_>,
    jobs: &[Job<'a>],
    keep: Keep,
    mut tell: impl FnMut(&Found<'a>) -> Result<(), E>,
) -> Result<End, E> {
    if keep == Keep::Verdicts {
        later_than_known(desk)?;
    }
    let mut runner = Runner::new().map_err(Error::from)?;
    // What there is before a command is what there was after the one before it.
    let code = || code_tree::code_tree(desk.repository).map_err(Error::from);
    let mut tree = None;
    for (spec, criterion) in jobs {
        let mut found = Found {
            spec,
            criterion,
            outcome: Outcome::NoCommand,
            elapsed: Duration::ZERO,
            output: Vec::new(),
            changed_code: false,
        };
        if let Some(verify) = &criterion.verify {
            let tested = tree.take().map_or_else(code, Ok)?;
            if runner.is_interrupted() || !attempt(desk, &mut runner, verify, &mut found)? {
                return Ok(End::Interrupted);
            }
            if keep == Keep::Verdicts {
                record(desk, &found, verify, &tested)?;
            }
            let now = code()?;
            found.changed_code = now != tested;
            tree = Some(now);
        }
        tell(&found)?;
    }
    Ok(End::Complete)
}

/// Makes new records sort after the known ones, even if the clock was set back: the latest verdict
/// is the one that counts.
fn later_than_known(desk: &Desk<'_>) -> Result<(), Error> {
    let known = desk.verdicts().all()?.known;
    if let Some(newest) = known.iter().map(|known| known.id.timestamp_ms()).max() {
        desk.identifiers.observe(newest);
    }
    Ok(())
}

/// Runs one command; false when somebody interrupted it, which says nothing about the criterion.
fn attempt(
    desk: &Desk<'_>,
    runner: &mut Runner,
    verify: &Verify,
    found: &mut Found<'_>,
) -> Result<bool, Error> {
    let timeout = verify.timeout.unwrap_or(VERIFY_TIMEOUT);
    let finished = runner.run(&Task {
        words: ["/bin/sh", "-c", &verify.command]
            .map(str::to_owned)
            .to_vec(),
        environment: desk.repository.child_environment(),
        folder: desk.top()?.to_owned(),
        timeout,
        output_limit: OUTPUT_BYTES,
    })?;
    found.elapsed = finished.elapsed;
    found.outcome = match finished.ending {
        Ending::Exited(exit) if exit.success() => Outcome::Passed,
        Ending::Exited(exit) => Outcome::Failed(exit),
        Ending::TimedOut => Outcome::TimedOut(timeout),
        Ending::Interrupted => return Ok(false),
    };
    if found.outcome != Outcome::Passed {
        let text = String::from_utf8_lossy(&finished.output);
        let text = desk.masker().mask(&text);
        let lines: Vec<&str> = text.lines().collect();
        let start = lines.len().saturating_sub(OUTPUT_LINES);
        let last = lines.get(start..).unwrap_or_default();
        found.output = last.iter().map(|line| (*line).to_owned()).collect();
    }
    Ok(true)
}

fn record(
    desk: &Desk<'_>,
    found: &Found<'_>,
    verify: &Verify,
    tested: &ObjectId,
) -> Result<(), Error> {
    let fresh = || -> RecordId { desk.identifiers.record_id() };
    let verdict = VerdictFact {
        spec: found.spec.id.clone(),
        criterion: found.criterion.id.clone(),
        text_hash: content_hash(criterion_text(found.criterion).as_bytes()),
        command_hash: content_hash(verify.command.as_bytes()),
        tree: tested.clone(),
        passed: found.outcome == Outcome::Passed,
        run: None,
    };
    Ok(desk.verdicts().record(vec![(fresh(), verdict)], fresh)?)
}
