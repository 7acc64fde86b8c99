//! Runs git the way a person at this place would.

use std::path::Path;

use crate::base::ids::ObjectId;
use crate::base::limits;
use crate::git::action::Refused;
use crate::git::repository::parse_id;
use crate::git::{Error, Repository};
use crate::proc::command::{Exit, Invocation, Output};
use crate::sys::environment::Environment;
use crate::sys::files::{self, Prepared};

/// What git is run with, and what it has said so far.
pub(super) struct Hand<'a> {
    pub(super) repository: &'a Repository,
    pub(super) environment: &'a Environment,
    pub(super) folder: &'a Path,
    pub(super) lines: Vec<String>,
}

impl Hand<'_> {
    /// A git command that can be run here.
    pub(super) fn command(&self, words: &[&str]) -> Invocation {
        Invocation::new("git")
            .args(words)
            .environment(self.environment)
            // Nobody is there to answer.
            .env("GIT_EDITOR", ":")
            .env("GIT_MERGE_AUTOEDIT", "no")
            .env("GIT_TERMINAL_PROMPT", "0")
            .folder(self.folder)
            // Hooks may take long; the step has a time limit of its own.
            .timeout(limits::STEP_TIMEOUT)
            .output_limit(limits::GIT_OUTPUT_BYTES)
    }

    /// Says a line.
    pub(super) fn say(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    /// Asks git something.
    pub(super) fn ask(&self, words: &[&str]) -> Result<Output, Refused> {
        Ok(self.command(words).run().map_err(Error::from)?)
    }

    /// Asks git for a list; failing is an error.
    pub(super) fn list(&self, words: &[&str]) -> Result<Vec<String>, Refused> {
        let output = self.ask(words)?;
        if !output.exit.success() {
            return Err(Error::of_command(words.join(" "), output.exit, output.complaint()).into());
        }
        let text = output.text();
        let end = if words.contains(&"-z") { '\0' } else { '\n' };
        Ok(text.split_terminator(end).map(str::to_owned).collect())
    }

    /// Asks git for a list of paths (`-z`); failing is an error.
    pub(super) fn bytes(&self, words: &[&str]) -> Result<Vec<Vec<u8>>, Refused> {
        let output = self.ask(words)?;
        if !output.exit.success() {
            return Err(Error::of_command(words.join(" "), output.exit, output.complaint()).into());
        }
        let paths = output.stdout.split(|byte| *byte == 0);
        let paths = paths.filter(|path| !path.is_empty());
        Ok(paths.map(<[u8]>::to_vec).collect())
    }

    /// Has git do something, with all that it and its hooks say; whether it did.
    pub(super) fn attempt(
        &mut self,
        words: &[&str],
        input: impl Into<Vec<u8>>,
    ) -> Result<Exit, Refused> {
        let command = self.command(words).input(input);
        let output = command.run().map_err(Error::from)?;
        let said = [output.text(), output.complaint()];
        let lines = said.iter().flat_map(|text| text.lines());
        self.lines.extend(lines.map(str::to_owned));
        Ok(output.exit)
    }

    /// Has git do something; failing is an error.
    pub(super) fn act(&mut self, words: &[&str]) -> Result<(), Refused> {
        self.act_on(words, "")
    }

    /// Has git do something with this input; failing is an error.
    pub(super) fn act_on(
        &mut self,
        words: &[&str],
        input: impl Into<Vec<u8>>,
    ) -> Result<(), Refused> {
        let exit = self.attempt(words, input)?;
        if exit.success() {
            return Ok(());
        }
        Err(failed(words, exit))
    }

    /// The commit that a revision stands for.
    pub(super) fn commit(&self, revision: &str) -> Result<ObjectId, Refused> {
        self.resolve(&format!("{revision}^{{commit}}"))?
            .ok_or_else(|| Refused::NoCommit {
                revision: revision.to_owned(),
            })
    }

    /// The object that a revision stands for, if it stands for one.
    pub(super) fn resolve(&self, revision: &str) -> Result<Option<ObjectId>, Refused> {
        if revision.starts_with(['-', '^']) {
            return Ok(None);
        }
        let words = ["rev-parse", "--verify", "--quiet", "--end-of-options"];
        let output = self.ask(&[&words[..], &[revision]].concat())?;
        if !output.exit.success() {
            return Ok(None);
        }
        Ok(Some(parse_id("rev-parse", &output.text())?))
    }

    /// The branch that is checked out.
    pub(super) fn current(&self) -> Result<Option<String>, Refused> {
        let output = self.ask(&["symbolic-ref", "--quiet", "--short", "HEAD"])?;
        let name = output.text().trim_end().to_owned();
        Ok(output.exit.success().then_some(name))
    }

    /// Whether the index has nothing that `HEAD` has not.
    pub(super) fn is_staged_nothing(&self, paths: &[&str]) -> Result<bool, Refused> {
        let words = [
            "diff",
            "--cached",
            "--quiet",
            "--ignore-submodules=none",
            "--",
        ];
        let output = self.ask(&[&words[..], paths].concat())?;
        match output.exit {
            Exit::Code(0) => Ok(true),
            Exit::Code(1) => Ok(false),
            exit => Err(Error::of_command(words.join(" "), exit, output.complaint()).into()),
        }
    }

    /// Refuses a name that a ref below this folder cannot have.
    pub(super) fn check_name(&self, kind: &'static str, full: &str) -> Result<(), Refused> {
        let name = full.splitn(3, '/').nth(2).unwrap_or("");
        // Git would take the last two, for something else than whoever writes them means.
        let odd =
            name.starts_with('-') || matches!(name, "HEAD" | "@") || name.starts_with("refs/");
        if !odd && self.ask(&["check-ref-format", full])?.exit.success() {
            return Ok(());
        }
        Err(Refused::Name {
            kind,
            name: name.to_owned(),
        })
    }

    /// A file with a message, gone when dropped.
    pub(super) fn message(&self, kind: &'static str, text: &str) -> Result<Prepared, Refused> {
        if text.trim().is_empty() {
            return Err(Refused::NoMessage { kind });
        }
        let place = self.environment.temporary_folder().join("message");
        let text = format!("{}\n", text.trim_end());
        Ok(files::prepare(&place, text.as_bytes()).map_err(Error::from)?)
    }
}

/// Says which command failed, without its options: what git said about it is printed.
pub(super) fn failed(words: &[&str], exit: Exit) -> Refused {
    let command = words.iter().find(|word| !word.starts_with('-'));
    Refused::Command {
        command: command.unwrap_or(&"").to_string(),
        exit,
    }
}

/// The first digits of an id, for people.
pub(super) fn short(id: &ObjectId) -> &str {
    id.as_str().get(..10).unwrap_or(id.as_str())
}
