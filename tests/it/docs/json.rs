//! What commands print with `--json` has the keys that the page says, and no others.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::docs::examples::blocks;
use crate::run::fixture::{newest, project, spec, workflow};
use crate::support::TestRepo;

const JOBS: &str = "  build:
    steps:
      - id: unit
        run: echo '::error file=a.c,line=3::bad'; echo x >x; echo sum >>\"$GITHUB_STEP_SUMMARY\"
        artifacts: {report: x}
      - {run: 'test -e again || { touch again; false; }', retry: {attempts: 2, initial: 1ms}}
      - {run: 'false', if: failure()}
  each:
    needs: build
    strategy: {matrix: {os: [a, b]}}
    steps: [{run: 'true'}]
  ask:
    needs: each
    steps: [{checkpoint: review, message: Good?, options: [now, reject]}]
  deploy:
    needs: ask
    steps: [{run: 'true'}]
";

/// Adds every key of a value to a tree of keys.
fn keys(value: &Value, at: &str, all: &mut BTreeMap<String, bool>) {
    match value {
        // What is shown elsewhere on the page.
        Value::Object(object) if object.is_empty() => {}
        Value::Object(object) => {
            all.insert(at.to_owned(), true);
            for (key, value) in object {
                let at = format!("{at}.{key}");
                all.entry(at.clone()).or_insert(false);
                // A workflow has the keys of the language; specs are counted by their status.
                if !matches!(key.as_str(), "workflow" | "specs") {
                    keys(value, &at, all);
                }
            }
        }
        Value::Array(list) => {
            for value in list {
                keys(value, at, all);
            }
        }
        _ => {}
    }
}

/// The keys below those that are opened on both sides; what is a list or nothing there may be more.
fn compared(one: &BTreeMap<String, bool>, other: &BTreeMap<String, bool>) -> Vec<String> {
    let shown = |key: &&String| {
        let parent = key.rsplit_once('.').map_or("", |(parent, _)| parent);
        other.get(parent).copied().unwrap_or(false)
    };
    one.keys().filter(shown).cloned().collect()
}

/// What the commands print, by kind.
fn printed(repo: &TestRepo, commands: &[&[&str]]) -> BTreeMap<String, BTreeMap<String, bool>> {
    let mut found: BTreeMap<String, BTreeMap<String, bool>> = BTreeMap::new();
    for words in commands {
        let envelope = repo.mmm([words, &["--json"][..]].concat()).json();
        let kind = envelope["schema"].as_str().unwrap_or_default();
        let kind = kind.trim_end_matches("@1").to_owned();
        assert_ne!(kind, "mmm/error", "{words:?}: {envelope}");
        keys(&envelope["data"], "", found.entry(kind).or_default());
        for problem in envelope["problems"].as_array().into_iter().flatten() {
            keys(problem, "", found.entry("problem".to_owned()).or_default());
        }
    }
    found
}

/// A project in which every command has something to say.
fn busy() -> TestRepo {
    let mut repo = project();
    repo.set("GIT_EDITOR", "true");
    spec(&repo.here(), &["test -e x"]);
    workflow(&repo.here(), "main", JOBS);
    workflow(
        &repo.here(),
        "apart",
        "  a:\n    isolation: worktree\n    steps: [{run: touch y}]\n",
    );
    repo.write(
        "theirs.yml",
        "on: push\njobs: {a: {runs-on: x, steps: [{run: y}]}}\n",
    );
    repo.write("bad.yaml", "jobs: {a: {stepps: []}}\n");
    repo.git(["add", "--all"]);
    repo.git(["commit", "--quiet", "--message", "all"]);
    repo
}

#[test]
fn the_keys_of_every_answer_are_those_of_the_page() {
    let repo = busy();
    let mut found = printed(
        &repo,
        &[
            &["run", "thing"],
            &["show"],
            &["log"],
            &["checkpoint", "list"],
            &["checkpoint", "show"],
            &["checkpoint", "approve", "--option", "now"],
            &["artifact", "list"],
            &["artifact", "get", "report", "--output", "got"],
            &["run", "thing", "-n"],
            &["run", "-w", "apart"],
            &["runs"],
            &["workflow", "show", "main"],
            &["workflow", "show", "main", "--resolved"],
            &["workflow", "graph", "main"],
            &["workflow", "list"],
            &["workflow", "check"],
            &["workflow", "check", "bad.yaml"],
            &["workflow", "eval", "1 + 2 > 3 || 3"],
            &["workflow", "eval", "3"],
            &["workflow", "new", "more"],
            &["workflow", "import", "theirs.yml"],
            &["spec", "new", "Other", "--depends-on", "thing"],
            &["spec", "list"],
            &["spec", "deps"],
            &["spec", "edit", "other"],
            &["spec", "set", "other", "owner=ada"],
            &["spec", "drop", "other", "-m", "no"],
            &["spec", "show", "other"],
            &["spec", "verify"],
            &["spec", "next"],
            &["spec", "show", "thing"],
            &["spec", "check"],
            &["check", "--verify"],
            &["spec", "done", "thing"],
            &["init"],
            &["quickstart"],
            &["run", "-w", "main"],
            &["status"],
        ],
    );
    let waiting = newest(&repo.here()).0;
    let more = printed(
        &repo,
        &[
            &["cancel", &waiting],
            &["rerun", &waiting, "-n"],
            &["run", "--resume", &waiting, "--from", "build.2", "-n"],
            &["rerun", &waiting, "--failed"],
            &["show"],
        ],
    );
    let last = newest(&repo.here()).0;
    repo.write(
        &format!(".git/mmm/runs/{last}/events.jsonl"),
        "no journal\n",
    );
    let damaged = printed(&repo, &[&["show", &last]]);
    for (kind, keys) in more.into_iter().chain(damaged) {
        let known = found.entry(kind).or_default();
        for (key, is_open) in keys {
            *known.entry(key).or_default() |= is_open;
        }
    }
    let mut count = 0;
    for (heading, text) in blocks(include_str!("../../../docs/json.md")) {
        let Some(kind) = heading.strip_prefix("json ") else {
            continue;
        };
        count += 1;
        let example = serde_json::from_str(&text).expect("the example is JSON");
        let mut shown = BTreeMap::new();
        keys(&example, "", &mut shown);
        let actual = found.remove(kind).unwrap_or_default();
        assert_eq!(
            compared(&shown, &actual),
            compared(&actual, &shown),
            "{kind}"
        );
        assert!(actual.len() > 1, "{kind} was not seen");
    }
    assert!(count > 15, "{count}");
    assert_eq!(found.keys().collect::<Vec<_>>(), Vec::<&String>::new());
}
