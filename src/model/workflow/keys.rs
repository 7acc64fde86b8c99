//! The table of keys: what a workflow, a job, a step and all that is in them may hold.
//!
//! The validator walks a file by this table, and whatever else must know the language (a schema
//! for editors, help) is made from it, so that they cannot disagree.

pub(crate) mod fields;
pub(crate) mod job;
pub(crate) mod kinds;
pub(crate) mod policies;
pub(crate) mod reuse;
pub(crate) mod step;
pub(crate) mod workflow;

pub(crate) use crate::model::workflow::keys::fields::{
    CONCURRENCY, DEFAULTS, DEFAULTS_RUN, DOTENV_FILE, ISOLATION,
};
pub(crate) use crate::model::workflow::keys::job::JOB;
pub(crate) use crate::model::workflow::keys::kinds::{GIT, NOTIFY};
pub(crate) use crate::model::workflow::keys::policies::{
    ARTIFACT, FOR_EACH, RETRY, RETRY_OUTPUT, STRATEGY,
};
pub(crate) use crate::model::workflow::keys::reuse::EDIT;
pub(crate) use crate::model::workflow::keys::step::STEP;
pub(crate) use crate::model::workflow::keys::workflow::{INPUT, OUTPUT, WORKFLOW};

use crate::base::text;
use crate::model::expression::Scope;

/// A place in a workflow that holds keys.
#[derive(Debug)]
pub(crate) struct Place {
    /// Its name in messages.
    pub(crate) name: &'static str,
    /// The keys it may hold.
    pub(crate) keys: &'static [Key],
    /// What expressions in it can read, where the reader of a key says nothing else.
    pub(crate) scope: Scope,
}

/// A key.
#[derive(Debug)]
pub(crate) struct Key {
    /// How it is written.
    pub(crate) name: &'static str,
    /// What its value is.
    pub(crate) shape: Shape,
    /// Whether it must be there.
    pub(crate) required: bool,
    /// The keys beside which alone it has a meaning; empty: beside all.
    pub(crate) only_with: &'static [&'static str],
    /// What to write instead, where it has no meaning.
    pub(crate) instead: Option<&'static str>,
    /// One line for people.
    pub(crate) description: &'static str,
}

/// What the value of a key is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// Text without expressions.
    Text,
    /// Text that may have expressions in it.
    Template,
    /// A script: text that may have expressions in it, but none that bring foreign text.
    Script,
    /// One expression and nothing else.
    Expression,
    /// A condition.
    Condition,
    /// A name: a letter or `_`, then letters, digits, `_` and `-`.
    Identifier,
    /// A known shell or a command with `{0}`.
    Shell,
    /// The number of the format that the file is written in.
    Format,
    /// `true` or `false`.
    Boolean,
    /// `true`, `false` or one expression.
    Switch,
    /// A positive number of minutes or one expression.
    Minutes,
    /// A positive whole number or one expression.
    Count,
    /// A whole number from 1 to this one.
    UpTo(u32),
    /// `true`, `false` or a number from 0 to 1.
    Fraction,
    /// A length of time with its unit: `500ms`, `10s`, `5m`, `1h30m`.
    Duration,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// One name or a list of names.
    Names,
    /// A list of names.
    Identifiers,
    /// A list of texts without expressions.
    Texts,
    /// One text or a list of texts, with expressions or without.
    Templates,
    /// Names of variables with their values.
    Variables,
    /// Names with texts that may have expressions in them.
    Fields,
    /// Ids of jobs with the jobs.
    Jobs,
    /// A list of steps.
    Steps,
    /// A mapping with these keys.
    Record(&'static Place),
    /// Names, each with a value of this shape.
    Map(&'static Shape),
    /// A list whose elements have this shape.
    List(&'static Shape),
    /// Any of these shapes.
    Either(&'static [Shape]),
    /// What is worth another try: an exit code, a word or `/a regular expression/`.
    RetryOn,
    /// `strategy.matrix`: lists by name, with `include` and `exclude`, or an expression.
    Matrix,
    /// A list of anything, or an expression that gives one.
    Items,
    /// Names with any values.
    DataMap,
    /// The events of `on`.
    Events,
    /// The typed inputs of a workflow.
    Inputs,
    /// The name of a workflow, a job or common steps.
    Reference,
    /// A step that a job inherits: its id, its name or its number.
    StepReference,
    /// Names with lists of steps.
    CommonSteps,
    /// A list of edits of inherited steps.
    Overlay,
    /// Anything: the key is GitHub's, has no meaning here, and a warning says so.
    Ignored,
    /// Anything: the key is GitHub's and cannot work here.
    Refused,
}

impl Shape {
    /// The expected value in words.
    pub(crate) fn expected(self) -> String {
        let fixed = match self {
            Self::Text | Self::Template | Self::Script | Self::Shell => "text",
            Self::Identifier | Self::Reference => "a name",
            Self::Condition | Self::Expression => "an expression",
            Self::Format => "the number 1",
            Self::Boolean => "`true` or `false`",
            Self::Switch => "`true`, `false` or an expression",
            Self::Minutes => "a number of minutes or an expression",
            Self::Count => "a whole number from 0 or an expression",
            Self::UpTo(most) => return format!("a whole number from 1 to {most}"),
            Self::Fraction => "`true`, `false` or a number from 0 to 1",
            Self::Duration => "a time with its unit, such as `10s`, `5m` or `1h30m`",
            Self::OneOf(words) => return text::one_of(words.iter().copied()),
            Self::Names => "the id of a job or a list of ids",
            Self::Identifiers => "a list of names",
            Self::Texts => "a list of texts",
            Self::Templates => "text or a list of texts",
            Self::Fields | Self::DataMap => "a mapping of names to values",
            Self::Variables => "a mapping of names to values, or an expression",
            Self::Jobs => "a mapping of ids to jobs",
            Self::Steps => "a list of steps",
            Self::Record(place) => return format!("a mapping with {}", some_of(place)),
            Self::Map(inner) => return format!("a mapping of names, each to {}", inner.expected()),
            Self::List(inner) => return format!("a list, each element {}", inner.expected()),
            Self::Either(shapes) => {
                let words: Vec<String> = shapes.iter().map(|shape| shape.expected()).collect();
                return words.join(", or ");
            }
            Self::RetryOn => {
                "an exit code, `timeout`, `lost`, `failure` or `/a regular expression/`"
            }
            Self::Matrix => "a mapping of names to lists, or an expression",
            Self::Items => "a list or an expression",
            Self::Events => "the name of an event, a list or a mapping of events",
            Self::Inputs => "a mapping of names to inputs",
            Self::StepReference => "the id, the name or the number of a step",
            Self::CommonSteps => "a mapping of names to lists of steps",
            Self::Overlay => "a list of edits",
            Self::Ignored | Self::Refused => "anything",
        };
        fixed.to_owned()
    }
}

/// The first keys of a place, for messages.
fn some_of(place: &Place) -> String {
    text::one_of(place.names().take(4))
}

const fn key(name: &'static str, shape: Shape, description: &'static str) -> Key {
    Key {
        name,
        shape,
        required: false,
        only_with: &[],
        instead: None,
        description,
    }
}

impl Key {
    const fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    const fn only_with(self, only_with: &'static [&'static str]) -> Self {
        Self { only_with, ..self }
    }

    const fn instead(self, instead: &'static str) -> Self {
        Self {
            instead: Some(instead),
            ..self
        }
    }
}

/// The keys that make an edit what it is: each has exactly one of them.
pub(crate) const EDIT_KINDS: &[&str] = &["insert-before", "insert-after", "replace", "remove"];

/// The keys that make a step what it is: each step has exactly one of them.
pub(crate) const STEP_KINDS: &[&str] = &["run", "checkpoint", "workflow", "notify", "git"];

/// Keys of the language that this version does not have: no misspellings.
pub(crate) const LATER: &[&str] = &["claude", "parallel", "secrets"];

impl Place {
    /// The key of a name.
    pub(crate) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// The names of the keys that have a meaning here.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.keys
            .iter()
            .filter(|key| !matches!(key.shape, Shape::Ignored | Shape::Refused))
            .map(|key| key.name)
    }
}
