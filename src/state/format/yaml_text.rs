//! Writes a tree of values as YAML that reads back as the same tree.
//!
//! Block style throughout, two spaces a level, a comment behind a line where one is asked for.

use crate::base::source::Span;
use crate::model::spec::quoting::{self, Context, Style};
use crate::model::tree::{Entry, Node, Value};

/// Gives the comment behind a key or an item, by its span; nothing for none. It is asked for each key
/// outside of lists, for each item of a list, and not for what is inside of an item.
pub(crate) type Comment<'a> = &'a dyn Fn(Span) -> Option<String>;

/// The document of a value.
pub(crate) fn render(root: &Node, comment: Comment<'_>) -> String {
    let mut writer = Writer {
        text: String::new(),
        comment,
        lists: 0,
    };
    match &root.value {
        Value::Mapping(entries) if !entries.is_empty() => writer.mapping(entries, 0, false),
        Value::Sequence(nodes) if !nodes.is_empty() => writer.sequence(nodes, 0),
        _ => {
            writer.scalar(root, 0, None);
        }
    }
    writer.text
}

struct Writer<'a> {
    text: String,
    comment: Comment<'a>,
    /// How many lists are around what is written.
    lists: usize,
}

impl Writer<'_> {
    /// Writes the entries; the first one goes on with the line of its `-` when `inside`.
    fn mapping(&mut self, entries: &[Entry], depth: usize, inside: bool) {
        for (index, entry) in entries.iter().enumerate() {
            if index > 0 || !inside {
                self.indent(depth);
            }
            let key = quoting::write(&entry.key, Style::Plain, Context::Block);
            self.text.push_str(&key);
            self.text.push(':');
            let told = self.lists == 0 || inside && index == 0 && self.lists == 1;
            let comment = told.then(|| (self.comment)(entry.key_span)).flatten();
            self.value(&entry.value, depth, comment.as_deref());
        }
    }

    fn sequence(&mut self, nodes: &[Node], depth: usize) {
        let told = self.lists == 0;
        self.lists += 1;
        for node in nodes {
            self.indent(depth);
            self.text.push('-');
            match &node.value {
                Value::Mapping(entries) if !entries.is_empty() => {
                    self.text.push(' ');
                    self.mapping(entries, depth + 1, true);
                }
                _ => {
                    let comment = told.then(|| (self.comment)(node.span)).flatten();
                    self.value(node, depth, comment.as_deref());
                }
            }
        }
        self.lists -= 1;
    }

    /// Writes what follows a `:` or a `-`, and ends the line.
    fn value(&mut self, node: &Node, depth: usize, comment: Option<&str>) {
        match &node.value {
            Value::Mapping(entries) if !entries.is_empty() => {
                self.end_line(comment);
                self.mapping(entries, depth + 1, false);
            }
            Value::Sequence(nodes) if !nodes.is_empty() => {
                self.end_line(comment);
                self.sequence(nodes, depth + 1);
            }
            _ => {
                self.text.push(' ');
                self.scalar(node, depth + 1, comment);
            }
        }
    }

    /// Writes what has nothing in it, and ends the line.
    fn scalar(&mut self, node: &Node, depth: usize, comment: Option<&str>) {
        let written = match &node.value {
            Value::Null => "null".to_owned(),
            Value::Boolean(value) => value.to_string(),
            Value::Integer(value) => value.to_string(),
            Value::Float(value) if value.is_nan() => ".nan".to_owned(),
            Value::Float(value) if value.is_infinite() && *value > 0.0 => ".inf".to_owned(),
            Value::Float(value) if value.is_infinite() => "-.inf".to_owned(),
            Value::Float(value) => format!("{value:?}"),
            Value::String(text) => match header(text) {
                Some(header) => {
                    self.text.push_str(header);
                    self.end_line(comment);
                    self.block(text, depth);
                    return;
                }
                None => quoting::write(text, Style::Plain, Context::Block),
            },
            Value::Sequence(_) => "[]".to_owned(),
            Value::Mapping(_) => "{}".to_owned(),
        };
        self.text.push_str(&written);
        self.end_line(comment);
    }

    /// The lines of a literal block.
    fn block(&mut self, text: &str, depth: usize) {
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            if !line.is_empty() {
                self.indent(depth);
                self.text.push_str(line);
            }
            self.text.push('\n');
        }
    }

    fn indent(&mut self, depth: usize) {
        for _ in 0..depth {
            self.text.push_str("  ");
        }
    }

    fn end_line(&mut self, comment: Option<&str>) {
        if let Some(comment) = comment {
            self.text.push_str("  # ");
            self.text.push_str(comment);
        }
        self.text.push('\n');
    }
}

/// The header of a literal block, for a text of several lines that can be one.
fn header(text: &str) -> Option<&'static str> {
    let first = text.chars().next()?;
    let plain = |character: char| character == '\n' || character == '\t' || !odd(character);
    if !text.trim_end_matches('\n').contains('\n') && !text.ends_with('\n')
        || first.is_whitespace()
        || !text.chars().all(plain)
        || text
            .lines()
            .any(|line| !line.is_empty() && line.trim().is_empty())
    {
        return None;
    }
    Some(match text.strip_suffix('\n') {
        None => "|-",
        Some(rest) if rest.ends_with('\n') => "|+",
        Some(_) => "|",
    })
}

/// Characters that only an escape can hold, or that a reader takes for the end of a line.
fn odd(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

#[cfg(test)]
mod tests {
    use super::render;
    use crate::base::source::{SourceText, Span};
    use crate::model::tree::{Node, Value};
    use crate::state::format::yaml;
    use proptest::prelude::*;

    fn read(text: &str) -> Node {
        let source = SourceText::new("a.yaml", text);
        yaml::read(&source, Span::new(0, text.len())).expect("it is YAML")
    }

    fn node(value: Value) -> Node {
        let span = Span::default();
        Node { span, value }
    }

    #[test]
    fn every_kind_of_value_is_written() {
        let text = "a: {b: [1, x, {c: [], d: {}}, [y, [z]]], e: ~}\n\
                    f: [1.5, .inf, -.inf, 1e30, true, 'true', '', '- x']\n\
                    g: \"one\\ntwo\\n\"\nh: \"one\\n\\n two\"\ni: \"x\\n\\n\"\nj: \" x\\ny\"\n";
        let written = render(&read(text), &|_| None);
        insta::assert_snapshot!(written, @r#"
        a:
          b:
            - 1
            - x
            - c: []
              d: {}
            -
              - y
              -
                - z
          e: null
        f:
          - 1.5
          - .inf
          - -.inf
          - 1e30
          - true
          - 'true'
          - ''
          - '- x'
        g: |
          one
          two
        h: |-
          one

           two
        i: |+
          x

        j: " x\ny"
        "#);
        assert!(read(&written).says_the_same(&read(text)));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

        #[test]
        fn any_text_reads_back(text in "[ a:#'\"|>\\-\\n\\t\\r\\\\{}%@é\u{85}\u{2028}0~]{0,12}") {
            let root = node(Value::Sequence(vec![
                node(Value::String(text.clone())),
                node(Value::Mapping(vec![crate::model::tree::Entry {
                    key: text.clone(),
                    key_span: Span::default(),
                    value: node(Value::String(text)),
                }])),
            ]));
            let written = render(&root, &|_| Some("from a.yaml:1".to_owned()));
            prop_assert!(read(&written).says_the_same(&root), "{written}");
        }
    }
}
