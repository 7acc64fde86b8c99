//! What a checkpoint shows and keeps: its hash is of all of it, and masked values are in none of it.

use crate::run::fixture::{configure, project, runs, seal, sealed_file, told, workflow};
use crate::support::{TestRepo, View};

const SECRET: &str = "s3cr3t/Value+with=chars";

/// The hash of the checkpoint that waits.
fn shown_hash(view: &View<'_>) -> String {
    let shown = view.mmm(["checkpoint", "show", "--json"]).json();
    shown["data"]["hash"].as_str().expect("a hash").to_owned()
}

#[test]
fn two_edits_have_two_hashes() {
    for unborn in [false, true] {
        let mut builder = TestRepo::builder().real_clock();
        if unborn {
            builder = builder.unborn();
        }
        let repo = builder.build();
        configure(&repo.here(), "");
        workflow(
            &repo.here(),
            "edit",
            "  a:\n    steps:\n      - run: cat next >>.mmm/workflows/other.yaml\n",
        );
        // The code is the same each time; only what is below `.mmm/` differs.
        repo.write(".git/info/exclude", "next\n");
        let hashes = ["# one\n", "# two\n"].map(|edit| {
            repo.write("next", edit);
            repo.mmm(["run", "-w", "edit"]).assert_code(3);
            let hash = shown_hash(&repo.here());
            repo.mmm(["checkpoint", "approve"]).assert_ok();
            std::fs::remove_file(repo.path().join(".mmm/workflows/other.yaml")).expect("removes");
            hash
        });
        assert_ne!(hashes[0], hashes[1]);
    }
}

#[test]
fn masked_values_are_in_no_message_and_no_snapshot() {
    let mut repo = project();
    configure(&repo.here(), "\n[run]\nmask = [\"DEPLOY_TOKEN\"]\n");
    repo.set("DEPLOY_TOKEN", SECRET);
    workflow(
        &repo.here(),
        "cp",
        "  a:\n    steps:\n      - run: echo \"$DEPLOY_TOKEN\" >plain.txt; echo \"$DEPLOY_TOKEN\" >>README; printf %s \"$DEPLOY_TOKEN\" | base64\n      - checkpoint: look\n",
    );
    let run = repo.mmm(["run", "-w", "cp", "--json"]);
    run.assert_code(3);
    for name in ["plain.txt", "README"] {
        let left = format!("{name} (holds a masked value)");
        assert!(run.stderr.contains(&left), "{run}");
    }
    let run = told(&run);
    let branch = format!("mmm/checkpoint/{run}/1-look");
    let grep = repo
        .here()
        .command("git", &["grep", "-e", "s3cr3t", &branch, "--"]);
    grep.assert_code(1);
    let names = repo.git(["ls-tree", "-r", "--name-only", &branch]);
    assert!(
        names.contains("README") && !names.contains("plain.txt"),
        "{names}"
    );
    repo.mmm([
        "checkpoint",
        "approve",
        "-m",
        &format!("has {SECRET} in it"),
    ])
    .assert_ok();
    let journal = sealed_file(&repo.here(), &run, "events.jsonl");
    assert!(journal.contains("has *** in it"), "{journal}");
    assert!(!journal.contains("s3cr3t"), "{journal}");
    assert_eq!(sealed_file(&repo.here(), &run, "out/a.1.1.log"), "***");
}

#[test]
fn values_that_a_step_names_are_nowhere() {
    let repo = project();
    let say = "v=$(printf Yrnearq-fr7perg | tr A-Za-z N-ZA-Mn-za-m)";
    workflow(
        &repo.here(),
        "learn",
        &format!(
            "  a:\n    steps:\n      - run: {say}; echo \"::add-mask::$v\"; echo \"one $v\"\n      \
             - run: {say}; echo \"two $v\"\n      - checkpoint: look\n      - id: last\n        run: {say}; echo \"three $v\"\n"
        ),
    );
    let run = repo.mmm(["run", "-w", "learn", "--json"]);
    run.assert_code(3);
    let id = told(&run);
    let masks = repo.path().join(".git/mmm/runs").join(&id).join("masks");
    let text = std::fs::read_to_string(&masks).expect("it is made");
    assert_eq!(text, "\"Learned-se7cret\"\n");
    // Another supervisor holds what comes after the checkpoint.
    repo.mmm(["checkpoint", "approve"]).assert_ok();
    let outputs = ["1.1", "2.1", "last.2"].map(|attempt| {
        let name = format!("out/a.{attempt}.log");
        sealed_file(&repo.here(), &id, &name)
    });
    assert_eq!(
        outputs,
        ["::add-mask::***\none ***", "two ***", "three ***"]
    );
    let tree = repo.git(["ls-tree", "-r", "--name-only", &seal(&repo.here(), &id)]);
    assert!(!tree.contains("masks"), "{tree}");
    let script = "git cat-file --batch-all-objects --batch --buffer | grep -a -c -F -e \"$1\"";
    for (word, count) in [("Learned-se7cret", "0\n"), ("three ***", "1\n")] {
        let found = repo.here().command("sh", &["-c", script, "sh", word]);
        assert_eq!(found.stdout, count, "{word}");
    }
}

#[test]
fn a_run_that_waits_keeps_no_secret_and_still_has_its_value() {
    use std::os::unix::fs::PermissionsExt;

    let mut repo = project();
    repo.set("TOKEN", SECRET);
    let jobs = "  a:
    steps:
      - id: tell
        env: {T: '${{ secrets.TOKEN }}'}
        run: |
          echo \"out=a $T z\" >>\"$GITHUB_OUTPUT\"
          echo \"VARIABLE=$T\" >>\"$GITHUB_ENV\"
          echo \"$T\" >>\"$GITHUB_STEP_SUMMARY\"
          echo \"s=$T\" >>\"$GITHUB_STATE\"
      - run: true '${{ secrets.TOKEN }}'
      - checkpoint: look
      - env: {T: '${{ secrets.TOKEN }}', OUT: '${{ steps.tell.outputs.out }}'}
        run: test \"$OUT\" = \"a $T z\" && test \"$VARIABLE\" = \"$T\"
";
    workflow(&repo.here(), "cp", jobs);
    let run = repo.mmm(["run", "-w", "cp", "--json"]);
    run.assert_code(3);
    let run = told(&run);
    let grep = ["-r", "-l", "-F", "-e", "s3cr3t", ".git/mmm"];
    repo.here().command("grep", &grep).assert_code(1);
    for name in ["scripts", "files"] {
        let folder = repo.path().join(".git/mmm/runs").join(&run).join(name);
        let mode = std::fs::metadata(folder)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{name} is for its user alone");
    }
    let words = format!("it is {SECRET} indeed");
    repo.mmm(["checkpoint", "approve", "-m", &words])
        .assert_ok();
    let journal = sealed_file(&repo.here(), &run, "events.jsonl");
    assert!(journal.contains("it is *** indeed"), "{journal}");
    let script = "git cat-file --batch-all-objects --batch --buffer | grep -a -c -F -e s3cr3t";
    let found = repo.here().command("sh", &["-c", script]);
    assert_eq!(found.stdout, "0\n");
}

#[test]
fn a_secret_that_cannot_be_had_and_one_in_an_input_make_no_run() {
    let mut repo = project();
    repo.write(
        ".mmm/workflows/main.yaml",
        "inputs: {note: {type: string}}
jobs:
  a:
    steps:
      - {run: 'true', env: {T: '${{ secrets.TOKEN }}'}}
      - checkpoint: look
",
    );
    repo.git(["config", "mmm.secret.TOKEN.command", "exit 4"]);
    let run = repo.mmm(["run", "-w", "main"]);
    run.assert_code(128);
    assert!(run.stderr.contains("exit code 4"), "{run}");
    repo.set("TOKEN", SECRET);
    // One process asks once, however often it needs the value.
    let command = "echo x >>asked; printf %s \"$TOKEN\"";
    repo.git(["config", "mmm.secret.TOKEN.command", command]);
    let run = repo.mmm(["run", "-w", "main", "--set", &format!("note=is {SECRET}")]);
    run.assert_code(129);
    assert!(run.stderr.contains("holds the value of a secret"), "{run}");
    assert_eq!(runs(&repo.here()), []);
    assert_eq!(repo.read("asked"), "x\n");
    let run = repo.mmm(["run", "-w", "main", "--set", "note=harmless"]);
    run.assert_code(3);
    assert_eq!(repo.read("asked"), "x\nx\n");
    repo.mmm(["checkpoint", "approve", "-m", "words"])
        .assert_ok();
    assert_eq!(repo.read("asked"), "x\nx\nx\n");
}
