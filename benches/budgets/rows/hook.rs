//! What an installed hook costs every commit when nothing waits for it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::measure::{both, cost};
use crate::table::{Bar, Row};
use crate::world::{PROGRAM, World};

/// The gate as it is installed.
const GATE: &str = include_str!("../../../hooks/gate.sh");

/// `git commit` with the gate as `post-commit` hook, over one without any hook.
pub(crate) fn measure(world: &World) -> Vec<Row> {
    world.repository("hooked", 200);
    world.repository("plain", 200);
    let armed = world.path("hooked/.git/mmm/on/post-commit");
    let gate = GATE
        .replace("@EVENT@", "post-commit")
        .replace("@PROGRAM@", &format!("'{PROGRAM}'"))
        .replace("@ARMED@", &format!("'{}'", armed.display()));
    world.write("hooked/.git/hooks/post-commit", &gate);
    let hook = world.path("hooked/.git/hooks/post-commit");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).expect("an executable hook");
    let commit = ["commit", "--quiet", "--allow-empty", "-m", "again"];
    let (ours, control) = both(
        world.share(200),
        || cost(&mut world.with("hooked", "git", &commit)),
        || cost(&mut world.with("plain", "git", &commit)),
    );
    let row = |work: &str, ours, control| Row {
        work: work.to_owned(),
        unit: "ms",
        ours,
        control: Some(control),
        bar: Bar::Plus(2.0),
    };
    vec![
        row(
            "git commit with an unarmed hook, wall",
            ours.wall_ms(),
            control.wall_ms(),
        ),
        row(
            "git commit with an unarmed hook, CPU",
            ours.cpu_ms(),
            control.cpu_ms(),
        ),
    ]
}
