//! Which parts of a run are chosen.

use std::collections::BTreeMap;

use super::{Scope, Unclear, choose, failed, find, rest, unmet};
use crate::base::source::{SourceText, Span};
use crate::model::run::event::{JobExpanded, StepEnd, StepFinish};
use crate::model::run::{AttemptName, Event, Outcome, RecordedEvent, RunState};
use crate::model::workflow::{self, Bundle, Workflow};
use crate::state::format::yaml;

fn load(text: &str) -> Workflow {
    let source = SourceText::new(".mmm/workflows/test.yaml", text);
    let root = yaml::read(&source, Span::new(0, text.len())).expect("it is YAML");
    let (workflow, problems) = workflow::parse::parse(&source, &root);
    let errors: Vec<_> = problems.iter().filter(|it| it.is_error()).collect();
    assert!(errors.is_empty(), "{text}: {errors:?}");
    workflow.expect("there is no error")
}

const MAIN: &str = "jobs:
  a:
    steps:
      - {id: make, run: 'true'}
      - {run: 'true'}
      - {id: unique, run: 'true'}
  m:
    needs: a
    strategy: {fail-fast: false, matrix: {x: [1, 2]}}
    steps: [{id: make, run: 'true'}, {run: 'true'}]
  c:
    needs: a
    steps: [{id: call, workflow: other}, {run: 'true'}]
  last: {needs: [m, c], steps: [{run: 'true'}]}
  alone: {steps: [{run: 'true'}]}
";

const OTHER: &str = "on: {workflow_call: {}}
jobs:
  x: {steps: [{id: in-x, run: 'true'}]}
  y: {needs: x, steps: [{run: 'true'}]}
";

struct Known {
    main: Workflow,
    called: BTreeMap<String, Workflow>,
    state: RunState,
}

impl Known {
    fn bundle(&self) -> Bundle<'_> {
        Bundle {
            main: &self.main,
            called: &self.called,
        }
    }
}

/// A run in which every step ran; those named failed, and so did their jobs.
fn over(failed: &[&str]) -> Known {
    let called = [("other".to_owned(), load(OTHER))].into_iter().collect();
    let main = load(MAIN);
    let mut state = RunState::default();
    let mut apply = |event| state.apply(&RecordedEvent { at_ms: 1, event });
    let jobs: [(&str, &[&str]); 8] = [
        ("a", &["make", "2", "unique"]),
        ("m@1", &["make", "2"]),
        ("m@2", &["make", "2"]),
        ("c", &["call", "2"]),
        ("c+call+x", &["in-x"]),
        ("c+call+y", &["1"]),
        ("last", &["1"]),
        ("alone", &["1"]),
    ];
    apply(Event::JobExpanded(Box::new(JobExpanded {
        job: "m".to_owned(),
        legs: vec!["{\"x\":1}".to_owned(), "{\"x\":2}".to_owned()],
        fail_fast: false,
        max_parallel: None,
    })));
    let finished = |job: &str, bad: bool| Event::JobFinished {
        job: job.to_owned(),
        result: if bad {
            Outcome::Failure
        } else {
            Outcome::Success
        },
        continued: false,
        outputs: Vec::new(),
        reason: None,
    };
    for (job, steps) in jobs {
        apply(Event::JobStarted {
            job: job.to_owned(),
        });
        let mut bad = false;
        for step in steps {
            let fails = failed.contains(&format!("{job}.{step}").as_str());
            bad |= fails;
            let attempt = AttemptName {
                job: job.to_owned(),
                step: (*step).to_owned(),
                number: 1,
            };
            let finish = StepFinish {
                outcome: if fails {
                    Outcome::Failure
                } else {
                    Outcome::Success
                },
                end: StepEnd::Code(i32::from(fails)),
                cause: None,
                elapsed_ms: 0,
                output_bytes: 0,
                dropped: None,
            };
            apply(Event::StepFinished(attempt, finish));
        }
        apply(finished(job, bad));
    }
    let bad = failed.iter().any(|step| step.starts_with('m'));
    apply(finished("m", bad));
    Known {
        main,
        called,
        state,
    }
}

/// `jobs… | job.step…`.
fn shown(reset: &crate::model::run::event::Reset) -> String {
    let steps = reset
        .steps
        .iter()
        .map(|(job, step)| format!("{job}.{step}"));
    let steps: Vec<String> = steps.collect();
    format!("{} | {}", reset.jobs.join(" "), steps.join(" "))
}

#[track_caller]
fn check(text: &str, scope: Scope, expected: &str) {
    let known = over(&[]);
    let target = find(known.bundle(), &known.state, text).expect("there is one");
    let reset = choose(known.bundle(), &known.state, &target, scope);
    assert_eq!(shown(&reset), expected, "{text}");
}

#[test]
fn from_a_step_means_all_that_builds_on_it() {
    check("a", Scope::From, "a c last m | ");
    check("a.2", Scope::From, "c last m | a.2 a.unique");
    check("m@2.make", Scope::From, "last | m@2.2 m@2.make");
    check("m", Scope::From, "last m | ");
    check(
        "c+call+x.in-x",
        Scope::From,
        "c+call+y last | c.2 c+call+x.in-x",
    );
    check("alone", Scope::From, "alone | ");
}

#[test]
fn downstream_means_the_same_without_the_step() {
    check("a", Scope::Downstream, "c last m | ");
    check("a.1", Scope::Downstream, "c last m | a.2 a.unique");
    check("c+call+y", Scope::Downstream, "last | c.2");
    check("last.1", Scope::Downstream, " | ");
}

#[test]
fn only_means_one_thing() {
    check("a", Scope::Only, "a | ");
    check("a.3", Scope::Only, " | a.unique");
    check("unique", Scope::Only, " | a.unique");
    check("c+call+x", Scope::Only, "c+call+x | ");
}

#[test]
fn names_that_say_too_little_are_refused() {
    let known = over(&[]);
    let found = |text| find(known.bundle(), &known.state, text);
    let several = |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned());
        Err(Unclear::Several(names.collect()))
    };
    assert_eq!(found("make"), several(&["a.make", "m@1.make", "m@2.make"]));
    assert_eq!(found("m.2"), several(&["m@1.2", "m@2.2"]));
    for text in ["b", "a.4", "m@3", "a.", "", ".", "2"] {
        let Err(Unclear::Unknown(known)) = found(text) else {
            panic!("{text}: {:?}", found(text));
        };
        assert!(known.contains(&"c+call+x.in-x".to_owned()), "{known:?}");
    }
}

#[test]
fn what_failed_is_chosen_with_what_needs_it() {
    let chosen = |bad: &[&str]| {
        let known = over(bad);
        shown(&failed(known.bundle(), &known.state))
    };
    assert_eq!(chosen(&["m@2.make"]), "last m@2 | ");
    assert_eq!(chosen(&["alone.1"]), "alone | ");
    assert_eq!(chosen(&["c.call"]), "c last | ");
    assert_eq!(chosen(&["a.2", "m@1.2"]), "a c last m m@1 | ");
    assert_eq!(chosen(&[]), " | ");
}

#[test]
fn what_does_not_run_alone_is_left_out() {
    let known = over(&[]);
    let (bundle, mut state) = (known.bundle(), RunState::default());
    let target = find(bundle, &state, "c.2").expect("there is one");
    assert_eq!(unmet(bundle, &state, &target), ["a"]);
    let mut apply = |event| state.apply(&RecordedEvent { at_ms: 1, event });
    apply(Event::JobStarted {
        job: "a".to_owned(),
    });
    let target = find(bundle, &state, "a.2").expect("there is one");
    assert!(unmet(bundle, &state, &target).is_empty());
    let left: Vec<String> = rest(bundle, &state, &target)
        .into_iter()
        .map(|event| match event {
            Event::StepSkipped { job, step } => format!("{job}.{step}"),
            Event::JobFinished { job, .. } => job,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(left, ["a.make", "a.unique", "m", "c", "last", "alone"]);
}

#[test]
fn a_step_of_each_leg_is_none_of_what_the_legs_call() {
    let mut known = over(&[]);
    known.main =
        load("jobs:\n  a: {strategy: {matrix: {x: [1]}}, steps: [{id: call, workflow: other}]}\n");
    known.state = RunState::default();
    let expanded = JobExpanded {
        job: "a".to_owned(),
        legs: vec!["{\"x\":1}".to_owned()],
        fail_fast: false,
        max_parallel: None,
    };
    let started = ["a", "a@1", "a@1+call+x"].map(|job| Event::JobStarted {
        job: job.to_owned(),
    });
    let events = [Event::JobExpanded(Box::new(expanded))].into_iter();
    for event in events.chain(started) {
        known.state.apply(&RecordedEvent { at_ms: 1, event });
    }
    let found = |text| find(known.bundle(), &known.state, text);
    assert_eq!(found("a.call").expect("there is one").name(), "a@1.call");
    assert!(found("a.in-x").is_err());
    let below = found("a@1+call+x.in-x").expect("there is one");
    assert_eq!(below.name(), "a@1+call+x.in-x");
}
