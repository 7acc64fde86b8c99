//! Reads `artifacts` and `dotenv`: files that steps leave, and files that they are given.

use crate::base::source::Span;
use crate::model::expression::Scope;
use crate::model::run::artifact::is_name;
use crate::model::tree::{Entry, Node, Value};
use crate::model::workflow::keys;
use crate::model::workflow::policy::{ArtifactRule, DotenvFile, IfNoFiles};
use crate::model::workflow::record::Record;
use crate::model::workflow::report::Report;
use crate::model::workflow::scalar;

/// Reads `artifacts`: names with their files.
pub(crate) fn read(node: Option<&Node>, scope: Scope, report: &mut Report) -> Vec<ArtifactRule> {
    let entries = node.and_then(Node::mapping).unwrap_or_default().iter();
    let rules = entries.filter_map(|entry| rule(entry, scope, report));
    rules.collect()
}

fn rule(entry: &Entry, scope: Scope, report: &mut Report) -> Option<ArtifactRule> {
    // The name may be told from those of other legs by an expression.
    let name = Node {
        span: entry.key_span,
        value: Value::String(entry.key.clone()),
    };
    let name = scalar::template(&name, scope, report);
    check_name(&entry.key, entry.key_span, report);
    let mut rule = ArtifactRule {
        name,
        paths: Vec::new(),
        if_no_files: IfNoFiles::Warn,
    };
    if entry.value.mapping().is_some() {
        let record = Record::read(&entry.value, &keys::ARTIFACT, entry.key_span, report)?;
        rule.if_no_files = match record.node("if-no-files-found").and_then(Node::string) {
            Some("error") => IfNoFiles::Error,
            Some("ignore") => IfNoFiles::Ignore,
            _ => IfNoFiles::Warn,
        };
        let path = record.node("path")?;
        rule.paths = paths(path, scope, report);
    } else {
        rule.paths = paths(&entry.value, scope, report);
    }
    Some(rule)
}

/// Patterns of paths; as on GitHub a text of several lines is one pattern a line.
fn paths(
    node: &Node,
    scope: Scope,
    report: &mut Report,
) -> Vec<crate::model::expression::Template> {
    let several = node.string().filter(|text| text.trim().contains('\n'));
    let patterns = match several {
        Some(text) => {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            let line = |line: &str| Node {
                span: node.span,
                value: Value::String(line.to_owned()),
            };
            let nodes: Vec<Node> = lines.map(line).collect();
            let templates = nodes.iter();
            templates
                .map(|node| scalar::template(node, scope, report))
                .collect()
        }
        None => scalar::templates(node, scope, report),
    };
    let empty =
        |pattern: &crate::model::expression::Template| pattern.source_text().trim().is_empty();
    if patterns.is_empty() || patterns.iter().any(empty) {
        report.error("empty", node.span, "an artifact needs a path");
    }
    patterns
}

/// A name becomes one of a file.
fn check_name(name: &str, span: Span, report: &mut Report) {
    // What an expression gives is looked at when it is known.
    if !name.contains("${{") && !is_name(name) {
        let message = format!("`{name}` is no name for an artifact");
        let hint = "leave out `/ \\ : * ? \" < > |` and a dot at its start".to_owned();
        report.error_with_hint("bad-name", span, message, Some(hint));
    }
}

/// Reads `dotenv`: one file or a list of files.
pub(crate) fn dotenv(entry: Option<&Entry>, report: &mut Report) -> Vec<DotenvFile> {
    let Some(entry) = entry else {
        return Vec::new();
    };
    let nodes = match entry.value.sequence() {
        Some(nodes) => nodes,
        None => std::slice::from_ref(&entry.value),
    };
    let files = nodes.iter();
    files
        .filter_map(|node| dotenv_file(node, entry, report))
        .collect()
}

fn dotenv_file(node: &Node, entry: &Entry, report: &mut Report) -> Option<DotenvFile> {
    let mut file = DotenvFile {
        path: String::new(),
        optional: false,
    };
    if node.mapping().is_some() {
        let record = Record::read(node, &keys::DOTENV_FILE, node.span, report)?;
        let optional = record.node("optional").map(|node| &node.value);
        file.optional = matches!(optional, Some(Value::Boolean(true)));
        file.path = scalar::plain(record.entry("path")?, report);
    } else {
        let alone = Entry {
            value: node.clone(),
            ..entry.clone()
        };
        file.path = scalar::plain(&alone, report);
    }
    if file.path.trim().is_empty() {
        report.error("empty", node.span, "a file of variables needs a path");
    }
    Some(file)
}
