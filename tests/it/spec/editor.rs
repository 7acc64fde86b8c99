//! `git mmm spec edit` and editors that do not do what they should.

use crate::spec::project::{path, project, spec};
use crate::support::TestRepo;

fn sample(editor: &str) -> TestRepo {
    let mut repo = project();
    spec(&repo, "store-1m4c8tz", "draft", "", &[]);
    repo.set("GIT_EDITOR", editor);
    repo
}

#[test]
fn a_file_that_the_editor_removed_is_told_of() {
    let repo = sample("rm");
    insta::assert_snapshot!(repo.mmm(["spec", "edit", "store"]), @"
    exit code 128
    --- stderr
    error: `.mmm/specs/store-1m4c8tz.md` is gone: the editor removed it
    hint: if it was committed, `git restore .mmm/specs/store-1m4c8tz.md` brings it back
    ");
}

#[test]
fn standard_output_is_for_json() {
    let repo = sample("echo EDITOR; echo AGAIN");
    let run = repo.mmm(["spec", "edit", "store", "--json"]);
    run.assert_ok();
    assert_eq!(run.json()["data"]["path"], path("store-1m4c8tz").as_str());
    assert!(run.stderr.contains("EDITOR"), "{run}");
    let run = repo.mmm(["spec", "edit", "store"]);
    assert!(run.stdout.contains("EDITOR"), "{run}");
}

#[test]
fn an_empty_editor_does_not_run_the_file() {
    let repo = sample("");
    insta::assert_snapshot!(repo.mmm(["spec", "edit", "store"]), @"
    exit code 128
    --- stderr
    error: the editor is set to an empty text
    hint: set `core.editor` or EDITOR; GIT_EDITOR comes first, if it is set
    ");
}
