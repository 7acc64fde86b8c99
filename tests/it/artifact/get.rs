//! Getting the files of an artifact: where they go, and where they never go.

use std::os::unix::fs::{PermissionsExt, symlink};

use crate::run::fixture::{newest, project, workflow};
use crate::support::{TestRepo, View};

/// A project with a run that kept something.
fn with_run() -> TestRepo {
    let repo = project();
    workflow(
        &repo.here(),
        "build",
        "  a:\n    steps:\n      - run: mkdir -p out/bin; echo app >out/bin/app; chmod +x out/bin/app; echo text >out/text\n        \
         artifacts: {build: out, notes: README}\n",
    );
    repo.mmm(["run", "-w", "build"]).assert_ok();
    std::fs::remove_dir_all(repo.path().join("out")).expect("removes");
    repo
}

fn is_executable(view: &View<'_>, path: &str) -> bool {
    let metadata = view.path().join(path).metadata().expect("it is there");
    metadata.permissions().mode() & 0o111 == 0o111
}

#[test]
fn files_go_into_a_folder_of_that_name_or_another_one() {
    let repo = with_run();
    insta::assert_snapshot!(repo.mmm(["artifact", "list"]), @"
    exit code 0
    --- stdout
    NAME   FILES  BYTES
    build      2      9
    notes      1     25
    ");
    insta::assert_snapshot!(repo.mmm(["artifact", "get", "build"]), @"
    exit code 0
    --- stdout
    build/bin/app
    build/text
    ");
    assert_eq!(repo.read("build/text"), "text\n");
    let view = repo.here();
    assert!(is_executable(&view, "build/bin/app"));
    assert!(!is_executable(&view, "build/text"));
    insta::assert_snapshot!(repo.mmm(["artifact", "get", "build"]), @"
    exit code 128
    --- stderr
    error: build/bin/app is there already
    hint: name another folder with `--output <folder>`, or replace it with `--force`
    ");
    let (run, _) = newest(&view);
    repo.write("build/text", "changed");
    repo.mmm(["artifact", "get", &run, "build", "--force"])
        .assert_ok();
    assert_eq!(repo.read("build/text"), "text\n");
    let elsewhere = repo.outside("elsewhere");
    let place = elsewhere.to_string_lossy().into_owned();
    let got = repo.mmm(["artifact", "get", "notes", "--output", &place, "--json"]);
    got.assert_ok();
    assert_eq!(got.json()["data"]["files"], serde_json::json!(["README"]));
    assert!(elsewhere.join("README").exists());
}

#[test]
fn nothing_is_written_outside_of_the_folder() {
    let repo = with_run();
    let outside = repo.outside("outside");
    std::fs::create_dir_all(&outside).expect("makes");
    std::fs::create_dir_all(repo.path().join("build")).expect("makes");
    symlink(&outside, repo.path().join("build/bin")).expect("links");
    let refused = repo.mmm(["artifact", "get", "build", "--force"]);
    insta::assert_snapshot!(refused, @"
    exit code 128
    --- stderr
    error: build/bin is a link, and nothing is written through it
    hint: name another folder with `--output <folder>`
    ");
    assert!(!repo.path().join("build/text").exists());
    // A link in the place of a file is replaced, and what it leads to is left alone.
    std::fs::remove_file(repo.path().join("build/bin")).expect("removes");
    std::fs::write(outside.join("kept"), "kept").expect("writes");
    symlink(outside.join("kept"), repo.path().join("build/text")).expect("links");
    repo.mmm(["artifact", "get", "build"]).assert_code(128);
    repo.mmm(["artifact", "get", "build", "--force"])
        .assert_ok();
    assert_eq!(
        std::fs::read_to_string(outside.join("kept")).expect("reads"),
        "kept"
    );
    assert_eq!(repo.read("build/text"), "text\n");
    // Neither is a folder a file.
    std::fs::remove_file(repo.path().join("build/text")).expect("removes");
    std::fs::create_dir(repo.path().join("build/text")).expect("makes");
    insta::assert_snapshot!(repo.mmm(["artifact", "get", "build", "--force"]), @"
    exit code 128
    --- stderr
    error: build/text is there already
    hint: name another folder with `--output <folder>`
    ");
}

#[test]
fn another_clone_has_them_with_the_refs() {
    let repo = with_run();
    let clone = repo.clone_to("clone", &[]);
    clone.mmm(["artifact", "list"]).assert_code(128);
    clone.git(["fetch", "--quiet", "origin", "refs/mmm/*:refs/mmm/*"]);
    let (run, _) = newest(&clone);
    clone.mmm(["artifact", "get", &run, "build"]).assert_ok();
    assert!(is_executable(&clone, "build/bin/app"));
    assert_eq!(clone.read("build/text"), "text\n");
    let list = repo.mmm(["artifact", "list"]).stdout;
    assert_eq!(clone.mmm(["artifact", "list"]).stdout, list);
}

#[test]
fn a_tree_that_leads_out_is_refused() {
    let repo = with_run();
    let view = repo.here();
    let (run, _) = newest(&view);
    let seal = crate::run::fixture::seal(&view, &run);
    // A seal that somebody else has made, with a name that Git itself would not write.
    let script = r#"
        blob=$(echo evil | git hash-object -w --stdin)
        tree() { printf '%s %s\0' "$1" "$2"; printf %s "$3" | xxd -r -p; }
        inner=$(tree 100644 evil "$blob" | git hash-object -w --literally -t tree --stdin)
        name=$(tree 40000 .. "$inner" | git hash-object -w --literally -t tree --stdin)
        all=$(tree 40000 build "$name" | git hash-object -w -t tree --stdin)
        run=$(tree 40000 artifacts "$all" | git hash-object -w -t tree --stdin)
        events=$(git rev-parse "$1^{tree}:.mmm/runs/$2/events.jsonl")
        run=$( { tree 40000 artifacts "$all"; tree 100644 events.jsonl "$events"; } | git hash-object -w -t tree --stdin)
        runs=$(tree 40000 "$2" "$run" | git hash-object -w -t tree --stdin)
        mmm=$(tree 40000 runs "$runs" | git hash-object -w -t tree --stdin)
        top=$(tree 40000 .mmm "$mmm" | git hash-object -w -t tree --stdin)
        tag=$(git cat-file tag "$1" | sed "s/^object .*/object $top/" | git hash-object -w -t tag --stdin)
        git update-ref "$1" "$tag"
    "#;
    let made = view.command("bash", &["-e", "-c", script, "sh", &seal, &run]);
    made.assert_ok();
    let refused = repo.mmm(["artifact", "get", "build"]);
    assert_ne!(refused.code, 0, "{refused}");
    assert!(refused.stderr.contains("damaged"), "{refused}");
    assert!(!repo.path().join("evil").exists());
}
