//! Concurrency groups: of all runs and jobs of one repository that name a group, one at a time.
//!
//! A group is a folder below `$GIT_COMMON_DIR/mmm/groups/`. Whoever wants in hangs a [`Bell`] there
//! and leaves a ticket beside it; tickets are served in the order of their ids. What the files say
//! is looked at and changed under one lock, the door, and counts only as long as the process at
//! the bell is alive, which the kernel knows: one that was killed blocks nobody and wakes those who
//! wait for it.
//!
//! | name | what |
//! |---|---|
//! | `door`, `hold` | locks: on the folder for a moment, on the group while somebody has it |
//! | `<ulid>.bell`, `<ulid>.ticket` | somebody who wants in or is in; the run, the job, the name of the group |
//! | `<ulid>.holds` | that one is in |
//! | `<ulid>.superseded`, `<ulid>.end` | that one is to go: from the queue, from the group |

use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::base::ids::{RecordId, RunId};
use crate::proc::bell::{self, Bell, Line};
use crate::proc::interrupt::Interrupts;
use crate::state::layout::Local;
use crate::sys;
use crate::sys::identifiers::Identifiers;
use crate::sys::lock::{self, Lock};
use crate::workflow::groups::folder::{END, Group, HOLDS, Other, SUPERSEDED, TICKET};

mod folder;
pub(crate) mod waiting;

/// Those that may wait for one group: GitHub's limit.
const WAITING: usize = 100;

/// After how long one who waits looks again though nobody rang.
const LOOK: Duration = Duration::from_mins(1);

/// Why a group cannot be entered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The machine failed us.
    #[error(transparent)]
    Machine(#[from] sys::Error),
    /// A job names the group that its own run is in: it would wait for itself for ever.
    #[error("the concurrency group `{group}` is that of the run itself")]
    OwnRun {
        /// The group.
        group: String,
    },
}

/// How many may wait for a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Queue {
    /// One: the newest, which takes the place of those before it.
    #[default]
    Single,
    /// As many as GitHub lets wait, in order.
    Max,
}

/// What somebody wants of a group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    /// The name of the group, in any case.
    pub(crate) group: &'a str,
    /// The run.
    pub(crate) run: RunId,
    /// The job or leg of it; nothing for the run itself.
    pub(crate) job: Option<&'a str>,
    /// What becomes of those that wait already.
    pub(crate) queue: Queue,
    /// Whether the one in the group is asked to end.
    pub(crate) cancel_in_progress: bool,
}

/// Somebody in a group, or who waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// The run.
    pub(crate) run: RunId,
    /// The job or leg of it; nothing for the run itself.
    pub(crate) job: Option<String>,
}

/// What came of asking for a group.
#[derive(Debug)]
pub(crate) enum Enqueued {
    /// A place in the queue, perhaps the first.
    Queued(Ticket),
    /// As many wait as may: this one is not to run.
    Full,
}

/// How waiting ended.
#[derive(Debug)]
pub(crate) enum Waited {
    /// The group is ours until this is dropped.
    Acquired(Held),
    /// A newer one took our place: this one is not to run.
    Superseded(Option<Member>),
    /// Somebody asked us to stop.
    Cancelled,
}

/// A place in the queue of a group; dropping it gives it up.
#[derive(Debug)]
pub(crate) struct Ticket {
    group: Group,
    id: RecordId,
    /// Whether we take up a run that was in the group when its engine died.
    goes_on: bool,
    cancelled: Arc<AtomicBool>,
    // Last, so that those who are woken by its end find the rest gone.
    bell: Bell,
}

/// A group that is ours. Dropping it, or the death of the process, lets the next one in.
#[derive(Debug)]
pub(crate) struct Held {
    _hold: Lock,
    ticket: Ticket,
}

/// Ends the waiting of a ticket from another thread.
#[derive(Debug)]
pub(crate) struct Canceller {
    cancelled: Arc<AtomicBool>,
    line: Option<Line>,
}

impl Canceller {
    /// Ends it.
    pub(crate) fn cancel(&self) -> Result<(), Error> {
        self.cancelled.store(true, Ordering::SeqCst);
        match &self.line {
            Some(line) => Ok(line.ring()?),
            None => Ok(()),
        }
    }
}

/// What stands between a ticket and its group.
enum Look {
    Acquired(Lock),
    Superseded(Option<Member>),
    /// Somebody who is alive.
    Behind(Line),
    /// Somebody who died and whose lock is not free yet.
    Locked(PathBuf),
}

impl Ticket {
    /// Gets in the queue of a group.
    ///
    /// Those who wait already go, unless as many as may are to wait; and where the request says so,
    /// the one in the group is asked to end. A run that was in the group when its engine died, and
    /// is taken up while its steps go on, is in the group still.
    pub(crate) fn enqueue(
        local: &Local,
        identifiers: &Identifiers,
        request: &Request<'_>,
    ) -> Result<Enqueued, Error> {
        let group = Group::new(local, request.group);
        let _door = group.open_door()?;
        let others = group.others(None)?;
        let member = Member {
            run: request.run,
            job: request.job.map(str::to_owned),
        };
        let own_run = |other: &&Other| other.holds && other.member.run == member.run;
        let is_inside = |other: &Other| other.line.is_some() && other.member.job.is_none();
        if member.job.is_some() && others.iter().filter(own_run).any(is_inside) {
            let group = request.group.to_owned();
            return Err(Error::OwnRun { group });
        }
        let goes_on = others
            .iter()
            .any(|other| other.holds && other.line.is_none() && other.member == member);
        let queued = || {
            others
                .iter()
                .filter(|other| !other.holds && !other.superseded)
        };
        // Where nobody is in the group, the first one is about to be: it does not wait any more.
        let entering = queued().next().map(|other| other.id);
        let entering = entering.filter(|_| !others.iter().any(|other| other.holds));
        let waiting = || queued().filter(|other| Some(other.id) != entering);
        if !goes_on && request.queue == Queue::Max && waiting().count() >= WAITING {
            return Ok(Enqueued::Full);
        }
        // Whoever comes later is later, whatever the clock says.
        if let Some(newest) = others.last() {
            identifiers.observe(newest.id.timestamp_ms());
        }
        let id = identifiers.record_id();
        let bell = Bell::hang(&group.file(id, "bell"))?;
        let ticket = Self {
            group: group.clone(),
            id,
            goes_on,
            cancelled: Arc::default(),
            bell,
        };
        group.write_ticket(id, &member, request.group)?;
        if goes_on {
            return Ok(Enqueued::Queued(ticket));
        }
        if request.queue == Queue::Single {
            for other in waiting() {
                group.write(other.id, SUPERSEDED, &member)?;
                if let Some(line) = &other.line {
                    line.ring()?;
                }
            }
        }
        if request.cancel_in_progress {
            let inside = |other: &&Other| other.holds || Some(other.id) == entering;
            for other in others.iter().filter(inside) {
                group.ask_to_end(other, &member)?;
            }
        }
        Ok(Enqueued::Queued(ticket))
    }

    /// Who is before us: the one in the group first.
    pub(crate) fn before(&self) -> Result<Vec<Member>, Error> {
        let _door = self.group.open_door()?;
        let mut others = self.group.others(Some(self.id))?;
        others.retain(|other| self.is_before(other));
        others.sort_by_key(|other| (!other.holds, other.id));
        Ok(others.into_iter().map(|other| other.member).collect())
    }

    /// Lets another thread end the waiting.
    pub(crate) fn canceller(&self) -> Result<Canceller, Error> {
        Ok(Canceller {
            cancelled: Arc::clone(&self.cancelled),
            line: Line::open(&self.group.file(self.id, "bell"))?,
        })
    }

    /// Waits until the group is ours, or will not be. It sleeps in the kernel meanwhile, and has no
    /// limit: how long somebody may be in a group is for them to say.
    pub(crate) fn wait(self, interrupts: Option<&Interrupts>) -> Result<Waited, Error> {
        let mut watchers: Vec<(PathBuf, JoinHandle<()>)> = Vec::new();
        loop {
            self.bell.silence();
            let (line, lock) = match self.look()? {
                Look::Acquired(hold) => {
                    let ticket = self;
                    return Ok(Waited::Acquired(Held {
                        _hold: hold,
                        ticket,
                    }));
                }
                Look::Superseded(by) => return Ok(Waited::Superseded(by)),
                Look::Behind(line) => (Some(line), None),
                Look::Locked(path) => (None, Some(path)),
            };
            let interrupted = interrupts.is_some_and(|interrupts| interrupts.drain() > 0);
            if interrupted || self.cancelled.load(Ordering::SeqCst) {
                return Ok(Waited::Cancelled);
            }
            watchers.retain(|(_, watcher)| !watcher.is_finished());
            if let Some(path) = lock
                && !watchers.iter().any(|(known, _)| *known == path)
            {
                let watcher = self.watch(path.clone())?;
                watchers.push((path, watcher));
            }
            let signals = interrupts.map(|interrupts| interrupts.as_stream().as_fd());
            bell::wait(&self.bell, line.as_ref(), signals, LOOK)?;
        }
    }

    /// Rings our bell when nobody holds a lock any more. The thread outlives a wait that ends
    /// before: it sleeps, and what it holds ends with it or with the process.
    fn watch(&self, path: PathBuf) -> Result<JoinHandle<()>, Error> {
        let line = Line::open(&self.group.file(self.id, "bell"))?;
        Ok(thread::spawn(move || {
            let free = lock::wait_until_free(&path);
            if let (Ok(()), Some(line)) = (free, line) {
                // Whoever waits looks again after a while anyway.
                let _ = line.ring();
            }
        }))
    }

    fn is_before(&self, other: &Other) -> bool {
        if self.goes_on {
            return other.holds && other.line.is_some();
        }
        other.holds || (other.id < self.id && !other.superseded)
    }

    fn look(&self) -> Result<Look, Error> {
        let group = &self.group;
        let _door = group.open_door()?;
        if group.has(self.id, SUPERSEDED) {
            return Ok(Look::Superseded(group.read(self.id, SUPERSEDED)));
        }
        let mut others = group.others(Some(self.id))?;
        others.retain(|other| self.is_before(other));
        // When the nearest of them is gone we look again, so nobody else has to wake us.
        let Some(nearest) = others.pop() else {
            if let Some(hold) = Lock::try_take(&group.hold())? {
                self.take_over()?;
                return Ok(Look::Acquired(hold));
            }
            // One that was killed lets go of its bell a moment before it lets go of this.
            return Ok(Look::Locked(group.hold()));
        };
        Ok(match nearest.line {
            Some(line) => Look::Behind(line),
            None => Look::Locked(group.supervisor_lock(&nearest.member)),
        })
    }

    /// Marks the group as ours, and removes what a dead engine of ours left in it.
    fn take_over(&self) -> Result<(), sys::Error> {
        let group = &self.group;
        let Some(own) = group.read(self.id, TICKET) else {
            return Ok(());
        };
        if self.goes_on {
            for other in group.others(Some(self.id))? {
                if other.holds && other.member == own {
                    group.remove(other.id)?;
                }
            }
        }
        group.write(self.id, HOLDS, &own)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        // What cannot be removed counts for nothing once the bell is gone.
        let _ = self.group.remove(self.id);
    }
}

impl Held {
    /// Who asked us to end, to be in the group themselves.
    pub(crate) fn asked_to_end(&self) -> Option<Member> {
        let ticket = &self.ticket;
        ticket.bell.silence();
        ticket.group.read(ticket.id, END)
    }

    /// What becomes readable when somebody asks us to end.
    pub(crate) fn bell(&self) -> &Bell {
        &self.ticket.bell
    }
}

#[cfg(test)]
mod tests;
