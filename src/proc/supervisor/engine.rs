//! The supervisor's end of the connection to its engine.

use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use crate::proc::supervisor::protocol::{Inbox, Reply, Request};

/// How long a reply may be held back, so that the next one goes along and wakes the engine once: a
/// step that is over at once is told to have started and ended. Nobody sees so little.
const HELD: Duration = Duration::from_millis(5);

/// The engine, as long as it listens. One that is gone hears nothing, and the records say it all.
#[derive(Debug)]
pub(super) struct Engine {
    /// `None` once it has hung up.
    control: Option<UnixStream>,
    inbox: Inbox,
    /// Replies that were not sent yet, and when they must be.
    held: Option<(Vec<u8>, Instant)>,
}

impl Engine {
    /// The engine at the other end.
    pub(super) fn on(control: UnixStream) -> io::Result<Self> {
        control.set_nonblocking(true)?;
        Ok(Self {
            control: Some(control),
            inbox: Inbox::default(),
            held: None,
        })
    }

    /// Whether it has not hung up.
    pub(super) fn listens(&self) -> bool {
        self.control.is_some()
    }

    /// Becomes readable when it says something.
    pub(super) fn as_stream(&self) -> Option<&UnixStream> {
        self.control.as_ref()
    }

    /// It is not listened to any more.
    pub(super) fn hang_up(&mut self) {
        self.control = None;
    }

    /// Takes what it said; `false` when it said its last.
    pub(super) fn listen(&mut self) -> bool {
        let control = self.control.as_ref();
        control.is_some_and(|control| self.inbox.fill(control).unwrap_or(false))
    }

    /// The next thing that it asks for. When it talks nonsense, it is as good as gone.
    pub(super) fn next_request(&mut self) -> Option<Request> {
        self.control.as_ref()?;
        self.inbox.next_request().unwrap_or_else(|_| {
            self.hang_up();
            None
        })
    }

    /// Answers at once.
    pub(super) fn reply(&mut self, reply: &Reply) {
        self.reply_soon(reply);
        self.send();
    }

    /// Answers with the next reply, or when [`Self::tick`] finds that it was held long enough.
    pub(super) fn reply_soon(&mut self, reply: &Reply) {
        let due = Instant::now() + HELD;
        let (bytes, _) = self.held.get_or_insert_with(|| (Vec::new(), due));
        if reply.write(bytes).is_err() {
            self.hang_up();
        }
    }

    /// When [`Self::tick`] has something to do.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.held.as_ref().map(|(_, due)| *due)
    }

    /// Sends what was held long enough.
    pub(super) fn tick(&mut self, now: Instant) {
        if self.next_deadline().is_some_and(|due| now >= due) {
            self.send();
        }
    }

    fn send(&mut self) {
        let held = self.held.take();
        let (Some(control), Some((bytes, _))) = (&mut self.control, held) else {
            return;
        };
        let sent = control
            .set_nonblocking(false)
            .and_then(|()| control.write_all(&bytes))
            .and_then(|()| control.set_nonblocking(true));
        if sent.is_err() {
            self.hang_up();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;
    use std::time::Instant;

    use super::{Engine, HELD};
    use crate::proc::supervisor::protocol::{Inbox, Reply};

    fn started(attempt: &str) -> Reply {
        Reply::Started {
            attempt: attempt.to_owned(),
        }
    }

    #[test]
    fn what_is_held_goes_with_the_next_reply_or_when_it_is_due() {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        ours.set_nonblocking(true).expect("a flag of it");
        let mut engine = Engine::on(theirs).expect("a flag of it");
        let mut inbox = Inbox::default();
        let mut heard = || {
            assert!(inbox.fill(&ours).expect("reads"));
            let next = || inbox.next_reply().expect("well-formed");
            std::iter::from_fn(next).collect::<Vec<_>>()
        };
        let before = Instant::now();
        engine.reply_soon(&started("a.1.1"));
        engine.tick(before);
        assert_eq!(heard(), []);
        engine.reply(&Reply::Cancelled);
        assert_eq!(heard(), [started("a.1.1"), Reply::Cancelled]);
        assert_eq!(engine.next_deadline(), None);
        engine.reply_soon(&started("b.1.1"));
        let due = engine.next_deadline().expect("something is held");
        assert!(due >= before + HELD);
        engine.tick(due);
        assert_eq!(heard(), [started("b.1.1")]);
    }
}
