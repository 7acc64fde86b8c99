//! Reads the `.env` files that a workflow names: inside of the work tree, and nowhere else.

use std::path::{Component, Path, PathBuf};

use crate::base::diagnostic::Problem;
use crate::base::source::SourceText;
use crate::model::dotenv::{self, Variable};
use crate::sys;
use crate::sys::files;
use crate::workflow::hash_files::is_git;

/// Largest file, in bytes.
const FILE_BYTES: u64 = 256 * 1024;

/// Files that one workflow, job or step may name.
const FILES: usize = 20;

/// A file that a workflow names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EnvFile {
    /// Its path, relative to the top of the work tree.
    pub(crate) path: String,
    /// Whether it may be missing.
    pub(crate) optional: bool,
}

/// What the files say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct EnvFiles {
    /// The variables, each once; a later file beats an earlier one.
    pub(crate) variables: Vec<Variable>,
    /// Everything that is wrong in all of them; with an error the variables are not to be used.
    pub(crate) problems: Vec<Problem>,
}

/// Reads these files in their order.
///
/// Their values may be secrets, and are to be masked where the workflow does not say otherwise.
pub(crate) fn load(top: &Path, named: &[EnvFile]) -> EnvFiles {
    let mut all = EnvFiles::default();
    if let Some(surplus) = named.get(FILES) {
        let message = format!("at most {FILES} `.env` files are read, this is one more");
        all.problems
            .push(Problem::in_file("too-many", surplus.path.as_str(), message));
    }
    for file in named.iter().take(FILES) {
        let source = match read(top, file) {
            Ok(Some(source)) => source,
            Ok(None) => continue,
            Err(problem) => {
                all.problems.push(problem);
                continue;
            }
        };
        let parsed = dotenv::parse(&source, &all.variables);
        all.problems.extend(parsed.problems);
        for (name, value) in parsed.variables {
            match all.variables.iter_mut().find(|(known, _)| *known == name) {
                Some(known) => known.1 = value,
                None => all.variables.push((name, value)),
            }
        }
    }
    all
}

/// The text of a file; nothing when it may be missing and is.
fn read(top: &Path, file: &EnvFile) -> Result<Option<SourceText>, Problem> {
    let fail = |code, message: String| Problem::in_file(code, file.path.as_str(), message);
    let Some(path) = inside(top, &file.path) else {
        let message = "the file is outside of the work tree".to_owned();
        let hint = "name a file below the top of the work tree, such as `.env`";
        return Err(fail("outside", message).with_hint(hint));
    };
    match files::read_bytes(&path, FILE_BYTES) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(SourceText::new(file.path.as_str(), text))),
            // The line itself may be a secret: only its place is told.
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let before = error.as_bytes().get(..at).unwrap_or_default();
                let line = before.split(|byte| *byte == b'\n').count();
                let message = format!("the file is not UTF-8: line {line}, byte {at}");
                Err(fail("not-utf-8", message).with_hint("save the file as UTF-8"))
            }
        },
        Err(error) if error.is_not_found() && file.optional => Ok(None),
        Err(error) if error.is_not_found() => {
            let hint = format!(
                "make it, or write `{{path: {}, optional: true}}` in the workflow",
                file.path
            );
            Err(fail("no-file", "there is no such file".to_owned()).with_hint(hint))
        }
        Err(sys::Error::TooLarge { found, limit, .. }) => {
            let message =
                format!("the file has {found} bytes, more than the {limit} that are read");
            Err(fail("too-large", message))
        }
        Err(error) => Err(fail("unreadable", sys_message(&error))),
    }
}

/// The error with its cause, without the path that the problem has already.
fn sys_message(error: &sys::Error) -> String {
    match error {
        sys::Error::File { source, .. } => format!("the file cannot be read: {source}"),
        other => other.to_string(),
    }
}

/// The file that a path names, when it is in the work tree: neither the words of the path nor a
/// link may lead out of it, nor into `.git`.
fn inside(top: &Path, path: &str) -> Option<PathBuf> {
    let relative = Path::new(path);
    let plain = relative.components().all(|part| match part {
        Component::Normal(name) => !is_git(name),
        Component::CurDir => true,
        _ => false,
    });
    if path.is_empty() || path.contains('\0') || !plain {
        return None;
    }
    let full = top.join(relative);
    // What is not there leads nowhere; a folder of it may be a link all the same.
    let mut there = full.as_path();
    let known = loop {
        match std::fs::canonicalize(there) {
            Ok(known) => break known,
            Err(_) => there = there.parent()?,
        }
    };
    let top = std::fs::canonicalize(top).ok()?;
    let below = known.strip_prefix(&top).ok()?;
    (!below.iter().any(is_git)).then_some(full)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::{EnvFile, EnvFiles, load};
    use crate::sys::files;

    fn named(path: &str, optional: bool) -> EnvFile {
        let path = path.to_owned();
        EnvFile { path, optional }
    }

    fn codes(loaded: &EnvFiles) -> Vec<String> {
        let problems = loaded.problems.iter();
        problems
            .map(|problem| format!("{}: {}", problem.file(), problem.code))
            .collect()
    }

    fn work() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let write = |name: &str, text: &[u8]| {
            files::write_atomic(&folder.path().join(name), text).expect("writes");
        };
        write("outside", b"SECRET=1");
        write("work/.env", b"A=1\nB=2");
        write("work/sub/local.env", b"B=3\nC=${A}");
        write("work/bad.env", b"A=1\nB=${D}\nC");
        write("work/latin.env", b"A=1\nB=\xe9");
        write("work/.git/config", b"A=1");
        let work = folder.path().join("work");
        symlink("../outside", work.join("link")).expect("links");
        symlink("..", work.join("up")).expect("links");
        symlink(".git/config", work.join("inner")).expect("links");
        symlink("sub/local.env", work.join("good")).expect("links");
        folder
    }

    fn check(names: &[&str], variables: &[(&str, &str)], problems: &[&str]) {
        let folder = work();
        let files: Vec<_> = names.iter().map(|name| named(name, false)).collect();
        let loaded = load(&folder.path().join("work"), &files);
        let expected: Vec<_> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        assert_eq!(loaded.variables, expected, "{names:?}");
        assert_eq!(codes(&loaded), problems, "{names:?}");
    }

    #[test]
    fn later_files_beat_earlier_ones_and_see_them() {
        let all = [("A", "1"), ("B", "3"), ("C", "1")];
        check(&[".env", "sub/local.env"], &all, &[]);
        check(&["./.env", "good"], &all, &[]);
    }

    #[test]
    fn nothing_leads_out_of_the_work_tree() {
        for path in [
            "../outside",
            "sub/../../outside",
            "/etc/passwd",
            "link",
            "up/outside",
            "up/none",
            ".git/config",
            "inner",
            "",
        ] {
            check(&[path], &[], &[&format!("{path}: outside")]);
        }
    }

    #[test]
    fn all_problems_of_all_files_are_told() {
        check(
            &["bad.env", "none.env", "latin.env", "sub", ".env"],
            &[("A", "1"), ("B", "2")],
            &[
                "bad.env: unknown-variable",
                "bad.env: no-value",
                "none.env: no-file",
                "latin.env: not-utf-8",
                "sub: unreadable",
            ],
        );
    }

    #[test]
    fn a_file_may_be_optional_and_none_is_too_many() {
        let folder = work();
        let top = folder.path().join("work");
        let loaded = load(&top, &[named("none", true), named(".env", true)]);
        assert_eq!((loaded.variables.len(), codes(&loaded).len()), (2, 0));
        let many = vec![named(".env", false); 21];
        assert_eq!(codes(&load(&top, &many)), [".env: too-many"]);
        let gone = load(Path::new("/no/such/folder"), &[named(".env", true)]);
        assert_eq!(codes(&gone), [".env: outside"]);
    }
}
