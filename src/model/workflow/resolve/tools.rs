//! What several steps of resolving need: the report with a limit on size, and access to entries.

use crate::base::limits;
use crate::base::source::SourceText;
use crate::base::source::Span;
use crate::model::tree::Entry;
use crate::model::tree::Node;
use crate::model::tree::Value;
use crate::model::workflow::record::wrong_type;
use crate::model::workflow::report::Report;

/// The problems found, and how much may still be copied.
#[derive(Debug)]
pub(crate) struct Tools<'a> {
    /// The problems.
    pub(crate) report: Report<'a>,
    left: usize,
    /// Whether the workflow is abstract: what it leaves open is not wrong.
    pub(crate) is_abstract: bool,
}

impl<'a> Tools<'a> {
    /// Nothing found and nothing copied yet.
    pub(crate) fn new(source: &'a SourceText, is_abstract: bool) -> Self {
        Self {
            report: Report::new(source),
            left: limits::REUSED_VALUES,
            is_abstract,
        }
    }

    /// Copies values, as far as the limit allows; `at` is named when it does not.
    pub(crate) fn copy(&mut self, nodes: &[Node], at: Span) -> Vec<Node> {
        let wanted = nodes.iter().map(Node::count).sum();
        if self.spend(wanted, at) {
            nodes.to_vec()
        } else {
            Vec::new()
        }
    }

    /// Whether so many values may still be copied. Reported once when not.
    pub(crate) fn spend(&mut self, wanted: usize, at: Span) -> bool {
        if let Some(left) = self.left.checked_sub(wanted) {
            self.left = left;
            return true;
        }
        if self.left > 0 {
            self.left = 0;
            let limit = limits::REUSED_VALUES;
            let message = format!("what is reused makes more than {limit} values of the workflow");
            self.report.error("reuse-too-large", at, message);
        }
        false
    }
}

/// The entry of a key.
pub(crate) fn entry<'n>(entries: &'n [Entry], key: &str) -> Option<&'n Entry> {
    entries.iter().find(|entry| entry.key == key)
}

/// Whether a mapping says `key: true`.
pub(crate) fn is_true(node: &Node, key: &str) -> bool {
    matches!(node.get(key), Some(found) if found.value == Value::Boolean(true))
}

/// Reports a key that stands twice, and one whose value is no boolean.
pub(crate) fn check_flag(entries: &[Entry], key: &str, report: &mut Report) {
    check_once(entries, key, report);
    if let Some(entry) = entry(entries, key)
        && !matches!(entry.value.value, Value::Boolean(_))
    {
        wrong_type(entry, "`true` or `false`", report);
    }
}

/// Reports a key that stands twice.
pub(crate) fn check_once(entries: &[Entry], key: &str, report: &mut Report) {
    for second in entries.iter().filter(|entry| entry.key == key).skip(1) {
        let message = format!("`{key}` is there already");
        report.error("duplicate-key", second.key_span, message);
    }
}

/// The span of a value; where nothing is written, that of its key.
pub(crate) fn place_of(entry: &Entry) -> Span {
    if entry.value.span.start == entry.value.span.end {
        entry.key_span
    } else {
        entry.value.span
    }
}
