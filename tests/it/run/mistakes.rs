//! What people type when they mean something else, and what helps them.

use crate::run::fixture::{project, runs, workflow};
use crate::support::TestRepo;

const ONE: &str = "  a:\n    steps:\n      - run: echo a\n";

fn told(repo: &TestRepo, words: &[&str]) -> String {
    let run = repo.mmm(words);
    format!("{} {}", run.code, run.stderr)
}

#[test]
fn parts_of_a_run_want_the_run_and_nothing_runs_without() {
    let repo = project();
    workflow(&repo.here(), "x", ONE);
    for option in ["--from", "--only", "--downstream"] {
        assert_eq!(
            told(&repo, &["run", "-w", "x", option, "a"]),
            format!(
                "129 error: `{option} <step>` needs `--resume <run>`\nhint: `git mmm run --resume \
                 <run> {option} <step>`; `git mmm runs` lists them\n"
            )
        );
    }
    assert_eq!(runs(&repo.here()), []);
}

#[test]
fn a_workflow_is_no_spec_and_no_file() {
    let repo = project();
    workflow(&repo.here(), "build", ONE);
    for name in ["build", ".mmm/workflows/build.yaml"] {
        assert_eq!(
            told(&repo, &["run", name]),
            format!(
                "128 error: no spec is called `{name}`: there is a workflow of this name\nhint: \
                 run `git mmm run -w build`\n"
            )
        );
    }
    assert_eq!(
        told(&repo, &["run", "-w", ".mmm/workflows/build.yaml"]),
        "128 error: there is no workflow `.mmm/workflows/build.yaml`\nhint: a workflow is named \
         without its folder and ending: `build`\n"
    );
    assert_eq!(
        told(&repo, &["runs", "-n", "0"]),
        "129 error: `0` is not a value of `--limit <count>`\nhint: give a whole number from 1 on\n"
    );
}

#[test]
fn an_error_hides_no_call_of_what_is_not_there() {
    let repo = project();
    let jobs = "  a:\n    steps:\n      - runn: x\n      - workflow: unti\n        ensure:\n          - \
                workflow: nope\n";
    workflow(&repo.here(), "bad", jobs);
    workflow(&repo.here(), "unit", ONE);
    insta::assert_snapshot!(repo.mmm(["workflow", "check", "bad", "--format", "github"]).stdout, @"
    ::error file=.mmm/workflows/bad.yaml,line=5,col=9,endColumn=13,title=unknown-key::unknown key `runn` in a step (hint: did you mean `run`?)
    ::error file=.mmm/workflows/bad.yaml,line=6,col=19,endColumn=23,title=unknown-workflow::there is no workflow `unti` (hint: did you mean `unit`?)
    ::error file=.mmm/workflows/bad.yaml,line=8,col=23,endColumn=27,title=unknown-workflow::there is no workflow `nope`
    ");
}

#[test]
fn the_hint_about_text_in_a_script_works_as_it_is_written() {
    let repo = project();
    workflow(
        &repo.here(),
        "x",
        "  a:\n    steps:\n      - run: echo \"${{ github.ref_name || 'none' }}\"\n",
    );
    let problems = repo.mmm(["workflow", "check", "x", "--json"]).json()["problems"].clone();
    let hint = problems[0]["hint"]
        .as_str()
        .expect("there is one")
        .to_owned();
    let parts: Vec<&str> = hint.split('`').collect();
    let (env, script) = (parts[1], parts[3]);
    workflow(
        &repo.here(),
        "x",
        &format!("  a:\n    steps:\n      - {env}\n        run: echo {script}\n"),
    );
    let run = repo.mmm(["run", "-w", "x"]);
    run.assert_ok();
    assert!(run.stdout.contains("  | main\n"), "{run}");
}

#[test]
fn doubts_about_files_of_variables_are_told_once() {
    let repo = project();
    repo.write(".env", "A=1\nA=2\nB=$(date)\n");
    repo.write(
        ".mmm/workflows/x.yaml",
        "dotenv: .env\njobs:\n  a:\n    for-each: [1, 2]\n    steps:\n      - run: echo \"$A $B\"\n",
    );
    let run = repo.mmm(["run", "-w", "x"]);
    run.assert_ok();
    assert!(run.stdout.contains("  | 2 $(date)\n"), "{run}");
    insta::assert_snapshot!(run.stderr, @"
    warning: .env:2:1: `A` is set above too; this value counts
    warning: .env:3:3: commands in a value are not run
    ");
    repo.write(".env", "A=1\nA=2\nno sign\n1=2\n");
    let run = repo.mmm(["run", "-w", "x"]);
    run.assert_code(1);
    insta::assert_snapshot!(run.stderr.lines().take(2).collect::<Vec<_>>().join("\n"), @"
    warning: .env:2:1: `A` is set above too; this value counts
    job `a@1`: .env:3:4: a name has no `=` behind it; .env:4:1: this is not a name of a variable
    ");
}

#[test]
fn a_pipe_in_place_of_a_file_does_not_hold_the_run_up() {
    let repo = project();
    workflow(
        &repo.here(),
        "x",
        "  a:\n    steps:\n      - run: mkfifo pipe\n      - run: echo ::add-matcher::pipe\n  \
           b:\n    needs: a\n    if: always()\n    dotenv: pipe\n    steps:\n      - run: echo b\n",
    );
    let run = repo.mmm(["run", "-w", "x"]);
    run.assert_code(1);
    insta::assert_snapshot!(run.stderr, @"job `b`: pipe: the file cannot be read: it is a pipe, not a file");
    assert!(run.stdout.contains("error: `add-matcher`: "), "{run}");
}
