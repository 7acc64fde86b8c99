//! Where this program is: it starts itself again as the supervisor of a run.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::app::Error;
use crate::sys::environment::Environment;
use crate::sys::files;

/// The path of this program. Where the system does not tell (Linux without `/proc`), it is looked
/// for as whoever started it did.
pub(crate) fn path(environment: &Environment) -> Result<PathBuf, Error> {
    std::env::current_exe().or_else(|source| {
        let search = environment.var_os("PATH");
        let started = std::env::args_os().next().zip(std::env::current_dir().ok());
        let found = started.and_then(|(name, folder)| find(&name, search, &folder));
        found.ok_or(Error::CurrentProgram { source })
    })
}

/// The program that was started by this name, in a folder and with such a `PATH`.
fn find(name: &OsStr, search: Option<&OsStr>, folder: &Path) -> Option<PathBuf> {
    if name.is_empty() {
        return None;
    }
    let is_path = name.as_encoded_bytes().contains(&b'/');
    let mut candidates: Vec<PathBuf> = Vec::new();
    if is_path {
        candidates.push(folder.join(name));
    } else {
        let folders = std::env::split_paths(search?);
        candidates.extend(folders.map(|entry| folder.join(entry).join(name)));
    }
    candidates
        .into_iter()
        .find(|path| files::is_executable(path))
}

#[cfg(test)]
mod tests {
    use super::find;
    use crate::sys::files;
    use std::ffi::OsStr;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn it_is_where_it_was_started_from() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let top = folder.path();
        for (name, mode) in [("one/prog", 0o644), ("two/prog", 0o755)] {
            let path = top.join(name);
            files::create_folder(path.parent().expect("a folder")).expect("makes");
            files::write_atomic(&path, b"#!/bin/sh\n").expect("writes");
            let mode = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(&path, mode).expect("sets");
        }
        let search = std::env::join_paths([top.join("one"), top.join("two")]).expect("no colon");
        let two = Some(top.join("two/prog"));
        let check = |name: &str, search: Option<&OsStr>| find(OsStr::new(name), search, top);
        assert_eq!(check("prog", Some(&search)), two);
        assert_eq!(check("prog", Some(OsStr::new("one:two"))), two);
        assert_eq!(check("two/prog", None), two);
        assert_eq!(check(&top.join("two/prog").to_string_lossy(), None), two);
        for (name, search) in [
            ("one/prog", Some(search.as_os_str())),
            ("prog", None),
            ("", None),
        ] {
            assert_eq!(check(name, search), None, "{name}");
        }
    }
}
