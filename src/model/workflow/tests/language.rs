//! What the keys of jobs, steps and the top level mean.

use std::fmt::Write;
use std::time::Duration;

use super::valid;
use crate::model::expression::{Context, Object, Template, Value};
use crate::model::workflow::data::{Data, DataKind};
use crate::model::workflow::definition::{Guard, Job, OnTimeout, Step, StepKind, Workflow};
use crate::model::workflow::policy::{
    Backoff, IfNoFiles, MergeBack, OnConflict, Over, RetryOn, Setting,
};

/// A job with these lines and one step.
fn job(lines: &str) -> Job {
    let lines = lines.replace('\n', "\n    ");
    let workflow = valid(&format!("jobs:\n  a:\n    {lines}\n    steps: [run: x]\n"));
    workflow.jobs.into_iter().next().expect("a job")
}

/// The jobs and steps of a workflow with what holds them back.
fn guards(workflow: &Workflow) -> String {
    let mut shown = String::new();
    for job in &workflow.jobs {
        write!(shown, "{} {:?} {:?}:", job.id, job.guard, job.needs).expect("memory");
        for step in &job.steps {
            write!(shown, " {}", step.key).expect("memory");
            match step.guard {
                Guard::None => {}
                guard => write!(shown, "[{guard:?}]").expect("memory"),
            }
        }
        shown.push('\n');
    }
    shown
}

#[test]
fn handlers_become_steps_and_jobs() {
    let workflow = valid(
        "jobs:\n  a:\n    steps:\n      - run: x\n      - id: unit\n        run: x\n        \
         on-failure: [{run: x}, {id: mine, run: x}]\n        ensure: [run: x]\n      - run: x\n        \
         ensure: [run: '${{ steps.unit.outcome }} ${{ steps.mine.outcome }}']\n    \
         on-failure: [run: x]\n    ensure: [run: x, run: y]\n  b: {steps: [run: x]}\n\
         on-failure: [{run: x, ensure: [run: z]}]\nensure: [run: '${{ needs.a.result }}']\n"
            .replace("[run: x, run: y]", "[{run: x}, {run: y}]")
            .as_str(),
    );
    assert_eq!(
        guards(&workflow),
        "a None []: 1 unit unit+on-failure+1[AfterFailure(1)] mine[AfterFailure(1)] \
         unit+ensure+1[After(1)] 3 3+ensure+1[After(5)] on-failure+1[OnFailure] ensure+1[Ensure] \
         ensure+2[Ensure]\n\
         b None []: 1\n\
         @on-failure OnFailure [0, 1]: 1 1+ensure+1[After(0)]\n\
         @ensure Ensure [0, 1, 2]: 1\n"
    );
    assert_eq!(workflow.jobs[2].title(), "on-failure");
}

#[test]
fn what_a_job_is_fanned_out_over() {
    let strategy = job("strategy:\n  matrix: {os: [a, b], n: '${{ github.ref }}'}")
        .strategy
        .expect("it is written");
    assert!(matches!(strategy.fail_fast, Setting::Fixed(true)));
    assert!(strategy.max_parallel.is_none());
    assert!(matches!(strategy.over, Over::Matrix(_)));

    let strategy = job("strategy:\n  fail-fast: false\n  max-parallel: 2\n  matrix: {os: [a]}");
    let strategy = strategy.strategy.expect("it is written");
    assert!(matches!(strategy.fail_fast, Setting::Fixed(false)));
    assert!(matches!(strategy.max_parallel, Some(Setting::Fixed(2))));

    let strategy = job("for-each: [1, two]").strategy.expect("it is written");
    assert!(matches!(strategy.fail_fast, Setting::Fixed(false)));
    assert!(
        matches!(strategy.over, Over::Items(data) if matches!(&data.kind, DataKind::List(items) if items.len() == 2))
    );

    let text =
        "for-each:\n  items: ${{ github.ref }}\n  max-parallel: ${{ 1 }}\n  fail-fast: ${{ true }}";
    let strategy = job(text).strategy.expect("it is written");
    assert!(matches!(strategy.over, Over::Items(data) if matches!(data.kind, DataKind::Text(_))));
    let context = Context::default();
    assert_eq!(strategy.fail_fast.evaluate(&context), Ok(true));
    assert_eq!(
        strategy.max_parallel.map(|most| most.evaluate(&context)),
        Some(Ok(Some(1)))
    );
}

#[test]
fn how_a_step_is_tried_again() {
    let retry = |text: &str| {
        let workflow = valid(&format!(
            "jobs:\n  a:\n    steps:\n      - run: x\n        retry: {text}\n"
        ));
        workflow.jobs[0].steps[0]
            .retry
            .clone()
            .expect("it is written")
    };
    let plain = retry("3");
    assert_eq!((plain.attempts, plain.backoff), (3, Backoff::Exponential));
    assert_eq!(
        (plain.initial, plain.max),
        (Duration::from_secs(1), Duration::from_mins(5))
    );
    assert!(plain.on.is_empty() && plain.budget.is_none() && plain.jitter.abs() < f64::EPSILON);

    let whole = retry(
        "{attempts: 5, backoff: linear, initial: 500ms, max: 2m, jitter: 0.25, budget: 1h, on: [1, \
         timeout, lost, failure, '/con+ection/', {output: reset}]}",
    );
    assert_eq!((whole.attempts, whole.backoff), (5, Backoff::Linear));
    assert_eq!(
        (whole.initial, whole.max),
        (Duration::from_millis(500), Duration::from_mins(2))
    );
    assert!((whole.jitter - 0.25).abs() < f64::EPSILON);
    assert_eq!(whole.budget, Some(Duration::from_hours(1)));
    let on: Vec<String> = whole
        .on
        .iter()
        .map(|on| match on {
            RetryOn::Output(pattern) => format!("/{pattern}/"),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(
        on,
        [
            "Code(1)",
            "Timeout",
            "Lost",
            "Failure",
            "/con+ection/",
            "/reset/"
        ]
    );
    assert!((retry("{attempts: 2, jitter: true}").jitter - 0.5).abs() < f64::EPSILON);
    // A first pause that is longer than the longest one by default.
    assert_eq!(
        retry("{attempts: 2, initial: 10m, on: 7}").max,
        Duration::from_mins(10)
    );
}

#[test]
fn what_keeps_runs_and_jobs_apart() {
    let concurrency = job("concurrency: deploy-${{ matrix.os }}\nstrategy: {matrix: {os: [a]}}");
    let concurrency = concurrency.concurrency.expect("it is written");
    assert_eq!(concurrency.group.source_text(), "deploy-${{ matrix.os }}");
    assert!(!concurrency.queue_all);
    let concurrency =
        job("concurrency: {group: g, queue: max, cancel-in-progress: '${{ false }}'}");
    let concurrency = concurrency.concurrency.expect("it is written");
    assert!(concurrency.queue_all);
    assert!(matches!(
        concurrency.cancel_in_progress,
        Setting::Computed(_)
    ));

    let isolation = job("isolation: worktree").isolation.expect("it is written");
    assert_eq!(isolation.merge, MergeBack::Merge);
    assert!(matches!(isolation.on_conflict, OnConflict::Fail) && isolation.into.is_none());
    let of_job = job(
        "isolation:\n  type: worktree\n  merge: squash\n  into: work/${{ run.id }}\n  \
         on-conflict: [run: solve]",
    );
    let isolation = of_job.isolation.expect("it is written");
    assert_eq!(isolation.merge, MergeBack::Squash);
    assert!(isolation.into.is_some());
    assert!(matches!(isolation.on_conflict, OnConflict::Steps(_)));
    let last = of_job.steps.last().expect("a step");
    assert_eq!(last.key, "on-conflict+1");
    assert_eq!(last.guard, Guard::OnConflict);
}

#[test]
fn defaults_outputs_artifacts_and_files() {
    let workflow = valid(
        "name: W\nrun-name: Of ${{ inputs.who }}\ndescription: why\ndotenv: [.env, {path: .env.local, \
         optional: true}]\ndefaults: {run: {shell: sh, working-directory: a}}\n\
         inputs: {who: , n: {type: number, default: 3}, c: {type: choice, options: [x, y], required: \
         true}, b: {type: boolean, description: B, default: true}}\n\
         jobs:\n  a:\n    dotenv: .env.a\n    defaults: {run: {working-directory: '${{ env.D }}'}}\n    \
         continue-on-error: true\n    timeout-minutes: ${{ inputs.n }}\n    \
         outputs: {Version: '${{ steps.v.outputs.version }}'}\n    \
         artifacts: {log: '*.log', 'all-${{ job.status }}': {path: [a, b], if-no-files-found: error}}\n    \
         steps:\n      - {id: v, run: 'echo $GITHUB_ENV', continue-on-error: '${{ inputs.b }}', \
         artifacts: {two: \"x\\ny\"}, problem-matchers: m.json}\n\
         outputs: {v: '${{ jobs.a.outputs.version }}', w: {description: d, value: x}}\n",
    );
    assert_eq!(
        workflow.run_name.as_ref().map(Template::source_text),
        Some("Of ${{ inputs.who }}")
    );
    assert_eq!(workflow.description.as_deref(), Some("why"));
    let files: Vec<_> = workflow
        .dotenv
        .iter()
        .map(|file| (file.path.as_str(), file.optional))
        .collect();
    assert_eq!(files, [(".env", false), (".env.local", true)]);
    let inputs: Vec<String> = workflow
        .inputs
        .iter()
        .map(|input| {
            let default = input.checked_default().expect("it fits");
            format!(
                "{} {:?} {} {}",
                input.name,
                input.kind,
                input.required,
                default.to_text()
            )
        })
        .collect();
    assert_eq!(
        inputs,
        [
            "who String false ",
            "n Number false 3",
            "c Choice([\"x\", \"y\"]) true ",
            "b Boolean false true"
        ]
    );
    let job = &workflow.jobs[0];
    assert_eq!(
        job.defaults.shell.as_ref().map(Template::source_text),
        Some("sh")
    );
    let directory = job
        .defaults
        .working_directory
        .as_ref()
        .map(Template::source_text);
    assert_eq!(directory, Some("${{ env.D }}"));
    assert!(matches!(job.continue_on_error, Some(Setting::Fixed(true))));
    assert!(matches!(job.timeout, Some(Setting::Computed(_))));
    assert_eq!(job.outputs[0].name, "Version");
    assert_eq!(job.artifacts[1].if_no_files, IfNoFiles::Error);
    assert_eq!(job.artifacts[1].paths.len(), 2);
    let step = &job.steps[0];
    assert!(matches!(step.continue_on_error, Some(Setting::Computed(_))));
    assert_eq!(step.artifacts[0].paths.len(), 2);
    assert_eq!(step.problem_matchers.len(), 1);
    let outputs: Vec<_> = workflow
        .outputs
        .iter()
        .map(|output| output.name.as_str())
        .collect();
    assert_eq!(outputs, ["v", "w"]);
}

#[test]
fn kinds_of_steps() {
    let workflow = valid(
        "jobs:\n  a:\n    steps:\n      - checkpoint: review\n        message: Well?\n        \
         options: [ship, later, reject]\n        text: required\n        expires: 24h\n        \
         on-timeout: approve\n        approvers: [me@example.org]\n      \
         - workflow: other\n        with: {n: 1, who: '${{ checkpoint.review.who }}'}\n      \
         - notify: done\n      \
         - notify: {to: webhook, url: 'https://example.org', secret: HOOK, message: m, headers: {X-A: b}}\n      \
         - git: {commit: all of it}\n      \
         - git: {tag: {name: v1, message: '${{ spec.title }}'}}\n      \
         - {run: x, if: \"checkpoint.review.option == 'ship'\"}\n",
    );
    let steps = &workflow.jobs[0].steps;
    let StepKind::Checkpoint(checkpoint) = &steps[0].kind else {
        panic!("a checkpoint");
    };
    assert_eq!(checkpoint.options, ["ship", "later", "reject"]);
    assert!(checkpoint.text_required);
    assert_eq!(checkpoint.expires, Some(Duration::from_hours(24)));
    assert_eq!(checkpoint.on_timeout, OnTimeout::Approve);
    assert_eq!(checkpoint.approvers, ["me@example.org"]);
    let calls: Vec<_> = workflow.calls().map(|(name, _)| name).collect();
    assert_eq!(calls, ["other"]);
    let StepKind::Call { with, .. } = &steps[1].kind else {
        panic!("a call");
    };
    let mut who = Object::new();
    who.set("who", "me");
    let mut review = Object::new();
    review.set("review", who);
    let context = Context::default().with("checkpoint", review);
    let values: Vec<_> = with
        .iter()
        .map(|(name, data)| {
            (
                name.as_str(),
                data.evaluate(&context).map(|value| value.to_text()),
            )
        })
        .collect();
    assert_eq!(
        values,
        [("n", Ok("1".to_owned())), ("who", Ok("me".to_owned()))]
    );
    let titles: Vec<String> = steps.iter().map(Step::title).collect();
    assert_eq!(
        titles,
        [
            "Checkpoint review",
            "Workflow other",
            "Notify",
            "Notify",
            "Git commit",
            "Git tag",
            "Run x"
        ]
    );
    let StepKind::Git(data) = &steps[5].kind else {
        panic!("git");
    };
    let name = data
        .get("tag")
        .and_then(|tag| tag.get("name"))
        .and_then(Data::literal);
    assert!(matches!(name, Some(Value::String(name)) if &*name == "v1"));
}

#[test]
fn a_workflow_of_github_keeps_its_inputs_and_outputs() {
    let workflow = valid(
        "on:\n  workflow_dispatch:\n    inputs:\n      level: {type: choice, options: [a, b], default: \
         a}\n  workflow_call:\n    inputs:\n      Level: {type: string}\n      more: {required: true, \
         type: boolean}\n    outputs:\n      o: {value: '${{ jobs.a.outputs.x }}'}\n  manual:\n  schedule: \
         [{cron: '0 0 * * *'}]\njobs:\n  a:\n    outputs: {x: '1'}\n    if: inputs.more && inputs.level == 'a'\n    \
         steps: [run: 'echo ${{ inputs.level }}']\n",
    );
    let inputs: Vec<_> = workflow
        .inputs
        .iter()
        .map(|input| input.name.as_str())
        .collect();
    assert_eq!(inputs, ["level", "more"]);
    assert_eq!(workflow.outputs.len(), 1);
    for events in [
        "pre-push",
        "[post-commit, spec-changed]",
        "{file-changed: {paths: [a]}}",
    ] {
        valid(&format!("on: {events}\njobs: {{a: {{steps: [run: x]}}}}\n"));
    }
}
