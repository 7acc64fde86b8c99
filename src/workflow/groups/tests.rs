//! Groups with many threads and processes, some of which are killed.
#![expect(
    clippy::disallowed_methods,
    reason = "a child that is killed is not one that `proc` knows"
)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use super::{Enqueued, Error, Held, Member, Queue, Request, Ticket, WAITING, Waited};
use crate::base::ids::RunId;
use crate::proc::bell;
use crate::state::layout::Local;
use crate::state::run_folder::RunFolder;
use crate::sys::clock::Clock;
use crate::sys::environment::Environment;
use crate::sys::files;
use crate::sys::identifiers::Identifiers;
use crate::sys::lock::Lock;

/// How long a test waits for what must come.
const LONG: Duration = Duration::from_mins(1);

/// Tells a child where the group is, and what to ask for.
const PLACE: &str = "MMM_TEST_GROUP";

fn identifiers() -> Identifiers {
    let environment = Environment::default();
    let clock = Clock::from_environment(&environment).expect("a clock");
    Identifiers::from_environment(clock, &environment).expect("ids")
}

fn run(number: usize) -> RunId {
    format!("{number:026}").parse().expect("a run id")
}

fn request(number: usize) -> Request<'static> {
    Request {
        group: "Deploy",
        run: run(number),
        job: None,
        queue: Queue::Max,
        cancel_in_progress: false,
    }
}

fn place() -> (tempfile::TempDir, Local) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let local = Local::new(folder.path());
    (folder, local)
}

fn queued(local: &Local, request: &Request<'_>) -> Ticket {
    match Ticket::enqueue(local, &identifiers(), request).expect("asks") {
        Enqueued::Queued(ticket) => ticket,
        Enqueued::Full => panic!("the group is full"),
    }
}

fn acquired(waited: Waited) -> Held {
    match waited {
        Waited::Acquired(held) => held,
        other => panic!("{other:?}"),
    }
}

fn entered(local: &Local, request: &Request<'_>) -> Held {
    acquired(queued(local, request).wait(None).expect("waits"))
}

/// What is left in the folder of the group, the locks and its name aside.
fn left(local: &Local) -> usize {
    let groups = files::entries(&local.runs().with_file_name("groups")).expect("lists");
    let files = groups
        .iter()
        .flat_map(|group| files::entries(group).expect("lists"));
    files.filter(|path| path.extension().is_some()).count()
}

#[test]
fn one_at_a_time_in_the_order_of_coming() {
    const THREADS: usize = 64;
    let (_folder, local) = place();
    let first = entered(&local, &request(0));
    let inside = AtomicUsize::new(0);
    let order = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for number in 1..=THREADS {
            let ticket = queued(&local, &request(number));
            let (inside, order) = (&inside, &order);
            scope.spawn(move || {
                let held = acquired(ticket.wait(None).expect("waits"));
                assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                order.lock().expect("whole").push(number);
                inside.fetch_sub(1, Ordering::SeqCst);
                drop(held);
            });
        }
        drop(first);
    });
    let expected: Vec<_> = (1..=THREADS).collect();
    assert_eq!(*order.lock().expect("whole"), expected);
    assert_eq!(left(&local), 0);
}

#[test]
fn many_may_come_at_once() {
    const THREADS: usize = 8;
    const ROUNDS: usize = 25;
    let (_folder, local) = place();
    let (inside, entries) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for number in 0..THREADS {
            let (inside, entries, local) = (&inside, &entries, &local);
            scope.spawn(move || {
                for _ in 0..ROUNDS {
                    let held = entered(local, &request(number));
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                    entries.fetch_add(1, Ordering::SeqCst);
                    inside.fetch_sub(1, Ordering::SeqCst);
                    drop(held);
                }
            });
        }
    });
    assert_eq!(entries.into_inner(), THREADS * ROUNDS);
    assert_eq!(left(&local), 0);
}

#[test]
fn a_newer_one_takes_the_place_of_those_that_wait() {
    const NEWER: usize = 20;
    let (_folder, local) = place();
    let single = |number| Request {
        queue: Queue::Single,
        ..request(number)
    };
    let first = entered(&local, &single(0));
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for number in 1..=NEWER {
            let ticket = queued(&local, &single(number));
            let sender = sender.clone();
            scope.spawn(move || {
                let waited = ticket.wait(None).expect("waits");
                sender.send((number, waited)).expect("is heard");
            });
            // The one before is told at once, while the first is in.
            if number > 1 {
                let (gone, waited) = receiver.recv_timeout(LONG).expect("comes");
                let by = Member {
                    run: run(number),
                    job: None,
                };
                assert_eq!(gone, number - 1);
                assert!(
                    matches!(&waited, Waited::Superseded(Some(member)) if *member == by),
                    "{waited:?}"
                );
            }
        }
        assert!(first.asked_to_end().is_none());
        drop(first);
        let (last, waited) = receiver.recv_timeout(LONG).expect("comes");
        assert_eq!(last, NEWER);
        drop(acquired(waited));
    });
    assert_eq!(left(&local), 0);
}

#[test]
fn one_whose_turn_it_is_is_not_waiting_any_more() {
    let (_folder, local) = place();
    let single = |number| Request {
        queue: Queue::Single,
        ..request(number)
    };
    // The first one has not looked yet whether the group is free.
    let first = queued(&local, &single(1));
    let second = queued(&local, &single(2));
    let third = queued(&local, &single(3));
    let held = acquired(first.wait(None).expect("waits"));
    let by = match second.wait(None).expect("waits") {
        Waited::Superseded(by) => by.map(|by| by.run),
        other => panic!("{other:?}"),
    };
    assert_eq!(by, Some(run(3)));
    drop(held);
    drop(acquired(third.wait(None).expect("waits")));

    let first = queued(&local, &single(1));
    let newest = Request {
        cancel_in_progress: true,
        ..single(2)
    };
    let second = queued(&local, &newest);
    let held = acquired(first.wait(None).expect("waits"));
    assert_eq!(held.asked_to_end().map(|by| by.run), Some(run(2)));
    drop(held);
    drop(acquired(second.wait(None).expect("waits")));
    assert_eq!(left(&local), 0);
}

#[test]
fn the_one_inside_is_asked_to_end() {
    let (_folder, local) = place();
    let job = Request {
        job: Some("test@2"),
        ..request(1)
    };
    let held = entered(&local, &job);
    assert!(held.asked_to_end().is_none());
    let newer = Request {
        cancel_in_progress: true,
        ..request(2)
    };
    let ticket = queued(&local, &newer);
    let before = ticket.before().expect("asks");
    let inside = Member {
        run: run(1),
        job: Some("test@2".to_owned()),
    };
    assert_eq!(before, [inside]);
    bell::wait(held.bell(), None, None, LONG).expect("waits");
    let asks = Member {
        run: run(2),
        job: None,
    };
    assert_eq!(held.asked_to_end(), Some(asks));
    drop(held);
    drop(acquired(ticket.wait(None).expect("waits")));
    assert_eq!(left(&local), 0);
}

#[test]
fn names_fold_and_a_run_does_not_wait_for_itself() {
    let (_folder, local) = place();
    let held = entered(&local, &request(1));
    let own = Request {
        group: "deploy",
        job: Some("build"),
        ..request(1)
    };
    let refused = Ticket::enqueue(&local, &identifiers(), &own).expect_err("is refused");
    assert!(matches!(refused, Error::OwnRun { .. }), "{refused}");
    let other = Request {
        group: "deploy",
        ..request(2)
    };
    assert_eq!(queued(&local, &other).before().expect("asks").len(), 1);
    let elsewhere = Request {
        group: "other",
        ..own
    };
    drop(entered(&local, &elsewhere));
    drop(held);
    // Legs of one run that share a group wait for one another.
    let legs = ["test@1", "test@2"].map(|job| Request {
        job: Some(job),
        ..request(1)
    });
    let first = entered(&local, &legs[0]);
    let second = queued(&local, &legs[1]);
    assert_eq!(second.before().expect("asks").len(), 1);
    drop(first);
    drop(acquired(second.wait(None).expect("waits")));
    assert_eq!(left(&local), 0);
}

#[test]
fn waiting_can_be_ended_and_has_a_limit() {
    let (_folder, local) = place();
    let held = entered(&local, &request(0));
    let mut tickets: Vec<_> = (1..=WAITING)
        .map(|number| queued(&local, &request(number)))
        .collect();
    let full = Ticket::enqueue(&local, &identifiers(), &request(0)).expect("asks");
    assert!(matches!(full, Enqueued::Full), "{full:?}");
    let last = tickets.pop().expect("is there");
    assert_eq!(last.before().expect("asks").len(), WAITING);
    let canceller = last.canceller().expect("opens");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(move || last.wait(None).expect("waits"));
        canceller.cancel().expect("rings");
        let waited = waiting.join().expect("ends");
        assert!(matches!(waited, Waited::Cancelled), "{waited:?}");
    });
    drop((tickets, held));
    assert_eq!(left(&local), 0);
}

#[test]
fn a_group_stays_taken_while_steps_of_a_dead_engine_go_on() {
    let (folder, local) = place();
    let runs = RunFolder::of(&local.runs(), run(1));
    files::create_folder(runs.path()).expect("makes");
    let mut child = inside(folder.path(), 1);
    let supervisor = Lock::try_take(&runs.supervisor_lock()).expect("locks");
    kill(&mut child);
    let ticket = queued(&local, &request(2));
    assert_eq!(ticket.before().expect("asks").len(), 1);
    // The run is taken up again, and is in the group as before.
    let held = entered(&local, &request(1));
    assert_eq!(ticket.before().expect("asks").len(), 1);
    drop(held);
    assert_eq!(ticket.before().expect("asks"), []);
    drop(acquired(ticket.wait(None).expect("waits")));
    // Nobody takes it up: the end of its steps lets the next one in.
    drop(supervisor);
    let mut child = inside(folder.path(), 1);
    let supervisor = Lock::try_take(&runs.supervisor_lock()).expect("locks");
    kill(&mut child);
    let ticket = queued(&local, &request(2));
    assert_eq!(ticket.before().expect("asks").len(), 1);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(move || ticket.wait(None).expect("waits"));
        drop(supervisor);
        drop(acquired(waiting.join().expect("ends")));
    });
    assert_eq!(left(&local), 0);
}

/// A child with these words, which has said its first line.
fn child(place: &Path, number: usize) -> (Child, BufReader<std::process::ChildStdout>, String) {
    let program = std::env::current_exe().expect("this program");
    let mut child = Command::new(program)
        .args([
            "--exact",
            "--nocapture",
            "workflow::groups::tests::a_child_of_these_tests",
        ])
        .env(PLACE, format!("{number} {}", place.display()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
    let said = next_word(&mut output);
    (child, output, said)
}

/// The next line of a child that is for us.
fn next_word(output: &mut impl BufRead) -> String {
    let lines = output.lines().map_while(Result::ok);
    let mut words =
        lines.filter_map(|line| line.split_once("child: ").map(|(_, said)| said.to_owned()));
    words.next().unwrap_or_default()
}

/// A child that is in the group.
fn inside(place: &Path, number: usize) -> Child {
    let (child, mut output, said) = child(place, number);
    assert_eq!(
        (said.as_str(), next_word(&mut output).as_str()),
        ("waits", "inside")
    );
    child
}

fn kill(child: &mut Child) {
    child.kill().expect("kills");
    child.wait().expect("ends");
}

/// What a child does: it waits for the group, and stays in it until its input ends.
#[test]
#[expect(clippy::print_stdout, reason = "the parent reads it")]
fn a_child_of_these_tests() {
    let environment = Environment::of_process();
    let Some((number, place)) = environment.var(PLACE).and_then(|text| text.split_once(' ')) else {
        return;
    };
    let number = number.parse().expect("a number");
    let ticket = queued(&Local::new(place), &request(number));
    println!("child: waits");
    let held = acquired(ticket.wait(None).expect("waits"));
    println!("child: inside");
    let ended = std::io::stdin().lines().count();
    println!("child: leaves {ended}");
    drop(held);
}

#[test]
fn those_that_are_killed_block_nobody() {
    const ROUNDS: usize = 10;
    let (folder, local) = place();
    for round in 0..ROUNDS {
        let mut holder = inside(folder.path(), 1);
        let (mut second, _output, said) = child(folder.path(), 2);
        assert_eq!(said, "waits");
        let ticket = queued(&local, &request(3));
        assert_eq!(ticket.before().expect("asks").len(), 2);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(move || ticket.wait(None).expect("waits"));
            // In either order: who waits, then who is in, and the other way round.
            if round % 2 == 0 {
                kill(&mut second);
                kill(&mut holder);
            } else {
                kill(&mut holder);
                kill(&mut second);
            }
            drop(acquired(waiting.join().expect("ends")));
        });
        assert_eq!(left(&local), 0);
    }
}

#[test]
fn processes_wait_for_one_another() {
    const CHILDREN: usize = 6;
    let (folder, local) = place();
    let held = entered(&local, &request(0));
    let mut children: Vec<_> = (1..=CHILDREN)
        .map(|number| child(folder.path(), number))
        .collect();
    drop(held);
    for (child, output, _) in &mut children {
        // Each comes in when the one before it has left.
        assert_eq!(next_word(output), "inside");
        drop(child.stdin.take());
        assert_eq!(next_word(output), "leaves 0");
        assert!(child.wait().expect("ends").success());
    }
    assert_eq!(left(&local), 0);
}
