//! A tree of YAML to be written, comments included.

use crate::model::spec::quoting::{self, Context, Style};
use crate::model::tree::{Node, Value};

/// A value to be written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Yaml {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// Text, of one line or of several.
    Text(String),
    /// A list.
    List(List),
    /// A mapping.
    Map(Map),
}

/// A list with comments between its elements.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct List {
    parts: Vec<Part<Yaml>>,
}

/// A mapping with comments between its keys, in the order in which they were put in.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Map {
    parts: Vec<Part<(String, Yaml)>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Part<T> {
    /// Lines without their `#`.
    Comment(String),
    Value(T),
}

impl Yaml {
    /// A text.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// What a file says, its texts changed by `change`.
    pub(crate) fn from_node(node: &Node, change: &mut dyn FnMut(&str) -> String) -> Self {
        match &node.value {
            Value::Null => Self::Null,
            Value::Boolean(value) => Self::Boolean(*value),
            Value::Integer(value) => Self::Integer(*value),
            Value::Float(value) => Self::Float(*value),
            Value::String(text) => Self::Text(change(text)),
            Value::Sequence(nodes) => {
                let mut list = List::default();
                for node in nodes {
                    list.push(Self::from_node(node, change));
                }
                Self::List(list)
            }
            Value::Mapping(entries) => {
                let mut map = Map::default();
                for entry in entries {
                    map.put(&entry.key, Self::from_node(&entry.value, change));
                }
                Self::Map(map)
            }
        }
    }

    /// What a file says, as it is.
    pub(crate) fn copy(node: &Node) -> Self {
        Self::from_node(node, &mut str::to_owned)
    }
}

impl List {
    /// Adds an element.
    pub(crate) fn push(&mut self, value: Yaml) {
        self.parts.push(Part::Value(value));
    }

    /// Adds a comment.
    pub(crate) fn comment(&mut self, text: impl Into<String>) {
        self.parts.push(Part::Comment(text.into()));
    }

    /// Adds all that another list has.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.parts.append(&mut other.parts);
    }

    /// The elements.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Yaml> {
        self.parts.iter().filter_map(|part| match part {
            Part::Value(value) => Some(value),
            Part::Comment(_) => None,
        })
    }

    /// The last element, when it is a mapping.
    pub(crate) fn last_map(&mut self) -> Option<&mut Map> {
        self.parts.iter_mut().rev().find_map(|part| match part {
            Part::Value(Yaml::Map(map)) => Some(map),
            _ => None,
        })
    }

    /// Whether there is no element, whatever comments there are.
    pub(crate) fn is_empty(&self) -> bool {
        self.values().next().is_none()
    }

    /// A list of texts.
    pub(crate) fn of_texts(texts: impl IntoIterator<Item = String>) -> Self {
        let parts = texts.into_iter().map(|text| Part::Value(Yaml::Text(text)));
        Self {
            parts: parts.collect(),
        }
    }
}

impl Map {
    /// Sets the value of a key: in its place when it is there, else at the end.
    pub(crate) fn put(&mut self, key: &str, value: Yaml) {
        match self.get_mut(key) {
            Some(old) => *old = value,
            None => self.parts.push(Part::Value((key.to_owned(), value))),
        }
    }

    /// Sets the text of a key.
    pub(crate) fn put_text(&mut self, key: &str, text: impl Into<String>) {
        self.put(key, Yaml::Text(text.into()));
    }

    /// Adds a comment.
    pub(crate) fn comment(&mut self, text: impl Into<String>) {
        self.parts.push(Part::Comment(text.into()));
    }

    /// Adds all that another mapping has.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.parts.append(&mut other.parts);
    }

    /// Adds the comments of a list.
    pub(crate) fn append_comments(&mut self, list: List) {
        for part in list.parts {
            if let Part::Comment(text) = part {
                self.comment(text);
            }
        }
    }

    /// Takes a key away; tells whether it was there.
    pub(crate) fn remove(&mut self, key: &str) -> bool {
        let before = self.parts.len();
        self.parts
            .retain(|part| !matches!(part, Part::Value((name, _)) if name == key));
        before != self.parts.len()
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Yaml> {
        self.parts.iter().find_map(|part| match part {
            Part::Value((name, value)) if name == key => Some(value),
            _ => None,
        })
    }

    /// The value of a key, to be changed.
    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Yaml> {
        self.parts.iter_mut().find_map(|part| match part {
            Part::Value((name, value)) if name == key => Some(value),
            _ => None,
        })
    }

    /// Sets a value in the mapping below a key, which is made when there is none.
    pub(crate) fn put_in(&mut self, key: &str, inner: &str, value: Yaml) {
        if let Some(Yaml::Map(map)) = self.get_mut(key) {
            map.put(inner, value);
            return;
        }
        let mut map = Self::default();
        map.put(inner, value);
        self.put(key, Yaml::Map(map));
    }

    /// The keys.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Value((name, _)) => Some(name.as_str()),
            Part::Comment(_) => None,
        })
    }

    /// Whether there is no key, whatever comments there are.
    pub(crate) fn is_empty(&self) -> bool {
        self.keys().next().is_none()
    }

    /// The text of the whole file.
    pub(crate) fn write(&self) -> String {
        let mut out = String::new();
        write_map(self, 0, &mut out);
        out
    }
}

fn indented(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn write_comment(text: &str, indent: usize, out: &mut String) {
    for line in text.lines() {
        indented(indent, out);
        out.push('#');
        if !line.is_empty() {
            out.push(' ');
            // What no comment of YAML may hold would end the file there.
            let harmless = |character: char| character == '\t' || !character.is_control();
            out.extend(line.chars().filter(|character| harmless(*character)));
        }
        out.push('\n');
    }
}

fn write_map(map: &Map, indent: usize, out: &mut String) {
    for part in &map.parts {
        match part {
            Part::Comment(text) => write_comment(text, indent, out),
            Part::Value((key, value)) => {
                indented(indent, out);
                write_pair(key, value, indent, out);
            }
        }
    }
}

/// Writes a key and its value; the indentation of the key stands there already.
fn write_pair(key: &str, value: &Yaml, indent: usize, out: &mut String) {
    out.push_str(&quoting::write(key, Style::Plain, Context::Block));
    out.push(':');
    match value {
        Yaml::Map(map) if map.is_empty() => {
            out.push_str(" {}\n");
            comments(&map.parts, indent + 2, out);
        }
        Yaml::Map(map) => {
            out.push('\n');
            write_map(map, indent + 2, out);
        }
        Yaml::List(list) if list.is_empty() => {
            out.push_str(" []\n");
            comments(&list.parts, indent + 2, out);
        }
        Yaml::List(list) => {
            out.push('\n');
            write_list(list, indent + 2, out);
        }
        Yaml::Null => out.push('\n'),
        scalar => {
            out.push(' ');
            write_scalar(scalar, indent, out);
        }
    }
}

fn comments<T>(parts: &[Part<T>], indent: usize, out: &mut String) {
    for part in parts {
        if let Part::Comment(text) = part {
            write_comment(text, indent, out);
        }
    }
}

fn write_list(list: &List, indent: usize, out: &mut String) {
    for part in &list.parts {
        let value = match part {
            Part::Comment(text) => {
                write_comment(text, indent, out);
                continue;
            }
            Part::Value(value) => value,
        };
        indented(indent, out);
        out.push('-');
        match value {
            Yaml::Map(map) if !map.is_empty() => write_element(map, indent + 2, out),
            Yaml::List(inner) if !inner.is_empty() => {
                out.push('\n');
                write_list(inner, indent + 2, out);
            }
            Yaml::Map(_) => out.push_str(" {}\n"),
            Yaml::List(_) => out.push_str(" []\n"),
            Yaml::Null => out.push('\n'),
            scalar => {
                out.push(' ');
                write_scalar(scalar, indent, out);
            }
        }
    }
}

/// Writes a mapping behind the dash of its element: the first key stands beside the dash.
fn write_element(map: &Map, indent: usize, out: &mut String) {
    let mut first = true;
    for part in &map.parts {
        match part {
            Part::Comment(text) if first => {
                // Nothing but the dash stands in the line so far.
                out.push('\n');
                write_comment(text, indent, out);
                first = false;
            }
            Part::Comment(text) => write_comment(text, indent, out),
            Part::Value((key, value)) => {
                if first {
                    out.push(' ');
                } else {
                    indented(indent, out);
                }
                first = false;
                write_pair(key, value, indent, out);
            }
        }
    }
}

/// Writes a scalar and ends its line; `indent` is that of the key or dash before it.
fn write_scalar(value: &Yaml, indent: usize, out: &mut String) {
    let written = match value {
        Yaml::Boolean(value) => value.to_string(),
        Yaml::Integer(value) => value.to_string(),
        Yaml::Float(value) if value.is_nan() => ".nan".to_owned(),
        Yaml::Float(value) if value.is_infinite() => {
            if *value > 0.0 { ".inf" } else { "-.inf" }.to_owned()
        }
        Yaml::Float(value) => format!("{value:?}"),
        Yaml::Text(text) => match literal(text, indent + 2) {
            Some(block) => {
                out.push_str(&block);
                return;
            }
            None => quoting::write(text, Style::Plain, Context::Block),
        },
        Yaml::Null | Yaml::List(_) | Yaml::Map(_) => String::new(),
    };
    out.push_str(&written);
    out.push('\n');
}

/// Text of several lines as a literal block, where one can hold it.
fn literal(text: &str, indent: usize) -> Option<String> {
    let body = text.trim_end_matches('\n');
    let holds = |character: char| {
        character == '\n'
            || character == '\t'
            || !(character.is_control()
                || matches!(
                    character,
                    '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
                ))
    };
    if !text.contains('\n') || body.trim().is_empty() || !text.chars().all(holds) {
        return None;
    }
    let mut block = String::from("|");
    if body.starts_with([' ', '\n', '\t']) {
        block.push('2');
    }
    block.push_str(match text.len() - body.len() {
        0 => "-",
        1 => "",
        _ => "+",
    });
    block.push('\n');
    let rest = text.strip_suffix('\n').unwrap_or(text);
    for line in rest.split('\n') {
        if !line.is_empty() {
            indented(indent, &mut block);
            block.push_str(line);
        }
        block.push('\n');
    }
    Some(block)
}

#[cfg(test)]
mod tests {
    use super::{List, Map, Yaml};

    #[test]
    fn every_kind_of_value_is_written() {
        let mut step = Map::default();
        step.comment("about it");
        step.put_text("name", "a: b");
        step.put_text("run", "echo 1\n\necho 2\n");
        step.put("env", Yaml::Map(Map::default()));
        let mut inner = Map::default();
        inner.put_text("A", "yes");
        inner.put_text("B", "true");
        step.put("more", Yaml::Map(inner));
        let mut list = List::of_texts(["x".to_owned(), "- y".to_owned()]);
        list.comment("between");
        list.push(Yaml::Map(step));
        list.push(Yaml::Float(3.1));
        let mut root = Map::default();
        root.put("none", Yaml::Null);
        root.put("list", Yaml::List(list));
        root.put("empty", Yaml::List(List::default()));
        root.put_text("kept", "a\n\n");
        root.put_text("cut", "  a\nb");
        let expected = "\
none:
list:
  - x
  - '- y'
  # between
  -
    # about it
    name: 'a: b'
    run: |
      echo 1

      echo 2
    env: {}
    more:
      A: yes
      B: 'true'
  - 3.1
empty: []
kept: |+
  a

cut: |2-
    a
  b
";
        assert_eq!(root.write(), expected);
    }

    #[test]
    fn a_key_keeps_its_place() {
        let mut map = Map::default();
        map.put_text("a", "1");
        map.put_text("b", "2");
        map.put_text("a", "3");
        map.put_in("c", "d", Yaml::text("4"));
        map.put_in("c", "e", Yaml::text("5"));
        assert_eq!(map.write(), "a: '3'\nb: '2'\nc:\n  d: '4'\n  e: '5'\n");
    }
}
