//! What a `notify` or a `git` step is to do, once its expressions have their values.
//!
//! What holds a secret is handed to the process of the step in variables, and never written.

use std::time::Duration;

use crate::base::redact::Masker;
use crate::git::action::{Action, Branch, Commit, How, Merge, OnConflict, Tag};
use crate::model::expression::{Object, Value};
use crate::model::notice::{Destination, Level, Notice, Text, Webhook};
use crate::model::run::event::Named;

/// How the variables are named that hold what must not be written.
const HIDDEN: &str = "MMM_STEP_HIDDEN_";

/// Why a step cannot be done as it is written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadKind {
    /// A value is not what it should be.
    #[error("`{key}` is `{found}`, not {expected}")]
    Value {
        /// Its key.
        key: &'static str,
        /// What it came to.
        found: String,
        /// What it may be.
        expected: &'static str,
    },
    /// Something has to be there and came to nothing.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// A secret would have to be written down.
    #[error(
        "`{0}` holds a secret; a secret can stand in `url`, `headers`, `secret` and `env` only"
    )]
    Secret(&'static str),
    /// The secret that is named has no value.
    #[error("the secret `{0}`, which is to sign what is sent, is not set")]
    NoSecret(String),
}

/// What is known of the run, for notices.
pub(crate) struct About<'a> {
    /// Facts by their names.
    pub(crate) facts: Vec<Named>,
    /// Finds what must not be written.
    pub(crate) masker: &'a Masker,
    /// The value of a secret by its name.
    pub(crate) secrets: &'a Value,
}

/// The value of a name in a mapping; nothing when it is not there.
fn field<'v>(object: Option<&'v Object>, name: &str) -> Option<&'v Value> {
    object?
        .get(name)
        .filter(|value| !matches!(value, Value::Null))
}

fn text(object: Option<&Object>, name: &str) -> Option<String> {
    field(object, name).map(Value::to_text)
}

fn object(value: &Value) -> Option<&Object> {
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// Keeps values out of the file of a step.
struct Hiding<'a> {
    masker: &'a Masker,
    variables: Vec<Named>,
}

impl Hiding<'_> {
    fn hide(&mut self, value: String) -> String {
        let name = format!("{HIDDEN}{}", self.variables.len() + 1);
        self.variables.push((name.clone(), value));
        name
    }

    fn text(&mut self, value: String) -> Text {
        if self.masker.finds(value.as_bytes()) {
            return Text::Variable(self.hide(value));
        }
        Text::Plain(value)
    }

    /// A text that is written, so that no secret may be in it.
    fn plain(&self, value: String, key: &'static str) -> Result<String, BadKind> {
        if self.masker.finds(value.as_bytes()) {
            return Err(BadKind::Secret(key));
        }
        Ok(value)
    }
}

/// The notice of a step, and the variables that its process needs for it.
pub(crate) fn notice(value: &Value, about: About<'_>) -> Result<(Notice, Vec<Named>), BadKind> {
    let mut hiding = Hiding {
        masker: about.masker,
        variables: Vec::new(),
    };
    let fields = object(value);
    let message = match fields {
        Some(_) => text(fields, "message").unwrap_or_default(),
        None => value.to_text(),
    };
    let level = text(fields, "level").unwrap_or_else(|| Level::default().as_str().to_owned());
    let level = Level::from_name(&level).ok_or(BadKind::Value {
        key: "level",
        found: level,
        expected: "`info`, `warning` or `error`",
    })?;
    let to = match text(fields, "to").as_deref() {
        None | Some("terminal") => Destination::Terminal(None),
        Some("desktop") => Destination::Desktop,
        Some("command") => {
            let command = text(fields, "command").filter(|command| !command.trim().is_empty());
            let command = command.ok_or(BadKind::Empty("command"))?;
            Destination::Command(hiding.plain(command, "command")?)
        }
        Some("webhook") => Destination::Webhook(webhook(fields, about.secrets, &mut hiding)?),
        Some(other) => {
            return Err(BadKind::Value {
                key: "to",
                found: other.to_owned(),
                expected: "`terminal`, `desktop`, `webhook` or `command`",
            });
        }
    };
    // Whoever is told must not be told a secret.
    let shown = |text: String| about.masker.mask(&text);
    let notice = Notice {
        to,
        title: shown(text(fields, "title").unwrap_or_default()),
        message: shown(message),
        level,
        about: about.facts,
    };
    Ok((notice, hiding.variables))
}

fn webhook(
    fields: Option<&Object>,
    secrets: &Value,
    hiding: &mut Hiding<'_>,
) -> Result<Webhook, BadKind> {
    let url = text(fields, "url").filter(|url| !url.trim().is_empty());
    let url = url.ok_or(BadKind::Empty("url"))?;
    let mut secret_env = None;
    if let Some(name) = text(fields, "secret") {
        let value = text(object(secrets), &name).filter(|value| !value.is_empty());
        let value = value.ok_or(BadKind::NoSecret(name))?;
        secret_env = Some(hiding.hide(value));
    }
    let mut headers = Vec::new();
    for (name, value) in field(fields, "headers")
        .and_then(object)
        .into_iter()
        .flat_map(Object::iter)
    {
        headers.push((name.to_owned(), hiding.text(value.to_text())));
    }
    let body = text(fields, "body");
    let body = body.map(|body| hiding.plain(body, "body")).transpose()?;
    let attempts = field(fields, "retry").map(Value::to_number);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the reader allows 1 to 100"
    )]
    let attempts = attempts.map(|attempts| attempts.clamp(1.0, 100.0) as u32);
    Ok(Webhook {
        url: hiding.text(url),
        secret_env,
        headers,
        body,
        attempts,
        initial: None::<Duration>,
        timeout: None,
    })
}

/// The action of a `git` step.
pub(crate) fn action(value: &Value, masker: &Masker) -> Result<Action, BadKind> {
    let fields = object(value);
    let entry = fields.and_then(|fields| fields.iter().next());
    let (verb, value) = entry.ok_or(BadKind::Empty("git"))?;
    let parts = object(value);
    let action = match verb {
        "branch" => Action::Branch(Branch {
            name: required(value, "name")?,
            from: optional(parts, "from"),
            checkout: switch(parts, "checkout", "checkout")?.unwrap_or(false),
            force: switch(parts, "force", "force")?.unwrap_or(false),
        }),
        "commit" => Action::Commit(Commit {
            message: required(value, "message")?,
            paths: texts(field(parts, "paths")),
            all: switch(parts, "all", "all")?.unwrap_or(false),
            allow_empty: switch(parts, "allow-empty", "allow-empty")?.unwrap_or(false),
            author: optional(parts, "author"),
            sign: switch(parts, "sign", "sign")?,
            no_verify: switch(parts, "no-verify", "no-verify")?.unwrap_or(false),
        }),
        "tag" => Action::Tag(Tag {
            name: required(value, "name")?,
            message: optional(parts, "message"),
            at: optional(parts, "at"),
            force: switch(parts, "force", "force")?.unwrap_or(false),
            sign: switch(parts, "sign", "sign")?,
        }),
        _ => Action::Merge(Merge {
            from: required(value, "from")?,
            how: how(parts)?,
            message: optional(parts, "message"),
            on_conflict: on_conflict(parts)?,
        }),
    };
    // It would be in the history for good.
    if masker.finds(format!("{action:?}").as_bytes()) {
        return Err(BadKind::Secret("git"));
    }
    Ok(action)
}

/// What a verb needs: its whole value, or a field of it.
fn required(value: &Value, key: &'static str) -> Result<String, BadKind> {
    let found = match object(value) {
        Some(fields) => text(Some(fields), key),
        None => Some(value.to_text()),
    };
    found
        .filter(|found| !found.trim().is_empty())
        .ok_or(BadKind::Empty(key))
}

/// What may be left out, and is by an empty text too.
fn optional(fields: Option<&Object>, key: &str) -> Option<String> {
    text(fields, key).filter(|found| !found.trim().is_empty())
}

fn switch(fields: Option<&Object>, name: &str, key: &'static str) -> Result<Option<bool>, BadKind> {
    let Some(value) = field(fields, name) else {
        return Ok(None);
    };
    match value.to_text().as_str() {
        "true" => Ok(Some(true)),
        "false" => Ok(Some(false)),
        "" => Ok(None),
        other => Err(BadKind::Value {
            key,
            found: other.to_owned(),
            expected: "`true` or `false`",
        }),
    }
}

/// A list, or one text with a value on each line.
fn texts(value: Option<&Value>) -> Vec<String> {
    let all: Vec<String> = match value {
        None => Vec::new(),
        Some(Value::Array(items)) => items.iter().map(Value::to_text).collect(),
        Some(other) => other.to_text().lines().map(str::to_owned).collect(),
    };
    let all = all.into_iter().map(|text| text.trim().to_owned());
    all.filter(|text| !text.is_empty()).collect()
}

fn how(fields: Option<&Object>) -> Result<How, BadKind> {
    match text(fields, "how").as_deref() {
        None | Some("merge") => Ok(How::Merge),
        Some("squash") => Ok(How::Squash),
        Some("rebase") => Ok(How::Rebase),
        Some("fast-forward") => Ok(How::FastForward),
        Some(other) => Err(BadKind::Value {
            key: "how",
            found: other.to_owned(),
            expected: "`merge`, `squash`, `rebase` or `fast-forward`",
        }),
    }
}

fn on_conflict(fields: Option<&Object>) -> Result<OnConflict, BadKind> {
    match text(fields, "on-conflict").as_deref() {
        None | Some("fail") => Ok(OnConflict::Fail),
        Some("leave") => Ok(OnConflict::Leave),
        Some(other) => Err(BadKind::Value {
            key: "on-conflict",
            found: other.to_owned(),
            expected: "`fail` or `leave`",
        }),
    }
}
