//! Whole workflows, decided step by step.

mod held;

use std::collections::BTreeMap;

use super::{Decision, Schedule, Settled};
use crate::base::source::{SourceText, Span};
use crate::model::expression::{Context, JobStatus, Object};
use crate::model::run::event::JobExpanded;
use crate::model::run::{Event, Outcome, RecordedEvent, RunState};
use crate::model::workflow::{self, StepKind, Workflow};
use crate::state::format::yaml;

fn load(text: &str) -> Workflow {
    let source = SourceText::new(".mmm/workflows/test.yaml", text);
    let root = yaml::read(&source, Span::new(0, text.len())).expect("it is YAML");
    let (workflow, problems) = workflow::parse::parse(&source, &root);
    let errors: Vec<_> = problems.iter().filter(|it| it.is_error()).collect();
    assert!(errors.is_empty(), "{text}: {errors:?}");
    workflow.expect("there is no error")
}

/// Contexts of a run, with a text that is too long to be in one twice.
fn base() -> Context {
    let mut run = Object::new();
    run.set("id", "x".repeat(600 * 1024));
    Context::new(JobStatus::Success).with("run", run)
}

/// Decides until nothing follows. A script `true` succeeds and `false` fails; `cancel` is
/// cancelled together with the run, and with `fail` the run fails as a whole.
fn drive(workflow: &Workflow, state: &RunState) -> Vec<String> {
    let called = BTreeMap::new();
    let mut schedule = Schedule::new(workflow, &called, state, (8, &base()));
    let mut told = Vec::new();
    while let Some(decision) = schedule.next(&base(), 0) {
        let id = |schedule: &Schedule<'_>, job: usize| schedule.key(job).to_owned();
        told.push(match decision {
            Decision::StartJob(job) => format!("{} starts", id(&schedule, job)),
            Decision::ExpandJob { job, expanded } => {
                schedule.expand(job, &expanded);
                format!("{} {}", id(&schedule, job), expanded.legs.join(" "))
            }
            Decision::EndJob { job, result } => {
                schedule.end_job(job, (result, result), Vec::new());
                format!("{} {}", id(&schedule, job), result.as_str())
            }
            // The work of a job with this name does not merge.
            Decision::FinishJob { job, .. }
                if schedule.key(job) == "clash" && schedule.solve_conflict(job) =>
            {
                "clash is in conflict".to_owned()
            }
            Decision::FinishJob {
                job,
                result,
                outputs,
            } => {
                let shown: Vec<String> = outputs.iter().map(|(n, v)| format!(" {n}={v}")).collect();
                schedule.end_job(job, (result, result), outputs);
                format!(
                    "{} {}{}",
                    id(&schedule, job),
                    result.as_str(),
                    shown.concat()
                )
            }
            Decision::SkipStep { job, step } => {
                format!("{}/{} skipped", id(&schedule, job), step + 1)
            }
            Decision::GiveUp { job, step, outcome } => {
                schedule.step_finished(job, Settled::plain(outcome));
                format!("{}/{} gives up", id(&schedule, job), step + 1)
            }
            Decision::StopStep(job) => format!("{} stops", id(&schedule, job)),
            Decision::CallWorkflow { job, step } => {
                format!("{}/{} calls", id(&schedule, job), step + 1)
            }
            Decision::FinishCall {
                job,
                step,
                outcome,
                outputs,
            } => {
                schedule.step_finished(job, Settled::called(outcome, outputs));
                format!("{}/{} {}", id(&schedule, job), step + 1, outcome.as_str())
            }
            Decision::BadCondition { job, step, reason } => {
                if step.is_some() {
                    schedule.step_finished(job, Settled::plain(Outcome::Failure));
                } else {
                    let failed = (Outcome::Failure, Outcome::Failure);
                    schedule.end_job(job, failed, Vec::new());
                }
                format!("{} {step:?} {reason}", id(&schedule, job))
            }
            Decision::Checkpoint { job, step } => {
                schedule.step_finished(job, Settled::plain(Outcome::Success));
                format!("{}/{} asks", id(&schedule, job), step + 1)
            }
            Decision::RunStep { job, step, .. } => {
                let own = schedule.step(job, step).expect("there is one");
                let read = schedule.step_context(job, own, &base());
                let StepKind::Run { script, .. } = &own.kind else {
                    panic!("only scripts are run");
                };
                let text = script.render(&read.context).expect("it has a value");
                let outcome = match text.as_str() {
                    "false" => Outcome::Failure,
                    "cancel" => Outcome::Cancelled,
                    _ => Outcome::Success,
                };
                if outcome == Outcome::Cancelled {
                    schedule.cancel();
                }
                if text == "fail" {
                    schedule.fail();
                }
                schedule.step_finished(job, Settled::plain(outcome));
                format!("{}/{} runs {text}", id(&schedule, job), step + 1)
            }
        });
    }
    assert!(schedule.is_finished(), "{told:?}");
    told.push(schedule.outcome().as_str().to_owned());
    told
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(drive(&load(text), &RunState::default()), expected, "{text}");
}

#[test]
fn a_condition_sees_the_variables_that_its_step_sees() {
    check(
        "env: {MODE: fast, LEVEL: file}
jobs:
  a:
    env: {J: job, LEVEL: job}
    steps:
      - {if: env.MODE == 'fast', run: '${{ env.MODE }}'}
      - {if: env.J == 'job', run: 'true'}
      - {env: {S: step, LEVEL: step}, if: env.S == 'step', run: '${{ env.LEVEL }}'}
      - {if: env.S || env.LEVEL != 'job', run: 'true'}
      - {if: env.MODE == '', run: 'true'}
      - {checkpoint: c, if: env.MODE == 'fast'}
      - {checkpoint: d, if: env.MODE == 'slow'}
",
        &[
            "a starts",
            "a/1 runs fast",
            "a/2 runs true",
            "a/3 runs step",
            "a/4 skipped",
            "a/5 skipped",
            "a/6 asks",
            "a/7 skipped",
            "a success",
            "success",
        ],
    );
}

#[test]
fn a_condition_sees_variables_that_look_at_steps_and_jobs() {
    check(
        "jobs:
  a: {steps: [{run: 'true'}]}
  b:
    needs: a
    env: {A: '${{ needs.a.result }}'}
    steps:
      - {id: one, if: env.A == 'success', run: 'true'}
      - {env: {ONE: '${{ steps.one.outcome }} ${{ env.A }}'}, if: env.ONE == 'success success', run: 'true'}
",
        &[
            "a starts",
            "a/1 runs true",
            "a success",
            "b starts",
            "b/1 runs true",
            "b/2 runs true",
            "b success",
            "success",
        ],
    );
}

#[test]
fn variables_without_a_value_decide_nothing() {
    check(
        "jobs:
  a:
    steps:
      - {env: {A: '${{ run.id }}${{ run.id }}'}, if: env.A == '', run: 'true'}
      - {env: {A: '${{ run.id }}${{ run.id }}'}, checkpoint: c}
      - {env: {A: '${{ run.id }}${{ run.id }}'}, if: always() && env.A == '', checkpoint: c}
",
        &[
            "a starts",
            "a Some(0) env: the text becomes longer than 1048576 bytes",
            "a/2 skipped",
            "a Some(2) env: the text becomes longer than 1048576 bytes",
            "a failure",
            "failure",
        ],
    );
}

const CANCELLED: &str = "jobs:
  build:
    steps:
      - {run: cancel}
      - {run: 'true'}
      - {run: 'true', if: cancelled()}
  report:
    needs: build
    if: always()
    steps:
      - {run: '${{ needs.build.result }}'}
      - {run: 'true', if: cancelled()}
      - {run: 'true', if: success()}
  note: {needs: build, if: cancelled(), steps: [{run: 'true'}]}
  bad: {needs: build, if: always(), steps: [{run: 'false'}, {run: 'true'}]}
  plain: {needs: build, steps: [{run: 'true'}]}
";

#[test]
fn a_job_that_starts_during_cancellation_runs_its_steps() {
    check(
        CANCELLED,
        &[
            "build starts",
            "build/1 runs cancel",
            "build/2 skipped",
            "build/3 runs true",
            "build cancelled",
            "report starts",
            "report/1 runs cancelled",
            "report/2 skipped",
            "report/3 runs true",
            "report success",
            "note starts",
            "note/1 runs true",
            "note success",
            "bad starts",
            "bad/1 runs false",
            "bad/2 skipped",
            "bad failure",
            "plain skipped",
            "cancelled",
        ],
    );
}

#[test]
fn a_resume_knows_which_jobs_started_during_cancellation() {
    let workflow = load(
        "jobs:
  before: {steps: [{run: 'true'}]}
  late: {if: always(), steps: [{run: 'true'}]}
  over: {steps: [{run: 'true'}]}
",
    );
    let events = [
        started("before"),
        started("over"),
        finished("over", Outcome::Success),
        Event::CancelRequested,
        started("late"),
    ];
    assert_eq!(
        drive(&workflow, &after(events)),
        [
            "before/1 skipped",
            "late/1 runs true",
            "before cancelled",
            "late success",
            "cancelled"
        ]
    );
}

#[test]
fn a_run_that_has_failed_as_a_whole_runs_what_runs_after_a_failure() {
    let workflow = load(
        "name: test
jobs:
  a:
    steps:
      - run: fail
      - run: not this
      - {run: after, if: failure()}
      - {run: last, if: always()}
  b:
    steps:
      - run: nor this
  c:
    needs: a
    if: always()
    steps:
      - run: still
",
    );
    let told = drive(&workflow, &RunState::default());
    assert_eq!(
        told,
        [
            "a starts",
            "a/1 runs fail",
            "a/2 skipped",
            "a/3 runs after",
            "a/4 runs last",
            "a failure",
            "b skipped",
            "c starts",
            "c/1 runs still",
            "c success",
            "failure"
        ]
    );
}

#[test]
fn steps_that_solve_a_conflict_wait_for_one() {
    let steps = |job: &str, solve: &str| {
        load(&format!(
            "jobs:\n  {job}:\n    isolation: {{on-conflict: [run: '{solve}', run: last]}}\n    \
             steps: [run: x]\n    ensure: [run: y]\n"
        ))
    };
    let told = |job: &str, solve: &str| drive(&steps(job, solve), &RunState::default()).join("; ");
    assert_eq!(
        told("a", "z"),
        "a starts; a/1 runs x; a/2 runs y; a success; success"
    );
    assert_eq!(
        told("clash", "z"),
        "clash starts; clash/1 runs x; clash/2 runs y; clash is in conflict; clash/3 runs z; \
         clash/4 runs last; clash success; success"
    );
    assert_eq!(
        told("clash", "false"),
        "clash starts; clash/1 runs x; clash/2 runs y; clash is in conflict; clash/3 runs false; \
         clash/4 skipped; clash failure; failure"
    );
}

/// Two legs are under way; the first one fails, then the step of the second one succeeds.
fn second_leg_ends(steps: &str) -> Outcome {
    let text =
        format!("jobs:\n  t:\n    strategy: {{matrix: {{x: [1, 2]}}}}\n    steps: {steps}\n");
    let (workflow, called) = (load(&text), BTreeMap::new());
    let base = base();
    let mut schedule = Schedule::new(&workflow, &called, &RunState::default(), (8, &base));
    let mut results = BTreeMap::new();
    let mut begun = Vec::new();
    loop {
        match schedule.next(&base, 0) {
            Some(Decision::ExpandJob { job, expanded }) => schedule.expand(job, &expanded),
            Some(Decision::RunStep { job, .. }) => begun.push(job),
            Some(Decision::FinishJob { job, result, .. }) => {
                results.insert(schedule.key(job).to_owned(), result);
                schedule.end_job(job, (result, result), Vec::new());
            }
            Some(_) => {}
            None if begun.is_empty() => break,
            None => {
                begun.sort_unstable();
                let job = begun.remove(0);
                let failed = schedule.key(job) == "t@1";
                let outcome = if failed {
                    Outcome::Failure
                } else {
                    Outcome::Success
                };
                schedule.step_finished(job, Settled::plain(outcome));
            }
        }
    }
    results.remove("t@2").expect("it is over")
}

#[test]
fn a_leg_with_nothing_left_to_do_is_not_cancelled() {
    assert_eq!(second_leg_ends("[{run: 'true'}]"), Outcome::Success);
    let more = "[{run: 'true'}, {run: 'true'}]";
    assert_eq!(second_leg_ends(more), Outcome::Cancelled);
    let always = "[{run: 'true'}, {run: 'true', if: always()}]";
    assert_eq!(second_leg_ends(always), Outcome::Cancelled);
}

/// The state of a run after these events.
fn after(events: impl IntoIterator<Item = Event>) -> RunState {
    let record = |event| RecordedEvent { at_ms: 1, event };
    let recorded: Vec<RecordedEvent> = events.into_iter().map(record).collect();
    RunState::fold(&recorded)
}

fn started(job: &str) -> Event {
    Event::JobStarted {
        job: job.to_owned(),
    }
}

fn finished(job: &str, result: Outcome) -> Event {
    Event::JobFinished {
        job: job.to_owned(),
        result,
        continued: false,
        outputs: Vec::new(),
        reason: None,
    }
}

fn expanded(job: &str, legs: &[&str]) -> Event {
    Event::JobExpanded(Box::new(JobExpanded {
        job: job.to_owned(),
        legs: legs.iter().map(|leg| (*leg).to_owned()).collect(),
        fail_fast: true,
        max_parallel: None,
    }))
}

#[test]
fn a_resume_knows_what_came_before_whatever_the_order_of_the_file() {
    // As in a run that nothing cut short: a failure further up counts.
    let workflow = load(
        "jobs:
  last: {needs: middle, steps: [{run: 'true'}]}
  middle: {needs: first, if: always(), steps: [{run: 'true'}]}
  first: {steps: [{run: 'false'}]}
",
    );
    let state = after([
        started("first"),
        finished("first", Outcome::Failure),
        started("middle"),
        finished("middle", Outcome::Success),
    ]);
    assert_eq!(drive(&workflow, &state), ["last skipped", "failure"]);
}

#[test]
fn a_resume_knows_the_legs_of_what_is_needed_whatever_the_order_of_the_file() {
    let workflow = load(
        "jobs:
  each:
    needs: items
    for-each: [1, 2]
    steps: [{run: \"${{ join(needs.items.results.*.result, ' ') }}\"}]
  items:
    for-each: [1, 2]
    steps: [{run: 'true'}]
",
    );
    let state = after([
        expanded("items", &["1", "2"]),
        started("items@1"),
        finished("items@1", Outcome::Success),
        started("items@2"),
        finished("items@2", Outcome::Success),
        finished("items", Outcome::Success),
        expanded("each", &["1", "2"]),
        started("each@1"),
    ]);
    assert_eq!(
        drive(&workflow, &state),
        [
            "each@1/1 runs success success",
            "each@1 success",
            "each@2 starts",
            "each@2/1 runs success success",
            "each@2 success",
            "each success",
            "success"
        ]
    );
}
