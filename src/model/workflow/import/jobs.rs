//! Jobs that are made of lists of commands, one after the other.

use crate::base::source::Span;
use crate::model::workflow::import::notes::Notes;
use crate::model::workflow::import::yaml::{List, Map, Yaml};

/// A job that is being made.
#[derive(Debug, Default)]
pub(crate) struct NewJob {
    /// Its id.
    pub(crate) id: String,
    /// The jobs it needs.
    pub(crate) needs: Vec<String>,
    /// Its keys before `steps`.
    pub(crate) keys: Map,
    /// Its steps.
    pub(crate) steps: List,
    /// What other jobs read of it.
    pub(crate) outputs: Vec<(String, String)>,
    /// The ids of its steps.
    pub(crate) ids: Vec<String>,
}

/// A step whose output is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Capture {
    /// What the original calls it.
    pub(crate) variable: String,
    /// The job of the step.
    pub(crate) job: String,
    /// The id of the step.
    pub(crate) step: String,
}

impl Capture {
    /// The expression that reads it: in its own job (`here`), or in another one, which borrows it.
    pub(crate) fn read(self, here: bool, borrowed: &mut Vec<Self>) -> String {
        let name = &self.variable;
        if here {
            return format!("steps.{}.outputs.{name}", self.step);
        }
        let expression = format!("needs.{}.outputs.{name}", self.job);
        if !borrowed.contains(&self) {
            borrowed.push(self);
        }
        expression
    }
}

/// Lets a job read outputs of others, which get them.
pub(crate) fn lend(borrowed: Vec<Capture>, job: &mut NewJob, others: &mut [NewJob]) {
    for capture in borrowed {
        if !job.needs.contains(&capture.job) {
            job.needs.push(capture.job.clone());
        }
        let name = capture.variable;
        let value = format!("${{{{ steps.{}.outputs.{name} }}}}", capture.step);
        if let Some(owner) = others.iter_mut().find(|job| job.id == capture.job)
            && !owner.outputs.iter().any(|(known, _)| *known == name)
        {
            owner.outputs.push((name, value));
        }
    }
}

/// Writes jobs. One that has no step left gets one that does nothing, so that what needs it still
/// waits for the ones that it needs.
pub(crate) fn write(jobs: Vec<NewJob>, at: Span, out: &mut Map, notes: &mut Notes) {
    let mut written = Map::default();
    for job in jobs {
        let mut keys = Map::default();
        match job.needs.as_slice() {
            [] => {}
            [only] => keys.put_text("needs", only.as_str()),
            _ => keys.put("needs", Yaml::List(List::of_texts(job.needs))),
        }
        keys.append(job.keys);
        for (name, value) in job.outputs {
            keys.put_in("outputs", &name, Yaml::Text(value));
        }
        let mut steps = job.steps;
        if steps.is_empty() {
            let id = &job.id;
            let message = format!("nothing of job `{id}` could be taken: it does nothing");
            let start = Span::new(at.start, at.start);
            steps.comment(notes.replaced(start, &message, ""));
            let mut step = Map::default();
            step.put_text("run", "true");
            steps.push(Yaml::Map(step));
        }
        keys.put("steps", Yaml::List(steps));
        written.put(&job.id, Yaml::Map(keys));
    }
    out.put("jobs", Yaml::Map(written));
}

/// Scripts were run by `sh -c`, which goes on behind a command that failed.
pub(crate) fn shell_of_texts(program: &str, out: &mut Map) {
    out.comment(format!(
        "import: {program} runs scripts with `sh -c`, which goes on behind a command that failed"
    ));
    let mut run = Map::default();
    run.put_text("shell", "sh {0}");
    out.put_in("defaults", "run", Yaml::Map(run));
}
