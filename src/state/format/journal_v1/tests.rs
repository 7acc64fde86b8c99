//! Every kind of event comes back as it was written.

use super::{LineError, decode, encode};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::base::ids::{ContentHash, ObjectId};
use crate::model::run::carry::EarlierTries;
use crate::model::run::event::{
    Answer, AttemptName, CheckpointAnswered, CheckpointKind, CheckpointOpened, Dropped, Event,
    JobExpanded, JobIsolated, JobMerged, Outcome, ParkReason, RecordedEvent, Reset, RunSpec,
    RunStart, SignedAnswer, StepCause, StepEnd, StepFinish, StepOutputs, VerificationPhase,
};
use crate::model::run::terms::Terms;
use crate::model::workflow::definition::OnTimeout;

fn tree() -> ObjectId {
    "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
        .parse()
        .expect("an id")
}

fn attempt() -> AttemptName {
    AttemptName {
        job: "build".to_owned(),
        step: "2".to_owned(),
        number: 1,
    }
}

fn start(spec: Option<RunSpec>) -> Event {
    Event::Started(Box::new(RunStart {
        run: "01jd3v9w8x7k3q9x2m4c8tzp0m".parse().expect("an id"),
        workflow: "default".to_owned(),
        workflow_hash: ContentHash::new("ab"),
        base: spec.as_ref().map(|_| tree()),
        spec,
        branch: Some("main".to_owned()),
        tree: tree(),
        dirty: true,
        work_tree: "/w".into(),
        work_tree_key: Some("main".to_owned()),
        inputs: vec![("fast".to_owned(), "true".to_owned())],
        again: Some("01kaq9yvw00000000000000000".parse().expect("an id")),
        attempt: 3,
        who: "Ada <ada@example.org>".to_owned(),
    }))
}

fn with_dropped(reason: Option<&str>) -> Event {
    let mut event = finished(StepEnd::Code(1), None);
    if let Event::StepFinished(_, finish) = &mut event {
        finish.dropped = Some(Box::new(Dropped {
            bytes: 5,
            reason: reason.map(str::to_owned),
        }));
    }
    event
}

fn finished(end: StepEnd, cause: Option<StepCause>) -> Event {
    Event::StepFinished(
        attempt(),
        StepFinish {
            outcome: Outcome::Failure,
            end,
            cause,
            elapsed_ms: 12,
            output_bytes: 3,
            dropped: None,
        },
    )
}

#[expect(clippy::too_many_lines, reason = "one of each kind of event")]
#[test]
fn every_event_comes_back() {
    let spec = RunSpec {
        id: "7k3q9x2".parse().expect("an id"),
        slug: "login".to_owned(),
    };
    let opened = |kind, terms| {
        Event::CheckpointOpened(Box::new(CheckpointOpened {
            number: 1,
            job: "build".to_owned(),
            step: "2".to_owned(),
            kind,
            name: "review".to_owned(),
            message: "Look\n\"closely\"".to_owned(),
            branch: None,
            tree: tree(),
            hash: ContentHash::new("cd"),
            terms,
        }))
    };
    let events = [
        start(Some(spec)),
        start(None),
        Event::EngineStarted {
            pid: 7,
            work_tree: None,
        },
        Event::EngineStarted {
            pid: 7,
            work_tree: Some(OsStr::from_bytes(b"/nu\xff%").into()),
        },
        Event::VerificationStarted {
            phase: VerificationPhase::After,
            tree: tree(),
            criteria: vec!["ac-7k3q".parse().expect("an id")],
        },
        Event::CodeChanged {
            phase: VerificationPhase::After,
            tree: tree(),
        },
        Event::JobStarted {
            job: "build".to_owned(),
        },
        Event::JobFinished {
            job: "build".to_owned(),
            result: Outcome::Skipped,
            continued: false,
            outputs: Vec::new(),
            reason: None,
        },
        Event::JobFinished {
            job: "build".to_owned(),
            result: Outcome::Failure,
            continued: true,
            outputs: vec![("a".to_owned(), "b\n".to_owned())],
            reason: Some("if: no".to_owned()),
        },
        Event::JobExpanded(Box::new(JobExpanded {
            job: "build".to_owned(),
            legs: vec![r#"{"os":"linux"}"#.to_owned()],
            fail_fast: true,
            max_parallel: Some(2),
        })),
        Event::JobIsolated(Box::new(JobIsolated {
            job: "build".to_owned(),
            branch: "mmm/work/x/build".to_owned(),
            base: tree(),
        })),
        Event::JobConflict {
            job: "build".to_owned(),
            paths: vec!["a".to_owned()],
        },
        Event::JobMerged(Box::new(JobMerged {
            job: "build".to_owned(),
            commit: Some(tree()),
            left: None,
            conflicts: Vec::new(),
        })),
        Event::JobMerged(Box::new(JobMerged {
            job: "build".to_owned(),
            commit: None,
            left: Some("mmm/work/x/build".to_owned()),
            conflicts: vec!["a".to_owned()],
        })),
        Event::CallStarted {
            job: "build".to_owned(),
            step: "2".to_owned(),
        },
        Event::StepOutputs(Box::new(StepOutputs {
            attempt: attempt(),
            outputs: vec![("a".to_owned(), "b".to_owned())],
            env: vec![("C".to_owned(), String::new())],
            path: vec!["/bin".to_owned()],
        })),
        Event::StepRetried {
            attempt: attempt(),
            due_ms: 17,
        },
        Event::StepContinued {
            job: "build".to_owned(),
            step: "2".to_owned(),
        },
        finished(StepEnd::Unusable("no".to_owned()), None),
        Event::StepStarted(attempt()),
        finished(StepEnd::Code(3), None),
        finished(StepEnd::Signal(9), Some(StepCause::TimedOut)),
        finished(
            StepEnd::NotStarted("no such file".to_owned()),
            Some(StepCause::Cancelled),
        ),
        finished(StepEnd::Answered, None),
        with_dropped(None),
        with_dropped(Some("the disk is full")),
        Event::StepSkipped {
            job: "build".to_owned(),
            step: "3".to_owned(),
        },
        Event::AttemptLost(attempt()),
        Event::RerunLost(attempt()),
        opened(CheckpointKind::Step, Terms::default()),
        opened(
            CheckpointKind::Step,
            Terms {
                options: vec!["ship".to_owned(), "reject".to_owned()],
                text_required: true,
                expires_ms: Some(9),
                on_timeout: OnTimeout::Fail,
                approvers: vec!["ada@example.org".to_owned()],
            },
        ),
        opened(
            CheckpointKind::Edited(vec![".mmm/workflows/a.yaml".to_owned()]),
            Terms::default(),
        ),
        opened(
            CheckpointKind::Conflict(vec!["src/a.rs".to_owned()]),
            Terms::default(),
        ),
        Event::CheckpointAnswered(Box::new(CheckpointAnswered {
            number: 1,
            answer: Answer::Reject,
            option: "reject".to_owned(),
            who: "Ada <ada@example.org>".to_owned(),
            message: String::new(),
            hash: ContentHash::new("cd"),
            tree: tree(),
            by_clock: true,
            signed: None,
        })),
        Event::CheckpointAnswered(Box::new(CheckpointAnswered {
            number: 1,
            answer: Answer::Approve,
            option: "ship".to_owned(),
            who: "Ada <ada@example.org>".to_owned(),
            message: "fine".to_owned(),
            hash: ContentHash::new("cd"),
            tree: tree(),
            by_clock: false,
            signed: Some(SignedAnswer {
                commit: tree(),
                at_ms: 7,
            }),
        })),
        Event::Parked {
            reason: ParkReason::Lost,
        },
        Event::CancelRequested,
        Event::Reopened,
        Event::Reset(Box::new(Reset {
            jobs: vec!["build".to_owned()],
            steps: vec![("test@2".to_owned(), "2".to_owned())],
        })),
        Event::Carried {
            from: "01kaq9yvw00000000000000000".parse().expect("an id"),
            tried: vec![EarlierTries {
                job: "test@2".to_owned(),
                step: "2".to_owned(),
                elapsed_ms: 1_500,
            }],
        },
        Event::Finished {
            outcome: Outcome::Success,
        },
    ];
    let page = include_str!("../../../../docs/formats.md");
    for event in events {
        let recorded = RecordedEvent { at_ms: 5, event };
        let line = encode(&recorded).expect("encodes");
        let kind = line.split('"').nth(7).unwrap_or_default();
        assert!(page.contains(&format!("`{kind}`")), "`{kind}` is nowhere");
        assert_eq!(line.matches('\n').count(), 1, "{line}");
        assert_eq!(
            decode(line.trim_end()).expect("decodes"),
            recorded,
            "{line}"
        );
    }
}

#[test]
fn what_is_not_known_is_refused() {
    let line = encode(&RecordedEvent {
        at_ms: 5,
        event: start(None),
    })
    .expect("encodes");
    let newer = line.replace("\"format\":1", "\"format\":2");
    assert!(matches!(decode(&newer), Err(LineError::Newer { found: 2 })));
    assert!(decode(r#"{"at":1,"event":{"kind":"teleported"}}"#).is_err());
    assert!(decode(r#"{"at":1,"event":{"kind":"job-fin"#).is_err());
    assert!(decode(r#"{"at":1,"event":{"kind":"run-finished","outcome":"great"}}"#).is_err());
}

#[test]
fn a_checkpoint_of_an_older_program_has_the_usual_terms() {
    let tree = tree();
    let opened = format!(
        r#"{{"at":5,"event":{{"kind":"checkpoint-opened","number":1,"job":"a","step":"1","name":"n","message":"","tree":"{tree}","hash":"cd"}}}}"#
    );
    let Ok(Event::CheckpointOpened(opened)) = decode(&opened).map(|recorded| recorded.event) else {
        panic!("it is a checkpoint");
    };
    assert_eq!(opened.terms, Terms::default());
    for (option, answer) in [("approve", Answer::Approve), ("reject", Answer::Reject)] {
        let answered = format!(
            r#"{{"at":5,"event":{{"kind":"checkpoint-answered","number":1,"option":"{option}","who":"w","message":"","hash":"cd","tree":"{tree}"}}}}"#
        );
        let Ok(Event::CheckpointAnswered(answered)) =
            decode(&answered).map(|recorded| recorded.event)
        else {
            panic!("it is an answer");
        };
        assert_eq!(
            (answered.answer, answered.option.as_str()),
            (answer, option)
        );
        assert!(!answered.by_clock && answered.signed.is_none());
    }
}
