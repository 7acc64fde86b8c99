//! All specs of a project, read at once: what each says, and what is wrong with each and between
//! them.

use std::collections::HashSet;

use crate::base::diagnostic::{self, Problem};
use crate::model::spec::Spec;
use crate::model::spec::graph::Graph;
use crate::state::Error;
use crate::state::format;
use crate::state::state_files::StateFiles;
use crate::state::tracked_files::{self, TrackedFiles};

/// One file of the folder of specs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// The file, relative to the top of the work tree; safe to show.
    pub(crate) path: String,
    /// Index of its spec in [`SpecBook::specs`]; none for a file that cannot be read as one.
    pub(crate) spec: Option<usize>,
    /// What is wrong with it; never empty when there is no spec.
    pub(crate) problems: Vec<Problem>,
}

/// All specs of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SpecBook {
    rows: Vec<Row>,
    specs: Vec<Spec>,
    folder_problems: Vec<Problem>,
}

impl SpecBook {
    /// Reads all specs.
    pub(crate) fn load(files: &StateFiles) -> Result<Self, Error> {
        Ok(Self::read(files.load(tracked_files::SPECS)?))
    }

    /// Reads specs from files that were found.
    pub(crate) fn read(found: TrackedFiles) -> Self {
        let mut book = Self {
            rows: Vec::with_capacity(found.files.len()),
            specs: Vec::with_capacity(found.files.len()),
            folder_problems: found.problems,
        };
        for file in found.files {
            let (spec, problems) = match file.text {
                Ok(source) => format::spec::read(&source),
                Err(problem) => (None, vec![problem]),
            };
            let spec = spec.map(|spec| {
                book.specs.push(spec);
                book.specs.len() - 1
            });
            book.rows.push(Row {
                path: file.path,
                spec,
                problems,
            });
        }
        book
    }

    /// Every file, readable or not, sorted by name.
    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The specs that could be read, in the order of their files.
    pub(crate) fn specs(&self) -> &[Spec] {
        &self.specs
    }

    /// The files that could not be read as a spec.
    pub(crate) fn unreadable(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.spec.is_none())
    }

    /// The errors of these specs, in them and between them and others, in the order of the files.
    pub(crate) fn errors_of<'a>(&self, specs: impl IntoIterator<Item = &'a Spec>) -> Vec<Problem> {
        let paths: HashSet<&str> = specs.into_iter().map(|spec| spec.source.path()).collect();
        let mut problems = self.problems();
        problems.retain(|problem| problem.is_error() && paths.contains(problem.file()));
        problems
    }

    /// What is wrong with the folder as a whole.
    pub(crate) fn folder_problems(&self) -> &[Problem] {
        &self.folder_problems
    }

    /// The specs with their dependencies resolved.
    pub(crate) fn graph(&self) -> Graph<'_> {
        Graph::new(&self.specs)
    }

    /// Everything that is wrong in and between the specs, in the order of the files.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        self.problems_with(&self.graph())
    }

    /// The same, for whoever has the graph already: it costs more than the problems.
    pub(crate) fn problems_with(&self, graph: &Graph<'_>) -> Vec<Problem> {
        let mut problems = self.folder_problems.clone();
        for row in &self.rows {
            problems.extend(row.problems.iter().cloned());
        }
        problems.extend(graph.problems());
        diagnostic::sort(&mut problems);
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::SpecBook;
    use crate::base::diagnostic::Problem;
    use crate::state::tracked_files;
    use crate::sys::files;
    use std::path::Path;

    fn put(top: &Path, name: &str, text: &str) {
        let path = top.join(".mmm/specs").join(name);
        files::write_atomic(&path, text.as_bytes()).expect("writes");
    }

    fn spec(id: &str, rest: &str) -> String {
        format!(
            "---\ntitle: {id}\nid: {id}\nstatus: ready\nformat: 1\n{rest}---\n\n\
            ## Acceptance criteria\n\n- [ ] it works (ac-1)\n\n  verify: `true`\n"
        )
    }

    #[test]
    fn good_and_bad_files_stand_side_by_side() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let top = folder.path();
        put(
            top,
            "a-aaaaaaa.md",
            &spec("aaaaaaa", "depends_on:\n  - b-bbbbbbb\n"),
        );
        put(
            top,
            "b-bbbbbbb.md",
            &spec("bbbbbbb", "depends_on:\n  - a-aaaaaaa\n"),
        );
        put(top, "c-ccccccc.md", "no front matter\n");
        put(top, "d-ddddddd.md", "---\ntitle: [\n---\n");
        let book = SpecBook::read(tracked_files::load(top, tracked_files::SPECS).expect("loads"));
        let rows: Vec<_> = book
            .rows()
            .iter()
            .map(|row| (row.path.as_str(), row.spec))
            .collect();
        assert_eq!(
            rows,
            [
                (".mmm/specs/a-aaaaaaa.md", Some(0)),
                (".mmm/specs/b-bbbbbbb.md", Some(1)),
                (".mmm/specs/c-ccccccc.md", None),
                (".mmm/specs/d-ddddddd.md", None),
            ]
        );
        assert!(book.unreadable().all(|row| !row.problems.is_empty()));
        assert_eq!(book.specs().len(), 2);
        let problems = book.problems();
        let files: Vec<_> = problems.iter().map(Problem::file).collect();
        assert!(files.is_sorted() && files.len() >= 3, "{problems:?}");
        assert!(
            problems.iter().any(|problem| problem.code.contains("cycl")),
            "{problems:?}"
        );
    }

    #[test]
    fn no_folder_is_no_specs() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let book = SpecBook::read(
            tracked_files::load(folder.path(), tracked_files::SPECS).expect("loads"),
        );
        assert_eq!((book.rows().len(), book.problems().len()), (0, 0));
    }
}
