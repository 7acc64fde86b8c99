//! What steps leave for those after them: outputs, variables, folders of the `PATH`, a summary.
//!
//! Each job has its own files below `files/` in the folder of its run; a step appends to them, and
//! they are read and emptied when it has ended. What is read is recorded with secrets masked; where
//! something was masked, the file itself is kept, with names in the place of secrets, so that later
//! steps of this run get the value.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::base::limits::STEP_FILE_BYTES;
use crate::base::redact::Masker;
use crate::git::LOCAL_VARIABLES;
use crate::model::run::event::{Named, StepEnd, StepFinish, StepOutputs};
use crate::model::run::schedule::Settled;
use crate::model::run::{AttemptName, Event, Outcome};
use crate::model::step_files::{self, StepFileProblem, ValueFile};
use crate::state::run_folder::RunFolder;
use crate::sys::{self, files};
use crate::workflow::Error;
use crate::workflow::driver::Driver;
use crate::workflow::kept;
use crate::workflow::said::Heard;

/// The files of a job, with the variables that name them.
pub(crate) const STEP_FILES: [(&str, &[&str]); 5] = [
    ("output", &["GITHUB_OUTPUT", "MMM_OUTPUT"]),
    ("env", &["GITHUB_ENV", "MMM_ENV"]),
    ("path", &["GITHUB_PATH", "MMM_PATH"]),
    ("state", &["GITHUB_STATE", "MMM_STATE"]),
    ("summary", &["GITHUB_STEP_SUMMARY", "MMM_STEP_SUMMARY"]),
];

/// Those that are read again when a run is taken up.
const RECALLED: &[&str] = &["output", "env", "path"];

/// What stands for a masked value.
pub(super) const MASKED: &str = "***";

/// A file of a job.
pub(crate) fn file(folder: &RunFolder, job: &str, name: &str) -> PathBuf {
    folder.step_files(job).join(name)
}

/// Makes the files of a job, empty.
pub(crate) fn create(folder: &RunFolder, job: &str) -> Result<(), sys::Error> {
    files::create_folder(&folder.step_files(job))?;
    for (name, _) in STEP_FILES {
        files::create_new(&file(folder, job, name), b"")?;
    }
    Ok(())
}

/// What a file holds, when it holds something.
fn content(path: &Path) -> Result<Option<Vec<u8>>, sys::Error> {
    if files::holds_nothing(path)? {
        return Ok(None);
    }
    files::read_bytes(path, STEP_FILE_BYTES).map(Some)
}

/// Whether a step made a file of its job one that cannot be read: it took its permissions, or put
/// something else in its place. Whatever else is wrong is the machine's doing.
fn is_made_unreadable(error: &sys::Error) -> bool {
    let sys::Error::File { path, source, .. } = error else {
        return false;
    };
    let is_plain = path.symlink_metadata().is_ok_and(|known| known.is_file());
    !is_plain || source.kind() == ErrorKind::PermissionDenied
}

/// Why a file of a job, which a variable names, cannot be read as what it should be. Whatever else
/// is wrong is an error.
fn unreadable(variable: &str, error: sys::Error) -> Result<String, Error> {
    match error {
        sys::Error::TooLarge { found, limit, .. } => {
            Ok(format!("{variable} has {found} bytes, {limit} are allowed"))
        }
        error if is_made_unreadable(&error) => Ok(format!("{variable} cannot be read any more")),
        error => Err(error.into()),
    }
}

/// What was read of the files of a step.
#[derive(Debug, Default)]
struct Left {
    outputs: Vec<Named>,
    env: Vec<Named>,
    path: Vec<String>,
    /// What is wrong with them.
    problems: Vec<String>,
}

impl Driver<'_> {
    /// Masks the values that no record may show.
    pub(crate) fn masker(&self) -> Masker {
        self.observer.masker()
    }

    /// Takes what an attempt left and said into `settled`, and records it. Files that cannot be
    /// read as what they should be make the step fail, as on GitHub, and so do some commands.
    pub(super) fn take_left(
        &mut self,
        attempt: &AttemptName,
        heard: Heard,
        settled: &mut Settled,
    ) -> Result<(), Error> {
        let read = self.read_left(&attempt.job)?;
        let any = read.is_some();
        let mut left = read.unwrap_or_default();
        // What stands in a file counts more than what was printed.
        left.outputs.splice(..0, heard.outputs);
        left.problems.splice(..0, heard.problems);
        self.complete(attempt, &mut left);
        let masked = self.record_left(attempt, (&left.outputs, &left.env, &left.path))?;
        let problems = std::mem::take(&mut left.problems);
        if any {
            self.empty_files(attempt, masked)?;
        }
        settled.outputs = left.outputs;
        settled.env = left.env;
        settled.path = left.path;
        if problems.is_empty() {
            return Ok(());
        }
        self.spoil(attempt, problems.join("; "), settled)
    }

    /// What a step left makes it fail. That end takes the place of the one that stands there; of a
    /// step that had failed anyway, it is only told.
    pub(super) fn spoil(
        &mut self,
        attempt: &AttemptName,
        reason: String,
        settled: &mut Settled,
    ) -> Result<(), Error> {
        if settled.outcome != Outcome::Success {
            // Its end stands there already, with another reason.
            self.observer
                .note(&format!("step `{}`: {reason}", attempt.step));
            return Ok(());
        }
        settled.outcome = Outcome::Failure;
        settled.conclusion = Outcome::Failure;
        let known = self.state.step(&attempt.job, &attempt.step);
        let known = known.and_then(|known| known.finish.as_ref());
        let finish = StepFinish {
            outcome: Outcome::Failure,
            end: StepEnd::Unusable(reason),
            cause: None,
            elapsed_ms: known.map_or(0, |known| known.elapsed_ms),
            output_bytes: known.map_or(0, |known| known.output_bytes),
            dropped: known.and_then(|known| known.dropped.clone()),
        };
        self.record(Event::StepFinished(attempt.clone(), finish))
    }

    /// The engine may have died between recording what an attempt left and emptying all of its
    /// files: what is in none of them any more is taken from the record.
    fn complete(&self, attempt: &AttemptName, left: &mut Left) {
        let Some(known) = self.known_left(attempt) else {
            return;
        };
        if left.outputs.is_empty() {
            left.outputs.clone_from(&known.outputs);
        }
        if left.env.is_empty() {
            left.env.clone_from(&known.env);
        }
        if left.path.is_empty() {
            left.path.clone_from(&known.path);
        }
    }

    /// What is recorded of what an attempt left.
    fn known_left(&self, attempt: &AttemptName) -> Option<&StepOutputs> {
        let known = self.state.step(&attempt.job, &attempt.step)?;
        let known = known.more.as_ref()?.left.as_ref()?;
        (known.attempt == *attempt).then_some(known)
    }

    fn read_left(&mut self, job: &str) -> Result<Option<Left>, Error> {
        let mut left = Left::default();
        let mut any = false;
        let mut path = self.folder.step_files(job);
        for (name, variables) in STEP_FILES {
            path.push(name);
            let content = content(&path);
            path.pop();
            let bytes = match content {
                Ok(None) => continue,
                Ok(Some(bytes)) => bytes,
                Err(error) => {
                    let told = unreadable(variables.first().copied().unwrap_or(name), error)?;
                    any = true;
                    // Nothing depends on it: on GitHub, too, the step goes on without.
                    if name == "summary" {
                        self.observer.note(&format!("{told}: there is no summary"));
                    } else {
                        left.problems.push(told);
                    }
                    continue;
                }
            };
            any = true;
            let problems = match name {
                "output" => {
                    let read = step_files::values(ValueFile::Output, &bytes);
                    left.outputs = read.values;
                    read.problems
                }
                "env" => {
                    let read = step_files::values(environment_file(), &bytes);
                    left.env = read.values;
                    read.problems
                }
                "path" => {
                    let read = step_files::paths(&bytes);
                    left.path = read.paths;
                    read.problems
                }
                _ => Vec::new(),
            };
            let variable = variables.first().copied().unwrap_or(name);
            for problem in problems {
                let told = told(variable, &problem);
                if problem.fault.is_fatal() {
                    left.problems.push(told);
                } else {
                    self.observer.note(&told);
                }
            }
        }
        if let Some(debugger) = &mut self.debugger {
            let set = debugger.take_set(job);
            any |= !set.is_empty();
            left.env.splice(0..0, set);
        }
        Ok(any.then_some(left))
    }

    /// Records what a step left, masked; tells whether something was masked.
    pub(super) fn record_left(
        &mut self,
        attempt: &AttemptName,
        (outputs, env, path): (&[Named], &[Named], &[String]),
    ) -> Result<bool, Error> {
        if outputs.is_empty() && env.is_empty() && path.is_empty() {
            return Ok(false);
        }
        let masker = self.masker();
        let named = |values: &[Named]| -> Vec<Named> {
            let values = values.iter();
            values
                .map(|(name, value)| (masker.mask(name), masker.mask(value)))
                .collect()
        };
        let left = StepOutputs {
            attempt: attempt.clone(),
            outputs: named(outputs),
            env: named(env),
            path: path.iter().map(|folder| masker.mask(folder)).collect(),
        };
        let masked = left.outputs != outputs || left.env != env || left.path != path;
        if self.known_left(attempt).is_none() {
            self.record(Event::StepOutputs(Box::new(left)))?;
        }
        Ok(masked)
    }

    /// Empties the files of a job for its next step; where something was masked, what was in them
    /// is kept. The summary becomes part of the record.
    fn empty_files(&mut self, attempt: &AttemptName, masked: bool) -> Result<(), Error> {
        let job = &attempt.job;
        for (name, _) in STEP_FILES {
            let path = file(&self.folder, job, name);
            let kept = |end: &str| file(&self.folder, job, &format!("{attempt}.{name}{end}"));
            match content(&path) {
                Ok(None) => continue,
                Ok(Some(bytes)) => {
                    if name == "summary" {
                        let text = self.masker().mask(&String::from_utf8_lossy(&bytes));
                        files::write_atomic(&self.folder.summary(attempt), text.as_bytes())?;
                    }
                    if masked && RECALLED.contains(&name) {
                        self.keep(&path, &kept(""), &bytes)?;
                    } else {
                        files::remove_file(&path)?;
                    }
                }
                // This step has failed by it; the next one must not.
                Err(sys::Error::TooLarge { .. }) => files::remove_file(&path)?,
                Err(error) if is_made_unreadable(&error) => {
                    files::rename(&path, &kept(".unreadable"))?;
                }
                Err(error) => return Err(error.into()),
            }
            // A new file: what still writes into the old one says nothing to the next step.
            files::create_new(&path, b"")?;
        }
        Ok(())
    }

    /// Moves a file to where it is kept, with names in the place of secrets.
    fn keep(&self, path: &Path, kept: &Path, bytes: &[u8]) -> Result<(), Error> {
        match kept::without_secrets(bytes, &self.secrets) {
            Some(bytes) => {
                files::write_atomic(kept, &bytes)?;
                files::remove_file(path)?;
            }
            None => files::rename(path, kept)?,
        }
        Ok(())
    }

    /// A run is taken up: values that are masked in its record come from the files that were kept.
    pub(super) fn recall_left(&mut self) -> Result<(), Error> {
        let mut masked = Vec::new();
        for job in self.state.jobs.values() {
            for step in job.steps.values() {
                let left = step.more.as_ref().and_then(|more| more.left.as_ref());
                masked.extend(left.filter(|left| is_masked(left)).cloned());
            }
        }
        for left in masked {
            let whole = self.whole(&left)?;
            self.state.recall(whole);
        }
        Ok(())
    }

    /// What is known of what an attempt left, with the values that its record masks.
    pub(super) fn recalled(&self, attempt: &AttemptName) -> Result<Option<StepOutputs>, Error> {
        let known = self.known_left(attempt).cloned();
        known
            .map(|left| {
                if is_masked(&left) {
                    self.whole(&left)
                } else {
                    Ok(left)
                }
            })
            .transpose()
    }

    fn whole(&self, left: &StepOutputs) -> Result<StepOutputs, Error> {
        let read = |name: &str| {
            let name = format!("{}.{name}", left.attempt);
            let kept = content(&file(&self.folder, &left.attempt.job, &name))?;
            Ok::<_, Error>(kept.map(|kept| kept::with_secrets(&kept, &self.secrets)))
        };
        let mut whole = left.clone();
        if let Some(bytes) = read("output")? {
            // Others were printed.
            let read = step_files::values(ValueFile::Output, &bytes);
            whole.outputs.extend(read.values);
        }
        if let Some(bytes) = read("env")? {
            whole.env = step_files::values(environment_file(), &bytes).values;
        }
        if let Some(bytes) = read("path")? {
            whole.path = step_files::paths(&bytes).paths;
        }
        Ok(whole)
    }

    /// The outputs of a job that hold no secret: as on GitHub, the others are not handed on.
    pub(super) fn without_secrets(&mut self, outputs: Vec<Named>) -> Vec<Named> {
        let masker = self.masker();
        let (kept, dropped): (Vec<_>, Vec<_>) = outputs
            .into_iter()
            .partition(|(_, value)| !masker.finds(value.as_bytes()));
        for (name, _) in dropped {
            self.observer.note(&format!(
                "output `{name}` is not handed on: it may contain a secret"
            ));
        }
        kept
    }
}

/// A problem of a file in words.
fn told(variable: &str, problem: &StepFileProblem) -> String {
    let hint = problem.fault.hint();
    let hint = hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
    match problem.line {
        0 => format!("{variable}: {}{hint}", problem.fault),
        line => format!("{variable}, line {line}: {}{hint}", problem.fault),
    }
}

/// Whether steps may set a variable for those after them; else why not.
pub(super) fn allowed(name: &str, value: &str) -> Result<(), String> {
    let read = step_files::values(environment_file(), format!("{name}={value}\n").as_bytes());
    match read.problems.first() {
        Some(problem) => Err(problem.fault.to_string()),
        None if read.values.is_empty() => Err("it needs a name".to_owned()),
        None => Ok(()),
    }
}

/// What a file of variables may set: nothing that leads Git to another repository.
fn environment_file() -> ValueFile<'static> {
    ValueFile::Environment {
        refused: LOCAL_VARIABLES,
    }
}

fn is_masked(left: &StepOutputs) -> bool {
    let named = left.outputs.iter().chain(&left.env);
    let named = named.flat_map(|(name, value)| [name, value]);
    let mut values = named.chain(&left.path);
    values.any(|value| value.contains(MASKED))
}
