//! What GitHub lets be computed besides texts: variables by one expression, the default shell, the
//! names of legs.

use crate::run::fixture::{project, workflow};

const JOBS: &str = "  plan:
    outputs: {env: '{\"FLAGS\": \"-O2\", \"N\": 3}'}
    steps: [{run: 'echo \"${{ strategy.job-index }} ${{ strategy.job-total }}\"'}]
  build:
    needs: plan
    name: Build ${{ matrix.on.name }}, ${{ strategy.job-index }}
    strategy:
      max-parallel: 1
      matrix:
        on: [{name: one, env: {CC: gcc, DEBUG: true}}, {name: two}]
        include: [{on: {name: two}, shell: 'bash -u {0}'}]
    env: ${{ matrix.on.env }}
    defaults: {run: {shell: \"${{ matrix.shell || 'sh' }}\"}}
    steps:
      - run: echo \"$CC|$DEBUG|$FLAGS|$N ${BASH_VERSION:+bash}\"
        env: ${{ fromJSON(needs.plan.outputs.env) }}
        continue-on-error: true
  wrong:
    env: ${{ fromJSON('[1]') }}
    steps: [{run: 'true'}]
  odd:
    env: {with-dash: '1'}
    steps: [{run: 'env | grep ^with; echo \"${{ env.with-dash }}\"'}]
";

#[test]
fn variables_shells_and_names_are_computed() {
    let repo = project();
    workflow(&repo.here(), "x", JOBS);
    let run = repo.mmm(["run", "-w", "x"]);
    run.assert_code(1);
    repo.mmm(["workflow", "check", "x"]).assert_ok();
    let planned = repo.mmm(["workflow", "show", "x"]).stdout;
    for part in [
        "build: Build ${{ matrix.on.name }}",
        "build@2 (Build two, 1)",
    ] {
        assert!(planned.contains(part), "{planned}");
    }
    let log = repo.mmm(["log"]).stdout;
    for part in [
        "build@1 (Build one, 0) / ",
        "  | gcc|true|-O2|3 \n",
        "build@2 (Build two, 1) / ",
        "CC: unbound variable",
        "  | 0 1\n",
        "  | with-dash=1\n  | 1\n",
    ] {
        assert!(log.contains(part), "{part}: {log}");
    }
    let message = "env: its kind is Array, expected an object of names and texts";
    assert!(run.stdout.contains(message), "{run}");
    let shown = repo.mmm(["show", "--json"]).json();
    let jobs = shown["data"]["jobs"].as_array().expect("jobs");
    let titles: Vec<&str> = jobs
        .iter()
        .filter_map(|job| job["title"].as_str())
        .collect();
    assert!(titles.contains(&"build@2 (Build two, 1)"), "{titles:?}");
}

#[test]
fn a_switch_is_true_by_true_alone() {
    let repo = project();
    let step = |value: &str| {
        format!("{{steps: [{{continue-on-error: \"${{{{ {value} }}}}\", run: exit 1}}]}}\n")
    };
    let matrix = "{max-parallel: 1, fail-fast: \"${{ 'false' }}\", matrix: {n: [1, 2]}}";
    let jobs = [
        format!("  text: {}", step("'false'")),
        format!("  yes: {}", step("'true'")),
        format!("  number: {}", step("3")),
        format!("  none: {}", step("null")),
        format!("  other: {}", step("'on'")),
        format!(
            "  legs: {{strategy: {matrix}, steps: [{{run: 'test ${{{{ matrix.n }}}} = 2'}}]}}\n"
        ),
        "  slow: {steps: [{timeout-minutes: '${{ true }}', run: 'true'}]}\n".to_owned(),
    ];
    workflow(&repo.here(), "x", &jobs.concat());
    let run = repo.mmm(["run", "-w", "x"]);
    run.assert_code(1);
    let shown = repo.mmm(["show", "--json"]).json();
    let jobs = shown["data"]["jobs"].as_array().expect("jobs");
    let results = jobs.iter().map(|job| {
        let word = |key: &str| job[key].as_str().unwrap_or_default();
        format!("{} {}", word("id"), word("result"))
    });
    let expected = [
        "text failure",
        "yes success",
        "number failure",
        "none failure",
        "other failure",
        "legs@1 failure",
        "legs@2 success",
        "slow failure",
    ];
    let results: Vec<String> = results.collect();
    for line in expected {
        assert!(results.iter().any(|it| it == line), "{line}: {results:#?}");
    }
    for told in [
        "continue-on-error of step `1`: it is of kind Number, expected `true` or `false`",
        "continue-on-error of step `1`: it is another text than `true` or `false`",
    ] {
        assert!(run.stderr.contains(told), "{run}");
    }
}
