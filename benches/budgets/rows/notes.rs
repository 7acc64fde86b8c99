//! Many lines of notes at once, over `git notes append` for each.

use crate::table::Row;
use crate::world::World;

/// Needs the feature `internals`: no command writes so many lines yet.
#[cfg(not(feature = "internals"))]
pub(crate) fn measure(_: &World) -> Vec<Row> {
    eprintln!("the rows of notes need `--features internals`");
    Vec::new()
}

/// Lines about as many commits, and about one, as one batch of ours and as one call of Git for
/// each.
#[cfg(feature = "internals")]
pub(crate) fn measure(world: &World) -> Vec<Row> {
    use std::fmt::Write as _;
    use std::process::Stdio;

    use crate::measure::{Costs, cost};
    use crate::rows::internals;
    use crate::table::Bar;

    let lines = world.share(1_000);
    let mut stream = String::new();
    for number in 0..lines {
        let _ = write!(
            stream,
            "commit refs/heads/main\ncommitter A <a@b> {number} +0000\ndata 1\nx\n"
        );
    }
    world.write("stream", &stream);
    let fresh = |name: &str| {
        world.prepare("", "git", &["init", "--quiet", name]);
        let stream = std::fs::File::open(world.path("stream")).expect("it was written");
        let mut import = world.with(name, "git", &["fast-import", "--quiet"]);
        let status = import.stdin(Stdio::from(stream)).status();
        assert!(status.expect("git starts").success(), "git fast-import");
    };
    let mut rows = Vec::new();
    for (work, shown) in [
        ("append-notes", "of many commits"),
        ("append-lines", "of one commit"),
    ] {
        let mut ours = Costs::default();
        for round in 0..5 {
            let name = format!("{work}-{round}");
            fresh(&name);
            ours.push(cost(&mut internals::command(world, &name, work)));
            let written = world.prepare(&name, "git", &["notes", "--ref", "mmm/metrics", "list"]);
            let expected = if work == "append-lines" { 1 } else { lines };
            assert_eq!(written.lines().count(), expected, "the notes are there");
        }
        let plain = format!("{work}-plain");
        fresh(&plain);
        let on = if work == "append-lines" {
            "HEAD"
        } else {
            "$commit"
        };
        let each = format!(
            "git rev-list HEAD | while read -r commit; do git notes --ref mmm/metrics append \
             -m \"a line of about as many bytes as ours, $commit\" {on} 2>/dev/null; done"
        );
        let mut control = Costs::default();
        control.push(cost(&mut world.with(&plain, "sh", &["-c", &each])));
        rows.push(Row {
            work: format!("{lines} lines in notes {shown}, CPU, over git notes append"),
            unit: "ms",
            ours: ours.cpu_ms(),
            control: Some(control.cpu_ms()),
            bar: Bar::TimesLess(if lines < 1_000 { 10.0 } else { 100.0 }),
        });
    }
    rows
}
