//! Asking a person: a run leaves a snapshot and says what it waits for.

use crate::base::ids::{ContentHash, RunId};
use crate::git::digest::content_hash;
use crate::git::snapshot;
use crate::model::run::event::{CheckpointKind, CheckpointOpened};
use crate::model::run::schedule::Schedule;
use crate::model::run::{AttemptName, Event};
use crate::model::workflow::{Job, Step, StepKind};
use crate::workflow::Error;
use crate::workflow::driver::Driver;
use crate::workflow::prepare;

impl Driver<'_> {
    /// Asks what a checkpoint of the workflow asks, unless it was asked already.
    pub(crate) fn open_checkpoint(
        &mut self,
        index: usize,
        job: &Job,
        step: &Step,
        schedule: &Schedule<'_>,
    ) -> Result<(), Error> {
        let known = self.state.checkpoints.iter().any(|checkpoint| {
            checkpoint.answered.is_none()
                && checkpoint.opened.job == job.id
                && checkpoint.opened.step == step.key
        });
        let StepKind::Checkpoint { name, message } = &step.kind else {
            return Ok(());
        };
        if known {
            return Ok(());
        }
        let context = schedule
            .step_context(index, (job, step), &self.base)
            .context;
        let message = message
            .as_ref()
            .map(|message| prepare::shown(message, &context))
            .unwrap_or_default();
        self.open((&job.id, &step.key), CheckpointKind::Step, name, message)
    }

    /// Asks whether files that a step changed may stay as they are.
    pub(crate) fn open_edited(
        &mut self,
        attempt: Option<&AttemptName>,
        paths: Vec<String>,
    ) -> Result<(), Error> {
        let (job, step, who) = if let Some(AttemptName { job, step, .. }) = attempt {
            let who = format!("step `{step}` of job `{job}`");
            (job.clone(), step.clone(), who)
        } else {
            let who = "something that no step is known for".to_owned();
            (String::new(), String::new(), who)
        };
        let message = format!("{who} changed what this run goes by: {}", paths.join(", "));
        self.open(
            (&job, &step),
            CheckpointKind::Edited(paths),
            "edited",
            message,
        )
    }

    fn open(
        &mut self,
        (job, step): (&str, &str),
        kind: CheckpointKind,
        name: &str,
        message: String,
    ) -> Result<(), Error> {
        let number = u32::try_from(self.state.checkpoints.len() + 1).unwrap_or(u32::MAX);
        let repository = self.shop.repository;
        let tree = snapshot::code_tree(repository)?;
        // A repository without a commit gets run refs only.
        let branch = if repository.head()?.commit.is_some() {
            let branch = checkpoint_branch(self.run, number, name);
            // An engine that died before it could record this checkpoint may have left it.
            snapshot::delete_checkpoints(repository, &branch)?;
            let text = format!("Checkpoint {name} of run {}\n\n{message}\n", self.run);
            let taken = snapshot::checkpoint(repository, &branch, &text)?;
            for left in &taken.left_out {
                self.observer
                    .note(&format!("left out of the checkpoint: {left}"));
            }
            Some(branch)
        } else {
            None
        };
        let hash = shown_hash(tree.as_str(), name, &message);
        self.record(Event::CheckpointOpened(Box::new(CheckpointOpened {
            number,
            job: job.to_owned(),
            step: step.to_owned(),
            kind,
            name: name.to_owned(),
            message,
            branch,
            tree,
            hash,
        })))
    }
}

/// The branch of a checkpoint: `mmm/checkpoint/<run>/<n>-<step>`.
pub(crate) fn checkpoint_branch(run: RunId, number: u32, name: &str) -> String {
    let name: String = name
        .chars()
        .map(|character| {
            let plain = character.is_ascii_alphanumeric() || character == '-' || character == '_';
            if plain { character } else { '-' }
        })
        .take(40)
        .collect();
    format!("mmm/checkpoint/{run}/{number}-{name}")
}

/// Digest of what a person is shown at a checkpoint.
pub(crate) fn shown_hash(tree: &str, name: &str, message: &str) -> ContentHash {
    content_hash(format!("{tree}\n{name}\n{message}").as_bytes())
}
