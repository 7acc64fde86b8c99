//! Artifacts: files that steps and jobs left, kept with their run.

/// Files that a step or a job left under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ArtifactStored {
    /// The key of the job.
    pub(crate) job: String,
    /// The key of the step; nothing when they are of the job as a whole.
    pub(crate) step: Option<String>,
    /// The number of the step's attempt; 0 for the job.
    pub(crate) attempt: u32,
    /// What the artifact is called.
    pub(crate) name: String,
    /// The files, as a tree of Git.
    pub(crate) tree: crate::base::ids::ObjectId,
    /// How many files.
    pub(crate) files: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
}

impl ArtifactStored {
    /// Whether both are of one step, or of one job, and have one name.
    pub(crate) fn is_again(&self, other: &Self) -> bool {
        (&self.job, &self.step, &self.name) == (&other.job, &other.step, &other.name)
    }
}

/// Adds to what is kept: what the same step left before under this name goes.
pub(crate) fn keep(all: &mut Vec<ArtifactStored>, stored: ArtifactStored) {
    all.retain(|known| !known.is_again(&stored));
    all.push(stored);
}

/// Whether an artifact can have this name: it becomes that of a folder.
pub(crate) fn is_name(name: &str) -> bool {
    let bad = |character: char| {
        character.is_control()
            || matches!(
                character,
                '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|'
            )
    };
    !name.trim().is_empty() && name.len() <= 255 && !name.starts_with('.') && !name.contains(bad)
}

#[cfg(test)]
mod tests {
    use super::{ArtifactStored, is_name, keep};
    use crate::base::ids::ObjectId;

    #[test]
    fn names_are_names_of_folders() {
        for name in ["a", "a b.c", "Über", "x-1"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", " ", ".", "..", ".git", "a/b", "a\\b", "a\n", "a:b"] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn a_step_that_runs_again_replaces_what_it_left() {
        let tree: ObjectId = "0".repeat(40).parse().expect("an id");
        let stored = |job: &str, name: &str, files| ArtifactStored {
            job: job.to_owned(),
            step: None,
            attempt: 0,
            name: name.to_owned(),
            tree: tree.clone(),
            files,
            bytes: 0,
        };
        let mut all = Vec::new();
        for (job, name, files) in [("a", "x", 1), ("b", "x", 2), ("a", "y", 3), ("a", "x", 4)] {
            keep(&mut all, stored(job, name, files));
        }
        let files: Vec<_> = all.iter().map(|known| known.files).collect();
        assert_eq!(files, [2, 3, 4]);
    }
}
