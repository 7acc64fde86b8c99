//! Killing the engine and the supervisor at any moment: nothing is lost, repeated or blocked.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::run::fixture::{self, assert_sound, newest, runs, sealed_events, survivors};
use crate::support::{Child, LIMIT, TestRepo, View, let_pass};

/// Most times that one run is taken up.
const TAKE_UPS: usize = 40;

/// Chance from a fixed seed (`SplitMix64`), so that a failure can be repeated.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// Who is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Victim {
    Engine,
    Supervisor,
    Both,
    /// The engine with its process group, the supervisor, and the `git` that the engine started.
    Family,
}

impl Victim {
    /// Three of four times the engine, else the supervisor or both; where `git` is much at work,
    /// mostly all of them.
    fn choose(chance: &mut Chance, shape: Shape) -> Self {
        if shape == Shape::Apart {
            return match chance.below(4) {
                0 => Self::Engine,
                1 => Self::Both,
                _ => Self::Family,
            };
        }
        match chance.below(8) {
            0..6 => Self::Engine,
            6 => Self::Supervisor,
            _ => Self::Both,
        }
    }
}

/// How many were killed, by victim, and how often each status was found afterwards.
#[derive(Debug, Default)]
struct Tally {
    engines: usize,
    supervisors: usize,
    both: usize,
    families: usize,
    runs: usize,
    found: BTreeMap<String, usize>,
}

impl Tally {
    fn kills(&self) -> usize {
        self.engines + self.supervisors + self.both + self.families
    }
}

fn is_soak() -> bool {
    std::env::var_os("MMM_SOAK").is_some()
}

/// A step that leaves a line when it begins and one when it ends.
fn traced(pause: &str) -> String {
    format!(
        "echo \"+ $MMM_ATTEMPT\" >>.git/trace; sleep {pause}; echo \"- $MMM_ATTEMPT\" >>.git/trace"
    )
}

/// The same in a linked work tree.
fn traced_apart(pause: &str) -> String {
    traced(pause).replace(".git/trace", "\"$(git rev-parse --git-common-dir)/trace\"")
}

/// What the runs go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Jobs in a row and beside one another.
    Plain,
    /// The same with a checkpoint.
    Asking,
    /// Legs of a matrix, items of a list that another job makes, a workflow that is called, a step
    /// that fails once.
    Growing,
    /// Items in work trees of their own, each with a commit that is merged.
    Apart,
}

impl Shape {
    /// The steps with how often each may have ended: the least and the most.
    fn steps(self) -> Vec<(&'static str, usize, usize)> {
        let once = |steps: &[&'static str]| steps.iter().map(|step| (*step, 1, 1)).collect();
        match self {
            Self::Plain | Self::Asking => once(&STEPS),
            Self::Growing => {
                let mut steps: Vec<_> = once(&GROWN_STEPS);
                // The one that is killed in the middle of its failure succeeds the next time.
                steps.push(("call.again", 1, 2));
                steps
            }
            Self::Apart => once(&APART_STEPS),
        }
    }
}

fn prepare(shape: Shape) -> TestRepo {
    let repo = TestRepo::builder().real_clock().build();
    let view = repo.here();
    fixture::configure(&view, "");
    match shape {
        Shape::Growing => growing(&view),
        Shape::Apart => apart(&view),
        Shape::Plain | Shape::Asking => plain(&view, shape == Shape::Asking),
    }
    repo.write(".gitignore", "built\n");
    fixture::spec(&view, &[]);
    repo.git(["add", "."]);
    repo.git(["commit", "--quiet", "-m", "project"]);
    repo
}

fn growing(view: &View<'_>) {
    let step = traced("0.02").replace(": ", ":").replace('"', "'");
    let step = step.replace("'+ $MMM_ATTEMPT'", "\"+ $MMM_ATTEMPT\"");
    let step = step.replace("'- $MMM_ATTEMPT'", "\"- $MMM_ATTEMPT\"");
    let jobs = format!(
        "  plan:
    outputs: {{list: '${{{{ steps.make.outputs.list }}}}'}}
    steps:
      - id: make
        run: |
          {step}
          echo 'list=[1, 2, 3]' >>\"$GITHUB_OUTPUT\"
  mat:
    strategy: {{matrix: {{os: [x, y], n: [1, 2]}}}}
    steps:
      - run: |
          {step}
  each:
    needs: plan
    for-each: ${{{{ fromJSON(needs.plan.outputs.list) }}}}
    steps:
      - run: |
          {step}
  call:
    needs: [mat, each]
    steps:
      - id: sub
        workflow: sub
      - id: again
        retry: {{attempts: 9, backoff: constant, initial: 10ms}}
        run: |
          {step}
          test -e .git/again || {{ touch .git/again; exit 1; }}
          touch built
"
    );
    fixture::workflow(view, "main", &jobs);
    fixture::workflow(
        view,
        "sub",
        &format!("  s:\n    steps:\n      - run: |\n          {step}\n"),
    );
}

fn apart(view: &View<'_>) {
    let step = traced_apart("0.02");
    let jobs = format!(
        "  each:
    isolation: worktree
    for-each: [p, q, r]
    steps:
      - run: |
          {step}
          echo work >${{{{ item }}}}
          git add .; git commit --quiet --allow-empty -m ${{{{ item }}}}
  all:
    needs: each
    steps:
      - run: |
          {step}
"
    );
    fixture::workflow(view, "main", &jobs);
}

fn plain(view: &View<'_>, checkpoint: bool) {
    let step = traced("0.02");
    let ask = if checkpoint {
        "      - checkpoint: look\n"
    } else {
        ""
    };
    let jobs = format!(
        "  a:\n    steps:\n      - run: {step}\n{ask}      - run: {step}\n\
         \x20 b:\n    steps:\n      - run: {step}\n      - run: {step}\n\
         \x20 c:\n    needs: [a, b]\n    steps:\n      - run: {step}\n      - run: touch built; {step}\n"
    )
    .replace("run: ", "run: |\n          ");
    fixture::workflow(view, "main", &jobs);
}

fn reset(view: &View<'_>, shape: Shape) {
    let command = match shape {
        Shape::Apart => format!("{}; test -e p && test -e q && test -e r", traced_apart("0")),
        _ => format!("{}; test -e built", traced("0")),
    };
    fixture::spec(view, &[&command.replace("sleep 0; ", "")]);
    for name in ["built", ".git/trace", ".git/again"] {
        // They are not there before the first run.
        drop(std::fs::remove_file(view.path().join(name)));
    }
}

fn supervisor_pid(view: &View<'_>, run: &str) -> Option<u32> {
    let path = view
        .path()
        .join(".git/mmm/runs")
        .join(run)
        .join("supervisor.lock");
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// The runs that have a folder.
fn live(view: &View<'_>) -> Vec<String> {
    let folder = std::fs::read_dir(view.path().join(".git/mmm/runs"));
    let names = folder.into_iter().flatten().flatten();
    names
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .collect()
}

/// Kills after a while; nothing is counted when there was nobody left to kill.
fn kill(view: &View<'_>, mut engine: Child, victim: Victim, after: Duration, tally: &mut Tally) {
    let_pass(after);
    if engine.has_ended() {
        engine.wait(LIMIT);
        return;
    }
    if victim == Victim::Family {
        let gits = fixture::gits_of(view, engine.pid());
        engine.signal_all("KILL");
        for git in gits {
            view.command("kill", &["-KILL", &git]);
        }
    }
    if victim != Victim::Engine {
        let pid = live(view)
            .iter()
            .rev()
            .find_map(|run| supervisor_pid(view, run));
        if let Some(pid) = pid {
            view.command("kill", &["-KILL", &pid.to_string()]);
        } else if victim == Victim::Supervisor {
            engine.wait(LIMIT);
            return;
        }
    }
    match victim {
        Victim::Engine => tally.engines += 1,
        Victim::Supervisor => tally.supervisors += 1,
        Victim::Both => tally.both += 1,
        Victim::Family => tally.families += 1,
    }
    if victim != Victim::Supervisor {
        engine.signal("KILL");
    }
    engine.wait(LIMIT);
}

/// What is to be typed for a run that stands like this; nothing when it is over.
fn next_command(status: Option<&(String, String)>) -> Option<Vec<String>> {
    let words = |words: &[&str]| Some(words.iter().map(ToString::to_string).collect());
    match status {
        None => words(&["run", "thing"]),
        Some((run, status)) => match status.as_str() {
            "interrupted" | "running" => words(&["run", "--resume", run]),
            "lost" => words(&["run", "--resume", run, "--rerun-lost"]),
            "waiting" => words(&["checkpoint", "approve", run]),
            "success" => None,
            other => panic!("run {run} is {other}"),
        },
    }
}

/// Drives one run to its end with kills on the way.
fn one_run(
    view: &View<'_>,
    chance: &mut Chance,
    span: Duration,
    (kills, shape): (usize, Shape),
    tally: &mut Tally,
) -> String {
    let before = runs(view).len();
    reset(view, shape);
    let mut left = kills;
    for _ in 0..TAKE_UPS {
        let all = runs(view);
        let status = (all.len() > before).then(|| all[0].clone());
        if let Some((_, status)) = &status {
            *tally.found.entry(status.clone()).or_default() += 1;
        }
        let Some(words) = next_command(status.as_ref()) else {
            tally.runs += 1;
            return all[0].0.clone();
        };
        if left > 0 {
            left -= 1;
            let victim = Victim::choose(chance, shape);
            let after = span * u32::try_from(chance.below(1000)).unwrap_or(0) / 1000;
            kill(view, view.spawn(&words), victim, after, tally);
        } else {
            let run = view.mmm(&words);
            assert!(matches!(run.code, 0 | 3), "{words:?}: {run}");
        }
    }
    panic!("the run did not end: {:?}", newest(view));
}

/// Every step is there once, none ran beside itself, and everything can be read.
#[track_caller]
fn check(view: &View<'_>, run: &str, shape: Shape) {
    assert_eq!(survivors(run), Vec::<u32>::new());
    let trace = view.read(".git/trace");
    let events = sealed_events(view, run);
    let context = || format!("run {run}\ntrace:\n{trace}\nevents: {events:#?}");
    let text = |event: &serde_json::Value, key: &str| event[key].as_str().unwrap_or("").to_owned();
    let mut finished: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for event in events
        .iter()
        .filter(|event| event["kind"] == "step-finished")
    {
        let attempt = text(event, "attempt");
        let step = attempt.rsplit_once('.').expect("a number").0.to_owned();
        finished.entry(step).or_default().push(attempt);
    }
    for (step, least, most) in shape.steps() {
        let ends = finished.get(step).cloned().unwrap_or_default();
        let fits = (least..=most).contains(&ends.len());
        assert!(fits, "{step} {}: {}", ends.len(), context());
    }
    let lines: Vec<(&str, &str)> = trace
        .lines()
        .map(|line| {
            let (sign, mark) = line.split_once(' ').expect("a sign and a mark");
            (
                sign,
                mark.strip_prefix(&format!("{run}/"))
                    .expect("the run's own mark"),
            )
        })
        .collect();
    for (step, ends) in &finished {
        let of_step = |mark: &str| {
            mark.rsplit_once('.')
                .is_some_and(|(known, _)| known == step)
        };
        let mine: Vec<_> = lines.iter().filter(|(_, mark)| of_step(mark)).collect();
        if mine.is_empty() {
            // A checkpoint: it has an end and no process.
            continue;
        }
        for end in ends {
            let begun = mine
                .iter()
                .filter(|(sign, mark)| *sign == "+" && mark == end)
                .count();
            let ended = mine
                .iter()
                .filter(|(sign, mark)| *sign == "-" && mark == end)
                .count();
            assert_eq!((begun, ended), (1, 1), "{end}: {}", context());
        }
        // What ended and was recorded is the last that ran; what was lost ended before the next.
        let last = mine.last().expect("not empty").1;
        assert_eq!(Some(last), ends.last().map(String::as_str), "{}", context());
        let mut current = "";
        for (sign, mark) in &mine {
            if *sign == "+" {
                current = mark;
            }
            assert_eq!(current, *mark, "two at once: {}", context());
        }
    }
    let note = view.git(["notes", "--ref=mmm/runs", "show", "HEAD"]);
    assert_eq!(note.matches(run).count(), 1, "{note}");
    assert!(view.read(fixture::SPEC).contains("- [x]"));
    assert!(view.path().join(format!(".mmm/runs/{run}.toml")).exists());
}

const STEPS: [&str; 8] = [
    "@before.ac-0aaa",
    "a.1",
    "a.2",
    "b.1",
    "b.2",
    "c.1",
    "c.2",
    "@after.ac-0aaa",
];

const GROWN_STEPS: [&str; 12] = [
    "@before.ac-0aaa",
    "plan.make",
    "mat@1.1",
    "mat@2.1",
    "mat@3.1",
    "mat@4.1",
    "each@1.1",
    "each@2.1",
    "each@3.1",
    "call.sub",
    "call+sub+s.1",
    "@after.ac-0aaa",
];

const APART_STEPS: [&str; 6] = [
    "@before.ac-0aaa",
    "each@1.1",
    "each@2.1",
    "each@3.1",
    "all.1",
    "@after.ac-0aaa",
];

fn soak(seed: u64, kills: usize, shape: Shape) -> Tally {
    let repo = prepare(shape);
    let view = repo.here();
    let mut chance = Chance(seed);
    let mut tally = Tally::default();
    // How long an undisturbed run takes on this machine.
    let start = Instant::now();
    let run = one_run(&view, &mut chance, Duration::ZERO, (0, shape), &mut tally);
    let span = start.elapsed();
    check(&view, &run, shape);
    while tally.kills() < kills {
        let each = 1 + usize::try_from(chance.below(4)).expect("small");
        let run = one_run(&view, &mut chance, span, (each, shape), &mut tally);
        check(&view, &run, shape);
    }
    assert_sound(&view);
    // What the dead left lying about is gone after one more run.
    let run = one_run(&view, &mut chance, span, (0, shape), &mut tally);
    check(&view, &run, shape);
    // One killed before its first event stays for an hour: it might be about to begin. Its journal
    // may be there, without a line.
    let mut left: Vec<String> = Vec::new();
    for name in live(&view) {
        let journal = format!(".git/mmm/runs/{name}/events.jsonl");
        let text = std::fs::read_to_string(repo.path().join(&journal)).unwrap_or_default();
        if text.contains('\n') {
            left.push(format!("{name}:\n{text}"));
        }
    }
    assert_eq!(left, Vec::<String>::new(), "{:?}", runs(&view));
    tally
}

#[test]
fn kills_at_random_moments_soak() {
    let tally = soak(1, if is_soak() { 80 } else { 8 }, Shape::Plain);
    println!("{tally:?}");
}

#[test]
fn kills_around_a_checkpoint_soak() {
    let tally = soak(2, if is_soak() { 40 } else { 6 }, Shape::Asking);
    println!("{tally:?}");
}

#[test]
fn kills_while_jobs_grow_soak() {
    let tally = soak(3, if is_soak() { 80 } else { 8 }, Shape::Growing);
    println!("{tally:?}");
}

#[test]
fn kills_of_all_that_works_in_work_trees_soak() {
    let tally = soak(4, if is_soak() { 60 } else { 5 }, Shape::Apart);
    println!("{tally:?}");
}
