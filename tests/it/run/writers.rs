//! Many runs at once: what was acknowledged is there.

use std::time::Duration;

use crate::run::fixture::{assert_sound, configure, runs, workflow};
use crate::support::{Child, TestRepo, let_pass};

const LIMIT: Duration = Duration::from_mins(5);

fn together(count: usize, formats: (&'static str, &'static str)) {
    let repo = TestRepo::builder()
        .with_object_format(formats.0)
        .with_ref_format(formats.1)
        .real_clock()
        .build();
    configure(&repo.here(), "");
    workflow(&repo.here(), "main", "  a:\n    steps: [{run: 'true'}]\n");
    let mut children: Vec<Child> = (0..count)
        .map(|_| repo.spawn(["run", "-w", "main", "--json"]))
        .collect();
    // Every fifth is killed, each a little later than the one before.
    for child in children.iter_mut().skip(3).step_by(5) {
        let_pass(Duration::from_millis(60));
        child.signal("KILL");
    }
    let mut acknowledged = Vec::new();
    for child in children {
        let run = child.wait(LIMIT);
        match run.code {
            0 => acknowledged.push(crate::run::fixture::told(&run)),
            137 => {}
            _ => panic!("{run}"),
        }
    }
    assert!(
        acknowledged.len() >= count * 3 / 5,
        "{} of {count}",
        acknowledged.len()
    );
    let note = repo.git(["notes", "--ref=mmm/runs", "show", "HEAD"]);
    for run in &acknowledged {
        assert_eq!(note.matches(run.as_str()).count(), 1, "{run} in {note}");
    }
    // Those that were killed are completed.
    for (run, status) in runs(&repo.here()) {
        if matches!(status.as_str(), "interrupted" | "running") {
            repo.mmm(["run", "--resume", &run]).assert_ok();
        }
    }
    let all = runs(&repo.here());
    assert!(all.iter().all(|(_, status)| status == "success"), "{all:?}");
    let note = repo.git(["notes", "--ref=mmm/runs", "show", "HEAD"]);
    let lines = note.lines().filter(|line| line.contains(" run ")).count();
    assert_eq!(lines, all.len(), "{note}");
    assert_sound(&repo.here());
}

#[test]
fn writers_soak() {
    let count = if std::env::var_os("MMM_SOAK").is_some() {
        64
    } else {
        16
    };
    together(count, ("sha1", "files"));
    if count == 64 {
        together(count, ("sha256", "reftable"));
    }
}
