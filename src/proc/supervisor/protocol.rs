//! What the engine and the supervisor say to one another.
//!
//! A message is a list of byte strings: a little-endian `u32` count, then for each string its
//! `u32` length and its bytes. Both ends are the same program, started by one another, so there
//! is no version in it.

use std::io::{self, Write};
use std::mem::MaybeUninit;
use std::os::fd::AsFd;

use rustix::io::Errno;

use crate::proc::supervisor::variables::Variables;

/// Largest message, in bytes: an environment (at most 2 MiB on Linux) and a script fit.
const MESSAGE_BYTES: u32 = 64 * 1024 * 1024;

/// Most strings in one message.
const MESSAGE_FIELDS: u32 = 100_000;

/// One attempt of a step, ready to be spawned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Start {
    /// Names the attempt within its run; also the group it belongs to, up to the first `.`.
    pub(crate) attempt: String,
    /// Path of the program, and arguments.
    pub(crate) arguments: Vec<Vec<u8>>,
    /// The whole environment.
    pub(crate) environment: Variables,
    /// Folder that it runs in.
    pub(crate) folder: Vec<u8>,
    /// File that is created to claim the attempt.
    pub(crate) claim: Vec<u8>,
    /// File that takes what it prints; made when it prints something.
    pub(crate) output: Vec<u8>,
    /// Time it may take, in milliseconds.
    pub(crate) timeout_ms: u64,
    /// Bytes of output that are kept.
    pub(crate) output_limit: u64,
}

/// What the engine asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// Values to mask in all output from now on.
    Mask(Vec<String>),
    /// Spawn an attempt.
    Start(Box<Start>),
    /// End one attempt.
    Stop {
        /// Which.
        attempt: String,
        /// Why: it took too long, or is not wanted any more.
        cause: Cause,
    },
    /// End everything: politely at first, or at once.
    Cancel {
        /// Skip the polite part.
        at_once: bool,
    },
    /// A job is over: end what its steps left running.
    EndGroup(String),
}

/// Why an attempt was ended by us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// It took longer than it may.
    TimedOut,
    /// A person cancelled the run.
    Cancelled,
}

/// How the process of an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It exited with this code.
    Code(i32),
    /// This signal ended it.
    Signal(i32),
    /// It could not be started at all.
    NotStarted(String),
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finish {
    /// How its process ended.
    pub(crate) ending: Ending,
    /// Whether we ended it, and why.
    pub(crate) cause: Option<Cause>,
    /// Time from spawn to end, in milliseconds.
    pub(crate) elapsed_ms: u64,
    /// Bytes of output that were kept.
    pub(crate) output_bytes: u64,
    /// What of its output was dropped.
    pub(crate) dropped: Dropped,
}

/// Output that is not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dropped {
    /// How many bytes: those past the limit, and those that could not be written.
    pub(crate) bytes: u64,
    /// Why writing failed, when it first did.
    pub(crate) reason: Option<String>,
}

impl Finish {
    /// Whether the attempt did what it should: exit code 0, and not ended by us.
    pub(crate) fn success(&self) -> bool {
        self.ending == Ending::Code(0) && self.cause.is_none()
    }
}

/// What the supervisor answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// It is up, with this process id.
    Ready(u32),
    /// The attempt runs.
    Started {
        /// Which attempt.
        attempt: String,
    },
    /// The attempt was claimed by somebody else, or left by a resume: it did not start.
    Refused {
        /// Which attempt.
        attempt: String,
    },
    /// The attempt is over and its end is recorded.
    Finished {
        /// Which attempt.
        attempt: String,
        /// How it ended.
        finish: Finish,
    },
    /// The end of an attempt, or its start, could not be recorded; nothing new will start.
    RecordFailed {
        /// Which attempt.
        attempt: String,
        /// Why.
        reason: String,
    },
    /// Steps said that these values are to be masked; the supervisor does so already.
    Masked(Vec<String>),
    /// A signal asked the supervisor to stop: the engine is to cancel the run.
    Cancelled,
}

fn cause_word(cause: Option<Cause>) -> &'static str {
    match cause {
        None => "",
        Some(Cause::TimedOut) => "timed-out",
        Some(Cause::Cancelled) => "cancelled",
    }
}

fn cause_of(word: &str) -> Option<Cause> {
    match word {
        "timed-out" => Some(Cause::TimedOut),
        "cancelled" => Some(Cause::Cancelled),
        _ => None,
    }
}

impl Request {
    /// Sends it.
    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut message = Message::new();
        match self {
            Self::Mask(values) => {
                message.push(b"mask")?;
                for value in values {
                    message.push(value.as_bytes())?;
                }
            }
            Self::Start(start) => {
                message
                    .bytes
                    .reserve(start.environment.as_bytes().len() + 1024);
                message.push(b"start")?;
                message.push(start.attempt.as_bytes())?;
                message.push(&start.folder)?;
                message.push(&start.claim)?;
                message.push(&start.output)?;
                message.push(start.timeout_ms.to_string().as_bytes())?;
                message.push(start.output_limit.to_string().as_bytes())?;
                message.push(start.environment.as_bytes())?;
                for argument in &start.arguments {
                    message.push(argument)?;
                }
            }
            Self::Stop { attempt, cause } => {
                message.push(b"stop")?;
                message.push(attempt.as_bytes())?;
                message.push(cause_word(Some(*cause)).as_bytes())?;
            }
            Self::Cancel { at_once } => {
                message.push(b"cancel")?;
                message.push(if *at_once { b"1" } else { b"0" })?;
            }
            Self::EndGroup(group) => {
                message.push(b"end-group")?;
                message.push(group.as_bytes())?;
            }
        }
        message.send(out)
    }

    /// Reads one out of received fields.
    fn from_fields<'m>(fields: &mut impl Iterator<Item = &'m [u8]>) -> io::Result<Self> {
        let request = match next_text(fields)?.as_str() {
            "mask" => Self::Mask(fields.map(text).collect::<io::Result<_>>()?),
            "start" => {
                let attempt = next_text(fields)?;
                let folder = next(fields)?.to_vec();
                let claim = next(fields)?.to_vec();
                let output = next(fields)?.to_vec();
                let timeout_ms = next_number(fields)?;
                let output_limit = next_number(fields)?;
                let environment = Variables::received(next(fields)?.to_vec());
                let environment = environment.ok_or_else(malformed)?;
                let arguments = fields.map(<[u8]>::to_vec).collect();
                Self::Start(Box::new(Start {
                    attempt,
                    arguments,
                    environment,
                    folder,
                    claim,
                    output,
                    timeout_ms,
                    output_limit,
                }))
            }
            "stop" => Self::Stop {
                attempt: next_text(fields)?,
                cause: cause_of(&next_text(fields)?).ok_or_else(malformed)?,
            },
            "cancel" => Self::Cancel {
                at_once: next(fields)? == b"1",
            },
            "end-group" => Self::EndGroup(next_text(fields)?),
            _ => return Err(malformed()),
        };
        Ok(request)
    }
}

impl Reply {
    /// Sends it.
    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut message = Message::new();
        let words = match self {
            Self::Ready(pid) => vec!["ready".to_owned(), pid.to_string()],
            Self::Cancelled => vec!["cancelled".to_owned()],
            Self::Started { attempt } => vec!["started".to_owned(), attempt.clone()],
            Self::Refused { attempt } => vec!["refused".to_owned(), attempt.clone()],
            Self::RecordFailed { attempt, reason } => {
                vec!["record-failed".to_owned(), attempt.clone(), reason.clone()]
            }
            Self::Masked(values) => {
                let name = std::iter::once("masked".to_owned());
                name.chain(values.iter().cloned()).collect()
            }
            Self::Finished { attempt, finish } => {
                let (kind, value) = match &finish.ending {
                    Ending::Code(code) => ("code", code.to_string()),
                    Ending::Signal(signal) => ("signal", signal.to_string()),
                    Ending::NotStarted(reason) => ("not-started", reason.clone()),
                };
                let cause = cause_word(finish.cause);
                let mut words = vec![
                    "finished".to_owned(),
                    attempt.clone(),
                    kind.to_owned(),
                    value,
                    cause.to_owned(),
                    finish.elapsed_ms.to_string(),
                    finish.output_bytes.to_string(),
                    finish.dropped.bytes.to_string(),
                ];
                words.extend(finish.dropped.reason.clone());
                words
            }
        };
        for word in words {
            message.push(word.as_bytes())?;
        }
        message.send(out)
    }

    /// Reads one out of received fields.
    fn from_fields<'m>(fields: &mut impl Iterator<Item = &'m [u8]>) -> io::Result<Self> {
        let reply = match next_text(fields)?.as_str() {
            "ready" => {
                let pid = u32::try_from(next_number(fields)?).map_err(|_| malformed())?;
                Self::Ready(pid)
            }
            "cancelled" => Self::Cancelled,
            "started" => Self::Started {
                attempt: next_text(fields)?,
            },
            "refused" => Self::Refused {
                attempt: next_text(fields)?,
            },
            "record-failed" => Self::RecordFailed {
                attempt: next_text(fields)?,
                reason: next_text(fields)?,
            },
            "masked" => Self::Masked(fields.map(text).collect::<io::Result<_>>()?),
            "finished" => {
                let attempt = next_text(fields)?;
                let kind = next_text(fields)?;
                let value = next_text(fields)?;
                let number = || value.parse::<i32>().map_err(|_| malformed());
                let ending = match kind.as_str() {
                    "code" => Ending::Code(number()?),
                    "signal" => Ending::Signal(number()?),
                    _ => Ending::NotStarted(value),
                };
                let cause = cause_of(&next_text(fields)?);
                let finish = Finish {
                    ending,
                    cause,
                    elapsed_ms: next_number(fields)?,
                    output_bytes: next_number(fields)?,
                    dropped: Dropped {
                        bytes: next_number(fields)?,
                        reason: fields.next().map(text).transpose()?,
                    },
                };
                Self::Finished { attempt, finish }
            }
            _ => return Err(malformed()),
        };
        Ok(reply)
    }
}

/// Collects bytes and gives whole messages.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    bytes: Vec<u8>,
}

impl Inbox {
    /// Takes what is there to read without waiting; `false` at the end of the stream.
    pub(crate) fn fill(&mut self, from: &impl AsFd) -> io::Result<bool> {
        let mut buffer = [MaybeUninit::uninit(); 16 * 1024];
        loop {
            match rustix::io::read(from, &mut buffer) {
                // The other end may have died with messages of ours unread.
                Ok(([], _)) | Err(Errno::CONNRESET) => return Ok(false),
                Ok((read, free)) => {
                    self.bytes.extend_from_slice(read);
                    // It was all that was there.
                    if !free.is_empty() {
                        return Ok(true);
                    }
                }
                Err(Errno::AGAIN) => return Ok(true),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The next whole request, if one has arrived.
    pub(crate) fn next_request(&mut self) -> io::Result<Option<Request>> {
        self.next(|fields| Request::from_fields(fields))
    }

    /// The next whole reply, if one has arrived.
    pub(crate) fn next_reply(&mut self) -> io::Result<Option<Reply>> {
        self.next(|fields| Reply::from_fields(fields))
    }

    fn next<T>(
        &mut self,
        read: impl FnOnce(&mut std::vec::IntoIter<&[u8]>) -> io::Result<T>,
    ) -> io::Result<Option<T>> {
        let mut rest = self.bytes.as_slice();
        let Some(fields) = take_fields(&mut rest)? else {
            return Ok(None);
        };
        let used = self.bytes.len() - rest.len();
        let read = read(&mut fields.into_iter())?;
        self.bytes.drain(..used);
        Ok(Some(read))
    }
}

/// Takes the fields of the first message; `None` while it is not whole.
fn take_fields<'m>(bytes: &mut &'m [u8]) -> io::Result<Option<Vec<&'m [u8]>>> {
    let mut rest = *bytes;
    let Some(count) = take_u32(&mut rest) else {
        return Ok(None);
    };
    if count > MESSAGE_FIELDS {
        return Err(malformed());
    }
    let mut fields = Vec::new();
    for _ in 0..count {
        let Some(length) = take_u32(&mut rest) else {
            return Ok(None);
        };
        if length > MESSAGE_BYTES {
            return Err(malformed());
        }
        let length = usize::try_from(length).map_err(|_| malformed())?;
        let Some((field, after)) = rest.split_at_checked(length) else {
            return Ok(None);
        };
        fields.push(field);
        rest = after;
    }
    *bytes = rest;
    Ok(Some(fields))
}

fn take_u32(bytes: &mut &[u8]) -> Option<u32> {
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    *bytes = rest;
    Some(u32::from_le_bytes(*head))
}

/// A message that is being made.
struct Message {
    fields: u32,
    /// Room for their number, and the fields.
    bytes: Vec<u8>,
}

impl Message {
    fn new() -> Self {
        Self {
            fields: 0,
            bytes: vec![0; size_of::<u32>()],
        }
    }

    fn push(&mut self, field: &[u8]) -> io::Result<()> {
        let length = u32::try_from(field.len());
        let length = length.ok().filter(|length| *length <= MESSAGE_BYTES);
        let length = length.ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))?;
        self.bytes.extend_from_slice(&length.to_le_bytes());
        self.bytes.extend_from_slice(field);
        self.fields += 1;
        Ok(())
    }

    fn send(mut self, out: &mut impl Write) -> io::Result<()> {
        if let Some(head) = self.bytes.first_chunk_mut() {
            *head = self.fields.to_le_bytes();
        }
        out.write_all(&self.bytes)
    }
}

fn malformed() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

fn next<'m>(fields: &mut impl Iterator<Item = &'m [u8]>) -> io::Result<&'m [u8]> {
    fields.next().ok_or_else(malformed)
}

fn text(bytes: &[u8]) -> io::Result<String> {
    String::from_utf8(bytes.to_vec()).map_err(|_| malformed())
}

fn next_text<'m>(fields: &mut impl Iterator<Item = &'m [u8]>) -> io::Result<String> {
    text(next(fields)?)
}

fn next_number<'m>(fields: &mut impl Iterator<Item = &'m [u8]>) -> io::Result<u64> {
    next_text(fields)?.parse().map_err(|_| malformed())
}

#[cfg(test)]
mod tests;
