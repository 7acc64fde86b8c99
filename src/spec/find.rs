//! Finds the spec that a person means.

use crate::model::spec::Spec;
use crate::model::spec::graph::{Graph, Lookup};
use crate::spec::Error;
use crate::state::layout::SPECS;
use crate::state::specs::SpecBook;

/// Candidates that a message names.
const SHOWN: usize = 10;

/// The index of the spec that a slug, an id, both, a prefix of these or a path means.
pub(crate) fn one(book: &SpecBook, graph: &Graph<'_>, reference: &str) -> Result<usize, Error> {
    // A path, from wherever it was typed.
    let path = reference.rsplit_once(SPECS);
    let name = path
        .and_then(|(_, rest)| rest.strip_prefix('/'))
        .unwrap_or(reference);
    if name.trim().is_empty() {
        return Err(Error::Unknown {
            reference: reference.to_owned(),
            suggestion: None,
        });
    }
    let mut found = graph.lookup(name);
    if matches!(found, Lookup::None { .. }) && name.chars().any(char::is_uppercase) {
        // Ids are made to be read aloud and typed: their case does not matter.
        match graph.lookup(&name.to_lowercase()) {
            Lookup::None { .. } => {}
            other => found = other,
        }
    }
    match found {
        Lookup::One(index) => Ok(index),
        Lookup::Ambiguous(found) => Err(Error::Ambiguous {
            reference: reference.to_owned(),
            candidates: found
                .iter()
                .filter_map(|index| graph.specs().get(*index))
                .take(SHOWN)
                .map(Spec::name)
                .collect(),
            count: found.len(),
        }),
        Lookup::None { suggestion } => Err(unreadable(book, name).unwrap_or(Error::Unknown {
            reference: reference.to_owned(),
            suggestion,
        })),
    }
}

/// The indexes of the specs that are meant, each once, in the order asked for; all of them when
/// none is named.
pub(crate) fn several(
    book: &SpecBook,
    graph: &Graph<'_>,
    references: &[String],
) -> Result<Vec<usize>, Error> {
    if references.is_empty() {
        return Ok((0..book.specs().len()).collect());
    }
    let mut found = Vec::with_capacity(references.len());
    for reference in references {
        let index = one(book, graph, reference)?;
        if !found.contains(&index) {
            found.push(index);
        }
    }
    Ok(found)
}

/// A spec that is there but cannot be read is not unknown: what is wrong with it is told.
fn unreadable(book: &SpecBook, reference: &str) -> Option<Error> {
    let reference = reference.strip_suffix(".md").unwrap_or(reference);
    let row = book.unreadable().find(|row| {
        let name = row.path.rsplit('/').next().unwrap_or(&row.path);
        let name = name.strip_suffix(".md").unwrap_or(name);
        let id = name.rsplit('-').next().unwrap_or(name);
        !reference.is_empty() && (name.starts_with(reference) || id.starts_with(reference))
    })?;
    Some(Error::Unreadable {
        path: row.path.clone(),
        problems: row.problems.clone(),
    })
}
