//! The words of an answer, written in the person's editor as Git does it for commits.
//!
//! Each checkpoint has a file of its own in Git's folder, for several may be answered at once. It
//! stays until an answer is recorded: whoever is refused goes on with the words that are there.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::app::Error;
use crate::app::project::Project;
use crate::base::ids::RunId;
use crate::base::limits::STATE_FILE_BYTES;
use crate::model::run::event::CheckpointOpened;
use crate::spec::editor::{self, Prints};
use crate::sys::files;

/// What the names of the files begin with.
const FILE: &str = "MMM_ANSWER";

fn file(project: &Project, run: RunId, number: u32) -> PathBuf {
    let name = format!("{FILE}-{run}-{number}");
    project.repository.git_dir().join(name)
}

/// The words among what the person wrote.
fn words(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    lines.join("\n").trim().to_owned()
}

/// Opens the editor and gives what the person wrote; lines that begin with `#` are not part of it.
///
/// Fails where there is no terminal and nobody named an editor that may do without.
pub(crate) fn write(
    project: &Project,
    (run, opened): (RunId, &CheckpointOpened),
    option: &str,
    (has_terminal, prints): (bool, Prints),
) -> Result<String, Error> {
    let repository = &project.repository;
    editor::require(repository, has_terminal)?;
    let file = file(project, run, opened.number);
    let before = match files::read_text(&file, STATE_FILE_BYTES) {
        Err(error) if error.is_not_found() => Ok(String::new()),
        read => read.map(|text| words(&text)),
    };
    let mut text = format!(
        "\n# Your answer `{option}` to checkpoint {run}/{} needs words.\n\
         # Lines that begin with `#` are left out; an empty text answers nothing.\n",
        opened.number
    );
    if !opened.message.is_empty() {
        text.push_str("#\n");
    }
    for line in opened.message.lines() {
        let _ = writeln!(text, "# {line}");
    }
    // What cannot be read is left as it is, for the person to mend.
    if let Ok(before) = before {
        files::write_atomic(&file, (before + &text).as_bytes())?;
    }
    let shown = file.to_string_lossy();
    editor::open_file(repository, (&file, &shown), prints)?;
    let written = files::read_text(&file, STATE_FILE_BYTES)?;
    Ok(words(&written))
}

/// The answer is recorded: its words are not kept here any more. A file that cannot be removed stays.
pub(crate) fn forget(project: &Project, run: RunId, number: u32) {
    let _ = files::remove_file(&file(project, run, number));
}
