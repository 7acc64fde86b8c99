//! What valid workflows mean.

use std::time::Duration;

use super::load;
use super::valid;
use crate::model::expression::Context;
use crate::model::expression::JobStatus;
use crate::model::expression::Object;
use crate::model::workflow::StepKind;
use crate::model::workflow::plan;
use crate::model::workflow::policy::Setting;

const FULL: &str = "\
name: Full
env:
  LEVEL: 3
  EMPTY:
jobs:
  build:
    name: Build of ${{ spec.title }}
    timeout-minutes: 1.5
    steps:
      - run: |

          make -j4
          make check
  Test-1:
    needs: BUILD
    if: needs.build.result != 'failure'
    env: {MODE: fast}
    steps:
      - id: unit
        run: true
        shell: bash
        working-directory: sub/${{ env.MODE }}
        timeout-minutes: 2
        env:
          TITLE: ${{ spec.title }}
      - if: ${{ failure() && steps.unit.outcome == 'failure' }}
        name: Say so
        run: echo ${{ steps.UNIT.outcome }}
      - checkpoint: review
        message: Look at ${{ spec.title }}
  last:
    needs: [build, Test-1]
    if: always()
    steps: [{run: 'exit 0'}]
";

#[test]
fn every_key_is_read() {
    let workflow = valid(FULL);
    assert_eq!(workflow.name, "Full");
    let env: Vec<_> = workflow
        .env
        .iter()
        .map(|variable| (variable.name.as_str(), variable.value.source_text()))
        .collect();
    assert_eq!(env, [("LEVEL", "3"), ("EMPTY", "")]);
    let [build, test, last] = workflow.jobs.as_slice() else {
        panic!("three jobs");
    };
    assert!(matches!(build.timeout, Some(Setting::Fixed(time)) if time == Duration::from_secs(90)));
    assert_eq!(build.title(), "Build of ${{ spec.title }}");
    assert_eq!(test.needs, [0]);
    assert_eq!(last.needs, [0, 1]);
    assert_eq!(workflow.source.slice(test.span), "Test-1");
    let [unit, say, review] = test.steps.as_slice() else {
        panic!("three steps");
    };
    assert_eq!((unit.key.as_str(), say.key.as_str()), ("unit", "2"));
    assert!(matches!(unit.timeout, Some(Setting::Fixed(time)) if time == Duration::from_mins(2)));
    assert!(
        matches!(&unit.kind, StepKind::Run { script, shell: Some(shell) }
            if script.source_text() == "true" && shell == "bash")
    );
    assert!(
        matches!(&review.kind, StepKind::Checkpoint(known) if known.name == "review" && known.message.is_some())
    );
    let directory = unit.working_directory.as_ref().expect("it is written");
    let mut context = Context::new(JobStatus::Success);
    context.set_env([("MODE".to_owned(), "fast".to_owned())]);
    assert_eq!(directory.render(&context), Ok("sub/fast".to_owned()));
}

#[test]
fn jobs_without_needs_between_them_share_a_layer() {
    let workflow = valid(
        "jobs:\n  d: {needs: [b, c], steps: [run: x]}\n  b: {needs: a, steps: [run: x]}\n  \
         c: {needs: a, steps: [run: x]}\n  a: {steps: [run: x]}\n  e: {steps: [run: x]}\n",
    );
    assert_eq!(
        plan::layers(&workflow.jobs),
        [vec![3, 4], vec![1, 2], vec![0]]
    );
}

#[test]
fn a_workflow_without_a_name_has_that_of_its_file() {
    assert_eq!(valid("jobs: {a: {steps: [run: x]}}").name, "test");
}

#[test]
fn conditions_follow_githubs_rule() {
    let table = [
        // Condition, and whether it holds after success, failure and a cancellation.
        (None, [true, false, false]),
        (Some("true"), [true, false, false]),
        (Some("false"), [false, false, false]),
        (Some("'''text'''"), [true, false, false]),
        (Some("${{ 0 }}"), [false, false, false]),
        (Some("always()"), [true, true, true]),
        (Some("${{ always() }}"), [true, true, true]),
        (Some("failure()"), [false, true, false]),
        (Some("'!cancelled()'"), [true, true, false]),
        (Some("failure() || true"), [true, true, true]),
        (Some("run.id == 'X1'"), [true, false, false]),
        (Some("always() && run.id == 'other'"), [false, false, false]),
    ];
    let statuses = [JobStatus::Success, JobStatus::Failure, JobStatus::Cancelled];
    for (condition, expected) in table {
        let line = condition.map_or_else(String::new, |text| format!("if: {text}\n    "));
        // One that is always false is warned of.
        let (workflow, _) = load(&format!("jobs:\n  a:\n    {line}steps: [run: x]\n"));
        let workflow = workflow.expect("there is no error");
        let mut run = Object::new();
        run.set("id", "x1");
        let mut context = Context::new(JobStatus::Success).with("run", run);
        for (status, expected) in statuses.into_iter().zip(expected) {
            context.set_status(status);
            let found = workflow
                .jobs
                .first()
                .expect("a job")
                .condition
                .evaluate(&context);
            assert_eq!(found, Ok(expected), "{condition:?} {status:?}");
        }
    }
}
