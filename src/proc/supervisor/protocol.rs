//! What the engine and the supervisor say to one another.
//!
//! A message is a list of byte strings: a little-endian `u32` count, then for each string its
//! `u32` length and its bytes. Both ends are the same program, started by one another, so there
//! is no version in it.

use std::io::{self, Read, Write};

/// Largest message, in bytes: an environment (at most 2 MiB on Linux) and a script fit.
const MESSAGE_BYTES: u32 = 64 * 1024 * 1024;

/// Most strings in one message.
const MESSAGE_FIELDS: u32 = 100_000;

/// One attempt of a step, ready to be spawned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Start {
    /// Names the attempt within its run; also the group it belongs to, up to the first `.`.
    pub(crate) attempt: String,
    /// Program and arguments.
    pub(crate) arguments: Vec<Vec<u8>>,
    /// The whole environment.
    pub(crate) environment: Vec<(Vec<u8>, Vec<u8>)>,
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
    /// Bytes of output past the limit, counted and dropped.
    pub(crate) dropped_bytes: u64,
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

type Fields = Vec<Vec<u8>>;

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
        let mut fields: Fields = Vec::new();
        match self {
            Self::Mask(values) => {
                fields.push(b"mask".to_vec());
                fields.extend(values.iter().map(|value| value.clone().into_bytes()));
            }
            Self::Start(start) => {
                fields.push(b"start".to_vec());
                fields.push(start.attempt.clone().into_bytes());
                fields.push(start.folder.clone());
                fields.push(start.claim.clone());
                fields.push(start.output.clone());
                fields.push(start.timeout_ms.to_string().into_bytes());
                fields.push(start.output_limit.to_string().into_bytes());
                fields.push(start.arguments.len().to_string().into_bytes());
                fields.extend(start.arguments.iter().cloned());
                for (name, value) in &start.environment {
                    fields.push(name.clone());
                    fields.push(value.clone());
                }
            }
            Self::Stop { attempt, cause } => {
                fields.push(b"stop".to_vec());
                fields.push(attempt.clone().into_bytes());
                fields.push(cause_word(Some(*cause)).as_bytes().to_vec());
            }
            Self::Cancel { at_once } => {
                fields.push(b"cancel".to_vec());
                fields.push(if *at_once {
                    b"1".to_vec()
                } else {
                    b"0".to_vec()
                });
            }
            Self::EndGroup(group) => {
                fields.push(b"end-group".to_vec());
                fields.push(group.clone().into_bytes());
            }
        }
        write_fields(&fields, out)
    }

    /// Reads one out of received fields.
    fn from_fields(fields: Fields) -> io::Result<Self> {
        let mut fields = fields.into_iter();
        let request = match next_text(&mut fields)?.as_str() {
            "mask" => Self::Mask(fields.map(text).collect::<io::Result<_>>()?),
            "start" => {
                let attempt = next_text(&mut fields)?;
                let folder = next(&mut fields)?;
                let claim = next(&mut fields)?;
                let output = next(&mut fields)?;
                let timeout_ms = next_number(&mut fields)?;
                let output_limit = next_number(&mut fields)?;
                let count = next_number(&mut fields)?;
                let arguments = (0..count)
                    .map(|_| next(&mut fields))
                    .collect::<io::Result<_>>()?;
                let mut environment = Vec::new();
                while let Some(name) = fields.next() {
                    environment.push((name, next(&mut fields)?));
                }
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
                attempt: next_text(&mut fields)?,
                cause: cause_of(&next_text(&mut fields)?).ok_or_else(malformed)?,
            },
            "cancel" => Self::Cancel {
                at_once: next(&mut fields)? == b"1",
            },
            "end-group" => Self::EndGroup(next_text(&mut fields)?),
            _ => return Err(malformed()),
        };
        Ok(request)
    }
}

impl Reply {
    /// Sends it.
    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
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
                vec![
                    "finished".to_owned(),
                    attempt.clone(),
                    kind.to_owned(),
                    value,
                    cause.to_owned(),
                    finish.elapsed_ms.to_string(),
                    finish.output_bytes.to_string(),
                    finish.dropped_bytes.to_string(),
                ]
            }
        };
        let fields: Fields = words.into_iter().map(String::into_bytes).collect();
        write_fields(&fields, out)
    }

    /// Reads one out of received fields.
    fn from_fields(fields: Fields) -> io::Result<Self> {
        let mut fields = fields.into_iter();
        let reply = match next_text(&mut fields)?.as_str() {
            "ready" => {
                let pid = u32::try_from(next_number(&mut fields)?).map_err(|_| malformed())?;
                Self::Ready(pid)
            }
            "cancelled" => Self::Cancelled,
            "started" => Self::Started {
                attempt: next_text(&mut fields)?,
            },
            "refused" => Self::Refused {
                attempt: next_text(&mut fields)?,
            },
            "record-failed" => Self::RecordFailed {
                attempt: next_text(&mut fields)?,
                reason: next_text(&mut fields)?,
            },
            "masked" => Self::Masked(fields.map(text).collect::<io::Result<_>>()?),
            "finished" => {
                let attempt = next_text(&mut fields)?;
                let kind = next_text(&mut fields)?;
                let value = next_text(&mut fields)?;
                let number = || value.parse::<i32>().map_err(|_| malformed());
                let ending = match kind.as_str() {
                    "code" => Ending::Code(number()?),
                    "signal" => Ending::Signal(number()?),
                    _ => Ending::NotStarted(value),
                };
                let cause = cause_of(&next_text(&mut fields)?);
                let finish = Finish {
                    ending,
                    cause,
                    elapsed_ms: next_number(&mut fields)?,
                    output_bytes: next_number(&mut fields)?,
                    dropped_bytes: next_number(&mut fields)?,
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
    pub(crate) fn fill(&mut self, from: &mut impl Read) -> io::Result<bool> {
        let mut buffer = [0_u8; 16 * 1024];
        loop {
            match from.read(&mut buffer) {
                Ok(0) => return Ok(false),
                Ok(count) => self
                    .bytes
                    .extend_from_slice(buffer.get(..count).unwrap_or(&[])),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(true),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // The other end died with messages of ours unread.
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(false),
                Err(error) => return Err(error),
            }
        }
    }

    /// The next whole request, if one has arrived.
    pub(crate) fn next_request(&mut self) -> io::Result<Option<Request>> {
        self.next_fields()?.map(Request::from_fields).transpose()
    }

    /// The next whole reply, if one has arrived.
    pub(crate) fn next_reply(&mut self) -> io::Result<Option<Reply>> {
        self.next_fields()?.map(Reply::from_fields).transpose()
    }

    fn next_fields(&mut self) -> io::Result<Option<Fields>> {
        let mut rest = self.bytes.as_slice();
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
            fields.push(field.to_vec());
            rest = after;
        }
        let used = self.bytes.len() - rest.len();
        self.bytes.drain(..used);
        Ok(Some(fields))
    }
}

fn take_u32(bytes: &mut &[u8]) -> Option<u32> {
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    *bytes = rest;
    Some(u32::from_le_bytes(*head))
}

fn write_fields(fields: &Fields, out: &mut impl Write) -> io::Result<()> {
    let length = |length: usize| {
        u32::try_from(length)
            .ok()
            .filter(|length| *length <= MESSAGE_BYTES)
            .ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))
    };
    let mut message = length(fields.len())?.to_le_bytes().to_vec();
    for field in fields {
        message.extend(length(field.len())?.to_le_bytes());
        message.extend(field);
    }
    out.write_all(&message)
}

fn malformed() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

fn next(fields: &mut impl Iterator<Item = Vec<u8>>) -> io::Result<Vec<u8>> {
    fields.next().ok_or_else(malformed)
}

fn text(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|_| malformed())
}

fn next_text(fields: &mut impl Iterator<Item = Vec<u8>>) -> io::Result<String> {
    text(next(fields)?)
}

fn next_number(fields: &mut impl Iterator<Item = Vec<u8>>) -> io::Result<u64> {
    next_text(fields)?.parse().map_err(|_| malformed())
}

#[cfg(test)]
mod tests;
