//! The workflows of a project, by name.

use std::path::Path;

use crate::base::diagnostic::Problem;
use crate::base::limits::WORKFLOW_FILE_BYTES;
use crate::base::source::SourceText;
use crate::model::workflow::resolve::Missing;
use crate::state::layout::{self, StatePath};
use crate::state::save::Writer;
use crate::state::state_files::StateFiles;
use crate::state::tracked_files::{OTHER_WORKFLOWS, TrackedFile, TrackedFiles, WORKFLOWS};
use crate::sys::files;
use crate::workflow::Error;
use crate::workflow::sources::Sources;

/// One workflow file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its name: the file's without the ending.
    pub(crate) name: String,
    /// The file, relative to the top of the work tree.
    pub(crate) path: String,
    /// Its text, or why there is none.
    pub(crate) text: Result<SourceText, Problem>,
}

/// All workflows, sorted by name, and what is wrong with their folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Catalog {
    /// The workflows.
    pub(crate) entries: Vec<Entry>,
    /// What is wrong with the folder as a whole.
    pub(crate) problems: Vec<Problem>,
}

/// The text of a new workflow.
const NEW: &str = include_str!("../../templates/workflow/new.yaml");

/// The key of [`NEW`] that holds the name.
const NAME_LINE: &str = "\nname: example\n";

/// Reads all workflows.
pub(crate) fn list(files: &StateFiles) -> Result<Catalog, Error> {
    Ok(catalog(
        files.load(WORKFLOWS)?,
        files.load(OTHER_WORKFLOWS)?,
    ))
}

fn catalog(found: TrackedFiles, others: TrackedFiles) -> Catalog {
    let mut catalog = read(found);
    for file in others.files.into_iter().filter(is_shown) {
        let name = name_of(&file.path);
        let message = "the name of a workflow's file ends in `.yaml`";
        let path = format!("{}/{name}.yaml", layout::WORKFLOWS);
        let hint = if catalog.entries.iter().any(|entry| entry.path == path) {
            format!("remove it, or rename it: `{name}.yaml` is there too")
        } else {
            format!("rename it: `mv {} {}`", word(&file.path), word(&path))
        };
        let problem = Problem::in_file("file-name", file.path.as_str(), message).with_hint(hint);
        catalog.entries.push(Entry {
            name: format!("{name}.yml"),
            path: file.path,
            text: Err(problem),
        });
    }
    catalog.entries.sort_by(|a, b| a.name.cmp(&b.name));
    catalog
}

fn read(found: TrackedFiles) -> Catalog {
    let entries = found
        .files
        .into_iter()
        .filter(is_shown)
        .map(|file| Entry {
            name: name_of(&file.path),
            path: file.path,
            text: file.text,
        })
        .collect();
    Catalog {
        entries,
        problems: found.problems,
    }
}

/// Whether a file is meant as a workflow: what starts with a dot is hidden, as an editor's own files
/// and locks are.
fn is_shown(file: &TrackedFile) -> bool {
    let name = file.path.rsplit('/').next();
    name.is_some_and(|name| !name.starts_with('.'))
}

/// A path as a word of a shell.
fn word(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    if path.bytes().all(plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

/// The name of a workflow by its file.
fn name_of(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".yaml")
        .or_else(|| name.strip_suffix(".yml"))
        .unwrap_or(name)
        .to_owned()
}

impl Catalog {
    /// The text of a workflow.
    pub(crate) fn text(&self, name: &str) -> Result<SourceText, Missing> {
        let entries = self.entries.iter();
        match entries.clone().find(|entry| entry.name == name) {
            Some(entry) => {
                let text = entry.text.clone();
                text.map_err(|problem| Missing::Unreadable(vec![problem]))
            }
            None => Err(Missing::Absent {
                known: entries.map(|entry| entry.name.clone()).collect(),
            }),
        }
    }

    /// A text with all that it extends from here.
    pub(crate) fn gather(&self, main: SourceText) -> Sources {
        Sources::gather(main, &mut |name| self.text(name))
    }
}

/// One workflow, with all that it extends.
pub(crate) fn load(files: &StateFiles, name: &str) -> Result<Sources, Error> {
    find(&list(files)?, name)
}

fn find(catalog: &Catalog, name: &str) -> Result<Sources, Error> {
    let name = name.to_owned();
    match catalog.text(&name) {
        Ok(text) => Ok(catalog.gather(text)),
        Err(Missing::Unreadable(problems)) => Err(Error::InvalidWorkflow { name, problems }),
        Err(Missing::Absent { known }) => Err(Error::NoWorkflow { name, known }),
    }
}

/// The text of a workflow that stands anywhere; `shown` is the path that messages name it by.
pub(crate) fn load_file(path: &Path, shown: &str) -> Result<Entry, Error> {
    let text = match String::from_utf8(files::read_bytes(path, WORKFLOW_FILE_BYTES)?) {
        Ok(text) => Ok(SourceText::new(shown, text)),
        Err(error) => {
            let offset = error.utf8_error().valid_up_to();
            Err(Problem::not_utf8(shown, error.as_bytes(), offset))
        }
    };
    Ok(Entry {
        name: shown.to_owned(),
        path: shown.to_owned(),
        text,
    })
}

/// Adds a new, commented workflow to what is written.
pub(crate) fn write_new(
    files: &StateFiles,
    writer: &mut Writer,
    name: &str,
) -> Result<StatePath, Error> {
    let text = NEW.replacen(NAME_LINE, &format!("\nname: {name}\n"), 1);
    write_text(files, writer, name, &text)
}

/// Adds a workflow with this text to what is written, unless there is one of this name.
pub(crate) fn write_text(
    files: &StateFiles,
    writer: &mut Writer,
    name: &str,
    text: &str,
) -> Result<StatePath, Error> {
    let path = path_for(name)?;
    // A file with the other ending, or the same in other letters, would be a second one of the name.
    let taken = |entry: &Entry| name_of(&entry.path).eq_ignore_ascii_case(name);
    if let Some(entry) = list(files)?.entries.into_iter().find(taken) {
        return Err(Error::WorkflowExists {
            name: name.to_owned(),
            path: entry.path,
        });
    }
    writer.create(path.clone(), text);
    Ok(path)
}

/// The file that a new workflow of this name gets.
pub(crate) fn path_for(name: &str) -> Result<StatePath, Error> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let valid = (1..=64).contains(&name.len())
        && name.bytes().all(plain)
        && name
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_alphanumeric());
    if !valid {
        return Err(Error::WorkflowName {
            name: name.to_owned(),
        });
    }
    Ok(StatePath::new(format!(
        "{}/{name}.yaml",
        layout::WORKFLOWS
    ))?)
}

#[cfg(test)]
mod tests {
    use super::{NAME_LINE, NEW, catalog, find, path_for};
    use crate::state::tracked_files::{self, OTHER_WORKFLOWS, WORKFLOWS};
    use crate::sys::files;
    use crate::workflow::Error;

    #[test]
    fn the_template_has_a_name_to_fill_in() {
        assert_eq!(NEW.matches(NAME_LINE).count(), 1);
    }

    #[test]
    fn names_are_safe_in_paths_and_commands() {
        let check = |name: &str, expected: Option<&str>| {
            let path = path_for(name).ok().map(|path| path.to_string());
            assert_eq!(path.as_deref(), expected, "{name:?}");
        };
        check("build", Some(".mmm/workflows/build.yaml"));
        check("Build-2_x", Some(".mmm/workflows/Build-2_x.yaml"));
        for bad in ["", "-n", ".x", "a/b", "../a", "a b", "a.yaml", "ä", "a\n"] {
            check(bad, None);
        }
        check(&"x".repeat(65), None);
    }

    #[test]
    fn every_file_is_an_entry_and_one_ending_is_used() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let put = |name: &str, text: &[u8]| {
            let path = folder.path().join(".mmm/workflows").join(name);
            files::write_atomic(&path, text).expect("writes");
        };
        put("b.yaml", b"jobs: {}\n");
        put("a.yml", b"jobs: {}\n");
        put("c.yaml", b"\xff");
        put("README.md", b"no workflow\n");
        put(".yaml", b"jobs: {}\n");
        put("b.yml", b"jobs: {}\n");
        put("it's.yml", b"jobs: {}\n");
        std::os::unix::fs::symlink("gone", folder.path().join(".mmm/workflows/.#b.yaml"))
            .expect("links");
        let list = || {
            let load = |kind| tracked_files::load(folder.path(), kind).expect("loads");
            catalog(load(WORKFLOWS), load(OTHER_WORKFLOWS))
        };
        let found = list();
        let rows: Vec<_> = found
            .entries
            .iter()
            .map(|entry| (entry.name.as_str(), entry.text.is_ok()))
            .collect();
        assert_eq!(
            rows,
            [
                ("a.yml", false),
                ("b", true),
                ("b.yml", false),
                ("c", false),
                ("it's.yml", false)
            ]
        );
        let hints: Vec<_> = found
            .entries
            .iter()
            .filter_map(|entry| entry.text.as_ref().err()?.hint.as_deref())
            .collect();
        assert_eq!(
            hints,
            [
                "rename it: `mv .mmm/workflows/a.yml .mmm/workflows/a.yaml`",
                "remove it, or rename it: `b.yaml` is there too",
                "save the file as UTF-8",
                r"rename it: `mv '.mmm/workflows/it'\''s.yml' '.mmm/workflows/it'\''s.yaml'`",
            ]
        );
        assert!(find(&list(), "b").is_ok());
        assert!(matches!(
            find(&list(), "c"),
            Err(Error::InvalidWorkflow { .. })
        ));
        let Err(Error::NoWorkflow { known, .. }) = find(&list(), "d") else {
            panic!("there is no `d`");
        };
        assert_eq!(known, ["a.yml", "b", "b.yml", "c", "it's.yml"]);
    }
}
