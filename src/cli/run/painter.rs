//! What a run shows while the engine waits: a thread that looks at what steps print and keeps the
//! tree on the terminal moving.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::app::Error;
use crate::cli::output::write_data;
use crate::cli::run::live::Live;
use crate::cli::run::streams::{Pick, Streams};

/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(100);

/// How long a step runs before its output is shown while it goes on.
const PATIENCE: Duration = Duration::from_secs(1);

/// What is shown, and the thread that shows more of it.
#[derive(Debug)]
pub(crate) struct Painter {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    stage: Mutex<Stage>,
    /// There is something to look at, or nothing any more.
    changed: Condvar,
}

/// Everything that is shown; whoever holds it shows alone.
#[derive(Debug)]
pub(crate) struct Stage {
    /// On a terminal, the tree below what was printed.
    pub(crate) live: Option<Live>,
    /// What running steps print.
    pub(crate) streams: Streams,
    /// The first failure to write: the run goes on, and the command tells at its end.
    failed: Option<Error>,
    /// The thread waits for something to look at, and will not look by itself.
    idle: bool,
    over: bool,
}

impl Painter {
    /// Begins; `live` is the tree, on a terminal.
    pub(crate) fn start(live: Option<Live>) -> Self {
        let shared = Arc::new(Shared {
            stage: Mutex::new(Stage {
                live,
                streams: Streams::new(Pick::Alone(PATIENCE)),
                failed: None,
                idle: false,
                over: false,
            }),
            changed: Condvar::new(),
        });
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("painter".to_owned())
            .spawn(move || theirs.paint());
        Self {
            shared,
            // Without it, everything is shown all the same, at the end of each step.
            thread: thread.ok(),
        }
    }

    /// What is shown, for as long as it is held.
    pub(crate) fn stage(&self) -> MutexGuard<'_, Stage> {
        self.shared.lock()
    }

    /// There is something new to look at.
    pub(crate) fn wake(&self) {
        let stage = self.stage();
        // A tree shows it at once; lines of steps are looked for often enough.
        if stage.idle || stage.live.is_some() || stage.over {
            self.shared.changed.notify_all();
        }
    }

    /// Ends the thread, takes the tree away, and fails if something could not be shown.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        self.stop();
        let failed = self.stage().failed.take();
        failed.map_or(Ok(()), Err)
    }

    fn stop(&mut self) {
        self.stage().over = true;
        self.wake();
        if let Some(thread) = self.thread.take() {
            // A thread that panicked shows no more, and that is all there is to it.
            drop(thread.join());
        }
        self.stage().live = None;
    }
}

impl Drop for Painter {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn paint(&self) {
        let mut stage = self.lock();
        while !stage.over {
            stage.look();
            stage = if stage.live.is_none() && stage.streams.is_empty() {
                stage.idle = true;
                let waited = self.changed.wait(stage);
                let mut stage = waited.unwrap_or_else(PoisonError::into_inner);
                stage.idle = false;
                stage
            } else {
                let waited = self.changed.wait_timeout(stage, LOOK);
                waited.unwrap_or_else(PoisonError::into_inner).0
            };
        }
    }
}

impl Stage {
    /// Shows what has come meanwhile.
    fn look(&mut self) {
        let text = self.streams.poll();
        if text.is_empty() {
            if let Some(live) = &mut self.live {
                live.draw();
            }
        } else {
            self.print(&text);
        }
    }

    /// Shows lines of something else than the step that is shown.
    pub(crate) fn show(&mut self, text: &str) {
        if !text.is_empty() {
            self.streams.interrupt();
            self.print(text);
        }
    }

    /// Writes data, above the tree.
    fn print(&mut self, text: &str) {
        if let Err(error) = self.aside(|| write_data(text)) {
            self.failed.get_or_insert(error);
        }
    }

    /// Does something while the tree is out of the way.
    pub(crate) fn aside<T>(&mut self, print: impl FnOnce() -> T) -> T {
        let Some(live) = &mut self.live else {
            return print();
        };
        live.hide();
        let done = print();
        live.draw();
        done
    }

    /// Keeps a failure to write for the end.
    pub(crate) fn failed(&mut self, error: Error) {
        self.failed.get_or_insert(error);
    }
}
