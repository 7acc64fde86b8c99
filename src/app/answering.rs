//! The words of an answer, written in the person's editor as Git does it for commits.

use std::fmt::Write as _;

use crate::app::Error;
use crate::app::project::Project;
use crate::base::ids::RunId;
use crate::base::limits::STATE_FILE_BYTES;
use crate::model::run::event::CheckpointOpened;
use crate::spec::editor::{self, Prints};
use crate::sys::files;

/// The file in Git's folder that the editor opens.
const FILE: &str = "MMM_ANSWER";

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
    let file = repository.git_dir().join(FILE);
    files::write_atomic(&file, text.as_bytes())?;
    editor::open_file(repository, (&file, FILE), prints)?;
    let written = files::read_text(&file, STATE_FILE_BYTES)?;
    let lines: Vec<&str> = written
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    Ok(lines.join("\n").trim().to_owned())
}
