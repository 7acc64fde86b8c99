//! Verdicts: on the right commit or waiting for one.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::{Commits, NOTES, Store, of_evidence};
use crate::base::ids::{ContentHash, ObjectId, RecordId};
use crate::model::evidence::{Evidence, Omitted, VerdictEvidence};
use crate::model::record::{Fact, Record, VerdictFact};
use crate::model::run::Outcome;
use crate::model::spec::verdict::VerdictOutcome;
use crate::state::Error;
use crate::state::format::note_v1;
use crate::state::layout::Local;
use crate::sys::files;

/// A repository whose commits are named by one digit; the code tree of `n` is `n` too.
#[derive(Default)]
struct Fake {
    head: Cell<Option<char>>,
    /// Recent commits besides HEAD.
    older: RefCell<Vec<char>>,
    /// Commits whose tree a partial clone left out.
    absent: RefCell<Vec<ObjectId>>,
    notes: RefCell<BTreeMap<ObjectId, String>>,
    asked: Cell<usize>,
    broken: Cell<bool>,
}

fn object(digit: char) -> ObjectId {
    digit.to_string().repeat(40).parse().expect("an id")
}

impl Commits for Fake {
    fn head(&self) -> Result<Option<ObjectId>, Error> {
        self.asked.set(self.asked.get() + 1);
        Ok(self.head.get().map(object))
    }

    fn recent(&self, _since_ms: u64) -> Result<Vec<ObjectId>, Error> {
        let head = Commits::head(self)?;
        let older = self
            .older
            .borrow()
            .iter()
            .copied()
            .map(object)
            .collect::<Vec<_>>();
        Ok(head.into_iter().chain(older).collect())
    }

    fn code_tree(&self, commit: &ObjectId) -> Result<ObjectId, Error> {
        Ok(commit.clone())
    }

    fn code_tree_here(&self, commit: &ObjectId) -> Result<Option<ObjectId>, Error> {
        Ok((!self.absent.borrow().contains(commit)).then(|| commit.clone()))
    }

    fn patch_id(&self, _commit: &ObjectId) -> Result<Option<ObjectId>, Error> {
        Ok(None)
    }

    fn amend(
        &self,
        notes: &str,
        commit: &ObjectId,
        lines: &mut dyn FnMut(&str) -> Result<Vec<String>, Error>,
    ) -> Result<(), Error> {
        assert_eq!(notes, NOTES);
        let present = self.notes.borrow().get(commit).cloned();
        let lines = lines(&present.unwrap_or_default())?;
        if lines.is_empty() {
            return Ok(());
        }
        if self.broken.get() {
            return Err(Error::Stopped);
        }
        let mut all = self.notes.borrow_mut();
        let note = all.entry(commit.clone()).or_default();
        for line in lines {
            note.push_str(&line);
            note.push('\n');
        }
        Ok(())
    }

    fn all_notes(&self, _notes: &str) -> Result<Vec<(ObjectId, String)>, Error> {
        Ok(self.notes.borrow().clone().into_iter().collect())
    }
}

fn id(last: char) -> RecordId {
    format!("01jd3v9w8x7k3q9x2m4c8tzp0{last}")
        .parse()
        .expect("a ULID")
}

fn verdict(last: char, tree: char) -> (RecordId, VerdictFact) {
    let fact = VerdictFact {
        spec: "7k3q9x2".parse().expect("an id"),
        criterion: "ac-7k3q".parse().expect("an id"),
        text_hash: ContentHash::new("a".repeat(64)),
        command_hash: ContentHash::new("b".repeat(64)),
        tree: object(tree),
        passed: true,
        run: None,
    };
    (id(last), fact)
}

struct Sandbox {
    _folder: tempfile::TempDir,
    local: Local,
    fake: Fake,
}

impl Sandbox {
    fn new(head: Option<char>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let fake = Fake::default();
        fake.head.set(head);
        Self {
            local: Local::new(folder.path().join("mmm")),
            _folder: folder,
            fake,
        }
    }

    fn store(&self) -> Store<'_, Fake> {
        Store::new(&self.fake, &self.local)
    }

    fn attach(&self) -> usize {
        self.store().attach_pending(|| id('z')).expect("attaches")
    }

    /// Last characters of the ids of all verdicts, each with the commit it is noted on.
    fn all(&self) -> Vec<String> {
        let all = self.store().all().expect("reads");
        let row = |known: &super::Known| {
            let commit = known
                .commit
                .as_ref()
                .map_or("-", |commit| &commit.as_str()[..1]);
            format!("{}{commit}", &known.id.to_string()[25..])
        };
        all.known.iter().map(row).collect()
    }
}

#[test]
fn verdicts_wait_for_the_commit_with_their_code() {
    let sandbox = Sandbox::new(Some('1'));
    let verdicts = vec![verdict('0', '1'), verdict('1', '2'), verdict('2', '3')];
    sandbox
        .store()
        .record(verdicts, || id('y'))
        .expect("records");
    assert_eq!(sandbox.all(), ["01", "1-", "2-"]);
    assert_eq!(sandbox.attach(), 0, "HEAD has other code");
    sandbox.fake.head.set(Some('2'));
    assert_eq!(sandbox.attach(), 1);
    assert_eq!(sandbox.all(), ["01", "12", "2-"]);
    sandbox.fake.head.set(Some('3'));
    assert_eq!(sandbox.attach(), 1);
    assert_eq!(sandbox.all(), ["01", "12", "23"]);
    assert!(!sandbox.local.pending_verdicts().exists());
    let asked = sandbox.fake.asked.get();
    assert_eq!(sandbox.attach(), 0);
    assert_eq!(
        sandbox.fake.asked.get(),
        asked,
        "nothing waits, so nothing is asked"
    );
}

#[test]
fn a_repository_without_a_commit_keeps_them_all_waiting() {
    let sandbox = Sandbox::new(None);
    sandbox
        .store()
        .record(vec![verdict('0', '1')], || id('y'))
        .expect("records");
    assert_eq!(sandbox.attach(), 0);
    assert_eq!(sandbox.all(), ["0-"]);
}

#[test]
fn a_commit_gets_one_anchor_and_each_line_once() {
    let sandbox = Sandbox::new(Some('1'));
    for last in ['0', '1', '1'] {
        sandbox
            .store()
            .record(vec![verdict(last, '1')], || id('y'))
            .expect("records");
    }
    let note = sandbox.fake.notes.borrow()[&object('1')].clone();
    let kinds: Vec<_> = note
        .lines()
        .filter_map(|line| line.split(' ').nth(1))
        .collect();
    assert_eq!(kinds, ["anchor", "verdict", "verdict"]);
}

#[test]
fn nothing_is_forgotten_when_the_note_cannot_be_written() {
    let sandbox = Sandbox::new(None);
    sandbox
        .store()
        .record(vec![verdict('0', '1')], || id('y'))
        .expect("records");
    sandbox.fake.head.set(Some('1'));
    sandbox.fake.broken.set(true);
    assert!(sandbox.store().attach_pending(|| id('z')).is_err());
    assert_eq!(sandbox.all(), ["0-"]);
    sandbox.fake.broken.set(false);
    assert_eq!(sandbox.attach(), 1);
    assert_eq!(sandbox.all(), ["01"]);
}

#[test]
fn torn_and_voided_lines_do_not_count() {
    let sandbox = Sandbox::new(None);
    let torn = b"01jd3v9w8x7k3q9x2m4c8tzp0x verdict {\"v\":1,\"pa";
    files::write_atomic(&sandbox.local.pending_verdicts(), torn).expect("writes");
    sandbox
        .store()
        .record(vec![verdict('0', '1'), verdict('1', '1')], || id('y'))
        .expect("records");
    let void = Record {
        id: id('2'),
        fact: Fact::Void(id('0')),
    };
    let line = note_v1::encode(&void).expect("fits");
    sandbox
        .fake
        .amend(NOTES, &object('9'), &mut |_| Ok(vec![line.clone()]))
        .expect("notes");
    assert_eq!(sandbox.all(), ["1-"]);
    assert_eq!(sandbox.store().all().expect("reads").skipped, 1);
}

#[test]
fn a_record_in_both_places_is_one_with_its_commit() {
    let sandbox = Sandbox::new(None);
    sandbox
        .store()
        .record(vec![verdict('0', '1')], || id('y'))
        .expect("records");
    let (id, fact) = verdict('0', '1');
    let record = Record {
        id,
        fact: Fact::Verdict(fact),
    };
    let line = note_v1::encode(&record).expect("fits");
    sandbox
        .fake
        .amend(NOTES, &object('1'), &mut |_| Ok(vec![line.clone()]))
        .expect("notes");
    assert_eq!(sandbox.all(), ["01"]);
}

#[test]
fn evidence_tells_what_was_found_and_what_was_red_before() {
    let found = |red_before| VerdictEvidence {
        criterion: "ac-7k3q".parse().expect("an id"),
        text_hash: ContentHash::new("a".repeat(64)),
        command_hash: ContentHash::new("b".repeat(64)),
        passed: true,
        red_before,
    };
    let evidence = Evidence {
        run: "01jd3v9w8x7k3q9x2m4c8tzp0m".parse().expect("an id"),
        spec: "7k3q9x2".parse().expect("an id"),
        workflow: "default".to_owned(),
        workflow_hash: ContentHash::new("c".repeat(64)),
        started_ms: 1_000,
        ended_ms: 2_000,
        outcome: Outcome::Success,
        base: None,
        tree: object('1'),
        dirty: false,
        steps: Vec::new(),
        verdicts: vec![found(true), found(false)],
        approvals: Vec::new(),
        cost: None,
        omitted: Omitted::default(),
    };
    let verdicts = of_evidence(&evidence);
    let rows: Vec<_> = verdicts
        .iter()
        .map(|one| (one.outcome, one.at_ms))
        .collect();
    assert_eq!(
        rows,
        [
            (VerdictOutcome::Failed, 1_000),
            (VerdictOutcome::Passed, 2_000),
            (VerdictOutcome::Passed, 2_000),
        ]
    );
    assert!(verdicts.iter().all(|one| one.tree == object('1')));
}

#[test]
fn verdicts_find_commits_that_are_not_head_any_more() {
    let sandbox = Sandbox::new(Some('1'));
    let verdicts = vec![verdict('0', '2'), verdict('1', '3'), verdict('2', '4')];
    sandbox
        .store()
        .record(verdicts, || id('y'))
        .expect("records");
    sandbox.fake.head.set(Some('5'));
    sandbox.fake.older.replace(vec!['3', '2']);
    assert_eq!(sandbox.attach(), 2);
    assert_eq!(sandbox.all(), ["02", "13", "2-"]);
    assert_eq!(sandbox.attach(), 0);
}

#[test]
fn a_commit_whose_tree_is_not_in_this_clone_is_passed_over() {
    let sandbox = Sandbox::new(Some('2'));
    sandbox
        .store()
        .record(vec![verdict('0', '1')], || id('y'))
        .expect("records");
    sandbox.fake.absent.borrow_mut().push(object('2'));
    sandbox.fake.older.borrow_mut().push('1');
    assert_eq!(sandbox.attach(), 1);
    assert_eq!(sandbox.all(), ["01"]);
}
