//! The evidence of all runs, as the tracked files have it.

use crate::base::diagnostic::{NEWER_FORMAT, Problem};
use crate::model::evidence::Evidence;
use crate::state::Error;
use crate::state::format::evidence_v1;
use crate::state::layout::StatePath;
use crate::state::state_files::StateFiles;
use crate::state::tracked_files::{self, TrackedFiles};

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct EvidenceBook {
    /// The evidence that can be used, in the order of the runs.
    pub(crate) evidence: Vec<Evidence>,
    /// What newer versions wrote, as far as it is known: it counts, and is never replaced.
    pub(crate) newer: Vec<Evidence>,
    /// Everything that is wrong with the files.
    pub(crate) problems: Vec<Problem>,
}

/// Reads all evidence.
pub(crate) fn load(files: &StateFiles) -> Result<EvidenceBook, Error> {
    Ok(read(files.load(tracked_files::EVIDENCE)?))
}

/// Reads evidence from files that were found.
pub(crate) fn read(found: TrackedFiles) -> EvidenceBook {
    let mut book = EvidenceBook {
        evidence: Vec::new(),
        newer: Vec::new(),
        problems: found.problems,
    };
    for file in found.files {
        let source = match file.text {
            Ok(source) => source,
            Err(problem) => {
                book.problems.push(problem);
                continue;
            }
        };
        let (evidence, problems) = evidence_v1::read(&source);
        let is_newer = problems.iter().any(|problem| problem.code == NEWER_FORMAT);
        book.problems.extend(problems);
        let Some(evidence) = evidence else {
            continue;
        };
        // A copy under another name would count as a second run.
        if StatePath::evidence(evidence.run).as_str() == file.path {
            let known = if is_newer {
                &mut book.newer
            } else {
                &mut book.evidence
            };
            known.push(evidence);
        } else {
            let message = format!("the file is the evidence of run `{}`", evidence.run);
            let problem = Problem::in_file("file-name", file.path, message);
            book.problems.push(problem);
        }
    }
    book
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::state::tracked_files::{EVIDENCE, load};
    use crate::sys::files;

    #[test]
    fn files_that_are_no_evidence_are_problems() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let run = "01jd3v9w8x7k3q9x2m4c8tzp0m";
        let text = format!(
            "format = 1\nrun = \"{run}\"\nspec = \"7k3q9x2\"\nworkflow = \"w\"\n\
            workflow_hash = \"{}\"\nstarted = 2026-11-22T15:53:24Z\nended = 2026-11-22T15:53:24Z\n\
            outcome = \"success\"\ntree = \"{}\"\ndirty = false\n",
            "a".repeat(64),
            "b".repeat(40)
        );
        let put = |name: &str, text: &str| {
            let path = folder.path().join(".mmm/runs").join(name);
            files::write_atomic(&path, text.as_bytes()).expect("writes");
        };
        put(&format!("{run}.toml"), &text);
        put("copy.toml", &text);
        put("empty.toml", "");
        let book = read(load(folder.path(), EVIDENCE).expect("loads"));
        assert_eq!(book.evidence.len(), 1);
        let mut found: Vec<_> = book
            .problems
            .iter()
            .map(|one| (one.file(), one.code))
            .collect();
        found.dedup();
        assert_eq!(
            found,
            [
                (".mmm/runs/copy.toml", "file-name"),
                (".mmm/runs/empty.toml", "missing-key"),
            ]
        );
    }
}
