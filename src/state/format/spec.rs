//! A spec file: its front matter is YAML, everything else is decided by `model::spec`.

use crate::base::diagnostic::Problem;
use crate::base::source::SourceText;
use crate::model::spec;
use crate::model::spec::Parts;
use crate::model::spec::Spec;
use crate::model::tree::Node;
use crate::state::format::yaml;

#[cfg(test)]
mod tests;

/// A spec file cut in its parts, ready for edits.
pub(crate) struct SpecText {
    /// Front matter and body.
    pub(crate) parts: Parts,
    /// The front matter as a tree.
    pub(crate) front: Node,
}

/// Cuts a spec file and reads its front matter; an edit needs no more.
pub(crate) fn open(source: &SourceText) -> Result<SpecText, Problem> {
    let parts = spec::split(source)?;
    let front = yaml::read(source, parts.front)?;
    Ok(SpecText { parts, front })
}

/// Reads a spec file and reports everything that is wrong with it.
///
/// Where there is no spec, there is at least one error.
pub(crate) fn read(source: &SourceText) -> (Option<Spec>, Vec<Problem>) {
    match open(source) {
        Ok(text) => spec::parse(source, &text.parts, &text.front),
        Err(problem) => (None, vec![problem]),
    }
}
