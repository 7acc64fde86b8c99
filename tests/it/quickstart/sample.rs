//! The sample repository, and what is shown of it.

use crate::support::TestRepo;

/// A folder outside of the test's repository, as a word of the command line.
fn outside(repo: &TestRepo, name: &str) -> String {
    repo.outside(name).to_string_lossy().into_owned()
}

#[test]
fn a_spec_goes_from_red_to_proved() {
    let repo = TestRepo::new();
    let folder = outside(&repo, "sample");
    let run = repo.mmm(["quickstart", "--into", &folder]);
    run.assert_ok();
    let commands: Vec<&str> = run
        .stdout
        .lines()
        .filter(|line| line.starts_with("$ "))
        .collect();
    insta::assert_snapshot!(commands.join("\n"), @"
    $ git mmm run greeting-names-the-person
    $ git diff HEAD
    $ git add --all && git commit -m 'Greet people by their name'
    $ git notes --ref=refs/notes/mmm/runs show HEAD~1
    $ git notes --ref=refs/notes/mmm/verdicts show HEAD
    ");
    let red = run.stdout.matches("red       before:").count();
    let green = run.stdout.matches("green     after:").count();
    assert_eq!((red, green), (3, 3), "{run}");
    assert_eq!(run.stdout.matches(" verdict {").count(), 3, "{run}");
    assert!(run.stdout.contains("+echo \"Hello, $*!\""), "{run}");
    let sample = repo.at(&folder);
    assert_eq!(sample.git(["status", "--porcelain"]), "");
    sample.git(["fsck", "--strict"]);
    assert_eq!(
        sample.command("sh", &["greet.sh", "Ada"]).stdout,
        "Hello, Ada!\n"
    );
    let subjects = sample.git(["log", "--format=%s", "--reverse"]);
    insta::assert_snapshot!(subjects, @"
    Greet the world
    Greet people by their name
    ");
    // The repository it was started in is untouched.
    assert_eq!(repo.git(["status", "--porcelain"]), "");
}

#[test]
fn it_needs_no_repository_and_no_identity() {
    let mut repo = TestRepo::new();
    repo.set("GIT_CONFIG_GLOBAL", "/dev/null");
    let elsewhere = repo.at(repo.outside("home"));
    let run = elsewhere.mmm(["quickstart"]);
    run.assert_ok();
    let made: Vec<_> = std::fs::read_dir(repo.outside("tmp"))
        .expect("the temporary folder")
        .map(|entry| entry.expect("readable").path())
        .collect();
    assert_eq!(made.len(), 1, "{made:?}");
    let author = repo.at(&made[0]).git(["log", "-1", "--format=%an"]);
    assert_eq!(author, "Quick Start");
}

#[test]
fn it_works_in_every_format_that_git_may_choose() {
    for (object_format, ref_format) in [("sha256", "files"), ("sha1", "reftable")] {
        let mut repo = TestRepo::new();
        repo.set("GIT_DEFAULT_HASH", object_format);
        repo.set("GIT_DEFAULT_REF_FORMAT", ref_format);
        let folder = outside(&repo, "sample");
        let run = repo.mmm(["quickstart", "--into", &folder]);
        run.assert_ok();
        assert_eq!(run.stdout.matches(" verdict {").count(), 3, "{run}");
        let made = repo.at(&folder);
        let found = made.git(["rev-parse", "--show-object-format", "--show-ref-format"]);
        assert_eq!(found, format!("{object_format}\n{ref_format}"));
    }
}

#[test]
fn as_json_it_tells_where_it_is_and_how_it_went() {
    let repo = TestRepo::new();
    let folder = outside(&repo, "sample");
    let envelope = repo.mmm(["quickstart", "--into", &folder, "--json"]).json();
    assert_eq!(envelope["schema"], "mmm/quickstart@1");
    assert_eq!(envelope["data"]["folder"], folder.as_str());
    assert_eq!(envelope["data"]["run"]["status"], "success");
    let head = repo.at(&folder).git(["rev-parse", "HEAD"]);
    assert_eq!(envelope["data"]["commit"], head.as_str());
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let repo = TestRepo::new();
    insta::assert_snapshot!(repo.mmm(["quickstart", "--into", "."]), @"
    exit code 128
    --- stderr
    error: [ROOT]/repo/. is not empty
    hint: name a folder that is empty or not there yet
    ");
    assert_eq!(repo.git(["status", "--porcelain"]), "");
}

#[test]
fn a_repository_named_by_the_environment_is_left_alone() {
    let mut repo = TestRepo::new();
    let git_dir = outside(&repo, "repo/.git");
    repo.set("GIT_DIR", &git_dir);
    let before = repo.git(["for-each-ref"]);
    let folder = outside(&repo, "sample");
    repo.mmm(["quickstart", "--into", &folder]).assert_ok();
    assert_eq!(repo.git(["for-each-ref"]), before);
    assert!(repo.outside("sample/.git").is_dir());
}
