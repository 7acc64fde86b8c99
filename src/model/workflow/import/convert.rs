//! Which program a file is for, and what is made of it.

use crate::base::diagnostic::Problem;
use crate::base::source::SourceText;
use crate::model::tree::{Node, Value};
use crate::model::workflow::import::notes::Notes;
use crate::model::workflow::import::yaml::Map;
use crate::model::workflow::import::{github, original, prodigy, shapes};

/// The programs whose workflows can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// GitHub Actions.
    Github,
    /// prodigy.
    Prodigy,
    /// The original mmm, from before it kept everything in Git.
    Original,
}

impl Dialect {
    /// What people call it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Github => "GitHub Actions",
            Self::Prodigy => "prodigy",
            Self::Original => "the original mmm",
        }
    }

    /// The word that commands and answers have for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Prodigy => "prodigy",
            Self::Original => "mmm",
        }
    }

    /// The one whose keys a file has.
    pub(crate) fn detect(root: &Node) -> Option<Self> {
        if let Some(nodes) = root.sequence() {
            let is_step = |node: &Node| {
                node.string().is_some_and(|text| text.starts_with('/'))
                    || prodigy::STEP_KINDS
                        .iter()
                        .any(|kind| node.get(kind).is_some())
            };
            return nodes.iter().any(is_step).then_some(Self::Prodigy);
        }
        let has = |key: &str| root.get(key).is_some();
        if has("stages") {
            Some(Self::Original)
        } else if has("jobs") {
            Some(Self::Github)
        } else if has("commands") || has("map") || has("mode") {
            Some(Self::Prodigy)
        } else {
            None
        }
    }
}

/// A workflow made of another program's.
#[derive(Debug)]
pub(crate) struct Imported {
    /// Its text.
    pub(crate) text: String,
    /// Whose it was.
    pub(crate) from: Dialect,
    /// What could not be taken, or was replaced, in the order of the original.
    pub(crate) remarks: Vec<Problem>,
}

/// Makes a workflow of a file of that program, else of the one whose keys it has. `name` is the
/// name for one that has none of its own.
pub(crate) fn convert(
    source: &SourceText,
    root: &Node,
    from: Option<Dialect>,
    name: &str,
) -> Result<Imported, Problem> {
    let Some(from) = from.or_else(|| Dialect::detect(root)) else {
        let message = match root.value {
            Value::Null => "the file is empty",
            _ => "the file has neither `jobs`, `stages` nor `commands`: no workflow that is known",
        };
        let problem = Problem::error("unknown-program", source, root.span, message);
        let hint = if root.get("steps").is_some() {
            "a DAG of dagu is not imported: docs/coming-from-dagu.md tells what corresponds; of \
             another program, name it: `--from prodigy`"
        } else if root.get("runs").is_some() {
            "an action is no workflow: write its steps where it is used, or into a workflow that a \
             step `workflow: <name>` calls"
        } else {
            "name the program that it is for: `--from prodigy`"
        };
        return Err(problem.with_hint(hint));
    };
    let mut notes = Notes::new(source);
    let mut workflow = Map::default();
    workflow.comment(format!(
        "Imported from {}: `git mmm workflow import {}`",
        from.title(),
        source.path()
    ));
    let written = root.get("name").and_then(Node::string);
    if written.is_none_or(|name| name.trim().is_empty()) {
        workflow.put_text("name", name);
    }
    shapes::tell(root, from, &mut workflow, &mut notes);
    match from {
        Dialect::Github => github::workflow(root, &mut workflow, &mut notes),
        Dialect::Prodigy => prodigy::workflow(root, &mut workflow, &mut notes),
        Dialect::Original => original::workflow(root, &mut workflow, &mut notes),
    }
    Ok(Imported {
        text: workflow.write(),
        from,
        remarks: notes.finish(),
    })
}
