//! The examples of `docs/formats.md` are read by the readers of the formats.

use std::collections::BTreeMap;

use crate::base::ids::{ContentHash, CriterionId, SpecId};
use crate::base::source::{SourceText, Span};
use crate::git::digest::content_hash;
use crate::model::record::Fact;
use crate::model::spec::verdict::criterion_text;
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
            assert_eq!(workflow::parse::parse(&source, &root).1, [], "{name}");
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
fn the_hashes_of_the_page_are_those_of_its_spec_and_workflow() {
    let examples = examples();
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in &examples {
        if name.starts_with(".mmm/") {
            files::write_atomic(&folder.path().join(name), text.as_bytes()).expect("writes");
        }
    }
    let found = tracked_files::load(folder.path(), tracked_files::SPECS).expect("loads");
    let book = SpecBook::read(found);
    let belongs = |spec: &SpecId, id: &CriterionId, text: &ContentHash, command: &ContentHash| {
        let spec = book.specs().iter().find(|known| known.id == *spec);
        let criteria = &spec.expect("the spec is on the page").criteria;
        let criterion = criteria.iter().find(|known| known.id == *id);
        let criterion = criterion.expect("so is the criterion");
        let verify = criterion.verify.as_ref().expect("it has a command");
        assert_eq!(*text, content_hash(criterion_text(criterion).as_bytes()));
        assert_eq!(*command, content_hash(verify.command.as_bytes()));
    };
    let found = tracked_files::load(folder.path(), tracked_files::EVIDENCE).expect("loads");
    let evidence = evidence_files::read(found).evidence;
    for evidence in &evidence {
        let path = format!(".mmm/workflows/{}.yaml", evidence.workflow);
        let workflow = examples.get(path.as_str()).expect("an example");
        assert_eq!(evidence.workflow_hash, content_hash(workflow.as_bytes()));
        for known in &evidence.verdicts {
            belongs(
                &evidence.spec,
                &known.criterion,
                &known.text_hash,
                &known.command_hash,
            );
        }
    }
    let notes = note_v1::decode(examples.get("note").expect("an example"));
    for record in &notes.records {
        if let Fact::Verdict(known) = &record.fact {
            belongs(
                &known.spec,
                &known.criterion,
                &known.text_hash,
                &known.command_hash,
            );
        }
    }
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
