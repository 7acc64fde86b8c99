//! Making the work trees of runs, and taking what was done in them onto their branches.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::base::ids::{ObjectId, RunId};
use crate::base::limits;
use crate::base::redact::Masker;
use crate::git::identity::{self, Signers};
use crate::git::refs::{Expected, RefUpdate};
use crate::git::repository::parse_id;
use crate::git::scratch::Scratch;
use crate::git::snapshot;
use crate::git::worktree::isolated::{self, Isolated, is_same, quiet};
use crate::git::worktree::marker::Marker;
use crate::git::worktree::merge::require_unchanged;
use crate::git::worktree::names;
use crate::git::writer;
use crate::git::{Error, Repository};
use crate::proc::command::{Exit, Invocation};
use crate::sys::files;
use crate::sys::lock::Lock;

/// Time after which a lock of Git's here is taken for a dead process's: the steps have ended, so only
/// a git of ours that outlived us by moments can hold it.
const GIT_LOCK: Duration = Duration::from_secs(10);

/// Folders of one leg that are set aside at most.
const SET_ASIDE: u32 = 1000;

/// The work trees of the runs of a repository.
#[derive(Clone, Debug)]
pub(crate) struct Worktrees<'r> {
    pub(super) repository: &'r Repository,
    pub(super) folder: PathBuf,
    /// How long a lock of Git's may be there before its owner is taken for dead.
    pub(super) patience: Duration,
    /// What no commit made here may hold; without that, nothing of what is not committed is.
    pub(super) masker: Option<Masker>,
}

impl<'r> Worktrees<'r> {
    /// Those of this repository. What is not committed in them stays so.
    pub(crate) fn new(repository: &'r Repository) -> Self {
        Self {
            folder: repository.local_folder().join("worktrees"),
            repository,
            patience: GIT_LOCK,
            masker: None,
        }
    }

    /// The same, where what is not committed is, but for files that hold one of these values.
    pub(crate) fn masking(self, masker: Masker) -> Self {
        let masker = Some(masker);
        Self { masker, ..self }
    }

    /// A work tree for a leg of a run, on a branch of its own that starts at this commit.
    ///
    /// The one of an earlier call is given again. What a killed process left half made is made
    /// anew; a branch of that name that holds work is checked out as it is.
    pub(crate) fn create(
        &self,
        run: RunId,
        leg: &str,
        start: &ObjectId,
    ) -> Result<Isolated, Error> {
        self.make(run, names::of_leg(leg), start)
    }

    /// The work tree of the run itself, which its legs are merged into.
    pub(crate) fn integration(&self, run: RunId, start: &ObjectId) -> Result<Isolated, Error> {
        self.make(run, names::INTEGRATION.to_owned(), start)
    }

    /// The work tree of a leg, or of the run itself, when it is there and whole.
    pub(crate) fn find(&self, run: RunId, leg: Option<&str>) -> Result<Option<Isolated>, Error> {
        let name = leg.map_or_else(|| names::INTEGRATION.to_owned(), names::of_leg);
        self.known(run, name)
    }

    fn make(&self, run: RunId, name: String, start: &ObjectId) -> Result<Isolated, Error> {
        self.repository.refuse_quarantine()?;
        let _turn = self.turn(run)?;
        let path = self.path(run, &name);
        self.mend(&path)?;
        let branch = names::branch(run, &name);
        self.settle_branch(&branch)?;
        if let Some(known) = self.known(run, name.clone())? {
            // A step that was killed may have been in the middle of a git command.
            if let Some(state) = isolated::state_folder(&known.path) {
                self.settle(&state)?;
            }
            return Ok(known);
        }
        self.clear(&path)?;
        self.add(&path, &branch, start)?;
        let made = isolated::open(self.repository, &path)?;
        // From here on it counts as whole.
        Marker::Base.set(&made, start)?;
        self.known(run, name)?.ok_or(Error::WorktreeGone { path })
    }

    /// Has git make the work tree, locked from its first moment so that nobody's `prune` takes it.
    fn add(&self, path: &Path, branch: &str, start: &ObjectId) -> Result<(), Error> {
        let full = names::full(branch);
        let tip = self.repository.refs().resolve(&full)?;
        let shown = path.to_str().ok_or_else(|| Error::Path {
            path: path.to_string_lossy().into_owned(),
        })?;
        let mut words = vec![
            "worktree", "add", "--quiet", "--lock", "--reason", "git mmm",
        ];
        match &tip {
            None => words.extend(["--no-track", "-b", branch, shown, start.as_str()]),
            Some(tip) if self.is_ancestor(start, tip)? => words.extend([shown, branch]),
            Some(tip) => {
                return Err(Error::BranchTaken {
                    branch: branch.to_owned(),
                    found: tip.clone(),
                });
            }
        }
        Repository::expect(&quiet(self.repository, words)?).map(drop)
    }

    /// The work tree, if it is there and whole.
    pub(super) fn known(&self, run: RunId, name: String) -> Result<Option<Isolated>, Error> {
        let path = self.path(run, &name);
        let Some(state) = isolated::state_folder(&path).filter(|state| self.is_ours(state)) else {
            return Ok(None);
        };
        if !state.join("HEAD").exists() {
            return Ok(None);
        }
        let Some(base) = Marker::Base.read(&state)? else {
            return Ok(None);
        };
        Ok(Some(Isolated {
            branch: names::branch(run, &name),
            run,
            name,
            path,
            base,
        }))
    }

    /// The place of a work tree.
    pub(super) fn path(&self, run: RunId, name: &str) -> PathBuf {
        self.folder.join(run.to_string()).join(name)
    }

    /// Whether this is where Git keeps the state of one linked work tree.
    fn is_ours(&self, state: &Path) -> bool {
        let folder = self.repository.common_dir().join("worktrees");
        state.parent().is_some_and(|above| is_same(above, &folder))
    }

    /// Puts a work tree right that somebody has damaged. One that Git knows nothing about any more is
    /// set aside: there may be work in it.
    pub(super) fn mend(&self, path: &Path) -> Result<(), Error> {
        let linked = isolated::state_folder(path);
        if linked.is_some_and(|state| state.is_dir()) || files::entries(path)?.is_empty() {
            return Ok(());
        }
        if let Some(state) = self.states_of(path)?.into_iter().next() {
            if Marker::Base.read(&state)?.is_some() {
                let link = [b"gitdir: ", state.as_os_str().as_bytes(), b"\n"].concat();
                files::write_atomic(&path.join(".git"), &link)?;
            }
            // Half made, or half removed: there is nothing in it.
            return Ok(());
        }
        let lost = self.repository.local_folder().join("lost");
        files::create_folder(&lost)?;
        let name = path.strip_prefix(&self.folder).unwrap_or(path);
        let name = name.to_string_lossy().replace('/', "-");
        let free = (1..=SET_ASIDE)
            .map(|number| lost.join(format!("{name}-{number}")))
            .find(|place| !place.exists());
        match free {
            Some(place) => Ok(files::rename(path, &place)?),
            None => Err(Error::WorktreeGone {
                path: path.to_owned(),
            }),
        }
    }

    /// Removes a work tree from the disk, with what Git knows about it.
    pub(super) fn clear(&self, path: &Path) -> Result<(), Error> {
        let state = isolated::state_folder(path).filter(|state| self.is_ours(state));
        let states = match state {
            Some(state) => vec![state],
            None => self.states_of(path)?,
        };
        for state in &states {
            self.settle(state)?;
            // From here on it is one that is not whole, whatever is still there of it.
            Marker::Base.clear_in(state)?;
        }
        files::remove_folder(path)?;
        for state in &states {
            files::remove_folder(state)?;
        }
        Ok(())
    }

    /// What Git knows about a work tree that does not say so itself any more.
    fn states_of(&self, path: &Path) -> Result<Vec<PathBuf>, Error> {
        let (Some(above), Some(name)) = (path.parent(), path.file_name()) else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for state in files::entries(&self.repository.common_dir().join("worktrees"))? {
            let bytes = files::read_bytes(&state.join("gitdir"), isolated::LINK_BYTES);
            let bytes = bytes.unwrap_or_default();
            let bytes = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
            let link = state.join(OsStr::from_bytes(bytes));
            let Some(top) = link.parent() else { continue };
            // The folder itself may be gone; the one above may have another spelling.
            let same = top.file_name() == Some(name)
                && top
                    .parent()
                    .is_some_and(|parent| parent == above || is_same(parent, above));
            if same {
                found.push(state);
            }
        }
        Ok(found)
    }

    /// Waits until no git of a process that was killed is at work there, and removes the locks of
    /// one that was killed too.
    pub(super) fn settle(&self, state: &Path) -> Result<(), Error> {
        for folder in [state.to_owned(), state.join("reftable")] {
            for lock in files::entries(&folder)? {
                if lock.extension().is_some_and(|kind| kind == "lock") {
                    self.outwait(&lock)?;
                }
            }
        }
        Ok(())
    }

    /// The same for a branch of ours, which the work tree of one leg, or of the run, alone moves.
    pub(super) fn settle_branch(&self, branch: &str) -> Result<(), Error> {
        let name = format!("{}.lock", names::full(branch));
        self.outwait(&self.repository.common_dir().join(name))
    }

    /// Waits until a lock is gone; one that stays for too long is removed.
    fn outwait(&self, lock: &Path) -> Result<(), Error> {
        if !self.wait_for(lock) {
            files::remove_file(lock)?;
        }
        Ok(())
    }

    /// Waits until a lock is gone, unless that takes too long; tells whether it is.
    pub(super) fn wait_for(&self, lock: &Path) -> bool {
        let made = lock.metadata().and_then(|about| about.modified()).ok();
        let age = made
            .and_then(|made| made.elapsed().ok())
            .unwrap_or_default();
        let deadline = Instant::now() + self.patience.saturating_sub(age);
        let mut attempt = 1;
        while lock.exists() {
            if Instant::now() >= deadline {
                return false;
            }
            writer::pause(attempt);
            attempt += 1;
        }
        true
    }

    /// Keeps every other process of ours out of the work trees of a run.
    pub(super) fn turn(&self, run: RunId) -> Result<Lock, Error> {
        let path = self.turn_file(run);
        Ok(Lock::take_with_folder(&path, limits::LOCK_TIMEOUT)?)
    }

    pub(super) fn turn_file(&self, run: RunId) -> PathBuf {
        self.folder.join(format!("{run}.lock"))
    }

    /// The branch that the work tree of a leg is on, without `refs/heads/`.
    pub(crate) fn branch(run: RunId, leg: &str) -> String {
        names::branch(run, &names::of_leg(leg))
    }

    /// The branch of a run itself, without `refs/heads/`.
    pub(crate) fn run_branch(run: RunId) -> String {
        names::branch(run, names::INTEGRATION)
    }

    /// Opens a work tree of ours.
    pub(crate) fn open(&self, isolated: &Isolated) -> Result<Repository, Error> {
        let opened = isolated::open(self.repository, &isolated.path)?;
        self.settle(opened.git_dir())?;
        self.settle_branch(&isolated.branch)?;
        Ok(opened)
    }

    /// Commits what differs from `HEAD` in a work tree, without what is ignored, onto its branch;
    /// nothing when nothing does. Gives the branch's commit with whether it is a new one.
    ///
    /// Commits that the steps made on another branch, or on none, count as made on its branch where
    /// they go on from it.
    ///
    /// A file that holds a masked value is left out of the commit, as it is in `HEAD` where git knows
    /// it, and is then the error: it is nowhere but in the work tree.
    pub(crate) fn collect(
        &self,
        isolated: &Isolated,
        message: &str,
    ) -> Result<(ObjectId, bool), Error> {
        let _turn = self.turn(isolated.run)?;
        self.collect_held(isolated, message)
    }

    pub(super) fn collect_held(
        &self,
        isolated: &Isolated,
        message: &str,
    ) -> Result<(ObjectId, bool), Error> {
        let here = self.open(isolated)?;
        let full = names::full(&isolated.branch);
        let head = here.head()?;
        let before = head.commit.ok_or_else(|| Error::WorktreeGone {
            path: isolated.path.clone(),
        })?;
        let tip = self.repository.refs().resolve(&full)?;
        if let Some(tip) = &tip
            && *tip != before
            && !self.is_ancestor(tip, &before)?
        {
            return Err(Error::Strayed {
                path: isolated.path.clone(),
                branch: isolated.branch.clone(),
                head: before,
            });
        }
        let (tree, held) = self.content(&here)?;
        let objects = here.objects()?;
        let commit = if objects.commit_tree(&before)? == tree {
            before
        } else {
            self.write_commit(&here, &tree, &[&before], message)?
        };
        let changed = tip.as_ref() != Some(&commit);
        if changed {
            self.move_branch(&full, &commit, tip.into(), "commit: the work of a leg")?;
        }
        if head.branch.as_deref() != Some(isolated.branch.as_str()) {
            Repository::expect(&quiet(&here, ["symbolic-ref", "HEAD", &full])?)?;
        }
        // Also for a process that was killed before it came to this.
        let staged = quiet(&here, ["diff", "--cached", "--quiet"])?.run()?;
        if !staged.exit.success() {
            let reset = quiet(&here, ["reset", "--quiet"])?.run()?;
            // A commit of somebody at work there has come between: its index is theirs.
            if !reset.exit.success() && here.head()?.commit.as_ref() == Some(&commit) {
                Repository::expect(&quiet(&here, ["reset", "--quiet"])?)?;
            }
        }
        if held.is_empty() {
            return Ok((commit, changed));
        }
        Err(Error::HoldsMasked {
            path: isolated.path.clone(),
            paths: held,
        })
    }

    /// The tree of all that is in a work tree, without what is ignored and without the files that hold
    /// a masked value, which are named.
    pub(super) fn content(&self, here: &Repository) -> Result<(ObjectId, Vec<String>), Error> {
        let (known, mut held) = if let Some(masker) = &self.masker {
            snapshot::masked(here, masker)?
        } else {
            require_unchanged(here)?;
            (Vec::new(), Vec::new())
        };
        let scratch = Scratch::lasting(here)?;
        scratch.copy_index()?;
        held.extend(known.iter().cloned());
        scratch.stage(&held)?;
        scratch.restore(&known)?;
        let shown = |path: &Vec<u8>| String::from_utf8_lossy(path).into_owned();
        Ok((scratch.write_tree()?, held.iter().map(shown).collect()))
    }

    /// Writes a commit that nothing stands for yet, by the person whose repository it is.
    pub(super) fn write_commit(
        &self,
        here: &Repository,
        tree: &ObjectId,
        parents: &[&ObjectId],
        message: &str,
    ) -> Result<ObjectId, Error> {
        let signers = self.signers()?;
        let message = format!("{}\n", message.trim_end());
        commit_object(
            here,
            (tree, parents),
            (&signers.author, &signers.committer),
            &message,
        )
    }

    /// Who commits are by.
    pub(super) fn signers(&self) -> Result<Signers, Error> {
        identity::signers(self.repository, self.repository.clock().now_ms())
    }

    /// Moves a branch by compare-and-swap.
    pub(super) fn move_branch(
        &self,
        full: &str,
        to: &ObjectId,
        expected: Expected,
        reason: &str,
    ) -> Result<(), Error> {
        let update = RefUpdate {
            name: full.to_owned(),
            new: Some(to.clone()),
            expected,
        };
        self.repository.refs().update(&[update], reason)
    }

    /// Whether a commit is in the history of another one.
    pub(super) fn is_ancestor(&self, old: &ObjectId, new: &ObjectId) -> Result<bool, Error> {
        if old == new {
            return Ok(true);
        }
        let words = ["merge-base", "--is-ancestor", old.as_str(), new.as_str()];
        let output = self.repository.command(words).run()?;
        match output.exit {
            Exit::Code(0) => Ok(true),
            Exit::Code(1) => Ok(false),
            exit => Err(Error::of_command(words.join(" "), exit, output.complaint())),
        }
    }
}

/// Writes a commit object with these two people, each as commits spell them.
pub(super) fn commit_object(
    here: &Repository,
    (tree, parents): (&ObjectId, &[&ObjectId]),
    (author, committer): (&str, &str),
    message: &str,
) -> Result<ObjectId, Error> {
    let mut words = vec!["commit-tree"];
    words.extend(parents.iter().flat_map(|parent| ["-p", parent.as_str()]));
    words.push(tree.as_str());
    let make = quiet(here, words)?.input(message);
    let output = Repository::expect(&by(make, author, committer))?;
    parse_id("commit-tree", &output.text())
}

/// Writes a commit with the tree of one commit on top of another one: merged with what goes on from
/// that other one, it has nothing in common with it but that.
pub(super) fn beside(
    here: &Repository,
    tree: &ObjectId,
    parent: Option<&ObjectId>,
    committer: &str,
) -> Result<ObjectId, Error> {
    let parents: Vec<&ObjectId> = parent.into_iter().collect();
    let who = (committer, committer);
    commit_object(here, (tree, &parents), who, "beside\n")
}

/// Tells a git command who its commit is by, each as commits spell it.
pub(super) fn by(mut command: Invocation, author: &str, committer: &str) -> Invocation {
    for (who, signature) in [("AUTHOR", author), ("COMMITTER", committer)] {
        for (what, value) in identity::parts(signature) {
            command = command.env(format!("GIT_{who}_{what}"), value);
        }
    }
    command
}
