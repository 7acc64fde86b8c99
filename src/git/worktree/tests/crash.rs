//! Every operation, killed at each of its git commands, and done again.

use super::fixture::{git, order, read, run_id, subjects, trees, worked, write};
use crate::git::Repository;
use crate::git::testing::{FORMATS, Sandbox};
use crate::git::worktree::{How, Isolated, MergedBack, OnConflict};
use crate::sys::environment::Environment;
use crate::sys::files;

/// Git commands of one operation that are killed in turn at most.
const COMMANDS: u32 = 80;

/// A `git` that is killed at one of its calls, before or after it has done its work.
struct Killer {
    folder: std::path::PathBuf,
    environment: Environment,
}

impl Killer {
    fn new(sandbox: &Sandbox) -> Self {
        let folder = sandbox.root().join("killer");
        let path = sandbox.environment.var("PATH").expect("is set").to_owned();
        let real = std::env::split_paths(&path)
            .map(|place| place.join("git"))
            .find(|place| files::is_executable(place))
            .expect("git is there");
        files::create_folder(&folder).expect("makes");
        let (real, at) = (real.display(), folder.display());
        let script = format!(
            "#!/bin/sh\n\
             n=$(cat '{at}/count')\nn=$((n + 1))\necho $n >'{at}/count'\n\
             if [ $n = \"$(cat '{at}/when')\" ]; then\n\
             if [ -e '{at}/after' ]; then '{real}' \"$@\"; fi\nkill -9 $$\nfi\n\
             exec '{real}' \"$@\"\n"
        );
        sandbox.write_program(&folder.join("git"), &script);
        let search = format!("{}:{path}", folder.display());
        let environment = sandbox
            .environment
            .iter()
            .chain([("PATH".as_ref(), search.as_ref())])
            .collect();
        Self {
            folder,
            environment,
        }
    }

    fn set(&self, name: &str, text: &str) {
        files::write_atomic(&self.folder.join(name), text.as_bytes()).expect("writes");
    }

    /// Opens the repository with the call of this number to be killed.
    fn open(&self, sandbox: &Sandbox, when: u32, after: bool) -> Repository {
        self.set("when", "0");
        self.set("count", "0");
        files::remove_file(&self.folder.join("after")).expect("removes");
        if after {
            self.set("after", "");
        }
        let repository = Repository::discover(sandbox.work(), &self.environment).expect("opens");
        self.set("count", "0");
        self.set("when", &when.to_string());
        repository
    }
}

/// Does something with each of its git commands killed in turn, then again undisturbed, and checks
/// what is there then.
fn each_kill(
    prepare: impl Fn(&Sandbox),
    act: impl Fn(&Repository) -> bool,
    check: impl Fn(&Sandbox, &str),
) {
    for (index, format) in [FORMATS[0], FORMATS[3]].into_iter().enumerate() {
        for after in [false, true] {
            for when in 1..=COMMANDS {
                // All of it in one format, some in another: each takes its time.
                if (index > 0 && (after || when % 8 != 3)) || (after && when % 3 != 1) {
                    continue;
                }
                let sandbox = Sandbox::born(format);
                prepare(&sandbox);
                let killer = Killer::new(&sandbox);
                let survived = act(&killer.open(&sandbox, when, after));
                let count = files::read_text(&killer.folder.join("count"), 100).expect("reads");
                let was_killed = count.trim().parse::<u32>().expect("a number") >= when;
                if was_killed {
                    // A cleanup at the end may be what was killed.
                    let _ = survived;
                    assert!(act(&sandbox.open()), "{} {when} {after}", sandbox.label);
                }
                check(&sandbox, &format!("{} {when} {after}", sandbox.label));
                sandbox.fsck();
                if !was_killed {
                    break;
                }
                assert!(when < COMMANDS, "more commands than expected");
            }
        }
    }
}

fn both(repository: &Repository, sandbox_head: &str) -> (Isolated, Isolated) {
    let trees = trees(repository);
    let start = sandbox_head.parse().expect("an id");
    let run = trees.integration(run_id(), &start).expect("makes");
    let leg = trees.create(run_id(), "leg", &start).expect("makes");
    (run, leg)
}

fn known(repository: &Repository) -> Option<(Isolated, Isolated)> {
    let trees = trees(repository);
    let run = trees.find(run_id(), None).ok()??;
    let leg = trees.find(run_id(), Some("leg")).ok()??;
    Some((run, leg))
}

#[test]
fn making_and_collecting() {
    each_kill(
        |_| {},
        |repository| {
            let trees = trees(repository);
            let Ok(Some(start)) = repository.refs().resolve("HEAD") else {
                return false;
            };
            let Ok(leg) = trees.create(run_id(), "leg", &start) else {
                return false;
            };
            write(&leg, "new", "new");
            trees.collect(&leg, "The work").is_ok()
        },
        |sandbox, label| {
            let branch = format!("mmm/work/{}/leg", run_id());
            assert_eq!(
                subjects(sandbox, &format!("HEAD..{branch}")),
                ["The work"],
                "{label}"
            );
            let (_, leg) = (0, trees(&sandbox.open()).find(run_id(), Some("leg")));
            let leg = leg.expect("looks").expect("is there");
            assert_eq!(
                git(sandbox, &leg, &["status", "--porcelain"]),
                "",
                "{label}"
            );
        },
    );
}

#[test]
fn merging() {
    let how = How::Rebase;
    each_kill(
        |sandbox| {
            let repository = sandbox.open();
            let (_, leg) = both(&repository, sandbox.id("HEAD").as_str());
            let trees = trees(&repository);
            for text in ["one", "two"] {
                write(&leg, "a.txt", text);
                write(&leg, text, text);
                trees.collect(&leg, text).expect("collects");
            }
        },
        |repository| {
            let Some((run, leg)) = known(repository) else {
                return false;
            };
            let order = order(how, OnConflict::Keep);
            trees(repository).merge_back(&run, &leg, &order).is_ok()
        },
        |sandbox, label| {
            let repository = sandbox.open();
            let (run, _) = known(&repository).expect("is there");
            let count = subjects(sandbox, &format!("HEAD..{}", run.branch)).len();
            assert_eq!(count, 2, "{label}");
            assert_eq!(read(&run, "a.txt"), "two");
            assert_eq!(
                git(sandbox, &run, &["status", "--porcelain"]),
                "",
                "{label}"
            );
        },
    );
}

#[test]
fn keeping_and_solving_a_conflict() {
    each_kill(
        |sandbox| {
            let repository = sandbox.open();
            let (run, leg) = both(&repository, sandbox.id("HEAD").as_str());
            let trees = trees(&repository);
            let start = sandbox.id("HEAD");
            let other = worked(&trees, "other", &start, ("a.txt", "other\n"));
            let order = order(How::Merge, OnConflict::Keep);
            trees.merge_back(&run, &other, &order).expect("merges");
            write(&leg, "a.txt", "leg\n");
            trees.collect(&leg, "leg").expect("collects");
        },
        |repository| {
            let Some((run, leg)) = known(repository) else {
                return false;
            };
            let trees = trees(repository);
            let order = order(How::Squash, OnConflict::Keep);
            match trees.merge_back(&run, &leg, &order) {
                Ok(MergedBack::UpToDate) => return true,
                Ok(MergedBack::Conflict { .. }) => {}
                other => {
                    drop(other);
                    return false;
                }
            }
            write(&run, "a.txt", "both\n");
            let added = crate::proc::command::Invocation::new("git")
                .args(["add", "a.txt"])
                .environment(repository.environment())
                .folder(&run.path)
                .run()
                .is_ok_and(|output| output.exit.success());
            let concluded = trees.conclude(&run, &leg, &order);
            added && matches!(concluded, Ok(MergedBack::Merged { .. }))
        },
        |sandbox, label| {
            let (run, _) = known(&sandbox.open()).expect("is there");
            let found = subjects(sandbox, &format!("HEAD..{}", run.branch));
            let taken = "Take the leg over";
            assert_eq!(found.len(), 3, "{label}: {found:?}");
            assert_eq!(
                found.iter().filter(|found| *found == taken).count(),
                2,
                "{label}"
            );
            assert_eq!(read(&run, "a.txt"), "both\n", "{label}");
            assert_eq!(
                git(sandbox, &run, &["status", "--porcelain"]),
                "",
                "{label}"
            );
        },
    );
}

#[test]
fn removing() {
    each_kill(
        |sandbox| {
            let repository = sandbox.open();
            let (_, leg) = both(&repository, sandbox.id("HEAD").as_str());
            write(&leg, "work", "not committed");
        },
        |repository| trees(repository).remove_run(run_id()).is_ok(),
        |sandbox, label| {
            let branch = format!("mmm/work/{}/leg", run_id());
            let found = subjects(sandbox, &format!("HEAD..{branch}"));
            assert_eq!(found, ["Left in the work tree of a run"], "{label}");
            let list = sandbox.git(&["worktree", "list", "--porcelain"]);
            assert_eq!(list.matches("worktree ").count(), 1, "{label}: {list}");
        },
    );
}

#[test]
fn removing_what_is_merged() {
    each_kill(
        |sandbox| {
            let repository = sandbox.open();
            let trees = trees(&repository);
            let run = trees.integration(run_id(), &sandbox.id("HEAD"));
            let run = run.expect("makes");
            write(&run, "work", "done");
            trees.collect(&run, "run").expect("collects");
            let tip = trees.tip(&run).expect("is there");
            let updated = trees.update_into("release", &tip, "not needed");
            updated.expect("makes the branch");
        },
        |repository| trees(repository).remove_run(run_id()).is_ok(),
        |sandbox, label| {
            let ours = sandbox.git(&["for-each-ref", "--format=%(refname)", "refs/heads/mmm/"]);
            assert_eq!(ours, "", "{label}");
            assert_eq!(subjects(sandbox, "HEAD..release"), ["run"], "{label}");
        },
    );
}
