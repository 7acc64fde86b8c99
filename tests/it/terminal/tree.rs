//! A run under way, as the tree on its terminal shows it.

use crate::run::fixture::{newest, project, spec, workflow};
use crate::support::{Terminal, TestRepo};

/// Waits for a file.
fn until(file: &str) -> String {
    format!("while ! test -e {file}; do sleep 0.01; done")
}

/// Two jobs side by side and one after them.
fn build(repo: &TestRepo) {
    let (go, lint) = (until("go"), until("lint-go"));
    let jobs = format!(
        "  build:
    steps:
      - run: 'true'
      - name: Compile everything that there is
        run: {go}
      - name: Link
        run: 'true'
  lint:
    steps:
      - name: Lint
        run: {lint}
  deploy:
    needs: [build, lint]
    steps:
      - run: 'true'
"
    );
    workflow(&repo.here(), "main", &jobs);
}

/// The rows with what changes from moment to moment replaced: spinner and seconds.
fn steady(rows: &[String]) -> String {
    let mut text = String::new();
    for row in rows {
        let words: Vec<&str> = row.split(' ').collect();
        let steady = words.iter().enumerate().map(|(at, word)| {
            let is_second = matches!(words.get(at + 1), Some(&"s" | &"s,"));
            let is_time = is_second && word.parse::<f64>().is_ok();
            let is_spinner = word.chars().all(spins) && !word.is_empty();
            if is_time {
                "N"
            } else if is_spinner {
                "*"
            } else {
                word
            }
        });
        text.push_str(&steady.collect::<Vec<_>>().join(" "));
        text.push('\n');
    }
    text
}

/// Whether this is one of the pictures of the spinner.
fn spins(character: char) -> bool {
    ('\u{2800}'..='\u{28ff}').contains(&character)
}

/// The rows of the tree.
fn tree(terminal: &Terminal) -> Vec<String> {
    let is_row = |row: &String| {
        let mark = row.trim_start().chars().next().unwrap_or(' ');
        spins(mark) || "✓✗·!?-…".contains(mark)
    };
    terminal.rows().into_iter().filter(is_row).collect()
}

/// Whether the tree is there, with these rows, the last one of them as its last.
fn shows(terminal: &Terminal, rows: &[&str]) -> bool {
    let steady = steady(&tree(terminal));
    let mut seen = steady.lines();
    let found = rows.iter().all(|row| seen.any(|seen| seen == *row));
    found && seen.next().is_none()
}

#[test]
fn jobs_and_steps_are_a_tree() {
    let repo = project();
    build(&repo);
    spec(&repo.here(), &["test -e go", "true"]);
    let mut terminal = repo.here().on_terminal(["run", "thing"], (80, 30));
    let compile = "  * Compile everything that there is  N s";
    terminal.wait_for(|terminal| shows(terminal, &[compile, "  * Lint  N s", "· after  waiting"]));
    insta::assert_snapshot!(steady(&tree(&terminal)), @r"
    ✓ before  1 of 2 green
    * build  N s
      ✓ Run true  success  N s
      * Compile everything that there is  N s
      · Link
    * lint  N s
      * Lint  N s
    · deploy  waiting
    · after  waiting
    ");
    repo.write("lint-go", "");
    let lint = "✓ lint  success  N s";
    terminal.wait_for(|terminal| shows(terminal, &[compile, lint, "· after  waiting"]));
    insta::assert_snapshot!(steady(&tree(&terminal)), @r"
    ✓ before  1 of 2 green
    * build  N s
      ✓ Run true  success  N s
      * Compile everything that there is  N s
      · Link
    ✓ lint  success  N s
    · deploy  waiting
    · after  waiting
    ");
    repo.write("go", "");
    assert_eq!(terminal.end(), 0, "{}", terminal.seen());
    // The tree is gone, and what would be printed without a terminal is there.
    let (run, _) = newest(&repo.here());
    let rows: Vec<String> = terminal
        .rows()
        .iter()
        .map(|row| row.replace(&run, "[RUN]"))
        .collect();
    insta::assert_snapshot!(steady(&rows), @r"
    run [RUN] of main for thing-7k3q9x2
    red       before: criterion number 0 holds (ac-0aaa)  N s (exit code 1)
    green     before: criterion number 1 holds (ac-1aaa)  N s
    success   build / Run true  N s
    success   lint / Lint  N s
    success   build / Compile everything that there is  N s
    success   build / Link  N s
    success   deploy / Run true  N s
    green     after: criterion number 0 holds (ac-0aaa)  N s
    green     after: criterion number 1 holds (ac-1aaa)  N s
    run [RUN] success in N s, 2 of 2 criteria proved
    next: git mmm spec done thing-7k3q9x2
    ");
}

#[test]
fn a_row_never_breaks() {
    let repo = project();
    build(&repo);
    let mut terminal = repo.here().on_terminal(["run", "-w", "main"], (20, 30));
    let compile = "  * Compile…  N s";
    terminal.wait_for(|terminal| shows(terminal, &[compile, "  * Lint  N s", "· deploy  waiting"]));
    insta::assert_snapshot!(steady(&tree(&terminal)), @r"
    * build  N s
      ✓ Run true  succ…
      * Compile…  N s
      · Link
    * lint  N s
      * Lint  N s
    · deploy  waiting
    ");
    let first = terminal
        .rows()
        .iter()
        .position(|row| row.contains("build  "));
    let first = u16::try_from(first.expect("the tree is there")).expect("a small screen");
    for row in first..30 {
        assert!(!terminal.screen().row_wrapped(row), "{}", terminal.seen());
    }
    repo.write("lint-go", "");
    repo.write("go", "");
    assert_eq!(terminal.end(), 0, "{}", terminal.seen());
}

/// Sixty jobs that each print a line, when `go` is there or at once.
fn sixty(repo: &TestRepo, script: &str) {
    let job = |number| {
        [
            format!("  job-{number:02}:\n    steps:\n      - name: say\n"),
            format!("        run: {script}; echo out {number:02}.\n"),
        ]
        .concat()
    };
    let jobs: Vec<String> = (0..60).map(job).collect();
    let jobs = jobs.concat();
    workflow(&repo.here(), "main", &jobs);
}

/// Every result stands there once, in full.
#[track_caller]
fn assert_complete(terminal: &mut Terminal) {
    let history = terminal.history();
    for number in 0..60 {
        for text in [
            format!("success   job-{number:02} / say"),
            format!("  | out {number:02}."),
        ] {
            let count = history.iter().filter(|row| row.starts_with(&text)).count();
            assert_eq!(count, 1, "{text} in\n{}", history.join("\n"));
        }
    }
}

#[test]
fn a_tree_fits_its_screen() {
    let repo = project();
    sixty(&repo, &until("go"));
    let mut terminal = repo.here().on_terminal(["run", "-w", "main"], (80, 24));
    let rest = "… 52 jobs waiting, 1 step more";
    terminal.wait_for(|terminal| shows(terminal, &["* job-07  N s", rest]));
    let rows = tree(&terminal);
    assert_eq!(rows.len(), 16, "{}", terminal.seen());
    repo.write("go", "");
    assert_eq!(terminal.end(), 0, "{}", terminal.seen());
    assert_complete(&mut terminal);
}

#[test]
fn a_resize_loses_nothing() {
    let repo = project();
    sixty(&repo, "sleep 0.05");
    let mut terminal = repo.here().on_terminal(["run", "-w", "main"], (80, 24));
    for (done, columns, rows) in [
        (5, 40, 12),
        (15, 100, 30),
        (25, 60, 8),
        (35, 120, 40),
        (45, 80, 24),
    ] {
        let results = |terminal: &Terminal| terminal.printed().matches("  | out ").count();
        terminal.wait_for(|terminal| results(terminal) >= done);
        terminal.resize(columns, rows);
    }
    assert_eq!(terminal.end(), 0, "{}", terminal.seen());
    assert_complete(&mut terminal);
    assert_eq!(tree(&terminal), [""; 0]);
}

#[test]
fn an_interrupt_that_is_typed_leaves_a_terminal_as_it_was() {
    let repo = project();
    build(&repo);
    let mut terminal = repo.here().on_terminal(["run", "-w", "main"], (80, 24));
    terminal.wait_for(|terminal| shows(terminal, &["  * Lint  N s", "· deploy  waiting"]));
    terminal.type_in(b"\x03");
    assert_eq!(terminal.end(), 130, "{}", terminal.seen());
    assert_eq!(tree(&terminal), [""; 0], "{}", terminal.seen());
    let screen = terminal.screen();
    assert!(!screen.hide_cursor());
    assert_eq!(screen.cursor_position().1, 0, "{}", terminal.seen());
    assert!(terminal.seen().contains("cancelled"), "{}", terminal.seen());
    assert_eq!(newest(&repo.here()).1, "cancelled");
}

#[test]
fn a_step_alone_prints_above_the_tree() {
    let repo = project();
    let jobs = format!(
        "  a:\n    steps:\n      - name: slow\n        run: |\n          echo first\n          {}\n",
        until("go")
    );
    workflow(&repo.here(), "main", &jobs);
    let mut terminal = repo.here().on_terminal(["run", "-w", "main"], (80, 24));
    terminal.wait_for(|terminal| {
        terminal.seen().contains("| first") && shows(terminal, &["  * slow  N s"])
    });
    let rows = terminal.rows();
    insta::assert_snapshot!(steady(rows.get(1..).unwrap_or(&[])), @r"
    running   a / slow
      | first
    * a  N s
      * slow  N s
    ");
    repo.write("go", "");
    assert_eq!(terminal.end(), 0, "{}", terminal.seen());
}

#[test]
fn legs_and_called_jobs_have_their_own_rows() {
    let repo = project();
    let jobs = format!(
        "  part2:\n    strategy: {{matrix: {{n: [7]}}}}\n    steps: [{{name: Do, run: {}}}]\n  \
         calls:\n    steps: [{{workflow: other}}]\n",
        until("go")
    );
    let called = format!("  unit:\n    steps: [{{name: Be, run: {}}}]\n", until("go"));
    workflow(&repo.here(), "other", &called);
    workflow(&repo.here(), "main", &jobs);
    let mut terminal = repo.here().on_terminal(["run", "-w", "main"], (80, 30));
    terminal.wait_for(|terminal| shows(terminal, &["  * Do  N s", "  * Be  N s"]));
    insta::assert_snapshot!(steady(&tree(&terminal)), @r"
    * part2  N s
    * calls  N s
      * Workflow other  N s
    * part2@1 (7)  N s
      * Do  N s
    * calls+1+unit  N s
      * Be  N s
    ");
    repo.write("go", "");
    assert_eq!(terminal.end(), 0, "{}", terminal.seen());
}
