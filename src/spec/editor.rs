//! Opens a file in the person's editor, the way Git does.

use std::path::Path;

use crate::git::{Error as GitError, Repository};
use crate::proc::command::Invocation;
use crate::spec::Desk;
use crate::spec::Error;
use crate::state::layout::StatePath;

/// Where what the editor prints goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prints {
    /// To standard output, where an editor draws.
    Output,
    /// To standard error: standard output is for JSON alone.
    Errors,
}

/// Fails where there is no terminal and nobody named an editor that may do without: Git's own choice
/// would write its escape sequences into a file.
pub(crate) fn require(repository: &Repository, has_terminal: bool) -> Result<(), Error> {
    let environment = repository.environment();
    let variables = ["GIT_EDITOR", "VISUAL", "EDITOR"];
    let named = variables
        .iter()
        .any(|name| environment.var_os(name).is_some())
        || repository.configuration()?.get("core.editor").is_some();
    if has_terminal || named {
        Ok(())
    } else {
        Err(Error::NoTerminal)
    }
}

/// Opens a file under `.mmm/` and waits until the editor is closed.
pub(crate) fn open(desk: &Desk<'_>, path: &str, prints: Prints) -> Result<(), Error> {
    let path = StatePath::new(path)?;
    desk.files.restore(&path)?;
    let file = path.to_read(desk.top()?)?;
    open_file(desk.repository, (&file, path.as_str()), prints)
}

/// Opens any file and waits until the editor is closed; `path` is what the person is told of it.
pub(crate) fn open_file(
    repository: &Repository,
    (file, path): (&Path, &str),
    prints: Prints,
) -> Result<(), Error> {
    let editor = editor(repository)?;
    let redirection = match prints {
        Prints::Output => "",
        Prints::Errors => "exec >&2\n",
    };
    let script = format!("{redirection}{editor} \"$@\"");
    let exit = Invocation::new("/bin/sh")
        .args(["-c", &script, &editor])
        .arg(file)
        .environment(repository.environment())
        .folder(repository.top()?)
        .run_attached()?;
    if !exit.success() {
        return Err(Error::EditorFailed {
            editor,
            path: path.to_owned(),
        });
    }
    if file.symlink_metadata().is_err() {
        return Err(Error::EditorRemoved {
            path: path.to_owned(),
        });
    }
    Ok(())
}

/// The editor: `GIT_EDITOR`, `core.editor`, `VISUAL`, `EDITOR`, else Git's own choice.
fn editor(repository: &Repository) -> Result<String, Error> {
    match repository.git(["var", "GIT_EDITOR"]) {
        Ok(output) => {
            let editor = output.text().trim_end_matches('\n').to_owned();
            // The shell would take the file for the program.
            if editor.trim().is_empty() {
                return Err(Error::EmptyEditor);
            }
            Ok(editor)
        }
        // Git says nothing when the terminal is dumb and nobody named an editor.
        Err(GitError::Git { complaint, .. }) if complaint.is_empty() => Err(Error::NoEditor),
        Err(error) => Err(error.into()),
    }
}
