//! What is left of a state when something of it is undone.

use crate::model::run::event::{AttemptName, JobExpanded, Reset, StepEnd, StepFinish};
use crate::model::run::state::StepState;
use crate::model::run::{Event, Outcome, RecordedEvent, RunState};

/// `a` starts, `a=success` ends, `a.1=success` a step, `a.1:call` calls, `a*3` expands, `cancel`
/// asks to cancel, `over` ends, `reopen` and `reset <jobs and steps>` undo.
fn event(text: &str) -> Event {
    let owned = str::to_owned;
    if let Some((name, outcome)) = text.split_once('=') {
        let result = Outcome::from_word(outcome).expect("an outcome");
        let Some((job, step)) = name.split_once('.') else {
            return Event::JobFinished {
                job: owned(name),
                result,
                continued: false,
                outputs: Vec::new(),
                reason: None,
            };
        };
        let (job, step) = (owned(job), owned(step));
        if result == Outcome::Skipped {
            return Event::StepSkipped { job, step };
        }
        let (step, number) = step
            .split_once('#')
            .map_or((step.clone(), 1), |(step, number)| {
                (owned(step), number.parse().expect("a number"))
            });
        let finish = StepFinish {
            outcome: result,
            end: StepEnd::Code(0),
            cause: None,
            elapsed_ms: 1,
            output_bytes: 0,
            dropped: None,
        };
        return Event::StepFinished(AttemptName { job, step, number }, finish);
    }
    if let Some(rest) = text.strip_prefix("reset ") {
        let mut reset = Reset::default();
        for word in rest.split(' ') {
            match word.split_once('.') {
                Some((job, step)) => reset.steps.push((owned(job), owned(step))),
                None => reset.jobs.push(owned(word)),
            }
        }
        return Event::Reset(Box::new(reset));
    }
    if let Some((job, legs)) = text.split_once('*') {
        let legs: usize = legs.parse().expect("a number");
        return Event::JobExpanded(Box::new(JobExpanded {
            job: owned(job),
            legs: vec!["1".to_owned(); legs],
            fail_fast: true,
            max_parallel: None,
        }));
    }
    if let Some((job, step)) = text
        .strip_suffix(":call")
        .and_then(|text| text.split_once('.'))
    {
        let (job, step) = (owned(job), owned(step));
        return Event::CallStarted { job, step };
    }
    match text {
        "cancel" => Event::CancelRequested,
        "reopen" => Event::Reopened,
        "over" => Event::Finished {
            outcome: Outcome::Cancelled,
        },
        job => Event::JobStarted { job: owned(job) },
    }
}

fn fold(events: &[&str]) -> RunState {
    let recorded: Vec<RecordedEvent> = events
        .iter()
        .map(|text| RecordedEvent {
            at_ms: 1,
            event: event(text),
        })
        .collect();
    RunState::fold(&recorded)
}

/// What is known, sorted: `a`, `a=success`, `a.1=success`, `a.1:call`.
fn known(state: &RunState) -> Vec<String> {
    let mut known = Vec::new();
    assert_eq!(state.job_order.len(), state.jobs.len());
    for key in &state.job_order {
        let job = &state.jobs[key];
        match job.result {
            Some(result) => known.push(format!("{key}={result}")),
            None => known.push(key.clone()),
        }
        for (step, state) in &job.steps {
            match state.outcome {
                Some(outcome) => known.push(format!("{key}.{step}={outcome}")),
                None if state.is_calling() => known.push(format!("{key}.{step}:call")),
                None => known.push(format!("{key}.{step}")),
            }
        }
    }
    known.sort();
    known
}

#[track_caller]
fn check(events: &[&str], expected: &[&str]) -> RunState {
    let state = fold(events);
    assert_eq!(known(&state), expected);
    assert_eq!((state.outcome, state.cancel_requested), (None, false));
    state
}

#[test]
fn what_a_cancellation_did_is_undone() {
    let state = check(
        &[
            "done",
            "done.1=success",
            "done=success",
            "a",
            "a.1=success",
            "cancel",
            "a.2=cancelled",
            "a.3=skipped",
            "a.4=success",
            "a=cancelled",
            "b=skipped",
            "c",
            "c.1=success",
            "c=success",
            "over",
            "reopen",
        ],
        &["a", "a.1=success", "done.1=success", "done=success"],
    );
    let attempts = |job, step| state.attempts(job, step);
    assert_eq!(
        (attempts("a", "2"), attempts("a", "4"), attempts("c", "1")),
        (1, 1, 1)
    );
    assert_eq!((attempts("a", "3"), attempts("b", "1")), (0, 0));
}

#[test]
fn what_was_skipped_before_the_cancellation_stays_skipped() {
    check(
        &[
            "x=skipped",
            "a",
            "a.1=skipped",
            "cancel",
            "a.2=cancelled",
            "a=cancelled",
            "over",
            "reopen",
        ],
        &["a", "a.1=skipped", "x=skipped"],
    );
}

#[test]
fn what_was_cancelled_without_the_whole_run_is_undone() {
    check(
        &[
            "x=skipped",
            "a",
            "a.1=skipped",
            "a.2=success",
            "a.3=cancelled",
            "a.4=success",
            "a=cancelled",
            "b=skipped",
            "m*3",
            "m@1=failure",
            "m@2=cancelled",
            "m=failure",
            "c",
            "c.k:call",
            "c+k+x",
            "c+k+x.1=success",
            "c+k+x.2=cancelled",
            "c+k+x=cancelled",
            "c+k+y=skipped",
            "c.k=cancelled",
            "c=cancelled",
            "over",
            "reopen",
        ],
        &[
            "a",
            "a.1=skipped",
            "a.2=success",
            "c",
            "c+k+x",
            "c+k+x.1=success",
            "c.k:call",
            "m=failure",
            "m@1=failure",
            "m@2=cancelled",
        ],
    );
}

#[test]
fn a_job_that_ended_in_spite_of_the_cancellation_stays() {
    check(
        &["a", "cancel", "a.1=success", "a=success", "over", "reopen"],
        &["a.1=success", "a=success"],
    );
}

#[test]
fn legs_and_called_jobs_are_undone_one_by_one() {
    check(
        &[
            "m*3",
            "m@1",
            "m@1.1=success",
            "m@1=success",
            "m@2",
            "a",
            "a.c:call",
            "a+c+x",
            "a+c+x.1=success",
            "a+c+x=success",
            "a+c+y",
            "cancel",
            "m@2.1=cancelled",
            "m@2=cancelled",
            "m@3=cancelled",
            "m=cancelled",
            "a+c+y.1=cancelled",
            "a+c+y=cancelled",
            "a.c=cancelled",
            "a.2=skipped",
            "a=cancelled",
            "over",
            "reopen",
        ],
        &[
            "a",
            "a+c+x.1=success",
            "a+c+x=success",
            "a+c+y",
            "a.c:call",
            "m",
            "m@1.1=success",
            "m@1=success",
            "m@2",
        ],
    );
}

#[test]
fn numbers_of_attempts_go_on() {
    let state = check(
        &[
            "a",
            "a.1#3=success",
            "a=success",
            "reset a",
            "a",
            "a.1#4=success",
            "reset a.1",
            "a",
        ],
        &["a"],
    );
    assert_eq!((state.attempts("a", "1"), state.tried("a", "1")), (4, 4));
}

#[test]
fn what_is_reset_takes_along_what_belongs_to_it() {
    let events = [
        "m*2",
        "m@1",
        "m@1.1=success",
        "m@1=success",
        "m@2",
        "m@2.1=failure",
        "m@2=failure",
        "m=failure",
        "a",
        "a.c:call",
        "a+c+x",
        "a+c+x.1=success",
        "a+c+x=success",
        "a.c=success",
        "a.2=success",
        "a=success",
    ];
    let with = |last: &'static str| [&events[..], &[last]].concat();
    check(&with("reset m a.c"), &["a", "a.2=success"]);
    let state = check(
        &with("reset m@1 a+c+x"),
        &[
            "a",
            "a.2=success",
            "a.c:call",
            "m",
            "m@2.1=failure",
            "m@2=failure",
        ],
    );
    let expanded = state.jobs["m"].expanded.as_ref().expect("legs");
    assert!(
        !expanded.fail_fast,
        "the other leg runs in spite of the failed one"
    );
    check(&with("reset a m@2"), &["m", "m@1.1=success", "m@1=success"]);
}

#[test]
fn what_was_taken_over_is_known_as_such() {
    let mut state = fold(&["a", "a.1=success"]);
    let at_ms = 1;
    let from = "01kaq9yvw00000000000000000".parse().expect("an id");
    let tried = Vec::new();
    for event in [Event::Carried { from, tried }, event("a.2=success")] {
        state.apply(&RecordedEvent { at_ms, event });
    }
    let carried = |step| state.step("a", step).map(StepState::is_carried);
    assert_eq!((carried("1"), carried("2")), (Some(true), Some(false)));
}
