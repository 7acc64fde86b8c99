//! Lines of notes.

use super::{decode, decode_line, encode, fold};
use crate::base::ids::{ContentHash, RecordId};
use crate::base::limits::NOTE_LINE_BYTES;
use crate::model::record::{Anchor, Fact, Record, RunFact, VerdictFact};
use crate::model::run::Outcome;

fn id(last: char) -> RecordId {
    format!("01jd3v9w8x7k3q9x2m4c8tzp0{last}")
        .parse()
        .expect("a ULID")
}

fn verdict(passed: bool) -> Fact {
    Fact::Verdict(VerdictFact {
        spec: "7k3q9x2".parse().expect("an id"),
        criterion: format!("ac-{}", "z".repeat(32)).parse().expect("an id"),
        text_hash: ContentHash::new("a".repeat(64)),
        command_hash: ContentHash::new("b".repeat(64)),
        tree: "c".repeat(64).parse().expect("an id"),
        passed,
        run: Some("01jd3v9w8x7k3q9x2m4c8tzp0m".parse().expect("an id")),
    })
}

fn record(last: char, fact: Fact) -> Record {
    Record { id: id(last), fact }
}

#[test]
fn every_kind_survives_and_fits_its_line() {
    let run = |workflow: &str| {
        Fact::Run(RunFact {
            run: "01jd3v9w8x7k3q9x2m4c8tzp0m".parse().expect("an id"),
            workflow: workflow.to_owned(),
            spec: Some("7k3q9x2".parse().expect("an id")),
            outcome: Outcome::Cancelled,
            tree: "c".repeat(64).parse().expect("an id"),
            duration_ms: u64::MAX,
        })
    };
    let anchor = Fact::Anchor(Anchor {
        tree: "c".repeat(64).parse().expect("an id"),
        patch_id: Some("d".repeat(64).parse().expect("an id")),
    });
    for fact in [
        verdict(true),
        run("default"),
        run("\u{7}\"\n"),
        anchor,
        Fact::Void(id('1')),
    ] {
        let record = record('0', fact);
        let line = encode(&record).expect("fits");
        assert!(
            line.len() <= NOTE_LINE_BYTES && !line.contains('\n'),
            "{line}"
        );
        assert_eq!(decode_line(&line), Some(record), "{line}");
    }
    assert!(encode(&record('0', run(&"\u{1}".repeat(999)))).is_ok());
}

#[test]
fn keys_are_sorted_and_compact() {
    let anchor = Fact::Anchor(Anchor {
        tree: "c".repeat(40).parse().expect("an id"),
        patch_id: Some("d".repeat(40).parse().expect("an id")),
    });
    let line = encode(&record('0', anchor)).expect("fits");
    let expected = format!(
        "01jd3v9w8x7k3q9x2m4c8tzp00 anchor {{\"patch\":\"{}\",\"tree\":\"{}\",\"v\":1}}",
        "d".repeat(40),
        "c".repeat(40)
    );
    assert_eq!(line, expected);
    let keys = |line: &str| -> Vec<String> {
        line.split('"')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .filter(|text| text.len() < 10)
            .collect()
    };
    let line = encode(&record('0', verdict(true))).expect("fits");
    let mut sorted = keys(&line);
    sorted.retain(|key| key != "7k3q9x2");
    assert!(sorted.is_sorted(), "{sorted:?}");
}

#[test]
fn what_is_not_known_is_skipped_and_counted() {
    let good = encode(&record('0', verdict(true))).expect("fits");
    let text = [
        good.as_str(),
        "",
        "01jd3v9w8x7k3q9x2m4c8tzp01 praise {\"v\":1}",
        "01jd3v9w8x7k3q9x2m4c8tzp02 void {\"v\":1,\"void\":\"x\"}",
        "01jd3v9w8x7k3q9x2m4c8tzp03 void {\"v\":2,\"void\":\"01jd3v9w8x7k3q9x2m4c8tzp00\"}",
        "01jd3v9w8x7k3q9x2m4c8tzp03 void {\"v\":1,",
        "not-an-id void {\"v\":1,\"void\":\"01jd3v9w8x7k3q9x2m4c8tzp00\"}",
        &good.replace("\"passed\":true", "\"passed\":true,\"later\":[1]"),
        &good.replace(&"a".repeat(64), &"x".repeat(64)),
        &format!("{good}{}", " ".repeat(NOTE_LINE_BYTES)),
    ]
    .join("\n");
    let decoded = decode(&text);
    assert_eq!(
        decoded.records.len(),
        2,
        "the good one, and the one with a key from later"
    );
    assert_eq!(decoded.skipped, 7);
}

#[test]
fn folding_does_not_depend_on_the_order() {
    let records = [
        record('0', verdict(true)),
        record('1', verdict(false)),
        record('2', Fact::Void(id('0'))),
        record('1', verdict(true)),
        record('3', verdict(true)),
        record('3', verdict(true)),
    ];
    let expected = vec![
        ((), record('1', verdict(false))),
        ((), record('3', verdict(true))),
    ];
    for turn in 0..records.len() {
        let mut turned = records.to_vec();
        turned.rotate_left(turn);
        assert_eq!(
            fold(turned.into_iter().map(|record| ((), record))),
            expected
        );
    }
}
