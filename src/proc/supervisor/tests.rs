//! A real supervisor in a process of its own: this test program, started again.

use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::proc::interrupt::Interrupts;
use crate::proc::supervisor::attempt::MARKER;
use crate::proc::supervisor::client::Wake;
use crate::proc::supervisor::protocol::{Dropped, Request};
use crate::proc::supervisor::{
    Cause, Ending, Finish, Recorder, Reply, Start, Supervisor, Variables, serve,
};
use crate::proc::tree;
use crate::sys::environment::Environment;
use crate::sys::{files, lock};

const FOLDER: &str = "MMM_TEST_SUPERVISOR";
const LIMIT: Duration = Duration::from_secs(30);

/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(5);

/// Not a test of its own: what the other tests start as the supervisor.
#[test]
fn supervisor_process() {
    let Some(folder) = Environment::of_process().var(FOLDER).map(PathBuf::from) else {
        return;
    };
    let control = std::io::stdin()
        .as_fd()
        .try_clone_to_owned()
        .expect("a connection");
    let mut recorder = Lines(folder.join("record"));
    serve(
        UnixStream::from(control),
        &folder.join("lock"),
        vec!["learnt before".to_owned()],
        &mut recorder,
    )
    .expect("serves");
}

struct Lines(PathBuf);

impl Lines {
    fn line(&self, line: &str) -> Result<(), Box<dyn std::error::Error>> {
        use std::io::Write;
        writeln!(files::open_append(&self.0)?, "{line}")?;
        Ok(())
    }
}

impl Recorder for Lines {
    fn started(&mut self, attempt: &str) -> Result<(), Box<dyn std::error::Error>> {
        self.line(&format!("started {attempt}"))
    }

    fn finished(
        &mut self,
        attempt: &str,
        finish: &Finish,
    ) -> Result<(), Box<dyn std::error::Error>> {
        self.line(&format!("finished {attempt} {:?}", finish.ending))
    }

    fn masked(&mut self, values: &[String]) -> Result<(), Box<dyn std::error::Error>> {
        self.line(&format!("masked {values:?}"))
    }

    fn cancelled(&mut self) -> Result<(), Box<dyn std::error::Error>> {
        self.line("cancelled")
    }
}

struct Bench {
    folder: tempfile::TempDir,
    supervisor: Supervisor,
    interrupts: Interrupts,
    marker: String,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let environment: Environment = [(FOLDER, folder.path())].into_iter().collect();
        let program = std::env::current_exe().expect("this program");
        let test = "proc::supervisor::tests::supervisor_process";
        let arguments = ["--exact", test, "--nocapture"];
        let supervisor =
            Supervisor::launch(&program, &arguments, Path::new("--quiet"), &environment)
                .expect("starts");
        let mut bench = Self {
            marker: format!("test-{}", folder.path().display()),
            folder,
            supervisor,
            interrupts: Interrupts::of(&[]).expect("no signals"),
        };
        assert!(matches!(bench.reply(), Reply::Ready(_)));
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn reply(&mut self) -> Reply {
        match self
            .supervisor
            .wait(&self.interrupts, Some(LIMIT))
            .expect("answers")
        {
            Wake::Reply(reply) => reply,
            other => panic!("no reply but {other:?}"),
        }
    }

    fn start(&mut self, attempt: &str, script: &str, timeout_ms: u64) {
        let mut environment = Variables::default();
        let marker = format!("{}/{attempt}", self.marker);
        for (name, value) in [("PATH", "/usr/bin:/bin"), (MARKER, &marker)] {
            let pushed = environment.push(name.as_bytes(), value.as_bytes());
            pushed.expect("no NUL");
        }
        let start = Start {
            attempt: attempt.to_owned(),
            arguments: ["/bin/sh", "-c", script]
                .map(|word| word.as_bytes().to_vec())
                .to_vec(),
            environment,
            folder: self.folder.path().as_os_str().as_bytes().to_vec(),
            claim: self
                .path(&format!("claim-{attempt}"))
                .as_os_str()
                .as_bytes()
                .to_vec(),
            output: self
                .path(&format!("out-{attempt}"))
                .as_os_str()
                .as_bytes()
                .to_vec(),
            timeout_ms,
            output_limit: 1000,
        };
        self.supervisor
            .request(&Request::Start(Box::new(start)))
            .expect("asks");
    }

    fn run(&mut self, attempt: &str, script: &str, timeout_ms: u64) -> Finish {
        self.start(attempt, script, timeout_ms);
        assert!(matches!(self.reply(), Reply::Started { .. }));
        self.finish()
    }

    fn finish(&mut self) -> Finish {
        match self.reply() {
            Reply::Finished { finish, .. } => finish,
            other => panic!("not finished but {other:?}"),
        }
    }

    fn output(&self, attempt: &str) -> String {
        files::read_text(&self.path(&format!("out-{attempt}")), 10_000).unwrap_or_default()
    }

    fn survivors(&self) -> Vec<u32> {
        let marker = self.marker.clone();
        tree::marked(MARKER, |value| value.starts_with(&marker))
            .into_iter()
            .filter(|pid| tree::is_alive(*pid))
            .collect()
    }

    fn record(&self) -> String {
        files::read_text(&self.path("record"), 10_000).unwrap_or_default()
    }
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < LIMIT, "never came true: {what}");
        std::thread::sleep(LOOK);
    }
}

/// Starts everything that tends to escape, then waits for ever. All of it ignores what is polite
/// and holds the pipes.
#[cfg(target_os = "linux")]
const ESCAPE: &str = "trap '' INT TERM; sleep 300 & setsid sleep 301 & \
    (setsid sh -c 'sleep 302 & sleep 303' &) ; echo up; sleep 304; sleep 305";

#[test]
fn steps_are_run_recorded_and_kept() {
    let mut bench = Bench::new();
    let finish = bench.run("a.1.1", "echo one; echo two >&2; exit 3", 60_000);
    assert_eq!((finish.ending, finish.cause), (Ending::Code(3), None));
    assert_eq!(bench.output("a.1.1"), "one\ntwo\n");
    // Nothing is written once the process is there: on a full disk it would run, and be told not to.
    let claim = files::read_text(&bench.path("claim-a.1.1"), 100);
    assert_eq!(claim.expect("it is there"), "");
    let dropped = Dropped {
        bytes: 4000,
        reason: None,
    };
    let finish = bench.run("a.2.1", "head -c 5000 /dev/zero", 60_000);
    assert_eq!((finish.output_bytes, finish.dropped), (1000, dropped));
    bench
        .supervisor
        .request(&Request::Mask(vec!["hunter2".to_owned()]))
        .expect("asks");
    bench.run("a.3.1", "printf hunt; printf 'er2 x'", 60_000);
    assert_eq!(bench.output("a.3.1"), "*** x");
    bench.start("a.1.1", "true", 60_000);
    assert!(
        matches!(bench.reply(), Reply::Refused { .. }),
        "claimed already"
    );
    assert_eq!(
        bench.record(),
        "started a.1.1\nfinished a.1.1 Code(3)\nstarted a.2.1\nfinished a.2.1 Code(0)\n\
         started a.3.1\nfinished a.3.1 Code(0)\n"
    );
    assert!(lock::is_held(&bench.path("lock")).expect("asks"));
    let path = bench.path("lock");
    bench.supervisor.finish().expect("ends");
    assert!(!lock::is_held(&path).expect("asks"));
}

#[test]
fn a_program_that_is_not_there_is_a_finish() {
    let mut bench = Bench::new();
    let start = Start {
        attempt: "a.1.1".to_owned(),
        arguments: vec![b"/no/such/program".to_vec()],
        folder: b"/".to_vec(),
        claim: bench.path("claim").as_os_str().as_bytes().to_vec(),
        output: bench.path("out").as_os_str().as_bytes().to_vec(),
        ..Start::default()
    };
    bench
        .supervisor
        .request(&Request::Start(Box::new(start)))
        .expect("asks");
    assert!(matches!(bench.finish().ending, Ending::NotStarted(_)));
}

#[cfg(target_os = "linux")]
#[test]
fn a_timeout_leaves_no_descendant() {
    let mut bench = Bench::new();
    let finish = bench.run("a.1.1", ESCAPE, 300);
    assert_eq!(
        (finish.ending, finish.cause),
        (Ending::Signal(9), Some(Cause::TimedOut))
    );
    assert_eq!(bench.output("a.1.1"), "up\n");
    assert!(bench.survivors().is_empty(), "nothing is left");
    let elapsed = finish.elapsed_ms;
    assert!((2_300..12_000).contains(&elapsed), "{elapsed} ms");
}

/// Many shells end at once when they are asked to, whatever still runs below them.
#[cfg(target_os = "linux")]
#[test]
fn what_outlives_its_shell_has_time_to_clean_up() {
    let mut bench = Bench::new();
    let clean_up = "while kill -0 $$ 2>/dev/null; do :; done; echo cleaned; exit";
    let script = format!(
        "(exec 2>/dev/null; trap '{clean_up}' TERM; echo up; while :; do sleep 0.01; done); echo never"
    );
    let finish = bench.run("a.1.1", &script, 300);
    assert_eq!(
        (finish.ending, finish.cause),
        (Ending::Signal(15), Some(Cause::TimedOut))
    );
    assert_eq!(bench.output("a.1.1"), "up\ncleaned\n");
    assert!(bench.survivors().is_empty(), "nothing is left");
}

/// GitHub's ladder: an interrupt, after 7.5 s a request to end, 2.5 s later the end.
#[cfg(target_os = "linux")]
#[test]
fn cancelling_politely_leaves_no_descendant_and_is_on_time() {
    let mut bench = Bench::new();
    let polite = "(trap '' INT TERM; exec sleep 306) & \
        trap 'echo INT' INT; trap 'echo TERM' TERM; echo up; while :; do wait; done";
    for (attempt, script) in [("a.1.1", ESCAPE), ("b.1.1", polite)] {
        bench.start(attempt, script, 60_000);
        assert!(matches!(bench.reply(), Reply::Started { .. }));
        let out = bench.path(&format!("out-{attempt}"));
        wait_until("it is up", || {
            files::read_text(&out, 1000).is_ok_and(|text| text == "up\n")
        });
    }
    wait_until("all of it is there", || bench.survivors().len() == 9);
    let cancelled = Instant::now();
    bench
        .supervisor
        .request(&Request::Cancel { at_once: false })
        .expect("asks");
    let told = bench.path("out-b.1.1");
    let signals = ["up\nINT\n", "up\nINT\nTERM\n"].map(|expected| {
        wait_until("the signal came", || {
            files::read_text(&told, 1000).is_ok_and(|text| text == expected)
        });
        cancelled.elapsed().as_millis()
    });
    assert!(signals[0] < 5_000 && signals[1] >= 7_500, "{signals:?}");
    for _ in 0..2 {
        let finish = bench.finish();
        assert_eq!(finish.ending, Ending::Signal(9));
        assert_eq!(finish.cause, Some(Cause::Cancelled));
    }
    let elapsed = cancelled.elapsed().as_millis();
    assert!((10_000..15_000).contains(&elapsed), "{elapsed} ms");
    assert!(bench.survivors().is_empty(), "nothing is left");
}

#[test]
fn values_that_a_step_names_are_masked_from_there_on() {
    let mut bench = Bench::new();
    bench
        .supervisor
        .request(&Request::Mask(vec!["given".to_owned()]))
        .expect("asks");
    let go = bench.path("go");
    let wait = format!("while ! test -e {}; do :; done", go.display());
    bench.start(
        "b.1.1",
        &format!("echo hunter2; {wait}; echo hunter2"),
        60_000,
    );
    assert!(matches!(bench.reply(), Reply::Started { .. }));
    let out = bench.path("out-b.1.1");
    wait_until("it has printed", || {
        files::read_text(&out, 1000).is_ok_and(|text| text == "hunter2\n")
    });
    let say =
        "printf '::add-mask::hun'; printf 'ter2\\n'; echo 'hunter2 given'; echo 'learnt before'";
    bench.start("a.1.1", say, 60_000);
    assert!(matches!(bench.reply(), Reply::Started { .. }));
    assert_eq!(bench.reply(), Reply::Masked(vec!["hunter2".to_owned()]));
    bench.finish();
    assert_eq!(bench.output("a.1.1"), "::add-mask::***\n*** ***\n***\n");
    files::create_new(&go, b"").expect("writes");
    bench.finish();
    assert_eq!(bench.output("b.1.1"), "hunter2\n***\n");
    let record = bench.record();
    let masked = record.find("masked [\"hunter2\"]").expect("it is recorded");
    let ended = record.find("finished a.1.1").expect("it is recorded");
    assert!(masked < ended, "{record}");
}

/// Starts a process that sheds every mark of ours, and whose parents are dead, before it says so.
#[cfg(target_os = "linux")]
fn hide(bench: &Bench, attempt: &str) -> String {
    let hidden = bench.path(&format!("hidden-{attempt}"));
    let hidden = hidden.display();
    let inner = format!("echo $$ >{hidden}; exec sleep 306");
    let close = "3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-";
    files::create_new(&bench.path(&format!("inner-{attempt}")), inner.as_bytes()).expect("writes");
    let inner = bench.path(&format!("inner-{attempt}"));
    let inner = inner.display();
    format!(
        "(setsid sh -c 'exec {close}; cd /; env -i setsid /bin/sh {inner} </dev/null >/dev/null 2>&1 &' &)
         while ! test -s {hidden}; do :; done; trap '' TERM; echo up; sleep 307; sleep 308"
    )
}

#[cfg(target_os = "linux")]
#[test]
fn what_hides_is_ended_with_its_attempt_while_others_run() {
    let mut bench = Bench::new();
    for attempt in ["a.1.1", "b.1.1"] {
        let script = hide(&bench, attempt);
        bench.start(attempt, &script, 60_000);
        assert!(matches!(bench.reply(), Reply::Started { .. }));
        let out = bench.path(&format!("out-{attempt}"));
        wait_until("it is up", || {
            files::read_text(&out, 1000).is_ok_and(|text| text == "up\n")
        });
    }
    let hidden = ["a.1.1", "b.1.1"].map(|attempt| {
        let pid = files::read_text(&bench.path(&format!("hidden-{attempt}")), 100);
        let pid = pid.expect("it is there").trim().parse::<u32>();
        pid.expect("a process id")
    });
    let alive = || hidden.map(tree::is_alive);
    assert_eq!(alive(), [true, true]);
    bench
        .supervisor
        .request(&Request::Stop {
            attempt: "a.1.1".to_owned(),
            cause: Cause::TimedOut,
        })
        .expect("asks");
    assert_eq!(bench.finish().cause, Some(Cause::TimedOut));
    assert_eq!(alive(), [false, true]);
    bench
        .supervisor
        .request(&Request::Cancel { at_once: true })
        .expect("asks");
    assert_eq!(bench.finish().cause, Some(Cause::Cancelled));
    assert_eq!(alive(), [false, false]);
}

#[cfg(target_os = "linux")]
#[test]
fn background_processes_live_until_their_job_ends() {
    let mut bench = Bench::new();
    let finish = bench.run(
        "a.1.1",
        "sleep 300 & setsid sleep 301 & echo started",
        60_000,
    );
    assert_eq!(finish.ending, Ending::Code(0));
    // A process has no environment while it becomes another program.
    wait_until("both are alive", || bench.survivors().len() == 2);
    bench.run("b.1.1", "sleep 302 & true", 60_000);
    bench
        .supervisor
        .request(&Request::EndGroup("a".to_owned()))
        .expect("asks");
    bench.run("b.2.1", "true", 60_000);
    assert_eq!(bench.survivors().len(), 1, "only what job b started");
    let marker = bench.marker.clone();
    bench.supervisor.finish().expect("ends");
    assert!(tree::marked(MARKER, |value| value.starts_with(&marker)).is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn an_engine_that_dies_lets_its_step_end_and_be_recorded() {
    let mut bench = Bench::new();
    let go = bench.path("go");
    let script = format!(
        "sleep 300 & while ! test -e {}; do :; done; echo done",
        go.display()
    );
    bench.start("a.1.1", &script, 60_000);
    assert!(matches!(bench.reply(), Reply::Started { .. }));
    let (record, lock) = (bench.path("record"), bench.path("lock"));
    let Bench {
        folder,
        supervisor,
        marker,
        ..
    } = bench;
    drop(supervisor);
    files::create_new(&go, b"").expect("writes");
    wait_until("the end is recorded", || {
        files::read_text(&record, 1000).is_ok_and(|text| text.contains("finished a.1.1 Code(0)"))
    });
    wait_until("the supervisor ends", || {
        !lock::is_held(&lock).expect("asks")
    });
    wait_until("what was left is ended", || {
        tree::marked(MARKER, |value| value.starts_with(&marker)).is_empty()
    });
    drop(folder);
}

#[cfg(target_os = "linux")]
#[test]
fn cancelling_at_once_leaves_no_descendant() {
    let mut bench = Bench::new();
    bench.start("a.1.1", ESCAPE, 60_000);
    assert!(matches!(bench.reply(), Reply::Started { .. }));
    let out = bench.path("out-a.1.1");
    wait_until("it is up", || {
        files::read_text(&out, 1000).is_ok_and(|text| text == "up\n")
    });
    bench
        .supervisor
        .request(&Request::Cancel { at_once: true })
        .expect("asks");
    assert_eq!(bench.finish().cause, Some(Cause::Cancelled));
    assert!(bench.survivors().is_empty());
}

#[test]
fn requests_and_replies_do_not_wait_for_one_another() {
    const REQUESTS: usize = 2000;
    let mut bench = Bench::new();
    // Only the first one is made; each of the others is refused, and nobody reads that meanwhile.
    for _ in 0..REQUESTS {
        bench.start("a.1.1", "true", 60_000);
    }
    let replies: Vec<Reply> = (0..=REQUESTS).map(|_| bench.reply()).collect();
    let refused = |reply: &&Reply| matches!(reply, Reply::Refused { .. });
    assert_eq!(replies.iter().filter(refused).count(), REQUESTS - 1);
    let finished = |reply: &Reply| matches!(reply, Reply::Finished { .. });
    assert!(replies.iter().any(finished));
}
