//! The command that people type most, in a repository that is not small.

use crate::measure::{both, cost};
use crate::table::{Bar, Row};
use crate::world::{PROGRAM, World};

/// `git mmm status` over `git status`.
pub(crate) fn measure(world: &World) -> Vec<Row> {
    let files = world.share(10_000);
    world.repository("large", files);
    world.prepare("large", PROGRAM, &["init"]);
    // Files that are as old as the index are read each time.
    world.prepare("large", "git", &["add", "--all"]);
    let commit = ["commit", "--quiet", "-m", "a project"];
    world.prepare("large", "git", &commit);
    let (ours, control) = both(
        15,
        || cost(&mut world.with("large", PROGRAM, &["status"])),
        || cost(&mut world.with("large", "git", &["status"])),
    );
    let row = |work: String, ours, control| Row {
        work,
        unit: "ms",
        ours,
        control: Some(control),
        bar: Bar::Times(2.0),
    };
    vec![
        row(
            format!("status, {files} files, wall, over git status"),
            ours.wall_ms(),
            control.wall_ms(),
        ),
        row(
            format!("status, {files} files, CPU, over git status"),
            ours.cpu_ms(),
            control.cpu_ms(),
        ),
    ]
}
