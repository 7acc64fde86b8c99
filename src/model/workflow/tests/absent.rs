//! What of a workflow is not there: names that expressions read, values that are left empty, and
//! keys of GitHub that cannot work here.

use super::{load, render};

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(render(&load(text).1), expected, "{text}");
}

#[test]
fn a_name_that_is_not_there_is_nothing_and_is_warned_of() {
    let text = "concurrency: '${{ github.event.number || github.ref }}'\njobs:\n  a:\n    steps:\n      \
                - run: x\n        if: steps.gone.outcome == null && inputs.gone == null && \
                needs.gone == null && matrix.gone == null && checkpoint.gone == null\n";
    let (workflow, problems) = load(text);
    assert!(workflow.is_some(), "{problems:?}");
    let found: Vec<_> = problems
        .iter()
        .map(|problem| (problem.severity.as_str(), problem.code))
        .collect();
    assert_eq!(
        found,
        [
            ("warning", "unknown-property"),
            ("warning", "unknown-step"),
            ("warning", "unknown-input"),
            ("warning", "unknown-job"),
            ("warning", "unknown-property"),
            ("warning", "unknown-checkpoint"),
        ]
    );
}

#[test]
fn status_functions_of_jobs() {
    check(
        "jobs:\n  a: {steps: [run: x]}\n  b: {steps: [run: x]}\n  c:\n    needs: a\n    if: success('A') \
         || failure('b', 'a', 'zz')\n    steps:\n      - {run: x, if: success('a')}\n  d:\n    needs: a\n    \
         if: always('a')\n    steps: [run: x]\n",
        "6:33 unknown-job job `b` is not in `needs` of this job [add `b` to `needs`]\n\
         6:43 unknown-job unknown job `zz`\n\
         8:22 expression-syntax `success()` takes no argument, not 1\n\
         11:9 expression-syntax `always()` takes no argument, not 1\n",
    );
}

#[test]
fn what_is_left_empty_is_not_there() {
    let text = "name:\nrun-name:\ndefaults: {}\njobs:\n  a:\n    name:\n    if:\n    outputs: {o: , 'p q.r': 1}\n    \
                strategy: {matrix: {'a b': [1]}}\n    steps:\n      - run: x\n        \
                name:\n        if:\n        working-directory:\n  b:\n    needs: [a, a]\n    steps:\n      - \
                run: x\n        if: needs.a.outputs.o && needs.a.outputs['p q.r']\n";
    let (workflow, problems) = load(text);
    assert_eq!(
        render(&problems),
        "16:16 duplicate-need job `a` is in `needs` already\n"
    );
    let job = &workflow.expect("it is valid").jobs[0];
    assert!(job.name.is_none() && job.steps[0].name.is_none());
    check(
        "jobs:\n  a:\n    outputs: {'': x}\n    strategy: {matrix: {' ': [1]}}\n    steps:\n      - run:\n",
        "2:3 unused-output nothing reads output `` of job `a`\n\
         3:15 bad-id `` is no name\n\
         4:25 bad-id ` ` is no name\n\
         6:9 wrong-type `run` has no value, expected text\n",
    );
}

#[test]
fn a_job_that_uses_a_workflow_is_one_problem() {
    check(
        "jobs:\n  a:\n    uses: ./.github/workflows/x.yml\n    with: {n: 1}\n    secrets: inherit\n",
        "3:5 unsupported-key `uses` is not supported [call a workflow of this repository with a \
         step `workflow: <name>`]\n\
         4:5 unsupported-key `with` is not supported [a step `workflow: <name>` has `with`]\n\
         5:5 unsupported-key `secrets` is not supported [a workflow that is called reads the same \
         `secrets` as its caller]\n",
    );
}
