//! Property tests of edits: nothing but what was asked for changes, and it can be undone.

use crate::model::spec::EditError;
use crate::model::spec::Spec;
use crate::model::spec::edit;
use crate::model::spec::edit::Draft;
use crate::model::spec::edit::Scalar;
use crate::model::spec::quoting::Context;
use crate::model::spec::quoting::needs_quotes;
use crate::model::spec::render;
use crate::model::spec::render::NewCriterion;
use crate::model::spec::render::NewSpec;
use crate::model::spec::types::Status;
use crate::model::tree::Value;
use crate::state::format::spec::open;
use crate::state::format::spec::read;
use crate::state::format::spec::tests::VALID;
use crate::state::format::spec::tests::new_files::NEW;
use crate::state::format::spec::tests::source;
use proptest::prelude::Just;
use proptest::prelude::ProptestConfig;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prelude::prop;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::prop_oneof;
use proptest::proptest;
use proptest::test_runner::RngSeed;

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x73_70_65_63),
        ..ProptestConfig::default()
    }
}

/// Edits a text by way of what is read from it.
pub(super) fn edited(
    text: &str,
    change: impl FnOnce(Draft<'_>) -> Result<String, EditError>,
) -> String {
    let source = source(text);
    let opened = open(&source).expect("a spec file");
    let draft = Draft {
        source: &source,
        parts: opened.parts,
        front: &opened.front,
    };
    change(draft).expect("an edit that can be made")
}

pub(super) fn set(text: &str, key: &str, value: &str) -> String {
    let scalar = match (key, value.parse()) {
        ("priority", Ok(number)) => Scalar::Integer(number),
        _ => Scalar::Text(value.to_owned()),
    };
    edited(text, |draft| edit::set(draft, key, &scalar))
}

fn spec(text: &str) -> Spec {
    let (spec, problems) = read(&source(text));
    let errors: Vec<_> = problems
        .iter()
        .filter(|problem| problem.is_error())
        .collect();
    assert!(errors.is_empty(), "{errors:?} in {text}");
    spec.expect("a spec without errors")
}

/// What a spec says, without where it says it.
fn said(spec: &Spec) -> Vec<(&'static str, String)> {
    let criteria: Vec<_> = spec
        .criteria
        .iter()
        .map(|criterion| {
            let verify = criterion.verify.as_ref();
            (
                &criterion.id,
                &criterion.text,
                criterion.ticked,
                verify.map(|verify| (&verify.command, verify.timeout)),
            )
        })
        .collect();
    let depends_on: Vec<&str> = spec
        .depends_on
        .iter()
        .map(|found| found.text.as_str())
        .collect();
    vec![
        ("title", spec.title.clone()),
        ("id", spec.id.to_string()),
        ("status", spec.status.as_str().to_owned()),
        ("kind", format!("{:?}", spec.kind)),
        ("owner", format!("{:?}", spec.owner)),
        ("priority", format!("{:?}", spec.priority)),
        ("created", format!("{:?}", spec.created)),
        ("workflow", format!("{:?}", spec.workflow)),
        ("labels", format!("{:?}", spec.labels)),
        ("depends_on", format!("{depends_on:?}")),
        ("criteria", format!("{criteria:?}")),
        ("prose", spec.prose.clone()),
    ]
}

/// The keys whose meaning differs between two texts.
fn differing(before: &str, after: &str) -> Vec<&'static str> {
    let (before, after) = (said(&spec(before)), said(&spec(after)));
    let pairs = before.into_iter().zip(after);
    pairs
        .filter(|(old, new)| old != new)
        .map(|(old, _)| old.0)
        .collect()
}

/// Text that a person might write as a value, difficult ones among it.
fn value() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "a", "Z", "é", "日", "1", "0x1f", "true", "null", "~", ":", ": ", " #", "#", "-", "- ",
        "'", "\"", "\\", "[", "]", "{", "}", ",", "&", "*", "!", "|", ">", "%", "@", "`", " ", "?",
        ".", "e5", "\u{1b}", "\u{2028}", "---", "<<", "\t",
    ]);
    let any_text = prop::collection::vec(pieces, 1..8).prop_map(|pieces| pieces.concat());
    let any_text = any_text.prop_map(|text| text.trim().to_owned());
    prop_oneof![
        any_text.prop_filter("not empty", |text| !text.is_empty()),
        prop::sample::select(vec![
            "12",
            "-3",
            "1.5",
            "yes",
            "on",
            "2026-11-22",
            "1234567",
            ".inf",
            "x"
        ])
        .prop_map(str::to_owned),
    ]
}

/// A value without anything that needs quotes.
fn word() -> impl Strategy<Value = String> {
    "[a-zéß][a-z -]{0,8}[a-z]"
}

/// A valid file: every key may be missing, quoted, commented; lists in both styles; LF or CRLF.
fn file() -> impl Strategy<Value = String> {
    let texts = prop::collection::vec((word(), 0..4_u8, 0..3_u8, any::<bool>()), 5);
    let lists = prop::collection::vec((0..4_u8, prop::collection::btree_set(word(), 1..4)), 2);
    let tail = prop::sample::select(vec![
        "Prose.\n",
        "Prose.\n\n## Acceptance criteria\n\n- [ ] one (ac-1)\n\n- [x] two\n  lines (ac-2)\n\n  verify: `true`\n",
        "\n## Acceptance criteria\n\n* [X] one (ac-1)\n## Notes\n\nend",
        "## Acceptance criteria\n",
        "## acceptance criteria\n\n## Notes\n",
        "",
    ]);
    (texts, lists, tail, any::<bool>(), any::<bool>()).prop_map(
        |(texts, lists, tail, crlf, unknown)| {
            let comment = |kind: u8| if kind == 1 { "  # note" } else { "" };
            let mut text = String::from("---\n");
            let keys = ["title", "kind", "owner", "workflow", "created"];
            for (key, (value, style, note, present)) in keys.into_iter().zip(&texts) {
                if *present || key == "title" {
                    let value = if key == "created" {
                        "2026-01-02"
                    } else {
                        value
                    };
                    let value = match style {
                        0 => format!("\"{value}\""),
                        1 => format!("'{value}'"),
                        _ => value.to_owned(),
                    };
                    text.extend([key, ": ", &value, comment(*note), "\n"]);
                }
                if *note == 2 {
                    text.push_str("# a comment line\n");
                }
            }
            text.push_str("id: 7k3q9x2 # id\nstatus:   draft\nformat: 1\n");
            if unknown {
                text.push_str("custom_field: {a: [1, 2]}\npriority: 3\n");
            }
            for (key, (style, items)) in ["labels", "depends_on"].into_iter().zip(&lists) {
                let items: Vec<&str> = items.iter().map(|item| item.trim()).collect();
                match style {
                    0 => text.extend([key, ": [", &items.join(", "), "] # flow\n"]),
                    1 => text.extend([key, ":\n  - ", &items.join("  # c\n  - "), "\n"]),
                    2 => text.extend([key, ":\n- ", &items.join("\n- "), "\n# end\n"]),
                    _ => {}
                }
            }
            text.push_str("---\n");
            text.push_str(tail);
            if crlf {
                text.replace('\n', "\r\n")
            } else {
                text
            }
        },
    )
}

/// A key of text and a value for it that the validator accepts.
fn change() -> impl Strategy<Value = (&'static str, String)> {
    let key = prop::sample::select(vec!["title", "kind", "owner", "workflow"]);
    prop_oneof![
        8 => (key, value()),
        1 => (Just("status"), prop::sample::select(vec!["ready", "done", "dropped"]).prop_map(str::to_owned)),
        1 => (Just("priority"), any::<i64>().prop_map(|number| number.to_string())),
        1 => (Just("created"), Just("2024-02-29".to_owned())),
    ]
}

proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn setting_back_restores_the_bytes((key, new) in change(), text in file()) {
        let opened = source(&text);
        let front = open(&opened).expect("a spec file").front;
        let after = set(&text, key, &new);
        let changed = differing(&text, &after);
        prop_assert!(changed.is_empty() || changed == [key], "{changed:?}");
        let now = open(&source(&after)).expect("a spec file").front;
        match &now.get(key).expect("the key that was set").value {
            Value::Integer(number) => prop_assert_eq!(&number.to_string(), &new),
            found => prop_assert_eq!(found, &Value::String(new.clone())),
        }
        let Some(node) = front.get(key) else {
            prop_assert_eq!(edited(&after, |draft| edit::unset(draft, key)), text);
            return Ok(());
        };
        // Quotes that are not needed are lost over a value that needs them.
        let written = opened.slice(node.span);
        let escapes = new.contains(|found: char| found.is_control() || found == '\u{2028}');
        let lost = written.starts_with('\'') && needs_quotes(&new, Context::Block)
            || written.starts_with(['\'', '"']) && escapes;
        if lost {
            return Ok(());
        }
        let old = match &node.value {
            Value::Integer(number) => number.to_string(),
            _ => node.string().expect("text").to_owned(),
        };
        prop_assert_eq!(set(&after, key, &old), text);
    }

    #[test]
    fn removing_an_added_item_restores_the_bytes(
        text in file(), key in prop::sample::select(vec!["labels", "depends_on"]), item in value(),
    ) {
        let before = spec(&text);
        let had = match key {
            "labels" => before.labels.contains(&item),
            _ => before.depends_on.iter().any(|found| found.text == item),
        };
        let after = edited(&text, |draft| edit::add_item(draft, key, &item));
        if had {
            prop_assert_eq!(after, text);
            return Ok(());
        }
        prop_assert_eq!(differing(&text, &after), [key]);
        let removed = edited(&after, |draft| edit::remove_item(draft, key, &item));
        prop_assert_eq!(removed, text);
    }

    #[test]
    fn unticking_restores_the_bytes(text in file(), pick in any::<prop::sample::Index>()) {
        let source = source(&text);
        let spec = spec(&text);
        prop_assert!(!text.contains("(ac-1)") || !spec.criteria.is_empty());
        if spec.criteria.is_empty() {
            return Ok(());
        }
        let criterion = pick.get(&spec.criteria);
        let other = edit::tick(&source, criterion, !criterion.ticked);
        prop_assert_eq!(differing(&text, &other), ["criteria"]);
        let changed = self::spec(&other);
        let back = edit::tick(&changed.source, pick.get(&changed.criteria), criterion.ticked);
        prop_assert_eq!(back.to_lowercase(), text.to_lowercase());
    }
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn any_text_gives_a_spec_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let text = String::from_utf8_lossy(&bytes);
        super::problems(&text);
        super::problems(&format!("---\n{text}\n---\n{text}"));
    }

    #[test]
    fn a_damaged_spec_gives_a_spec_or_an_error(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..12_usize, prop::sample::select(vec![
            "", "\n", "---\n", "- [ ] ", "`", "```\n", "(ac-1)", ": ", "\t", "'", "\r", "[", "*a", "<<", "<!--", "#", "## ", "é", "verify:", "\u{feff}",
        ])), 1..6),
    ) {
        let mut text: Vec<char> = VALID.chars().collect();
        for (at, length, new) in cuts {
            let start = at.index(text.len() + 1);
            let end = (start + length).min(text.len());
            text.splice(start..end, new.chars());
        }
        let text: String = text.into_iter().collect();
        super::problems(&text);
    }

    #[test]
    fn a_slug_is_a_file_name(title in any::<String>()) {
        let slug = render::slug(&title);
        prop_assert!((1..=40).contains(&slug.len()), "{slug}");
        prop_assert!(slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
        prop_assert!(!slug.starts_with('-') && !slug.ends_with('-') && !slug.contains("--"));
    }
}

#[test]
fn a_new_spec_is_written_as_the_norm() {
    let criterion = |id: &str, text: &str, command: Option<&str>| NewCriterion {
        id: id.parse().expect("an id"),
        text: text.to_owned(),
        command: command.map(str::to_owned),
        timeout: None,
    };
    let mut new = NewSpec {
        title: "Expired tokens are refused".to_owned(),
        id: "7k3q9x2".parse().expect("an id"),
        status: Status::Ready,
        kind: Some("feature".to_owned()),
        owner: Some("ada".to_owned()),
        priority: Some(2),
        created: Some("2026-11-22".to_owned()),
        workflow: Some("default".to_owned()),
        labels: vec!["auth".to_owned()],
        depends_on: vec!["token-store-1m4c8tz".to_owned()],
        prose: "Why it matters, in prose.".to_owned(),
        criteria: vec![
            criterion(
                "ac-7k3q",
                "an expired token is refused",
                Some("cargo test --locked expired_token_is_refused"),
            ),
            criterion("ac-p0m2", "the refusal is logged without the token", None),
        ],
    };
    assert_eq!(render::spec(&new), NEW);
    assert_eq!(differing(NEW, VALID), [""; 0]);
    assert_eq!(render::slug(&new.title), "expired-tokens-are-refused");
    assert_eq!(render::slug("Don't log — ever!"), "dont-log-ever");
    assert_eq!(render::slug("日本"), "spec");
    new.title = "Fix: it # now".to_owned();
    new.id = "1234567".parse().expect("an id");
    (new.kind, new.owner, new.priority, new.created, new.workflow) = (None, None, None, None, None);
    (new.labels, new.depends_on, new.criteria) = (Vec::new(), Vec::new(), Vec::new());
    let text = render::spec(&new);
    assert_eq!(
        text,
        "---\ntitle: 'Fix: it # now'\nid: '1234567'\nstatus: ready\n\nkind:\n\nowner:\nformat: 1\npriority:\n\ncreated:\n\nworkflow:\n\nlabels:\n\ndepends_on:\n---\nWhy it matters, in prose.\n"
    );
}

#[test]
fn new_keys_go_where_a_new_file_has_them() {
    let without = VALID
        .replace("owner: ada\n", "")
        .replace("labels:\n  - auth\n", "");
    assert_eq!(
        set(&without, "owner", "ada"),
        VALID.replace("labels:\n  - auth\n", "")
    );
    assert_eq!(
        edited(&VALID.replace("labels:\n  - auth\n", ""), |draft| {
            edit::add_item(draft, "labels", "auth")
        }),
        VALID
    );
    let flow = VALID.replace("labels:\n  - auth", "labels: []");
    assert_eq!(
        edited(&flow, |draft| edit::add_item(draft, "labels", "a, b")),
        VALID.replace("labels:\n  - auth", "labels: ['a, b']")
    );
    let sorted = VALID.replace("  - auth", "  - auth\n  - web");
    assert_eq!(
        edited(&sorted, |draft| edit::add_item(draft, "labels", "http")),
        VALID.replace("  - auth", "  - auth\n  - http\n  - web")
    );
    let block = VALID.replace(
        "title: Expired tokens are refused",
        "title: >-\n  Expired\n  tokens",
    );
    assert_eq!(
        set(&block, "title", "Short"),
        VALID.replace("Expired tokens are refused", "Short")
    );
    assert_eq!(
        edited(VALID, |draft| edit::unset(draft, "depends_on")),
        VALID.replace("depends_on:\n  - token-store-1m4c8tz\n", "")
    );
}

#[test]
fn edits_that_would_change_more_are_refused() {
    let refused = |text: &str, key: &str| {
        let source = source(text);
        let opened = open(&source).expect("a spec file");
        let draft = Draft {
            source: &source,
            parts: opened.parts,
            front: &opened.front,
        };
        edit::set(draft, key, &Scalar::Text("x".to_owned()))
            .expect_err("refused")
            .to_string()
    };
    assert_eq!(
        refused("---\n{title: a}\n---\n", "title"),
        "the front matter is not written as one `key: value` a line"
    );
    assert_eq!(
        refused(VALID, "labels"),
        "`labels` holds a list, not one value"
    );
    assert_eq!(
        refused("---\nowner: a\nowner: b\n---\n", "owner"),
        "`owner` stands 2 times in the front matter"
    );
    assert_eq!(
        refused("---\nx: &x {owner: a}\n<<: *x\n---\n", "owner"),
        "`owner` is written as an alias"
    );
}
