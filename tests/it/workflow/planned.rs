//! What `run -n` and `workflow show` say would run.

use crate::run::fixture::{project, spec, workflow};

const JOBS: &str =
    "\x20 plan: {outputs: {list: '${{ steps.s.outputs.l }}'}, steps: [{id: s, run: x}]}
  test:
    strategy: {matrix: {os: [linux, mac]}}
    steps:
      - {name: 'On ${{ matrix.os }}', run: x}
      - {run: y, if: matrix.os == 'mac'}
  build:
    strategy: {matrix: {n: [1, 2]}}
    steps: [{run: x}]
  each:
    needs: plan
    for-each: ${{ fromJSON(needs.plan.outputs.list) }}
    steps: [{run: x}]
  ship:
    if: inputs.ship && github.ref_name == 'main'
    concurrency: 'ship-${{ github.ref_name }}'
    steps:
      - {name: Ask, checkpoint: look, expires: 2h}
      - {run: x, retry: 3, if: failure()}
      - {workflow: push, with: {what: '${{ inputs.what }}'}}
  after: {needs: ship, steps: [{run: x}]}
on-failure: [{run: tell}]
";

#[test]
fn a_plan_says_what_runs_and_what_that_depends_on() {
    let repo = project();
    let text =
        format!("inputs: {{ship: {{type: boolean}}, what: {{default: all}}}}\njobs:\n{JOBS}");
    repo.write(".mmm/workflows/main.yaml", text);
    repo.write(
        ".mmm/workflows/push.yaml",
        "inputs: {what: {}}\njobs:\n  up: {if: inputs.what == 'all', steps: [{run: x}]}\n",
    );
    insta::assert_snapshot!(repo.mmm(["run", "-n", "-w", "main"]), @"
    exit code 0
    --- stdout
    main
     1. plan
          - Run x
        test
          test@1 (linux)
            - On linux
            - Run y: skipped (if: matrix.os == 'mac' is false)
          test@2 (mac)
            - On mac
            - Run y: runs (if: matrix.os == 'mac')
        build
          build@1 (1)
          build@2 (2)
          - Run x
        ship (one at a time in group ship-main): skipped (if: inputs.ship && github.ref_name == 'main' is false)
     2. each (needs plan)
          legs known when it begins (needs.plan.outputs.list)
          - Run x
        after (needs ship): skipped (needs ship, which is skipped)
     3. @on-failure (on failure)
          - Run tell
    ");
    insta::assert_snapshot!(repo.mmm(["run", "-n", "-w", "main", "--set", "ship=true"]), @"
    exit code 0
    --- stdout
    main
     1. plan
          - Run x
        test
          test@1 (linux)
            - On linux
            - Run y: skipped (if: matrix.os == 'mac' is false)
          test@2 (mac)
            - On mac
            - Run y: runs (if: matrix.os == 'mac')
        build
          build@1 (1)
          build@2 (2)
          - Run x
        ship (one at a time in group ship-main): runs (if: inputs.ship && github.ref_name == 'main')
          - Ask (checkpoint; rejected after 2h)
          - Run x (up to 3 tries with pauses of [TIME], doubling up to 5m): depends on how it goes (if: failure())
          - Workflow push
            with what = all
             1. up: runs (if: inputs.what == 'all')
                  - Run x
     2. each (needs plan)
          legs known when it begins (needs.plan.outputs.list)
          - Run x
        after (needs ship)
          - Run x
     3. @on-failure (on failure)
          - Run tell
    ");
    insta::assert_snapshot!(repo.mmm(["workflow", "show", "main"]), @"
    exit code 0
    --- stdout
    main (.mmm/workflows/main.yaml)
     1. plan
          - Run x
        test
          test@1 (linux)
            - On linux
            - Run y: skipped (if: matrix.os == 'mac' is false)
          test@2 (mac)
            - On mac
            - Run y: runs (if: matrix.os == 'mac')
        build
          build@1 (1)
          build@2 (2)
          - Run x
        ship (one at a time in group ship-${{ github.ref_name }}): depends on inputs.ship, github.ref_name (if: inputs.ship && github.ref_name == 'main')
          - Ask (checkpoint; rejected after 2h)
          - Run x (up to 3 tries with pauses of [TIME], doubling up to 5m): depends on how it goes (if: failure())
          - Workflow push
            with what depends on inputs.what
             1. up: depends on inputs.what (if: inputs.what == 'all')
                  - Run x
     2. each (needs plan)
          legs known when it begins (needs.plan.outputs.list)
          - Run x
        after (needs ship): depends on needs.ship.result
          - Run x
     3. @on-failure (on failure)
          - Run tell
    ");
}

#[test]
fn a_plan_as_json_names_what_is_missing() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a: {steps: [{id: s, run: x}, {run: y, if: steps.s.outcome == 'failure' || failure()}]}\n",
    );
    let plan = repo.mmm(["run", "-n", "-w", "main", "--json"]).json();
    let job = &plan["data"][0]["layers"][0][0];
    assert_eq!(job["state"], "runs");
    assert_eq!(job["steps"][1]["state"], "depends");
    assert_eq!(
        job["steps"][1]["unknown"],
        serde_json::json!(["steps.s.outcome", "how it goes"])
    );
}

#[test]
fn the_spec_is_known_to_its_plan() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a: {if: spec.status == 'ready', steps: [{run: x}]}\n  b: {if: spec.slug == 'x', steps: [{run: x}]}\n",
    );
    spec(&repo.here(), &["true"]);
    insta::assert_snapshot!(repo.mmm(["run", "-n", "thing"]), @"
    exit code 0
    --- stdout
    main for thing-7k3q9x2
      verify before
        ac-0aaa true
     1. a: runs (if: spec.status == 'ready')
          - Run x
        b: skipped (if: spec.slug == 'x' is false)
      verify after
        ac-0aaa true
    ");
    insta::assert_snapshot!(repo.mmm(["run", "-n", "-w", "main", "--set", "x=1"]), @"
    exit code 129
    --- stderr
    error: the inputs of the workflow `main`: there is no input `x`
    hint: the workflow takes no inputs
    ");
    // Nothing has begun.
    assert_eq!(
        repo.mmm(["runs", "--json"]).json()["data"],
        serde_json::json!([])
    );
}
