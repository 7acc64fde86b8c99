//! `needs`: which job waits for which.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::base::source::Span;
use crate::model::expression::value::fold;
use crate::model::tree::Node;
use crate::model::tree::Value;
use crate::model::workflow::report::Report;

/// A name in `needs` and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Need {
    name: String,
    span: Span,
}

/// A job that is needed and where that is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    /// Index of the needed job.
    pub(crate) to: usize,
    /// The name in `needs`.
    pub(crate) span: Span,
}

/// Jobs by id, in any case: GitHub's ids differ by more than case.
#[derive(Debug, Default)]
pub(crate) struct JobIds {
    ids: Vec<String>,
    index: HashMap<String, usize>,
}

impl JobIds {
    /// Adds the next job; false when one of that id is there.
    pub(crate) fn add(&mut self, id: &str) -> bool {
        let next = self.ids.len();
        self.ids.push(id.to_owned());
        let key = fold(id);
        let new = !self.index.contains_key(&key);
        self.index.entry(key).or_insert(next);
        new
    }

    /// The index of a job.
    pub(crate) fn find(&self, id: &str) -> Option<usize> {
        self.index.get(&fold(id)).copied()
    }

    /// The ids in the order of the file.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(String::as_str)
    }

    /// The id of a job.
    pub(crate) fn name(&self, index: usize) -> &str {
        self.ids.get(index).map_or("", String::as_str)
    }
}

/// Reads `needs`: one name or a list.
pub(crate) fn read(node: &Node, report: &mut Report) -> Vec<Need> {
    let Some(items) = node.sequence() else {
        return read_one(node, report).into_iter().collect();
    };
    items
        .iter()
        .filter_map(|item| read_one(item, report))
        .collect()
}

fn read_one(node: &Node, report: &mut Report) -> Option<Need> {
    let name = match &node.value {
        Value::String(name) => name.clone(),
        // A job may be called `true`.
        Value::Boolean(value) => value.to_string(),
        _ => {
            let message = format!("`needs` holds ids of jobs, not {}", node.kind());
            report.error("wrong-type", node.span, message);
            return None;
        }
    };
    let span = node.span;
    Some(Need { name, span })
}

/// Looks the names up and reports the ones that are wrong.
pub(crate) fn resolve(job: usize, needs: &[Need], ids: &JobIds, report: &mut Report) -> Vec<Edge> {
    let mut edges = Vec::with_capacity(needs.len());
    let mut seen = HashSet::new();
    for Need { name, span } in needs {
        match ids.find(name) {
            None => {
                let hint = report.near(name, ids.iter());
                let message = format!("unknown job `{name}`");
                report.error_with_hint("unknown-job", *span, message, hint);
            }
            Some(to) if to == job => {
                report.error("self-need", *span, format!("job `{name}` needs itself"));
            }
            Some(to) if !seen.insert(to) => {
                let message = format!("job `{name}` is in `needs` already");
                report.warning("duplicate-need", *span, message, None);
            }
            Some(to) => edges.push(Edge { to, span: *span }),
        }
    }
    edges
}
