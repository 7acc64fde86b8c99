//! What is held back while a conflict is kept in the work tree of the run.

use std::collections::BTreeMap;

use super::{Decision, Schedule, Settled, load};
use crate::model::expression::{Context, JobStatus};
use crate::model::run::{Outcome, RunState};

/// The next decision, in short.
fn next(schedule: &mut Schedule<'_>, now_ms: u64) -> String {
    match schedule.next(&Context::new(JobStatus::Success), now_ms) {
        Some(Decision::StartJob(job)) => format!("{} starts", schedule.key(job)),
        Some(Decision::RunStep { job, step }) => format!("{}/{step} runs", schedule.key(job)),
        Some(Decision::FinishJob { job, result, .. }) => {
            schedule.end_job(job, (result, result), Vec::new());
            format!("{} ends", schedule.key(job))
        }
        Some(other) => format!("{other:?}"),
        None => "-".to_owned(),
    }
}

#[test]
fn whoever_is_held_back_makes_room_and_is_not_waited_for() {
    let workflow = load(
        "isolation: worktree
jobs:
  here: {steps: [{run: 'true'}, {run: 'true', if: always()}]}
  apart: {isolation: worktree, steps: [{run: 'true'}]}
  late: {steps: [{run: 'true'}]}
",
    );
    let called = BTreeMap::new();
    let base = Context::new(JobStatus::Success);
    let mut schedule = Schedule::new(&workflow, &called, &RunState::default(), (1, &base));
    assert_eq!(next(&mut schedule, 0), "here starts");
    assert_eq!(next(&mut schedule, 0), "here/0 runs");
    schedule.retry(0, 5);
    assert_eq!(schedule.next_due(), Some(5));
    assert!(schedule.hold_back(true));
    assert!(!schedule.hold_back(true));
    // Its place is free, and its next try is nothing that anybody waits for.
    assert_eq!(next(&mut schedule, 0), "apart starts");
    assert_eq!(next(&mut schedule, 9), "apart/0 runs");
    assert_eq!(schedule.next_due(), None);
    assert_eq!(schedule.newly_held(), [0]);
    assert_eq!(next(&mut schedule, 9), "-");
    // It needs a place again.
    assert!(schedule.hold_back(false));
    assert_eq!(next(&mut schedule, 9), "-");
    assert_eq!(schedule.next_due(), None);
    schedule.step_finished(1, Settled::plain(Outcome::Success));
    assert_eq!(next(&mut schedule, 9), "apart ends");
    assert_eq!(next(&mut schedule, 9), "here/0 runs");
    schedule.step_finished(0, Settled::plain(Outcome::Failure));
    // What does not run because of how its job went needs no work tree; what is cancelled, neither.
    assert!(schedule.hold_back(true));
    assert_eq!(next(&mut schedule, 9), "-");
    assert_eq!(schedule.newly_held(), [0, 2]);
    schedule.cancel();
    assert_eq!(next(&mut schedule, 9), "EndJob { job: 2, result: Skipped }");
    assert_eq!(next(&mut schedule, 9), "-");
    assert!(schedule.hold_back(false));
    assert_eq!(next(&mut schedule, 9), "here/1 runs");
}

#[test]
fn a_run_without_a_work_tree_of_its_own_holds_nobody_back() {
    let workflow = load(
        "jobs:
  here: {steps: [{run: 'true'}]}
  apart: {isolation: worktree, steps: [{run: 'true'}]}
",
    );
    let called = BTreeMap::new();
    let base = Context::new(JobStatus::Success);
    let mut schedule = Schedule::new(&workflow, &called, &RunState::default(), (1, &base));
    assert!(!schedule.hold_back(true));
    assert_eq!(next(&mut schedule, 0), "here starts");
    assert_eq!(next(&mut schedule, 0), "here/0 runs");
}
