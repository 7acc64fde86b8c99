//! `git mmm workflow import`.

use crate::support::{Run, TestRepo};

const GITHUB: &str = include_str!("../../fixtures/import/github.yml");
const MAP_REDUCE: &str = include_str!("../../fixtures/import/prodigy-mapreduce.yml");
const PRODIGY: &str = include_str!("../../fixtures/import/prodigy.yml");
const ORIGINAL: &str = include_str!("../../fixtures/import/mmm.yaml");

/// A project with a file to import.
fn project(file: &str, text: &str) -> TestRepo {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    repo.write(file, text);
    repo
}

/// The remarks of an import: places with what was said.
fn remarks(run: &Run) -> String {
    let envelope = run.json();
    let problems = envelope["problems"].as_array().expect("a list").iter();
    let lines = problems.map(|problem| {
        let text = |key: &str| problem[key].as_str().unwrap_or("-").to_owned();
        format!(
            "{}:{} {}: {}\n",
            problem["line"],
            problem["column"],
            text("code").trim_start_matches("import-"),
            text("message")
        )
    });
    lines.collect()
}

/// Imports a fixture, and looks whether the result is sound and says what it should.
fn imported(repo: &TestRepo, file: &str, name: &str) -> Run {
    let run = repo.mmm(["workflow", "import", file, "--name", name, "--json"]);
    run.assert_ok();
    let envelope = run.json();
    assert_eq!(envelope["schema"], "mmm/workflow-import@1");
    assert_eq!(envelope["data"]["valid"], true);
    let path = format!(".mmm/workflows/{name}.yaml");
    assert_eq!(envelope["data"]["path"], path.as_str());
    // Each remark that something is not there any more is a comment too.
    let text = repo.read(&path);
    for problem in envelope["problems"].as_array().expect("a list") {
        if problem["code"] == "import-not-taken" {
            let message = problem["message"].as_str().expect("a text");
            let commented = text.contains(&format!("# import: {message}"));
            assert!(commented || message.contains("is empty"), "{message}");
        }
    }
    run
}

#[test]
fn a_workflow_of_github_actions_is_imported_and_runs() {
    let repo = project(".github/workflows/ci.yml", GITHUB);
    repo.write(
        ".mmm/workflows/notify.yaml",
        "inputs: {text: {type: string}}\njobs:\n  a:\n    steps:\n      - run: touch told.txt\n",
    );
    let run = imported(&repo, ".github/workflows/ci.yml", "ci");
    insta::assert_snapshot!(remarks(&run), @"
    4:3 not-taken: `on: push` is left out: the event never happens here
    6:3 not-taken: `on: pull_request` is left out: the event never happens here
    16:1 dropped: `permissions` is left out: there is no token whose rights it could set
    25:5 dropped: `runs-on` is left out: jobs run on this machine
    39:15 dropped: `actions/checkout@v4` is left out: the work tree is here
    42:15 dropped: `actions/setup-node@v4` is left out: `node` is to be on this machine
    45:15 dropped: `actions/cache@v4` is left out: nothing is taken away between runs
    52:21 replaced: `inputs.level` is handed over to the script as the variable `INPUTS_LEVEL`
    52:42 replaced: `env.GREETING` is handed over to the script as the variable `GREETING`
    52:67 replaced: `github.ref_name` is handed over to the script as the variable `REF_NAME`
    54:17 replaced: `github.event.pull_request.draft` is replaced by `null`: `github.event.pull_request.draft` is not known here
    56:9 not-taken: `docker/build-push-action@v6` is left out: actions cannot be used
    61:13 replaced: `steps.image.outputs.digest` is replaced by `null`: there is no step `image` before it here
    62:31 replaced: `steps.image.outputs.digest` is replaced by `null`: there is no step `image` before it here
    63:15 replaced: `actions/upload-artifact@v4` is the artifact `said-${{ matrix.size }}` of the job
    68:11 dropped: `retention-days` of an artifact is left out
    70:20 not-taken: `needs: deploy` is left out: there is no job `deploy` here
    72:5 dropped: `runs-on` is left out: jobs run on this machine
    73:5 not-taken: `environment` is left out: there are no environments
    75:18 replaced: `github.token` is `secrets.GITHUB_TOKEN` here
    82:20 replaced: `needs.check.outputs.said` is handed over to the script as the variable `SAID`
    86:11 replaced: `uses: ./.github/workflows/notify.yml` is a step that calls the workflow `notify`
    88:17 replaced: `vars.CHANNEL` is `inputs.CHANNEL` here
    89:5 dropped: `secrets` is left out: each secret is looked up by its name where it is read
    90:3 not-taken: job `deploy` is left out: `example/workflows/.github/workflows/deploy.yml@v1` is in another repository
    ");
    repo.mmm(["workflow", "check", "ci"]).assert_ok();
    repo.mmm(["run", "-w", "ci", "--set", "level=loud"])
        .assert_ok();
    assert_eq!(repo.read("said-1.txt"), "loud: hello from main\n");
    assert_eq!(repo.read("report.txt"), "it's loud: hello from main\n");
    assert!(repo.path().join("told.txt").exists());
}

#[test]
fn the_phases_of_prodigy_are_imported_and_run() {
    let mut repo = project("workflow.yml", MAP_REDUCE);
    repo.set("API_TOKEN", "a-token-for-tests");
    repo.git(["add", "--all"]);
    repo.git(["commit", "--quiet", "--message", "before"]);
    let run = imported(&repo, "workflow.yml", "parts");
    insta::assert_snapshot!(remarks(&run), @"
    6:3 replaced: the secret `TOKEN` is `secrets.API_TOKEN`
    10:1 not-taken: `profiles` is left out
    23:3 not-taken: `filter` of `map` is left out
    26:7 not-taken: a step that asks Claude is left out
    33:1 not-taken: `on_item_failure` is left out: the other items go on when one failed
    ");
    repo.mmm(["workflow", "check", "parts"]).assert_ok();
    let run = repo.mmm(["run", "-w", "parts"]);
    run.assert_ok();
    // All of it happens apart, and is merged when the person wants it.
    assert!(!repo.path().join("report.txt").exists(), "{run}");
    let merge = run
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("next: git merge "));
    repo.git(["merge", "--quiet", merge.expect("it says how")]);
    assert_eq!(repo.read("report.txt"), "2 of 2 parts\n");
}

#[test]
fn the_last_phase_of_prodigy_sees_what_the_items_have_made() {
    let text = "mode: mapreduce\nsetup:\n  - shell: |\n      echo '[\"a\", {\"id\": 2}]' > items.json\nmap:\n  \
                input: items.json\n  json_path: '$[*]'\n  agent_template:\n    - shell: echo \
                \"${item}\" > \"of-$(git rev-parse --abbrev-ref HEAD | tr / -).txt\"\n    - shell: git \
                add . && git commit -qm one\nreduce:\n  - claude: /sum\n  - shell: cat of-*.txt > all.txt\n";
    let repo = project("workflow.yml", text);
    repo.git(["add", "--all"]);
    repo.git(["commit", "--quiet", "--message", "before"]);
    let run = repo.mmm([
        "workflow",
        "import",
        "workflow.yml",
        "--name",
        "parts",
        "--json",
    ]);
    run.assert_ok();
    let run = repo.mmm(["run", "-w", "parts"]);
    run.assert_ok();
    let merge = run
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("next: git merge "));
    repo.git(["merge", "--quiet", merge.expect("it says how")]);
    assert_eq!(repo.read("all.txt"), "a\n{\n  \"id\": 2\n}\n");
}

#[test]
fn a_list_of_commands_of_prodigy_is_imported_and_runs() {
    let repo = project("workflow.yml", PRODIGY);
    let run = imported(&repo, "workflow.yml", "release");
    insta::assert_snapshot!(remarks(&run), @"
    8:5 not-taken: a step that asks Claude is left out
    9:5 not-taken: `max_attempts` of `on_failure` is left out
    10:3 not-taken: a step that asks Claude is left out
    22:16 not-taken: a kind of error in `retry_on` is left out: it is not known here
    ");
    repo.mmm(["workflow", "check", "release"]).assert_ok();
    repo.mmm(["run", "-w", "release", "--set", "arg=ada"])
        .assert_ok();
    assert_eq!(repo.read("one.txt"), "got one\n");
    assert_eq!(repo.read("two words.txt"), "got two words\n");
    let notes = repo.read("notes/1.2.3.txt");
    assert_eq!(notes, "version 1.2.3, asked for by ada");
    assert_eq!(repo.read("done.txt"), "it's 1.2.3\n");
}

#[test]
fn the_stages_of_the_original_are_imported_and_run() {
    let repo = project("feature.yaml", ORIGINAL);
    let run = imported(&repo, "feature.yaml", "feature");
    insta::assert_snapshot!(remarks(&run), @"
    3:1 dropped: `version` is left out: Git knows the versions of a file
    9:5 not-taken: the trigger `pull_request` is left out
    24:9 not-taken: a step that asks Claude is left out
    41:15 replaced: the items are the JSON list that `outputs.parts` holds
    70:5 not-taken: the action `create_issue` is left out
    75:31 not-taken: `failed_stage` is empty: there is nothing like it here
    ");
    repo.mmm(["workflow", "check", "feature"]).assert_ok();
    repo.mmm(["run", "-w", "feature"]);
    assert_eq!(repo.read("built-a.txt"), "a for test\n");
    assert_eq!(repo.read("built-b.txt"), "b for test\n");
    assert_eq!(repo.read("first.txt"), "success\n");
    assert!(repo.path().join("second.txt").exists());
}

#[test]
fn the_report_is_for_people_too() {
    let text = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: some/thing@v1\n";
    let repo = project("ci.yml", text);
    insta::assert_snapshot!(repo.mmm(["workflow", "import", "ci.yml"]), @"
    exit code 0
    --- stdout
    created .mmm/workflows/ci.yaml, read as GitHub Actions: 2 not taken, 1 replaced, 1 dropped
    next: read the comments `# import: …` in it
    --- stderr
    warning[import-not-taken]: `on: push` is left out: the event never happens here
     --> ci.yml:1:5
      |
    1 | on: push
      |     ^^^^
      |
      = hint: the nearest event here is `post-commit`

    warning[import-replaced]: nothing of job `a` could be taken: it does nothing
     --> ci.yml:3:3
      |
    3 |   a:
      |   ^

    warning[import-dropped]: `runs-on` is left out: jobs run on this machine
     --> ci.yml:4:5
      |
    4 |     runs-on: x
      |     ^^^^^^^

    warning[import-not-taken]: `some/thing@v1` is left out: actions cannot be used
     --> ci.yml:6:9
      |
    6 |       - uses: some/thing@v1
      |         ^^^^
      |
      = hint: write the commands under `run`

    4 warnings in 1 file
    ");
    insta::assert_snapshot!(repo.read(".mmm/workflows/ci.yaml"), @"
    # Imported from GitHub Actions: `git mmm workflow import ci.yml`
    name: ci
    on: {}
      # import: `on: push` is left out: the event never happens here
    jobs:
      a:
        steps:
          # import: `some/thing@v1` is left out: actions cannot be used
          #   uses: some/thing@v1
          # import: nothing of job `a` could be taken: it does nothing
          - run: 'true'
    ");
    insta::assert_snapshot!(repo.mmm(["workflow", "import", "ci.yml"]), @"
    exit code 128
    --- stderr
    error: there is a workflow `ci` already (.mmm/workflows/ci.yaml)
    hint: edit it, then run `git mmm workflow check ci`
    ");
}

#[test]
fn it_can_be_written_elsewhere_and_read_as_told() {
    let repo = project("list.yml", "- shell: echo 1\n");
    insta::assert_snapshot!(repo.mmm(["workflow", "import", "list.yml", "--output", "-"]), @"
    exit code 0
    --- stdout
    # Imported from prodigy: `git mmm workflow import list.yml`
    name: list
    # import: prodigy runs scripts with `sh -c`, which goes on behind a command that failed
    defaults:
      run:
        shell: sh {0}
    jobs:
      main:
        steps:
          - run: echo 1
    --- stderr
    read as prodigy: 0 not taken, 0 replaced, 0 dropped
    ");
    repo.mmm(["workflow", "import", "list.yml", "--output", "out.yaml"])
        .assert_ok();
    repo.mmm(["workflow", "check", "out.yaml"]).assert_ok();
    repo.mmm(["workflow", "import", "list.yml", "--output", "out.yaml"])
        .assert_code(128);
    repo.write("strange.yml", "a: b\n");
    insta::assert_snapshot!(repo.mmm(["workflow", "import", "strange.yml"]), @"
    exit code 128
    --- stderr
    error[unknown-program]: the file has neither `jobs`, `stages` nor `commands`: no workflow that is known
     --> strange.yml:1:1
      |
    1 | a: b
      | ^^^^
      |
      = hint: name the program that it is for: `--from prodigy`

    1 error in 1 file
    error: `strange.yml` cannot be imported
    ");
    insta::assert_snapshot!(repo.mmm(["workflow", "import", "absent.yml"]), @"
    exit code 128
    --- stderr
    error: cannot read [ROOT]/repo/absent.yml: No such file or directory (os error 2)
    ");
    repo.mmm([
        "workflow",
        "import",
        "strange.yml",
        "--from",
        "github",
        "--output",
        "-",
    ])
    .assert_code(1);
}

#[test]
fn what_github_computes_is_taken_over() {
    let text = "on: workflow_dispatch
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        on:
          - {name: one, env: {CC: gcc}}
    env: ${{ matrix.on.env }}
    defaults:
      run:
        shell: ${{ matrix.shell || 'bash' }}
    steps:
      - run: echo out >a.log
        env:
          with-dash: 1
      - run: echo \"${{ github.event_name }} and ${{ github.ref }}\"
        env: ${{ matrix.on.env }}
      - uses: actions/upload-artifact@v4
        with: {name: .logs, path: a.log}
      - uses: actions/upload-artifact@v4
        with: {name: .logs, path: 'b/*.log'}
";
    let repo = project("ci.yml", text);
    let run = imported(&repo, "ci.yml", "ci");
    let taken = repo.read(".mmm/workflows/ci.yaml");
    for part in [
        "    env: ${{ matrix.on.env }}\n",
        "        shell: ${{ null || 'bash' }}\n",
        "          with-dash: 1\n",
        "      logs:\n        path: |\n          a.log\n          b/*.log\n",
        "          REF: ${{ github.ref }}\n        run: echo \"${{ github.event_name }} and ${REF}\"\n",
        "      # import: `env` is left out: an expression has no room for the variables of a script\n",
    ] {
        assert!(taken.contains(part), "{part}: {taken}");
    }
    assert!(remarks(&run).contains("`env` is left out"), "{run}");
    repo.mmm(["run", "-w", "ci"]).assert_ok();
}
