//! What of a workflow would run, as far as that can be said before anything has.
//!
//! Pure: it is told what expressions can read by then. What is not known is named, never guessed;
//! that things go well is assumed only where nothing is written about it.

mod jobs;
mod sight;
mod steps;
mod words;

use crate::model::expression::Context;
use crate::model::workflow::Bundle;
use crate::model::workflow::forecast::jobs::Forecaster;

pub(crate) use crate::model::workflow::forecast::sight::Sight;
#[cfg(test)]
pub(crate) use crate::model::workflow::forecast::words::short_duration;

/// What stands for how the work before goes, among the names of what is missing.
pub(crate) const HOW_IT_GOES: &str = "how it goes";

/// Jobs in layers: those of one layer need only jobs of the layers before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Forecast {
    /// Under which name it waits for other runs, and the like.
    pub(crate) notes: Vec<String>,
    /// The layers; within one, jobs are in the order of the file.
    pub(crate) layers: Vec<Vec<ForecastJob>>,
}

/// Whether something would run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It would.
    Runs,
    /// It would not, and why.
    Skipped(String),
    /// That depends on these.
    Depends(Vec<String>),
    /// It would fail at once, and why.
    Fails(String),
}

/// Why something stands where it stands, when it handles how other things go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handler {
    /// Written below `on-failure`.
    OnFailure,
    /// Written below `ensure`.
    Ensure,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ForecastJob {
    /// Its id.
    pub(crate) id: String,
    /// What people read.
    pub(crate) title: String,
    /// The ids of the jobs it waits for.
    pub(crate) needs: Vec<String>,
    /// Its condition as written, when it has one.
    pub(crate) condition: Option<String>,
    /// Whether it would run.
    pub(crate) state: State,
    /// What it handles.
    pub(crate) handler: Option<Handler>,
    /// How it is run, in words.
    pub(crate) notes: Vec<String>,
    /// Its legs, when it has some.
    pub(crate) legs: Option<Legs>,
    /// Its steps; of a job with legs, as far as that is the same for all.
    pub(crate) steps: Vec<ForecastStep>,
}

/// The legs of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Legs {
    /// They are known.
    Known(Vec<Leg>),
    /// They are known when the job begins: these are missing.
    Unknown(Vec<String>),
}

/// One leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leg {
    /// `test@1`.
    pub(crate) key: String,
    /// Its values in one line.
    pub(crate) title: String,
    /// Its steps.
    pub(crate) steps: Vec<ForecastStep>,
}

/// A step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ForecastStep {
    /// Its key.
    pub(crate) key: String,
    /// The key that makes it what it is: `run`, `checkpoint` and so on.
    pub(crate) kind: &'static str,
    /// What people read.
    pub(crate) title: String,
    /// Its condition as written, when it has one.
    pub(crate) condition: Option<String>,
    /// Whether it would run.
    pub(crate) state: State,
    /// What it handles.
    pub(crate) handler: Option<Handler>,
    /// What it does and how, in words.
    pub(crate) notes: Vec<String>,
    /// What it calls.
    pub(crate) call: Option<Call>,
}

/// A workflow that a step calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// Its name.
    pub(crate) workflow: String,
    /// What its inputs would be; nothing where that is not known, with what is missing.
    pub(crate) inputs: Vec<(String, Result<String, Vec<String>>)>,
    /// What of it would run; nothing when there is too much to show.
    pub(crate) forecast: Option<Box<Forecast>>,
}

/// Says what of a workflow would run.
pub(crate) fn forecast(bundle: Bundle<'_>, sight: &Sight) -> Forecast {
    Forecaster::new(bundle).workflow(bundle.main, sight, 0)
}

/// Contexts of which nothing is known.
pub(crate) fn blind() -> Sight {
    Sight::new(
        Context::default(),
        &["inputs", "spec", "github", "run", "runner", "project"],
    )
}

impl State {
    /// Why something is skipped whose own condition does not hold.
    pub(crate) const IF_IS_FALSE: &'static str = "its `if` is false";

    /// The word for it.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Skipped(_) => "skipped",
            Self::Depends(_) => "depends",
            Self::Fails(_) => "fails",
        }
    }

    /// Why it is so, when that is known.
    pub(crate) fn reason(&self) -> Option<&str> {
        match self {
            Self::Skipped(reason) | Self::Fails(reason) => Some(reason),
            Self::Runs | Self::Depends(_) => None,
        }
    }

    /// What it depends on.
    pub(crate) fn unknown(&self) -> &[String] {
        match self {
            Self::Depends(names) => names,
            Self::Runs | Self::Skipped(_) | Self::Fails(_) => &[],
        }
    }
}

impl Handler {
    /// The words for it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::OnFailure => "on failure",
            Self::Ensure => "in any case",
        }
    }
}
