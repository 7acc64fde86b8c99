//! What steps and jobs do: order, conditions, environment, shells, limits.

use std::time::{Duration, Instant};

use crate::run::fixture::{self, outcomes, project, sealed_file, spec, survivors, told, workflow};
use crate::support::{Run, TestRepo};

/// Runs the jobs as a workflow without a spec.
fn run(repo: &TestRepo, jobs: &str) -> Run {
    workflow(&repo.here(), "x", jobs);
    repo.mmm(["run", "-w", "x", "--json"])
}

#[track_caller]
fn check(jobs: &str, code: i32, expected: &[&str]) -> TestRepo {
    let repo = project();
    let run = run(&repo, jobs);
    run.assert_code(code);
    assert_eq!(outcomes(&repo.here(), &told(&run)), expected);
    repo
}

#[test]
fn after_a_failure_only_what_asks_for_it_runs() {
    check(
        "  a:
    steps:
      - run: 'false'
      - run: 'true'
      - {run: 'true', if: failure()}
      - {run: 'true', if: always()}
      - {run: 'true', if: success()}
",
        1,
        &[
            "a/1=failure",
            "a/2=skipped",
            "a/3=success",
            "a/4=success",
            "a/5=skipped",
        ],
    );
}

#[test]
fn needs_are_waited_for_and_skipped_with_what_they_need() {
    let repo = check(
        "  c:
    needs: b
    steps: [{run: 'true'}]
  b:
    needs: a
    steps: [{run: 'true'}]
  a:
    steps: [{run: 'false'}]
  d:
    needs: c
    if: always()
    steps:
      - run: test \"$A\" = skipped
        env: {A: '${{ needs.c.result }}'}
  e:
    needs: a
    if: failure()
    steps: [{run: 'true'}]
",
        1,
        &["a/1=failure", "d/1=success", "e/1=success"],
    );
    let shown = repo.mmm(["show", "--json"]).json();
    let results: Vec<String> = shown["data"]["jobs"]
        .as_array()
        .expect("jobs")
        .iter()
        .map(|job| {
            format!(
                "{}={}",
                job["id"].as_str().unwrap_or(""),
                job["result"].as_str().unwrap_or("")
            )
        })
        .collect();
    for expected in [
        "b=skipped",
        "c=skipped",
        "d=success",
        "e=success",
        "a=failure",
    ] {
        assert!(
            results.iter().any(|result| result == expected),
            "{results:?}"
        );
    }
}

#[test]
fn jobs_run_at_once() {
    let wait = |mine: &str, other: &str| {
        format!(
            "touch {mine}; for i in $(seq 2000); do test -e {other} && exit 0; sleep 0.01; done; exit 1"
        )
    };
    let jobs = format!(
        "  a:\n    steps: [{{run: '{}'}}]\n  b:\n    steps: [{{run: '{}'}}]\n",
        wait("one", "two"),
        wait("two", "one")
    );
    check(&jobs, 0, &["a/1=success", "b/1=success"]);
}

#[test]
fn a_step_that_takes_too_long_leaves_nothing_alive() {
    let repo = project();
    let start = Instant::now();
    let run = run(
        &repo,
        "  a:
    steps:
      - run: |
          sleep 471 &
          setsid sleep 472 &
          (setsid sh -c 'sleep 473 & sleep 474' &)
          sleep 475
        timeout-minutes: 0.01
      - {run: 'true', if: failure()}
",
    );
    run.assert_code(1);
    assert!(start.elapsed() < Duration::from_mins(1));
    assert_eq!(survivors(&told(&run)), Vec::<u32>::new());
    assert_eq!(
        outcomes(&repo.here(), &told(&run)),
        ["a/1=failure", "a/2=success"]
    );
    let shown = repo.mmm(["show", &told(&run)]);
    assert!(shown.stdout.contains("took too long"), "{shown}");
}

#[test]
fn a_job_that_takes_too_long_fails() {
    let repo = project();
    let run = run(
        &repo,
        "  a:
    timeout-minutes: 0.01
    steps:
      - run: trap '' INT; setsid sleep 472 & sleep 475
      - {run: 'true'}
      - {run: 'true', if: always()}
",
    );
    run.assert_code(1);
    assert_eq!(survivors(&told(&run)), Vec::<u32>::new());
    assert_eq!(
        outcomes(&repo.here(), &told(&run)),
        ["a/1=failure", "a/2=skipped", "a/3=success"]
    );
}

#[test]
fn what_a_job_left_in_the_background_ends_with_it() {
    let repo = project();
    let run = run(
        &repo,
        "  a:
    steps:
      - run: sleep 471 & setsid sleep 472 & echo $! >pid
      - run: kill -0 $(cat pid)
  b:
    needs: a
    steps:
      - run: '! grep -s -q sleep /proc/$(cat pid)/cmdline'
",
    );
    run.assert_ok();
    assert_eq!(survivors(&told(&run)), Vec::<u32>::new());
}

#[test]
fn output_is_capped() {
    let repo = project();
    let run = run(
        &repo,
        "  a:\n    steps:\n      - run: yes 0123456789 | head -c 3000000\n",
    );
    run.assert_ok();
    let id = told(&run);
    assert_eq!(
        sealed_file(&repo.here(), &id, "out/a.1.1.log").len(),
        1024 * 1024
    );
    let log = repo.mmm(["log", &id]);
    assert!(
        log.stdout.contains("1951424 more bytes were not kept"),
        "{}",
        &log.stdout[log.stdout.len() - 200..]
    );
}

#[test]
fn a_whole_run_is_capped() {
    let repo = project();
    let steps = "      - run: yes 0123456789 | head -c 1048576\n".repeat(10);
    let run = run(&repo, &format!("  a:\n    steps:\n{steps}"));
    run.assert_ok();
    let tag = fixture::seal(&repo.here(), &told(&run));
    let list = repo.git(["ls-tree", "-r", "-l", &tag]);
    let sizes = list.lines().filter(|line| line.contains("/out/"));
    let total: u64 = sizes
        .filter_map(|line| line.split_whitespace().nth(3)?.parse::<u64>().ok())
        .sum();
    assert_eq!(total, 8 * 1024 * 1024);
}

#[test]
fn masked_values_are_nowhere() {
    let secret = "hunter2-Zq8+/~x9Lk";
    let mut repo = TestRepo::builder().real_clock().build();
    fixture::configure(&repo.here(), "\n[run]\nmask = [\"DEPLOY_KEY\"]\n");
    repo.set("DEPLOY_KEY", secret);
    repo.set("GITHUB_TOKEN", "another-secret-of-ours");
    workflow(
        &repo.here(),
        "main",
        "  a:
    steps:
      - run: |
          echo \"one $DEPLOY_KEY\" two; echo \"$GITHUB_TOKEN\" >&2
          printf %s \"$DEPLOY_KEY\" | base64
          printf hunter2-; sleep 0.1; printf 'Zq8+/~x9Lk\\n'
      - checkpoint: look
",
    );
    spec(&repo.here(), &["echo $DEPLOY_KEY"]);
    let waiting = repo.mmm(["run", "thing", "--json"]);
    waiting.assert_code(3);
    let id = told(&waiting);
    let encoded = "aHVudGVyMi1acTgrL354OUxr";
    let out = repo.path().join(".git/mmm/runs").join(&id).join("out");
    for entry in std::fs::read_dir(out).expect("outputs").flatten() {
        let text =
            String::from_utf8_lossy(&std::fs::read(entry.path()).expect("reads")).into_owned();
        for word in [secret, encoded, "another-secret-of-ours"] {
            assert!(!text.contains(word), "{}: {text}", entry.path().display());
        }
    }
    repo.mmm(["checkpoint", "approve"]).assert_ok();
    assert!(sealed_file(&repo.here(), &id, "out/a.1.1.log").starts_with("one *** two\n"));
    let script = "git cat-file --batch-all-objects --batch --buffer | grep -a -c -F -e \"$1\"";
    for word in [secret, encoded, "another-secret-of-ours"] {
        let found = repo.here().command("sh", &["-c", script, "sh", word]);
        assert_eq!(found.stdout, "0\n", "{word} is in an object");
    }
    let found = repo
        .here()
        .command("sh", &["-c", script, "sh", "one *** two"]);
    assert_eq!(found.stdout, "1\n", "and this is how it would be found");
}

#[test]
fn the_environment_has_levels() {
    let repo = project();
    repo.write(
        ".mmm/workflows/x.yaml",
        "name: x
env: {A: workflow, B: workflow, C: workflow}
jobs:
  a:
    env: {B: job, C: job, D: '${{ run.workflow }}'}
    steps:
      - run: echo \"$A $B $C $D $GIT_DIR$GIT_INDEX_FILE\" >out
        env: {C: 'step-${{ env.B }}'}
      - id: named
        run: 'false'
        if: always()
      - run: echo \"$O $(test \"$MMM_RUN_ID\" = \"$R\" && echo same)\" >>out
        if: always()
        env:
          O: ${{ steps.named.outcome }}
          R: ${{ run.id }}
",
    );
    let run = repo.mmm(["run", "-w", "x"]);
    run.assert_code(1);
    assert_eq!(repo.read("out"), "workflow job step-job x \nfailure same\n");
}

#[test]
fn folders_and_shells() {
    let repo = project();
    repo.write("sub/file", "");
    let run = run(
        &repo,
        "  a:
    steps:
      - run: test -e file; pwd >../here
        working-directory: sub
      - run: 'false | true; test -z \"$BASH_VERSION\"'
        shell: sh
      - run: 'test -n \"$BASH_VERSION\"; false | true'
        shell: bash
        if: always()
      - run: echo \"$0\" >name
        shell: sh -eu {0}
        if: always()
      - run: 'true'
        shell: no-such-shell {0}
        if: always()
      - run: 'true'
        working-directory: no/such/folder
        if: always()
",
    );
    run.assert_code(1);
    assert_eq!(
        outcomes(&repo.here(), &told(&run)),
        [
            "a/1=success",
            "a/2=success",
            "a/3=failure",
            "a/4=success",
            "a/5=failure",
            "a/6=failure"
        ]
    );
    assert!(repo.read("here").ends_with("repo/sub\n"));
    let shown = repo.mmm(["show"]);
    assert!(shown.stdout.contains("no-such-shell"), "{shown}");
}

#[test]
fn contexts_come_through_the_environment() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:
    steps:
      - id: one
        run: 'true'
      - run: echo \"$TITLE|$NAME|$ONE|$RUN\" >out
        env:
          TITLE: ${{ spec.title }} of ${{ spec.owner }}
          NAME: ${{ project.name }}
          ONE: ${{ steps.one.outcome }}/${{ steps.one.conclusion }}
          RUN: ${{ run.id }}
",
    );
    spec(&repo.here(), &["test -e out"]);
    let run = repo.mmm(["run", "thing", "--json"]);
    run.assert_ok();
    let expected = format!("The thing works of |t|success/success|{}\n", told(&run));
    assert_eq!(repo.read("out"), expected);
}

#[test]
fn several_specs_run_one_after_the_other() {
    let repo = project();
    workflow(&repo.here(), "main", "  a:\n    steps: [{run: 'true'}]\n");
    spec(&repo.here(), &["true"]);
    let other = fixture::spec_text(&["false"]).replace("7k3q9x2", "1m4c8tz");
    repo.write(".mmm/specs/other-1m4c8tz.md", other);
    let run = repo.mmm(["run", "thing", "other", "--json"]);
    run.assert_code(1);
    let statuses: Vec<_> = run.json()["data"]
        .as_array()
        .expect("runs")
        .iter()
        .map(|run| run["status"].to_string())
        .collect();
    assert_eq!(statuses, ["\"success\"", "\"failure\""]);
}

#[test]
fn a_checkpoint_behind_a_variable_is_asked() {
    let repo = project();
    let jobs = "  a:
    env: {ASK: 'yes'}
    steps:
      - {run: 'true', if: env.ASK == 'no'}
      - {checkpoint: look, if: env.ASK == 'yes', message: 'ask ${{ env.ASK }}'}
";
    let run = run(&repo, jobs);
    run.assert_code(3);
    assert_eq!(outcomes(&repo.here(), &told(&run)), ["a/1=skipped"]);
    let waiting = repo.mmm(["checkpoint", "list", "--json"]).json();
    assert_eq!(waiting["data"][0]["message"], "ask yes");
}

#[test]
fn a_job_that_is_skipped_says_why() {
    let repo = project();
    let jobs = "  s: {if: 1 == 2, steps: [{run: 'true'}]}
  t: {needs: s, if: always(), steps: [{run: 'true'}, {run: 'true', if: failure()}]}
  u: {needs: t, steps: [{run: 'true'}]}
  v: {needs: u, if: failure(), steps: [{run: 'true'}]}
  w: {needs: [t, u], if: 1 == 1, steps: [{run: 'true'}]}
";
    workflow(&repo.here(), "x", jobs);
    let run = repo.mmm(["run", "-w", "x"]);
    run.assert_ok();
    let skipped: Vec<&str> = run
        .stdout
        .lines()
        .filter(|line| line.starts_with("skipped"))
        .collect();
    assert_eq!(
        skipped,
        [
            "skipped   s (its `if` does not hold)",
            "skipped   t / Run true",
            "skipped   u (needs s by way of t, which was skipped)",
            "skipped   v (its `if` does not hold)",
            "skipped   w (needs u, which was skipped)",
        ]
    );
    let shown = repo.mmm(["show"]);
    assert!(
        shown
            .stdout
            .contains("job u skipped (needs s by way of t, which was skipped)"),
        "{shown}"
    );
    let json = repo.mmm(["show", "--json"]).json();
    let jobs = json["data"]["jobs"].as_array().expect("jobs");
    let reason = |id: &str| {
        let job = jobs.iter().find(|job| job["id"] == id).expect("the job");
        job["reason"].clone()
    };
    assert_eq!(reason("t"), serde_json::Value::Null);
    assert_eq!(reason("w"), "needs u, which was skipped");
}

#[test]
fn legs_are_named_with_their_values() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  mat:\n    strategy: {matrix: {os: [linux], n: [1]}}\n    steps: [{name: 'On ${{ matrix.os }} of ${{ run.workflow }}', run: 'true'}]\n  \
         each:\n    needs: mat\n    for-each: [a]\n    steps: [{name: 'Do ${{ item }}', run: 'true'}]\n",
    );
    let run = repo.mmm(["run", "-w", "main"]);
    let lines = |text: &str| {
        let lines = text.lines().filter(|line| line.contains("@1"));
        let lines = lines.map(|line| line.split("  0.").next().unwrap_or(line).to_owned());
        lines.collect::<Vec<_>>()
    };
    assert_eq!(
        lines(&run.stdout),
        [
            "success   mat@1 (linux, 1) / On linux of main",
            "success   each@1 (a) / Do a"
        ],
        "{run}"
    );
    let shown = repo.mmm(["show"]);
    assert_eq!(
        lines(&shown.stdout),
        ["job mat@1 (linux, 1) success", "job each@1 (a) success"],
        "{shown}"
    );
    assert!(shown.stdout.contains("On linux of main"), "{shown}");
    assert!(
        repo.mmm(["log"])
            .stdout
            .contains("mat@1 (linux, 1) / On linux of main")
    );
}

#[test]
fn what_a_step_made_of_its_files_concerns_no_other_step() {
    for spoil in [
        "head -c 1048577 /dev/zero >$GITHUB_OUTPUT",
        "rm $GITHUB_OUTPUT; mkdir $GITHUB_OUTPUT",
        "rm $GITHUB_OUTPUT; ln -s $GITHUB_OUTPUT $GITHUB_OUTPUT",
    ] {
        let jobs = format!(
            "  a:
    steps:
      - run: {spoil}
      - {{id: s, run: echo v=1 >>$GITHUB_OUTPUT, if: always()}}
      - {{run: 'true', if: always() && steps.s.outputs.v == '1'}}
"
        );
        check(&jobs, 1, &["a/1=failure", "a/3=success", "a/s=success"]);
    }
}
