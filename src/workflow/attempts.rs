//! Attempts that a dead engine or supervisor left: their processes are ended, and those that were
//! asked for and not started never start.

use std::ffi::OsStr;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::base::ids::RunId;
use crate::model::run::event::{AFTER, BEFORE};
use crate::model::run::{AttemptName, RunState};
use crate::proc::tree;
use crate::state::run_folder::RunFolder;
use crate::sys::files;
use crate::workflow::Error;
use crate::workflow::driver::Workshop;
use crate::workflow::pinned::Pinned;
use crate::workflow::prepare::RUN_VARIABLE;
use crate::workflow::shared::ATTEMPT_VARIABLE;

/// How long the processes of an attempt are ended: what forks faster than we kill is not ours to
/// win.
const LIMIT: Duration = Duration::from_secs(5);

/// What a claim says that was made only so that nobody else makes it.
const TOMBSTONE: &str = "tombstone\n";

/// Largest claim that is read, in bytes.
const CLAIM_BYTES: u64 = 100;

/// Ends every process of an attempt and waits until they are gone.
///
/// They are known by their mark and by the claim, which they inherit open: a process between
/// `fork` and `exec`, whose supervisor was killed at that moment, has only the second.
pub(crate) fn end_processes(folder: &RunFolder, run: RunId, attempt: &AttemptName) {
    let mark = format!("{run}/{attempt}");
    let claim = folder.claim(attempt);
    let start = Instant::now();
    let mut pause = tree::FIRST_PAUSE;
    while start.elapsed() < LIMIT {
        let mut alive = tree::marked(ATTEMPT_VARIABLE, |value| value == mark);
        alive.extend(tree::holders(&claim));
        alive.retain(|pid| tree::is_alive(*pid));
        if alive.is_empty() {
            return;
        }
        tree::kill_all(&alive);
        pause = tree::pause(pause);
    }
}

/// Whether this process belongs to a step of a run: its environment says so, or, when that was
/// dropped, a supervisor of this repository among its ancestors; orphans have one too, as it adopts
/// them. Where the kernel does not tell who descends from whom, the environment alone decides.
///
/// Supervisors of other repositories do not count: a step may test a program that runs workflows.
pub(crate) fn is_inside_step(shop: &Workshop<'_>) -> bool {
    let is_set = |name| shop.environment.var_os(name).is_some();
    if is_set(RUN_VARIABLE) || is_set(ATTEMPT_VARIABLE) {
        return true;
    }
    let Ok(runs) = shop.local.runs().canonicalize() else {
        return false;
    };
    let (_, arguments) = &shop.supervisor;
    let supervises = |pid: &u32| {
        let words = tree::command_line(*pid);
        // The program, what makes it a supervisor, and the folder of a run.
        let Some(([_, own @ ..], folder)) = words.split_last().map(|(last, rest)| (rest, last))
        else {
            return false;
        };
        let above = Path::new(folder).parent().map(Path::canonicalize);
        own.iter().eq(arguments.iter().map(OsStr::new))
            && above.is_some_and(|above| above.is_ok_and(|at| at == runs))
    };
    tree::ancestors(std::process::id()).iter().any(supervises)
}

/// Makes sure that no supervisor of a dead engine starts anything any more.
///
/// One may still be about to start what it was asked to. Whoever makes the claim first decides:
/// we make it, and the attempt gets the next number. `false` when a supervisor was first: then it
/// is at work, and everything must be looked at again. `seen` keeps such claims from call to call:
/// one that leads to nothing is of a supervisor that died before it recorded anything.
pub(crate) fn take_over(
    folder: &RunFolder,
    pinned: &Pinned,
    state: &mut RunState,
    seen: &mut Vec<AttemptName>,
) -> Result<bool, Error> {
    for mut attempt in next_attempts(pinned, state) {
        loop {
            let claim = folder.claim(&attempt);
            let ours = files::create_new(&claim, TOMBSTONE.as_bytes())?;
            if !ours
                && !seen.contains(&attempt)
                && files::read_text(&claim, CLAIM_BYTES)? != TOMBSTONE
            {
                seen.push(attempt);
                return Ok(false);
            }
            state.skip_attempt(&attempt);
            if ours {
                break;
            }
            attempt.number += 1;
        }
    }
    note_claims(folder, state)?;
    Ok(true)
}

/// Numbers that are claimed are not used again, also where the step was undone meanwhile.
fn note_claims(folder: &RunFolder, state: &mut RunState) -> Result<(), Error> {
    for path in files::entries(&folder.claims())? {
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(attempt) = name.and_then(|name| name.parse::<AttemptName>().ok()) else {
            continue;
        };
        if attempt.number > state.attempts(&attempt.job, &attempt.step) {
            state.note_tried(&attempt.job, &attempt.step, attempt.number);
        }
    }
    Ok(())
}

/// The attempts that may have been asked for: the next one of each job, and of each criterion.
fn next_attempts(pinned: &Pinned, state: &RunState) -> Vec<AttemptName> {
    let mut next = Vec::new();
    for (key, known) in &state.jobs {
        let open = known.result.is_none() && known.expanded.is_none();
        let Some((_, job)) = pinned.bundle().job(key).filter(|_| open) else {
            continue;
        };
        let step = job.steps.iter().find(|step| {
            let known = known.steps.get(&step.key);
            known.is_none_or(|known| known.outcome.is_none())
        });
        next.extend(step.map(|step| state.next_attempt(key, &step.key)));
    }
    for (verification, job) in [(&state.before, BEFORE), (&state.after, AFTER)] {
        for criterion in verification.iter().flat_map(|known| &known.criteria) {
            let known = state.step(job, criterion.as_str());
            if known.is_none_or(|known| known.outcome.is_none()) {
                next.push(state.next_attempt(job, criterion.as_str()));
            }
        }
    }
    next
}

#[cfg(test)]
mod tests {
    use super::{TOMBSTONE, take_over};
    use crate::base::source::SourceText;
    use crate::model::run::{Event, RecordedEvent, RunState};
    use crate::state::run_folder::RunFolder;
    use crate::sys::files;
    use crate::workflow::pinned::Pinned;
    use crate::workflow::sources::Sources;

    /// Takes over a run whose only job has begun, given what its claims say; tells the answer of
    /// each call until it is yes, and the number that the next attempt follows.
    fn check(claims: &[&str], answers: &[bool], number: u32) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let folder = RunFolder::at(folder.path().to_owned());
        folder.create().expect("creates");
        let text = "name: x\njobs:\n  a:\n    steps:\n      - run: 'true'\n";
        let source = SourceText::new("x.yaml", text);
        let pinned = Pinned {
            workflow: Sources::of(source).workflow().expect("a workflow"),
            called: std::collections::BTreeMap::new(),
            spec: None,
            names: crate::model::expression::Context::default(),
        };
        for (index, text) in claims.iter().enumerate() {
            let path = folder.path().join(format!("claims/a.1.{}", index + 1));
            assert!(files::create_new(&path, text.as_bytes()).expect("writes"));
        }
        let mut seen = Vec::new();
        let mut found = Vec::new();
        let mut state = RunState::default();
        while found.last() != Some(&true) && found.len() < 10 {
            state = RunState::fold(&[RecordedEvent {
                at_ms: 1,
                event: Event::JobStarted {
                    job: "a".to_owned(),
                },
            }]);
            found.push(take_over(&folder, &pinned, &mut state, &mut seen).expect("reads"));
        }
        assert_eq!(found, answers);
        assert_eq!(state.step("a", "1").map(|step| step.attempts), Some(number));
        let own = folder.path().join(format!("claims/a.1.{number}"));
        assert_eq!(files::read_text(&own, 100).expect("reads"), TOMBSTONE);
    }

    #[test]
    fn claims_are_ours_or_looked_at_again() {
        check(&[], &[true], 1);
        check(&[TOMBSTONE], &[true], 2);
        check(&[TOMBSTONE, TOMBSTONE], &[true], 3);
        check(&["12 34\n"], &[false, true], 2);
        check(&[TOMBSTONE, "", "5 6\n"], &[false, false, true], 4);
    }
}
