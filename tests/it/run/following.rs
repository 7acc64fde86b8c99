//! `log --follow`, and output that is shown while its step runs.

use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;

use crate::run::fixture::{project, workflow};
use crate::run::under_way::begin;
use crate::support::{Child, LIMIT, TestRepo, wait_until};

/// A step that goes on when a file is there.
const GATED: &str = "touch begun; while ! test -e go; do sleep 0.01; done";

/// Starts a run and gives it when `begun` is there.
fn start(repo: &TestRepo, jobs: &str) -> (Child, String) {
    workflow(&repo.here(), "main", jobs);
    begin(repo, &["run", "-w", "main"])
}

/// A command whose output can be read while it runs.
struct Watched {
    child: Child,
    output: PathBuf,
}

impl Watched {
    fn start(repo: &TestRepo, words: &[&str]) -> Self {
        let output = repo.outside("watched");
        let file = File::create(&output).expect("a file");
        let child = repo.here().spawn_into(words, Stdio::from(file));
        Self { child, output }
    }

    fn text(&self) -> String {
        std::fs::read_to_string(&self.output).expect("the output")
    }

    #[track_caller]
    fn wait_for(&mut self, text: &str) {
        wait_until(LIMIT, || {
            self.text().contains(text) || self.child.has_ended()
        });
        assert!(self.text().contains(text), "{}", self.text());
    }

    /// What it had printed when it ended, with the run's id and times replaced.
    #[track_caller]
    fn end(self, code: i32) -> String {
        let ended = self.child.wait(LIMIT);
        ended.assert_code(code);
        let mut text = std::fs::read_to_string(&self.output).expect("the output");
        text = ended.filtered(&text);
        let lines = text.lines().map(|line| match line.rsplit_once("  ") {
            Some((rest, time)) if time.ends_with(" s") => format!("{rest}  [TIME]\n"),
            _ => format!("{line}\n"),
        });
        lines.collect()
    }
}

#[test]
fn lines_are_followed_as_they_are_printed() {
    let repo = project();
    let jobs = format!(
        "  a:
    steps:
      - run: echo soon
      - run: |
          echo first
          printf half
          {GATED}
          echo ' whole'
          printf unfinished
      - run: exit 3
"
    );
    let (engine, run) = start(&repo, &jobs);
    let mut follower = Watched::start(&repo, &["log", &run, "--follow"]);
    follower.wait_for("| half");
    repo.write("go", "");
    engine.wait(LIMIT).assert_code(1);
    // The last step may take long enough to be seen, on a machine that is busy.
    let text = follower.end(0).replace("a / Run exit 3  running\n", "");
    insta::assert_snapshot!(text, @r"
    a / Run echo soon  success  [TIME]
      | soon
    a / Run echo first  running
      | first
      | half whole
      | unfinished
    a / Run echo first  success  [TIME]
    a / Run exit 3  failure  0.0 s (exit code 3)
    ");
}

#[test]
fn following_ends_when_the_run_waits() {
    let repo = project();
    let jobs = format!("  a:\n    steps:\n      - run: {GATED}\n      - checkpoint: look\n");
    let (engine, run) = start(&repo, &jobs);
    let follower = repo.spawn(["log", &run, "--follow"]);
    let json = repo.spawn(["log", &run, "--follow", "--json"]);
    repo.write("go", "");
    engine.wait(LIMIT).assert_code(3);
    let follower = follower.wait(LIMIT);
    follower.assert_ok();
    let (_, told) = follower.stderr.split_once(" waiting in ").expect("a line");
    assert!(
        told.ends_with(&format!("\nnext: git mmm checkpoint show {run}/1\n")),
        "{follower}"
    );
    let json = json.wait(LIMIT);
    json.assert_ok();
    assert_eq!(json.stderr, "");
    let json = json.json();
    assert_eq!(json["schema"], "mmm/run-log@1");
    assert_eq!(json["data"][0]["outcome"], "success", "{json}");
    // What stands still is over at once.
    let again = repo.mmm(["log", &run, "--follow"]);
    again.assert_ok();
    assert!(again.stderr.contains(" waiting in "), "{again}");
}

#[test]
fn following_ends_with_how_the_run_stands() {
    let cases = [
        (Some("KILL"), "interrupted", "run --resume"),
        (Some("INT"), "cancelled", "log"),
        (None, "success", "show"),
    ];
    for (signal, status, next) in cases {
        let repo = project();
        let jobs = format!("  a:\n    steps:\n      - run: {GATED}\n");
        let (engine, run) = start(&repo, &jobs);
        let follower = repo.spawn(["log", &run, "--follow"]);
        if let Some(signal) = signal {
            engine.signal(signal);
            engine.wait(LIMIT);
        }
        // A step goes on without its engine; then nobody is left.
        repo.write("go", "");
        let follower = follower.wait(LIMIT);
        follower.assert_ok();
        let (head, rest) = follower.stderr.split_once(" in ").expect("a line");
        assert_eq!(head, format!("run {run} {status}"), "{follower}");
        let (_, next_line) = rest.split_once('\n').expect("another line");
        assert_eq!(
            next_line,
            format!("next: git mmm {next} {run}\n"),
            "{follower}"
        );
    }
}

#[test]
fn a_silent_step_and_a_line_without_its_end_are_seen() {
    let repo = project();
    let jobs = format!(
        "  a:
    steps:
      - name: silent
        run: {GATED}
      - name: prompt
        run: |
          printf 'Password?'
          while ! test -e answer; do sleep 0.01; done
          echo ' thanks'
"
    );
    let (engine, run) = start(&repo, &jobs);
    let mut follower = Watched::start(&repo, &["log", &run, "--follow"]);
    follower.wait_for("a / silent  running\n");
    repo.write("go", "");
    follower.wait_for("  | Password?");
    repo.write("answer", "");
    engine.wait(LIMIT).assert_ok();
    insta::assert_snapshot!(follower.end(0), @r"
    a / silent  running
    a / silent  success  [TIME]
    a / prompt  running
      | Password? thanks
    a / prompt  success  [TIME]
    ");
}

#[test]
fn an_interrupt_ends_following_and_not_the_run() {
    let repo = project();
    let jobs =
        format!("  a:\n    steps:\n      - run: |\n          echo first\n          {GATED}\n");
    let (engine, run) = start(&repo, &jobs);
    let mut follower = Watched::start(&repo, &["log", &run, "--follow"]);
    follower.wait_for("| first");
    follower.child.signal("INT");
    insta::assert_snapshot!(follower.end(130), @r"
    a / Run echo first  running
      | first
    ");
    repo.write("go", "");
    engine.wait(LIMIT).assert_ok();
}

#[test]
fn a_reader_that_goes_away_ends_following() {
    let repo = project();
    let jobs =
        format!("  a:\n    steps:\n      - run: |\n          echo first\n          {GATED}\n");
    let (engine, run) = start(&repo, &jobs);
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let words = ["log", run.as_str(), "--follow"];
    let follower = repo.here().spawn_into(&words, Stdio::from(writer));
    let ended = follower.wait(LIMIT);
    ended.assert_ok();
    assert_eq!(ended.stderr, "");
    repo.write("go", "");
    engine.wait(LIMIT).assert_ok();
}

#[test]
fn a_job_is_shown_with_its_legs_and_the_workflows_that_it_calls() {
    let repo = project();
    workflow(&repo.here(), "sub", "  s: {steps: [{run: echo called}]}\n");
    let jobs = format!(
        "  a:
    strategy: {{matrix: {{n: [1, 2]}}}}
    steps: [{{run: 'echo leg-${{{{ matrix.n }}}}'}}]
  ab: {{steps: [{{run: echo other}}]}}
  call: {{steps: [{{workflow: sub}}]}}
  last:
    needs: [a, ab, call]
    steps:
      - run: |
          {GATED}
"
    );
    let (engine, run) = start(&repo, &jobs);
    let follower = repo.spawn(["log", &run, "--follow", "--job", "a"]);
    repo.write("go", "");
    engine.wait(LIMIT).assert_ok();
    let printed = |text: &str| {
        let lines = text.lines().filter_map(|line| line.strip_prefix("  | "));
        let mut lines: Vec<_> = lines.map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let log = |job: &str| printed(&repo.mmm(["log", &run, "--job", job]).stdout);
    assert_eq!(log("a"), ["leg-1", "leg-2"]);
    assert_eq!(log("a@2"), ["leg-2"]);
    assert_eq!(log("call"), ["called"]);
    assert_eq!(printed(&follower.wait(LIMIT).stdout), ["leg-1", "leg-2"]);
}

#[test]
fn a_run_followed_to_its_end_loses_and_repeats_nothing() {
    // Ends at any moment of the follower's: its folder goes away, and the rest is sealed.
    let repo = project();
    let steps = "      - run: for i in $(seq 1 200); do echo line $i; done\n".repeat(5);
    let jobs = format!("  a:\n    steps:\n      - run: {GATED}\n{steps}");
    let (engine, run) = start(&repo, &jobs);
    let follower = Watched::start(&repo, &["log", &run, "--follow"]);
    repo.write("go", "");
    engine.wait(LIMIT).assert_ok();
    let followed = follower.end(0);
    let found: Vec<&str> = followed
        .lines()
        .filter_map(|line| line.strip_prefix("  | line "))
        .collect();
    let expected: Vec<String> = (0..5)
        .flat_map(|_| 1..=200)
        .map(|number: u32| number.to_string())
        .collect();
    assert_eq!(found, expected);
    let heads: Vec<&str> = followed
        .lines()
        .filter(|line| line.contains("success"))
        .collect();
    assert_eq!(heads.len(), 6, "{heads:?}");
}

#[test]
fn a_step_that_runs_alone_is_shown_while_it_runs_and_masked() {
    let mut repo = project();
    repo.set("GITHUB_TOKEN", "s3cr3t-value-123456");
    let jobs = format!(
        "  a:
    steps:
      - name: slow
        run: |
          echo \"token $GITHUB_TOKEN\"
          {GATED}
          echo end
"
    );
    workflow(&repo.here(), "main", &jobs);
    let mut run = Watched::start(&repo, &["run", "-w", "main"]);
    run.wait_for("token");
    assert!(!repo.path().join("go").exists());
    repo.write("go", "");
    let text = run.end(0);
    let ending = text.find("\nrun ").expect("the run has ended");
    insta::assert_snapshot!(text.get(..=ending).unwrap_or(""), @r"
    run [ULID] of main
    running   a / slow
      | token ***
      | end
    success   a / slow  [TIME]
    ");
}

#[test]
fn a_step_that_fails_by_what_it_left_is_followed_once() {
    let repo = project();
    let jobs = format!(
        "  a:
    steps:
      - name: good
        run: {GATED}; echo fine
      - name: bad
        run: echo broken >>$GITHUB_OUTPUT; echo printed
        continue-on-error: true
      - name: last
        run: echo made
        artifacts: {{x: {{path: out, if-no-files-found: error}}}}
"
    );
    let (run, _) = start(&repo, &jobs);
    let mut watched = Watched::start(&repo, &["log", "--follow"]);
    watched.wait_for("good");
    repo.write("go", "");
    run.wait(LIMIT).assert_code(1);
    let told = watched.end(0);
    let lines = told.lines().take_while(|line| !line.starts_with("run "));
    let lines = lines.map(|line| {
        line.split_once("  failure  ")
            .map_or(line, |(head, _)| head)
    });
    let lines: Vec<&str> = lines.collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    a / good  running
      | fine
    a / good  success  [TIME]
    a / bad
      | printed
    a / last
      | made
    ");
}

#[test]
fn every_try_is_followed_once() {
    let repo = project();
    let jobs = "  a:
    steps:
      - name: flaky
        run: |
          echo x >>tries
          echo \"try $(wc -l <tries)\"
          test $(wc -l <tries) = 1 && exit 7
          touch begun; while ! test -e go; do sleep 0.01; done
        retry: {attempts: 2, initial: 1ms}
";
    let (run, _) = start(&repo, jobs);
    let mut watched = Watched::start(&repo, &["log", "--follow"]);
    watched.wait_for("  | try 2\n");
    repo.write("go", "");
    run.wait(LIMIT).assert_ok();
    let told = watched.end(0);
    let heads: Vec<&str> = told.lines().filter(|line| line.contains(" / ")).collect();
    let [first, running, last] = heads.as_slice() else {
        panic!("{told}");
    };
    assert!(first.starts_with("a / flaky  failure  "), "{told}");
    assert_eq!(*running, "a / flaky  running  (attempt 2)", "{told}");
    assert!(
        last.starts_with("a / flaky  success  ") && last.ends_with("  (attempt 2)"),
        "{told}"
    );
    for printed in ["  | try 1\n", "  | try 2\n"] {
        assert_eq!(told.matches(printed).count(), 1, "{told}");
    }
}
