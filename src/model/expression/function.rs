//! The functions of the language: their names, how much they take, what they give.

use std::borrow::Cow;

use crate::model::expression::context::Context;
use crate::model::expression::context::JobStatus;
use crate::model::expression::error::Fault;
use crate::model::expression::json;
use crate::model::expression::memory::Memory;
use crate::model::expression::number;
use crate::model::expression::value::Value;
use crate::model::expression::value::fold;
use crate::model::port::Links;

/// A function of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    /// True in any case.
    Always,
    /// The run is being cancelled.
    Cancelled,
    /// The value behind the first condition that is true.
    Case,
    /// Whether a text or a list has something in it.
    Contains,
    /// Whether a text ends with another.
    EndsWith,
    /// Something has failed.
    Failure,
    /// A text with values in it.
    Format,
    /// The value of a JSON text.
    FromJson,
    /// The digest of files.
    HashFiles,
    /// The items of a list in one text.
    Join,
    /// Whether a text begins with another.
    StartsWith,
    /// Nothing has failed.
    Success,
    /// A value as JSON text.
    ToJson,
}

/// How a function is called.
#[derive(Debug)]
pub(crate) struct Signature {
    /// Its name as it is written; any case will do.
    pub(crate) name: &'static str,
    /// The function.
    pub(crate) function: Function,
    /// Fewest arguments.
    least: usize,
    /// Most arguments.
    most: usize,
    /// How many it takes, in words.
    pub(crate) takes: &'static str,
}

const fn takes(
    name: &'static str,
    function: Function,
    (least, most): (usize, usize),
    takes: &'static str,
) -> Signature {
    Signature {
        name,
        function,
        least,
        most,
        takes,
    }
}

const NONE: &str = "no argument";
const TWO: &str = "two arguments";

/// Every function, sorted.
pub(crate) const FUNCTIONS: &[Signature] = &[
    takes("always", Function::Always, (0, 0), NONE),
    takes("cancelled", Function::Cancelled, (0, 0), NONE),
    takes(
        "case",
        Function::Case,
        (3, usize::MAX),
        "an odd number of arguments, at least three",
    ),
    takes("contains", Function::Contains, (2, 2), TWO),
    takes("endsWith", Function::EndsWith, (2, 2), TWO),
    takes("failure", Function::Failure, (0, 0), NONE),
    takes("format", Function::Format, (1, 255), "1 to 255 arguments"),
    takes("fromJSON", Function::FromJson, (1, 1), "one argument"),
    takes(
        "hashFiles",
        Function::HashFiles,
        (1, 255),
        "1 to 255 arguments",
    ),
    takes("join", Function::Join, (1, 2), "one or two arguments"),
    takes("startsWith", Function::StartsWith, (2, 2), TWO),
    takes("success", Function::Success, (0, 0), NONE),
    takes("toJSON", Function::ToJson, (1, 1), "one argument"),
];

impl Signature {
    /// The function of a name, in any case.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        FUNCTIONS
            .iter()
            .find(|known| known.name.eq_ignore_ascii_case(name))
    }

    /// Whether it can be called with so many arguments.
    pub(crate) fn accepts(&self, count: usize) -> bool {
        let odd = self.function != Function::Case || count % 2 == 1;
        (self.least..=self.most).contains(&count) && odd
    }
}

impl Function {
    /// Whether it asks how the work before went: in conditions only.
    pub(crate) fn is_status(self) -> bool {
        matches!(
            self,
            Self::Always | Self::Cancelled | Self::Failure | Self::Success
        )
    }

    /// Whether it can ask about jobs by their ids instead of all that came before.
    pub(crate) fn can_be_of_jobs(self) -> bool {
        matches!(self, Self::Failure | Self::Success)
    }

    /// Its name as it is written.
    pub(crate) fn name(self) -> &'static str {
        let known = FUNCTIONS.iter().find(|known| known.function == self);
        known.map_or("", |known| known.name)
    }

    /// What it gives for some arguments; the parser has counted them.
    pub(crate) fn call(
        self,
        arguments: &[Value],
        context: &Context,
        memory: &mut Memory,
    ) -> Result<Value, Fault> {
        let argument = |index: usize| arguments.get(index).unwrap_or(&Value::Null);
        let status = context.status();
        Ok(match self {
            Self::Always => true.into(),
            Self::Success | Self::Failure if !arguments.is_empty() => {
                self.of_jobs(arguments, context).into()
            }
            Self::Success => (status == JobStatus::Success).into(),
            Self::Failure => (status == JobStatus::Failure).into(),
            Self::Cancelled => (status == JobStatus::Cancelled).into(),
            Self::Case => case(arguments)?,
            Self::Contains => contains(argument(0), argument(1)).into(),
            Self::StartsWith => at_edge(argument(0), argument(1), |text, part| {
                text.starts_with(part)
            })
            .into(),
            Self::EndsWith => {
                at_edge(argument(0), argument(1), |text, part| text.ends_with(part)).into()
            }
            Self::Format => {
                let values = arguments.get(1..).unwrap_or_default();
                format(&argument(0).text(), values, memory)?.into()
            }
            Self::Join => join(argument(0), arguments.get(1), memory)?,
            Self::ToJson => json::write(argument(0), memory)?.into(),
            Self::FromJson => from_json(&argument(0).text(), memory)?,
            Self::HashFiles => hash_files(arguments, context)?.into(),
        })
    }
}

impl Function {
    /// Whether all of these jobs have succeeded, or one of them has failed. Nothing of it holds
    /// while the run is being cancelled, as without jobs.
    fn of_jobs(self, jobs: &[Value], context: &Context) -> bool {
        let Value::Object(needs) = context.get("needs") else {
            return false;
        };
        let came_to = |job: &Value, wanted: &str| match needs.get(&job.text()) {
            Some(Value::Object(job)) => job
                .get("result")
                .is_some_and(|result| *result.text() == *wanted),
            _ => false,
        };
        let mut jobs = jobs.iter();
        context.status() != JobStatus::Cancelled
            && match self {
                Self::Success => jobs.all(|job| came_to(job, "success")),
                _ => jobs.any(|job| came_to(job, "failure")),
            }
    }
}

/// Conditions and values by turns, and a value for when no condition is true. A condition is a
/// boolean: nothing is taken for one.
fn case(arguments: &[Value]) -> Result<Value, Fault> {
    for pair in arguments.chunks_exact(2) {
        match pair {
            [Value::Boolean(true), value] => return Ok(value.clone()),
            [Value::Boolean(false), _] | [] => {}
            [other, ..] => return Err(Fault::CaseCondition { kind: other.kind() }),
        }
    }
    Ok(arguments.last().cloned().unwrap_or_default())
}

fn contains(searched: &Value, item: &Value) -> bool {
    match searched {
        Value::Array(items) => items.iter().any(|known| item.loosely_equals(known)),
        Value::Object(_) => false,
        _ if !item.is_primitive() => false,
        _ => lower(&searched.text()).contains(&*lower(&item.text())),
    }
}

fn lower(text: &str) -> Cow<'_, str> {
    if text
        .bytes()
        .any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii())
    {
        Cow::Owned(text.to_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

fn at_edge(text: &Value, part: &Value, compare: fn(&str, &str) -> bool) -> bool {
    text.is_primitive() && part.is_primitive() && compare(&fold(&text.text()), &fold(&part.text()))
}

/// `{0}` becomes the first value, `{{` and `}}` become braces; what follows the number of a
/// placeholder is of no account.
fn format(text: &str, values: &[Value], memory: &mut Memory) -> Result<String, Fault> {
    let bad = || Fault::BadFormat {
        text: text.to_owned(),
    };
    let mut result = String::new();
    let mut rest = text;
    while let Some(brace) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(brace);
        if let Some(after) = ["{{", "}}"].iter().find_map(|two| from.strip_prefix(two)) {
            memory.take(brace + 1)?;
            result.push_str(before);
            result.push_str(from.get(..1).unwrap_or(""));
            rest = after;
            continue;
        }
        let placeholder = from.strip_prefix('{').and_then(|from| from.split_once('}'));
        let (inside, after) = placeholder.ok_or_else(bad)?;
        let digits = inside.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return Err(bad());
        }
        let number: usize = inside
            .get(..digits)
            .and_then(|digits| digits.parse().ok())
            .unwrap_or(usize::MAX);
        let value = values.get(number).ok_or_else(|| Fault::FormatArgument {
            number: inside.get(..digits).unwrap_or("").to_owned(),
            found: values.len(),
        })?;
        let value = value.text();
        memory.take(before.len() + value.len())?;
        result.push_str(before);
        result.push_str(&value);
        rest = after;
    }
    memory.take(rest.len())?;
    result.push_str(rest);
    Ok(result)
}

fn join(items: &Value, separator: Option<&Value>, memory: &mut Memory) -> Result<Value, Fault> {
    let items = match items {
        Value::Array(items) => items,
        Value::Object(_) => return Ok("".into()),
        text @ Value::String(_) => return Ok(text.clone()),
        other => return Ok(other.to_text().into()),
    };
    let separator = match separator {
        Some(separator) if separator.is_primitive() => separator.text(),
        _ => Cow::Borrowed(","),
    };
    let mut joined = String::new();
    for (index, item) in items.iter().enumerate() {
        let item = item.text();
        memory.take(item.len() + separator.len())?;
        if index > 0 {
            joined.push_str(&separator);
        }
        joined.push_str(&item);
    }
    Ok(joined.into())
}

fn from_json(text: &str, memory: &mut Memory) -> Result<Value, Fault> {
    if text.chars().all(number::is_space) {
        return Err(Fault::EmptyJson);
    }
    Ok(json::parse(text, memory)?)
}

/// The one option that the first argument can be.
const FOLLOW_LINKS: &str = "--follow-symbolic-links";

fn hash_files(arguments: &[Value], context: &Context) -> Result<String, Fault> {
    let Some(files) = context.files() else {
        return Err(Fault::NoFiles);
    };
    let mut patterns: Vec<String> = arguments.iter().map(Value::to_text).collect();
    let mut links = Links::LeftOut;
    if let Some(first) = patterns.first()
        && first.starts_with("--")
    {
        if !first.eq_ignore_ascii_case(FOLLOW_LINKS) {
            return Err(Fault::HashFilesOption {
                found: first.clone(),
                known: FOLLOW_LINKS,
            });
        }
        links = Links::Followed;
        patterns.remove(0);
    }
    Ok(files.hash_files(&patterns, links)?)
}
