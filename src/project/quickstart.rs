//! The sample as a repository of its own, to be looked at and thrown away.

use std::path::{Path, PathBuf};

use crate::base::ids::{ObjectId, random_base32};
use crate::git::commit::commit_paths;
use crate::git::{self, Repository, create};
use crate::project::Error;
use crate::project::sample::{CODE, STATE};
use crate::sys::environment::Environment;
use crate::sys::files;
use crate::sys::identifiers::Identifiers;

/// Characters at the end of the name of the temporary folder.
const NAME_CHARACTERS: usize = 8;

/// The notes that a run of a spec leaves, and on which commit.
const NOTES: [(&str, &str); 2] = [
    ("refs/notes/mmm/runs", "HEAD~1"),
    ("refs/notes/mmm/verdicts", "HEAD"),
];

/// A sample repository.
#[derive(Debug)]
pub(crate) struct Sample {
    repository: Repository,
    top: PathBuf,
}

/// Makes the sample in a folder that is empty or not there, else in a temporary one, and commits
/// it. Nobody removes it.
pub(crate) fn make(
    environment: &Environment,
    identifiers: &Identifiers,
    into: Option<&Path>,
) -> Result<Sample, Error> {
    let folder = into.map_or_else(
        || {
            let name = random_base32(identifiers.random(), NAME_CHARACTERS);
            let folder = environment.temporary_folder();
            folder.join(format!("git-mmm-quickstart-{name}"))
        },
        Path::to_owned,
    );
    if !files::entries(&folder)?.is_empty() {
        return Err(Error::NotEmpty { folder });
    }
    let repository = create::init(&folder, environment)?;
    let top = repository.top()?.to_owned();
    // A signature could ask for a passphrase, and this commit says nothing worth signing.
    repository.git(["config", "commit.gpgSign", "false"])?;
    if let Err(git::Error::MissingIdentity { .. }) = repository.identity() {
        repository.git(["config", "user.name", "Quick Start"])?;
        repository.git(["config", "user.email", "quickstart@localhost"])?;
    }
    // What Git was asked before may not hold any more.
    let repository = Repository::discover(&top, repository.environment())?;
    let mut paths = Vec::new();
    for file in CODE.iter().chain(STATE) {
        files::write_atomic(&top.join(file.path), file.text.as_bytes())?;
        paths.push(file.path.to_owned());
    }
    commit_paths(&repository, &paths, "Greet the world")?;
    Ok(Sample { repository, top })
}

impl Sample {
    /// Top of the work tree.
    pub(crate) fn top(&self) -> &Path {
        &self.top
    }

    /// The environment in which commands work on this repository and no other.
    pub(crate) fn environment(&self) -> &Environment {
        self.repository.environment()
    }

    /// What changed since the last commit, as `git diff` shows it.
    pub(crate) fn difference(&self) -> Result<String, Error> {
        let arguments = [
            "diff",
            "--no-ext-diff",
            "--no-color",
            "--no-textconv",
            "HEAD",
        ];
        Ok(self.repository.git(arguments)?.text())
    }

    /// Commits everything.
    pub(crate) fn commit(&self, message: &str) -> Result<ObjectId, Error> {
        let listing = self
            .repository
            .git([
                "ls-files",
                "--modified",
                "--others",
                "--exclude-standard",
                "-z",
            ])?
            .text();
        let paths: Vec<String> = listing
            .split('\0')
            .filter(|path| !path.is_empty())
            .map(str::to_owned)
            .collect();
        Ok(commit_paths(&self.repository, &paths, message)?)
    }

    /// What the notes say of the last two commits: the one that the run ran on, and the one that
    /// holds what it did. The name of the ref of notes, the commit as one types it, the lines.
    pub(crate) fn notes(&self) -> Result<Vec<(&'static str, &'static str, String)>, Error> {
        let mut found = Vec::new();
        for (name, revision) in NOTES {
            let id = self
                .repository
                .git(["rev-parse", "--verify", revision])?
                .text();
            let Ok(commit) = id.trim_end().parse::<ObjectId>() else {
                continue;
            };
            let seen = git::notes::look(&self.repository, name)?;
            if let Some(text) = git::notes::read(&self.repository, &seen, &commit)? {
                found.push((name, revision, text));
            }
        }
        Ok(found)
    }
}
