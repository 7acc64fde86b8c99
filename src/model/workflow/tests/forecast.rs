//! What of workflows would run, before anything has.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use super::valid;
use crate::model::expression::{Context, JobStatus, Object};
use crate::model::workflow::forecast::short_duration;
use crate::model::workflow::forecast::{Forecast, ForecastStep, Legs, Sight, State, forecast};
use crate::model::workflow::{Bundle, Workflow};

/// Contexts in which the input `go` is `true` and the branch is `main`.
fn sight() -> Sight {
    let mut context = Context::new(JobStatus::Success);
    let mut inputs = Object::new();
    inputs.set("go", true);
    inputs.set("where", "here");
    context.set("inputs", inputs);
    let mut github = Object::new();
    github.set("ref_name", "main");
    context.set("github", github);
    Sight::new(context, &[])
}

fn told(state: &State) -> String {
    match state {
        State::Runs => "runs".to_owned(),
        State::Skipped(why) => format!("skipped: {why}"),
        State::Depends(names) => format!("depends on {}", names.join(", ")),
        State::Fails(why) => format!("fails: {why}"),
    }
}

fn steps(steps: &[ForecastStep], indent: &str, text: &mut String) {
    for step in steps {
        let handler = step
            .handler
            .map(|handler| format!(" [{}]", handler.words()));
        let _ = writeln!(
            text,
            "{indent}- {}{}: {}",
            step.title,
            handler.unwrap_or_default(),
            told(&step.state)
        );
        for note in &step.notes {
            let _ = writeln!(text, "{indent}  ({note})");
        }
        if let Some(call) = &step.call {
            for (name, value) in &call.inputs {
                let _ = writeln!(text, "{indent}  with {name}: {value:?}");
            }
            if let Some(called) = &call.forecast {
                jobs(called, &format!("{indent}    "), text);
            }
        }
    }
}

fn jobs(forecast: &Forecast, indent: &str, text: &mut String) {
    for job in forecast.layers.iter().flatten() {
        let _ = writeln!(text, "{indent}{}: {}", job.id, told(&job.state));
        for note in &job.notes {
            let _ = writeln!(text, "{indent}  ({note})");
        }
        match &job.legs {
            None => steps(&job.steps, &format!("{indent}  "), text),
            Some(Legs::Unknown(names)) => {
                let _ = writeln!(text, "{indent}  legs depend on {}", names.join(", "));
                steps(&job.steps, &format!("{indent}  "), text);
            }
            Some(Legs::Known(legs)) => {
                for leg in legs {
                    let _ = writeln!(text, "{indent}  {} ({})", leg.key, leg.title);
                    steps(&leg.steps, &format!("{indent}    "), text);
                }
            }
        }
    }
}

fn shown(text: &str, called: &[(&str, &str)]) -> String {
    let called = called.iter();
    let called = called.map(|(name, text)| ((*name).to_owned(), valid(text)));
    let called: BTreeMap<String, Workflow> = called.collect();
    let main = valid(text);
    let bundle = Bundle {
        main: &main,
        called: &called,
    };
    let mut shown = String::new();
    jobs(&forecast(bundle, &sight()), "", &mut shown);
    shown
}

#[test]
fn conditions_are_decided_as_far_as_they_can_be() {
    let text = "\
inputs: {go: {type: boolean}, where: {}}
env: {MODE: '${{ inputs.where }}', WHO: '${{ secrets.WHO }}'}
jobs:
  a:
    if: inputs.go
    steps:
      - {id: one, run: 'true', if: env.MODE == 'here'}
      - {run: 'false', if: env.MODE != 'here'}
      - {run: w, if: env.WHO == 'x'}
      - {run: x, if: steps.one.outcome == 'success' && inputs.go}
      - {run: y, if: failure()}
      - {run: z, if: always()}
  b: {if: '!inputs.go', steps: [{run: x}]}
  c: {needs: b, steps: [{run: x}]}
  d: {needs: c, if: always() && needs.c.result == 'skipped', steps: [{run: x}]}
  e: {needs: a, if: failure() || github.ref_name == 'main', steps: [{run: x}]}
  f: {if: failure(), steps: [{run: x}]}
  g: {needs: e, steps: [{run: x}]}
  h: {if: run.id == 1, steps: [{run: x}]}
  i: {if: 'fromJSON(inputs.where)', steps: [{run: x}]}
";
    insta::assert_snapshot!(shown(text, &[]), @"
    a: runs
      - Run true: runs
      - Run false: skipped: its `if` is false
      - Run w: depends on env.WHO
      - Run x: depends on steps.one.outcome
      - Run y: depends on how it goes
      - Run z: runs
    b: skipped: its `if` is false
      - Run x: skipped: its job does not run
    f: skipped: its `if` is false
      - Run x: skipped: its job does not run
    h: depends on run.id
      - Run x: runs
    i: fails: if: the text of `fromJSON()` is not JSON: unexpected `h` at character 1
      - Run x: skipped: its job does not run
    c: skipped: needs b, which is skipped
      - Run x: skipped: its job does not run
    e: runs
      - Run x: runs
    d: runs
      - Run x: runs
    g: runs
      - Run x: runs
    ");
}

#[test]
fn what_a_step_may_set_is_not_known_behind_it() {
    let text = "\
env: {A: 1}
jobs:
  a:
    steps:
      - {run: 'echo A=2 >>$GITHUB_ENV', if: env.A == 1}
      - {run: x, if: env.A == 1}
      - {run: x, if: env.A == 1, env: {A: 1}}
  b:
    steps:
      - {run: x, if: env.A == 1}
      - {run: x, if: env.A == 1}
";
    insta::assert_snapshot!(shown(text, &[]), @"
    a: runs
      - Run echo A=2 >>$GITHUB_ENV: runs
      - Run x: depends on env.A
      - Run x: runs
    b: runs
      - Run x: runs
      - Run x: runs
    ");
}

#[test]
fn legs_are_there_when_they_are_known() {
    let text = "\
jobs:
  plan: {outputs: {list: x}, steps: [{run: x}]}
  test:
    strategy: {matrix: {os: [linux, mac], node: [1]}, max-parallel: 1}
    steps:
      - {name: 'On ${{ matrix.os }} with ${{ needs }}', run: x, if: matrix.os == 'mac'}
  each:
    for-each: [a, b]
    steps:
      - {name: 'Do ${{ item }}', run: x}
  later:
    needs: plan
    for-each: ${{ fromJSON(needs.plan.outputs.list) }}
    steps: [{name: 'Do ${{ item }}', run: x}]
  never:
    for-each: ${{ 'no list' }}
    steps: [{run: x}]
";
    let text = text.replace(" with ${{ needs }}", "");
    insta::assert_snapshot!(shown(&text, &[]), @"
    plan: runs
      - Run x: runs
    test: runs
      (1 at once)
      test@1 (linux, 1)
        - On linux: skipped: its `if` is false
      test@2 (mac, 1)
        - On mac: runs
    each: runs
      each@1 (a)
        - Do a: runs
      each@2 (b)
        - Do b: runs
    never: fails: for-each: it is String, expected an array
      - Run x: skipped: its job does not run
    later: runs
      legs depend on needs.plan.outputs.list
      - Do ${{ item }}: runs
    ");
}

#[test]
fn what_steps_do_is_told() {
    let text = "\
jobs:
  a:
    concurrency: {group: 'deploy-${{ github.ref_name }}-${{ run.id }}', cancel-in-progress: true}
    timeout-minutes: 90
    isolation: worktree
    steps:
      - run: x
        retry: {attempts: 3, backoff: exponential, initial: 2s, max: 1m}
        timeout-minutes: 1.5
        continue-on-error: true
        on-failure: [{run: why}]
        ensure: [{run: tidy}]
      - checkpoint: look
        options: [ship, wait, reject]
        expires: 2h
        on-timeout: approve
      - notify: {to: desktop, message: hello}
      - git: {commit: {message: 'On ${{ github.ref_name }}'}}
    on-failure: [{run: tell}]
on-failure: [{run: page}]
ensure: [{run: clean}]
";
    insta::assert_snapshot!(shown(text, &[]), @"
    a: runs
      (one at a time in group deploy-main-${{ run.id }}, cancelling what runs)
      (in a work tree of its own, merged back)
      (at most 1h30m)
      - Run x: runs
        (up to 3 tries with pauses of 2s, doubling up to 1m)
        (may fail)
        (at most 1m30s)
      - Run why [on failure]: depends on how it goes
      - Run tidy [in any case]: runs
      - Checkpoint look: runs
        (options ship, wait, reject)
        (approved after 2h)
      - Notify: runs
        (notify desktop)
      - Git commit: runs
        (git commit On main)
      - Run tell [on failure]: depends on how it goes
    @on-failure: depends on how it goes
      - Run page: runs
    @ensure: runs
      - Run clean: runs
    ");
}

#[test]
fn called_workflows_are_followed_with_their_inputs() {
    let called = "\
inputs: {target: {default: none}, level: {type: number}}
jobs:
  one: {if: inputs.target == 'here', steps: [{name: 'To ${{ inputs.target }}', run: x}]}
  two: {if: inputs.level > 1, steps: [{run: x}]}
";
    let text = "\
inputs: {where: {}, go: {type: boolean}}
jobs:
  a:
    steps:
      - {id: s, run: x}
      - {workflow: other, with: {target: '${{ inputs.where }}', level: '${{ steps.s.outputs.n }}'}}
      - {workflow: other, if: '!inputs.go'}
";
    insta::assert_snapshot!(shown(text, &[("other", called)]), @r#"
    a: runs
      - Run x: runs
      - Workflow other: runs
        with target: Ok("here")
        with level: Err(["steps.s.outputs.n"])
          one: runs
            - To here: runs
          two: depends on inputs.level
            - Run x: runs
      - Workflow other: skipped: its `if` is false
    "#);
}

#[test]
fn times_are_told_as_they_are_written() {
    let table = [
        (0, "0s"),
        (250, "250ms"),
        (90_000, "1m30s"),
        (90_061_000, "1d1h1m1s"),
    ];
    for (ms, expected) in table {
        assert_eq!(short_duration(Duration::from_millis(ms)), expected);
    }
}

#[test]
fn a_job_that_runs_once_is_the_only_leg_of_itself() {
    let text = "jobs:\n  a:\n    steps:\n      - {run: x, if: strategy.job-total == 1}\n      \
                - {run: y, if: strategy.fail-fast && strategy.job-index == 0}\n";
    assert_eq!(
        shown(text, &[]),
        "a: runs\n  - Run x: runs\n  - Run y: runs\n"
    );
}

#[test]
fn legs_have_a_name_that_tells_them_apart() {
    let told = |name: &str| {
        let text = format!(
            "inputs: {{go: {{}}, where: {{}}}}\njobs:\n  a:\n    name: {name}\n    strategy: {{matrix: {{x: \
             [1]}}}}\n    steps: [{{run: x}}]\n"
        );
        let shown = shown(&text, &[]);
        shown.lines().nth(1).unwrap_or_default().trim().to_owned()
    };
    assert_eq!(told("'No ${{ matrix.x }}'"), "a@1 (No 1)");
    assert_eq!(told("'${{ strategy.job-index }} of all'"), "a@1 (0 of all)");
    assert_eq!(told("The matrix ${{ inputs.where }}"), "a@1 (1)");
}
