//! Tests of the reader: values, spans against the text, limits, messages.

use super::read;
use crate::base::source::SourceText;
use crate::base::source::Span;
use crate::model::tree::Node;
use crate::model::tree::Value;
use proptest::prelude::ProptestConfig;
use proptest::prelude::prop;
use proptest::prop_assert;
use proptest::proptest;
use proptest::test_runner::RngSeed;

/// Shows a tree with the text that each span covers, on one line.
fn show(source: &SourceText, node: &Node) -> String {
    let written = source.slice(node.span);
    match &node.value {
        Value::Null => format!("null<{written}>"),
        Value::Boolean(value) => format!("{value}<{written}>"),
        Value::Integer(value) => format!("{value}<{written}>"),
        Value::Float(value) => format!("f{value}<{written}>"),
        Value::String(value) => format!("{value:?}<{written}>"),
        Value::Sequence(nodes) => {
            let items: Vec<String> = nodes.iter().map(|node| show(source, node)).collect();
            format!("[{}]<{written}>", items.join(" "))
        }
        Value::Mapping(entries) => {
            let items: Vec<String> = entries
                .iter()
                .map(|entry| {
                    let key = source.slice(entry.key_span);
                    format!("{}<{key}>={}", entry.key, show(source, &entry.value))
                })
                .collect();
            format!("{{{}}}<{written}>", items.join(" "))
        }
    }
}

/// Reads a text that stands between other text and compares what `show` says of it.
#[track_caller]
fn check(yaml: &str, expected: &str) {
    let before = "é---\n";
    let source = SourceText::new("a.md", format!("{before}{yaml}---\nbody: [\n"));
    let span = Span::new(before.len(), before.len() + yaml.len());
    let shown = match read(&source, span) {
        Ok(node) => show(&source, &node),
        Err(problem) => {
            let at = problem.position().expect("in a text");
            format!(
                "{} {}:{} {}",
                problem.code,
                at.line - 1,
                at.column,
                problem.message
            )
        }
    };
    assert_eq!(shown, expected, "for {:?}", yaml.get(..300).unwrap_or(yaml));
}

#[test]
fn plain_scalars_follow_the_core_schema() {
    check("on\n", "\"on\"<on>");
    check(
        "[yes, no, off, y]\n",
        "[\"yes\"<yes> \"no\"<no> \"off\"<off> \"y\"<y>]<[yes, no, off, y]>",
    );
    check(
        "[true, False, TRUE]\n",
        "[true<true> false<False> true<TRUE>]<[true, False, TRUE]>",
    );
    check("[~, null, ]\n", "[null<~> null<null>]<[~, null, ]>");
    check(
        "[12, -3, +4, 007, 0o17, 0x1f]\n",
        "[12<12> -3<-3> 4<+4> 7<007> 15<0o17> 31<0x1f>]<[12, -3, +4, 007, 0o17, 0x1f]>",
    );
    check(
        "[1.5, .5, 1., 1e3, -.inf]\n",
        "[f1.5<1.5> f0.5<.5> f1<1.> f1000<1e3> f-inf<-.inf>]<[1.5, .5, 1., 1e3, -.inf]>",
    );
    check(
        "[1_000, 1e, 0x, 0x-1, ., 1.2.3]\n",
        "[\"1_000\"<1_000> \"1e\"<1e> \"0x\"<0x> \"0x-1\"<0x-1> \".\"<.> \"1.2.3\"<1.2.3>]<[1_000, 1e, 0x, 0x-1, ., 1.2.3]>",
    );
    check("2026-11-22\n", "\"2026-11-22\"<2026-11-22>");
    check(
        "99999999999999999999\n",
        "f100000000000000000000<99999999999999999999>",
    );
    check("!!str 12\n", "\"12\"<12>");
    check("! 12\n", "\"12\"<12>");
    check("!!int '12'\n", "12<'12'>");
    check(
        "!!int x\n",
        "yaml-tag 1:7 `x` is not what the tag `!!int` says",
    );
    check("!foo x\n", "yaml-tag 1:1 the tag `!foo` means nothing here");
}

#[test]
fn spans_cover_what_was_written() {
    check(
        "a: 'x y'  # c\nb: \"q\\n\"\n",
        "{a<a>=\"x y\"<'x y'> b<b>=\"q\\n\"<\"q\\n\">}<a: 'x y'  # c\nb: \"q\\n\">",
    );
    check(
        "\"a b\": plain  \n  wrapped\n\n",
        "{a b<\"a b\">=\"plain wrapped\"<plain  \n  wrapped>}<\"a b\": plain  \n  wrapped>",
    );
    check(
        "d: | # c\n  one\n  | two\n\n# com\ne: >-\n\n  f\n  g\nh: 1\n",
        "{d<d>=\"one\\n| two\\n\"<| # c\n  one\n  | two> e<e>=\"\\nf g\"<>-\n\n  f\n  g> h<h>=1<1>}<d: | # c\n  one\n  | two\n\n# com\ne: >-\n\n  f\n  g\nh: 1>",
    );
    check(
        "d: &x !!str |2+\n   one\n\n",
        "{d<d>=\" one\\n\\n\"<|2+\n   one>}<d: &x !!str |2+\n   one>",
    );
    check("d: |\n", "{d<d>=\"\"<|>}<d: |>");
    check("d: |\ne: 1\n", "{d<d>=\"\"<|> e<e>=1<1>}<d: |\ne: 1>");
    check(
        "l:\n# a - b\n- 1\n- x: 2\n  y:\n# c\nf: [a, 'b', {c: d}, k: v]\n",
        "{l<l>=[1<1> {x<x>=2<2> y<y>=null<>}<x: 2\n  y:>]<- 1\n- x: 2\n  y:> f<f>=[\"a\"<a> \"b\"<'b'> {c<c>=\"d\"<d>}<{c: d}> {k<k>=\"v\"<v>}<k: v>]<[a, 'b', {c: d}, k: v]>}<l:\n# a - b\n- 1\n- x: 2\n  y:\n# c\nf: [a, 'b', {c: d}, k: v]>",
    );
    check(
        "- - 1\n  - 2\n-\n",
        "[[1<1> 2<2>]<- 1\n  - 2> null<>]<- - 1\n  - 2\n->",
    );
    check(
        "é: \"ü\"\r\nc: |\r\n  x\r\n  y\r\n",
        "{é<é>=\"ü\"<\"ü\"> c<c>=\"x\\ny\\n\"<|\r\n  x\r\n  y>}<é: \"ü\"\r\nc: |\r\n  x\r\n  y>",
    );
    check("", "null<>");
    check("# only a comment\n", "null<>");
}

#[test]
fn a_missing_value_stands_after_its_colon() {
    let source = SourceText::new("a.md", "a:   # c\nb :\n");
    let node = read(&source, Span::new(0, source.text().len())).expect("valid");
    let spans: Vec<Span> = node
        .mapping()
        .expect("a mapping")
        .iter()
        .map(|entry| entry.value.span)
        .collect();
    assert_eq!(spans, [Span::new(2, 2), Span::new(12, 12)]);
}

#[test]
fn a_byte_order_mark_is_skipped() {
    let source = SourceText::new("a.yaml", "\u{feff}a: 1\n");
    let node = read(&source, Span::new(0, source.text().len())).expect("valid");
    assert_eq!(show(&source, &node), "{a<a>=1<1>}<a: 1>");
}

#[test]
fn keys_may_stand_twice_or_be_no_text() {
    check("a: 1\na: 2\n", "{a<a>=1<1> a<a>=2<2>}<a: 1\na: 2>");
    check(
        "1: x\ntrue: y\n~: z\n",
        "{1<1>=\"x\"<x> true<true>=\"y\"<y> ~<~>=\"z\"<z>}<1: x\ntrue: y\n~: z>",
    );
    check("[a, b]: x\n", "{[a, b]<[a, b]>=\"x\"<x>}<[a, b]: x>");
    check("{{ x }}: y\n", "{{{ x }}<{{ x }}>=\"y\"<y>}<{{ x }}: y>");
}

#[test]
fn aliases_stand_for_what_they_name() {
    check(
        "a: &x [1]\nb: *x\n",
        "{a<a>=[1<1>]<[1]> b<b>=[1<1>]<*x>}<a: &x [1]\nb: *x>",
    );
    check(
        "a: &x {k: 1, l: 2}\nb:\n  k: 3\n  <<: *x\n",
        "{a<a>={k<k>=1<1> l<l>=2<2>}<{k: 1, l: 2}> b<b>={k<k>=3<3> l<*x>=2<*x>}<k: 3\n  <<: *x>}<a: &x {k: 1, l: 2}\nb:\n  k: 3\n  <<: *x>",
    );
    check(
        "a: *x\n",
        "yaml-anchor 1:4 no anchor of this name stands before this alias",
    );
    check(
        "a: &x [*x]\n",
        "yaml-anchor 1:8 `*x` stands inside of what it names",
    );
    check(
        "<<: 1\n",
        "yaml-merge 1:5 `<<` takes a mapping or a list of mappings",
    );
}

#[test]
fn bombs_are_refused() {
    let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let below = format!("*a{}, ", level - 1).repeat(9);
        let line = format!("a{level}: &a{level} [{below}]\n");
        laughs.push_str(&line);
    }
    check(
        &laughs,
        "yaml-too-large 6:20 the document is larger than 300000 values or 8 MiB of text when its aliases are expanded",
    );
    let long = format!(
        "a: &a {}\nb: [{}]\n",
        "x".repeat(100_000),
        "*a, ".repeat(1_000)
    );
    check(
        &long,
        "yaml-too-large 2:329 the document is larger than 300000 values or 8 MiB of text when its aliases are expanded",
    );
    check(
        &"[".repeat(100_000),
        "yaml-depth 1:65 the values are nested more than 64 levels deep",
    );
    check(
        &"- ".repeat(1_000),
        "yaml-depth 1:129 the values are nested more than 64 levels deep",
    );
    let mut deep = String::from("a0: &a0 [[[[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]]]\n");
    for level in 1..4 {
        let line = format!(
            "a{level}: &a{level} [[[[[[[[[[[[[[[[[[[[*a{}]]]]]]]]]]]]]]]]]]]]\n",
            level - 1
        );
        deep.push_str(&line);
    }
    check(
        &deep,
        "yaml-depth 4:29 the values are nested more than 64 levels deep",
    );
    check(
        &format!("a: {}\n", "x".repeat(4 * 1024 * 1024)),
        "yaml-too-large 1:1 the file is larger than 4096 KiB",
    );
}

#[test]
fn syntax_errors_say_what_and_where() {
    check(
        "title: Fix: it\n",
        "yaml-syntax 1:11 a `:` stands where no key can be",
    );
    check(
        "a: 1\n\tb: 2\n",
        "yaml-syntax 2:1 a tab stands where YAML wants spaces",
    );
    let tab = |place: &str| format!("yaml-syntax {place} a tab stands where YAML wants spaces");
    check("a:\n\tb:\n\t\tc: 1\n", &tab("2:1"));
    check("a:\n\tb: 1\n", &tab("2:1"));
    check("a:\n  b:\n  \tc: 1\n", &tab("3:3"));
    check("a: |\n  \tx\n  \ty\n\n\tb: 1\n", &tab("5:1"));
    check("a: 'x\n", "yaml-syntax 1:4 the quote is never closed");
    check("a: \"x\\q\"\n", "yaml-syntax 1:4 this escape is unknown");
    check("a: [1, 2\n", "yaml-syntax 1:4 the `[` is never closed");
    check("a: {b: 1]\n", "yaml-syntax 1:4 `{` is closed by `]`");
    check(
        "a: 1\n  b: 2\n",
        "yaml-syntax 2:4 a `:` stands where no key can be",
    );
    check(
        "a:\n  b: 2\n c: 3\n",
        "yaml-syntax 3:2 a key was expected here",
    );
    check(
        "a: 1\nnonsense\n",
        "yaml-syntax 2:1 this line is neither `key: value` nor a list item",
    );
    check("a: @x\n", "yaml-syntax 1:4 no value can start with `@`");
    check("a: %x\n", "yaml-syntax 1:4 no value can start with `%`");
    check(
        "a: `x`\n",
        "yaml-syntax 1:4 no value can start with a back quote",
    );
}

#[test]
fn syntax_errors_of_items_brackets_and_documents() {
    check(
        "a: 'x' y\n",
        "yaml-syntax 1:8 text follows the closing quote",
    );
    check(
        "a: - b\n",
        "yaml-syntax 1:4 a list item stands where none can be",
    );
    check("a: b]\n", "{a<a>=\"b]\"<b]>}<a: b]>");
    check(
        "]\n",
        "yaml-syntax 1:1 a bracket closes what was never opened",
    );
    check(
        "a: \u{7}\n",
        "yaml-syntax 1:4 the control character U+0007 is not allowed",
    );
    check(
        "a: 1\n--- \nb: 2\n",
        "yaml-documents 2:1 a second YAML document starts here, one was expected",
    );
    check(
        "a: 1\n...\nb: 2\n",
        "yaml-documents 3:1 a second YAML document starts here, one was expected",
    );
    check(
        "a: |x\n b\n",
        "yaml-syntax 1:4 only a line break or a comment may follow `|` or `>`",
    );
    check(
        "a: & b\n",
        "yaml-syntax 1:4 `&` or `*` needs a name right after it",
    );
    check("{a: 1, b: 2\n", "yaml-syntax 1:1 the `{` is never closed");
    check(
        "a: *\n",
        "yaml-syntax 1:4 `&` or `*` needs a name right after it",
    );
    check(
        "a: [-]\n",
        "yaml-syntax 1:5 a plain value cannot start like this",
    );
    check(
        "%YAML 3.0\n",
        "yaml-syntax 1:1 unsupported YAML major version",
    );
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x59_41_4d_4c),
        ..ProptestConfig::default()
    })]

    #[test]
    fn soup_is_read_or_refused_with_spans_in_it(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "a", "b", ": ", ":", "\n", "\n  ", "- ", "-", "[", "]", "{", "}", ", ", "'", "\"", "|", ">-", "#", " #",
            "&x ", "*x", "<<", "!!str ", "! ", "?", "\t", "\r\n", "é", "12", "~", "---\n", "...", "%", "@", "\\", "\u{feff}",
        ]), 0..40),
    ) {
        let yaml: String = pieces.concat();
        let source = SourceText::new("a.md", format!("é\n{yaml}\nü"));
        let span = Span::new(3, 3 + yaml.len());
        match read(&source, span) {
            Ok(node) => within(&source, &node, span),
            Err(problem) => prop_assert!(problem.is_error() && !problem.message.is_empty()),
        }
    }
}

/// Every span lies in the part that was read, and starts and ends between characters.
fn within(source: &SourceText, node: &Node, part: Span) {
    let inside = |span: Span| {
        assert!(
            part.start <= span.start && span.end <= part.end,
            "{span:?} in {part:?}"
        );
        assert!(
            source.text().get(span.range()).is_some(),
            "{span:?} cuts a character"
        );
    };
    inside(node.span);
    for child in node.sequence().unwrap_or(&[]) {
        within(source, child, part);
    }
    for entry in node.mapping().unwrap_or(&[]) {
        inside(entry.key_span);
        within(source, &entry.value, part);
    }
}
