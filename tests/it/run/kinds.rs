//! Steps that are no scripts: notices and changes of the repository.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::run::fixture::{outcomes, project, sealed_file, told, workflow};
use crate::support::server::{Answer, Server};
use crate::support::{Run, TestRepo};

/// Runs the jobs as a workflow without a spec.
fn run(repo: &TestRepo, jobs: &str) -> Run {
    workflow(&repo.here(), "x", jobs);
    repo.git(["add", ".mmm"]);
    repo.git(["commit", "--quiet", "-m", "a workflow"]);
    repo.mmm(["run", "-w", "x", "--json"])
}

fn printed(repo: &TestRepo, run: &Run, attempt: &str) -> String {
    sealed_file(&repo.here(), &told(run), &format!("out/{attempt}.log"))
}

#[test]
fn a_terminal_and_a_command_are_told() {
    let repo = project();
    let jobs = "  a:
    steps:
      - notify: 'all of ${{ run.workflow }} is done'
      - notify: {title: Look, message: here, level: warning}
      - notify:
          to: command
          command: echo \"$MMM_NOTIFY_LEVEL $MMM_NOTIFY_TITLE/$MMM_NOTIFY_MESSAGE $MMM_NOTIFY_WORKFLOW $WHO\"
          message: it's ${{ github.job }}
          level: error
        env: {WHO: me}
      - {id: empty, notify: {to: command, command: '${{ github.repository }}', message: x}}
";
    let done = run(&repo, jobs);
    done.assert_code(1);
    assert_eq!(printed(&repo, &done, "a.1.1"), "all of x is done");
    assert_eq!(printed(&repo, &done, "a.2.1"), "warning: Look: here");
    assert_eq!(printed(&repo, &done, "a.3.1"), "error /it's a x me");
    let shown = repo.mmm(["show", &told(&done)]);
    assert!(
        shown.stdout.contains("not started: `command` is empty"),
        "{shown}"
    );
}

#[test]
fn a_webhook_gets_secrets_that_are_written_nowhere() {
    let mut repo = project();
    let server = Server::start([Answer::of("204 No Content", "", "")]);
    repo.set("HOOK", &server.url("/hook?token=hunter2"));
    repo.set("KEY", "signing-key");
    repo.set("AUTH", "Bearer hunter3");
    let jobs = "  a:
    steps:
      - notify:
          to: webhook
          url: ${{ secrets.HOOK }}
          secret: KEY
          headers: {Authorization: '${{ secrets.AUTH }}', X-Team: a}
          message: 'the hook is ${{ secrets.HOOK }}'
          title: Done
      - run: env
";
    let done = run(&repo, jobs);
    done.assert_ok();
    let asked = server.asked();
    let asked = asked.first().expect("it was asked");
    assert_eq!(asked.line, "POST /hook?token=hunter2 HTTP/1.1");
    assert_eq!(asked.header("authorization"), Some("Bearer hunter3"));
    assert_eq!(asked.header("x-team"), Some("a"));
    let mut mac = Hmac::<Sha256>::new_from_slice(b"signing-key").expect("any key will do");
    mac.update(&asked.body);
    let mut signature = "sha256=".to_owned();
    for byte in mac.finalize().into_bytes() {
        write!(signature, "{byte:02x}").expect("a text takes it");
    }
    assert_eq!(
        asked.header("x-mmm-signature-256"),
        Some(signature.as_str())
    );
    let body: Value = serde_json::from_slice(&asked.body).expect("JSON");
    let expected = json!({
        "level": "info", "message": "the hook is ***", "title": "Done",
        "run": told(&done), "workflow": "x",
    });
    assert_eq!(body, expected);
    let environment = printed(&repo, &done, "a.2.1");
    assert!(!environment.contains("MMM_STEP_HIDDEN"), "{environment}");
    let script = "git cat-file --batch-all-objects --batch --buffer | grep -a -c -F -e hunter -e signing-key";
    let found = repo.here().command("sh", &["-c", script]);
    assert_eq!(found.stdout, "0\n");
}

#[test]
fn a_secret_is_not_put_where_it_would_be_written() {
    let mut repo = project();
    repo.set("KEY", "signing-key");
    let jobs = "  a:
    steps:
      - id: commit
        continue-on-error: true
        git: {commit: {message: 'with ${{ secrets.KEY }}', allow-empty: true}}
      - id: hook
        notify: {to: webhook, url: 'https://example.invalid', body: '${{ secrets.KEY }}'}
";
    let done = run(&repo, jobs);
    done.assert_code(1);
    let shown = repo.mmm(["show", &told(&done)]);
    for key in ["git", "body"] {
        let reason = format!("not started: `{key}` holds a secret; ");
        assert!(shown.stdout.contains(&reason), "{shown}");
    }
}

#[test]
fn the_repository_is_changed() {
    let repo = project();
    let before = repo.git(["rev-parse", "HEAD"]);
    let jobs = "  a:
    steps:
      - git: {branch: topic/1}
      - id: branch
        git: {branch: {name: topic/2, checkout: true}}
      - run: echo one >one; echo two >two
      - id: commit
        git:
          commit:
            message: |
              Adds one

              For ${{ run.workflow }}
            paths: ['one', '!two']
            author: Ada Byron <byron@example.org>
      - git: {tag: 'v-${{ steps.commit.outputs.branch }}'}
      - git: {tag: {name: noted, message: A note}}
      - git: {commit: {message: All of it, all: true}}
      - run: git switch --quiet main
      - id: merge
        git: {merge: topic/2}
      - git: {merge: {from: topic/2, how: fast-forward}}
      - run: test ${{ steps.branch.outputs.changed }}/${{ steps.merge.outputs.changed }} = true/true
";
    let done = run(&repo, jobs);
    done.assert_ok();
    let log = repo.git(["log", "--format=%s|%an|%b", "topic/2", "-2"]);
    assert_eq!(log, "All of it|Ada Lovelace|\nAdds one|Ada Byron|For x");
    let one = repo.git(["rev-parse", "topic/2~1"]);
    assert_eq!(
        repo.git(["rev-parse", "v-topic/2", "noted^{}"]),
        format!("{one}\n{one}")
    );
    assert_eq!(repo.git(["cat-file", "-t", "noted"]), "tag");
    assert_eq!(repo.git(["show", "--format=", "--name-only", &one]), "one");
    let subject = repo.git(["log", "-1", "--format=%s", "main"]);
    assert_eq!(subject, "Merge `topic/2`");
    repo.git(["merge-base", "--is-ancestor", &before, "topic/1"]);
}

#[test]
fn a_conflict_fails_or_is_left() {
    let repo = project();
    let jobs = "  a:
    steps:
      - run: git switch --quiet -c theirs; echo theirs >README; git commit --quiet -am theirs; git switch --quiet main; echo ours >README; git commit --quiet -am ours
      - id: fail
        continue-on-error: true
        git: {merge: theirs}
      - run: test '${{ steps.fail.outcome }}/${{ steps.fail.outputs.conflicts }}' = failure/README
      - run: git diff --quiet
      - id: leave
        git: {merge: {from: theirs, on-conflict: leave}}
      - run: test '${{ steps.leave.outputs.conflicts }}' = README; echo both >README; git add README; git commit --quiet --no-edit
";
    let done = run(&repo, jobs);
    done.assert_ok();
    assert_eq!(outcomes(&repo.here(), &told(&done)).len(), 6);
    assert_eq!(repo.read("README"), "both\n");
    let said = printed(&repo, &done, "a.fail.1");
    let expected = "error: merging `theirs` ends in a conflict";
    assert!(said.lines().any(|line| line == expected), "{said}");
    workflow(
        &repo.here(),
        "x",
        "  a:\n    steps: [{git: {merge: {from: x, on-conflict: ask}}}]\n",
    );
    let refused = repo.mmm(["run", "-w", "x"]);
    assert!(refused.stderr.contains("`on-conflict`"), "{refused}");
    refused.assert_code(128);
}
