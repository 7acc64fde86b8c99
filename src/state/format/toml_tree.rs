//! TOML read into the tree of spanned values that every validator of ours works on.

use std::fmt::Write;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::base::diagnostic::Problem;
use crate::base::source::{SourceText, Span};
use crate::model::tree::{Entry, Node, Value};
use crate::state::format::conflict;

/// Reads a TOML text; what could be read comes back even when there are problems.
pub(crate) fn parse(source: &SourceText) -> (Node, Vec<Problem>) {
    let (table, errors) = DeTable::parse_recoverable(source.text());
    let root = Node {
        span: Span::new(0, 0),
        value: mapping(table.get_ref()),
    };
    if errors.is_empty() {
        return (root, Vec::new());
    }
    let whole = Span::new(0, source.text().len());
    if let Some(problem) = conflict::marker(source, whole) {
        return (root, vec![problem]);
    }
    let problems = errors
        .iter()
        .map(|error| {
            let range = error.span().unwrap_or(0..0);
            let message = error.message().trim().replace('\n', ", ");
            let span = Span::new(range.start, range.end);
            Problem::error("invalid-toml", source, span, message)
        })
        .collect();
    (root, problems)
}

fn mapping(table: &DeTable<'_>) -> Value {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().to_string(),
            key_span: span(key.span()),
            value: node(value),
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_span);
    Value::Mapping(entries)
}

fn node(value: &Spanned<DeValue<'_>>) -> Node {
    Node {
        span: span(value.span()),
        value: match value.get_ref() {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Integer(number) => {
                i64::from_str_radix(&number.as_str().replace('_', ""), number.radix())
                    .map_or_else(|_| Value::Float(f64::INFINITY), Value::Integer)
            }
            DeValue::Float(number) => {
                Value::Float(number.as_str().replace('_', "").parse().unwrap_or(f64::NAN))
            }
            DeValue::Boolean(flag) => Value::Boolean(*flag),
            DeValue::Datetime(time) => Value::String(time.to_string()),
            DeValue::Array(values) => Value::Sequence(values.iter().map(node).collect()),
            DeValue::Table(table) => mapping(table),
        },
    }
}

fn span(range: std::ops::Range<usize>) -> Span {
    Span::new(range.start, range.end)
}

/// A text as a basic TOML string.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            _ if character.is_control() => {
                write!(quoted, "\\u{:04X}", u32::from(character))
                    .expect("a string takes every write");
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::base::source::SourceText;
    use crate::model::tree::Value;

    fn check(text: &str, expected: &[&str]) {
        let source = SourceText::new("a.toml", text);
        let (_, problems) = parse(&source);
        let found: Vec<String> = problems
            .iter()
            .map(|problem| {
                let at = problem.position().expect("a place");
                format!("{}:{} {}", at.line, at.column, problem.code)
            })
            .collect();
        assert_eq!(found, expected, "{text:?} {problems:?}");
    }

    #[test]
    fn every_error_has_its_place() {
        check("a = 1\n", &[]);
        check(
            "a = 1\nb = \nc = 'x\n",
            &["2:5 invalid-toml", "3:7 invalid-toml"],
        );
        check(
            "<<<<<<< HEAD\na = 1\n=======\na = 2\n>>>>>>> b\n",
            &["1:1 conflict-markers"],
        );
        check("a = '''\n<<<<<<< HEAD\n'''\n", &[]);
    }

    #[test]
    fn values_keep_their_spans_and_order() {
        let source = SourceText::new("a.toml", "z = \"x\"\n[t]\nb = [0x10, true]\na = 1_0.5\n");
        let (root, problems) = parse(&source);
        assert_eq!(problems, []);
        let entries = root.mapping().expect("a mapping");
        let keys: Vec<_> = entries.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, ["z", "t"]);
        let z = root.get("z").expect("z");
        assert_eq!(source.slice(z.span), "\"x\"");
        let list = root.get("t").and_then(|t| t.get("b")).expect("b");
        assert_eq!(
            list.sequence().expect("a list").first().map(|n| &n.value),
            Some(&Value::Integer(16))
        );
        let float = root.get("t").and_then(|t| t.get("a")).expect("a");
        assert_eq!(float.value, Value::Float(10.5));
    }
}
