//! The one printer: data to standard output, everything else to standard error.
//!
//! Data is collected and written when the command ends: through the pager when standard output is
//! a terminal, else as it is. What must be seen at once goes out by [`Output::send`].

use std::fmt;
use std::io::{self, ErrorKind, IsTerminal, Write};

use anstyle::Style;
use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::pager;
use crate::app::terminal::{self, OutputSettings, Target};
use crate::base::diagnostic::Problem;
use crate::base::text::{one_line, visible};
use crate::cli::arguments::Common;
use crate::cli::json;
use crate::cli::report::{self, Look};

/// What a command prints with.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
    watched: bool,
    pager: Option<String>,
    data: String,
    data_look: Look,
    note_look: Look,
}

impl Output {
    /// A printer for this process, by the arguments, Git's settings and the environment.
    pub(crate) fn new(common: Common, settings: &OutputSettings, context: &Context) -> Self {
        let environment = &context.environment;
        let is_terminal = io::stdout().is_terminal();
        let pager = is_terminal
            .then(|| pager::chosen(environment, settings))
            .flatten();
        let data_target = Target::of_data(is_terminal, pager.is_some(), environment);
        let note_target = if io::stderr().is_terminal() {
            Target::Terminal
        } else {
            Target::Pipe
        };
        let look = |target| Look {
            coloured: terminal::coloured(
                common.color.map(Into::into),
                settings,
                environment,
                target,
            ),
            width: terminal::width(environment, target),
        };
        Self {
            json: common.json,
            watched: is_terminal
                && io::stderr().is_terminal()
                && environment.var("TERM") != Some("dumb"),
            pager,
            data: String::new(),
            data_look: look(data_target),
            note_look: look(note_target),
        }
    }

    /// Whether the answer is to be JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Makes the answer JSON, for a command that has an argument of its own for that.
    pub(crate) fn answer_json(&mut self) {
        self.json = true;
    }

    /// Whether a person watches: both outputs are terminals that can move the cursor.
    pub(crate) fn is_watched(&self) -> bool {
        !self.json && self.watched
    }

    /// How data is drawn.
    pub(crate) fn data_look(&self) -> Look {
        self.data_look
    }

    /// Adds a line of data. Text from files goes through [`Output::paint`], `one_line`
    /// or, where it may have several lines, `visible` first.
    pub(crate) fn line(&mut self, line: impl fmt::Display) {
        self.text(&format!("{line}\n"));
    }

    /// Adds data as it is; for text that was drawn already.
    pub(crate) fn text(&mut self, text: &str) {
        self.data.push_str(text);
    }

    /// Text from anywhere, made harmless, in one line and, where colour is on, styled, for a line
    /// of data.
    pub(crate) fn paint(&self, style: Style, text: &str) -> String {
        let text = one_line(text);
        if self.data_look.coloured && style != Style::new() {
            format!("{style}{text}{style:#}")
        } else {
            text
        }
    }

    /// Adds the answer as JSON: the envelope of this kind.
    pub(crate) fn json<T: Serialize>(
        &mut self,
        kind: &str,
        data: T,
        problems: &[Problem],
    ) -> Result<(), Error> {
        let text = json::answer(kind, data, problems).map_err(|error| Error::Output {
            source: error.into(),
        })?;
        self.text(&text);
        Ok(())
    }

    /// Adds the answer as JSON with the error that ended the command as its last problem, and tells
    /// the error.
    pub(crate) fn json_and_error<T: Serialize>(
        &mut self,
        kind: &str,
        data: T,
        failure: &Error,
    ) -> Result<(), Error> {
        let text = json::failed(kind, data, failure).map_err(|error| Error::Output {
            source: error.into(),
        })?;
        self.text(&text);
        write_note(&report::error(failure, self.note_look));
        Ok(())
    }

    /// Writes out what there is now, past the pager: for data that comes while one waits.
    pub(crate) fn send(&mut self) -> Result<(), Error> {
        self.deliver().map(drop)
    }

    /// The same, and whether there is still a reader.
    pub(crate) fn deliver(&mut self) -> Result<bool, Error> {
        self.pager = None;
        let data = std::mem::take(&mut self.data);
        write_to_reader(&data)
    }

    /// Says something on standard error at once, made harmless.
    #[expect(
        clippy::unused_self,
        reason = "the one printer is asked for, so that tests can see who prints"
    )]
    pub(crate) fn note(&self, message: impl fmt::Display) {
        write_note(&format!("{}\n", visible(&message.to_string())));
    }

    /// Shows problems on standard error.
    pub(crate) fn problems(&self, problems: &[Problem]) {
        write_note(&report::problems(problems, self.note_look));
    }

    /// Ends with the answer: sends the data through the pager or as it is.
    pub(crate) fn finish(self, context: &Context) -> Result<(), Error> {
        if self.data.is_empty() {
            return Ok(());
        }
        if let Some(pager) = &self.pager
            && pager::show(pager, &context.environment, &self.data)?
        {
            return Ok(());
        }
        write_data(&self.data)
    }

    /// Ends with an error: the data so far, then the error; with `--json` the envelope alone.
    pub(crate) fn fail(self, error: &Error) {
        if !self.json {
            // The error that ends the command is the one to tell; a second one says nothing new.
            drop(write_data(&self.data));
        }
        write_fatal(error, self.json, self.note_look);
    }
}

/// Says why nothing could be done: on standard error, and with `--json` in the envelope too.
pub(crate) fn write_fatal(error: &Error, is_json: bool, look: Look) {
    if is_json && let Ok(text) = json::fatal(error) {
        // Standard error tells the same.
        drop(write_data(&text));
    }
    if !error.problems().is_empty() {
        write_note(&report::problems(error.problems(), look));
    }
    write_note(&report::error(error, look));
}

/// Writes data to standard output. A reader that went away is no error: it has seen enough.
pub(crate) fn write_data(text: &str) -> Result<(), Error> {
    write_to_reader(text).map(drop)
}

fn write_to_reader(text: &str) -> Result<bool, Error> {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Ok(()) => Ok(true),
        Err(source) if source.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(source) => Err(Error::Output { source }),
    }
}

/// Writes to standard error; when even that fails there is nobody left to tell.
pub(crate) fn write_note(text: &str) {
    let mut stderr = io::stderr().lock();
    drop(
        stderr
            .write_all(text.as_bytes())
            .and_then(|()| stderr.flush()),
    );
}
