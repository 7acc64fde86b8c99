//! The simple reader against the parser: where one answers, the other must say the very same.

use super::read;
use crate::base::source::SourceText;
use crate::base::source::Span;
use crate::state::format::yaml::parsed;
use proptest::prelude::ProptestConfig;
use proptest::prelude::Strategy;
use proptest::prelude::prop;
use proptest::strategy::ValueTree;
use proptest::test_runner::RngSeed;
use proptest::test_runner::TestRunner;

/// Front matters that are made up.
const DOCUMENTS: usize = 10_000;

/// Of those, how many at least must be simple: a reader that never answers proves nothing.
const ANSWERED: usize = 2_500;

/// Compares both readers; true when the simple one answered.
fn agrees(yaml: &str) -> bool {
    let before = "é---\n";
    let source = SourceText::new("a.md", format!("{before}{yaml}---\nbody: [\n"));
    let span = Span::new(before.len(), before.len() + yaml.len());
    let Some(node) = read(yaml, span.start) else {
        return false;
    };
    // Numbers that are none are unlike themselves, so the words are compared.
    let expected = parsed(&source, span).map(|node| format!("{node:?}"));
    assert_eq!(expected, Ok(format!("{node:?}")), "for {yaml:?}");
    true
}

/// Keys, values, gaps and ends of lines, `;` between them: the ordinary ones, and after them those
/// of which a document has only a few, since one near-miss is enough to leave it to the parser.
const KEYS: [&str; 2] = [
    "title;id;labels;a-b;x_1;null",
    "depends_on;k;true;on;N;1;-k;é;'q';a b;a#;a:b;;?;<<;&a k;!!str k;*a;k ;[k]",
];
const VALUES: [&str; 2] = [
    "word;two words;Expired tokens, refused;12;007;1.5;1e5;0x1F;true;no;null;nan;2026-11-22;\
     12:30:01;a:b;a#b;'quoted';\"double\";'a: b';\"a # b\";'007';'';\"\";über;日本語;“so”;a — b;\
     x's;a\"b;C:\\dir;a, b;a]b;a{b;a|b;a & b;x *y*;50%;a@b.c;1_000;9223372036854775808;0o17;\
     tRUE;f;NULL;a  b;a - b;http://x/y",
    "a: b;a:;a #b;# c;a ;a\t;\tb;'it''s';'open;'a' b;'a' # c;\"a\\n\";\"a\\\"\";\"a\" x;&a b;*a;\
     !!str 1;! x;|;>-;|2;[a];[a, 'b'];{a: b};[;- a;-;-a;- - a;? a;% x;@x;`x`;~;-1;+1;.5;.inf;.nan;\
     ,a;];};#;:;::;a:\u{a0}b;\u{a0}a;a\r;\u{feff}a;a\u{2028}b;a\u{85}b;a\0;a\u{7f};\u{fffe};\u{ad};\
     <<;=;'a': b;\"a\": b;a : b;a :;---;...;--- a;<<: x;\u{200b};\u{e000};';\";'''';'a\u{85}b';a\\;\
     \"\\;\u{1f600};\u{fff9};\u{2fff};\u{10ffff}",
];
const GAPS: [&str; 2] = [" ", ";  ;\t; \t"];
const ENDS: [&str; 2] = ["\n", "\n\n; \n;\r\n;\t\n; # c\n;\n  \n;\r;\n\n\n"];

/// One of the ordinary words `weight` times as often as one of the others.
fn words([ordinary, odd]: [&'static str; 2], weight: u32) -> impl Strategy<Value = &'static str> {
    let one_of = |words: &'static str| prop::sample::select(words.split(';').collect::<Vec<_>>());
    proptest::prop_oneof![weight => one_of(ordinary), 1 => one_of(odd)]
}

/// Lines that look like front matter, most of them sound, each near-miss of its own kind.
fn lines() -> impl Strategy<Value = String> {
    let (keys, values) = (words(KEYS, 19), words(VALUES, 19));
    let (gaps, ends) = (words(GAPS, 40), words(ENDS, 15));
    let indents = prop::sample::select(vec!["", "  ", "  ", "  ", "    ", " "]);
    (0..24_u8, keys, values, gaps, indents, ends).prop_map(
        |(shape, key, value, gap, indent, end)| match shape {
            0..=9 => format!("{key}:{gap}{value}{end}"),
            10..=13 => format!("{key}:{end}  -{gap}{value}{end}"),
            14 | 15 => format!("{key}:{end}-{gap}{value}{end}{indent}-{gap}{value}{end}"),
            16..=19 => format!("{key}:{end}{indent}-{gap}{value}{end}{indent}- item{end}"),
            20 => format!("{key}:{end}"),
            21 => format!("{indent}-{gap}{value}{end}"),
            22 => format!("{indent}{value}{end}"),
            _ => format!("{indent}{key}:{gap}{value}{end}"),
        },
    )
}

#[test]
fn where_the_simple_reader_answers_it_agrees_with_the_parser() {
    let config = ProptestConfig {
        rng_seed: RngSeed::Fixed(7),
        ..ProptestConfig::default()
    };
    let mut runner = TestRunner::new(config);
    let documents = (prop::collection::vec(lines(), 1..7), 0..20_u8).prop_map(|(lines, cut)| {
        let mut text = lines.concat();
        // The last line need not have an end.
        if cut == 0 {
            text.truncate(text.trim_end().len());
        }
        text
    });
    let mut answered = 0;
    for _ in 0..DOCUMENTS {
        let document = documents.new_tree(&mut runner).expect("a document");
        answered += usize::from(agrees(&document.current()));
    }
    assert!(answered >= ANSWERED, "{answered} of {DOCUMENTS}");
}

#[test]
fn front_matter_as_people_write_it_is_simple() {
    for yaml in [
        "title: Expired tokens are refused\nid: 7k3q9x2\nstatus: ready\nformat: 1\n",
        "title: 'Über: all'\nid: '0000001'\npriority: 2\nowner:\ncreated: 2026-11-22\n",
        "labels:\n  - auth\n  - \"web\"\ndepends_on:\n- a-1234567\n\nkind: fix\n",
        "\n\na: b",
    ] {
        assert!(agrees(yaml), "{yaml:?}");
    }
}

#[test]
fn what_is_not_simple_is_left_to_the_parser() {
    let long = format!("a: {}\n", "x".repeat(super::BYTES));
    let key = format!("{}: 1\n", "k".repeat(super::KEY_BYTES + 1));
    let shapes = ";\n;a;a:b;- a;a: b: c;a: b #c;a: &x b;a: [b];a: |\n  b;a: b\n  c;a: b\n\n c: d;\
                  a:\n  b;a:\n  - b\n - c;a:\n  - b\n    c;a:\n  -\n;a: 'b\n  c';a:\tb;a: b\r\n;\
                  a: 'it''s';a: \"\\n\";\u{feff}a: b;a: ; a: b;---\na: b";
    for yaml in shapes.split(';').chain([long.as_str(), key.as_str()]) {
        assert_eq!(read(yaml, 0), None, "{yaml:?}");
    }
}
