//! `::add-mask::`, followed while a step prints.
//!
//! A value must be known before anything that holds it is written, the line that names it
//! included. So such a line is held back until it is whole; everything else goes on at once,
//! however a line is cut into pieces. What other commands mean is found out later, from what was
//! written.

use std::borrow::Cow;

use crate::base::limits::{LEARNT_MASK_BYTES, LEARNT_MASKS};
use crate::base::redact::{MINIMUM_BYTES, Masker};
use crate::base::step_command::{self, ADD_MASK, BRACKET, COLONS, STOP_COMMANDS};

/// Longest line that is held back, in bytes; the rest of a longer one is dropped.
const HELD_BYTES: usize = 128 * 1024;

/// Longest beginning of a line, up to its message, that may still become a command, in bytes.
const HEAD_BYTES: usize = 4 * 1024;

/// The values of a run that are masked: those given, and those that its steps named.
#[derive(Debug, Default)]
pub(crate) struct Masks {
    masker: Masker,
    learnt: Vec<String>,
    /// Their size together.
    bytes: usize,
    /// Of those learnt, how many somebody was told of.
    told: usize,
}

impl Masks {
    /// Begins with what steps named when another supervisor held the run.
    pub(crate) fn new(learnt: Vec<String>) -> Self {
        Self {
            masker: Masker::new(learnt.iter().map(String::as_str)),
            told: learnt.len(),
            bytes: learnt.iter().map(String::len).sum(),
            learnt,
        }
    }

    /// Masks these values, and what was learnt.
    pub(crate) fn give(&mut self, values: &[String]) {
        let all = values.iter().chain(&self.learnt).map(String::as_str);
        self.masker = Masker::new(all);
    }

    /// What masks.
    pub(crate) fn masker(&self) -> &Masker {
        &self.masker
    }

    /// What was learnt since the last call.
    pub(crate) fn untold(&mut self) -> Vec<String> {
        let untold = self.learnt.get(self.told..).unwrap_or(&[]).to_vec();
        self.told = self.learnt.len();
        untold
    }

    /// Masks one more value; says why not, if it does not.
    fn learn(&mut self, value: &str) -> Option<&'static str> {
        if value.trim().is_empty() {
            return None;
        }
        if value.trim().len() < MINIMUM_BYTES {
            return Some("a value of fewer than 3 bytes is not masked");
        }
        if self.learnt.iter().any(|known| known == value) {
            return None;
        }
        let bytes = self.bytes.saturating_add(value.len());
        if self.learnt.len() >= LEARNT_MASKS || bytes > LEARNT_MASK_BYTES {
            return Some("too many values are masked, so this one is not");
        }
        self.masker.add(value);
        self.bytes = bytes;
        self.learnt.push(value.to_owned());
        None
    }
}

/// Watches the lines of one attempt.
#[derive(Debug, Default)]
pub(crate) struct CommandWatch {
    place: Place,
    /// The end of what has come, which may begin or be a command; nothing of it was given on.
    held: Vec<u8>,
    /// The token that ends what `stop-commands` began.
    token: Option<String>,
}

/// What is known of the line that is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// There are only blanks so far.
    #[default]
    Blank,
    /// It is not a command of the newer form.
    Text,
    /// It is no command that matters here.
    Settled,
    /// It is one that matters; all of it is held back, and its end is waited for.
    Held,
    /// It is to be dropped up to its end.
    Dropped,
}

/// What is to be made of a line, or of what there is of it.
enum Verdict {
    /// This many bytes are text; the rest has to wait.
    Wait(usize),
    /// This many bytes are text; the rest has to wait until the line is whole.
    Hold(usize),
    /// It is text, whatever follows.
    Settled,
    /// It is text; what follows may be a command.
    Open,
    /// A value is to be masked: up to here the line is given on, then the mask.
    Mask(usize, String),
}

impl CommandWatch {
    /// Takes the next bytes; hands on to `out` what can be written, with the masks that are known
    /// by then.
    pub(crate) fn feed(
        &mut self,
        bytes: &[u8],
        masks: &mut Masks,
        out: &mut impl FnMut(&[u8], &Masks),
    ) {
        if self.is_plain(bytes) {
            out(bytes, masks);
            return;
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            let end = memchr::memchr2(b'\n', b'\r', rest);
            let (part, after) = rest.split_at(end.unwrap_or(rest.len()));
            self.part(part, end.is_some(), masks, out);
            let (line_end, after) = after.split_at(after.len().min(1));
            if !line_end.is_empty() {
                out(line_end, masks);
                self.place = Place::Blank;
            }
            rest = after;
        }
    }

    /// Nothing follows, or nobody can wait for it: what was held back is judged as it is.
    pub(crate) fn finish(&mut self, masks: &mut Masks, out: &mut impl FnMut(&[u8], &Masks)) {
        if !self.held.is_empty() {
            self.part(&[], true, masks, out);
            // Should the line go on, a part of a value would.
            if self.place != Place::Dropped {
                self.place = Place::Settled;
            }
        }
    }

    /// Whether there is no command in these bytes, and none begins; notes where their last line
    /// stands.
    fn is_plain(&mut self, bytes: &[u8]) -> bool {
        if !self.held.is_empty()
            || matches!(self.place, Place::Dropped)
            || memchr::memmem::find(bytes, COLONS.as_bytes()).is_some()
            || memchr::memmem::find(bytes, BRACKET.as_bytes()).is_some()
        {
            return false;
        }
        let start = memchr::memrchr2(b'\n', b'\r', bytes).map(|end| end + 1);
        let line = bytes.get(start.unwrap_or(0)..).unwrap_or(&[]);
        let place = if start.is_some() {
            Place::Blank
        } else {
            self.place
        };
        let is_blank = line.iter().all(u8::is_ascii_whitespace);
        // Half of what begins a command may be here.
        let half = line.ends_with(b"#") || (line.ends_with(b":") && place == Place::Blank);
        if half && place != Place::Settled {
            return false;
        }
        self.place = match place {
            Place::Blank if !is_blank => Place::Text,
            place => place,
        };
        true
    }

    /// Takes a part of a line, which may be the last one.
    fn part(
        &mut self,
        part: &[u8],
        is_whole: bool,
        masks: &mut Masks,
        out: &mut impl FnMut(&[u8], &Masks),
    ) {
        match self.place {
            Place::Dropped => return,
            Place::Settled => return out(part, masks),
            Place::Held if !is_whole => return self.hold(part, masks, out),
            Place::Blank | Place::Text | Place::Held => {}
        }
        let held = std::mem::take(&mut self.held);
        let line: Cow<'_, [u8]> = if held.is_empty() {
            Cow::Borrowed(part)
        } else {
            let mut held = held;
            held.extend_from_slice(part);
            Cow::Owned(held)
        };
        match self.judge(&line, is_whole) {
            Verdict::Wait(text) => {
                let (text, wait) = line.split_at(text.min(line.len()));
                if !text.iter().all(u8::is_ascii_whitespace) {
                    self.place = Place::Text;
                }
                out(text, masks);
                self.held = wait.to_vec();
            }
            Verdict::Hold(text) => {
                let (text, hold) = line.split_at(text.min(line.len()));
                out(text, masks);
                self.place = Place::Held;
                self.hold(hold, masks, out);
            }
            Verdict::Open => {
                if !line.iter().all(u8::is_ascii_whitespace) {
                    self.place = Place::Text;
                }
                out(&line, masks);
            }
            Verdict::Settled => {
                self.place = Place::Settled;
                out(&line, masks);
            }
            Verdict::Mask(at, value) => {
                // What should have come may come when nobody waits for it any more.
                self.place = Place::Dropped;
                let trouble = masks.learn(&value);
                out(line.get(..at).unwrap_or(&[]), masks);
                if !value.is_empty() {
                    out(b"***", masks);
                }
                if let Some(trouble) = trouble {
                    out(format!("\n::warning::{trouble}").as_bytes(), masks);
                }
            }
        }
    }

    /// Holds back more of a line that matters.
    fn hold(&mut self, part: &[u8], masks: &Masks, out: &mut impl FnMut(&[u8], &Masks)) {
        if self.held.len() + part.len() <= HELD_BYTES {
            self.held.extend_from_slice(part);
            return;
        }
        self.held.clear();
        self.place = Place::Dropped;
        let trouble = "::warning::a line with a value to mask is too long and was left out";
        out(trouble.as_bytes(), masks);
    }

    fn judge(&mut self, line: &[u8], is_whole: bool) -> Verdict {
        let blanks = line.iter().take_while(|byte| byte.is_ascii_whitespace());
        let blanks = blanks.count();
        let text = line.get(blanks..).unwrap_or(&[]);
        let is_first = matches!(self.place, Place::Blank | Place::Held);
        if is_first && text.starts_with(COLONS.as_bytes()) {
            let head = text.get(COLONS.len()..).unwrap_or(&[]);
            match memchr::memmem::find(head, COLONS.as_bytes()) {
                Some(end) => {
                    let at = blanks + 2 * COLONS.len() + end;
                    let head = head.get(..end).unwrap_or(&[]);
                    if let Some(verdict) = self.command(line, (blanks, at), head, is_whole) {
                        return verdict;
                    }
                }
                None if !is_whole && head.len() <= HEAD_BYTES => return Verdict::Wait(blanks),
                None => {}
            }
        } else if is_first && !is_whole && text == b":" {
            return Verdict::Wait(blanks);
        }
        let Some(start) = memchr::memmem::find(line, BRACKET.as_bytes()) else {
            let half = [b"##".as_slice(), b"#"]
                .into_iter()
                .find(|half| line.ends_with(half));
            return match half {
                Some(half) if !is_whole => Verdict::Wait(line.len() - half.len()),
                _ => Verdict::Open,
            };
        };
        let head = line.get(start + BRACKET.len()..).unwrap_or(&[]);
        match memchr::memchr(b']', head) {
            Some(end) => {
                let at = start + BRACKET.len() + end + 1;
                let head = head.get(..end).unwrap_or(&[]);
                let verdict = self.command(line, (start, at), head, is_whole);
                verdict.unwrap_or(Verdict::Settled)
            }
            None if !is_whole && head.len() <= HEAD_BYTES => Verdict::Wait(start),
            None => Verdict::Settled,
        }
    }

    /// What becomes of a command whose beginning, from the first to the second place, is whole;
    /// `None` when it is no command.
    fn command(
        &mut self,
        line: &[u8],
        (start, message): (usize, usize),
        head: &[u8],
        is_whole: bool,
    ) -> Option<Verdict> {
        let name = head.split(|byte| *byte == b' ').next().unwrap_or(head);
        let name = std::str::from_utf8(name).ok()?;
        if let Some(token) = &self.token {
            if name.eq_ignore_ascii_case(token) {
                self.token = None;
                return Some(Verdict::Settled);
            }
            return step_command::known(name).map(|_| Verdict::Settled);
        }
        let name = step_command::known(name)?;
        if name != ADD_MASK && name != STOP_COMMANDS {
            return Some(Verdict::Settled);
        }
        if !is_whole {
            return Some(Verdict::Hold(start));
        }
        let text = String::from_utf8_lossy(line.get(start..).unwrap_or(&[]));
        let value = step_command::parse(&text, None)?.message;
        if name == ADD_MASK {
            return Some(Verdict::Mask(message, value));
        }
        if step_command::is_token(&value) {
            self.token = Some(value);
        }
        Some(Verdict::Settled)
    }
}

#[cfg(test)]
mod tests;
