//! How jobs and steps are run: fanned out, tried again, kept apart, allowed to fail.

use std::time::Duration;

use crate::base::source::Span;
use crate::model::expression::{Context, Error, Template, Value};
use crate::model::workflow::data::Data;
use crate::model::workflow::legs;

/// A value that is known, or computed when it is needed.
#[derive(Clone, Debug)]
pub(crate) enum Setting<T> {
    /// It stands in the file.
    Fixed(T),
    /// An expression gives it.
    Computed(Template),
}

impl<T> Setting<T> {
    /// Whether an expression gives it.
    pub(crate) fn is_computed(&self) -> bool {
        matches!(self, Self::Computed(_))
    }
}

/// Why there is no value of a switch.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum NoSwitch {
    /// Its expression has none.
    #[error("{0}")]
    Expression(#[from] Error),
    /// Another text than `true` and `false`.
    #[error("it is another text than `true` or `false`")]
    Text,
    /// A value of another kind.
    #[error("it is of kind {0}, expected `true` or `false`")]
    Kind(&'static str),
}

impl Setting<bool> {
    /// Its value. As on GitHub nothing merely counts as true: a text would, whatever it says. Its
    /// words `true` and `false` mean what they say, for outputs and variables are texts.
    pub(crate) fn evaluate(&self, context: &Context) -> Result<bool, NoSwitch> {
        let template = match self {
            Self::Fixed(value) => return Ok(*value),
            Self::Computed(template) => template,
        };
        match template.evaluate(context)? {
            Value::Boolean(value) => Ok(value),
            Value::String(text) => text.trim().parse().map_err(|_| NoSwitch::Text),
            other => Err(NoSwitch::Kind(other.kind())),
        }
    }
}

impl Setting<Duration> {
    /// Its value; what is computed is a number of minutes. Nothing where it is none; zero, as on
    /// GitHub, is no limit.
    pub(crate) fn evaluate(&self, context: &Context) -> Result<Option<Duration>, Error> {
        let value = match self {
            Self::Fixed(value) => return Ok(Some(*value)),
            Self::Computed(template) => template.evaluate(context)?,
        };
        if is_zero(&value) {
            return Ok(Some(Duration::ZERO));
        }
        if !can_be_number(&value) {
            return Ok(None);
        }
        let duration = Duration::try_from_secs_f64(value.to_number() * 60.0).ok();
        Ok(duration.filter(|duration| !duration.is_zero()))
    }
}

impl Setting<usize> {
    /// Its value; nothing where it is no whole number from 0.
    pub(crate) fn evaluate(&self, context: &Context) -> Result<Option<usize>, Error> {
        match self {
            Self::Fixed(value) => Ok(Some(*value)),
            Self::Computed(template) => Ok(whole_number(&template.evaluate(context)?)),
        }
    }
}

/// Whether a value is the number 0, and not merely counts as it: an empty text is no limit that
/// somebody chose.
fn is_zero(value: &Value) -> bool {
    can_be_number(value) && value.to_number() == 0.0
}

/// Whether a value is a number or a text that may be one.
fn can_be_number(value: &Value) -> bool {
    match value {
        Value::Number(_) => true,
        Value::String(text) => !text.trim().is_empty(),
        _ => false,
    }
}

/// A count from 0; nothing where a value is none.
fn whole_number(value: &Value) -> Option<usize> {
    if is_zero(value) {
        return Some(0);
    }
    let number = value.to_number();
    let fits = can_be_number(value) && (1.0..=1e9).contains(&number) && number.fract() == 0.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is a whole number in the range"
    )]
    fits.then_some(number as usize)
}

/// What is said of a value that cannot bound how many legs run at once.
const NO_COUNT: &str = "max-parallel: it is no whole number from 0";

impl Strategy {
    /// Whether one that fails ends the others.
    pub(crate) fn fail_fast(&self, context: &Context) -> Result<bool, String> {
        let computed = match &self.over {
            Over::Strategy(data) => legs::setting(data, "fail-fast", context)?,
            _ => None,
        };
        match computed {
            None => self.fail_fast.evaluate(context),
            Some(Value::Boolean(value)) => Ok(value),
            Some(other) => Err(NoSwitch::Kind(other.kind())),
        }
        .map_err(|error| format!("fail-fast: {error}"))
    }

    /// How many may be under way at once, where that is bounded: 0 is no bound, as on GitHub.
    pub(crate) fn max_parallel(&self, context: &Context) -> Result<Option<usize>, String> {
        if let Over::Strategy(data) = &self.over {
            let Some(value) = legs::setting(data, "max-parallel", context)? else {
                return Ok(None);
            };
            let number = whole_number(&value).ok_or_else(|| NO_COUNT.to_owned())?;
            return Ok(Some(number).filter(|number| *number > 0));
        }
        let Some(setting) = &self.max_parallel else {
            return Ok(None);
        };
        match setting.evaluate(context) {
            Ok(Some(number)) => Ok(Some(number).filter(|number| *number > 0)),
            Ok(None) => Err(NO_COUNT.to_owned()),
            Err(error) => Err(format!("max-parallel: {error}")),
        }
    }
}

/// A job that runs several times, each time with other values.
#[derive(Clone, Debug)]
pub(crate) struct Strategy {
    /// Over what.
    pub(crate) over: Over,
    /// Whether one that fails ends the others; true by default for a matrix, false for a list.
    pub(crate) fail_fast: Setting<bool>,
    /// How many at once; as many as the run allows by default.
    pub(crate) max_parallel: Option<Setting<usize>>,
}

/// What a job is fanned out over.
#[derive(Clone, Debug)]
pub(crate) enum Over {
    /// `strategy.matrix`: every combination, with `include` and `exclude`.
    Matrix(Data),
    /// `for-each`: every item of a list.
    Items(Data),
    /// One expression that gives all of `strategy`: its `matrix`, `fail-fast` and `max-parallel`.
    Strategy(Data),
}

/// What runs and what waits under one name, across all runs of the repository.
#[derive(Clone, Debug)]
pub(crate) struct Concurrency {
    /// The name.
    pub(crate) group: Template,
    /// Whether the one under way is cancelled.
    pub(crate) cancel_in_progress: Setting<bool>,
    /// Whether every one waits its turn (`queue: max`), not only the newest (`queue: single`).
    pub(crate) queue_all: bool,
}

/// When and how a failed step is tried again.
#[derive(Clone, Debug)]
pub(crate) struct Retry {
    /// Tries in all, the first one included.
    pub(crate) attempts: u32,
    /// How pauses grow.
    pub(crate) backoff: Backoff,
    /// The first pause.
    pub(crate) initial: Duration,
    /// The longest pause.
    pub(crate) max: Duration,
    /// The part of a pause, from 0 to 1, that is left to chance.
    pub(crate) jitter: f64,
    /// What is worth another try; empty means every failure.
    pub(crate) on: Vec<RetryOn>,
    /// No try begins later than this after the first one began.
    pub(crate) budget: Option<Duration>,
}

/// How the pauses between tries grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backoff {
    /// They stay the same.
    Constant,
    /// By the first one each time.
    Linear,
    /// They double.
    Exponential,
}

/// A failure that is worth another try.
#[derive(Clone, Debug)]
pub(crate) enum RetryOn {
    /// This exit code.
    Code(i32),
    /// Output that has a match of this regular expression.
    Output(regex::Regex),
    /// It ended with another exit code than 0, or by a signal.
    Failure,
    /// It took too long.
    Timeout,
    /// Nobody knows how it ended.
    Lost,
}

impl Retry {
    /// The pause after a try, counted from 1. `chance` is from 0 to 1.
    pub(crate) fn pause(&self, attempt: u32, chance: f64) -> Duration {
        let steps = attempt.max(1);
        let pause = match self.backoff {
            Backoff::Constant => Some(self.initial),
            Backoff::Linear => self.initial.checked_mul(steps),
            Backoff::Exponential => {
                let factor = 2_u32.checked_pow(steps - 1);
                factor.and_then(|factor| self.initial.checked_mul(factor))
            }
        };
        let pause = pause.unwrap_or(self.max).min(self.max);
        // Chance makes it shorter, so that the longest pause stays the longest.
        pause.mul_f64(1.0 - self.jitter.clamp(0.0, 1.0) * chance.clamp(0.0, 1.0))
    }
}

/// `defaults.run`: for the steps that say nothing themselves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Defaults {
    /// What runs scripts.
    pub(crate) shell: Option<Template>,
    /// Where scripts run.
    pub(crate) working_directory: Option<Template>,
    /// Where that is written, as `file:line:column`.
    pub(crate) working_directory_place: Option<String>,
}

/// A work tree of its own.
#[derive(Clone, Debug)]
pub(crate) struct Isolation {
    /// What becomes of what was done in it.
    pub(crate) merge: MergeBack,
    /// What happens when it does not merge.
    pub(crate) on_conflict: OnConflict,
    /// The branch that the whole run is merged into in the end; none leaves it to a person.
    pub(crate) into: Option<Template>,
    /// Where it stands.
    pub(crate) span: Span,
}

/// How the work of an isolated job or item comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MergeBack {
    /// A merge commit.
    Merge,
    /// One commit.
    Squash,
    /// Its commits one after the other.
    Rebase,
    /// Its branch is left for a person.
    Leave,
}

/// What happens when work does not merge.
#[derive(Clone, Debug)]
pub(crate) enum OnConflict {
    /// The job fails; its branch is left.
    Fail,
    /// A person is asked.
    Ask,
    /// Steps solve it; those of a job are behind its other ones, with a guard.
    Steps(Vec<crate::model::workflow::definition::Step>),
}

/// Files of a step or a job that are kept with the run.
#[derive(Clone, Debug)]
pub(crate) struct ArtifactRule {
    /// What it is called.
    pub(crate) name: Template,
    /// Patterns of paths, relative to the top of the work tree.
    pub(crate) paths: Vec<Template>,
    /// What it means that no file fits.
    pub(crate) if_no_files: IfNoFiles,
}

/// What it means that an artifact has no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IfNoFiles {
    /// A warning.
    Warn,
    /// The step fails.
    Error,
    /// Nothing.
    Ignore,
}

/// A file of variables.
#[derive(Clone, Debug)]
pub(crate) struct DotenvFile {
    /// Its path, relative to the top of the work tree.
    pub(crate) path: String,
    /// Whether it may be missing.
    pub(crate) optional: bool,
}
