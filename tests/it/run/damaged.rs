//! A run whose journal cannot be read is never lost from view, and nothing of it is thrown away.

use crate::run::fixture::{newest, park, project, runs, workflow};
use crate::run::under_way::{begin, kill_both};
use crate::support::{LIMIT, TestRepo, wait_until};
use std::fs;

/// A run whose engine and supervisor were killed while a step ran.
fn dead() -> (TestRepo, String) {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps:\n      - run: echo said; touch begun; while ! test -e go; do sleep 0.01; done\n",
    );
    let (engine, run) = begin(&repo, &["run", "-w", "main"]);
    let folder = repo.path().join(format!(".git/mmm/runs/{run}"));
    wait_until(LIMIT, || {
        fs::metadata(folder.join("out/a.1.1.log")).is_ok_and(|known| known.len() > 0)
    });
    kill_both(&repo, engine, &run);
    repo.write("go", "");
    (repo, run)
}

/// What is done to a journal, and what is said of it.
const DAMAGES: [(&str, &str, Option<u64>); 4] = [
    ("line", "damaged journal", Some(2)),
    ("missing", "the journal is missing", None),
    ("empty", "the journal has no start", Some(1)),
    ("torn", "the journal has no start", Some(1)),
];

fn damage(journal: &std::path::Path, how: &str) {
    let text = fs::read_to_string(journal).expect("reads");
    match how {
        "line" => {
            let mut lines: Vec<&str> = text.lines().collect();
            lines[1] = "{\"at\":garb";
            fs::write(journal, lines.join("\n") + "\n").expect("writes");
        }
        "missing" => fs::remove_file(journal).expect("removes"),
        "empty" => fs::write(journal, "").expect("writes"),
        _ => fs::write(journal, &text[..20]).expect("writes"),
    }
}

#[test]
fn it_is_shown_and_put_aside() {
    for (how, said, line) in DAMAGES {
        let (repo, run) = dead();
        let journal = repo
            .path()
            .join(format!(".git/mmm/runs/{run}/events.jsonl"));
        wait_until(LIMIT, || {
            let list = repo.mmm(["runs", "--json"]).json();
            list["data"][0]["status"] == "interrupted"
        });
        damage(&journal, how);
        let place = line.map_or(String::new(), |line| format!(":{line}"));
        let row = format!("! {run}: {}{place}: {said}", journal.display());
        for words in [&["runs"][..], &["show", &run], &["show"], &["status"]] {
            let told = repo.mmm(words);
            told.assert_code(1);
            assert!(told.stdout.contains(&row), "{row} in {told}");
        }
        let shown = repo.mmm(["show", &run, "--json"]);
        shown.assert_code(1);
        let json = shown.json();
        assert_eq!(json["data"]["outputs"][0], "a.1.1.log");
        for json in [json, repo.mmm(["runs", "--json"]).json()] {
            let problem = &json["problems"][0];
            assert_eq!(problem["file"], journal.display().to_string().as_str());
            assert_eq!(problem["line"].as_u64(), line);
            assert_eq!(problem["hint"], format!("run `git mmm show {run}`"));
        }
        for words in [&["log", &run][..], &["run", "--resume", &run]] {
            let refused = repo.mmm(words);
            refused.assert_code(128);
            assert!(refused.stderr.contains(said), "{refused}");
            let hint = format!("git mmm cancel {run}");
            assert!(refused.stderr.contains(&hint), "{refused}");
        }
        // What others leave behind is cleared away; this is not.
        repo.mmm(["run", "-w", "main"]).assert_ok();
        assert!(repo.mmm(["runs"]).stdout.contains(&row));
        let cancelled = repo.mmm(["cancel", &run]);
        cancelled.assert_ok();
        let rescued = repo.path().join(format!(".git/mmm/rescued/{run}"));
        let told = rescued.display().to_string();
        assert!(cancelled.stdout.contains(&told), "{cancelled}");
        let output = fs::read_to_string(rescued.join("out/a.1.1.log")).expect("is kept");
        assert_eq!(output, "said\n");
        assert_eq!(runs(&repo.here()).len(), 1);
    }
}

#[test]
fn one_that_waits_waits_no_more() {
    let repo = project();
    let run = park(&repo, "  a:\n    steps: [{checkpoint: look}]\n");
    let journal = repo
        .path()
        .join(format!(".git/mmm/runs/{run}/events.jsonl"));
    damage(&journal, "line");
    assert_eq!(
        repo.mmm(["runs", "--json"]).json()["data"]
            .as_array()
            .map(Vec::len),
        Some(0)
    );
    repo.mmm(["cancel", &run]).assert_ok();
    assert_eq!(newest(&repo.here()), (run, "cancelled".to_owned()));
    assert_eq!(repo.git(["branch", "--list", "mmm/*"]), "");
    repo.mmm(["status"]).assert_ok();
}

#[test]
fn what_never_began_is_no_run() {
    let repo = project();
    workflow(&repo.here(), "main", "  a:\n    steps: [{run: 'true'}]\n");
    // Its time is long ago.
    let name = "01aaaaaaaaaaaaaaaaaaaaaaaa";
    let folder = repo.path().join(".git/mmm/runs").join(name);
    for inner in ["claims", "out", "pinned"] {
        fs::create_dir_all(folder.join(inner)).expect("makes");
    }
    repo.write(&format!(".git/mmm/runs/{name}/events.jsonl"), "{\"at\":1");
    assert_eq!(runs(&repo.here()), []);
    repo.mmm(["run", "-w", "main"]).assert_ok();
    assert!(!folder.exists());
}
