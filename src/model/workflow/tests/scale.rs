//! Large and senseless files: nothing panics, nothing is quadratic.

use std::fmt::Write;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::load;
use super::render;
use super::valid;
use crate::base::diagnostic::Problem;
use crate::model::workflow::plan;

/// Jobs in a row, each needing the one before and the one at half its number.
fn chain(jobs: usize, last_needs: &str) -> String {
    let mut text = "jobs:\n  j0: {steps: [run: x]}\n".to_owned();
    for job in 1..jobs {
        let needs = match job {
            1 => "j0".to_owned(),
            _ => format!("j{}, j{}", job - 1, (job - 1) / 2),
        };
        writeln!(text, "  j{job}: {{needs: [{needs}], steps: [run: x]}}").expect("memory");
    }
    text + last_needs
}

#[test]
fn ten_thousand_jobs_in_a_row() {
    let workflow = valid(&chain(10_000, ""));
    assert_eq!(plan::layers(&workflow.jobs).len(), 10_000);
}

#[test]
fn a_cycle_through_ten_thousand_jobs() {
    let text = chain(10_000, "").replacen("j0: {", "j0: {needs: [j9999], ", 1);
    let (_, problems) = load(&text);
    assert!(!problems.is_empty());
    assert!(problems.iter().any(|problem| problem.code == "cycle"));
}

#[test]
fn ten_thousand_wrong_names() {
    let text = chain(10_000, "").replace("needs: [j", "needs: [wrong");
    let (_, problems) = load(&text);
    assert_eq!(problems.len(), 201);
}

#[test]
fn more_jobs_than_allowed() {
    let (_, problems) = load(&chain(10_001, ""));
    assert_eq!(
        render(&problems),
        "1:1 too-many-jobs a workflow has at most 10000 jobs\n"
    );
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x77_6f_72_6b),
        ..ProptestConfig::default()
    })]

    #[test]
    fn line_soup_never_panics(lines in proptest::collection::vec(
        (0usize..5, prop::sample::select(vec![
            "jobs:", "a:", "b:", "steps:", "- run: x", "- checkpoint: y", "needs: a", "needs: [a, b]",
            "if: ${{ steps.x.outcome }}", "if: always(", "env: {A: '${{ spec.t }}'}", "env:", "A: 1",
            "id: x", "run: ${{ env.A }}", "run: |", "  ${{ spec.title }}", "name: \"\\x41 ${{ q }}\"",
            "shell: x {0}", "timeout-minutes: 1", "- &x {run: x}", "- *x", "<<: *x", "uses: z", "é: ü",
        ])),
        0..20,
    )) {
        let mut text = String::new();
        for (depth, line) in &lines {
            writeln!(text, "{}{line}", "  ".repeat(*depth)).expect("memory");
        }
        let (workflow, problems) = load(&text);
        let failed = problems.iter().any(Problem::is_error);
        prop_assert_eq!(workflow.is_none(), failed);
        if let Some(workflow) = workflow {
            let planned: usize = plan::layers(&workflow.jobs).iter().map(Vec::len).sum();
            prop_assert_eq!(planned, workflow.jobs.len());
        }
    }
}
