//! What `init` writes, and where.

use std::fs;
use std::path::Path;

use crate::support::TestRepo;

/// All files of the work tree under `.mmm/`, with their size.
fn state_files(top: &Path) -> Vec<(String, u64)> {
    let mut found = Vec::new();
    let mut folders = vec![top.join(".mmm")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the state is there") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let size = path.metadata().expect("readable").len();
                let path = path.strip_prefix(top).expect("below the top");
                found.push((path.to_string_lossy().into_owned(), size));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn it_prints_each_file_it_made_and_what_comes_next() {
    let repo = TestRepo::new();
    insta::assert_snapshot!(repo.mmm(["init"]), @"
    exit code 0
    --- stdout
    created .mmm/.gitattributes
    created .mmm/config.toml
    created .mmm/specs/hello-g1chs59.md
    created .mmm/workflows/hello.yaml
    created .mmm/workflows/default.yaml
    next: git mmm run hello
    ");
    let files = state_files(repo.path());
    assert_eq!(files.len(), 5, "{files:?}");
    let bytes: u64 = files.iter().map(|(_, size)| size).sum();
    assert!(bytes < 4096, "{bytes} bytes");
    insta::assert_snapshot!(repo.read(".mmm/config.toml"), @r#"
    format = 1

    [project]
    id = "ap273hbe3zww"
    name = "repo"
    "#);
    // Nothing is staged or committed.
    assert_eq!(repo.git(["status", "--porcelain"]), "?? .mmm/");
}

#[test]
fn a_second_time_there_is_nothing_to_do() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    let before = state_files(repo.path());
    repo.write(".mmm/workflows/hello.yaml", "# mine\n");
    insta::assert_snapshot!(repo.mmm(["init"]), @"
    exit code 0
    --- stdout
    nothing to do: the project `repo` is complete
    next: git mmm status
    ");
    assert_eq!(state_files(repo.path()).len(), before.len());
    assert_eq!(repo.read(".mmm/workflows/hello.yaml"), "# mine\n");
}

#[test]
fn what_is_missing_is_added_and_nothing_else() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    let before = state_files(repo.path());
    fs::remove_file(repo.path().join(".mmm/.gitattributes")).expect("is there");
    insta::assert_snapshot!(repo.mmm(["init"]), @"
    exit code 0
    --- stdout
    created .mmm/.gitattributes
    next: git mmm status
    ");
    assert_eq!(state_files(repo.path()), before);
}

#[test]
fn a_team_with_specs_and_workflows_of_its_own_gets_no_samples() {
    let repo = TestRepo::new();
    repo.write(
        ".mmm/specs/login-7k3q9x2.md",
        "---\ntitle: Login\nid: 7k3q9x2\nstatus: ready\nformat: 1\n---\n",
    );
    repo.write(
        ".mmm/workflows/ours.yaml",
        "jobs: {a: {steps: [{run: 'true'}]}}\n",
    );
    insta::assert_snapshot!(repo.mmm(["init"]), @"
    exit code 0
    --- stdout
    created .mmm/.gitattributes
    created .mmm/config.toml
    next: git mmm status
    ");
}

#[test]
fn a_configuration_without_id_and_name_is_completed() {
    let repo = TestRepo::new();
    let text = "# agreed in May\nformat = 1\n\n[run] # ours\nworkflow = 'ours'\n";
    repo.write(".mmm/config.toml", text);
    insta::assert_snapshot!(repo.mmm(["init", "--name", "Greeter"]), @"
    exit code 0
    --- stdout
    created .mmm/.gitattributes
    created .mmm/specs/hello-g1chs59.md
    created .mmm/workflows/hello.yaml
    completed .mmm/config.toml
    next: git mmm run hello
    ");
    insta::assert_snapshot!(repo.read(".mmm/config.toml"), @r#"
    # agreed in May
    format = 1

    [run] # ours
    workflow = 'ours'

    [project]
    id = "ap273hbe3zww"
    name = "Greeter"
    "#);
}

#[test]
fn the_name_is_the_folder_s_or_the_one_given() {
    let repo = TestRepo::new();
    let data = repo.mmm(["init", "--json"]).json();
    assert_eq!(data["schema"], "mmm/init@1");
    assert_eq!(data["data"]["project"]["name"], "repo");
    assert_eq!(data["data"]["next"], "git mmm run hello");
    assert_eq!(data["data"]["created"][0], ".mmm/.gitattributes");
    assert!(data["data"]["commit"].is_null());
    let repo = TestRepo::new();
    let data = repo.mmm(["init", "--name", "Grüße", "--json"]).json();
    assert_eq!(data["data"]["project"]["name"], "Grüße");
    // The same name again is no change.
    repo.mmm(["init", "--name", "Grüße"]).assert_ok();
    let again = repo.mmm(["init", "--json"]).json();
    assert_eq!(again["data"]["project"], data["data"]["project"]);
    assert_eq!(again["data"]["created"], serde_json::json!([]));
}

#[test]
fn an_example_that_was_removed_stays_away() {
    let repo = TestRepo::new();
    let run = repo.mmm(["init"]);
    assert!(run.stdout.ends_with("next: git mmm run hello\n"), "{run}");
    repo.mmm(["run", "hello"]).assert_ok();
    repo.here()
        .command("sh", &["-c", "rm .mmm/specs/* .mmm/workflows/hello.yaml"])
        .assert_ok();
    insta::assert_snapshot!(repo.mmm(["init"]), @"
    exit code 0
    --- stdout
    nothing to do: the project `repo` is complete
    next: git mmm status
    ");
    // Another spec of that name is not what `init` made.
    repo.mmm(["spec", "new", "Hello"]).assert_ok();
    insta::assert_snapshot!(repo.mmm(["init"]), @"
    exit code 0
    --- stdout
    nothing to do: the project `repo` is complete
    next: git mmm status
    ");
}

#[test]
fn it_works_in_every_format_and_before_the_first_commit() {
    TestRepo::each_format(|repo| {
        repo.mmm(["init"]).assert_ok();
        assert_eq!(state_files(repo.path()).len(), 5);
    });
    let repo = TestRepo::builder().unborn().build();
    repo.mmm(["init"]).assert_ok();
    assert_eq!(state_files(repo.path()).len(), 5);
}

#[test]
fn a_subfolder_and_a_linked_worktree_get_it_at_their_top() {
    let repo = TestRepo::new();
    repo.write("deep/er/file", "");
    repo.at("deep/er").mmm(["init"]).assert_ok();
    assert_eq!(state_files(repo.path()).len(), 5);
    assert!(!repo.path().join("deep/er/.mmm").exists());
    let linked = repo.linked_worktree("side");
    linked.mmm(["init"]).assert_ok();
    assert_eq!(state_files(linked.path()).len(), 5);
}

#[test]
fn git_finds_the_attributes() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    let attributes = repo.git(["check-attr", "eol", "text", "--", ".mmm/config.toml"]);
    assert_eq!(
        attributes,
        ".mmm/config.toml: eol: lf\n.mmm/config.toml: text: set"
    );
}
