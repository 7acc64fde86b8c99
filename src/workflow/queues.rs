//! The concurrency groups of a run and of its jobs: asked for before anything of them runs, held
//! until they are over, left while the run is parked.
//!
//! A job waits in a thread of its own, so that it keeps no other one; the thread wakes the engine
//! when its waiting is over. A job that is in its group hears by its bell that it is to leave.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;
use std::time::Instant;

use crate::model::expression::Context;
use crate::model::run::schedule::Schedule;
use crate::model::run::{Event, Outcome};
use crate::model::workflow::policy::Concurrency;
use crate::sys;
use crate::workflow::Error;
use crate::workflow::driver::Driver;
use crate::workflow::groups::{
    self, Canceller, Enqueued, Held, Member, Queue, Request, Ticket, Waited,
};
use crate::workflow::holding::next_of;

/// Jobs of one run that wait for a group or are in one. Each has some files open, and 1024 is what
/// many systems allow.
const AT_ONCE: usize = 128;

/// How the waiting of a job ended.
type Answer = (usize, Result<Waited, groups::Error>);

/// The jobs that wait for their groups, and those that are in them.
#[derive(Debug, Default)]
pub(super) struct Queues {
    waiting: Vec<Waiting>,
    held: Vec<Inside>,
    /// Those in their groups that have not begun, because as many as may are under way.
    entered: VecDeque<usize>,
    /// Those that have not asked yet, because [`AT_ONCE`] have.
    later: VecDeque<usize>,
    /// Made when the first job waits.
    wire: Option<Wire>,
}

/// A job that waits in a thread.
#[derive(Debug)]
struct Waiting {
    job: usize,
    group: String,
    canceller: Canceller,
    thread: Option<JoinHandle<()>>,
}

/// A job in its group.
#[derive(Debug)]
struct Inside {
    job: usize,
    group: String,
    held: Held,
    /// It knows that it is to leave.
    told: bool,
}

/// How the threads reach the engine.
#[derive(Debug)]
struct Wire {
    answers: (Sender<Answer>, Receiver<Answer>),
    /// A byte comes out here for each answer.
    bell: UnixStream,
    rope: UnixStream,
}

impl Wire {
    fn new() -> Result<Self, sys::Error> {
        let fail = |error| sys::Error::file("make", "a pipe", error);
        let (bell, rope) = UnixStream::pair().map_err(fail)?;
        bell.set_nonblocking(true).map_err(fail)?;
        Ok(Self {
            answers: mpsc::channel(),
            bell,
            rope,
        })
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        // Its place in the queue goes with the thread; if not, then with the process.
        if self.canceller.cancel().is_ok()
            && let Some(thread) = self.thread.take()
        {
            drop(thread.join());
        }
    }
}

impl Queues {
    /// Lets a job wait.
    fn wait(&mut self, job: usize, group: String, ticket: Ticket) -> Result<(), Error> {
        let fail = |error| sys::Error::file("make", "a pipe", error);
        let wire = match &mut self.wire {
            Some(wire) => wire,
            none => none.insert(Wire::new()?),
        };
        let canceller = ticket.canceller()?;
        let (sender, mut rope) = (wire.answers.0.clone(), wire.rope.try_clone().map_err(fail)?);
        let thread = std::thread::spawn(move || {
            let waited = ticket.wait(None);
            // An engine that has gone needs no answer.
            if sender.send((job, waited)).is_ok() {
                drop(rope.write_all(b"!"));
            }
        });
        self.waiting.push(Waiting {
            job,
            group,
            canceller,
            thread: Some(thread),
        });
        Ok(())
    }

    /// The answers that have come.
    fn answers(&mut self) -> Vec<Answer> {
        let Some(wire) = &mut self.wire else {
            return Vec::new();
        };
        let mut bytes = [0_u8; 64];
        // An empty pipe is an error of kind `WouldBlock`.
        while let Ok(1..) = wire.bell.read(&mut bytes) {}
        wire.answers.1.try_iter().collect()
    }

    /// A job does not wait any more; gives the group that it waited for.
    fn take(&mut self, job: usize) -> Option<String> {
        let at = self.waiting.iter().position(|known| known.job == job)?;
        Some(self.waiting.swap_remove(at).group.clone())
    }

    /// A job leaves its group, or its queue. Tells whether it was in one.
    fn leave(&mut self, job: usize) -> bool {
        let before = self.held.len() + self.waiting.len();
        self.held.retain(|known| known.job != job);
        self.waiting.retain(|known| known.job != job);
        self.entered.retain(|known| *known != job);
        self.later.retain(|known| *known != job);
        before > self.held.len() + self.waiting.len()
    }

    /// What wakes the engine.
    fn bells(&self) -> Result<Vec<OwnedFd>, sys::Error> {
        let own = self.wire.iter().map(|wire| wire.bell.as_fd());
        let held = self.held.iter().filter(|known| !known.told);
        let all = own.chain(held.map(|known| known.held.bell().as_fd()));
        let all = all.map(|bell| bell.try_clone_to_owned());
        all.collect::<Result<_, _>>()
            .map_err(|error| sys::Error::file("make", "a pipe", error))
    }
}

/// Whom a group is for, in words.
fn told(member: &Member) -> String {
    match &member.job {
        Some(job) => format!("job `{job}` of run {}", member.run),
        None => format!("run {}", member.run),
    }
}

/// A group that somebody names: nothing where the name is empty.
fn named(concurrency: &Concurrency, context: &Context) -> Result<Option<(String, bool)>, String> {
    let group = concurrency.group.render(context);
    let group = group.map_err(|error| format!("concurrency: {error}"))?;
    let cancel = concurrency.cancel_in_progress.evaluate(context);
    let cancel = cancel.map_err(|error| format!("cancel-in-progress: {error}"))?;
    let group = group.trim().to_owned();
    Ok((!group.is_empty()).then_some((group, cancel)))
}

fn queue(concurrency: &Concurrency) -> Queue {
    if concurrency.queue_all {
        Queue::Max
    } else {
        Queue::Single
    }
}

impl Driver<'_> {
    /// The run enters its concurrency group, if it has one. It is cancelled where a newer one took
    /// its place, or somebody asked for it; false when the name of the group has no value.
    pub(super) fn enter_group(&mut self) -> Result<bool, Error> {
        let Some(concurrency) = &self.pinned.workflow.concurrency else {
            return Ok(true);
        };
        let (group, cancel_in_progress) = match named(concurrency, &self.base) {
            Ok(Some(named)) => named,
            Ok(None) => return Ok(true),
            Err(reason) => {
                self.observer.note(&reason);
                return Ok(false);
            }
        };
        let request = Request {
            group: &group,
            run: self.run,
            job: None,
            queue: queue(concurrency),
            cancel_in_progress,
        };
        let waited = self.wait_in_turn(&request)?;
        match waited {
            Some(Waited::Acquired(held)) => self.group = Some(held),
            Some(Waited::Cancelled) => self.interrupted(Instant::now())?,
            Some(Waited::Superseded(by)) => self.lose_turn(&group, by.as_ref())?,
            None => self.lose_turn(&group, None)?,
        }
        Ok(true)
    }

    /// The run does not get its turn: it is cancelled.
    fn lose_turn(&mut self, group: &str, by: Option<&Member>) -> Result<(), Error> {
        self.observer.note(&superseded("the run", group, by));
        self.times.cancel(Instant::now());
        self.record(Event::CancelRequested)
    }

    /// Waits for a group with nothing else to do meanwhile; nothing when too many wait already.
    fn wait_in_turn(&mut self, request: &Request<'_>) -> Result<Option<Waited>, Error> {
        let shop = self.shop;
        let ticket = match Ticket::enqueue(&shop.local, shop.identifiers, request)? {
            Enqueued::Queued(ticket) => ticket,
            Enqueued::Full => return Ok(None),
        };
        self.say_who_is_before(request, &ticket)?;
        Ok(Some(ticket.wait(Some(shop.interrupts))?))
    }

    fn say_who_is_before(&mut self, request: &Request<'_>, ticket: &Ticket) -> Result<(), Error> {
        if let Some(first) = ticket.before()?.first() {
            let who = match request.job {
                Some(job) => format!("job `{job}` waits"),
                None => "waiting".to_owned(),
            };
            self.observer.note(&format!(
                "{who} for the concurrency group `{}`: {} is before it",
                request.group,
                told(first)
            ));
        }
        Ok(())
    }

    /// Why a run was cancelled that nobody has cancelled.
    pub(super) fn say_who_wants_it(&mut self) {
        if let Some(by) = self.group.as_ref().and_then(Held::asked_to_end) {
            let by = told(&by);
            self.observer
                .note(&format!("cancelled: {by} takes its concurrency group"));
        }
    }

    /// A job is about to begin: asks for its group. False when it has none.
    pub(super) fn ask_group(
        &mut self,
        index: usize,
        schedule: &mut Schedule<'_>,
    ) -> Result<bool, Error> {
        let concurrency = schedule.job(index).and_then(|job| job.concurrency.as_ref());
        // What runs in a cancelled run cleans up, and waits for nobody.
        let Some(concurrency) = concurrency.filter(|_| !self.state.cancel_requested) else {
            return Ok(false);
        };
        if self.queues.waiting.len() + self.queues.held.len() >= AT_ONCE {
            self.queues.later.push_back(index);
            schedule.queue(index);
            return Ok(true);
        }
        let context = schedule.context(index, &self.base);
        let (group, cancel_in_progress) = match named(concurrency, &context) {
            Ok(Some(named)) => named,
            Ok(None) => return Ok(false),
            Err(reason) => {
                self.bad_condition(index, None, &reason, schedule)?;
                return Ok(true);
            }
        };
        let key = schedule.key(index).to_owned();
        let request = Request {
            group: &group,
            run: self.run,
            job: Some(&key),
            queue: queue(concurrency),
            cancel_in_progress,
        };
        let shop = self.shop;
        match Ticket::enqueue(&shop.local, shop.identifiers, &request) {
            Ok(Enqueued::Queued(ticket)) => {
                self.say_who_is_before(&request, &ticket)?;
                self.queues.wait(index, group, ticket)?;
                schedule.queue(index);
                self.supervisor.listen_to(self.queues.bells()?);
            }
            Ok(Enqueued::Full) => {
                let who = format!("job `{key}`");
                self.observer.note(&superseded(&who, &group, None));
                self.end_job(index, Outcome::Cancelled, Vec::new(), schedule)?;
            }
            Err(error @ groups::Error::OwnRun { .. }) => {
                let reason = format!("concurrency: {error}");
                self.bad_condition(index, None, &reason, schedule)?;
            }
            Err(error) => return Err(error.into()),
        }
        Ok(true)
    }

    /// A run is taken up: a job that had begun enters its group again before anything goes on.
    pub(super) fn enter_again(
        &mut self,
        index: usize,
        schedule: &mut Schedule<'_>,
    ) -> Result<(), Error> {
        let concurrency = schedule.job(index).and_then(|job| job.concurrency.as_ref());
        let wanted = !self.state.cancel_requested && !schedule.is_group(index);
        let Some(concurrency) = concurrency.filter(|_| wanted) else {
            return Ok(());
        };
        let context = schedule.context(index, &self.base);
        // It had a name when the job began.
        let Ok(Some((group, cancel_in_progress))) = named(concurrency, &context) else {
            return Ok(());
        };
        let key = schedule.key(index).to_owned();
        let request = Request {
            group: &group,
            run: self.run,
            job: Some(&key),
            queue: queue(concurrency),
            cancel_in_progress,
        };
        match self.wait_in_turn(&request)? {
            Some(Waited::Acquired(held)) => {
                self.queues.held.push(Inside {
                    job: index,
                    group,
                    held,
                    told: false,
                });
                self.supervisor.listen_to(self.queues.bells()?);
            }
            Some(Waited::Cancelled) => self.interrupted(Instant::now())?,
            waited => {
                let by = match waited {
                    Some(Waited::Superseded(by)) => by,
                    _ => None,
                };
                let who = format!("job `{key}`");
                self.observer.note(&superseded(&who, &group, by.as_ref()));
                schedule.cancel_job(index);
            }
        }
        Ok(())
    }

    /// A job is over: the next one is let into its group.
    pub(super) fn leave_group(&mut self, job: usize) -> Result<(), Error> {
        if self.queues.leave(job) {
            // Those behind it are woken when nobody listens at its bell any more, we included.
            self.supervisor.listen_to(self.queues.bells()?);
        }
        Ok(())
    }

    /// Whether a job waits that can still be let in.
    pub(super) fn waits_for_group(&self, schedule: &Schedule<'_>) -> bool {
        let mut waiting = self.queues.waiting.iter();
        waiting.any(|known| !schedule.is_held_back(known.job)) && self.may_begin()
    }

    /// Lets in the jobs whose turn has come, and ends those that are to go.
    pub(super) fn look_at_queues(&mut self, schedule: &mut Schedule<'_>) -> Result<(), Error> {
        if self.queues.wire.is_none() && self.queues.held.is_empty() {
            return Ok(());
        }
        for (job, waited) in self.queues.answers() {
            let Some(group) = self.queues.take(job) else {
                continue;
            };
            self.turn_of(job, group, waited?, schedule)?;
        }
        if self.is_cancelled() {
            let waiting = self.queues.waiting.iter().map(|known| known.job);
            let others = self.queues.entered.iter().chain(&self.queues.later);
            let all = waiting.chain(others.copied());
            for job in all.collect::<Vec<_>>() {
                self.give_up_group(job, schedule)?;
            }
        }
        self.go_on_in_groups(schedule)?;
        for inside in self.queues.held.iter_mut().filter(|known| !known.told) {
            if let Some(by) = inside.held.asked_to_end() {
                inside.told = true;
                let (key, group, by) = (schedule.key(inside.job), &inside.group, told(&by));
                self.observer.note(&format!(
                    "job `{key}` is cancelled: {by} takes its concurrency group `{group}`"
                ));
                schedule.cancel_job(inside.job);
            }
        }
        self.supervisor.listen_to(self.queues.bells()?);
        Ok(())
    }

    /// Begins the jobs in their groups for which there is room, and lets those ask that could not.
    fn go_on_in_groups(&mut self, schedule: &mut Schedule<'_>) -> Result<(), Error> {
        while self.may_begin() && schedule.has_room() {
            let Some(job) = next_of(&mut self.queues.entered, schedule) else {
                break;
            };
            if schedule.let_in(job) {
                self.begin_job(job, schedule)?;
            }
        }
        while self.may_begin() && self.queues.waiting.len() + self.queues.held.len() < AT_ONCE {
            let Some(job) = next_of(&mut self.queues.later, schedule) else {
                break;
            };
            if schedule.let_in(job) && !self.ask_group(job, schedule)? {
                self.begin_job(job, schedule)?;
            }
        }
        Ok(())
    }

    /// Whether a job in its group can begin that could not a moment ago.
    pub(super) fn could_enter(&self, schedule: &Schedule<'_>) -> bool {
        let mut entered = self.queues.entered.iter();
        let room = self.may_begin() && schedule.has_room();
        room && entered.any(|job| !schedule.is_held_back(*job))
    }

    /// The waiting of a job is over.
    fn turn_of(
        &mut self,
        job: usize,
        group: String,
        waited: Waited,
        schedule: &mut Schedule<'_>,
    ) -> Result<(), Error> {
        if !schedule.is_queued(job) {
            return Ok(());
        }
        match waited {
            Waited::Acquired(held) if !self.is_cancelled() => {
                self.queues.held.push(Inside {
                    job,
                    group,
                    held,
                    told: false,
                });
                self.queues.entered.push_back(job);
                return Ok(());
            }
            Waited::Acquired(_) | Waited::Cancelled => {}
            Waited::Superseded(by) => {
                let who = format!("job `{}`", schedule.key(job));
                self.observer.note(&superseded(&who, &group, by.as_ref()));
            }
        }
        schedule.let_in(job);
        self.end_job(job, Outcome::Cancelled, Vec::new(), schedule)
    }

    /// A job that waits for its group is cancelled: it never begins.
    pub(super) fn give_up_group(
        &mut self,
        job: usize,
        schedule: &mut Schedule<'_>,
    ) -> Result<(), Error> {
        let (entered, later) = (&self.queues.entered, &self.queues.later);
        let known = entered.contains(&job) || later.contains(&job);
        if (self.queues.take(job).is_some() || known) && schedule.let_in(job) {
            self.end_job(job, Outcome::Cancelled, Vec::new(), schedule)?;
        }
        Ok(())
    }
}

/// Why somebody does not get their turn.
fn superseded(who: &str, group: &str, by: Option<&Member>) -> String {
    match by {
        Some(by) => format!(
            "{who} is cancelled: {} took its place in the concurrency group `{group}`",
            told(by)
        ),
        None => format!("{who} is cancelled: too many wait for the concurrency group `{group}`"),
    }
}
