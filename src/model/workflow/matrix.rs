//! Expands a matrix into its legs, by GitHub's rules.
//!
//! The lists are combined, the first one changing slowest. What `exclude` names, in part or in
//! whole, is left out. What `include` adds goes to every combination that it does not contradict;
//! an element that goes to none is a leg of its own behind the others. The values of the lists
//! stay as they are, those that `include` added may be overwritten by later elements.

use crate::base::limits::MATRIX_LEGS;
use crate::model::expression::{Object, Value};

/// The legs of a matrix, or what is wrong with it.
pub(crate) fn legs(matrix: &Value) -> Result<Vec<Object>, String> {
    let Value::Object(matrix) = matrix else {
        return Err(format!(
            "a matrix is a mapping of names to lists, not {}",
            noun(matrix)
        ));
    };
    let mut vectors = Vec::new();
    let mut excluded = Vec::new();
    let mut included = Vec::new();
    for (name, value) in matrix.iter() {
        match name {
            "include" => included = mappings(name, value)?,
            "exclude" => excluded = mappings(name, value)?,
            _ => vectors.push((name, list(name, value)?)),
        }
    }
    if vectors.is_empty() && included.is_empty() {
        return Err("a matrix needs at least one list of values".to_owned());
    }
    if let Some((name, _)) = vectors.iter().find(|(_, values)| values.is_empty()) {
        return Err(format!("`{name}` has no value to run with"));
    }
    check_excluded(&excluded, &vectors)?;
    if included.iter().any(Object::is_empty) {
        return Err("an element of `include` names no value".to_owned());
    }
    let mut legs = combinations(&vectors)?;
    legs.retain(|leg| !excluded.iter().any(|filter| matches(filter, leg, &vectors)));
    include(&mut legs, &included, &vectors);
    if legs.len() > MATRIX_LEGS {
        return Err(too_many(legs.len()));
    }
    Ok(legs)
}

/// The values of a leg in one line: what tells it from the others.
pub(crate) fn title(leg: &Value) -> String {
    let mut words = Vec::new();
    texts(leg, &mut words);
    words.join(", ")
}

/// The texts in a value, those of lists and mappings in it too; it is as deep as the reader of
/// files and of JSON allows.
fn texts(value: &Value, words: &mut Vec<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| texts(value, words)),
        Value::Object(object) => object.iter().for_each(|(_, value)| texts(value, words)),
        value => words.extend(Some(value.to_text()).filter(|text| !text.is_empty())),
    }
}

type Vector<'a> = (&'a str, Vec<Value>);

fn noun(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Boolean(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

fn list(name: &str, value: &Value) -> Result<Vec<Value>, String> {
    match value {
        Value::Array(values) => Ok(values.to_vec()),
        _ => Err(format!("`{name}` is {}, expected a list", noun(value))),
    }
}

fn mappings(name: &str, value: &Value) -> Result<Vec<Object>, String> {
    let values = list(name, value)?.into_iter();
    let objects = values.map(|value| match value {
        Value::Object(object) => Ok(Object::clone(&object)),
        _ => Err(format!(
            "an element of `{name}` is a mapping of names to values, not {}",
            noun(&value)
        )),
    });
    objects.collect()
}

fn is_vector(name: &str, vectors: &[Vector]) -> bool {
    let mut names = vectors.iter();
    names.any(|(known, _)| known.eq_ignore_ascii_case(name))
}

fn check_excluded(excluded: &[Object], vectors: &[Vector]) -> Result<(), String> {
    for element in excluded {
        if element.is_empty() {
            return Err("an element of `exclude` names no value".to_owned());
        }
        let unknown = element.iter().find(|(name, _)| !is_vector(name, vectors));
        if let Some((name, _)) = unknown {
            return Err(format!(
                "`exclude` names `{name}`, which is no list of this matrix"
            ));
        }
    }
    Ok(())
}

/// Every combination; the first list changes slowest.
fn combinations(vectors: &[Vector]) -> Result<Vec<Object>, String> {
    if vectors.is_empty() {
        return Ok(Vec::new());
    }
    let sizes = vectors.iter().map(|(_, values)| values.len());
    let count = sizes.fold(1_usize, usize::saturating_mul);
    // What `exclude` leaves may be few, but all of them have to be gone through.
    if count > MATRIX_LEGS * MATRIX_LEGS {
        return Err(too_many(count));
    }
    let mut legs = vec![Object::new()];
    for (name, values) in vectors {
        let with_one_more = legs.iter().flat_map(|leg| {
            values.iter().map(|value| {
                let mut leg = leg.clone();
                leg.set(*name, value.clone());
                leg
            })
        });
        legs = with_one_more.collect();
    }
    Ok(legs)
}

fn too_many(count: usize) -> String {
    format!("a matrix has at most {MATRIX_LEGS} combinations, this one has {count}")
}

/// Adds what `include` says.
fn include(legs: &mut Vec<Object>, included: &[Object], vectors: &[Vector]) {
    let combined = legs.len();
    // Later elements are compared with the values of the lists alone, not with what was added.
    for element in included {
        let mut used = false;
        for leg in legs.iter_mut().take(combined) {
            if !matches(element, leg, vectors) {
                continue;
            }
            used = true;
            for (name, value) in element.iter().filter(|(name, _)| !is_vector(name, vectors)) {
                leg.set(name, value.clone());
            }
        }
        if !used {
            legs.push(own_leg(element, vectors));
        }
    }
}

/// A leg made of an element alone: the values that belong to lists come first, as on GitHub.
fn own_leg(element: &Object, vectors: &[Vector]) -> Object {
    let mut leg = Object::new();
    for of_vector in [true, false] {
        let entries = element.iter();
        for (name, value) in entries.filter(|(name, _)| is_vector(name, vectors) == of_vector) {
            leg.set(name, value.clone());
        }
    }
    leg
}

/// Whether a combination has all values that an element gives for its lists.
fn matches(element: &Object, leg: &Object, vectors: &[Vector]) -> bool {
    element
        .iter()
        .filter(|(name, _)| is_vector(name, vectors))
        .all(|(name, wanted)| holds(wanted, leg.get(name)))
}

/// Whether a value is what is wanted; of lists and mappings what is wanted of them.
fn holds(wanted: &Value, found: Option<&Value>) -> bool {
    match wanted {
        Value::Array(wanted) => {
            let at = |index: usize| match found {
                Some(Value::Array(found)) => found.get(index),
                _ => None,
            };
            let mut wanted = wanted.iter().enumerate();
            wanted.all(|(index, wanted)| holds(wanted, at(index)))
        }
        Value::Object(wanted) => {
            let of = |name: &str| match found {
                Some(Value::Object(found)) => found.get(name),
                _ => None,
            };
            let mut wanted = wanted.iter();
            wanted.all(|(name, wanted)| holds(wanted, of(name)))
        }
        wanted => wanted.loosely_equals(found.unwrap_or(&Value::Null)),
    }
}
