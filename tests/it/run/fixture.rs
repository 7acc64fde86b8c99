//! A project made by hand, and what a run left in it.

use serde_json::Value;

use crate::support::{Run, TestRepo, View};

/// The spec of most tests.
pub(crate) const SPEC: &str = ".mmm/specs/thing-7k3q9x2.md";

/// Makes the repository a project.
pub(crate) fn configure(view: &View<'_>, more: &str) {
    let text = format!("format = 1\n\n[project]\nid = \"abcdefghjkmn\"\nname = \"t\"\n{more}");
    view.write(".mmm/config.toml", text);
}

/// A project in a new repository.
///
/// With the machine's clock and ids: processes of a run are found by its id, which must be its
/// own among all tests.
pub(crate) fn project() -> TestRepo {
    let repo = TestRepo::builder().real_clock().build();
    configure(&repo.here(), "");
    repo
}

/// Writes a workflow.
pub(crate) fn workflow(view: &View<'_>, name: &str, jobs: &str) {
    view.write(
        &format!(".mmm/workflows/{name}.yaml"),
        format!("name: {name}\njobs:\n{jobs}"),
    );
}

/// The text of a spec with one criterion for each command.
pub(crate) fn spec_text(commands: &[&str]) -> String {
    let mut text = "---\ntitle: The thing works\nid: 7k3q9x2\nstatus: ready\nformat: 1\n\
                    workflow: main\n---\nWhy.\n\n## Acceptance criteria\n"
        .to_owned();
    for (index, command) in commands.iter().enumerate() {
        let item = format!("criterion number {index} holds (ac-{index}aaa)");
        text.extend(["\n- [ ] ", &item, "\n\n  verify: `", command, "`\n"]);
    }
    text
}

/// Writes the spec.
pub(crate) fn spec(view: &View<'_>, commands: &[&str]) {
    view.write(SPEC, spec_text(commands));
}

/// All runs, the newest first: id and status.
pub(crate) fn runs(view: &View<'_>) -> Vec<(String, String)> {
    let list = view.mmm(["runs", "--json"]);
    list.assert_ok();
    let rows = list.json()["data"].as_array().cloned().unwrap_or_default();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    rows.iter()
        .map(|row| (text(row, "run"), text(row, "status")))
        .collect()
}

/// The newest run.
#[track_caller]
pub(crate) fn newest(view: &View<'_>) -> (String, String) {
    runs(view).into_iter().next().expect("there is a run")
}

/// The ref of the last seal of a run.
#[track_caller]
pub(crate) fn seal(view: &View<'_>, run: &str) -> String {
    let pattern = format!("refs/mmm/runs/{run}.*");
    let refs = view.git(["for-each-ref", "--format=%(refname)", &pattern]);
    refs.lines().last().expect("the run is sealed").to_owned()
}

/// A file of a sealed run.
#[track_caller]
pub(crate) fn sealed_file(view: &View<'_>, run: &str, name: &str) -> String {
    let seal = seal(view, run);
    view.git(["show", &format!("{seal}^{{tree}}:.mmm/runs/{run}/{name}")])
}

/// The events of a sealed run.
#[track_caller]
pub(crate) fn sealed_events(view: &View<'_>, run: &str) -> Vec<Value> {
    events(&sealed_file(view, run, "events.jsonl"))
}

/// The events of a journal.
#[track_caller]
pub(crate) fn events(journal: &str) -> Vec<Value> {
    journal
        .lines()
        .map(|line| {
            let record: Value = serde_json::from_str(line).expect("a line is a record");
            record["event"].clone()
        })
        .collect()
}

/// The outcome of each step in `show --json`, as `job/step=outcome`.
#[track_caller]
pub(crate) fn outcomes(view: &View<'_>, run: &str) -> Vec<String> {
    let shown = view.mmm(["show", run, "--json"]);
    shown.assert_ok();
    let json = shown.json();
    let mut found = Vec::new();
    for job in json["data"]["jobs"].as_array().into_iter().flatten() {
        for step in job["steps"].as_array().into_iter().flatten() {
            let outcome = step["outcome"].as_str().unwrap_or("-");
            let (job, key) = (job["id"].as_str(), step["key"].as_str());
            found.push(format!(
                "{}/{}={outcome}",
                job.unwrap_or("?"),
                key.unwrap_or("?")
            ));
        }
    }
    found.sort();
    found
}

/// Nothing in the repository is broken, and no ref of ours is locked.
#[track_caller]
pub(crate) fn assert_sound(view: &View<'_>) {
    let fsck = view.command(
        "git",
        &["fsck", "--strict", "--no-dangling", "--no-progress"],
    );
    fsck.assert_ok();
    assert_eq!((fsck.stdout.as_str(), fsck.stderr.as_str()), ("", ""));
    let names = view.git([
        "for-each-ref",
        "--format=%(refname) %(objectname)",
        "refs/mmm",
        "refs/notes",
    ]);
    for line in names.lines() {
        let (name, id) = line.split_once(' ').expect("a name and an id");
        view.git(["update-ref", name, id, id]);
    }
    view.git(["update-ref", "refs/mmm/probe", "HEAD"]);
    view.git(["update-ref", "-d", "refs/mmm/probe"]);
}

/// Processes that carry the mark of an attempt of this run and are alive.
pub(crate) fn survivors(run: &str) -> Vec<u32> {
    let mut found = Vec::new();
    let mark = format!("MMM_ATTEMPT={run}/");
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        let marked = environment
            .split(|byte| *byte == 0)
            .any(|variable| variable.starts_with(mark.as_bytes()));
        let state = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        if marked && !state.contains(") Z ") {
            found.push(pid);
        }
    }
    found
}

/// The run that a command has just told about in its JSON.
#[track_caller]
pub(crate) fn told(run: &Run) -> String {
    let json = run.json();
    json["data"][0]["run"].as_str().expect("a run").to_owned()
}

/// What the clock says at the start of a test with [`timed`].
pub(crate) const MORNING: &str = "2026-11-22T10:00:00Z";

/// A project whose clock stands still until a test sets it.
pub(crate) fn timed() -> TestRepo {
    let mut repo = project();
    repo.set("MMM_TIMESTAMP", MORNING);
    repo
}

/// Starts the workflow, which comes to stand still; gives the run.
#[track_caller]
pub(crate) fn park(repo: &TestRepo, jobs: &str) -> String {
    workflow(&repo.here(), "main", jobs);
    let run = repo.mmm(["run", "-w", "main", "--json"]);
    run.assert_code(3);
    told(&run)
}

/// The journal of a run that is not over.
pub(crate) fn journal(repo: &TestRepo, run: &str) -> String {
    repo.read(&format!(".git/mmm/runs/{run}/events.jsonl"))
}

/// The checkpoints as `show --json` has them.
pub(crate) fn checkpoints(repo: &TestRepo, run: &str) -> Value {
    let shown = repo.mmm(["show", run, "--json"]);
    shown.assert_ok();
    shown.json()["data"]["checkpoints"].clone()
}

/// The `git` processes that the engine waits for.
pub(crate) fn gits_of(view: &View<'_>, engine: u32) -> Vec<String> {
    let all = view.command("ps", &["-A", "-o", "pid=,ppid=,comm="]).stdout;
    let engine = engine.to_string();
    let found = all.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let (pid, parent, name) = (words.next()?, words.next()?, words.next()?);
        let is_git = name.rsplit('/').next() == Some("git");
        (is_git && parent == engine).then(|| pid.to_owned())
    });
    found.collect()
}
