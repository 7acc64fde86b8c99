//! Opens a file in the person's editor, the way Git does.

use crate::git::Error as GitError;
use crate::proc::command::Invocation;
use crate::spec::Desk;
use crate::spec::Error;
use crate::state::layout::StatePath;

/// Fails where there is no terminal and nobody named an editor that may do without: Git's own choice
/// would write its escape sequences into a file.
pub(crate) fn require(desk: &Desk<'_>, has_terminal: bool) -> Result<(), Error> {
    let environment = desk.repository.environment();
    let variables = ["GIT_EDITOR", "VISUAL", "EDITOR"];
    let named = variables
        .iter()
        .any(|name| environment.var_os(name).is_some())
        || desk
            .repository
            .configuration()?
            .get("core.editor")
            .is_some();
    if has_terminal || named {
        Ok(())
    } else {
        Err(Error::NoTerminal)
    }
}

/// Opens a file under `.mmm/` and waits until the editor is closed.
pub(crate) fn open(desk: &Desk<'_>, path: &str) -> Result<(), Error> {
    let path = StatePath::new(path)?;
    desk.files.restore(&path)?;
    let file = path.to_read(desk.top()?)?;
    let editor = editor(desk)?;
    let exit = Invocation::new("/bin/sh")
        .args(["-c", &format!("{editor} \"$@\""), &editor])
        .arg(file)
        .environment(desk.repository.environment())
        .folder(desk.top()?)
        .run_attached()?;
    if exit.success() {
        Ok(())
    } else {
        Err(Error::EditorFailed {
            editor,
            path: path.to_string(),
        })
    }
}

/// The editor: `GIT_EDITOR`, `core.editor`, `VISUAL`, `EDITOR`, else Git's own choice.
fn editor(desk: &Desk<'_>) -> Result<String, Error> {
    match desk.repository.git(["var", "GIT_EDITOR"]) {
        Ok(output) => Ok(output.text().trim_end_matches('\n').to_owned()),
        // Git says nothing when the terminal is dumb and nobody named an editor.
        Err(GitError::Git { complaint, .. }) if complaint.is_empty() => Err(Error::NoEditor),
        Err(error) => Err(error.into()),
    }
}
