//! What is refused before anything runs, and what a hostile world does to a run.

use std::os::unix::fs::PermissionsExt;

use crate::run::fixture::{SPEC, configure, project, runs, spec, workflow};
use crate::support::TestRepo;

/// The workflow must be refused, and nothing may have happened.
#[track_caller]
fn check(jobs: &str, expected: &str) {
    let repo = project();
    workflow(&repo.here(), "main", jobs);
    spec(&repo.here(), &["touch verified"]);
    let run = repo.mmm(["run", "thing"]);
    run.assert_code(128);
    assert!(run.stderr.contains("workflow check main"), "{run}");
    let told = repo.mmm(["workflow", "check", "main"]);
    told.assert_code(1);
    let text = format!("{}{}", told.stdout, told.stderr);
    assert!(text.contains(expected), "{told}");
    assert!(!repo.path().join("ran").exists());
    assert!(!repo.path().join("verified").exists());
    assert!(
        !repo.path().join(".git/mmm/runs").exists(),
        "a folder of a run"
    );
    assert_eq!(runs(&repo.here()), []);
    assert_eq!(repo.git(["for-each-ref", "refs/mmm", "refs/notes"]), "");
}

#[test]
fn an_invalid_workflow_runs_nothing() {
    check(
        "  a:\n    steps:\n      - run: touch ran\n      - runn: x\n",
        "runn",
    );
    check(
        "  a:\n    needs: b\n    steps: [{run: touch ran}]\n  b:\n    needs: a\n    steps: [{run: touch ran}]\n",
        "a",
    );
    check(
        "  a:\n    steps:\n      - run: touch ran\n      - run: echo ${{ spec.title }}\n",
        "spec.title",
    );
    check(
        "  a:\n    steps:\n      - run: touch ran\n      - run: echo ${{ project.name }}\n",
        "project.name",
    );
    check(
        "  a:\n    steps:\n      - run: touch ran\n      - {uses: actions/checkout@v4}\n",
        "uses",
    );
}

#[test]
fn unknown_names_are_told() {
    let repo = project();
    workflow(&repo.here(), "main", "  a:\n    steps: [{run: 'true'}]\n");
    let run = repo.mmm(["run", "-w", "maim"]);
    run.assert_code(128);
    assert!(
        run.stderr.contains("`maim`") && run.stderr.contains("`main`"),
        "{run}"
    );
    repo.mmm(["run", "--resume", "01zzz"]).assert_code(128);
    repo.mmm(["run", "nothing"]).assert_code(128);
    repo.mmm(["run"]).assert_code(129);
    repo.mmm(["cancel", "01zzz"]).assert_code(128);
    repo.mmm(["checkpoint", "approve"]).assert_code(128);
}

#[test]
fn a_dry_run_does_nothing() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps: [{run: touch ran}]\n",
    );
    spec(&repo.here(), &["touch verified"]);
    let run = repo.mmm(["run", "thing", "-n", "--json"]);
    run.assert_ok();
    assert_eq!(run.json()["data"][0]["layers"][0][0]["id"], "a");
    assert_eq!(runs(&repo.here()), []);
    assert!(!repo.path().join("ran").exists() && !repo.path().join("verified").exists());
}

#[test]
fn without_an_identity_nothing_is_lost() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps: [{run: echo x >>ran}]\n",
    );
    spec(&repo.here(), &["test -e ran"]);
    repo.git([
        "config",
        "--file",
        "../gitconfig",
        "--remove-section",
        "user",
    ]);
    repo.git(["config", "user.useConfigOnly", "true"]);
    let run = repo.mmm(["run", "thing"]);
    // Either told before anything ran, or all is recorded without a name.
    match run.code {
        0 => assert_eq!(repo.read("ran"), "x\n"),
        code => {
            assert_eq!(code, 128, "{run}");
            assert!(run.stderr.contains("user.name"), "{run}");
            assert!(!repo.path().join("ran").exists(), "{run}");
            assert_eq!(runs(&repo.here()), []);
        }
    }
}

#[test]
fn without_a_home_it_works() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps: [{run: touch ran}]\n",
    );
    spec(&repo.here(), &["test -e ran"]);
    let program = env!("CARGO_BIN_EXE_git-mmm");
    let words = [
        "-u",
        "HOME",
        "-u",
        "XDG_CONFIG_HOME",
        "-u",
        "XDG_STATE_HOME",
        program,
        "run",
        "thing",
    ];
    repo.here().command("env", &words).assert_ok();
}

#[test]
fn a_repository_that_cannot_be_written_is_told() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps: [{run: touch ran}]\n",
    );
    let git = repo.path().join(".git");
    let set = |mode| std::fs::set_permissions(&git, std::fs::Permissions::from_mode(mode));
    set(0o555).expect("sets");
    let writable = std::fs::File::create(git.join("probe")).is_ok();
    let run = repo.mmm(["run", "-w", "main"]);
    set(0o755).expect("sets");
    if !writable {
        run.assert_code(128);
        assert!(run.stderr.contains(".git/mmm"), "{run}");
        assert!(!repo.path().join("ran").exists());
    }
}

#[test]
fn a_file_in_the_place_of_our_folder_is_told() {
    // Root may write everywhere; nobody can make a folder where a file is.
    let repo = TestRepo::new();
    configure(&repo.here(), "");
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps: [{run: touch ran}]\n",
    );
    repo.write(".git/mmm", "in the way\n");
    let run = repo.mmm(["run", "-w", "main"]);
    run.assert_code(128);
    assert!(run.stderr.contains(".git/mmm"), "{run}");
    assert!(!repo.path().join("ran").exists());
}

#[test]
fn a_step_that_cannot_start_names_what_is_wrong_and_where() {
    let repo = project();
    let long = "x".repeat(200_000);
    let jobs = format!(
        "  a:
    steps:
      - {{run: 'true', shell: './gone {{0}}', if: always()}}
      - {{run: 'true', env: {{PATH: /nonexistent}}, if: always()}}
      - {{run: 'true', env: {{PATH: /nonexistent}}, shell: python, if: always()}}
      - {{run: 'true', env: {{BIG: {long}}}, if: always()}}
      - {{run: 'true', env: {{NUL: '${{{{ fromJSON(github.workflow && ''\"\\u0000B=1\"'') }}}}'}}, if: always()}}
"
    );
    workflow(&repo.here(), "main", &jobs);
    let run = repo.mmm(["run", "-w", "main"]);
    run.assert_code(1);
    let reasons: Vec<&str> = run
        .stdout
        .lines()
        .filter_map(|line| Some(line.split_once("(not started: ")?.1))
        .collect();
    let place = |line: usize| format!(" (.mmm/workflows/main.yaml:{line}:10))");
    assert_eq!(
        reasons,
        [
            "`shell` is `./gone`, which is no program that can be run",
            "neither `bash` nor `sh` is on the PATH, which `env` sets to `/nonexistent`",
            "`python` is not on the PATH, which `env` sets to `/nonexistent`",
            "the variable `BIG` has 200000 bytes, and a program can be given 130048",
            "the variable `NUL` holds a NUL character, and a program can be given none",
        ]
        .iter()
        .zip(5..)
        .map(|(reason, line)| format!("{reason}{}", place(line)))
        .collect::<Vec<_>>()
    );
}

/// The run must be refused before anything happens.
#[track_caller]
fn never_begins(repo: &TestRepo, words: &[&str]) -> String {
    let run = repo.mmm([&["run"], words].concat());
    run.assert_code(128);
    assert!(!repo.path().join("ran").exists(), "{run}");
    assert_eq!(runs(&repo.here()), []);
    run.to_string()
}

#[test]
fn a_spec_with_an_error_does_not_run() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps: [{run: touch ran}]\n",
    );
    spec(&repo.here(), &["true"]);
    let text = repo.read(SPEC);
    repo.write(
        SPEC,
        format!("{text}\n- [ ] the token is never logged\n\n  verify: `false`\n"),
    );
    insta::assert_snapshot!(never_begins(&repo, &["thing"]), @"
    exit code 128
    --- stderr
    error[criterion-without-id]: the criterion has no id at its end
      --> .mmm/specs/thing-7k3q9x2.md:16:1
       |
    16 | - [ ] the token is never logged
       | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = hint: add an id that no other criterion here has: `the token is never logged (ac-1a2b)`

    1 error in 1 file
    error: thing-7k3q9x2 cannot run: 1 problem found
    hint: repair it with `git mmm spec edit thing-7k3q9x2`
    ");
    never_begins(&repo, &["-n", "thing"]);
    repo.write(
        SPEC,
        text.replace("---\nWhy", "depends_on:\n  - nothing\n---\nWhy"),
    );
    let told = never_begins(&repo, &["thing"]);
    assert!(told.contains("unknown-dependency"), "{told}");
}

#[test]
fn a_spec_that_cannot_be_written_in_the_end_does_not_run() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps: [{run: touch ran}]\n",
    );
    spec(&repo.here(), &["true"]);
    let shared = repo.path().join(".mmm/shared");
    std::fs::create_dir(&shared).expect("a folder");
    let place = repo.path().join(SPEC);
    std::fs::rename(&place, shared.join("thing.md")).expect("moves");
    std::os::unix::fs::symlink("../shared/thing.md", &place).expect("links");
    insta::assert_snapshot!(never_begins(&repo, &["thing"]), @"
    exit code 128
    --- stderr
    error: `.mmm/specs/thing-7k3q9x2.md` is a symbolic link to `../shared/thing.md`, and nothing is written through links
    hint: replace the link by the file or folder itself
    ");
    let run = repo.mmm(["check"]);
    run.assert_ok();
    insta::assert_snapshot!(run, @"
    exit code 0
    --- stdout
    1 spec, 1 workflow, 0 evidence files checked
    --- stderr
    warning[link]: `.mmm/specs/thing-7k3q9x2.md` is a symbolic link to `../shared/thing.md`: no command writes it, and no run starts
     --> .mmm/specs/thing-7k3q9x2.md:1:1
      |
    1 | ---
      | ^
      |
      = hint: replace the link by the file or folder itself

    1 warning in 1 file
    ");
    // So is evidence that would be written through a link.
    std::fs::remove_file(&place).expect("removes");
    spec(&repo.here(), &["true"]);
    std::os::unix::fs::symlink("shared", repo.path().join(".mmm/runs")).expect("links");
    never_begins(&repo, &["thing"]);
}

#[test]
fn a_run_that_was_cut_short_says_how_it_goes_on() {
    let repo = project();
    let jobs = "  a:\n    steps: [{run: echo x >>trace}]\n";
    workflow(&repo.here(), "main", jobs);
    let lock = ".git/refs/notes/mmm/runs.lock";
    for _ in 0..2 {
        // Somebody else's, and so it stays.
        repo.write(lock, "");
        let run = repo.mmm(["run", "-w", "main"]);
        run.assert_code(128);
        let (id, status) = crate::run::fixture::newest(&repo.here());
        assert_eq!(status, "interrupted");
        let hint = format!("run {id} was cut short: `git mmm run --resume {id}` goes on");
        assert!(run.stderr.contains(&hint), "{run}");
        repo.mmm(["run", "--resume", &id]).assert_code(128);
        assert!(repo.path().join(lock).exists());
        std::fs::remove_file(repo.path().join(lock)).expect("removes");
        repo.mmm(["run", "--resume", &id]).assert_ok();
    }
    assert_eq!(repo.read("trace"), "x\nx\n");
}
