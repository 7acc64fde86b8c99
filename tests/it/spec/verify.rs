//! `git mmm spec verify`.

use crate::spec::project::{project, spec};
use crate::support::{LIMIT, TestRepo, wait_until};

const NOTES: &str = "refs/notes/mmm/verdicts";

/// How the criteria of the specs stand: proved of all.
fn proved(repo: &TestRepo) -> String {
    let envelope = repo.mmm(["spec", "list", "--json"]).json();
    let rows = envelope["data"].as_array().expect("rows").iter();
    let cells: Vec<String> = rows
        .map(|row| {
            let criteria = &row["criteria"];
            let (proved, red) = (&criteria["proved"], &criteria["never_seen_red"]);
            format!(
                "{} {proved}/{} {red}",
                row["derived_status"], criteria["total"]
            )
        })
        .collect();
    cells.join("; ").replace('"', "")
}

fn notes(repo: &TestRepo) -> usize {
    let run = repo
        .here()
        .command("git", &["notes", "--ref", NOTES, "show"]);
    run.stdout.matches(" verdict ").count()
}

/// One criterion that holds as soon as there is a file.
fn one(repo: &TestRepo, command: &str) {
    spec(
        repo,
        "store-1m4c8tz",
        "ready",
        "",
        &[("[ ] it is (ac-1)", command)],
    );
}

#[test]
fn each_criterion_is_told_with_its_outcome() {
    let repo = project();
    spec(
        &repo,
        "store-1m4c8tz",
        "ready",
        "",
        &[
            ("[ ] it is (ac-1)", "echo unseen"),
            ("[ ] it is not (ac-2)", "echo why; echo not >&2; exit 3"),
            ("[ ] somebody looks (ac-3)", ""),
            ("[ ] it dies (ac-4)", "kill -9 $$"),
        ],
    );
    let run = repo.mmm(["spec", "verify"]);
    run.assert_code(1);
    insta::assert_snapshot!(run, @"
    exit code 1
    --- stdout
    ok    store-1m4c8tz ac-1 it is [TIME]
    FAIL  store-1m4c8tz ac-2 it is not: exit code 3 [TIME]
          why
          not
    none  store-1m4c8tz ac-3 somebody looks: it has no command
    FAIL  store-1m4c8tz ac-4 it dies: signal 9 [TIME]
    4 criteria: 1 passed, 2 failed, 1 without a command
    ");
    let run = repo.mmm(["spec", "verify", "store", "--criterion=ac-1"]);
    insta::assert_snapshot!(run, @"
    exit code 0
    --- stdout
    ok    store-1m4c8tz ac-1 it is [TIME]
    1 criterion: 1 passed
    ");
    let run = repo.mmm(["spec", "verify", "--criterion=ac-2", "--json"]);
    run.assert_code(1);
    let data = &run.json()["data"][0];
    assert_eq!(data["outcome"], "failed");
    assert_eq!(data["output"], serde_json::json!(["why", "not"]));
}

#[test]
fn red_then_green_is_proved_and_the_file_is_not_touched() {
    let repo = project();
    one(&repo, "test -e made");
    let before = repo.read(".mmm/specs/store-1m4c8tz.md");
    repo.mmm(["spec", "verify"]).assert_code(1);
    assert_eq!(proved(&repo), "failing 0/1 0");
    // The code of HEAD was tested, so the verdict is in its note.
    assert_eq!(notes(&repo), 1);
    repo.write("made", "x");
    assert_eq!(proved(&repo), "ready 0/1 0");
    repo.mmm(["spec", "verify"]).assert_ok();
    assert_eq!(proved(&repo), "verified 1/1 0");
    assert_eq!(repo.read(".mmm/specs/store-1m4c8tz.md"), before);
    // HEAD has other code: the verdict waits, and is noted when a commit has it.
    assert_eq!(notes(&repo), 1);
    repo.git(["add", "made"]);
    repo.git(["commit", "--quiet", "-m", "make it"]);
    assert_eq!(proved(&repo), "verified 1/1 0");
    assert_eq!(notes(&repo), 1, "the note of the new commit");
    // Ticking leaves it valid, as do other files under .mmm.
    repo.write(".mmm/specs/store-1m4c8tz.md", before.replace("[ ]", "[x]"));
    assert_eq!(proved(&repo), "verified 1/1 0");
    // Other code, another text and another command do not.
    repo.write("made", "y");
    assert_eq!(proved(&repo), "stale 0/1 0");
    repo.write("made", "x");
    repo.write(
        ".mmm/specs/store-1m4c8tz.md",
        before.replace("it is", "it was"),
    );
    assert_eq!(proved(&repo), "stale 0/1 0");
    repo.write(
        ".mmm/specs/store-1m4c8tz.md",
        before.replace("-e made", "-f made"),
    );
    assert_eq!(proved(&repo), "stale 0/1 0");
}

#[test]
fn what_was_never_seen_red_is_told_apart() {
    let repo = project();
    one(&repo, "true");
    repo.mmm(["spec", "verify"]).assert_ok();
    assert_eq!(proved(&repo), "verified 1/1 1");
}

#[test]
fn a_repository_without_a_commit_keeps_verdicts_for_its_first() {
    let repo = TestRepo::builder().unborn().build();
    repo.write(
        ".mmm/config.toml",
        "format = 1\n\n[project]\nid = \"0123456789ab\"\nname = \"x\"\n",
    );
    one(&repo, "true");
    repo.mmm(["spec", "verify"]).assert_ok();
    assert_eq!(proved(&repo), "verified 1/1 1");
    repo.git(["add", "."]);
    repo.git(["commit", "--quiet", "-m", "first"]);
    assert_eq!(proved(&repo), "verified 1/1 1");
    assert_eq!(notes(&repo), 1);
}

#[test]
fn a_command_that_changes_the_code_is_told_of() {
    let repo = project();
    one(&repo, "echo x >left-behind");
    let run = repo.mmm(["spec", "verify"]);
    insta::assert_snapshot!(run, @"
    exit code 0
    --- stdout
    ok    store-1m4c8tz ac-1 it is [TIME]
    1 criterion: 1 passed
    --- stderr
    warning: the command of store-1m4c8tz ac-1 changed the code: its verdict holds for the code before it
    hint: let Git ignore what the commands leave behind, or verdicts are stale at once
    ");
    assert_eq!(proved(&repo), "stale 0/1 0");
}

#[test]
fn commands_run_at_the_top_with_the_environment_of_the_person() {
    let mut repo = project();
    repo.set("MINE", "1");
    one(
        &repo,
        "test -e README && test \"$MINE\" = 1 && test -z \"$GIT_DIR$MMM_SEED\" && ! read x",
    );
    std::fs::create_dir(repo.path().join("deep")).expect("a folder");
    repo.at("deep").mmm(["spec", "verify"]).assert_ok();
}

#[test]
fn secrets_are_masked_in_what_is_shown() {
    let mut repo = project();
    repo.set("TOKEN", "hunter22");
    repo.git(["config", "mmm.mask", "TOKEN"]);
    one(&repo, "echo the token is $TOKEN; false");
    let run = repo.mmm(["spec", "verify"]);
    assert!(
        !run.stdout.contains("hunter22") && run.stdout.contains("***"),
        "{run}"
    );
}

/// Whether a process that wrote its id into a file is gone, or dead and not buried.
fn is_gone(repo: &TestRepo, file: &str) -> bool {
    let pid = repo.read(file);
    let stat = format!("/proc/{}/stat", pid.trim());
    let gone = repo.here().command("kill", &["-0", pid.trim()]).code != 0;
    gone || std::fs::read_to_string(stat).is_ok_and(|stat| stat.contains(") Z "))
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_that_a_command_started_survives() {
    let repo = project();
    let escape = "setsid sh -c 'trap \"\" TERM; echo $$ >.git/escaped; sleep 60' & \
        sleep 60 & echo $! >.git/child; until test -s .git/escaped; do :; done";
    spec(
        &repo,
        "store-1m4c8tz",
        "ready",
        "",
        &[("[ ] it leaves processes (ac-1)", escape)],
    );
    repo.mmm(["spec", "verify"]).assert_ok();
    assert!(is_gone(&repo, ".git/escaped") && is_gone(&repo, ".git/child"));
    for file in ["escaped", "child"] {
        std::fs::remove_file(repo.path().join(".git").join(file)).expect("was written");
    }
    let slow = format!("{escape}; wait");
    let path = ".mmm/specs/store-1m4c8tz.md";
    repo.write(
        path,
        repo.read(path)
            .replace(escape, &slow)
            .replace("`\n", "` (timeout 1s)\n"),
    );
    let run = repo.mmm(["spec", "verify"]);
    run.assert_code(1);
    assert!(run.stdout.contains("ended after 1 s"), "{run}");
    assert!(is_gone(&repo, ".git/escaped") && is_gone(&repo, ".git/child"));
}

#[test]
fn an_interrupt_ends_the_command_and_keeps_what_was_found() {
    let repo = TestRepo::builder().real_clock().build();
    repo.write(
        ".mmm/config.toml",
        "format = 1\n\n[project]\nid = \"0123456789ab\"\nname = \"x\"\n",
    );
    spec(
        &repo,
        "store-1m4c8tz",
        "ready",
        "",
        &[
            ("[ ] it is (ac-1)", "true"),
            (
                "[ ] it hangs (ac-2)",
                "sleep 60 & echo $! >.git/child; wait",
            ),
        ],
    );
    let child = repo.spawn(["spec", "verify"]);
    let started =
        || repo.path().join(".git/child").exists() && repo.read(".git/child").ends_with('\n');
    wait_until(LIMIT, started);
    child.signal("INT");
    let run = child.wait(LIMIT);
    run.assert_code(130);
    assert!(is_gone(&repo, ".git/child"));
    assert_eq!(notes(&repo), 1);
}

#[test]
fn an_interrupt_that_comes_twice_is_one() {
    // The terminal sends it to everyone in the foreground, and `git` passes its own on to us.
    let repo = TestRepo::builder().real_clock().build();
    let project = "format = 1\n\n[project]\nid = \"0123456789ab\"\nname = \"x\"\n";
    repo.write(".mmm/config.toml", project);
    repo.write(
        "slow.sh",
        "trap 'echo INT >>.git/signals; sleep 0.1; echo saved >>.git/signals; exit 1' INT\n\
         touch .git/begun; sleep 60 & wait\n",
    );
    let criteria = [("[ ] it hangs (ac-2)", "sh slow.sh")];
    spec(&repo, "store-1m4c8tz", "ready", "", &criteria);
    let git = repo.here().start("git", &["mmm", "spec", "verify"]);
    wait_until(LIMIT, || repo.path().join(".git/begun").exists());
    let group = format!("-{}", git.pid());
    repo.here()
        .command("kill", &["-s", "INT", "--", &group])
        .assert_ok();
    git.wait(LIMIT).assert_code(130);
    assert_eq!(repo.read(".git/signals"), "INT\nsaved\n");
}

#[test]
fn what_is_not_there_is_an_error() {
    let repo = project();
    one(&repo, "true");
    insta::assert_snapshot!(repo.mmm(["spec", "verify", "stor3"]), @"
    exit code 128
    --- stderr
    error: no spec is called `stor3`
    hint: did you mean `store`?
    ");
    insta::assert_snapshot!(repo.mmm(["spec", "verify", "--criterion=ac-2"]), @"
    exit code 128
    --- stderr
    error: no criterion `ac-2` is in the specs that were asked for
    hint: did you mean `ac-1`?
    ");
    repo.mmm(["spec", "verify", "--criterion=1"])
        .assert_code(129);
}

#[test]
fn a_verdict_finds_its_commit_behind_head_and_on_another_branch() {
    TestRepo::each_format(|repo| {
        repo.mmm(["init"]).assert_ok();
        one(repo, "grep -q fixed code.txt");
        repo.write("code.txt", "fixed\n");
        repo.mmm(["spec", "verify", "store"]).assert_ok();
        repo.git(["switch", "--quiet", "-c", "side"]);
        repo.git(["add", "--all"]);
        repo.git(["commit", "--quiet", "-m", "fix"]);
        let fix = repo.git(["rev-parse", "HEAD"]);
        // A checkpoint has the code too, but is no commit of the person's.
        repo.git(["branch", "mmm/checkpoint/x/1-look"]);
        repo.git(["switch", "--quiet", "main"]);
        repo.write("other.txt", "more\n");
        repo.git(["add", "--all"]);
        repo.git(["commit", "--quiet", "-m", "more"]);
        repo.mmm(["status"]).assert_ok();
        let note = repo.git(["notes", "--ref", "mmm/verdicts", "show", &fix]);
        assert!(note.contains("\"passed\":true"), "{note}");
        assert!(!repo.path().join(".git/mmm/pending/verdicts").exists());
    });
}

#[test]
fn what_no_commit_has_is_noted_on_none() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    repo.write("code.txt", "hello\n");
    one(&repo, "grep -q fixed code.txt");
    repo.git(["add", "--all"]);
    repo.git(["commit", "--quiet", "-m", "code"]);
    repo.git(["update-index", "--assume-unchanged", "code.txt"]);
    repo.write("code.txt", "fixed\n");
    repo.mmm(["spec", "verify", "store"]).assert_ok();
    let shown = repo
        .here()
        .command("git", &["notes", "--ref", NOTES, "show", "HEAD"]);
    assert!(!shown.stdout.contains("\"passed\":true"), "{shown}");
    repo.write("code.txt", "hello\n");
    assert!(!proved(&repo).contains("verified"), "{}", proved(&repo));
}
