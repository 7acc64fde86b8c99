//! Asking a person: a run leaves a snapshot and says what it waits for.

use crate::base::ids::{ContentHash, ObjectId, RunId};
use crate::base::limits::CHECKPOINT_MESSAGE_BYTES;
use crate::base::text::{title as short, visible};
use crate::git::code_tree::{self, Standing};
use crate::git::digest::content_hash;
use crate::git::{Repository, snapshot};
use crate::model::expression::error::Fault;
use crate::model::expression::{Context, Template};
use crate::model::run::event::{AFTER, BEFORE, CheckpointKind, CheckpointOpened, ParkReason};
use crate::model::run::schedule::Schedule;
use crate::model::run::step_context::StepContext;
use crate::model::run::terms::Terms;
use crate::model::run::{AttemptName, Event};
use crate::model::workflow::{Step, StepKind};
use crate::workflow::Error;
use crate::workflow::driver::{Driver, OUT_OF_TIME};
use crate::workflow::prepare;

/// Most changed files that a message names; the record names all.
const SHOWN_PATHS: usize = 50;

impl Driver<'_> {
    /// Asks what a checkpoint of the workflow asks, unless it was asked already.
    pub(crate) fn open_checkpoint(
        &mut self,
        index: usize,
        step: &Step,
        schedule: &mut Schedule<'_>,
    ) -> Result<(), Error> {
        let job = schedule.key(index).to_owned();
        if self.is_out_of_time(index, schedule) {
            let attempt = self.state.next_attempt(&job, &step.key);
            return self.fail_now(attempt, OUT_OF_TIME.to_owned(), index, schedule);
        }
        let known = self.state.checkpoints.iter().any(|checkpoint| {
            checkpoint.is_open()
                && checkpoint.opened.job == job
                && checkpoint.opened.step == step.key
        });
        let StepKind::Checkpoint(checkpoint) = &step.kind else {
            return Ok(());
        };
        let (name, message) = (&checkpoint.name, &checkpoint.message);
        if known {
            self.times.end(index);
            return Ok(());
        }
        let StepContext { context, variables } = schedule.step_context(index, step, &self.base);
        // What the variables of the step cannot say, the message shows as written.
        if let Err(error) = variables {
            self.observer
                .note(&format!("checkpoint `{name}`: env: {error}"));
        }
        let message = match message {
            Some(message) => text(message, &context),
            None => Ok(String::new()),
        };
        let message = match message {
            Ok(message) => message,
            Err(reason) => {
                let attempt = self.state.next_attempt(&job, &step.key);
                return self.fail_now(attempt, reason, index, schedule);
            }
        };
        self.times.end(index);
        // By the same clock as its record.
        let terms = Terms::of(checkpoint, self.shop.clock.now_ms());
        let kind = CheckpointKind::Step;
        let shown = self.repository_of(index, schedule)?;
        let what = (name.as_str(), message.as_str());
        self.open((&job, &step.key), (kind, terms), what, shown.as_ref())
    }

    /// Asks whether files that a step changed may stay as they are.
    pub(crate) fn open_edited(
        &mut self,
        attempt: Option<&AttemptName>,
        paths: Vec<String>,
    ) -> Result<(), Error> {
        // Who changed them is not known: a person may have, while the step ran.
        let (job, step, when) = match attempt {
            Some(AttemptName { job, step, .. }) => {
                (job.as_str(), step.as_str(), self.during(job, step))
            }
            None => ("", "", ", and no step is known that ran".to_owned()),
        };
        let more = match paths.len().saturating_sub(SHOWN_PATHS) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let shown = paths.get(..SHOWN_PATHS).unwrap_or(&paths).join(", ");
        let message = format!("what this run goes by changed{when}: {shown}{more}");
        self.open(
            (job, step),
            (CheckpointKind::Edited(paths), Terms::default()),
            ("edited", &message),
            None,
        )
    }

    /// ` during step …`, with the name that people know it by.
    fn during(&self, job: &str, step: &str) -> String {
        if job == BEFORE || job == AFTER {
            return format!(" during the command of criterion `{step}`");
        }
        let known = self.pinned.bundle().step(job, step);
        let title = known.map_or_else(|| step.to_owned(), |(_, step)| step.title());
        format!(" during step `{}` of job `{job}`", short(&title))
    }

    /// Asks about what the command of a criterion changed; why the run stands still, if it does.
    pub(crate) fn park_edited(&mut self) -> Result<Option<ParkReason>, Error> {
        if self.is_cancelled() || self.is_lost() {
            return Ok(None);
        }
        let Some((attempt, paths)) = self.edited.take() else {
            return Ok(None);
        };
        self.open_edited(attempt.as_ref(), paths)?;
        Ok(Some(ParkReason::Checkpoint))
    }

    /// Opens a checkpoint that shows what is in a work tree: the person's own, unless told otherwise.
    pub(super) fn open(
        &mut self,
        (job, step): (&str, &str),
        (kind, terms): (CheckpointKind, Terms),
        (name, message): (&str, &str),
        shown: Option<&Repository>,
    ) -> Result<(), Error> {
        let masker = self.masker();
        // Masked first: a secret may hold characters that are shown in another way.
        let message = visible(&masker.mask(message)).into_owned();
        let number = u32::try_from(self.state.checkpoints.len() + 1).unwrap_or(u32::MAX);
        let repository = shown.unwrap_or(self.shop.repository);
        let Standing { tree, head, .. } = code_tree::standing(repository)?;
        // A repository without a commit gets run refs only.
        let (branch, shown) = if head.commit.is_some() {
            let branch = checkpoint_branch(self.run, number, name);
            // An engine that died before it could record this checkpoint may have left it.
            snapshot::delete_checkpoints(repository, &branch)?;
            let text = format!("Checkpoint {name} of run {}\n\n{message}\n", self.run);
            let taken = snapshot::checkpoint(repository, &branch, &text, &masker)?;
            for left in &taken.left_out {
                self.observer
                    .note(&format!("left out of the checkpoint: {left}"));
            }
            (Some(branch), taken.tree)
        } else {
            (None, snapshot::look(repository, &masker)?.tree)
        };
        let hash = shown_hash(&shown, (name, &message), &terms);
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
            terms,
        })))
    }
}

/// What a person is told, or why it is too much.
fn text(message: &Template, context: &Context) -> Result<String, String> {
    let limit = CHECKPOINT_MESSAGE_BYTES;
    let rendered = message.render(context);
    let endless =
        matches!(&rendered, Err(error) if matches!(error.fault, Fault::ResultTooLong { .. }));
    let shown = prepare::shown(message, context);
    if endless || shown.len() > limit {
        return Err(format!("its message has more than {limit} bytes"));
    }
    Ok(shown)
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

/// Digest of what a person is shown at a checkpoint: the tree of its snapshot, `.mmm/` included,
/// its name, its message, and its terms.
pub(crate) fn shown_hash(
    tree: &ObjectId,
    (name, message): (&str, &str),
    terms: &Terms,
) -> ContentHash {
    let mut text = format!("{tree}\n{name}\n{message}");
    let terms = terms.shown();
    if !terms.is_empty() {
        // No message holds this character: where it ends is beyond doubt.
        text.push('\0');
        text.push_str(&terms);
    }
    content_hash(text.as_bytes())
}
