//! Making ready what our own program does for a step: its parameters in a file, and what holds a
//! secret in variables of its process.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use crate::base::redact::Masker;
use crate::git::action::{self, Action, Commit};
use crate::model::run::AttemptName;
use crate::model::run::step_context::StepContext;
use crate::model::workflow::{Step, StepKind};
use crate::proc::supervisor::Start;
use crate::state::format::{git_step_v1, notice_v1};
use crate::sys::environment::Environment;
use crate::workflow::driver::Driver;
use crate::workflow::kind_data::{self, About};
use crate::workflow::prepare::{Bench, Own, Unready};

impl Driver<'_> {
    /// Makes a `notify` or a `git` step ready.
    pub(super) fn own_step(
        &mut self,
        attempt: &AttemptName,
        step: &Step,
        (read, bench): (StepContext, &Bench<'_>),
    ) -> Result<Start, Unready> {
        let masker = self.masker();
        let mut commit = None;
        let own = match &step.kind {
            StepKind::Notify(data) => {
                let value = data.evaluate(&read.context)?;
                let secrets = read.context.get("secrets");
                let about = About {
                    facts: self.facts(),
                    masker: &masker,
                    secrets: &secrets,
                };
                let (notice, hidden) = kind_data::notice(&value, about)?;
                let parameters = notice_v1::write(&notice);
                Own { parameters, hidden }
            }
            StepKind::Git(data) => {
                let action = kind_data::action(&data.evaluate(&read.context)?, &masker)?;
                let parameters = git_step_v1::encode(&action).into_bytes();
                if let Action::Commit(action) = action {
                    commit = Some(action);
                }
                Own {
                    parameters,
                    hidden: Vec::new(),
                }
            }
            _ => return Err(Unready::NoProcess),
        };
        let start = self.workbench.own_step(attempt, step, own, (read, bench))?;
        if let Some(commit) = commit {
            refuse_masked(&start, &commit, &masker)?;
        }
        Ok(start)
    }

    /// What a notice says of the run.
    fn facts(&self) -> Vec<(String, String)> {
        let mut facts = vec![("run".to_owned(), self.run.to_string())];
        if let Some(start) = &self.state.start {
            facts.push(("workflow".to_owned(), start.workflow.clone()));
            let spec = start.spec.as_ref();
            facts
                .extend(spec.map(|spec| ("spec".to_owned(), format!("{}-{}", spec.slug, spec.id))));
        }
        facts
    }
}

/// Refuses a commit of files that hold a masked value, before any of them is in Git: the values are
/// known here, and the process of the step does not get them.
fn refuse_masked(start: &Start, commit: &Commit, masker: &Masker) -> Result<(), Unready> {
    let variables = start.environment.iter();
    let environment: Environment = variables
        .map(|(name, value)| (OsStr::from_bytes(name), OsStr::from_bytes(value)))
        .collect();
    let folder = PathBuf::from(OsStr::from_bytes(&start.folder));
    match action::held(&environment, &folder, commit, masker)? {
        Some(files) => Err(Unready::HoldsMasked(files)),
        None => Ok(()),
    }
}
