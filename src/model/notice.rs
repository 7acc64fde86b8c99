//! Notices: what a `notify` step says, and to whom.

use std::time::Duration;

/// How much a notice matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Level {
    /// Good to know.
    #[default]
    Info,
    /// Somebody should look.
    Warning,
    /// Something failed.
    Error,
}

impl Level {
    /// All levels.
    pub(crate) const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Error];

    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The level of this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == name)
    }
}

/// A text that is known, or stands in a variable of the step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    /// This text.
    Plain(String),
    /// The value of this variable; for what is a secret.
    Variable(String),
}

/// A request that tells of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Webhook {
    /// Where it goes.
    pub(crate) url: Text,
    /// The variable with the key that the body is signed with.
    pub(crate) secret_env: Option<String>,
    /// Headers, in their order.
    pub(crate) headers: Vec<(String, Text)>,
    /// The body, when it is not the usual one.
    pub(crate) body: Option<String>,
    /// Attempts in all; nothing is the most there may be.
    pub(crate) attempts: Option<u32>,
    /// The pause after the first attempt.
    pub(crate) initial: Option<Duration>,
    /// How long an answer may take.
    pub(crate) timeout: Option<Duration>,
}

/// Whom a notice goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// The output of the step, and the attention of a terminal: this one, else the controlling one.
    Terminal(Option<String>),
    /// The desktop of the person.
    Desktop,
    /// A server.
    Webhook(Webhook),
    /// A command of the shell, which finds the notice in its variables.
    Command(String),
}

/// What is said, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    /// To whom.
    pub(crate) to: Destination,
    /// In a few words.
    pub(crate) title: String,
    /// In more words.
    pub(crate) message: String,
    /// How much it matters.
    pub(crate) level: Level,
    /// What it is about, by name: `run`, `workflow`, `spec`, `link` and the like.
    pub(crate) about: Vec<(String, String)>,
}
