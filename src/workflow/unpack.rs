//! Writing the files of an artifact into a folder, and never anywhere else.

use std::path::{Path, PathBuf};

use crate::git::nested::Leaf;
use crate::git::objects::{ObjectKind, Objects};
use crate::sys::files;
use crate::workflow::Error;

/// Writes files below a folder. Nothing is written unless all can be: what is there is replaced
/// only on request, and nothing is written through a link.
pub(crate) fn write(
    objects: &Objects,
    leaves: &[Leaf],
    folder: &Path,
    replace: bool,
) -> Result<(), Error> {
    for leaf in leaves {
        look(folder, &leaf.path, replace)?;
    }
    for leaf in leaves {
        let bytes = objects.read_kind(&leaf.id, ObjectKind::Blob)?;
        let path = look(folder, &leaf.path, replace)?;
        files::write_program(&path, &bytes, leaf.executable)?;
    }
    Ok(())
}

/// The path of a file, when it can be written.
fn look(folder: &Path, path: &str, replace: bool) -> Result<PathBuf, Error> {
    let mut at = folder.to_owned();
    let mut names = path.split('/').peekable();
    while let Some(name) = names.next() {
        at.push(name);
        let Ok(known) = at.symlink_metadata() else {
            continue;
        };
        let is_last = names.peek().is_none();
        if !is_last && known.is_symlink() {
            return Err(Error::LinkInTheWay { path: at });
        }
        // A link that stands where the file goes is replaced itself.
        let fits = if is_last {
            !known.is_dir()
        } else {
            known.is_dir()
        };
        if !fits || (is_last && !replace) {
            return Err(Error::InTheWay {
                path: at,
                replaceable: fits,
            });
        }
    }
    Ok(at)
}
