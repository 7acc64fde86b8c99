//! Tests of the verdict rules.

use crate::base::ids::ContentHash;
use crate::base::ids::RecordId;
use crate::base::source::Span;
use crate::model::spec::types::Criterion;
use crate::model::spec::types::Status;
use crate::model::spec::verdict::Activity;
use crate::model::spec::verdict::Binding;
use crate::model::spec::verdict::DerivedStatus;
use crate::model::spec::verdict::Progress;
use crate::model::spec::verdict::Standing;
use crate::model::spec::verdict::Verdict;
use crate::model::spec::verdict::VerdictOutcome;
use crate::model::spec::verdict::criterion_text;
use crate::model::spec::verdict::standing;

fn criterion(ticked: bool) -> Criterion {
    Criterion {
        id: "ac-1".parse().expect("an id"),
        text: "it  works".to_owned(),
        ticked,
        tick: Span::new(0, 1),
        verify: None,
        span: Span::new(0, 1),
    }
}

/// Verdicts from words such as `+aab`: outcome, then one letter each for tree, text, command.
/// They are one second apart. `now` has the same three letters; `-` is none.
#[track_caller]
fn check(words: &str, now: &str, ticked: bool, expected: &str) {
    let tree = |letter: &str| letter.repeat(40).parse().expect("an object id");
    let verdicts: Vec<Verdict> = words
        .split_whitespace()
        .zip(1_u64..)
        .map(|(word, at)| Verdict {
            record: RecordId::new(ulid::Ulid::from_parts(at, 0)),
            spec: "7k3q9x2".parse().expect("an id"),
            criterion: if word.ends_with('?') { "ac-2" } else { "ac-1" }
                .parse()
                .expect("an id"),
            tree: tree(&word[1..2]),
            text_hash: ContentHash::new(&word[2..3]),
            command_hash: ContentHash::new(&word[3..4]),
            outcome: if word.starts_with('+') {
                VerdictOutcome::Passed
            } else {
                VerdictOutcome::Failed
            },
            at_ms: at * 1000,
        })
        .collect();
    let given = |at: usize| Some(&now[at..=at]).filter(|letter| *letter != "-");
    let binding = Binding {
        tree: given(0).map(tree),
        text_hash: ContentHash::new(&now[1..2]),
        command_hash: given(2).map(ContentHash::new),
    };
    let spec = "7k3q9x2".parse().expect("an id");
    let forward = standing(&spec, &criterion(ticked), &binding, &verdicts);
    let backward = standing(&spec, &criterion(ticked), &binding, verdicts.iter().rev());
    assert_eq!(
        forward, backward,
        "the order in which verdicts are known does not count"
    );
    let shown = match forward {
        Standing::Stale { changed } => {
            format!(
                "stale {}{}{}",
                u8::from(changed.tree),
                u8::from(changed.text),
                u8::from(changed.command)
            )
        }
        other => other.as_str().to_owned(),
    };
    assert_eq!(shown, expected, "{words} now {now}");
}

#[test]
fn the_latest_verdict_on_exactly_this_wins() {
    check("", "aaa", false, "unverified");
    check("", "aaa", true, "merely ticked");
    check("+aaa", "aaa", false, "passed, never seen red");
    check("-aaa", "aaa", true, "failed");
    check("-aaa +aaa", "aaa", false, "proved");
    check("+aaa -aaa", "aaa", true, "failed");
    check("-aaa +aaa -baa", "aaa", false, "proved");
}

#[test]
fn red_counts_for_the_same_text_and_command_before_the_proof() {
    check("-baa +aaa", "aaa", false, "proved");
    check("-aba +aaa", "aaa", false, "passed, never seen red");
    check("-aab +aaa", "aaa", false, "passed, never seen red");
    check("+aaa -baa", "aaa", false, "passed, never seen red");
    check("-aaa? +aaa", "aaa", false, "passed, never seen red");
}

#[test]
fn a_proof_of_something_else_is_stale() {
    check("+baa", "aaa", true, "stale 100");
    check("+aba", "aaa", false, "stale 010");
    check("+bab", "aaa", false, "stale 101");
    check("+aaa", "aa-", true, "stale 001");
    check("+aaa", "-aa", true, "stale 100");
    check("+baa +aba", "aaa", false, "stale 010");
    check("-baa", "aaa", false, "unverified");
    check("-baa", "aaa", true, "merely ticked");
    check("+aaa?", "aaa", false, "unverified");
}

#[test]
fn ticking_does_not_change_what_is_hashed() {
    assert_eq!(criterion_text(&criterion(true)), "it works");
    assert_eq!(
        criterion_text(&criterion(true)),
        criterion_text(&criterion(false))
    );
}

#[test]
fn the_shown_status_is_derived() {
    let proved = Standing::Proved { seen_red: true };
    let of = |stored, standings: &[Standing], activity| {
        DerivedStatus::of(stored, Progress::of(standings.iter().copied(), 0), activity).as_str()
    };
    assert_eq!(
        of(Status::Ready, &[proved, proved], Activity::Idle),
        "verified"
    );
    assert_eq!(
        of(
            Status::Ready,
            &[proved, Standing::MerelyTicked],
            Activity::Idle
        ),
        "ready"
    );
    assert_eq!(of(Status::Ready, &[], Activity::Idle), "ready");
    assert_eq!(
        of(Status::Done, &[proved, Standing::Failed], Activity::Idle),
        "failing"
    );
    assert_eq!(of(Status::Done, &[proved], Activity::Idle), "done");
    assert_eq!(
        of(Status::Dropped, &[Standing::Failed], Activity::Idle),
        "dropped"
    );
    assert_eq!(of(Status::Draft, &[proved], Activity::Running), "running");
    assert_eq!(of(Status::Ready, &[], Activity::Waiting), "waiting");
}
