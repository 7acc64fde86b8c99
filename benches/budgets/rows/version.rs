//! What the program costs before it does anything.

use crate::measure::{both, cost};
use crate::table::{Bar, Row};
use crate::world::{PROGRAM, World};

/// `--version` over that of a program with the same shape and nothing behind it.
pub(crate) fn measure(world: &World) -> Vec<Row> {
    let Some(control) = option_env!("CARGO_BIN_EXE_clap-hello") else {
        eprintln!("the control of these rows needs `--features internals`");
        return Vec::new();
    };
    let (ours, control) = both(
        world.share(200),
        || cost(&mut world.with("", PROGRAM, &["--version"])),
        || cost(&mut world.with("", control, &["--version"])),
    );
    let row = |work: &str, ours, control| Row {
        work: work.to_owned(),
        unit: "ms",
        ours,
        control: Some(control),
        bar: Bar::Plus(1.0),
    };
    vec![
        row(
            "--version, wall, over clap alone",
            ours.wall_ms(),
            control.wall_ms(),
        ),
        row(
            "--version, CPU, over clap alone",
            ours.cpu_ms(),
            control.cpu_ms(),
        ),
    ]
}
