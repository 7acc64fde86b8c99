//! Syntax errors in words for people: what is wrong, and what to write instead.

use crate::base::diagnostic::Problem;
use crate::base::source::SourceText;
use crate::base::source::Span;
use crate::state::format::conflict;
use crate::state::format::yaml::DEPTH;
use serde_yaml::granit_parser::ErrorKind;
use serde_yaml::granit_parser::ScanError;

/// The first character that no YAML text may hold.
pub(super) fn control_character(source: &SourceText, span: Span) -> Option<Problem> {
    let text = source.slice(span);
    let plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\n');
    // In one pass that compilers know to do many bytes at a time: nearly every text is plain.
    if text.bytes().filter(|byte| !plain(*byte)).count() == 0 {
        return None;
    }
    let (offset, character) = text.char_indices().find(|(_, character)| {
        let allowed = matches!(character, '\t' | '\n' | '\r' | '\u{85}');
        (character.is_control() && !allowed) || matches!(character, '\u{fffe}' | '\u{ffff}')
    })?;
    let start = span.start + offset;
    let place = Span::new(start, start + character.len_utf8());
    let message = format!(
        "the control character U+{:04X} is not allowed",
        u32::from(character)
    );
    Some(
        Problem::error("yaml-syntax", source, place, message)
            .with_hint("remove it, or write it as an escape such as `\"\\u0007\"`"),
    )
}

/// The problem that the parser found, at its exact place.
pub(super) fn syntax(source: &SourceText, base: usize, text: &str, error: &ScanError) -> Problem {
    if let Some(problem) = conflict::marker(source, Span::new(base, base + text.len())) {
        return problem;
    }
    let offset = error.marker().byte_offset().unwrap_or(0).min(text.len());
    let line = text.get(..offset).and_then(|before| before.rfind('\n'));
    let line = line.map_or(0, |end| end + 1);
    // After some texts the parser takes a tab for a wrong start of what follows it.
    let indented = text
        .get(line..offset)
        .is_some_and(|it| it.starts_with('\t'));
    let kind = match error.kind() {
        kind if indented && layout(kind).is_some() => &ErrorKind::TabInBlockIndentation,
        kind => kind,
    };
    let offset = blamed(kind, text, (line, offset));
    let rest = text.get(offset..).unwrap_or("");
    let length = rest
        .chars()
        .next()
        .filter(|character| !matches!(character, '\n' | '\r'))
        .map_or(0, char::len_utf8);
    let span = Span::new(base + offset, base + offset + length);
    let (code, message, hint) = words(kind);
    let problem = Problem::error(code, source, span, message);
    match hint {
        Some(hint) => problem.with_hint(hint),
        None => problem,
    }
}

/// The parser stops before a tab, at the start of its line or some lines later; the tab itself is
/// to blame, and of several the first one that indents.
fn blamed(kind: &ErrorKind, text: &str, (line, offset): (usize, usize)) -> usize {
    if !is_tab(kind) {
        return offset;
    }
    let from_line = text.get(line..).unwrap_or("");
    let own = from_line
        .find('\t')
        .map_or(offset, |distance| line + distance);
    // Inside of a block of text a line begins with spaces, and tabs behind them are content.
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if start > offset {
            break;
        }
        if line.starts_with('\t') && !line.trim().is_empty() {
            return start;
        }
        start += line.len();
    }
    own
}

fn is_tab(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::TabInPlainScalar
    )
}

const SPACES: &str = "indent with spaces, never with tabs";
const QUOTE_COLON: &str = "put a value that holds `: ` in quotes, and check the indentation";
const BRACES: &str = "between `{ }` and `[ ]`, put a value that holds one of these or a `,` in quotes, \
                      such as '${{ … }}'";
const QUOTE: &str = "put the value in quotes";
const SAME_COLUMN: &str = "start all keys of one mapping in the same column";
const DASHES: &str = "start each item with `- ` in the same column, on its own line";

fn words(kind: &ErrorKind) -> (&'static str, String, Option<&'static str>) {
    if let Some((message, hint)) = layout(kind).or_else(|| punctuation(kind)) {
        return ("yaml-syntax", message.to_owned(), hint);
    }
    match kind {
        ErrorKind::RecursionLimitExceeded => {
            let message = format!("the values are nested more than {DEPTH} levels deep");
            ("yaml-depth", message, None)
        }
        ErrorKind::UnknownAnchor => {
            let message = "no anchor of this name stands before this alias".to_owned();
            let hint = "put a value that starts with `*` in quotes";
            ("yaml-anchor", message, Some(hint))
        }
        ErrorKind::UnexpectedCharacter { character } => {
            let message = format!("no value can start with `{character}`");
            ("yaml-syntax", message, Some(QUOTE))
        }
        ErrorKind::UnclosedFlowCollection { open } => {
            ("yaml-syntax", format!("the `{open}` is never closed"), None)
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            let message = format!("`{open}` is closed by `{close}`");
            ("yaml-syntax", message, None)
        }
        other => {
            let text = other.to_string();
            // Its messages read "while parsing a node, did not find …": the first half is noise.
            let tail = text.split_once(", ").filter(|_| text.starts_with("while "));
            let message = tail.map_or(text.clone(), |(_, tail)| tail.to_owned());
            ("yaml-syntax", message, None)
        }
    }
}

/// Errors of lines, indentation and the order of keys and items.
fn layout(kind: &ErrorKind) -> Option<(&'static str, Option<&'static str>)> {
    Some(match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => ("a tab stands where YAML wants spaces", Some(SPACES)),
        ErrorKind::MappingValueNotAllowed => {
            ("a `:` stands where no key can be", Some(QUOTE_COLON))
        }
        ErrorKind::MappingKeyNotAllowed => ("a key stands where none can be", Some(SAME_COLUMN)),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            let message = "this line is neither `key: value` nor a list item";
            (message, Some("add the `:` after the key"))
        }
        ErrorKind::ExpectedBlockMappingKey => (
            "a key was expected here",
            Some("indent it like the keys before it"),
        ),
        ErrorKind::ExpectedBlockSequenceEntry => ("a list item was expected here", Some(DASHES)),
        ErrorKind::BlockSequenceEntryNotAllowed | ErrorKind::BlockEntryInFlowCollection => {
            ("a list item stands where none can be", Some(DASHES))
        }
        ErrorKind::InvalidIndentation
        | ErrorKind::InvalidBlockScalarIndent
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::InvalidFlowScalarIndent => (
            "this line is indented like nothing around it",
            Some(SAME_COLUMN),
        ),
        ErrorKind::UnexpectedEof
        | ErrorKind::UnexpectedEofBlockMapping
        | ErrorKind::UnexpectedEofBlockSequence => ("the document ends too early", None),
        ErrorKind::BomInsideDocument => (
            "a byte-order mark stands inside the text",
            Some("remove it"),
        ),
        ErrorKind::CommentNotSeparated => ("a comment needs a space before its `#`", None),
        ErrorKind::InvalidBlockScalarHeader => {
            ("only a line break or a comment may follow `|` or `>`", None)
        }
        _ => return None,
    })
}

/// Errors of quotes, brackets and signs.
fn punctuation(kind: &ErrorKind) -> Option<(&'static str, Option<&'static str>)> {
    Some(match kind {
        ErrorKind::UnclosedQuotedScalar => ("the quote is never closed", None),
        ErrorKind::DocumentIndicatorInQuotedScalar => {
            let message = "`---` or `...` stands inside a quoted text";
            (message, Some("close the quote before it"))
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => (
            "text follows the closing quote",
            Some("put the whole value in quotes"),
        ),
        ErrorKind::UnknownQuotedScalarEscape | ErrorKind::InvalidQuotedScalarHexEscape => {
            let hint = "write `\\\\` for a backslash, or use single quotes";
            ("this escape is unknown", Some(hint))
        }
        ErrorKind::UnexpectedCharacter { character: '`' } => {
            ("no value can start with a back quote", Some(QUOTE))
        }
        ErrorKind::PlainScalarStartsWithDashFlowIndicator => {
            ("a plain value cannot start like this", Some(QUOTE))
        }
        ErrorKind::MisplacedFlowCollectionEnd => {
            ("a bracket closes what was never opened", Some(QUOTE))
        }
        ErrorKind::ExpectedFlowMappingSeparator => ("`,` or `}` was expected here", Some(BRACES)),
        ErrorKind::ExpectedFlowSequenceSeparator => ("`,` or `]` was expected here", Some(BRACES)),
        ErrorKind::UnexpectedEofFlowSequence => ("the `[` is never closed", None),
        ErrorKind::UnexpectedEofFlowMapping | ErrorKind::UnexpectedEofImplicitFlowMapping => {
            ("the `{` is never closed", None)
        }
        ErrorKind::MissingAnchorOrAliasName => {
            let hint = "put a value that starts with it in quotes";
            ("`&` or `*` needs a name right after it", Some(hint))
        }
        _ => return None,
    })
}
