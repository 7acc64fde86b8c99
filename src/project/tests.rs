//! The examples of `docs/formats.md` are read by the readers of the formats.

use std::collections::BTreeMap;

use crate::base::source::{SourceText, Span};
use crate::model::workflow;
use crate::state::evidence_files;
use crate::state::format::{config_v1, journal_v1, note_v1, yaml};
use crate::state::layout::{ATTRIBUTES, ATTRIBUTES_TEXT, CONFIG};
use crate::state::specs::SpecBook;
use crate::state::tracked_files;
use crate::sys::files;

const PAGE: &str = include_str!("../../docs/formats.md");

/// The examples by what stands after the language: a path under `.mmm/`, or a kind of record.
fn examples() -> BTreeMap<&'static str, &'static str> {
    let mut found = BTreeMap::new();
    let mut rest = PAGE;
    while let Some(start) = rest.find("\n```") {
        let block = rest.get(start + 4..).unwrap_or("");
        let (heading, text) = block.split_once('\n').unwrap_or((block, ""));
        let end = text.find("\n```\n").map_or(text.len(), |end| end + 1);
        let (example, after) = text.split_at(end);
        if let Some((_, name)) = heading.split_once(' ') {
            let earlier = found.insert(name, example);
            assert_eq!(earlier, None, "two examples of `{name}`");
        }
        rest = after.get(3..).unwrap_or("");
    }
    found
}

#[test]
fn every_file_of_the_page_can_be_used() {
    let examples = examples();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut workflows = 0;
    for (name, text) in &examples {
        if !name.starts_with(".mmm/") {
            continue;
        }
        files::write_atomic(&folder.path().join(name), text.as_bytes()).expect("writes");
        if name.contains("/workflows/") {
            workflows += 1;
            let source = SourceText::new(*name, *text);
            let root = yaml::read(&source, Span::new(0, text.len())).expect("is YAML");
            assert_eq!(workflow::parse(&source, &root).1, [], "{name}");
        }
    }
    assert_eq!(workflows, 1);
    assert_eq!(examples.get(ATTRIBUTES), Some(&ATTRIBUTES_TEXT));
    let config = examples.get(CONFIG).expect("an example");
    let read = config_v1::read(&SourceText::new(CONFIG, *config));
    assert_eq!(read.problems, []);
    let book =
        SpecBook::read(tracked_files::load(folder.path(), tracked_files::SPECS).expect("loads"));
    assert_eq!((book.problems(), book.specs().len()), (Vec::new(), 2));
    let timeouts = book.specs().iter().flat_map(|spec| &spec.criteria);
    let timeouts = timeouts.filter_map(|criterion| criterion.verify.as_ref()?.timeout);
    assert_eq!(timeouts.count(), 1);
    let evidence = evidence_files::read(
        tracked_files::load(folder.path(), tracked_files::EVIDENCE).expect("loads"),
    );
    assert_eq!(
        (evidence.problems, evidence.evidence.len()),
        (Vec::new(), 1)
    );
}

#[test]
fn every_record_of_the_page_can_be_read() {
    let examples = examples();
    let notes = examples.get("note").expect("an example");
    let decoded = note_v1::decode(notes);
    assert_eq!((decoded.records.len(), decoded.skipped), (4, 0));
    for (record, line) in decoded.records.iter().zip(notes.lines()) {
        assert_eq!(note_v1::encode(record).expect("fits"), line);
    }
    let journal = examples.get("journal").expect("an example");
    for line in journal.lines() {
        let event = journal_v1::decode(line).expect("is a record");
        assert_eq!(
            journal_v1::encode(&event).expect("is JSON").trim_end(),
            line
        );
    }
    assert_eq!(journal.lines().count(), 6);
}
