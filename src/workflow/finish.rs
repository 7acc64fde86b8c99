//! What follows when a run is over: ticks and evidence, verdicts and a note, the seal, and then
//! its folder goes.
//!
//! The end itself stands in the journal before any of this. Every step may be done twice: whoever
//! takes up a run that was cut short here does all of them again.

use crate::base::ids::{CriterionId, RecordId, RunId};
use crate::base::limits::STATE_FILE_BYTES;
use crate::base::source::SourceText;
use crate::git::digest::content_hash;
use crate::git::snapshot;
use crate::model::evidence::{Approval, Evidence, Omitted, StepEvidence, VerdictEvidence};
use crate::model::record::{RunFact, VerdictFact};
use crate::model::run::event::{RunStart, VerificationPhase};
use crate::model::run::state::VerificationState;
use crate::model::run::{Outcome, RunState, RunStatus};
use crate::model::spec::verdict::criterion_text;
use crate::model::spec::{Criterion, Spec, edit};
use crate::state::format::{evidence_v1, spec as spec_format};
use crate::state::layout::StatePath;
use crate::state::run_folder::RunFolder;
use crate::state::state_files::StateFiles;
use crate::state::transaction::{Expected, Transaction};
use crate::state::verdicts::Store;
use crate::state::work_tree::{self, GoesOn};
use crate::state::{self, artifacts, evidence_files, runs};
use crate::sys::files;
use crate::workflow::driver::{Observer, Workshop};
use crate::workflow::pinned::Pinned;
use crate::workflow::{Error, isolation_end, seal};

/// Tries of writing the tracked files, when somebody edits them at the same time.
const WRITES: usize = 5;

/// Success unless a criterion's command failed.
pub(crate) fn verified_outcome(state: &RunState, pinned: &Pinned) -> Outcome {
    let failed = pinned
        .spec
        .iter()
        .flat_map(|spec| &spec.criteria)
        .any(|criterion| {
            criterion.verify.is_some()
                && state.criterion_outcome(VerificationPhase::After, &criterion.id)
                    != Some(Outcome::Success)
        });
    if failed {
        Outcome::Failure
    } else {
        Outcome::Success
    }
}

/// Does everything that follows from the end of a run. One is `untouched` when nobody but this
/// process has ever driven it.
pub(crate) fn finish(
    shop: &Workshop<'_>,
    folder: &RunFolder,
    (run, untouched): (RunId, bool),
    state: RunState,
    pinned: &Pinned,
    observer: &mut dyn Observer,
) -> Result<RunState, Error> {
    let Some(start) = state.start.clone() else {
        return Err(Error::NoStart { run });
    };
    let status = state.status(false);
    // Before anything is written into the work tree: a branch moves only where it is clean.
    isolation_end::conclude(shop, (&start, &state), (folder, pinned), observer);
    if let Some(spec) = &pinned.spec
        && !matches!(status, RunStatus::Finished(Outcome::Cancelled))
    {
        match work_tree::of(shop.repository, &start)? {
            GoesOn::In(work_tree) => return Err(Error::ElsewhereStarted { run, work_tree }),
            GoesOn::Gone(work_tree) => observer.note(&format!(
                "nothing is ticked: the run was started in {}, which is gone",
                work_tree.display()
            )),
            _ => write_tracked(shop, &start, &state, (pinned, spec))?,
        }
    }
    record(shop, run, &start, &state, pinned)?;
    if untouched && state.checkpoints.is_empty() && state.artifacts.is_empty() {
        // It has no refs yet, and asking takes a process.
        seal::seal(shop, folder, run, &state, status)?;
    } else {
        seal_once(shop, folder, (run, &state, status), observer)?;
    }
    // All of it is in Git. Whoever clears away what is left of runs, a moment later and after each run,
    // tries it again, and says why it stays.
    let _ = folder.remove();
    Ok(state)
}

/// Seals a run unless that was done, and removes the refs that it needed while it lived.
fn seal_once(
    shop: &Workshop<'_>,
    folder: &RunFolder,
    (run, state, status): (RunId, &RunState, RunStatus),
    observer: &mut dyn Observer,
) -> Result<(), Error> {
    let checkpoints = format!("mmm/checkpoint/{run}");
    let (below, live) = (
        format!("refs/heads/{checkpoints}"),
        artifacts::live_ref(run),
    );
    // All that may be left of it, in one question.
    let seals = runs::seals_of(run);
    let left = shop.repository.refs().list(&[&seals, &below, &live])?;
    let (seals, others): (Vec<_>, Vec<_>) = left
        .into_iter()
        .partition(|entry| entry.name.starts_with(runs::REFS));
    if !runs::is_sealed(shop.repository, seals, folder) {
        seal::seal(shop, folder, run, state, status)?;
    }
    if others.iter().any(|entry| entry.name != live)
        && let Err(error) = snapshot::delete_checkpoints(shop.repository, &checkpoints)
    {
        observer.note(&format!("the checkpoints of the run stay: {error}"));
    }
    if others.iter().any(|entry| entry.name == live)
        && let Err(error) = artifacts::let_go(shop.repository, run)
    {
        observer.note(&format!("the ref of the run's artifacts stays: {error}"));
    }
    Ok(())
}

/// Ticks what is proved and writes the evidence, in one transaction.
fn write_tracked(
    shop: &Workshop<'_>,
    start: &RunStart,
    state: &RunState,
    pinned: (&Pinned, &Spec),
) -> Result<(), Error> {
    let mut tries = 0;
    loop {
        tries += 1;
        match try_write_tracked(shop, start, state, pinned) {
            Err(Error::State(state::Error::Changed { .. })) if tries < WRITES => {}
            result => return result,
        }
    }
}

fn try_write_tracked(
    shop: &Workshop<'_>,
    start: &RunStart,
    state: &RunState,
    (pinned, spec): (&Pinned, &Spec),
) -> Result<(), Error> {
    let run = start.run;
    let top = shop.repository.top()?;
    let mut transaction = Transaction::begin(shop.place.clone())?;
    tick(shop.files, state, spec, &mut transaction)?;
    for old in evidence_files::load(shop.files)?.evidence {
        let path = StatePath::evidence(old.run);
        if old.spec == spec.id && old.run != run && !is_committed(shop, &path)? {
            let bytes = files::read_bytes(&path.to_read(top)?, STATE_FILE_BYTES)?;
            transaction.delete(path, Expected::Bytes(bytes));
        }
    }
    let path = StatePath::evidence(run);
    let text = evidence_v1::render(&evidence(start, state, (pinned, spec)));
    let expected = match files::read_bytes(&path.to_read(top)?, STATE_FILE_BYTES) {
        Ok(bytes) => Expected::Bytes(bytes),
        Err(error) if error.is_not_found() => Expected::Absent,
        Err(error) => return Err(error.into()),
    };
    transaction.write(path, expected, text);
    Ok(transaction.commit().map(drop)?)
}

fn is_committed(shop: &Workshop<'_>, path: &StatePath) -> Result<bool, Error> {
    let Some(head) = shop.repository.head()?.commit else {
        return Ok(false);
    };
    let objects = shop.repository.objects()?;
    let tree = objects.commit_tree(&head)?;
    Ok(objects.entry_at(&tree, path.as_str())?.is_some())
}

/// Ticks the criteria whose command passed, in the file as it is now: only those that still say
/// what the run went by.
fn tick(
    files: &StateFiles,
    state: &RunState,
    pinned: &Spec,
    transaction: &mut Transaction,
) -> Result<(), Error> {
    let path = StatePath::spec(&pinned.slug, &pinned.id)?;
    // Removed or made unreadable meanwhile: there is nothing to tick.
    let text = files
        .read(&path)?
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let Some(text) = text else {
        return Ok(());
    };
    let original = text.clone();
    let mut source = SourceText::new(path.as_str(), text);
    for criterion in &pinned.criteria {
        let passed = state.criterion_outcome(VerificationPhase::After, &criterion.id)
            == Some(Outcome::Success);
        let (Some(now), _) = spec_format::read(&source) else {
            return Ok(());
        };
        let same = now.criteria.iter().find(|other| {
            other.id == criterion.id
                && criterion_text(other) == criterion_text(criterion)
                && other.verify.as_ref().map(|verify| &verify.command)
                    == criterion.verify.as_ref().map(|verify| &verify.command)
        });
        if let (true, Some(same)) = (passed, same.filter(|same| !same.ticked)) {
            let ticked = edit::tick(&source, same, true);
            source = SourceText::new(path.as_str(), ticked);
        }
    }
    if source.text() != original {
        files.restore(&path)?;
        let expected = Expected::Bytes(original.into_bytes());
        transaction.write(path, expected, source.text());
    }
    Ok(())
}

fn evidence(start: &RunStart, state: &RunState, (pinned, spec): (&Pinned, &Spec)) -> Evidence {
    let mut steps = Vec::new();
    for id in state.job_order.iter().filter(|id| !id.starts_with('@')) {
        let Some(job) = state.jobs.get(id) else {
            continue;
        };
        let mut known: Vec<_> = job.steps.iter().collect();
        known.sort_by_key(|(_, step)| step.order);
        steps.extend(known.into_iter().filter_map(|(key, step)| {
            Some(StepEvidence {
                job: id.clone(),
                name: pinned
                    .bundle()
                    .step(id, key)
                    .map_or(key.as_str(), |(_, step)| step.written_name())
                    .to_owned(),
                outcome: step.outcome?,
                duration_ms: step.finish.as_ref().map_or(0, |finish| finish.elapsed_ms),
            })
        }));
    }
    let after = state.after.as_ref();
    // Evidence names one tree. What was tested on what another command made of it is in the notes.
    let mut verdicts = verdict_evidence(state, spec);
    let all = verdicts.len();
    verdicts.retain(|verdict| {
        after.is_none_or(|after| *after.tree_of(&verdict.criterion) == after.tree)
    });
    let omitted = Omitted {
        verdicts: all - verdicts.len(),
        ..Omitted::default()
    };
    Evidence {
        run: start.run,
        spec: spec.id.clone(),
        workflow: start.workflow.clone(),
        workflow_hash: start.workflow_hash.clone(),
        started_ms: state.started_ms,
        ended_ms: state.ended_ms.unwrap_or(state.last_ms),
        outcome: state.outcome.unwrap_or(Outcome::Failure),
        base: start.base.clone(),
        // What was tested at the end; without a verification, what the run began with.
        tree: after.map_or_else(|| start.tree.clone(), |after| after.tree.clone()),
        dirty: start.dirty,
        steps,
        verdicts,
        approvals: approvals(state),
        cost: None,
        omitted,
    }
}

fn verdict_evidence(state: &RunState, spec: &Spec) -> Vec<VerdictEvidence> {
    let of = |criterion: &Criterion| {
        let verify = criterion.verify.as_ref()?;
        let outcome = |phase| state.criterion_outcome(phase, &criterion.id);
        let after = outcome(VerificationPhase::After)?;
        if !matches!(after, Outcome::Success | Outcome::Failure) {
            return None;
        }
        Some(VerdictEvidence {
            criterion: criterion.id.clone(),
            text_hash: content_hash(criterion_text(criterion).as_bytes()),
            command_hash: content_hash(verify.command.as_bytes()),
            passed: after == Outcome::Success,
            red_before: outcome(VerificationPhase::Before) == Some(Outcome::Failure),
        })
    };
    spec.criteria.iter().filter_map(of).collect()
}

fn approvals(state: &RunState) -> Vec<Approval> {
    let counts = state.checkpoints.iter().filter(|known| !known.undone);
    let answered = counts.filter_map(|checkpoint| {
        let answered = checkpoint.answered.as_ref()?;
        Some(Approval {
            who: answered.who.clone(),
            option: answered.option.clone(),
            at_ms: checkpoint.answered_at_ms().unwrap_or(0),
            hash: answered.hash.clone(),
        })
    });
    answered.collect()
}

/// Records the verdicts of both verifications, and the run on the commit that it ran on.
fn record(
    shop: &Workshop<'_>,
    run: RunId,
    start: &RunStart,
    state: &RunState,
    pinned: &Pinned,
) -> Result<(), Error> {
    let store = Store::new(shop.repository, &shop.local);
    let fresh = || shop.identifiers.record_id();
    let mut verdicts = Vec::new();
    if let Some(spec) = &pinned.spec {
        for (phase, known) in [
            (VerificationPhase::Before, &state.before),
            (VerificationPhase::After, &state.after),
        ] {
            if let Some(known) = known {
                verdicts.extend(verdicts_of(run, state, spec, phase, known));
            }
        }
    }
    store.record(verdicts, fresh)?;
    // A repository without a commit has nothing to hang a note on.
    if let Some(base) = &start.base {
        let fact = RunFact {
            run,
            workflow: start.workflow.clone(),
            spec: start.spec.as_ref().map(|spec| spec.id.clone()),
            outcome: state.outcome.unwrap_or(Outcome::Failure),
            tree: start.tree.clone(),
            duration_ms: state.last_ms.saturating_sub(state.started_ms),
        };
        let ended = state.ended_ms.unwrap_or(state.last_ms);
        let id = stable_id(ended, run, VerificationPhase::After, "run");
        store.record_run(base, id, fact, fresh)?;
    }
    Ok(())
}

fn verdicts_of(
    run: RunId,
    state: &RunState,
    spec: &Spec,
    phase: VerificationPhase,
    known: &VerificationState,
) -> Vec<(RecordId, VerdictFact)> {
    let of = |criterion: &CriterionId| {
        let criterion = spec.criteria.iter().find(|other| other.id == *criterion)?;
        let verify = criterion.verify.as_ref()?;
        let passed = match state.criterion_outcome(phase, &criterion.id)? {
            Outcome::Success => true,
            Outcome::Failure => false,
            // A command that was cut short says nothing.
            Outcome::Cancelled | Outcome::Skipped => return None,
        };
        let fact = VerdictFact {
            spec: spec.id.clone(),
            criterion: criterion.id.clone(),
            text_hash: content_hash(criterion_text(criterion).as_bytes()),
            command_hash: content_hash(verify.command.as_bytes()),
            tree: known.tree_of(&criterion.id).clone(),
            passed,
            run: Some(run),
        };
        let what = format!("{phase:?} {}", criterion.id);
        Some((stable_id(known.at_ms, run, phase, &what), fact))
    };
    known.criteria.iter().filter_map(of).collect()
}

/// The id of a record of a run: the same whenever it is made again, so that it is written once.
/// What was found before the work sorts before what was found after it, also within one
/// millisecond.
fn stable_id(at_ms: u64, run: RunId, phase: VerificationPhase, what: &str) -> RecordId {
    let digest = content_hash(format!("{run} {what}").as_bytes());
    let random = digest.as_str().get(..20).unwrap_or("");
    // An id has 80 bits beside the time; the first of them is the phase.
    let random = u128::from_str_radix(random, 16).unwrap_or(0) >> 1;
    let late = u128::from(phase == VerificationPhase::After) << 79;
    RecordId::from_parts(at_ms, random | late)
}
