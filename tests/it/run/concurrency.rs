//! Runs and jobs of one concurrency group: one at a time, whatever happens to it.

use crate::run::fixture::{assert_sound, outcomes, project, runs, sealed_events, workflow};
use crate::support::{Child, LIMIT, Run, TestRepo, wait_until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_git-mmm");
/// A step that says when it begins and ends, and ends when it is let go.
const STEP: &str =
    "\"echo begin $0 >>order; until test -e go; do sleep 0.01; done; echo end >>order\"";

/// A workflow whose runs have one group.
fn of_runs(repo: &TestRepo, name: &str, more: &str) {
    let step = STEP.replace("$0", name);
    repo.write(
        &format!(".mmm/workflows/{name}.yaml"),
        format!(
            "name: {name}\nconcurrency: {{group: 'Deploy-${{{{ run.workflow == ''x'' }}}}'{more}}}\n\
             jobs:\n  a:\n    steps:\n      - run: {step}\n      - {{run: echo cleaned >>order, if: cancelled()}}\n"
        ),
    );
}

/// A workflow with a job in a group, and one in none.
fn of_jobs(repo: &TestRepo, name: &str, more: &str) {
    let step = STEP.replace("$0", name);
    workflow(
        &repo.here(),
        name,
        &format!(
            "  a:\n    concurrency: {{group: deploy{more}}}\n    steps:\n      - run: {step}\n      \
             - {{run: echo cleaned >>order, if: cancelled()}}\n  \
             b:\n    steps:\n      - run: touch free-{name}\n"
        ),
    );
}

fn start(repo: &TestRepo, name: &str) -> Child {
    repo.spawn(["run", "-w", name])
}

fn order(repo: &TestRepo) -> Vec<String> {
    let text = std::fs::read_to_string(repo.path().join("order")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Starts a run and waits until its step is under way.
fn started(repo: &TestRepo, name: &str) -> Child {
    let child = start(repo, name);
    let line = format!("begin {name}");
    wait_until(LIMIT, || order(repo).contains(&line));
    child
}

/// A project with the workflows `one`, which is under way, and `two` of the same group.
fn begun(write: fn(&TestRepo, &str, &str), more_of_two: &str) -> (TestRepo, Child) {
    let repo = project();
    write(&repo, "one", "");
    write(&repo, "two", more_of_two);
    let first = started(&repo, "one");
    (repo, first)
}

/// One after the other came to its end, and nobody is in a group or waits for one.
#[track_caller]
fn assert_in_turn(repo: &TestRepo, names: &[&str]) {
    let steps = names
        .iter()
        .flat_map(|name| [format!("begin {name}"), "end".to_owned()]);
    assert_eq!(order(repo), steps.collect::<Vec<_>>());
    assert_eq!(tickets(repo), 0);
}

/// How many are in the groups or wait for one.
fn tickets(repo: &TestRepo) -> usize {
    let groups = repo.path().join(".git/mmm/groups");
    let groups = std::fs::read_dir(groups).into_iter().flatten().flatten();
    let files = groups.flat_map(|group| std::fs::read_dir(group.path()).into_iter().flatten());
    let tickets = files.flatten().map(|file| file.path());
    tickets
        .filter(|path| path.extension().is_some_and(|end| end == "ticket"))
        .count()
}

/// Starts a run and waits until it waits as the one of this number.
fn waiting(repo: &TestRepo, name: &str, number: usize) -> Child {
    let child = start(repo, name);
    wait_until(LIMIT, || tickets(repo) == number);
    child
}

fn let_go(repo: &TestRepo) {
    repo.write("go", "");
}

/// The status of the run of each workflow.
fn statuses(repo: &TestRepo) -> Vec<String> {
    let list = repo.mmm(["runs", "--json"]).json();
    let rows = list["data"].as_array().cloned().unwrap_or_default();
    let text = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap_or("?").to_owned();
    let mut found: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {}", text(row, "workflow"), text(row, "status")))
        .collect();
    found.sort();
    found
}

#[track_caller]
fn assert_told(run: &Run, what: &str) {
    assert!(run.stderr.contains(what), "{what} in {run}");
}

#[test]
fn a_second_run_waits_for_the_first() {
    let (repo, first) = begun(of_runs, "");
    let second = waiting(&repo, "two", 2);
    assert_eq!(order(&repo), ["begin one"]);
    let_go(&repo);
    first.wait(LIMIT).assert_ok();
    let second = second.wait(LIMIT);
    second.assert_ok();
    assert_told(
        &second,
        "waiting for the concurrency group `Deploy-false`: run ",
    );
    assert_in_turn(&repo, &["one", "two"]);
}

#[test]
fn who_waits_can_be_interrupted_and_cancelled() {
    let (repo, first) = begun(of_runs, "");
    let second = waiting(&repo, "two", 2);
    second.signal("INT");
    let second = second.wait(LIMIT);
    second.assert_code(130);
    assert_eq!(tickets(&repo), 1);
    let third = waiting(&repo, "two", 2);
    let (run, status) = runs(&repo.here()).remove(0);
    assert_eq!(status, "running");
    repo.mmm(["cancel", &run]).assert_ok();
    third.wait(LIMIT);
    let_go(&repo);
    first.wait(LIMIT).assert_ok();
    assert_eq!(
        statuses(&repo),
        ["one success", "two cancelled", "two cancelled"]
    );
    assert_eq!(order(&repo), ["begin one", "end"]);
    assert_sound(&repo.here());
}

#[test]
fn the_newest_takes_the_place_of_the_one_that_waits() {
    let repo = project();
    for name in ["one", "two", "three"] {
        of_runs(&repo, name, "");
    }
    let first = started(&repo, "one");
    let second = waiting(&repo, "two", 2);
    let third = start(&repo, "three");
    let second = second.wait(LIMIT);
    assert_told(
        &second,
        "took its place in the concurrency group `Deploy-false`",
    );
    second.assert_code(130);
    let_go(&repo);
    first.wait(LIMIT).assert_ok();
    third.wait(LIMIT).assert_ok();
    assert_eq!(
        statuses(&repo),
        ["one success", "three success", "two cancelled"]
    );
    assert_in_turn(&repo, &["one", "three"]);
}

#[test]
fn the_one_in_progress_is_cancelled_on_request() {
    let (repo, first) = begun(of_runs, ", cancel-in-progress: true");
    let second = started(&repo, "two");
    let first = first.wait(LIMIT);
    assert_told(&first, "takes its concurrency group");
    first.assert_code(130);
    let_go(&repo);
    second.wait(LIMIT).assert_ok();
    assert_eq!(statuses(&repo), ["one cancelled", "two success"]);
    assert_eq!(order(&repo), ["begin one", "cleaned", "begin two", "end"]);
    assert_sound(&repo.here());
}

#[test]
fn one_that_is_killed_holds_the_group_no_longer_than_its_step() {
    let (repo, first) = begun(of_runs, "");
    let run = runs(&repo.here()).remove(0).0;
    let second = waiting(&repo, "two", 2);
    first.kill();
    assert_eq!(order(&repo), ["begin one"]);
    let_go(&repo);
    second.wait(LIMIT).assert_ok();
    assert_in_turn(&repo, &["one", "two"]);
    repo.mmm(["run", "--resume", &run]).assert_ok();
    assert_eq!(statuses(&repo), ["one success", "two success"]);
    assert_in_turn(&repo, &["one", "two"]);
}

#[test]
fn a_run_that_waits_for_a_person_is_not_in_its_group() {
    let repo = project();
    let text = "concurrency: deploy\njobs:\n  a:\n    steps:\n      - checkpoint: look\n      - run: echo over >>order\n";
    repo.write(".mmm/workflows/one.yaml", text);
    repo.write(
        ".mmm/workflows/two.yaml",
        text.replace("- checkpoint: look\n      ", ""),
    );
    repo.mmm(["run", "-w", "one"]).assert_code(3);
    repo.mmm(["run", "-w", "two"]).assert_ok();
    repo.mmm(["checkpoint", "approve"]).assert_ok();
    assert_eq!(order(&repo), ["over", "over"]);
    assert_eq!(tickets(&repo), 0);
}

#[test]
fn a_job_waits_and_keeps_no_other() {
    let (repo, first) = begun(of_jobs, "");
    let second = waiting(&repo, "two", 2);
    let free = || repo.path().join("free-two").exists();
    wait_until(LIMIT, free);
    assert_eq!(order(&repo), ["begin one"]);
    let_go(&repo);
    first.wait(LIMIT).assert_ok();
    let second = second.wait(LIMIT);
    second.assert_ok();
    assert_told(
        &second,
        "job `a` waits for the concurrency group `deploy`: job `a` of run ",
    );
    assert_in_turn(&repo, &["one", "two"]);
}

#[test]
fn a_job_in_progress_is_cancelled_alone() {
    let (repo, first) = begun(of_jobs, ", cancel-in-progress: true");
    let run = runs(&repo.here()).remove(0).0;
    let second = started(&repo, "two");
    let first = first.wait(LIMIT);
    assert_told(&first, "job `a` is cancelled: job `a` of run ");
    let_go(&repo);
    second.wait(LIMIT).assert_ok();
    assert_eq!(order(&repo), ["begin one", "cleaned", "begin two", "end"]);
    assert_eq!(
        outcomes(&repo.here(), &run),
        ["a/1=cancelled", "a/2=success", "b/1=success"]
    );
    let results: Vec<String> = sealed_events(&repo.here(), &run)
        .iter()
        .filter(|event| event["kind"] == "job-finished")
        .map(|event| format!("{} {}", event["job"], event["result"]))
        .collect();
    assert!(
        results.contains(&"\"a\" \"cancelled\"".to_owned()),
        "{results:?}"
    );
}

#[test]
fn a_job_that_waits_is_superseded_or_cancelled_with_its_run() {
    let repo = project();
    for name in ["one", "two", "three"] {
        of_jobs(&repo, name, "");
    }
    let first = started(&repo, "one");
    let second = waiting(&repo, "two", 2);
    let third = start(&repo, "three");
    let second = second.wait(LIMIT);
    assert_told(&second, "job `a` is cancelled: job `a` of run ");
    wait_until(LIMIT, || repo.path().join("free-three").exists());
    third.signal("INT");
    third.wait(LIMIT);
    let_go(&repo);
    first.wait(LIMIT).assert_ok();
    assert_eq!(
        statuses(&repo),
        ["one success", "three cancelled", "two cancelled"]
    );
    assert_eq!(order(&repo), ["begin one", "end"]);
    assert_eq!(tickets(&repo), 0);
}

#[test]
fn jobs_of_one_run_take_turns_and_never_wait_for_their_run() {
    let repo = project();
    repo.write(
        ".mmm/workflows/main.yaml",
        "concurrency: own\njobs:\n  legs:\n    concurrency: {group: legs, queue: max}\n    strategy: {matrix: {n: [1, 2, 3]}}\n    \
         steps:\n      - run: echo in >>order; sleep 0.05; echo out >>order\n  \
         own:\n    concurrency: own\n    steps:\n      - run: touch never\n",
    );
    let run = repo.mmm(["run", "-w", "main"]);
    run.assert_code(1);
    assert_told(
        &run,
        "the concurrency group `own` is that of the run itself",
    );
    assert_eq!(order(&repo), ["in", "out", "in", "out", "in", "out"]);
    assert!(!repo.path().join("never").exists());
}

#[test]
fn jobs_that_are_let_into_their_groups_wait_for_room() {
    let repo = project();
    repo.git(["config", "mmm.parallelJobs", "2"]);
    let jobs = "  a:
    for-each: [1, 2, 3, 4, 5, 6, 7, 8, 9]
    concurrency: 'own-${{ item }}'
    steps:
      - run: mkdir -p at; touch at/$N; sleep 0.05; ls at | wc -l >>counts; rm at/$N
        env: {N: '${{ item }}'}
";
    workflow(&repo.here(), "x", jobs);
    repo.mmm(["run", "-w", "x"]).assert_ok();
    let counts = repo.read("counts");
    let most = counts.lines().map(|line| line.trim().parse::<u32>());
    let most = most.map(|count| count.expect("a number")).max();
    assert_eq!(counts.lines().count(), 9);
    assert!(most <= Some(2), "{counts}");
    assert_eq!(tickets(&repo), 0);
}

#[test]
fn hundreds_of_groups_need_no_hundreds_of_files() {
    let repo = project();
    let items: Vec<String> = (0..280).map(|item| item.to_string()).collect();
    let jobs = format!(
        "  a:\n    for-each: [{}]\n    concurrency: 'own-${{{{ item }}}}'\n    \
         steps: [{{run: 'echo x >>ran'}}]\n",
        items.join(", ")
    );
    workflow(&repo.here(), "x", &jobs);
    let script = format!("ulimit -n 1024; exec {PROGRAM} run -w x");
    repo.here().command("sh", &["-c", &script]).assert_ok();
    assert_eq!(repo.read("ran").lines().count(), items.len());
    assert_eq!(tickets(&repo), 0);
}
