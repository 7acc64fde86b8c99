//! What conditions, strategies and expressions on names come to in a run.

use crate::run::fixture::{outcomes, project, told, workflow};
use crate::support::TestRepo;

#[track_caller]
fn check(repo: &TestRepo, jobs: &str, code: i32, expected: &[&str]) {
    workflow(&repo.here(), "x", jobs);
    let run = repo.mmm(["run", "-w", "x", "--json"]);
    run.assert_code(code);
    assert_eq!(outcomes(&repo.here(), &told(&run)), expected);
}

#[test]
fn jobs_are_asked_about_by_their_ids() {
    let repo = project();
    check(
        &repo,
        "  bad: {steps: [run: 'false']}
  good: {steps: [run: 'true']}
  a: {needs: [bad, good], if: success('good'), steps: [run: 'true']}
  b: {needs: [bad, good], if: \"failure('good', 'BAD')\", steps: [run: 'true']}
  c: {needs: [bad, good], if: failure('good'), steps: [run: 'true']}
  d: {needs: [bad, good], if: \"success('good', 'bad')\", steps: [run: 'true']}
  e: {needs: [bad, good], if: success('b'), steps: [run: 'true']}
",
        1,
        &[
            "a/1=success",
            "b/1=success",
            "bad/1=failure",
            "good/1=success",
        ],
    );
}

#[test]
fn one_expression_gives_a_strategy() {
    let repo = project();
    check(
        &repo,
        "  plan:
    outputs: {all: '${{ steps.s.outputs.all }}'}
    steps:
      - id: s
        run: >-
          echo 'all={\"matrix\": {\"n\": [1, 2, 3]}, \"max-parallel\": 1, \"fail-fast\": false}'
          >>\"$GITHUB_OUTPUT\"
  each:
    needs: plan
    strategy: ${{ fromJSON(needs.plan.outputs.all) }}
    steps:
      - run: test \"$N\" != 2 && test \"$S\" = 3/1/false
        env:
          N: ${{ matrix.n }}
          S: ${{ strategy.job-total }}/${{ strategy.max-parallel }}/${{ strategy.fail-fast }}
  once:
    needs: plan
    strategy: ${{ fromJSON('{}') }}
    steps:
      - run: test \"$S\" = /1
        env: {S: '${{ matrix.n }}/${{ strategy.job-total }}'}
",
        1,
        &[
            "each@1/1=success",
            "each@2/1=failure",
            "each@3/1=success",
            "once@1/1=success",
            "plan/s=success",
        ],
    );
}

#[test]
fn what_is_not_there_is_nothing() {
    let repo = project();
    check(
        &repo,
        "  a:
    concurrency: ${{ github.event.pull_request.number || github.ref }}
    steps:
      - run: test \"$A\" = main/manual
        env:
          A: ${{ github.head_ref || github.ref_name }}/${{ github.event.action || github.event_name }}
      - {run: 'true', if: steps.gone.outcome == 'failure'}
      - {run: 'true', if: steps.gone.outputs.hit != 'true'}
",
        0,
        &["a/1=success", "a/2=skipped", "a/3=success"],
    );
}

#[test]
fn the_name_of_the_repository_is_that_of_its_origin() {
    let repo = project();
    let asks = "  a: {if: \"github.repository == 'ada/engine'\", steps: [run: 'true']}
  b:
    steps:
      - run: test \"$A\" = \"$GITHUB_REPOSITORY_OWNER/$GITHUB_REPOSITORY\"
        env: {A: '${{ github.repository_owner }}/${{ github.repository }}'}
";
    check(&repo, asks, 0, &["b/1=success"]);
    let url = "git@example.org:ada/engine.git";
    repo.git(["remote", "add", "origin", url]);
    check(&repo, asks, 0, &["a/1=success", "b/1=success"]);
}

#[test]
fn a_pattern_of_retry_looks_at_lines_and_failure_at_exit_codes() {
    let repo = project();
    let counted = "n=$(cat n || echo 0); echo $((n + 1)) >n;";
    check(
        &repo,
        &format!(
            "  a:
    steps:
      - run: {counted} echo one; echo reset; echo three; test $n = 1
        retry: {{attempts: 2, initial: 1ms, on: ['/^reset$/']}}
      - run: rm n
      - run: {counted} echo a reset; test $n = 1
        continue-on-error: true
        retry: {{attempts: 2, initial: 1ms, on: ['/^reset$/']}}
      - run: {counted} sleep 600
        timeout-minutes: 0.005
        continue-on-error: true
        retry: {{attempts: 3, initial: 1ms, on: failure}}
      - run: test \"$(cat n)\" = 2
"
        ),
        0,
        &[
            "a/1=success",
            "a/2=success",
            "a/3=failure",
            "a/4=failure",
            "a/5=success",
        ],
    );
}
