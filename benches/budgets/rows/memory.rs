//! How much memory a run takes, and whether it grows with its steps.

use crate::rows::steps::run;
use crate::table::{Bar, Row};
use crate::world::{PROGRAM, World};

/// The last step looks at its parent, the supervisor, and at that one's parent, the engine.
const LOOK: &str = "for p in $PPID $(sed -n 's/^PPid:[^0-9]*//p' /proc/$PPID/status); do sed -n 's/^VmHWM:[^0-9]*//p' /proc/$p/status; done > ../peaks";

/// Peaks of engine and supervisor when the last step runs, and of the largest process in all.
pub(crate) fn measure(world: &World) -> Vec<Row> {
    if !cfg!(target_os = "linux") {
        eprintln!("the peaks of a run are read from /proc, which is not here");
        return Vec::new();
    }
    world.repository("steps", 10);
    world.prepare("steps", PROGRAM, &["init"]);
    let mut rows = Vec::new();
    let mut least = None;
    for full in [100, 1_000, 4_000] {
        let steps = world.share(full);
        world.workflow("steps", "memory", steps, LOOK);
        let whole = run(world, "memory").peak_kib;
        let peaks = world.read("peaks");
        let mut peaks = peaks.lines().map(|line| {
            let number = line.split_whitespace().next().unwrap_or("");
            number.parse::<u64>().expect("a number of kilobytes")
        });
        let mut peak = || peaks.next().expect("two peaks");
        let (supervisor, engine) = (peak(), peak());
        let mut row = |work: String, kib: u64, control: Option<f64>| {
            rows.push(Row {
                work,
                unit: "MiB",
                ours: mib(kib),
                control,
                bar: if control.is_some() {
                    Bar::Plus(4.0)
                } else {
                    Bar::AtMost(40.0)
                },
            });
        };
        row(format!("run of {steps} steps, engine"), engine, None);
        row(
            format!("run of {steps} steps, supervisor"),
            supervisor,
            None,
        );
        row(
            format!("run of {steps} steps, largest process"),
            whole,
            None,
        );
        if let Some(least) = least {
            row(
                format!("run of {steps} steps, engine, over the least"),
                engine,
                Some(least),
            );
        }
        least = least.or(Some(mib(engine)));
    }
    rows
}

fn mib(kib: u64) -> f64 {
    f64::from(u32::try_from(kib).unwrap_or(u32::MAX)) / 1024.0
}
