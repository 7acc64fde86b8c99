//! The folder of a live run: `$GIT_COMMON_DIR/mmm/runs/<ulid>/`.
//!
//! | name | what |
//! |---|---|
//! | `events.jsonl` | the journal |
//! | `engine.lock`, `supervisor.lock` | locked while one is alive; hold its process id |
//! | `claims/<attempt>` | made when an attempt starts, locked while anything of it is alive; empty |
//! | `files/<job>/` | the files that `GITHUB_OUTPUT` and the like name; for its user alone |
//! | `out/<attempt>.log`, `out/<attempt>.summary.md` | what it printed, and its summary |
//! | `scripts/<attempt>…` | what it runs, until it has ended; for its user alone |
//! | `temporary` | where the temporary folders of jobs are |
//! | `masks` | what steps said is to be masked; for its user alone, and never stored in Git |
//! | `pinned/protected` | the files that steps must not change, with their digests |
//! | `pinned/workflow.yaml`, `pinned/spec.md` | what the run goes by, whatever changes outside |
//! | `pinned/parents/<name>.yaml` | the workflows that the one of the run extends, if any |

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::base::ids::RunId;
use crate::base::limits::STEP_OUTPUT_BYTES;
use crate::model::run::AttemptName;
use crate::state::temporary;
use crate::sys::Error;
use crate::sys::files;
use crate::sys::lock;

/// How the name of a folder begins that is being removed.
pub(crate) const GONE: &str = ".gone-";

/// How the name of a folder begins that is not complete yet.
pub(crate) const INCOMPLETE: &str = ".new-";

/// The workflow as it was at the start, in the folder of a run.
pub(crate) const PINNED_WORKFLOW: &str = "pinned/workflow.yaml";

/// The spec as it was at the start, in the folder of a run.
pub(crate) const PINNED_SPEC: &str = "pinned/spec.md";

/// The workflows that the one of a run extends, in the folder of the run; there only if there are any.
pub(crate) const PINNED_PARENTS: &str = "pinned/parents";

/// The protected files as they were when the run last began to be driven, in its folder.
pub(crate) const PROTECTED: &str = "pinned/protected";

/// The file of one of them; nothing for a name that no file can have.
pub(crate) fn pinned_parent(name: &str) -> Option<String> {
    let usable = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\0']);
    usable.then(|| format!("{PINNED_PARENTS}/{name}.yaml"))
}

/// The start of a run, in bytes at most.
const FIRST_LINE_BYTES: u64 = 64 * 1024;

/// Paths in the folder of one live run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// The folder of a run in the folder of all live runs.
    pub(crate) fn of(runs: &Path, run: RunId) -> Self {
        Self {
            path: runs.join(run.to_string()),
        }
    }

    /// The folder at this path.
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Makes the folder and those in it.
    pub(crate) fn create(&self) -> Result<(), Error> {
        for name in ["claims", "out", "pinned"] {
            files::create_folder(&self.path.join(name))?;
        }
        // What stands in them may hold secrets.
        for name in ["files", "scripts"] {
            files::create_private_folder(&self.path.join(name))?;
        }
        Ok(())
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the run lives here.
    pub(crate) fn exists(&self) -> bool {
        self.events().exists()
    }

    /// Whether something of the run happened: a line of its journal, a claim or an output is here.
    pub(crate) fn began(&self) -> Result<bool, Error> {
        let claims = self.path.join("claims");
        if !files::entries(&claims)?.is_empty() || !files::entries(&self.outputs())?.is_empty() {
            return Ok(true);
        }
        let mut bytes = Vec::new();
        match files::open_read(&self.events()) {
            Ok(file) => file
                .take(FIRST_LINE_BYTES)
                .read_to_end(&mut bytes)
                .map_err(|error| Error::file("read", self.events(), error))?,
            Err(error) if error.is_not_found() => return Ok(false),
            Err(error) => return Err(error),
        };
        Ok(bytes.contains(&b'\n') || bytes.len() as u64 == FIRST_LINE_BYTES)
    }

    /// The journal.
    pub(crate) fn events(&self) -> PathBuf {
        self.path.join("events.jsonl")
    }

    /// Locked while an engine drives the run.
    pub(crate) fn engine_lock(&self) -> PathBuf {
        self.path.join("engine.lock")
    }

    /// Locked while a supervisor holds steps of the run.
    pub(crate) fn supervisor_lock(&self) -> PathBuf {
        self.path.join("supervisor.lock")
    }

    /// What steps said is to be masked.
    pub(crate) fn masks(&self) -> PathBuf {
        self.path.join("masks")
    }

    /// The folder of all claims.
    pub(crate) fn claims(&self) -> PathBuf {
        self.path.join("claims")
    }

    /// The claim of an attempt.
    pub(crate) fn claim(&self, attempt: &AttemptName) -> PathBuf {
        self.claims().join(attempt.to_string())
    }

    /// The folder of all outputs.
    pub(crate) fn outputs(&self) -> PathBuf {
        self.path.join("out")
    }

    /// The output of an attempt.
    pub(crate) fn output(&self, attempt: &AttemptName) -> PathBuf {
        self.outputs().join(output_name(attempt))
    }

    /// What an attempt printed, as far as it was kept; nothing when it printed nothing.
    pub(crate) fn read_output(&self, attempt: &AttemptName) -> Result<Vec<u8>, Error> {
        match files::read_bytes(&self.output(attempt), STEP_OUTPUT_BYTES * 2) {
            Err(error) if error.is_not_found() => Ok(Vec::new()),
            read => read,
        }
    }

    /// The folder of the files in which the steps of a job say something to those after them.
    pub(crate) fn step_files(&self, job: &str) -> PathBuf {
        self.path.join("files").join(job)
    }

    /// The summary that an attempt wrote.
    pub(crate) fn summary(&self, attempt: &AttemptName) -> PathBuf {
        self.outputs().join(summary_name(attempt))
    }

    /// The parameters of a step that our own program carries out.
    pub(crate) fn parameters(&self, attempt: &AttemptName) -> PathBuf {
        self.path.join("scripts").join(format!("{attempt}.json"))
    }

    /// The script of an attempt; `extension` comes with its dot.
    pub(crate) fn script(&self, attempt: &AttemptName, extension: &str) -> PathBuf {
        self.path
            .join("scripts")
            .join(format!("{attempt}{extension}"))
    }

    /// Removes what an attempt ran; `extensions` are those that it may have. What cannot be removed
    /// stays.
    pub(crate) fn forget_script(&self, attempt: &AttemptName, extensions: &[&str]) {
        for extension in extensions {
            if matches!(files::take_away(&self.script(attempt, extension)), Ok(true)) {
                return;
            }
        }
    }

    /// The workflows that the one of the run extends.
    pub(crate) fn pinned_parents(&self) -> PathBuf {
        self.path.join(PINNED_PARENTS)
    }

    /// The protected files as they were when the run last began to be driven.
    pub(crate) fn protected(&self) -> PathBuf {
        self.path.join(PROTECTED)
    }

    /// The file that tells where the temporary folders of jobs are.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.path.join("temporary")
    }

    /// Whether an engine or a supervisor of the run is alive.
    pub(crate) fn is_alive(&self) -> Result<bool, Error> {
        Ok(lock::is_held(&self.engine_lock())? || lock::is_held(&self.supervisor_lock())?)
    }

    /// Removes the folder in one step as far as anybody else can see, and the temporary folders of
    /// its jobs before. What of those cannot be removed, such as files of another user, stays: a run
    /// must be able to end, and its person was told when the job ended.
    pub(crate) fn remove(&self) -> Result<(), Error> {
        let _ = temporary::remove_all(self);
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let gone = self.path.with_file_name(format!("{GONE}{name}"));
        if self.path.exists() {
            files::rename(&self.path, &gone)?;
        }
        files::remove_folder(&gone)
    }
}

/// The name of an attempt's summary, in the folder and in the sealed tree.
pub(crate) fn summary_name(attempt: &AttemptName) -> String {
    format!("{attempt}.summary.md")
}

/// The name of an attempt's output, in the folder and in the sealed tree.
pub(crate) fn output_name(attempt: &AttemptName) -> String {
    format!("{attempt}.log")
}
