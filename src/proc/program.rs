//! Starts a program by its name without copying this process.
//!
//! A program that is named without a path and gets an environment of its own is looked up in the
//! `PATH` of that environment by the child: the standard library forks for it, which copies the
//! page tables of this process and makes every page that is written later fault once. A program
//! with a path is started by `posix_spawn`, which copies nothing. So the name is looked up here.

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use crate::sys::files;

/// Starts a program that sees this `PATH`; `prepare` sets all but its name.
///
/// Where it cannot be started as it was found here, it is started by its name: what is wrong is
/// then said as always.
#[expect(clippy::disallowed_methods, reason = "for the spawners of this module")]
pub(super) fn spawn(
    name: &OsStr,
    search: Option<&OsStr>,
    prepare: impl Fn(&mut Command) -> io::Result<()>,
) -> io::Result<Child> {
    if let Some(found) = search.and_then(|search| find(name, search)) {
        let mut command = Command::new(found);
        command.arg0(name);
        prepare(&mut command)?;
        if let Ok(child) = command.spawn() {
            return Ok(child);
        }
    }
    let mut command = Command::new(name);
    prepare(&mut command)?;
    command.spawn()
}

/// The program that a name means; none where that depends on the folder that it is started in.
fn find(name: &OsStr, search: &OsStr) -> Option<PathBuf> {
    if name.is_empty() || name.as_encoded_bytes().contains(&b'/') {
        return None;
    }
    std::env::split_paths(search)
        .take_while(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|path| files::is_executable(Path::new(path)))
}

#[cfg(test)]
mod tests {
    use super::find;
    use crate::sys::files;
    use std::ffi::OsStr;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_first_that_may_be_run_is_found_and_nothing_relative() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let top = folder.path();
        for (name, mode) in [("a/tool", 0o644), ("b/tool", 0o755), ("c/tool", 0o755)] {
            files::write_atomic(&top.join(name), b"#!/bin/sh\n").expect("writes");
            let mode = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(top.join(name), mode).expect("chmod");
        }
        files::create_folder(&top.join("d/tool")).expect("makes");
        let search = |folders: &[&str]| {
            let folders: Vec<_> = folders
                .iter()
                .map(|name| {
                    if name.is_empty() {
                        (*name).into()
                    } else {
                        top.join(name)
                    }
                })
                .collect();
            let search = std::env::join_paths(folders).expect("joins");
            find(OsStr::new("tool"), &search)
        };
        assert_eq!(
            search(&["none", "a", "d", "b", "c"]),
            Some(top.join("b/tool"))
        );
        assert_eq!(search(&["a", "d"]), None);
        assert_eq!(search(&["", "b"]), None);
        assert_eq!(search(&["c", ""]), Some(top.join("c/tool")));
        assert_eq!(find(OsStr::new("./tool"), top.join("b").as_os_str()), None);
        assert_eq!(find(OsStr::new(""), top.join("b").as_os_str()), None);
    }
}
