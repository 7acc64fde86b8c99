//! Repositories for tests: isolated from the person's own settings, in every format.

use std::path::{Path, PathBuf};

use crate::base::ids::ObjectId;
use crate::git::Repository;
use crate::proc::command::{Invocation, Output};
use crate::sys::environment::Environment;
use crate::sys::files;

/// Every format that a repository can have: hash, and where refs are.
pub(super) const FORMATS: [(&str, &str); 4] = [
    ("sha1", "files"),
    ("sha256", "files"),
    ("sha1", "reftable"),
    ("sha256", "reftable"),
];

/// A folder with a repository in `work`, and an environment of its own.
pub(super) struct Sandbox {
    folder: tempfile::TempDir,
    work: PathBuf,
    pub(super) environment: Environment,
    pub(super) label: String,
}

impl Sandbox {
    /// A repository without a commit.
    pub(super) fn unborn(format: (&str, &str)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // Links in the path of temporary folders would make paths differ from git's.
        let root = folder.path().canonicalize().expect("is there");
        let home = root.join("home");
        files::create_folder(&home).expect("makes");
        let path = Environment::of_process()
            .var("PATH")
            .unwrap_or("/usr/bin:/bin")
            .to_owned();
        let home = home.to_str().expect("a plain path").to_owned();
        let pairs = [
            ("PATH", path.as_str()),
            ("HOME", home.as_str()),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_SYSTEM", "/dev/null"),
            ("GIT_COMMITTER_NAME", "Ada"),
            ("GIT_COMMITTER_EMAIL", "ada@example.org"),
            ("GIT_COMMITTER_DATE", "2026-11-22T12:00:00Z"),
            ("GIT_AUTHOR_NAME", "Grace"),
            ("GIT_AUTHOR_EMAIL", "grace@example.org"),
            ("GIT_AUTHOR_DATE", "2026-11-22T12:00:00Z"),
            ("GIT_CONFIG_COUNT", "1"),
            ("GIT_CONFIG_KEY_0", "init.defaultBranch"),
            ("GIT_CONFIG_VALUE_0", "main"),
            ("MMM_TIMESTAMP", "1795348800000"),
            ("TZ", "UTC"),
        ];
        let sandbox = Self {
            work: root.join("work"),
            folder,
            environment: pairs.into_iter().collect(),
            label: format!("{} {}", format.0, format.1),
        };
        files::create_folder(&sandbox.work).expect("makes");
        let hash = format!("--object-format={}", format.0);
        let refs = format!("--ref-format={}", format.1);
        sandbox.git(&["init", "--quiet", &hash, &refs]);
        sandbox
    }

    /// A repository with one commit: `a.txt`, `dir/b.txt` and `.mmm/c.txt`.
    pub(super) fn born(format: (&str, &str)) -> Self {
        let sandbox = Self::unborn(format);
        for name in ["a.txt", "dir/b.txt", ".mmm/c.txt"] {
            sandbox.write(name, name);
        }
        sandbox.commit("first");
        sandbox
    }

    /// Commits all that is there.
    pub(super) fn commit(&self, message: &str) -> ObjectId {
        self.git(&["add", "-A"]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", message]);
        self.id("HEAD")
    }

    /// The top of the work tree.
    pub(super) fn work(&self) -> &Path {
        &self.work
    }

    /// The folder around the repository.
    pub(super) fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().expect("is there")
    }

    /// Goes on in a linked work tree.
    pub(super) fn into_linked(mut self) -> Self {
        let linked = self.root().join("linked");
        let text = linked.to_str().expect("a plain path").to_owned();
        self.git(&["worktree", "add", "--quiet", "-b", "linked", &text]);
        self.work = linked;
        self.label.push_str(" linked");
        self
    }

    /// Writes a file of the work tree.
    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        files::write_atomic(&self.work.join(name), content.as_ref()).expect("writes");
    }

    /// Writes a program, with the folders above it.
    ///
    /// A process of its own does it. While this one has the file open for writing, another test may
    /// start something, whose copy of the open file keeps the program from being started ("Text
    /// file busy").
    pub(super) fn write_program(&self, path: &Path, text: &str) {
        let script = "mkdir -p \"${1%/*}\" && printf %s \"$2\" >\"$1\" && chmod 755 \"$1\"";
        let written = Invocation::new("/bin/sh")
            .args(["-c", script, "sh"])
            .arg(path)
            .arg(text)
            .environment(&self.environment)
            .run();
        assert!(written.expect("a shell runs").exit.success());
    }

    /// Opens the repository.
    pub(super) fn open(&self) -> Repository {
        Repository::discover(&self.work, &self.environment).expect("a repository")
    }

    /// Runs git, whatever comes of it.
    pub(super) fn try_git(&self, arguments: &[&str]) -> Output {
        Invocation::new("git")
            .args(arguments)
            .environment(&self.environment)
            .folder(&self.work)
            .run()
            .expect("git runs")
    }

    /// Runs git, which must succeed; gives what it printed, without white space at the ends.
    pub(super) fn git(&self, arguments: &[&str]) -> String {
        let output = self.try_git(arguments);
        assert!(
            output.exit.success(),
            "{} {arguments:?}: {}",
            self.label,
            output.complaint()
        );
        output.text().trim().to_owned()
    }

    /// The id of a revision.
    pub(super) fn id(&self, revision: &str) -> ObjectId {
        self.git(&["rev-parse", "--verify", revision])
            .parse()
            .expect("an id")
    }

    /// Checks that git finds nothing to complain about.
    pub(super) fn fsck(&self) {
        let output = self.try_git(&["fsck", "--strict", "--no-dangling", "--no-progress"]);
        assert!(
            output.exit.success(),
            "{}: {}",
            self.label,
            output.complaint()
        );
        assert_eq!(output.complaint(), "", "{}", self.label);
    }
}

/// Runs a test in every format, with a commit, in the main and in a linked work tree.
pub(super) fn everywhere(test: impl Fn(&Sandbox)) {
    for format in FORMATS {
        test(&Sandbox::born(format));
        test(&Sandbox::born(format).into_linked());
    }
}
