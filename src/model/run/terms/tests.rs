//! Who may answer what, and what the clock answers.

use super::{EXPIRED, Terms, meaning};
use crate::base::ids::ContentHash;
use crate::model::run::event::{
    Answer, CheckpointKind, CheckpointOpened, Event, Outcome, RecordedEvent,
};
use crate::model::run::state::{RunState, RunStatus};
use crate::model::workflow::definition::OnTimeout;

fn opened(terms: Terms) -> RecordedEvent {
    let tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
    let opened = CheckpointOpened {
        number: 1,
        job: "a".to_owned(),
        step: "1".to_owned(),
        kind: CheckpointKind::Step,
        name: "look".to_owned(),
        message: String::new(),
        branch: None,
        tree: tree.parse().expect("an id"),
        hash: ContentHash::new("cd"),
        terms,
    };
    RecordedEvent {
        at_ms: 100,
        event: Event::CheckpointOpened(Box::new(opened)),
    }
}

fn expiring(on_timeout: OnTimeout, options: &[&str]) -> Terms {
    Terms {
        options: options.iter().map(|option| (*option).to_owned()).collect(),
        expires_ms: Some(200),
        on_timeout,
        ..Terms::default()
    }
}

#[test]
fn an_address_counts_in_any_case() {
    let mut terms = Terms::default();
    assert!(terms.admits("eve@example.org"));
    terms.approvers = vec!["Ada@example.org".to_owned()];
    assert!(terms.admits("ada@EXAMPLE.org"));
    assert!(!terms.admits("eve@example.org"));
    assert!(!terms.admits(""));
}

#[test]
fn the_clock_answers_what_the_checkpoint_says() {
    let check = |on_timeout, options: &[&str], option: &str, fails: bool| {
        let mut state = RunState::fold(&[opened(expiring(on_timeout, options))]);
        assert!(state.expiries(199).is_empty());
        assert!(!state.is_expired(199) && state.is_expired(200));
        let expiries = state.expiries(200);
        let [answered] = expiries.as_slice() else {
            panic!("one answer");
        };
        assert_eq!(answered.option, option);
        assert_eq!(answered.answer, meaning(option));
        assert_eq!(answered.who, EXPIRED);
        state.apply(&RecordedEvent {
            at_ms: 500,
            event: Event::CheckpointAnswered(Box::new(answered.clone())),
        });
        assert!(state.expiries(200).is_empty() && state.next_expiry().is_none());
        assert_eq!(state.checkpoints[0].answered_at_ms(), Some(200));
        assert_eq!(state.has_failed_by_clock(), fails);
    };
    check(OnTimeout::Reject, &["go", "reject"], "reject", false);
    check(OnTimeout::Approve, &["reject", "go", "stay"], "go", false);
    check(OnTimeout::Fail, &["go"], "reject", true);
    assert_eq!(meaning("go"), Answer::Approve);
}

#[test]
fn a_run_that_waits_too_long_is_shown_so() {
    let mut state = RunState::fold(&[opened(expiring(OnTimeout::Reject, &["go"]))]);
    state.parked = Some(crate::model::run::event::ParkReason::Checkpoint);
    assert_eq!(state.status_at(false, 199), RunStatus::Waiting);
    assert_eq!(state.status_at(false, 200), RunStatus::Expired);
    assert_eq!(state.status_at(true, 200), RunStatus::Running);
    // Its engine died before it came to stand still.
    state.parked = None;
    assert_eq!(state.status_at(false, 199), RunStatus::Interrupted);
    assert_eq!(state.status_at(false, 200), RunStatus::Expired);
    let mut cancelled = state.clone();
    cancelled.cancel_requested = true;
    assert_eq!(cancelled.status_at(false, 200), RunStatus::Interrupted);
    let mut undone = state.clone();
    undone.checkpoints[0].undone = true;
    assert_eq!(undone.status_at(false, 200), RunStatus::Interrupted);
    let mut answered = state.clone();
    for answer in state.expiries(200) {
        let event = Event::CheckpointAnswered(Box::new(answer));
        answered.apply(&RecordedEvent { at_ms: 201, event });
    }
    assert_eq!(answered.status_at(false, 201), RunStatus::Expired);
    state.outcome = Some(Outcome::Success);
    assert_eq!(
        state.status_at(false, 200),
        RunStatus::Finished(Outcome::Success)
    );
}

#[test]
fn the_usual_terms_are_not_part_of_what_is_shown() {
    assert_eq!(Terms::default().shown(), "");
    let terms = Terms {
        text_required: true,
        approvers: vec!["ada@example.org".to_owned()],
        ..expiring(OnTimeout::Fail, &["go", "reject"])
    };
    assert_eq!(
        terms.shown(),
        "option go\noption reject\ntext required\nexpires 200 fail\napprover ada@example.org"
    );
}
