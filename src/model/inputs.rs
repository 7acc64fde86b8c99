//! The inputs of a workflow: what it takes, and what one call of it gives.
//!
//! The rules are GitHub's, for `workflow_dispatch` and `workflow_call` alike: what is not given has
//! its default, else `false`, `0` or the empty text; names are found in any case.

use std::fmt;

use crate::base::text::{one_line, one_of, suggestion};
use crate::model::expression::value::{Object, Value, fold};

/// Longest value, in bytes.
const VALUE_BYTES: usize = 64 * 1024;

/// What an input may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InputKind {
    /// Any text; also GitHub's `environment`.
    String,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// One of these texts.
    Choice(Vec<String>),
}

impl InputKind {
    /// Every name of a kind, as workflows write it.
    pub(crate) const NAMES: [&str; 5] = ["string", "boolean", "number", "choice", "environment"];

    /// The kind of this name; `options` are those of a choice.
    pub(crate) fn from_name(name: &str, options: Vec<String>) -> Option<Self> {
        Some(match name {
            "string" | "environment" => Self::String,
            "boolean" => Self::Boolean,
            "number" => Self::Number,
            "choice" => Self::Choice(options),
            _ => return None,
        })
    }

    /// The value of what is not given and has no default.
    fn empty(&self) -> Value {
        match self {
            Self::Boolean => false.into(),
            Self::Number => 0.0.into(),
            Self::String | Self::Choice(_) => "".into(),
        }
    }

    /// What an input of this kind may be, for people.
    fn expected(&self) -> String {
        match self {
            Self::String => "text".to_owned(),
            Self::Boolean => "`true` or `false`".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Choice(options) => one_of(options.iter().map(String::as_str)),
        }
    }

    /// The value that is meant by what was given; nothing when it does not fit.
    fn typed(&self, given: &Value) -> Option<Value> {
        match (self, given) {
            (Self::Boolean, Value::Boolean(_)) => Some(given.clone()),
            (Self::Boolean, Value::String(text)) => match &**text {
                "true" => Some(true.into()),
                "false" => Some(false.into()),
                _ => None,
            },
            (Self::Boolean, _)
            | (Self::Number, Value::Boolean(_))
            | (_, Value::Array(_) | Value::Object(_)) => None,
            (Self::Number, Value::String(text)) if text.trim().is_empty() => None,
            (Self::Number, _) => {
                // Neither has a form in JSON, which runs are recorded in.
                let number = given.to_number();
                number.is_finite().then(|| number.into())
            }
            (Self::String, _) => Some(given.to_text().into()),
            (Self::Choice(options), _) => {
                let text = given.to_text();
                options.contains(&text).then(|| text.into())
            }
        }
    }
}

/// An input that a workflow takes.
#[derive(Clone, Debug)]
pub(crate) struct InputDefinition {
    /// Its name.
    pub(crate) name: String,
    /// What it may be.
    pub(crate) kind: InputKind,
    /// Whether a call has to give it.
    pub(crate) required: bool,
    /// Its value when it is not given.
    pub(crate) default: Option<Value>,
    /// What it is for.
    pub(crate) description: Option<String>,
    /// Why it should not be given any more.
    pub(crate) deprecation: Option<String>,
}

impl InputDefinition {
    /// An optional text without a default.
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: InputKind::String,
            required: false,
            default: None,
            description: None,
            deprecation: None,
        }
    }

    /// The default as the kind has it, and what is wrong with one that does not fit.
    pub(crate) fn checked_default(&self) -> Result<Value, InputError> {
        match &self.default {
            None | Some(Value::Null) => Ok(self.kind.empty()),
            Some(default) => self
                .kind
                .typed(default)
                .ok_or_else(|| self.does_not_fit(default, Origin::Default)),
        }
    }

    /// Whether a value that is given fits.
    pub(crate) fn check(&self, given: &Value) -> Result<(), InputError> {
        match self.kind.typed(given) {
            Some(_) => Ok(()),
            None => Err(self.does_not_fit(given, Origin::Given)),
        }
    }

    fn does_not_fit(&self, found: &Value, origin: Origin) -> InputError {
        InputError::Value {
            name: self.name.clone(),
            kind: self.kind.clone(),
            found: shortened(&found.to_text()),
            origin,
        }
    }
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Whoever starts the workflow gave it.
    Given,
    /// The workflow has it as a default.
    Default,
}

/// What is wrong with the values given to a workflow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InputError {
    /// No input has this name.
    #[error("there is no input `{}`", one_line(name))]
    Unknown {
        /// The name.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// An input has to be given, and is not.
    #[error("the input `{name}` is required and not given{}", described(description.as_deref()))]
    Missing {
        /// Its name.
        name: String,
        /// What it may be.
        kind: InputKind,
        /// What it is for.
        description: Option<String>,
    },
    /// A value does not fit its input.
    #[error("{} `{name}` is `{}`, not {}", origin.noun(), one_line(found), kind.expected())]
    Value {
        /// The input.
        name: String,
        /// What it may be.
        kind: InputKind,
        /// What was found, shortened.
        found: String,
        /// Where it comes from.
        origin: Origin,
    },
    /// An input is given more than once.
    #[error("the input `{}` is given twice", one_line(name))]
    Twice {
        /// Its name.
        name: String,
    },
    /// A value is too long.
    #[error("the input `{name}` has {found} bytes, more than {VALUE_BYTES}")]
    TooLong {
        /// Its name.
        name: String,
        /// Its length in bytes.
        found: usize,
    },
    /// A value would be recorded that must not be.
    #[error("the input `{name}` holds the value of a secret, and inputs are recorded")]
    Secret {
        /// Its name.
        name: String,
    },
    /// A text that is no assignment.
    #[error("`{}` is not of the form `<name>=<value>`", one_line(found))]
    Assignment {
        /// The text, shortened.
        found: String,
    },
}

impl Origin {
    fn noun(self) -> &'static str {
        match self {
            Self::Given => "the input",
            Self::Default => "the default of input",
        }
    }
}

fn described(description: Option<&str>) -> String {
    description.map_or_else(String::new, |text| format!(" ({})", one_line(text)))
}

/// The start of a text, for messages.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or("")),
        None => text.to_owned(),
    }
}

impl InputError {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { known, .. } if known.is_empty() => {
                Some("the workflow takes no inputs".to_owned())
            }
            Self::Unknown { name, known } => {
                let known = known.iter().map(String::as_str);
                Some(match suggestion(name, known.clone()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the workflow takes {}", one_of(known)),
                })
            }
            Self::Missing { name, kind, .. } => {
                let example = match kind {
                    InputKind::String => "<text>",
                    InputKind::Boolean => "true",
                    InputKind::Number => "<number>",
                    InputKind::Choice(options) => options.first().map_or("", String::as_str),
                };
                Some(format!("give it: `--set {name}={example}`"))
            }
            Self::Value { kind, found, .. } => {
                let known: Vec<&str> = match kind {
                    InputKind::Boolean => vec!["true", "false"],
                    InputKind::Choice(options) => options.iter().map(String::as_str).collect(),
                    _ => Vec::new(),
                };
                suggestion(found, known).map(|near| format!("did you mean `{near}`?"))
            }
            Self::Secret { .. } => Some("steps read it from `secrets`".to_owned()),
            Self::Twice { .. } | Self::TooLong { .. } => None,
            Self::Assignment { .. } => Some("such as `--set fast=true`".to_owned()),
        }
    }
}

/// Reads `<name>=<value>`, as `--set` takes it.
pub(crate) fn assignment(text: &str) -> Result<(String, Value), InputError> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.into()))
        }
        _ => Err(InputError::Assignment {
            found: shortened(text),
        }),
    }
}

/// An input that was given though it should not be any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deprecated {
    /// The input.
    pub(crate) name: String,
    /// Why not, in the words of the workflow.
    pub(crate) message: String,
}

impl fmt::Display for Deprecated {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, message } = self;
        write!(
            formatter,
            "the input `{name}` is deprecated: {}",
            one_line(message)
        )
    }
}

/// The values of all inputs of one call, in the order of their definitions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inputs {
    values: Vec<(String, Value)>,
    deprecated: Vec<Deprecated>,
}

impl Inputs {
    /// The values with their names.
    pub(crate) fn values(&self) -> &[(String, Value)] {
        &self.values
    }

    /// The inputs that were given and should not be.
    pub(crate) fn deprecated(&self) -> &[Deprecated] {
        &self.deprecated
    }

    /// The context `inputs` of expressions.
    pub(crate) fn context(&self) -> Object {
        let mut object = Object::new();
        for (name, value) in &self.values {
            object.set(name.as_str(), value.clone());
        }
        object
    }
}

/// Gives each input its value: what was given, else its default. Everything that is wrong is told
/// at once, in the order in which it was given, then in that of the definitions.
pub(crate) fn bind(
    definitions: &[InputDefinition],
    given: &[(String, Value)],
) -> Result<Inputs, Vec<InputError>> {
    let mut errors = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for (name, _) in given {
        let folded = fold(name);
        if !definitions.iter().any(|known| fold(&known.name) == folded) {
            errors.push(InputError::Unknown {
                name: name.clone(),
                known: definitions.iter().map(|known| known.name.clone()).collect(),
            });
        } else if seen.contains(&folded) {
            let name = name.clone();
            errors.push(InputError::Twice { name });
        }
        seen.push(folded);
    }
    let mut inputs = Inputs::default();
    for definition in definitions {
        let folded = fold(&definition.name);
        let value = given.iter().find(|(name, _)| fold(name) == folded);
        let value = value.map(|(_, value)| value);
        match bind_one(definition, value) {
            Ok(bound) => inputs.values.push((definition.name.clone(), bound)),
            Err(error) => errors.push(error),
        }
        if let (Some(message), Some(_)) = (&definition.deprecation, value) {
            inputs.deprecated.push(Deprecated {
                name: definition.name.clone(),
                message: message.clone(),
            });
        }
    }
    if errors.is_empty() {
        Ok(inputs)
    } else {
        Err(errors)
    }
}

/// The value of one input.
fn bind_one(definition: &InputDefinition, given: Option<&Value>) -> Result<Value, InputError> {
    // A key without a value gives nothing, and neither does an empty text where one is required.
    let is_empty = |value: &&Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty() && definition.required,
        _ => false,
    };
    let Some(given) = given.filter(|value| !is_empty(value)) else {
        let has_default = !matches!(definition.default, None | Some(Value::Null));
        if definition.required && !has_default {
            return Err(InputError::Missing {
                name: definition.name.clone(),
                kind: definition.kind.clone(),
                description: definition.description.clone(),
            });
        }
        return definition.checked_default();
    };
    if let Value::String(text) = given
        && text.len() > VALUE_BYTES
    {
        return Err(InputError::TooLong {
            name: definition.name.clone(),
            found: text.len(),
        });
    }
    definition
        .kind
        .typed(given)
        .ok_or_else(|| definition.does_not_fit(given, Origin::Given))
}

#[cfg(test)]
mod tests;
