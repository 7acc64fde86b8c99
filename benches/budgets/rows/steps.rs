//! What the engine adds to the steps of a run.

use crate::measure::{Cost, Costs, both, cost};
use crate::table::{Bar, Row};
use crate::world::{PROGRAM, World};

/// Many steps that do nothing, over the same shell started as often on the same script.
pub(crate) fn measure(world: &World) -> Vec<Row> {
    world.repository("steps", 10);
    world.prepare("steps", PROGRAM, &["init"]);
    let (many, few) = (world.share(1_000), world.share(100));
    for (name, steps) in [("many", many), ("few", few)] {
        world.workflow("steps", name, steps, "");
    }
    world.write("script.sh", "true");
    let shell = |times: usize| {
        let script = "i=0; while [ $i -lt $1 ]; do bash -e \"$2\"; i=$((i+1)); done";
        let file = world.path("script.sh");
        let (times, file) = (times.to_string(), file.to_string_lossy().into_owned());
        cost(&mut world.with("steps", "sh", &["-c", script, "sh", &times, &file]))
    };
    let mut few_costs = Costs::default();
    let (ours, control) = both(
        3,
        || {
            few_costs.push(run(world, "few"));
            run(world, "many")
        },
        || shell(many),
    );
    vec![
        Row {
            work: format!("run of {many} steps, CPU, over the shell alone"),
            unit: "ms",
            ours: ours.cpu_ms(),
            control: Some(control.cpu_ms()),
            bar: Bar::Times(1.5),
        },
        Row {
            work: format!("run of {many} steps, CPU, over a run of {few}"),
            unit: "ms",
            ours: ours.cpu_ms(),
            control: Some(few_costs.cpu_ms()),
            bar: Bar::Times(12.0),
        },
    ]
}

/// Runs a workflow.
pub(crate) fn run(world: &World, workflow: &str) -> Cost {
    cost(&mut world.with("steps", PROGRAM, &["run", "--workflow", workflow]))
}
