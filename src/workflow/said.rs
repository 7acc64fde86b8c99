//! What a step said in the lines that it printed, read when it has ended: annotations, outputs in
//! the old way, and whether it failed by it.

use std::path::Path;

use crate::base::limits::MATCHER_FILE_BYTES;
use crate::base::step_command::{BRACKET, COLONS};
use crate::model::problem_matcher::{MatcherConfig, Matchers};
use crate::model::run::event::{Named, StepAnnotations, StepFinish};
use crate::model::run::schedule::Schedule;
use crate::model::run::{AttemptName, Event};
use crate::model::step_commands::{self, Speech, Workplace};
use crate::model::workflow::Step;
use crate::state::format::matcher_v1;
use crate::sys::files;
use crate::workflow::Error;
use crate::workflow::driver::Driver;

/// What the commands that change the matchers of a job have in their names.
const MATCHER_COMMANDS: &str = "-matcher";

/// What a step said, as far as it counts for what comes after it.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Outputs that were set in the old way.
    pub(super) outputs: Vec<Named>,
    /// Why it has failed by it.
    pub(super) problems: Vec<String>,
}

/// The work tree that a step ran in.
struct WorkTree {
    top: String,
}

impl Workplace for WorkTree {
    fn top(&self) -> &str {
        &self.top
    }

    fn is_file(&self, path: &str) -> bool {
        Path::new(&self.top).join(path).is_file()
    }

    fn matchers(&self, path: &str) -> Result<Vec<MatcherConfig>, String> {
        let file = Path::new(&self.top).join(path);
        // A device is not even opened.
        if file.metadata().is_ok_and(|known| !known.is_file()) {
            return Err(format!("{path} is no file"));
        }
        let text = files::read_text(&file, MATCHER_FILE_BYTES).map_err(|error| error.to_string());
        matcher_v1::parse(&text?).map_err(|reason| format!("{path}: {reason}"))
    }
}

impl Driver<'_> {
    /// Reads what an attempt printed, and records the annotations in it. A step that printed
    /// nothing costs nothing.
    pub(super) fn hear(
        &mut self,
        (job, step): (usize, &Step),
        attempt: &AttemptName,
        finish: &StepFinish,
        schedule: &Schedule<'_>,
    ) -> Result<Heard, Error> {
        if finish.output_bytes == 0 {
            return Ok(Heard::default());
        }
        let bytes = self.folder.read_output(attempt)?;
        let text = String::from_utf8_lossy(&bytes);
        let mut matchers = self.matchers_of((job, attempt), schedule)?;
        let speaks = text.contains(COLONS) || text.contains(BRACKET);
        let has_own = !step.problem_matchers.is_empty();
        if !speaks && !has_own && matchers.is_empty() {
            self.matchers.insert(attempt.job.clone(), matchers);
            return Ok(Heard::default());
        }
        let place = self.work_tree(job, schedule)?;
        let mut faults = Vec::new();
        let speech = if has_own {
            // Its own matchers look at its output alone.
            let mut own = matchers.clone();
            let read = schedule.step_context(job, step, &self.base);
            for path in &step.problem_matchers {
                let path = path
                    .render(&read.context)
                    .map_err(|error| error.to_string());
                if let Err(fault) = path.and_then(|path| add(&mut own, &place, &path)) {
                    faults.push(format!("problem-matchers: {fault}"));
                }
            }
            if text.contains(MATCHER_COMMANDS) {
                step_commands::read(&text, &mut matchers, &place);
            }
            step_commands::read(&text, &mut own, &place)
        } else {
            step_commands::read(&text, &mut matchers, &place)
        };
        self.matchers.insert(attempt.job.clone(), matchers);
        self.annotate(attempt, &speech)?;
        faults.extend(speech.failed);
        Ok(Heard {
            outputs: speech.outputs,
            problems: faults,
        })
    }

    /// Records the annotations, unless that was done before the run was taken up.
    fn annotate(&mut self, attempt: &AttemptName, speech: &Speech) -> Result<(), Error> {
        let known = self.state.step(&attempt.job, &attempt.step);
        let is_known = known
            .and_then(|known| known.said())
            .is_some_and(|said| said.attempt == *attempt);
        if speech.annotations.is_empty() || is_known {
            return Ok(());
        }
        let masker = self.masker();
        let mut said = speech.annotations.clone();
        for annotation in &mut said.kept {
            annotation.change(|text| masker.mask(text));
        }
        self.record(Event::Annotations(Box::new(StepAnnotations {
            attempt: attempt.clone(),
            said: said.for_record(),
        })))
    }

    /// The matchers at work in the job of a step. They are not in the record: of a run that was
    /// taken up, what the steps before this one printed is read again.
    fn matchers_of(
        &mut self,
        (job, attempt): (usize, &AttemptName),
        schedule: &Schedule<'_>,
    ) -> Result<Matchers, Error> {
        if let Some(known) = self.matchers.remove(&attempt.job) {
            return Ok(known);
        }
        let mut matchers = Matchers::default();
        let Some(known) = self.state.jobs.get(&attempt.job) else {
            return Ok(matchers);
        };
        let mut earlier: Vec<(usize, AttemptName)> = Vec::new();
        for (key, step) in &known.steps {
            let printed = step.finish.as_ref().map_or(0, |finish| finish.output_bytes);
            if *key != attempt.step && printed > 0 {
                let name = AttemptName {
                    job: attempt.job.clone(),
                    step: key.clone(),
                    number: step.attempts,
                };
                earlier.push((step.order, name));
            }
        }
        earlier.sort();
        let place = self.work_tree(job, schedule)?;
        for (_, name) in earlier {
            let bytes = self.folder.read_output(&name)?;
            let text = String::from_utf8_lossy(&bytes);
            if text.contains(MATCHER_COMMANDS) {
                step_commands::read(&text, &mut matchers, &place);
            }
        }
        Ok(matchers)
    }

    fn work_tree(&self, job: usize, schedule: &Schedule<'_>) -> Result<WorkTree, Error> {
        let top = self.top_of(job, schedule)?.to_string_lossy().into_owned();
        Ok(WorkTree { top })
    }
}

/// Adds the matchers in a file.
fn add(matchers: &mut Matchers, place: &WorkTree, path: &str) -> Result<(), String> {
    let configs = place.matchers(path)?;
    matchers.add(&configs).map_err(|fault| match fault.hint() {
        Some(hint) => format!("{fault}; {hint}"),
        None => fault.to_string(),
    })
}
