//! Reads YAML into a tree of values that know their place.
//!
//! The events come from the parser under `serde_yaml` (serde-saphyr re-exports it): it tells the
//! bytes of every scalar, bracket and alias, which Serde's data model cannot carry. Values follow
//! the core schema of YAML 1.2, so `on`, `yes` and `2026-11-22` are text.
//!
//! Must not know what a document means: keys are checked by whoever asked for the tree.

use crate::base::diagnostic::Problem;
use crate::base::limits::WORKFLOW_FILE_BYTES;
use crate::base::source::SourceText;
use crate::base::source::Span;
use crate::model::scalar;
use crate::model::tree::Entry;
use crate::model::tree::Node;
use crate::model::tree::Value;
use serde_yaml::granit_parser::Event;
use serde_yaml::granit_parser::Parser;
use serde_yaml::granit_parser::ScalarStyle;
use serde_yaml::granit_parser::Span as Mark;
use serde_yaml::granit_parser::StrInput;
use serde_yaml::granit_parser::StructureStyle;
use std::collections::HashMap;

mod message;
mod simple;
#[cfg(test)]
mod tests;

/// Levels of lists and mappings in each other; people write ten, a bomb writes thousands.
const DEPTH: usize = 64;

/// Values of one document, the ones that aliases repeat included.
const NODES: usize = 300_000;

/// Bytes of text in one document, the text that aliases repeat included.
const TEXT_BYTES: usize = 8 * 1024 * 1024;

/// Reads the YAML in a part of a text; every span is one in the whole text.
///
/// Aliases stand for what they name, and an alias's own span is where it is used; what is below
/// it keeps the span of where it was written. A `<<` key adds the keys of the mappings that it
/// names; the keys and values it adds have the span of the alias.
pub(crate) fn read(source: &SourceText, span: Span) -> Result<Node, Problem> {
    match simple::read(source.slice(span), span.start) {
        Some(node) => Ok(node),
        None => parsed(source, span),
    }
}

/// Reads with the parser, whatever the text is.
fn parsed(source: &SourceText, span: Span) -> Result<Node, Problem> {
    let text = source.slice(span);
    let limit = usize::try_from(WORKFLOW_FILE_BYTES).unwrap_or(usize::MAX);
    if text.len() > limit {
        let message = format!("the file is larger than {} KiB", limit / 1024);
        let start = Span::new(span.start, span.start);
        return Err(Problem::error("yaml-too-large", source, start, message));
    }
    if let Some(problem) = message::control_character(source, span) {
        return Err(problem);
    }
    let mut options = serde_yaml::granit_parser::Options::default();
    options.set_emit_comments(false);
    options.flow_nesting_limit = DEPTH;
    options.block_nesting_limit = DEPTH;
    let mut reader = Reader {
        source,
        text,
        base: span.start,
        parser: Parser::new_from_str_with_options(text, options),
        cursor: 0,
        anchors: HashMap::new(),
        budget: Weight::default(),
    };
    reader.document()
}

/// What a value costs to copy.
#[derive(Clone, Copy, Default)]
struct Weight {
    nodes: usize,
    bytes: usize,
    depth: usize,
}

/// A value that aliases can name.
struct Anchored {
    node: Node,
    weight: Weight,
}

struct Reader<'a> {
    source: &'a SourceText,
    text: &'a str,
    base: usize,
    parser: Parser<'a, StrInput<'a>>,
    /// The end of the last token seen, relative to `text`.
    cursor: usize,
    anchors: HashMap<usize, Anchored>,
    budget: Weight,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<Node, Problem> {
        let mut root = None;
        while let Some((event, mark)) = self.next()? {
            match event {
                Event::DocumentStart(..) if root.is_some() => {
                    return Err(self.problem(
                        "yaml-documents",
                        self.span(&mark),
                        "a second YAML document starts here, one was expected",
                    ));
                }
                Event::StreamStart
                | Event::StreamEnd
                | Event::DocumentEnd
                | Event::DocumentStart(..) => {}
                event => root = Some(self.node(event, &mark, 1)?.0),
            }
        }
        Ok(root.unwrap_or(Node {
            span: Span::new(self.base, self.base),
            value: Value::Null,
        }))
    }

    fn next(&mut self) -> Result<Option<(Event<'a>, Mark)>, Problem> {
        match self.parser.next_event() {
            None => Ok(None),
            Some(Ok(event)) => Ok(Some(event)),
            Some(Err(error)) => Err(message::syntax(self.source, self.base, self.text, &error)),
        }
    }

    /// The next event where the grammar promises one.
    fn expect(&mut self) -> Result<(Event<'a>, Mark), Problem> {
        let end = self.base + self.cursor;
        self.next()?.ok_or_else(|| {
            let message = "the document ends too early";
            self.problem("yaml-syntax", Span::new(end, end), message)
        })
    }

    /// Reads one value; gives its weight too.
    fn node(
        &mut self,
        event: Event<'a>,
        mark: &Mark,
        depth: usize,
    ) -> Result<(Node, Weight), Problem> {
        if depth > DEPTH {
            let message = format!("the values are nested more than {DEPTH} levels deep");
            return Err(self.problem("yaml-depth", self.span(mark), message));
        }
        self.tag_is_known(&event, mark)?;
        let anchor = event.anchor_id();
        let (node, weight) = match event {
            Event::Scalar(text, style, _, tag) => {
                let tag = tag.as_deref().map(|tag| tag.suffix().to_owned());
                self.scalar(&text, style, tag.as_deref(), mark)?
            }
            Event::Alias(id) => return self.alias(id, mark, depth),
            Event::SequenceStart(style, ..) => self.sequence(style, mark, depth)?,
            Event::MappingStart(style, ..) => self.mapping(style, mark, depth)?,
            _ => {
                let message = "a value was expected";
                return Err(self.problem("yaml-syntax", self.span(mark), message));
            }
        };
        if let Some(id) = anchor {
            let node = node.clone();
            self.spend(weight, node.span)?;
            self.anchors.insert(id, Anchored { node, weight });
        }
        Ok((node, weight))
    }

    fn tag_is_known(&self, event: &Event<'a>, mark: &Mark) -> Result<(), Problem> {
        let Some(tag) = event.tag() else {
            return Ok(());
        };
        let known = match event {
            Event::SequenceStart(..) => tag.is_yaml_core_schema_tag("seq"),
            Event::MappingStart(..) => tag.is_yaml_core_schema_tag("map"),
            _ => tag.is_yaml_core_schema() && !matches!(tag.suffix(), "seq" | "map"),
        };
        // A lone `!` means: text, whatever it looks like.
        if known || tag.original() == "!" {
            return Ok(());
        }
        let span = mark
            .tag_span()
            .map_or(self.span(mark), |tag| self.span(&tag));
        let message = format!("the tag `{}` means nothing here", tag.original());
        Err(self
            .problem("yaml-tag", span, message)
            .with_hint("leave the tag out; put text in quotes"))
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&str>,
        mark: &Mark,
    ) -> Result<(Node, Weight), Problem> {
        let (start, end) = self.offsets(mark);
        let missing = start == end;
        let (start, end) = match style {
            ScalarStyle::Literal | ScalarStyle::Folded => self.block_scalar(start, end),
            _ => (start, end),
        };
        self.cursor = end.max(self.cursor);
        let span = Span::new(start + self.base, end + self.base);
        let text = if missing && text == "~" { "" } else { text };
        let value = scalar::value(text, style == ScalarStyle::Plain, tag).ok_or_else(|| {
            let message = format!(
                "`{text}` is not what the tag `!!{}` says",
                tag.unwrap_or("")
            );
            self.problem("yaml-tag", span, message)
        })?;
        let weight = Weight {
            nodes: 1,
            bytes: text.len(),
            depth: 1,
        };
        self.spend(weight, span)?;
        Ok((Node { span, value }, weight))
    }

    /// The offsets of a block scalar from its `|` or `>` to its last written character; the
    /// parser tells only those of the content.
    fn block_scalar(&self, start: usize, end: usize) -> (usize, usize) {
        let head = self.text.get(self.cursor..start).unwrap_or("");
        let indicator = head
            .char_indices()
            .filter(|(_, character)| matches!(character, '|' | '>'))
            .map(|(offset, _)| offset)
            .find(|offset| {
                let rest = head.get(offset + 1..).unwrap_or("");
                let line = rest.lines().next().unwrap_or("");
                let line =
                    line.trim_start_matches(|c: char| c.is_ascii_digit() || "+-".contains(c));
                line.is_empty() || line.starts_with([' ', '\t'])
            });
        let start = indicator.map_or(start, |offset| self.cursor + offset);
        let written = self.text.get(start..end).unwrap_or("").trim_end();
        (start, start + written.len())
    }

    fn alias(&mut self, id: usize, mark: &Mark, depth: usize) -> Result<(Node, Weight), Problem> {
        let span = self.span(mark);
        self.cursor = self.offsets(mark).1.max(self.cursor);
        let Some(anchored) = self.anchors.get(&id) else {
            let message = format!(
                "`{}` stands inside of what it names",
                self.source.slice(span)
            );
            return Err(self.problem("yaml-anchor", span, message));
        };
        let weight = anchored.weight;
        if depth + weight.depth > DEPTH + 1 {
            let message = format!("the values are nested more than {DEPTH} levels deep");
            return Err(self.problem("yaml-depth", span, message));
        }
        // Spent before it is copied: a bomb must not be built to be refused.
        self.spend(weight, span)?;
        let value = self
            .anchors
            .get(&id)
            .map_or(Value::Null, |anchored| anchored.node.value.clone());
        Ok((Node { span, value }, weight))
    }

    fn sequence(
        &mut self,
        style: StructureStyle,
        mark: &Mark,
        depth: usize,
    ) -> Result<(Node, Weight), Problem> {
        let (mut start, mut end) = self.offsets(mark);
        if style == StructureStyle::Block {
            start = self.first_dash().unwrap_or(start);
            end = start + 1;
        }
        self.cursor = end.max(self.cursor);
        let mut nodes = Vec::new();
        let mut total = Weight::default();
        loop {
            let (event, mark) = self.expect()?;
            if event == Event::SequenceEnd {
                end = self.closed(style, &mark);
                break;
            }
            let (node, weight) = self.node(event, &mark, depth + 1)?;
            total = total.with(weight);
            nodes.push(node);
        }
        let span = Span::new(start + self.base, end + self.base);
        let value = Value::Sequence(nodes);
        Ok((Node { span, value }, total.in_collection()))
    }

    /// Where a collection ends: a bracket, or the last thing written in it.
    fn closed(&mut self, style: StructureStyle, mark: &Mark) -> usize {
        if style == StructureStyle::Flow {
            self.cursor = self.offsets(mark).1.max(self.cursor);
        }
        self.cursor
    }

    /// The `-` of the first item of a block sequence; the parser's mark stands after it.
    fn first_dash(&self) -> Option<usize> {
        let mut offset = self.cursor;
        loop {
            let rest = self.text.get(offset..)?;
            let first = rest.chars().next()?;
            offset += match first {
                '-' => return Some(offset),
                '#' => rest.find('\n')?,
                '&' | '!' => rest.find(char::is_whitespace)?,
                _ => first.len_utf8(),
            };
        }
    }

    fn mapping(
        &mut self,
        style: StructureStyle,
        mark: &Mark,
        depth: usize,
    ) -> Result<(Node, Weight), Problem> {
        let (start, end) = self.offsets(mark);
        if style == StructureStyle::Flow {
            self.cursor = end.max(self.cursor);
        }
        let mut entries: Vec<Entry> = Vec::new();
        let mut merges: Vec<(usize, Node)> = Vec::new();
        let mut total = Weight::default();
        loop {
            let (event, mark) = self.expect()?;
            if event == Event::MappingEnd {
                break self.finish_mapping(style, start, &mark, entries, merges, total);
            }
            let is_merge = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, _, None)
                if text == "<<");
            let (key_node, key_weight) = self.node(event, &mark, depth + 1)?;
            let (event, mark) = self.expect()?;
            let missing = self.colon_if_missing(&event, &mark);
            let (mut value, weight) = self.node(event, &mark, depth + 1)?;
            if let Some(offset) = missing {
                value.span = Span::new(offset + self.base, offset + self.base);
                self.cursor = offset;
            }
            total = total.with(key_weight).with(weight);
            if is_merge {
                merges.push((entries.len(), value));
            } else {
                entries.push(self.entry(key_node, value));
            }
        }
    }

    fn finish_mapping(
        &mut self,
        style: StructureStyle,
        start: usize,
        mark: &Mark,
        entries: Vec<Entry>,
        merges: Vec<(usize, Node)>,
        total: Weight,
    ) -> Result<(Node, Weight), Problem> {
        let end = self.closed(style, mark);
        let span = Span::new(start + self.base, end + self.base);
        let value = Value::Mapping(self.merged(entries, merges)?);
        Ok((Node { span, value }, total.in_collection()))
    }

    /// The place after the colon, when a key has no value and no anchor or tag either.
    fn colon_if_missing(&self, event: &Event<'a>, mark: &Mark) -> Option<usize> {
        let (start, end) = self.offsets(mark);
        let plain =
            matches!(event, Event::Scalar(text, ScalarStyle::Plain, 0, None) if text == "~");
        if !plain || start != end {
            return None;
        }
        let rest = self.text.get(self.cursor..)?;
        let blank = rest.len() - rest.trim_start().len();
        rest.get(blank..)?
            .starts_with(':')
            .then_some(self.cursor + blank + 1)
    }

    fn entry(&self, key: Node, value: Node) -> Entry {
        let written = self.source.slice(key.span);
        Entry {
            key: match key.value {
                Value::String(text) => text,
                _ => written.to_owned(),
            },
            key_span: key.span,
            value,
        }
    }

    /// Adds what `<<` keys name: the mapping's own keys win, then the mapping named first.
    fn merged(
        &mut self,
        entries: Vec<Entry>,
        merges: Vec<(usize, Node)>,
    ) -> Result<Vec<Entry>, Problem> {
        let mut entries = entries;
        // A mapping of one key would keep the room of four as long as the tree is there.
        entries.shrink_to_fit();
        for (index, node) in merges.into_iter().rev() {
            let span = node.span;
            let mappings = match node.value {
                Value::Sequence(nodes) => nodes,
                value => vec![Node { span, value }],
            };
            let mut added: Vec<Entry> = Vec::new();
            for mapping in mappings {
                let Value::Mapping(named) = mapping.value else {
                    let message = "`<<` takes a mapping or a list of mappings";
                    return Err(self.problem("yaml-merge", mapping.span, message));
                };
                for mut entry in named {
                    let known = |other: &Entry| other.key == entry.key;
                    if !entries.iter().any(known) && !added.iter().any(known) {
                        entry.key_span = mapping.span;
                        entry.value.span = mapping.span;
                        added.push(entry);
                    }
                }
                // Comparing keys is quadratic: what it costs is spent too.
                let nodes = (entries.len() + added.len()) / 8;
                self.spend(
                    Weight {
                        nodes,
                        bytes: 0,
                        depth: 0,
                    },
                    mapping.span,
                )?;
            }
            let index = index.min(entries.len());
            entries.splice(index..index, added);
        }
        Ok(entries)
    }

    fn spend(&mut self, weight: Weight, span: Span) -> Result<(), Problem> {
        self.budget.nodes = self.budget.nodes.saturating_add(weight.nodes);
        self.budget.bytes = self.budget.bytes.saturating_add(weight.bytes);
        if self.budget.nodes <= NODES && self.budget.bytes <= TEXT_BYTES {
            return Ok(());
        }
        let message = format!(
            "the document is larger than {NODES} values or {} MiB of text when its aliases are expanded",
            TEXT_BYTES / 1024 / 1024
        );
        Err(self.problem("yaml-too-large", span, message))
    }

    fn offsets(&self, mark: &Mark) -> (usize, usize) {
        let range = mark.byte_range().unwrap_or(self.cursor..self.cursor);
        (range.start, range.end)
    }

    fn span(&self, mark: &Mark) -> Span {
        let (start, end) = self.offsets(mark);
        Span::new(start, end).shifted(self.base)
    }

    fn problem(&self, code: &'static str, span: Span, message: impl Into<String>) -> Problem {
        Problem::error(code, self.source, span, message)
    }
}

impl Weight {
    fn with(self, part: Self) -> Self {
        Self {
            nodes: self.nodes.saturating_add(part.nodes),
            bytes: self.bytes.saturating_add(part.bytes),
            depth: self.depth.max(part.depth),
        }
    }

    fn in_collection(self) -> Self {
        Self {
            nodes: self.nodes.saturating_add(1),
            depth: self.depth + 1,
            ..self
        }
    }
}
