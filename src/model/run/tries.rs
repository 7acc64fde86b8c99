//! Every try of the steps of a run; its state keeps only the last one of each step.

use std::collections::HashMap;

use crate::model::run::event::{AttemptName, Event, RecordedEvent, StepFinish};
use crate::model::run::state::{RunState, StepState};

/// The tries of the steps of a run, by job and step, without the last one of each.
#[derive(Debug, Default)]
pub(crate) struct Tries {
    earlier: HashMap<(String, String), Vec<StepState>>,
}

impl Tries {
    /// Folds events: where the run stands, and what was tried before.
    pub(crate) fn fold(events: &[RecordedEvent]) -> (RunState, Self) {
        let (mut state, mut tries) = (RunState::default(), Self::default());
        let mut ends: HashMap<AttemptName, StepFinish> = HashMap::new();
        for recorded in events {
            if let Event::StepStarted(next) = &recorded.event {
                tries.keep(&state, next, &mut ends);
            }
            state.apply(recorded);
            match &recorded.event {
                Event::StepFinished(attempt, finish) => {
                    ends.insert(attempt.clone(), finish.clone());
                }
                Event::Reset(_) | Event::Reopened => tries.forget(&state),
                _ => {}
            }
        }
        (state, tries)
    }

    /// A try begins: the one before it is not the last one any more.
    fn keep(
        &mut self,
        state: &RunState,
        next: &AttemptName,
        ends: &mut HashMap<AttemptName, StepFinish>,
    ) {
        let known = state.step(&next.job, &next.step);
        let Some(known) = known.filter(|known| known.begun > 0) else {
            return;
        };
        let finish = ends.remove(&AttemptName {
            number: known.attempts,
            ..next.clone()
        });
        let step = (next.job.clone(), next.step.clone());
        self.earlier.entry(step).or_default().push(StepState {
            running: false,
            outcome: finish.as_ref().map(|finish| finish.outcome),
            finish,
            ..known.clone()
        });
    }

    /// What was undone was never tried.
    fn forget(&mut self, state: &RunState) {
        self.earlier.retain(|(job, step), _| {
            let known = state.step(job, step);
            known.is_some_and(|known| known.begun > 0)
        });
    }

    /// All tries of a step in their order, the last one as it stands.
    pub(crate) fn of(&self, (job, step): (&str, &str), last: &StepState) -> Vec<StepState> {
        let key = (job.to_owned(), step.to_owned());
        let mut all = self.earlier.get(&key).cloned().unwrap_or_default();
        let mut last = last.clone();
        if last.running {
            // What is known is the end of the one before.
            last.finish = None;
        } else if last.outcome.is_none() && last.failed_try() == Some(last.attempts) {
            last.outcome = last.finish.as_ref().map(|finish| finish.outcome);
        }
        all.push(last);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::Tries;
    use crate::model::run::event::{Reset, StepEnd, StepFinish};
    use crate::model::run::{Event, Outcome, RecordedEvent};

    fn started(attempt: &str) -> Event {
        Event::StepStarted(attempt.parse().expect("an attempt"))
    }

    fn ended(attempt: &str, outcome: Outcome) -> Event {
        let finish = StepFinish {
            outcome,
            end: StepEnd::Code(0),
            cause: None,
            elapsed_ms: 1,
            output_bytes: 0,
            dropped: None,
        };
        Event::StepFinished(attempt.parse().expect("an attempt"), finish)
    }

    fn failed(attempt: &str) -> [Event; 2] {
        [ended(attempt, Outcome::Failure), again(attempt)]
    }

    fn again(attempt: &str) -> Event {
        Event::StepRetried {
            attempt: attempt.parse().expect("an attempt"),
            due_ms: 9,
        }
    }

    /// The tries of step `1` of job `a`: the number in the record, the place in their order, and
    /// what became of each.
    fn check(events: &[Event], expected: &str) {
        let events = events
            .iter()
            .cloned()
            .map(|event| RecordedEvent { at_ms: 1, event });
        let (state, tries) = Tries::fold(&events.collect::<Vec<_>>());
        let known = state.step("a", "1").expect("the step has begun");
        let all = tries.of(("a", "1"), known).into_iter().map(|step| {
            let outcome = step.outcome.map_or("-", Outcome::as_str);
            let took = step.finish.map_or("", |_| "!");
            format!("{}/{}={outcome}{took}", step.attempts, step.begun)
        });
        assert_eq!(all.collect::<Vec<_>>().join(" "), expected);
    }

    #[test]
    fn every_try_is_kept_in_its_order() {
        let first = [started("a.1.1")];
        check(&first, "1/1=-");
        let [end, retried] = failed("a.1.1");
        let waits = [first.as_slice(), &[end, retried]].concat();
        check(&waits, "1/1=failure!");
        let second = [waits.as_slice(), &[started("a.1.2")]].concat();
        check(&second, "1/1=failure! 2/2=-");
        let over = [second.as_slice(), &[ended("a.1.2", Outcome::Success)]].concat();
        check(&over, "1/1=failure! 2/2=success!");
        // A number was passed over, and nobody knows how one ended.
        let lost = Event::AttemptLost("a.1.2".parse().expect("an attempt"));
        let allowed = Event::RerunLost("a.1.2".parse().expect("an attempt"));
        let taken_up = [
            lost,
            allowed,
            started("a.1.4"),
            ended("a.1.4", Outcome::Success),
        ];
        let taken_up = [second.as_slice(), &taken_up].concat();
        check(&taken_up, "1/1=failure! 2/2=- 4/3=success!");
    }

    #[test]
    fn what_was_undone_or_tried_by_another_run_is_not_there() {
        let [end, retried] = failed("a.1.1");
        let over = [started("a.1.1"), end, retried, started("a.1.2")];
        let reset = Event::Reset(Box::new(Reset {
            jobs: Vec::new(),
            steps: vec![("a".to_owned(), "1".to_owned())],
        }));
        let undone = [over.as_slice(), &[reset, started("a.1.3")]].concat();
        check(&undone, "3/1=-");
    }
}
