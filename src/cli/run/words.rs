//! The words and colours in which runs and steps are shown.

use anstyle::{AnsiColor, Style};

use crate::base::text::one_line;
use crate::model::run::event::{StepCause, StepEnd, StepFinish};
use crate::model::run::{Outcome, RunStatus};
use crate::state::runs::BadRun;

/// The style of an outcome.
pub(crate) fn outcome_style(outcome: Outcome) -> Style {
    match outcome {
        Outcome::Success => AnsiColor::Green.on_default(),
        Outcome::Failure => AnsiColor::Red.on_default().bold(),
        Outcome::Cancelled => AnsiColor::Yellow.on_default(),
        Outcome::Skipped => Style::new().dimmed(),
    }
}

/// The style of a run's status.
pub(crate) fn status_style(status: RunStatus) -> Style {
    match status {
        RunStatus::Running => AnsiColor::Cyan.on_default(),
        RunStatus::Waiting => AnsiColor::Yellow.on_default().bold(),
        RunStatus::Expired | RunStatus::Lost | RunStatus::Interrupted => {
            AnsiColor::Yellow.on_default()
        }
        RunStatus::Finished(outcome) => outcome_style(outcome),
    }
}

/// A duration in milliseconds as people read it: `0.2 s`, `1 m 05 s`, `2 h 03 m`.
pub(crate) fn duration(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0..60 => format!("{seconds}.{} s", ms % 1000 / 100),
        60..3600 => format!("{} m {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} m", seconds / 3600, seconds / 60 % 60),
    }
}

/// Why a step did not succeed, when there is more to say than its outcome.
pub(crate) fn reason(finish: &StepFinish) -> Option<String> {
    let end = match &finish.end {
        StepEnd::Code(0) | StepEnd::Answered => None,
        StepEnd::Code(code) => Some(format!("exit code {code}")),
        StepEnd::Signal(signal) => Some(format!("ended by signal {signal}")),
        StepEnd::Unusable(reason) => Some(one_line(reason)),
        StepEnd::NotStarted(reason) => Some(format!("not started: {}", one_line(reason))),
    };
    match finish.cause {
        Some(StepCause::TimedOut) => Some("took too long".to_owned()),
        Some(StepCause::Cancelled) => Some("cancelled".to_owned()),
        None => end,
    }
}

/// The row of a run that cannot be read: `! <run>: <file>:<line>: <reason>`.
pub(crate) fn bad_row(bad: &BadRun) -> String {
    let run = bad.run.map(|run| format!("{run}: ")).unwrap_or_default();
    let line = bad.line.map(|line| format!(":{line}")).unwrap_or_default();
    one_line(&format!("! {run}{}{line}: {}", bad.file, bad.reason))
}

/// A reason as it stands behind what it explains.
pub(crate) fn in_brackets(reason: Option<String>) -> String {
    reason.map_or_else(String::new, |reason| format!(" ({})", one_line(&reason)))
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_read_well() {
        assert_eq!(duration(0), "0.0 s");
        assert_eq!(duration(1_250), "1.2 s");
        assert_eq!(duration(65_000), "1 m 05 s");
        assert_eq!(duration(7_380_000), "2 h 03 m");
    }
}
