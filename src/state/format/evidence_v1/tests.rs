//! Evidence: what is written is read, and what is wrong has a place.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::{read, render};
use crate::base::ids::{ContentHash, CriterionId, ObjectId, RunId, SpecId};
use crate::base::limits::EVIDENCE_BYTES;
use crate::base::source::SourceText;
use crate::model::evidence::{Approval, Cost, Evidence, Omitted, StepEvidence, VerdictEvidence};
use crate::model::run::Outcome;

fn hash(digit: u8) -> ContentHash {
    ContentHash::new(char::from(b'a' + digit % 6).to_string().repeat(64))
}

fn sample() -> Evidence {
    Evidence {
        run: "01jd3v9w8x7k3q9x2m4c8tzp0m"
            .parse::<RunId>()
            .expect("an id"),
        spec: "7k3q9x2".parse::<SpecId>().expect("an id"),
        workflow: "default".to_owned(),
        workflow_hash: hash(0),
        started_ms: 1_795_362_804_000,
        ended_ms: 1_795_362_806_000,
        outcome: Outcome::Success,
        base: Some("1".repeat(40).parse::<ObjectId>().expect("an id")),
        tree: "2".repeat(64).parse().expect("an id"),
        dirty: true,
        steps: vec![StepEvidence {
            job: "test".to_owned(),
            name: "unit".to_owned(),
            outcome: Outcome::Success,
            duration_ms: 1200,
        }],
        verdicts: vec![VerdictEvidence {
            criterion: "ac-7k3q".parse::<CriterionId>().expect("an id"),
            text_hash: hash(1),
            command_hash: hash(2),
            passed: true,
            red_before: true,
        }],
        approvals: vec![Approval {
            who: "Ada <ada@example.org>".to_owned(),
            option: "approve".to_owned(),
            at_ms: 1_795_362_805_000,
            hash: hash(3),
        }],
        cost: Some(Cost {
            input_tokens: 1,
            output_tokens: 2,
            pico_usd: 3,
        }),
        omitted: Omitted::default(),
    }
}

#[test]
fn the_file_reads_well() {
    let text = render(&sample()).replace(&"a".repeat(64), "<a>");
    let start = "format = 1\nrun = \"01jd3v9w8x7k3q9x2m4c8tzp0m\"\nspec = \"7k3q9x2\"\n\
        workflow = \"default\"\nworkflow_hash = \"<a>\"\nstarted = 2026-11-22T15:53:24Z\n";
    assert!(text.starts_with(start), "{text}");
    assert!(text.contains("\n\n[[step]]\njob = \"test\"\nname = \"unit\"\noutcome = \"success\"\nms = 1200\n\n[[verdict]]\n"));
    assert!(
        text.ends_with("\n\n[cost]\ninput_tokens = 1\noutput_tokens = 2\npico_usd = 3\n"),
        "{text}"
    );
}

#[test]
fn surplus_becomes_counts_and_failures_stay() {
    let mut evidence = sample();
    let step = evidence.steps.remove(0);
    evidence.steps = vec![step; 200];
    evidence.steps[150].outcome = Outcome::Failure;
    evidence.steps[150].name = "x".repeat(500);
    let text = render(&evidence);
    assert!(text.len() <= EVIDENCE_BYTES, "{}", text.len());
    let (found, problems) = read(&SourceText::new("e.toml", text));
    assert_eq!(problems, []);
    let found = found.expect("valid");
    assert_eq!(found.steps.len() + found.omitted.steps, 200);
    let failed: Vec<_> = found
        .steps
        .iter()
        .filter(|step| step.outcome == Outcome::Failure)
        .collect();
    assert_eq!(failed.len(), 1);
    assert!(failed.iter().all(|step| step.name.ends_with("x…")));
    assert_eq!(
        (found.verdicts, found.approvals),
        (evidence.verdicts, evidence.approvals)
    );
}

fn check(change: (&str, &str), expected: &[&str]) {
    let text = render(&sample()).replacen(change.0, change.1, 1);
    let (evidence, problems) = read(&SourceText::new("e.toml", text));
    let found: Vec<String> = problems
        .iter()
        .map(|problem| {
            let line = problem.position().expect("a place").line;
            format!("{line} {} {}", problem.code, problem.message)
        })
        .collect();
    assert_eq!(found, expected);
    assert_eq!(
        evidence.is_some(),
        problems.iter().all(|problem| !problem.is_error())
    );
}

#[test]
fn problems_have_places() {
    check(("", ""), &[]);
    check(
        ("format = 1", "format = 0"),
        &["1 invalid-format `format` is not 1"],
    );
    check(
        ("format = 1", "format = 2\nextra = 1"),
        &["1 newer-format the file has format 2, and git-mmm 0.1.0 knows format 1"],
    );
    check(
        ("format = 1", "format = 1\nextra = 1"),
        &["2 unknown-key unknown key `extra`"],
    );
    check(
        ("dirty = true", "dirty = 1"),
        &["11 wrong-type `dirty` is a number, not `true` or `false`"],
    );
    check(
        ("dirty = true\n", ""),
        &["1 missing-key the key `dirty` is missing"],
    );
    check(
        ("outcome = \"success\"", "outcome = \"fine\""),
        &["8 invalid-value `fine` is not `success`, `failure`, `cancelled` or `skipped`"],
    );
    check(
        ("2026-11-22T15:53:24Z", "'soon'"),
        &["6 invalid-value `soon` is not a time"],
    );
    check(
        ("ms = 1200", "ms = -1"),
        &["17 wrong-type `step.ms` is a number, not a whole number from 0"],
    );
    check(
        ("[[step]]", "[step]"),
        &["13 wrong-type `step` is a mapping, not a list of tables"],
    );
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let name = "[a-z \"\\\\\n'é]{0,20}";
    let step =
        (name, name, 0..4_usize, 0..10_000_u64).prop_map(|(job, name, outcome, ms)| StepEvidence {
            job,
            name,
            outcome: Outcome::ALL[outcome],
            duration_ms: ms,
        });
    let verdict = (any::<u64>(), any::<u8>(), any::<bool>(), any::<bool>()).prop_map(
        |(id, digit, passed, red)| VerdictEvidence {
            criterion: CriterionId::from_random(id),
            text_hash: hash(digit),
            command_hash: hash(digit.wrapping_add(1)),
            passed,
            red_before: red,
        },
    );
    let approval = (name, name, 0..4_000_000_000_u64).prop_map(|(who, option, at)| Approval {
        who,
        option,
        at_ms: at * 1000,
        hash: hash(4),
    });
    let lists = (
        proptest::collection::vec(step, 0..5),
        proptest::collection::vec(verdict, 0..4),
        proptest::collection::vec(approval, 0..3),
    );
    (lists, any::<bool>(), 0..3_usize, name).prop_map(
        |((steps, verdicts, approvals), flag, count, workflow)| Evidence {
            steps,
            verdicts,
            approvals,
            workflow,
            dirty: flag,
            base: sample().base.filter(|_| flag),
            cost: sample().cost.filter(|_| !flag),
            omitted: Omitted {
                steps: count,
                verdicts: 0,
                approvals: 0,
            },
            ..sample()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(3),
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_written_is_read(evidence in evidence()) {
        let text = render(&evidence);
        prop_assert!(text.len() <= EVIDENCE_BYTES);
        let (found, problems) = read(&SourceText::new("e.toml", text.clone()));
        prop_assert_eq!(problems, vec![]);
        prop_assert_eq!(found.as_ref(), Some(&evidence));
        prop_assert_eq!(render(&found.expect("valid")), text);
    }
}
