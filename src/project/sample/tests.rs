//! The sample is whole, valid, and true: its evidence belongs to its code.

use std::collections::BTreeSet;
use std::path::Path;

use crate::base::source::{SourceText, Span};
use crate::git::digest::content_hash;
use crate::model::spec::verdict::criterion_text;
use crate::model::workflow;
use crate::project::sample::{CODE, SPEC, STATE};
use crate::state::evidence_files;
use crate::state::format::{config_v1, yaml};
use crate::state::specs::SpecBook;
use crate::state::tracked_files;
use crate::sys::files;

/// The sample in a folder of its own.
fn unpacked() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for file in STATE.iter().chain(CODE) {
        let path = folder.path().join(file.path);
        files::write_atomic(&path, file.text.as_bytes()).expect("writes");
    }
    folder
}

fn collect(folder: &Path, root: &Path, paths: &mut BTreeSet<String>) {
    for path in files::entries(folder).expect("lists") {
        if path.is_dir() {
            collect(&path, root, paths);
        } else {
            let path = path.strip_prefix(root).expect("below the root");
            paths.insert(path.to_string_lossy().into_owned());
        }
    }
}

#[test]
fn every_file_is_embedded() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    let folder = top.join("templates/project/quickstart");
    collect(&folder, &folder, &mut found);
    let code: BTreeSet<String> = CODE.iter().map(|file| file.path.to_owned()).collect();
    assert_eq!(found, code);
    let mut found = BTreeSet::new();
    let folder = top.join(".mmm-example");
    collect(&folder, &folder, &mut found);
    let state: BTreeSet<String> = STATE
        .iter()
        .map(|file| file.path.trim_start_matches(".mmm/").to_owned())
        .collect();
    assert_eq!(found, state);
}

#[test]
fn nothing_is_wrong_with_it() {
    let folder = unpacked();
    let top = folder.path();
    let book = SpecBook::read(tracked_files::load(top, tracked_files::SPECS).expect("loads"));
    assert_eq!(book.problems(), []);
    assert_eq!(book.specs().len(), 4);
    assert!(book.specs().iter().any(|spec| spec.slug == SPEC));
    let evidence =
        evidence_files::read(tracked_files::load(top, tracked_files::EVIDENCE).expect("loads"));
    assert_eq!((evidence.problems.len(), evidence.evidence.len()), (0, 1));
    for file in STATE {
        let source = SourceText::new(file.path, file.text);
        if file.path.contains("/workflows/") {
            let root = yaml::read(&source, Span::new(0, file.text.len())).expect("is YAML");
            let (workflow, problems) = workflow::parse::parse(&source, &root);
            assert_eq!(problems, [], "{}", file.path);
            assert!(workflow.is_some());
        }
        if file.path.ends_with("config.toml") {
            assert_eq!(config_v1::read(&source).problems, []);
        }
    }
    let attributes = STATE.first().expect("a file").text;
    assert_eq!(attributes, crate::state::layout::ATTRIBUTES_TEXT);
}

#[test]
fn the_evidence_is_about_this_spec_and_this_code() {
    let folder = unpacked();
    let book =
        SpecBook::read(tracked_files::load(folder.path(), tracked_files::SPECS).expect("loads"));
    let evidence = evidence_files::read(
        tracked_files::load(folder.path(), tracked_files::EVIDENCE).expect("loads"),
    )
    .evidence;
    let evidence = evidence.first().expect("one run");
    let spec = book.specs().iter().find(|spec| spec.id == evidence.spec);
    let spec = spec.expect("the spec of the run");
    for verdict in &evidence.verdicts {
        let criterion = spec
            .criteria
            .iter()
            .find(|criterion| criterion.id == verdict.criterion)
            .expect("the criterion of the verdict");
        let text = content_hash(criterion_text(criterion).as_bytes());
        assert_eq!(verdict.text_hash, text);
        let command = &criterion.verify.as_ref().expect("a command").command;
        assert_eq!(verdict.command_hash, content_hash(command.as_bytes()));
    }
    assert_eq!(evidence.tree.as_str(), code_tree());
}

/// The tree of the sample's code in a repository with SHA-1, from Git's definition of it.
fn code_tree() -> String {
    let digest = |kind: &str, content: &[u8]| {
        let mut hasher = gix_hash::hasher(gix_hash::Kind::Sha1);
        hasher.update(format!("{kind} {}\0", content.len()).as_bytes());
        hasher.update(content);
        hasher.try_finalize().expect("no collision")
    };
    let mut tree = Vec::new();
    for file in CODE {
        tree.extend(format!("100644 {}\0", file.path).as_bytes());
        tree.extend(digest("blob", file.text.as_bytes()).as_slice());
    }
    digest("tree", &tree).to_string()
}
