//! What the program costs before it does anything.

use std::process::Command;

use crate::measure::{both, cost};
use crate::table::{Bar, Row};
use crate::world::{PROGRAM, World};

/// `--version` over that of a program with the same shape and nothing behind it.
pub(crate) fn measure(world: &World) -> Vec<Row> {
    let control = control();
    let (ours, control) = both(
        world.share(200),
        || cost(&mut world.with("", PROGRAM, &["--version"])),
        || cost(&mut world.with("", &control, &["--version"])),
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

/// Builds the control with the same profile, and gives its path.
fn control() -> String {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "build",
        "--quiet",
        "--example",
        "hello",
        "--profile",
        "bench",
    ]);
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    if cfg!(feature = "internals") {
        // Else everything would be built once more.
        cargo.args(["--features", "internals"]);
    }
    let status = cargo.status().expect("cargo starts");
    assert!(status.success(), "{cargo:?} failed");
    let folder = std::path::Path::new(PROGRAM)
        .parent()
        .expect("the program is in a folder");
    folder.join("examples/hello").to_string_lossy().into_owned()
}
