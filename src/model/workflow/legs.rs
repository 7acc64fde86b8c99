//! The legs of a job that runs several times: their values, and what tells them apart.

use crate::base::limits;
use crate::base::text;
use crate::model::expression::{Context, Object, Value};
use crate::model::workflow::data::Data;
use crate::model::workflow::keys::STRATEGY;
use crate::model::workflow::matrix;
use crate::model::workflow::policy::Over;

/// Most characters of the values of a leg in its title.
const TITLE: usize = 60;

impl Over {
    /// What each leg gets, or what is wrong with it.
    pub(crate) fn legs(&self, context: &Context) -> Result<Vec<Value>, String> {
        match self {
            Self::Matrix(data) => {
                let value = data.evaluate(context);
                let value = value.map_err(|error| format!("matrix: {error}"))?;
                of_matrix(&value)
            }
            Self::Strategy(data) => match setting(data, "matrix", context)? {
                Some(matrix) => of_matrix(&matrix),
                // Without a matrix a job runs once.
                None => Ok(vec![Object::new().into()]),
            },
            Self::Items(data) => {
                let value = data.evaluate(context);
                let value = value.map_err(|error| format!("for-each: {error}"))?;
                let Value::Array(items) = &value else {
                    let kind = value.kind();
                    return Err(format!("for-each: it is {kind}, expected an array"));
                };
                if items.len() > limits::ITEMS {
                    let (found, limit) = (items.len(), limits::ITEMS);
                    return Err(format!(
                        "for-each: it has {found} items, {limit} are allowed"
                    ));
                }
                Ok(items.iter().cloned().collect())
            }
        }
    }

    /// What it goes over, as it is written.
    pub(crate) fn data(&self) -> &Data {
        match self {
            Self::Matrix(data) | Self::Items(data) | Self::Strategy(data) => data,
        }
    }

    /// The name by which expressions of a leg read its value.
    pub(crate) fn context_name(&self) -> &'static str {
        match self {
            Self::Matrix(_) | Self::Strategy(_) => "matrix",
            Self::Items(_) => "item",
        }
    }
}

/// The combinations of a matrix.
fn of_matrix(matrix: &Value) -> Result<Vec<Value>, String> {
    let legs = matrix::legs(matrix).map_err(|reason| format!("matrix: {reason}"))?;
    Ok(legs.into_iter().map(Value::from).collect())
}

/// What an expression for all of `strategy` says under one of its keys, if anything.
pub(crate) fn setting(data: &Data, key: &str, context: &Context) -> Result<Option<Value>, String> {
    let value = data.evaluate(context);
    let value = value.map_err(|error| format!("strategy: {error}"))?;
    let Value::Object(strategy) = &value else {
        let kind = value.kind();
        return Err(format!("strategy: it is {kind}, expected an object"));
    };
    if let Some((name, _)) = strategy
        .iter()
        .find(|(name, _)| STRATEGY.key(name).is_none())
    {
        return Err(format!("strategy: unknown key `{name}`"));
    }
    let value = strategy
        .get(key)
        .filter(|value| !matches!(value, Value::Null));
    Ok(value.cloned())
}

/// What a leg reads of its place among all: its index, how many there are, how many at once.
pub(crate) fn strategy(fail_fast: bool, [index, total, most]: [usize; 3]) -> Object {
    let mut object = Object::new();
    object.set("fail-fast", fail_fast);
    object.set("job-index", number(index));
    object.set("job-total", number(total));
    object.set("max-parallel", number(most));
    object
}

/// The same of a job that runs once: GitHub shows it as the only leg of itself.
pub(crate) fn strategy_of_one() -> Object {
    strategy(true, [0, 1, 1])
}

#[expect(
    clippy::cast_precision_loss,
    reason = "there are far fewer legs than numbers"
)]
fn number(count: usize) -> f64 {
    count as f64
}

/// The value of a leg in one short line, for people.
pub(crate) fn title(value: &Value) -> String {
    let shown = text::one_line(&matrix::title(value));
    match shown.char_indices().nth(TITLE) {
        Some((end, _)) => format!("{}…", shown.get(..end).unwrap_or("")),
        None => shown,
    }
}

/// The key of a leg with its values: `test@1 (linux, 1)`.
pub(crate) fn titled(key: &str, value: &Value) -> String {
    match title(value).as_str() {
        "" => key.to_owned(),
        title => format!("{key} ({title})"),
    }
}
