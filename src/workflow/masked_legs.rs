//! Legs whose values hold a secret, which a workflow can be given by the one that calls it: the
//! record has them masked, and what they are is kept with the files of the run, for whoever takes
//! it up.

use std::path::PathBuf;

use crate::base::limits;
use crate::base::redact::Masker;
use crate::model::expression::{Object, Value};
use crate::model::run::event::JobExpanded;
use crate::model::run::schedule::{Schedule, json_text, json_value};
use crate::model::run::{Event, RunState};
use crate::sys::files;
use crate::workflow::Error;
use crate::workflow::driver::Driver;
use crate::workflow::kept;
use crate::workflow::left::{self, MASKED};

/// The file of a job that holds its legs, one a line.
const LEGS: &str = "legs";

/// Largest such file, in bytes: a name of a secret may be longer than its value.
const FILE_BYTES: u64 = 16 * limits::LEGS_BYTES as u64;

impl Driver<'_> {
    /// Records the legs of a job. Values that stand in the workflow are there for all to read, and
    /// are recorded as they are.
    pub(super) fn record_legs(
        &mut self,
        job: usize,
        expanded: &JobExpanded,
        schedule: &Schedule<'_>,
    ) -> Result<(), Error> {
        let mut shown = expanded.clone();
        let strategy = schedule.job(job).and_then(|job| job.strategy.as_ref());
        if strategy.is_some_and(|strategy| !strategy.over.data().is_literal()) {
            let masker = self.masker();
            for leg in &mut shown.legs {
                mask(leg, &masker);
            }
        }
        if shown.legs != expanded.legs {
            let lines = expanded.legs.join("\n").into_bytes();
            let kept = kept::without_secrets(&lines, &self.secrets).unwrap_or(lines);
            files::create_folder(&self.folder.step_files(&expanded.job))?;
            files::write_atomic(&self.legs_of(&expanded.job), &kept)?;
        }
        self.record(Event::JobExpanded(Box::new(shown)))
    }

    /// What is known of the run, with the values of legs that its record masks; nothing where it
    /// masks none.
    pub(super) fn with_legs(&self) -> Result<Option<RunState>, Error> {
        let masked = |legs: &[String]| legs.iter().any(|leg| leg.contains(MASKED));
        let expanded = self
            .state
            .jobs
            .values()
            .filter_map(|job| job.expanded.as_ref());
        let mut found = Vec::new();
        for expanded in expanded.filter(|expanded| masked(&expanded.legs)) {
            let kept = match files::read_bytes(&self.legs_of(&expanded.job), FILE_BYTES) {
                Err(error) if error.is_not_found() => continue,
                read => read?,
            };
            let lines = kept::with_secrets(&kept, &self.secrets);
            let lines = String::from_utf8_lossy(&lines).into_owned();
            let legs: Vec<String> = lines.lines().map(str::to_owned).collect();
            if legs.len() == expanded.legs.len() {
                found.push((expanded.job.clone(), legs));
            }
        }
        if found.is_empty() {
            return Ok(None);
        }
        let mut state = self.state.clone();
        for (job, legs) in found {
            let known = state.jobs.get_mut(&job);
            if let Some(expanded) = known.and_then(|job| job.expanded.as_mut()) {
                expanded.legs = legs;
            }
        }
        Ok(Some(state))
    }

    fn legs_of(&self, job: &str) -> PathBuf {
        left::file(&self.folder, job, LEGS)
    }
}

/// Masks the values of a leg, where there is something to mask.
fn mask(leg: &mut String, masker: &Masker) {
    if let Some(value) = json_value(leg) {
        let masked = json_text(&masked(&value, masker));
        if masked != *leg {
            *leg = masked;
        }
    }
}

/// A value without what is masked. It is no deeper than what expressions make.
fn masked(value: &Value, masker: &Masker) -> Value {
    match value {
        Value::Array(items) => {
            let items = items.iter().map(|item| masked(item, masker));
            Value::from(items.collect::<Vec<_>>())
        }
        Value::Object(object) => {
            let mut shown = Object::new();
            for (name, value) in object.iter() {
                shown.set(masker.mask(name), masked(value, masker));
            }
            Value::from(shown)
        }
        Value::String(_) | Value::Number(_) | Value::Boolean(_) | Value::Null => {
            let text = value.to_text();
            if masker.finds(text.as_bytes()) {
                Value::from(masker.mask(&text))
            } else {
                value.clone()
            }
        }
    }
}
