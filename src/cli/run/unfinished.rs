//! A line that has not come to its end, shown bit by bit: progress dots, and prompts that wait.

use std::time::{Duration, Instant};

use crate::base::text::visible;
use crate::cli::run::progress::block;
use crate::cli::run::spoken::{Telling, may_speak};

/// What is shown of the last line of a step.
#[derive(Debug, Default)]
pub(crate) struct Unfinished {
    /// How many of its bytes have been shown.
    told: usize,
    /// Since when some wait to be shown.
    since: Option<Instant>,
    /// Whether the next bytes go on where the last ones were shown.
    open: bool,
    /// What the lines before it said.
    telling: Telling,
}

impl Unfinished {
    /// Lines to be shown, of which the first goes on with this one.
    pub(crate) fn lines(&mut self, bytes: &[u8]) -> String {
        let (told, open) = (self.told, self.open);
        (self.told, self.since, self.open) = (0, None, false);
        if told == 0 {
            return block(bytes, None, &mut self.telling);
        }
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let (first, others) = match end {
            Some(end) => bytes.split_at(end),
            None => (bytes, [].as_slice()),
        };
        let mut more = first.get(told..).unwrap_or(&[]);
        while let Some(before) = more.strip_suffix(b"\r") {
            more = before;
        }
        let mut text = String::new();
        if open || !more.is_empty() {
            text = go_on(more, open, self.telling.margin());
            text.push('\n');
        }
        let others = others.strip_prefix(b"\n").unwrap_or(others);
        text.push_str(&block(others, None, &mut self.telling));
        text
    }

    /// What has been printed of the line and not been shown for so long.
    pub(crate) fn part(&mut self, rest: &[u8], pause: Duration) -> String {
        let end = rest.len() - cut(rest);
        let more = rest.get(self.told..end).unwrap_or(&[]);
        if more.is_empty() || may_speak(rest) {
            return String::new();
        }
        if self.since.get_or_insert_with(Instant::now).elapsed() < pause {
            return String::new();
        }
        let text = go_on(more, self.open, self.telling.margin());
        (self.told, self.since, self.open) = (end, None, true);
        text
    }

    /// Something else is shown: what ends the line on the screen.
    pub(crate) fn interrupt(&mut self) -> &'static str {
        if std::mem::take(&mut self.open) {
            "\n"
        } else {
            ""
        }
    }
}

/// More of a line. What rewinds it begins a new one, as not every screen can go back.
fn go_on(more: &[u8], open: bool, margin: &str) -> String {
    let more = String::from_utf8_lossy(more);
    match (open, more.rsplit_once('\r')) {
        (true, None) => visible(&more).into_owned(),
        (true, Some((_, last))) => format!("\n  | {margin}{}", visible(last)),
        (false, rewound) => {
            let last = rewound.map_or(more.as_ref(), |(_, last)| last);
            format!("  | {margin}{}", visible(last))
        }
    }
}

/// How many bytes at the end are not to be shown yet: a character that is not complete, and what
/// may be half of a line's end.
fn cut(bytes: &[u8]) -> usize {
    if bytes.ends_with(b"\r") {
        return bytes
            .iter()
            .rev()
            .take_while(|byte| **byte == b'\r')
            .count();
    }
    let incomplete = |length: &usize| {
        let last = bytes.len().checked_sub(*length);
        let last = last.and_then(|start| bytes.get(start..)).unwrap_or(&[]);
        let error = std::str::from_utf8(last).err();
        error.is_some_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
    };
    (1..=3).find(incomplete).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::Unfinished;
    use std::time::Duration;

    /// Shows the parts of one line and then the whole of it.
    fn check(parts: &[&[u8]], end: &[u8], shown: &str) {
        let mut line = Unfinished::default();
        let mut printed = Vec::new();
        let mut text = String::new();
        for part in parts {
            printed.extend_from_slice(part);
            text.push_str(&line.part(&printed, Duration::ZERO));
            text.push('+');
        }
        printed.extend_from_slice(end);
        text.push_str(&line.lines(&printed));
        assert_eq!(text, shown);
    }

    #[test]
    fn parts_make_one_line() {
        check(&[], b"one\ntwo\n", "  | one\n  | two\n");
        check(&[b".", b"", b"."], b".\nnext\n", "  | .++.+.\n  | next\n");
        check(&[b"Password?"], b"\n", "  | Password?+\n");
        check(&[b"end"], b"", "  | end+\n");
        check(&[b"a\x1b"], b"b\n", "  | a\\u{1b}+b\n");
    }

    #[test]
    fn what_is_cut_waits_for_its_rest() {
        check(&[b"\xc3"], b"\xa4\n", "+  | ä\n");
        check(&[b"a\xf0\x9f", b"\x98\x80"], b"\n", "  | a+😀+\n");
        check(&[b"a\r"], b"\nb\n", "  | a+\n  | b\n");
        // What never becomes a character does not wait.
        check(&[b"a\xffb"], b"\n", "  | a\u{fffd}b+\n");
    }

    #[test]
    fn what_rewinds_the_line_begins_a_new_one() {
        let parts: [&[u8]; 3] = [b"1%", b"\r50%", b"\r99%"];
        check(
            &parts,
            b"\r100%\n",
            "  | 1%+\n  | 50%+\n  | 99%+\n  | 100%\n",
        );
        check(&[b"1%\r2%"], b"\n", "  | 2%+\n");
    }

    #[test]
    fn a_line_that_was_left_goes_on_in_a_new_one() {
        let mut line = Unfinished::default();
        assert_eq!(line.interrupt(), "");
        assert_eq!(line.part(b"one", Duration::ZERO), "  | one");
        assert_eq!(line.interrupt(), "\n");
        assert_eq!(line.part(b"one", Duration::ZERO), "");
        assert_eq!(line.lines(b"one two\n"), "  |  two\n");
        assert_eq!(line.part(b"end", Duration::ZERO), "  | end");
        assert_eq!(line.interrupt(), "\n");
        assert_eq!(line.lines(b"end\n"), "");
    }

    #[test]
    fn what_may_be_a_command_is_shown_when_it_is_whole() {
        check(&[b"::err", b"or::a"], b"b\nc\n", "++  | error: ab\n  | c\n");
        let mut line = Unfinished::default();
        assert_eq!(line.lines(b"::group::G\n"), "  | > G\n");
        assert_eq!(line.part(b"on", Duration::ZERO), "  |   on");
        assert_eq!(line.lines(b"one\ntwo\n"), "e\n  |   two\n");
        assert_eq!(line.lines(b"::endgroup::\nthree\n"), "  | three\n");
    }

    #[test]
    fn what_just_came_is_not_shown_yet() {
        let mut line = Unfinished::default();
        assert_eq!(line.part(b"one", Duration::from_mins(1)), "");
        assert_eq!(line.lines(b"one\n"), "  | one\n");
    }
}
