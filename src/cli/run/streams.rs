//! What running steps print, shown while they run: one step at a time.
//!
//! The lines of two steps never mix. One step is shown as it goes on; what another one printed
//! meanwhile comes in one block when it ends, and the first then goes on under its head again.
//! Who follows sees the head of a silent step too, and lines before they have come to their end.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::cli::run::progress::block;
use crate::cli::run::spoken::Telling;
use crate::cli::run::unfinished::Unfinished;
use crate::model::run::AttemptName;
use crate::model::run::event::Dropped;
use crate::state::tail::Tail;

/// Which step is shown while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pick {
    /// The one that runs alone, when it has run so long: one that ends sooner comes in one block.
    Alone(Duration),
    /// The first one of those that run; after such a pause its head is shown without any line,
    /// and a line without its end.
    First(Duration),
}

/// The steps that run, and which of them is shown.
#[derive(Debug)]
pub(crate) struct Streams {
    pick: Pick,
    /// In the order of their starts.
    running: Vec<Running>,
    /// Whether what was shown last are lines of the step that is shown.
    open: bool,
}

#[derive(Debug)]
struct Running {
    attempt: AttemptName,
    /// The line above its lines, with its line feed.
    head: String,
    tail: Tail,
    since: Instant,
    /// Whether some of its lines have been shown.
    shown: bool,
    /// The line that has no end yet.
    line: Unfinished,
}

impl Streams {
    /// Nothing runs.
    pub(crate) fn new(pick: Pick) -> Self {
        Self {
            pick,
            running: Vec::new(),
            open: false,
        }
    }

    /// Whether no step runs.
    pub(crate) fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// A step begins to print into this file.
    pub(crate) fn started(&mut self, attempt: &AttemptName, head: String, output: &Path) {
        self.running.push(Running {
            attempt: attempt.clone(),
            head,
            tail: Tail::new(output),
            since: Instant::now(),
            shown: false,
            line: Unfinished::default(),
        });
    }

    /// Something else is shown: lines that come later need their head again.
    pub(crate) fn interrupt(&mut self) {
        self.open = false;
    }

    /// What was printed since the last call, as far as it is to be shown now.
    pub(crate) fn poll(&mut self) -> String {
        let shown = self.running.iter().position(|step| step.shown);
        let chosen = shown.or_else(|| {
            let first = self.running.first()?;
            let picked = match self.pick {
                Pick::First(_) => true,
                Pick::Alone(time) => self.running.len() == 1 && first.since.elapsed() >= time,
            };
            picked.then_some(0)
        });
        let Some(step) = chosen.and_then(|index| self.running.get_mut(index)) else {
            return String::new();
        };
        // Whatever is wrong with the file is told when the step ends.
        let Ok(lines) = step.tail.lines() else {
            return String::new();
        };
        let mut body = String::new();
        if !lines.is_empty() {
            body = step.line.lines(&lines);
        }
        let mut silent = false;
        if let Pick::First(pause) = self.pick {
            body.push_str(&step.line.part(step.tail.rest(), pause));
            silent = !step.shown && step.since.elapsed() >= pause;
        }
        if body.is_empty() && !silent {
            return body;
        }
        step.shown = true;
        if !self.open {
            body.insert_str(0, &step.head);
        }
        self.open = true;
        body
    }

    /// What ends a line that was shown without its end.
    pub(crate) fn end_line(&mut self) -> &'static str {
        let shown = self.running.iter_mut().find(|step| step.shown);
        shown.map_or("", |step| step.line.interrupt())
    }

    /// A step has ended: what is to be shown of `output`, all that was kept of what it printed,
    /// and `line`, which says how it ended.
    pub(crate) fn finished(
        &mut self,
        attempt: &AttemptName,
        output: &[u8],
        dropped: Option<&Dropped>,
        line: &str,
    ) -> String {
        let known = self
            .running
            .iter()
            .position(|step| step.attempt == *attempt);
        let step = known.map(|index| self.running.remove(index));
        let is_open = std::mem::take(&mut self.open);
        let Some(mut step) = step.filter(|step| step.shown) else {
            let ended = self.end_line();
            let mut telling = Telling::default();
            return format!("{ended}{line}{}", block(output, dropped, &mut telling));
        };
        let shown = usize::try_from(step.tail.offset()).unwrap_or(usize::MAX);
        let rest = step.line.lines(output.get(shown..).unwrap_or(&[]))
            + &block(&[], dropped, &mut Telling::default());
        let head = if is_open || rest.is_empty() {
            ""
        } else {
            &step.head
        };
        format!("{head}{rest}{line}")
    }

    /// Whether some of what a step printed has been shown, and it has not ended.
    pub(crate) fn is_shown(&self, attempt: &AttemptName) -> bool {
        let mut running = self.running.iter();
        running.any(|step| step.shown && step.attempt == *attempt)
    }
}

#[cfg(test)]
mod tests {
    use super::{Pick, Streams};
    use crate::model::run::AttemptName;
    use crate::model::run::event::Dropped;
    use std::io::Write;
    use std::time::Duration;

    const ALONE: Pick = Pick::Alone(Duration::ZERO);

    const FOLLOWED: Pick = Pick::First(Duration::from_mins(1));

    /// A step that prints.
    struct Step {
        name: AttemptName,
        file: tempfile::NamedTempFile,
        printed: String,
    }

    impl Step {
        fn start(streams: &mut Streams, step: &str) -> Self {
            let name: AttemptName = format!("a.{step}.1").parse().expect("an attempt");
            let file = tempfile::NamedTempFile::new().expect("a temporary file");
            streams.started(&name, format!("running {step}\n"), file.path());
            let printed = String::new();
            Self {
                name,
                file,
                printed,
            }
        }

        fn print(&mut self, text: &str) {
            self.file.write_all(text.as_bytes()).expect("writes");
            self.printed.push_str(text);
        }

        fn end(&self, streams: &mut Streams, dropped: u64) -> String {
            let dropped = (dropped > 0).then_some(Dropped {
                bytes: dropped,
                reason: None,
            });
            let printed = self.printed.as_bytes();
            streams.finished(&self.name, printed, dropped.as_ref(), "success\n")
        }
    }

    #[test]
    fn a_step_alone_is_shown_as_it_goes_on() {
        let mut streams = Streams::new(ALONE);
        let mut step = Step::start(&mut streams, "1");
        assert_eq!(streams.poll(), "");
        step.print("one\ntw");
        assert_eq!(streams.poll(), "running 1\n  | one\n");
        step.print("o\nend");
        assert_eq!(streams.poll(), "  | two\n");
        assert_eq!(
            step.end(&mut streams, 3),
            "  | end\n  | (3 more bytes were not kept)\nsuccess\n"
        );
        assert!(streams.is_empty());
    }

    fn check_second(pick: Pick) {
        let mut streams = Streams::new(pick);
        let mut first = Step::start(&mut streams, "1");
        first.print("one\n");
        assert_eq!(streams.poll(), "running 1\n  | one\n");
        let mut second = Step::start(&mut streams, "2");
        second.print("other\n");
        first.print("two\n");
        assert_eq!(streams.poll(), "  | two\n");
        assert_eq!(second.end(&mut streams, 0), "success\n  | other\n");
        first.print("three\n");
        assert_eq!(streams.poll(), "running 1\n  | three\n");
        streams.interrupt();
        assert!(streams.is_shown(&first.name));
        assert_eq!(first.end(&mut streams, 0), "success\n");
    }

    #[test]
    fn a_second_step_waits_for_its_end() {
        check_second(ALONE);
        check_second(FOLLOWED);
    }

    #[test]
    fn of_two_that_began_together_none_is_shown_until_one_is_left() {
        let mut streams = Streams::new(ALONE);
        let mut first = Step::start(&mut streams, "1");
        let mut second = Step::start(&mut streams, "2");
        first.print("one\n");
        second.print("other\n");
        assert_eq!(streams.poll(), "");
        assert_eq!(first.end(&mut streams, 0), "success\n  | one\n");
        assert_eq!(streams.poll(), "running 2\n  | other\n");
    }

    #[test]
    fn who_follows_is_shown_one_of_two() {
        let mut streams = Streams::new(FOLLOWED);
        let mut first = Step::start(&mut streams, "1");
        let mut second = Step::start(&mut streams, "2");
        second.print("other\n");
        assert_eq!(streams.poll(), "");
        first.print("one\n");
        assert_eq!(streams.poll(), "running 1\n  | one\n");
        assert_eq!(first.end(&mut streams, 0), "success\n");
        assert_eq!(streams.poll(), "running 2\n  | other\n");
    }

    #[test]
    fn who_follows_sees_silent_steps_and_lines_without_end() {
        let mut streams = Streams::new(Pick::First(Duration::ZERO));
        let mut first = Step::start(&mut streams, "1");
        assert_eq!(streams.poll(), "running 1\n");
        assert_eq!(streams.poll(), "");
        first.print("on");
        assert_eq!(streams.poll(), "  | on");
        first.print("e\ntw");
        assert_eq!(streams.poll(), "e\n  | tw");
        let second = Step::start(&mut streams, "2");
        assert_eq!(streams.poll(), "");
        assert_eq!(second.end(&mut streams, 0), "\nsuccess\n");
        first.print("o!");
        assert_eq!(streams.poll(), "running 1\n  | o!");
        assert_eq!(first.end(&mut streams, 0), "\nsuccess\n");
        let silent = Step::start(&mut streams, "3");
        assert_eq!(streams.poll(), "running 3\n");
        assert_eq!(silent.end(&mut streams, 0), "success\n");
        assert_eq!(streams.end_line(), "");
    }

    #[test]
    fn what_ends_soon_comes_in_one_block() {
        let mut streams = Streams::new(Pick::Alone(Duration::from_mins(1)));
        let mut step = Step::start(&mut streams, "1");
        step.print("one\n");
        assert_eq!(streams.poll(), "");
        assert_eq!(step.end(&mut streams, 0), "success\n  | one\n");
    }
}
