//! How a supervisor records what happens to attempts: in the journal of its run.

use crate::model::run::event::{Dropped, StepCause, StepEnd, StepFinish};
use crate::model::run::{AttemptName, Event, Outcome};
use crate::proc::supervisor::{self, Cause, Ending, Finish, Recorder};
use crate::state::journal::Journal;
use crate::state::masks::MaskFile;

/// Records into a journal, and beside it what must not stand there.
#[derive(Debug)]
pub(crate) struct JournalRecorder {
    journal: Journal,
    masks: MaskFile,
}

impl JournalRecorder {
    /// A recorder for this journal and this file of masks.
    pub(crate) fn new(journal: Journal, masks: MaskFile) -> Self {
        Self { journal, masks }
    }
}

impl Recorder for JournalRecorder {
    fn started(&mut self, attempt: &str) -> Result<(), Box<dyn std::error::Error>> {
        self.journal.append(Event::StepStarted(attempt.parse()?))?;
        Ok(())
    }

    fn finished(
        &mut self,
        attempt: &str,
        finish: &Finish,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let name: AttemptName = attempt.parse()?;
        let finish = step_finish(finish);
        self.journal.append(Event::StepFinished(name, finish))?;
        Ok(())
    }

    fn masked(&mut self, values: &[String]) -> Result<(), Box<dyn std::error::Error>> {
        Ok(self.masks.append(values)?)
    }

    fn cancelled(&mut self) -> Result<(), Box<dyn std::error::Error>> {
        self.journal.append(Event::CancelRequested)?;
        Ok(())
    }
}

fn dropped(dropped: &supervisor::Dropped) -> Option<Box<Dropped>> {
    (dropped.bytes > 0).then(|| {
        Box::new(Dropped {
            bytes: dropped.bytes,
            reason: dropped.reason.clone(),
        })
    })
}

/// What the end of a process means for its step.
pub(crate) fn step_finish(finish: &Finish) -> StepFinish {
    let outcome = match finish.cause {
        Some(Cause::Cancelled) => Outcome::Cancelled,
        None if finish.success() => Outcome::Success,
        Some(Cause::TimedOut) | None => Outcome::Failure,
    };
    StepFinish {
        outcome,
        end: match &finish.ending {
            Ending::Code(code) => StepEnd::Code(*code),
            Ending::Signal(signal) => StepEnd::Signal(*signal),
            Ending::NotStarted(reason) => StepEnd::NotStarted(reason.clone()),
        },
        cause: finish.cause.map(|cause| match cause {
            Cause::Cancelled => StepCause::Cancelled,
            Cause::TimedOut => StepCause::TimedOut,
        }),
        elapsed_ms: finish.elapsed_ms,
        output_bytes: finish.output_bytes,
        dropped: dropped(&finish.dropped),
    }
}
