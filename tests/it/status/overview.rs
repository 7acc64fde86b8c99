//! What is shown of a project, and which command comes next.

use crate::support::TestRepo;

const GATE: &str = "jobs:\n  a:\n    steps:\n      - checkpoint: review\n        message: Look\n";

/// The one line that says what to type.
fn next(repo: &TestRepo) -> String {
    let run = repo.mmm(["status"]);
    let lines: Vec<&str> = run
        .stdout
        .lines()
        .filter(|line| line.starts_with("next: "))
        .collect();
    assert_eq!(lines.len(), 1, "{run}");
    lines.concat().replacen("next: ", "", 1)
}

#[test]
fn the_next_command_follows_the_state() {
    let repo = TestRepo::new();
    assert_eq!(next(&repo), "git mmm init");
    repo.mmm(["init"]).assert_ok();
    let hello = repo.mmm(["spec", "list", "--json"]).json();
    let name = hello["data"][0]["name"]
        .as_str()
        .expect("a name")
        .to_owned();
    assert_eq!(next(&repo), format!("git mmm run {name}"));
    repo.mmm(["run", "hello"]).assert_ok();
    assert_eq!(next(&repo), format!("git mmm spec done {name}"));
    repo.mmm(["spec", "done", "hello"]).assert_ok();
    assert_eq!(next(&repo), "git mmm spec new \"what will be true\"");
    repo.write(".mmm/workflows/gate.yaml", GATE);
    repo.mmm(["run", "-w", "gate"]).assert_code(3);
    assert!(next(&repo).starts_with("git mmm checkpoint show "));
    repo.write(".mmm/specs/broken-aaaaaaa.md", "no front matter\n");
    let run = repo.mmm(["status"]);
    run.assert_code(1);
    assert!(
        run.stdout.contains("! .mmm/specs/broken-aaaaaaa.md:1:1"),
        "{run}"
    );
}

#[test]
fn no_command_is_status() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    let alone = repo.mmm::<&str>([]);
    alone.assert_ok();
    assert_eq!(alone.stdout, repo.mmm(["status"]).stdout);
}

#[test]
fn the_data_says_the_same() {
    let repo = TestRepo::new();
    repo.mmm(["init", "--name", "greeter"]).assert_ok();
    repo.write(".mmm/workflows/gate.yaml", GATE);
    repo.mmm(["run", "-w", "gate"]).assert_code(3);
    let status = repo.mmm(["status", "--json"]).json();
    assert_eq!(status["schema"], "mmm/status@1");
    let data = &status["data"];
    assert_eq!(data["project"], "greeter");
    assert_eq!(data["branch"], "main");
    assert_eq!(data["specs"]["ready"], 1);
    assert_eq!(data["runs"][0]["status"], "waiting");
    assert_eq!(data["checkpoints"][0]["name"], "review");
    let checkpoint = data["checkpoints"][0]["checkpoint"]
        .as_str()
        .expect("a name");
    assert_eq!(
        data["next"],
        format!("git mmm checkpoint show {checkpoint}")
    );
}

#[test]
fn outside_of_a_repository_it_says_what_to_do() {
    let repo = TestRepo::new();
    let folder = repo.outside("elsewhere");
    std::fs::create_dir_all(&folder).expect("makes a folder");
    let run = repo.at(&folder).mmm(["status"]);
    run.assert_code(128);
    assert!(run.stderr.contains("hint: run `git init`"), "{run}");
}

#[test]
fn a_configuration_that_cannot_be_read_stops_what_needs_its_masks() {
    let mut repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    let sound = repo.read(".mmm/config.toml");
    repo.write(
        ".mmm/workflows/leak.yaml",
        "jobs:\n  a:\n    steps:\n      - run: echo \"token is $DEPLOY_TOKEN\"\n",
    );
    repo.set("DEPLOY_TOKEN", "s3cr3t-value-123456");
    repo.write(
        ".mmm/config.toml",
        format!("{sound}[run]\nmask = [\"DEPLOY_TOKEN\"]\n"),
    );
    let run = repo.mmm(["run", "-w", "leak"]);
    run.assert_ok();
    assert!(run.stdout.contains("token is ***"), "{run}");
    let refs = repo.git(["for-each-ref"]);
    for broken in ["[run]\nmask = \"DEPLOY_TOKEN\"\n", "[broken\n", "\u{fffd}"] {
        let mut text = format!("{sound}{broken}").into_bytes();
        if broken == "\u{fffd}" {
            text.push(0xff);
        }
        repo.write(".mmm/config.toml", text);
        for words in [
            &["run", "-w", "leak"][..],
            &["run", "hello"],
            &["spec", "verify"],
        ] {
            let refused = repo.mmm(words);
            refused.assert_code(128);
            assert!(refused.stderr.contains(".mmm/config.toml"), "{refused}");
        }
        repo.mmm(["check", "--verify"]).assert_code(1);
        let status = repo.mmm(["status", "--json"]);
        status.assert_code(1);
        assert_eq!(status.json()["problems"][0]["file"], ".mmm/config.toml");
        repo.mmm(["spec", "list"]).assert_ok();
    }
    assert_eq!(repo.git(["for-each-ref"]), refs);
}

#[test]
fn without_a_project_or_a_run_it_is_said_what_to_do() {
    let repo = TestRepo::new();
    for words in [
        &["run", "hello"][..],
        &["run", "-w", "x"],
        &["workflow", "show", "x"],
        &["workflow", "check", "x"],
    ] {
        let run = repo.mmm(words);
        run.assert_code(128);
        assert!(run.stderr.ends_with("hint: run `git mmm init`\n"), "{run}");
    }
    insta::assert_snapshot!(repo.mmm(["runs"]), @"
    exit code 0
    --- stderr
    no runs, and no project here yet: run `git mmm init`
    ");
    repo.mmm(["init"]).assert_ok();
    insta::assert_snapshot!(repo.mmm(["runs"]), @"
    exit code 0
    --- stderr
    no runs yet: start one with `git mmm run <spec>`
    ");
    insta::assert_snapshot!(repo.mmm(["show"]), @"
    exit code 128
    --- stderr
    error: there is no run yet
    hint: start one with `git mmm run <spec>`, or `-w <workflow>`
    ");
    insta::assert_snapshot!(repo.mmm(["checkpoint", "list"]), @"
    exit code 0
    --- stderr
    no run waits for an answer
    ");
}

#[test]
fn hints_name_a_few_of_many() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    repo.write(".mmm/workflows/gate.yaml", GATE);
    for _ in 0..12 {
        repo.mmm(["run", "-w", "gate"]).assert_code(3);
    }
    insta::assert_snapshot!(repo.mmm(["show", "01"]), @"
    exit code 128
    --- stderr
    error: `01` fits 12 runs
    hint: write more of it: `[ULID]`, `[ULID]`, `[ULID]`, `[ULID]`, `[ULID]`, `[ULID]`, `[ULID]`, `[ULID]`, `[ULID]` or `[ULID]`, and 2 more
    ");
    insta::assert_snapshot!(repo.mmm(["checkpoint", "show"]), @"
    exit code 128
    --- stderr
    error: 12 runs wait for an answer
    hint: name one, as in `git mmm checkpoint show <run>`: `[ULID]`, `[ULID]`, `[ULID]`, `[ULID]`, `[ULID]`, `[ULID]`, `[ULID]`, `[ULID]`, `[ULID]` or `[ULID]`, and 2 more
    ");
    let status = repo.mmm(["status"]);
    assert!(status.stdout.contains("/1 `review`: Look\n"), "{status}");
}

#[test]
fn a_done_spec_that_is_stale_has_a_row() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    repo.mmm(["run", "hello"]).assert_ok();
    repo.mmm(["spec", "done", "hello"]).assert_ok();
    assert!(!repo.mmm(["status"]).stdout.contains("NAME"));
    repo.write("code", "x");
    let run = repo.mmm(["status"]);
    assert!(run.stdout.contains("  stale   0/2, 2 stale\n"), "{run}");
}

#[test]
fn a_detached_head_is_told_as_git_tells_it() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    repo.git(["checkout", "--quiet", "--detach"]);
    let head = repo.git(["rev-parse", "--short=10", "HEAD"]);
    let run = repo.mmm(["status"]);
    let first = run.stdout.lines().next().unwrap_or_default();
    assert_eq!(first, format!("project repo, HEAD detached at {head}"));
}
