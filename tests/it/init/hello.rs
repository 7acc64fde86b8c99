//! The first run after `init`.

use crate::support::TestRepo;

#[test]
fn hello_runs_from_red_to_proved_and_touches_nothing_of_the_user() {
    TestRepo::each_format(|repo| {
        repo.mmm(["init"]).assert_ok();
        let run = repo.mmm(["run", "hello"]);
        run.assert_ok();
        assert_eq!(run.stdout.matches("red       before:").count(), 2, "{run}");
        assert_eq!(run.stdout.matches("green     after:").count(), 2, "{run}");
        assert!(run.stdout.contains("2 of 2 criteria proved"), "{run}");
        assert_eq!(repo.git(["status", "--porcelain"]), "?? .mmm/");
        assert_eq!(repo.read(".mmm/reports/hello.txt"), "hello from repo\n");
    });
}

#[test]
fn hello_needs_no_commit() {
    let repo = TestRepo::builder().unborn().build();
    repo.mmm(["init"]).assert_ok();
    repo.mmm(["run", "hello"]).assert_ok();
}

#[test]
fn a_name_of_a_project_is_text_and_no_script() {
    let repo = TestRepo::new();
    let name = "$(touch owned) `touch owned` \"; touch owned; '";
    repo.mmm(["init", "--name", name]).assert_ok();
    repo.mmm(["run", "hello"]).assert_ok();
    assert_eq!(
        repo.read(".mmm/reports/hello.txt"),
        format!("hello from {name}\n")
    );
    assert!(!repo.path().join("owned").exists());
}

#[test]
fn what_hello_proved_holds_in_a_clone() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    repo.mmm(["run", "hello"]).assert_ok();
    repo.git(["add", "."]);
    repo.git(["commit", "--quiet", "-m", "hello"]);
    let clone = repo.clone_to("clone", &["--depth=1"]);
    // The commands of the ticked criteria succeed without the run having been there.
    let text = clone.read(".mmm/reports/hello.txt");
    assert_eq!(text, "hello from repo\n");
}
