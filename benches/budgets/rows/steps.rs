//! What the engine adds to the steps of a run, one after another and eight at a time.

use std::fmt::Write as _;

use crate::measure::{Cost, Costs, both, cost};
use crate::table::{Bar, Row};
use crate::world::{PROGRAM, World};

/// How many steps are under way at a time where there are several: the most that the engine
/// starts.
const ABREAST: usize = 8;

/// Steps that do nothing, over the same shell started as often on the same script.
pub(crate) fn measure(world: &World) -> Vec<Row> {
    world.repository("steps", 10);
    world.prepare("steps", PROGRAM, &["init"]);
    world.write("script.sh", "true");
    let (many, few) = (world.share(1_000), world.share(100));
    for steps in [many, few, 1] {
        world.workflow("steps", &format!("row-{steps}"), steps, "");
        let jobs = jobs(steps);
        world.write(
            &format!("steps/.mmm/workflows/jobs-{steps}.yaml"),
            &format!("name: jobs\njobs:\n{jobs}"),
        );
        let legs = legs(steps);
        world.write(&format!("steps/.mmm/workflows/legs-{steps}.yaml"), &legs);
    }
    let shapes = [
        ("row", "one after another", 1),
        ("jobs", "eight jobs", ABREAST),
        ("legs", "a leg each, eight at a time", ABREAST),
    ];
    let mut rows = Vec::new();
    for (shape, words, abreast) in shapes {
        let mut costs = Vec::new();
        for (steps, rounds) in [(1, 9), (few, 5), (many, 3)] {
            let workflow = format!("{shape}-{steps}");
            let (ours, control) = both(
                rounds,
                || run(world, &workflow),
                || shell(world, steps, abreast),
            );
            costs.push((steps, ours, control));
        }
        rows.extend(judge(words, &costs));
        rows.push(journal(world, words, many));
    }
    rows
}

/// The rows of one shape: what a run costs once, and all of it in larger ones.
fn judge(words: &str, costs: &[(usize, Costs, Costs)]) -> Vec<Row> {
    let mut rows: Vec<Row> = costs
        .iter()
        .map(|(steps, ours, control)| Row {
            work: format!(
                "{steps} step{}, {words}, CPU, over the shell alone",
                if *steps == 1 { "" } else { "s" }
            ),
            unit: "ms",
            ours: ours.cpu_ms(),
            control: Some(control.cpu_ms()),
            bar: Bar::Times(1.5),
        })
        .collect();
    if let [_, (few, few_costs, _), (many, many_costs, _)] = costs {
        rows.push(Row {
            work: format!("{many} steps, {words}, CPU, over {few}"),
            unit: "ms",
            ours: many_costs.cpu_ms(),
            control: Some(few_costs.cpu_ms()),
            bar: Bar::Times(12.0),
        });
    }
    rows
}

/// What the journal of the newest run takes for each of its steps.
fn journal(world: &World, words: &str, steps: usize) -> Row {
    let newest = [
        "for-each-ref",
        "--count=1",
        "--sort=-refname",
        "--format=%(refname)",
        "refs/mmm/runs",
    ];
    let seal = world.prepare("steps", "git", &newest);
    let seal = seal.trim();
    let files = world.prepare("steps", "git", &["ls-tree", "-r", "-l", seal]);
    let bytes = files
        .lines()
        .find(|line| line.ends_with("/events.jsonl"))
        .and_then(|line| line.split_whitespace().nth(3))
        .and_then(|size| size.parse::<u32>().ok())
        .expect("a sealed run has a journal");
    let steps_count = u32::try_from(steps).expect("some thousands");
    Row {
        work: format!("{steps} steps, {words}, journal, a step"),
        unit: "KiB",
        ours: f64::from(bytes) / 1024.0 / f64::from(steps_count),
        control: None,
        bar: Bar::AtMost(1.0),
    }
}

/// The same shell on the same script, this many times, so many at a time.
fn shell(world: &World, times: usize, abreast: usize) -> Cost {
    let script = if abreast == 1 {
        "i=0; while [ $i -lt $1 ]; do bash -e \"$2\"; i=$((i+1)); done"
    } else {
        "i=0; while [ $i -lt $1 ]; do printf '%s\\n' \"$2\"; i=$((i+1)); done | xargs -n 1 -P $3 bash -e"
    };
    let file = world.path("script.sh").to_string_lossy().into_owned();
    let (times, abreast) = (times.to_string(), abreast.to_string());
    let arguments = ["-c", script, "sh", &times, &file, &abreast];
    cost(&mut world.with("steps", "sh", &arguments))
}

/// As many steps, dealt out to eight jobs.
fn jobs(steps: usize) -> String {
    let mut text = String::new();
    for job in 0..ABREAST.min(steps) {
        let _ = writeln!(text, "  job-{job}:\n    steps:");
        for _ in (job..steps).step_by(ABREAST) {
            text += "      - run: \"true\"\n";
        }
    }
    text
}

/// A job with one step, for as many items.
fn legs(steps: usize) -> String {
    let items: Vec<String> = (0..steps).map(|item| item.to_string()).collect();
    format!(
        "name: legs\njobs:\n  each:\n    for-each:\n      max-parallel: {ABREAST}\n      items: [{}]\n    steps:\n      - run: \"true\"\n",
        items.join(", ")
    )
}

/// Runs a workflow.
pub(crate) fn run(world: &World, workflow: &str) -> Cost {
    cost(&mut world.with("steps", PROGRAM, &["run", "--workflow", workflow]))
}
