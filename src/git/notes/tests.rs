//! Notes: nothing is lost, whoever writes at the same time.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use super::{look, read_all};
use crate::base::ids::ObjectId;
use crate::base::limits;
use crate::git::testing::{FORMATS, Sandbox, everywhere};
use crate::git::{Error, Repository};
use crate::proc::command::Invocation;
use crate::sys::environment::Environment;

const REF: &str = "refs/notes/mmm/runs";

/// Tells the test binary that it was started as a writer: the work tree, and a name.
const WRITER: &str = "MMM_TEST_WRITER";

/// Looks and appends.
fn append(
    repository: &Repository,
    name: &str,
    additions: &[(ObjectId, Vec<String>)],
    message: &str,
) -> Result<(), Error> {
    super::append(repository, look(repository, name)?, additions, message)
}

/// Looks and reads.
fn read(repository: &Repository, name: &str, commit: &ObjectId) -> Result<Option<String>, Error> {
    super::read(repository, &look(repository, name)?, commit)
}

fn lines(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn lines_are_added_once_and_git_reads_them() {
    everywhere(|sandbox| {
        let first = sandbox.id("HEAD");
        let second = sandbox.commit("second");
        let repository = sandbox.open();
        assert_eq!(read(&repository, REF, &first).expect("reads"), None);
        assert_eq!(read_all(&repository, REF).expect("reads"), []);
        let batch = [
            (first.clone(), lines(&["a", "b"])),
            (second.clone(), lines(&["c"])),
        ];
        append(&repository, REF, &batch, "two").expect("appends");
        append(
            &repository,
            REF,
            &[(first.clone(), lines(&["b", "d", "d"]))],
            "more",
        )
        .expect("adds");
        append(&repository, REF, &batch, "nothing new").expect("appends");
        append(&repository, REF, &[], "nothing").expect("appends");
        assert_eq!(
            sandbox.git(&["rev-list", "--count", REF]),
            "2",
            "{}",
            sandbox.label
        );
        assert_eq!(
            read(&repository, REF, &first).expect("reads").as_deref(),
            Some("a\nb\nd\n")
        );
        assert_eq!(read_all(&repository, REF).expect("reads").len(), 2);
        assert_eq!(
            sandbox.git(&["notes", "--ref", REF, "show", first.as_str()]),
            "a\nb\nd"
        );
        assert_eq!(
            sandbox
                .git(&["notes", "--ref", REF, "list"])
                .lines()
                .count(),
            2
        );
        let author = sandbox.git(&["log", "-1", "--format=%an %ae %at", REF]);
        assert_eq!(author, "Ada ada@example.org 1795348800");
        sandbox.fsck();
    });
}

/// Where a note on a commit stands in a tree with this many levels of folders.
fn at(id: &ObjectId, levels: usize) -> String {
    let (front, rest) = id.as_str().split_at(2 * levels);
    let front = (0..levels).map(|level| &front[2 * level..2 * level + 2]);
    front.chain([rest]).collect::<Vec<_>>().join("/")
}

#[test]
fn many_notes_at_once_are_one_pack() {
    everywhere(|sandbox| {
        let repository = sandbox.open();
        let mut script = String::new();
        for number in 0..3 * limits::BULK_OBJECTS {
            let commit =
                format!("commit refs/heads/many\ncommitter A <a> {number} +0000\ndata 0\n");
            script.push_str(&commit);
        }
        let import = repository.command(["fast-import", "--quiet"]).input(script);
        assert_eq!(import.run().expect("runs").complaint(), "");
        let commits = sandbox.git(&["rev-list", "refs/heads/many"]);
        let each = |texts: &Vec<String>| -> Vec<(ObjectId, Vec<String>)> {
            let ids = commits.lines().map(|id| id.parse().expect("an id"));
            ids.map(|id| (id, texts.clone())).collect()
        };
        let batch = |texts: &[&str]| each(&lines(texts));
        append(&repository, REF, &batch(&["a"]), "many").expect("appends");
        let before = sandbox.git(&["count-objects"]);
        append(&repository, REF, &batch(&["a", "b"]), "more").expect("appends");
        append(&repository, REF, &batch(&["b"]), "nothing new").expect("appends");
        assert_eq!(sandbox.git(&["count-objects"]), before, "{}", sandbox.label);
        assert_eq!(sandbox.git(&["rev-list", "--count", REF]), "2");
        let notes = read_all(&repository, REF).expect("reads");
        assert_eq!(notes.len(), 3 * limits::BULK_OBJECTS, "{}", sandbox.label);
        assert!(notes.iter().all(|(_, note)| note == "a\nb\n"));
        let first = commits.lines().next().expect("a commit");
        assert_eq!(sandbox.git(&["notes", "--ref", REF, "show", first]), "a\nb");
        // More bytes than are stored as they are.
        let long: Vec<String> = (0..20).map(|number| format!("{number:0500}")).collect();
        append(&repository, REF, &each(&long), "much").expect("appends");
        assert_eq!(sandbox.git(&["count-objects"]), before, "{}", sandbox.label);
        let notes = read_all(&repository, REF).expect("reads");
        let whole = format!("a\nb\n{}\n", long.join("\n"));
        assert!(notes.iter().all(|(_, note)| *note == whole));
        sandbox.fsck();
    });
}

#[test]
fn trees_that_git_made_are_read_and_set_right() {
    for format in FORMATS {
        let sandbox = Sandbox::born(format);
        let commits: Vec<_> = (0..4)
            .map(|number| sandbox.commit(&number.to_string()))
            .collect();
        let [flat, folded, deep, twice] = commits.as_slice() else {
            panic!("four commits");
        };
        let blob = |text: &str| {
            let write = sandbox
                .open()
                .command(["hash-object", "-w", "--stdin"])
                .input(text);
            write.run().expect("runs").text().trim().to_owned()
        };
        let mut script = format!("commit {REF}\ncommitter A <a> 1 +0000\ndata 0\n");
        for (path, text) in [
            (at(flat, 0), "flat\n"),
            (at(folded, 1), "folded"),
            (at(deep, 2), "deep\n"),
            (at(twice, 0), "one\nboth\n"),
            (at(twice, 1), "both\ntwo\n"),
            ("README".to_owned(), "not a note\n"),
        ] {
            let blob = blob(text);
            script.extend(["M 100644 ", blob.as_str(), " ", path.as_str(), "\n"]);
        }
        let import = sandbox
            .open()
            .command(["fast-import", "--quiet", "--force"])
            .input(script);
        assert_eq!(import.run().expect("runs").complaint(), "");
        let repository = sandbox.open();
        let note = |id: &ObjectId| {
            read(&repository, REF, id)
                .expect("reads")
                .unwrap_or_default()
        };
        assert_eq!(
            [note(flat), note(folded), note(deep)],
            ["flat\n", "folded\n", "deep\n"]
        );
        assert_eq!(
            read_all(&repository, REF).expect("reads").len(),
            4,
            "{}",
            sandbox.label
        );
        for id in &commits {
            append(&repository, REF, &[(id.clone(), lines(&["new"]))], "x").expect("appends");
        }
        let names = sandbox.git(&["ls-tree", "-r", "--name-only", REF]);
        let mut expected = vec![at(flat, 1), at(folded, 1), at(deep, 2), at(twice, 1)];
        expected.push("README".to_owned());
        expected.sort();
        assert_eq!(
            names.lines().collect::<Vec<_>>(),
            expected,
            "{}",
            sandbox.label
        );
        assert_eq!([note(flat), note(deep)], ["flat\nnew\n", "deep\nnew\n"]);
        assert_eq!(
            [note(folded), note(twice)],
            ["folded\nnew\n", "both\ntwo\none\nnew\n"]
        );
        sandbox.fsck();
    }
}

#[test]
fn lines_and_notes_have_limits() {
    let sandbox = Sandbox::born(FORMATS[0]);
    let repository = sandbox.open();
    let id = sandbox.id("HEAD");
    let add = |lines: Vec<String>| append(&repository, REF, &[(id.clone(), lines)], "x");
    for bad in ["", "a\nb", "a\rb", &"x".repeat(limits::NOTE_LINE_BYTES + 1)] {
        let result = add(vec![bad.to_owned()]);
        assert!(matches!(result, Err(Error::NoteLine { .. })), "{result:?}");
    }
    add(vec!["x".repeat(limits::NOTE_LINE_BYTES)]).expect("fits");
    let many = limits::NOTE_BYTES / 100 + 1;
    let result = add((0..many).map(|number| format!("{number:099}")).collect());
    assert!(matches!(result, Err(Error::NoteSize { .. })), "{result:?}");
    let other: ObjectId = "1".repeat(64).parse().expect("an id");
    let result = append(&repository, REF, &[(other, lines(&["a"]))], "x");
    assert!(matches!(result, Err(Error::MissingObject { .. })));
}

/// Appends as a person would who is told that the repository is locked: again. How long one waits is
/// a matter of chance, and where a write takes a tenth of a second instead of a hundredth, of 64
/// writers some wait longer than the minute after which they are told.
fn append_in_turn(repository: &Repository, lines: &[(ObjectId, Vec<String>)]) {
    const TRIES: u32 = 10;
    for _ in 1..TRIES {
        match append(repository, REF, lines, "x") {
            Err(Error::System(crate::sys::Error::Locked { .. })) => {}
            result => return result.expect("appends"),
        }
    }
    append(repository, REF, lines, "x").expect("appends");
}

/// Many writers, each with its own repository, on one commit: every line must be there.
fn write_together(format: (&str, &str), writers: usize, each: usize) {
    let sandbox = Sandbox::born(format);
    let id = sandbox.id("HEAD");
    std::thread::scope(|scope| {
        for writer in 0..writers {
            let (sandbox, id) = (&sandbox, &id);
            scope.spawn(move || {
                let repository = sandbox.open();
                for number in 0..each {
                    let lines = [(id.clone(), vec![format!("{writer} {number}")])];
                    append_in_turn(&repository, &lines);
                }
            });
        }
    });
    let note = read(&sandbox.open(), REF, &id)
        .expect("reads")
        .unwrap_or_default();
    let mut found: Vec<_> = note.lines().collect();
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len(), writers * each, "{}", sandbox.label);
    assert_eq!(
        sandbox.git(&["rev-list", "--count", REF]),
        (writers * each).to_string()
    );
    let listed = sandbox.git(&["notes", "--ref", REF, "show", id.as_str()]);
    assert_eq!(listed.lines().count(), writers * each);
    sandbox.fsck();
}

#[test]
fn no_line_of_64_writers_is_lost() {
    write_together(FORMATS[0], 64, 20);
}

#[test]
fn no_line_is_lost_in_any_format() {
    for format in FORMATS {
        write_together(format, 8, 5);
    }
}

/// Not a test of its own: what the next one starts and kills.
#[test]
fn a_writer_to_be_killed() {
    let environment = Environment::of_process();
    let Some((name, work)) = environment
        .var(WRITER)
        .and_then(|text| text.split_once('|'))
    else {
        return;
    };
    let repository = Repository::discover(Path::new(work), &environment).expect("a repository");
    let id = repository
        .head()
        .expect("has a head")
        .commit
        .expect("has a commit");
    for number in 0..1_000 {
        let line = format!("{name} {number}");
        append(&repository, REF, &[(id.clone(), vec![line.clone()])], "x").expect("appends");
        // Written by hand: the harness captures what is printed.
        let mut out = std::io::stdout().lock();
        out.write_all(format!("done {line}\n").as_bytes())
            .expect("writes");
        out.flush().expect("writes");
    }
}

#[test]
fn what_was_acknowledged_survives_kills() {
    const KILLS: u64 = 24;
    for format in [FORMATS[0], FORMATS[3]] {
        let sandbox = Sandbox::born(format);
        let id = sandbox.id("HEAD");
        let mut acknowledged = Vec::new();
        let mut seed = 7_u64;
        for kill in 0..KILLS {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let writer = Invocation::new(std::env::current_exe().expect("is known"))
                .args([
                    "--exact",
                    "git::notes::tests::a_writer_to_be_killed",
                    "--nocapture",
                ])
                .environment(&sandbox.environment)
                .env(WRITER, format!("{kill}|{}", sandbox.work().display()));
            let mut child = writer.live().expect("starts");
            let mut wait_for = 1 + (seed >> 60) % 3;
            let pid = i32::try_from(child.pid()).expect("is small");
            let pid = rustix::process::Pid::from_raw(pid).expect("is a process");
            loop {
                let line = child.read_line(4096).expect("reads");
                if line.is_empty() {
                    break;
                }
                if let Some((_, line)) = line.trim_end().split_once("done ") {
                    acknowledged.push(line.to_owned());
                    wait_for = wait_for.saturating_sub(1);
                }
                if wait_for == 0 {
                    // Somewhere in the next append, which takes a few milliseconds.
                    std::thread::sleep(Duration::from_micros((seed >> 40) % 12_000));
                    // One more round may find it dead already.
                    let killed = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
                    assert!(matches!(killed, Ok(()) | Err(rustix::io::Errno::SRCH)));
                }
            }
            child.finish().expect("ends");
        }
        let repository = sandbox.open();
        append(&repository, REF, &[(id.clone(), lines(&["last"]))], "x").expect("nothing blocks");
        let note = read(&repository, REF, &id)
            .expect("reads")
            .unwrap_or_default();
        let lost: Vec<_> = acknowledged
            .iter()
            .filter(|line| !note.lines().any(|found| found == *line))
            .collect();
        assert_eq!(lost, [""; 0], "{}", sandbox.label);
        assert!(acknowledged.len() >= usize::try_from(KILLS).expect("is small"));
        sandbox.fsck();
    }
}

#[test]
fn what_came_since_somebody_looked_stays() {
    everywhere(|sandbox| {
        let (repository, id) = (sandbox.open(), sandbox.id("HEAD"));
        let add = |notes, line: &str| {
            super::append(&repository, notes, &[(id.clone(), lines(&[line]))], "x")
        };
        let never = look(&repository, REF).expect("looks");
        add(never.clone(), "a").expect("appends");
        let one = look(&repository, REF).expect("looks");
        add(never, "b").expect("appends");
        add(one.clone(), "c").expect("appends");
        add(one, "a").expect("is there already");
        let note = read(&sandbox.open(), REF, &id).expect("reads");
        assert_eq!(note.as_deref(), Some("a\nb\nc\n"), "{}", sandbox.label);
        // One commit for each that was new, none for what was there.
        assert_eq!(sandbox.git(&["rev-list", "--count", REF]), "3");
    });
}
