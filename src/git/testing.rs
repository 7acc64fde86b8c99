//! Repositories for tests: isolated from the user's HOME and configuration, in every format.

use std::path::{Path, PathBuf};

use crate::base::ids::ObjectId;
use crate::git::command;
use crate::git::repository::Repository;
use crate::proc::command::Output;
use crate::sys::environment::Environment;
use crate::sys::files;

/// Every combination of object and ref format.
pub(crate) const FORMATS: &[(&str, &str)] = &[
    ("sha1", "files"),
    ("sha1", "reftable"),
    ("sha256", "files"),
    ("sha256", "reftable"),
];

/// A repository in a temporary folder.
pub(crate) struct TestRepository {
    folder: tempfile::TempDir,
    environment: Environment,
    top: PathBuf,
}

/// Runs a test over every format.
pub(crate) fn each_format(body: impl Fn(&TestRepository)) {
    for (objects, refs) in FORMATS {
        body(&TestRepository::new(objects, refs));
    }
}

/// The environment of all tests: nothing of the user but the path to programs.
pub(crate) fn environment(home: &Path) -> Environment {
    let process = Environment::of_process();
    let fixed = [
        ("PATH", process.var("PATH").unwrap_or("/usr/bin:/bin")),
        ("HOME", home.to_str().expect("a temporary path is UTF-8")),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_SYSTEM", "/dev/null"),
        ("GIT_CONFIG_COUNT", "4"),
        ("GIT_CONFIG_KEY_0", "init.defaultBranch"),
        ("GIT_CONFIG_VALUE_0", "main"),
        ("GIT_CONFIG_KEY_1", "user.name"),
        ("GIT_CONFIG_VALUE_1", "Ada Test"),
        ("GIT_CONFIG_KEY_2", "user.email"),
        ("GIT_CONFIG_VALUE_2", "ada@example.org"),
        ("GIT_CONFIG_KEY_3", "commit.gpgsign"),
        ("GIT_CONFIG_VALUE_3", "false"),
        ("TZ", "UTC"),
    ];
    fixed.into_iter().collect()
}

impl TestRepository {
    /// A repository without a commit.
    pub(crate) fn new(object_format: &str, ref_format: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().canonicalize().expect("is there");
        let top = root.join("work");
        files::create_folder(&top).expect("makes");
        let test = Self {
            environment: environment(&root),
            folder,
            top,
        };
        let (objects, refs) = (
            format!("--object-format={object_format}"),
            format!("--ref-format={ref_format}"),
        );
        test.git(["init", "--quiet", &objects, &refs, "."]);
        test
    }

    /// A plain repository with one commit of the file `a.txt`.
    pub(crate) fn plain() -> Self {
        let test = Self::new("sha1", "files");
        test.write("a.txt", "a\n");
        test.commit("first");
        test
    }

    /// The work tree.
    pub(crate) fn top(&self) -> &Path {
        &self.top
    }

    /// A path beside the work tree.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder
            .path()
            .canonicalize()
            .expect("is there")
            .join(name)
    }

    /// The environment that commands are run in.
    pub(crate) fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The same with more variables.
    pub(crate) fn environment_with(&self, more: &[(&str, &str)]) -> Environment {
        let more = more.iter().map(|(name, value)| (name.into(), value.into()));
        self.environment
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .chain(more)
            .collect()
    }

    /// Opens it from its top.
    pub(crate) fn open(&self) -> Repository {
        self.open_at(&self.top)
    }

    /// Opens it from some folder.
    pub(crate) fn open_at(&self, start: &Path) -> Repository {
        Repository::discover(start, &self.environment).expect("is a repository")
    }

    /// Runs `git` in the work tree; it must succeed. Gives what it printed, trimmed.
    pub(crate) fn git<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> String {
        self.git_at(&self.top, arguments)
    }

    /// The same in some folder.
    pub(crate) fn git_at<'a>(
        &self,
        folder: &Path,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> String {
        let output = self.try_git_at(folder, arguments);
        assert!(output.exit.success(), "{}", output.complaint());
        output.text().trim_end().to_owned()
    }

    /// The same, however it ends.
    pub(crate) fn try_git_at<'a>(
        &self,
        folder: &Path,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> Output {
        let date = "2026-01-02T03:04:05Z";
        let invocation = command::plain(arguments, folder, &self.environment)
            .env("GIT_AUTHOR_DATE", date)
            .env("GIT_COMMITTER_DATE", date);
        command::run(&invocation).expect("git runs")
    }

    /// Writes a file of the work tree.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        files::write_atomic(&self.top.join(path), content.as_ref()).expect("writes");
    }

    /// Commits all files of the work tree.
    pub(crate) fn commit(&self, message: &str) -> ObjectId {
        self.git(["add", "--all"]);
        self.git(["commit", "--quiet", "--allow-empty", "--message", message]);
        self.id("HEAD")
    }

    /// The id that a revision names.
    pub(crate) fn id(&self, revision: &str) -> ObjectId {
        let text = self.git(["rev-parse", "--verify", revision]);
        text.parse().expect("an id")
    }

    /// Makes another work tree on a branch of its own, beside this one.
    pub(crate) fn linked(&self, name: &str) -> PathBuf {
        let path = self.beside(name);
        let text = path.to_str().expect("a temporary path is UTF-8");
        self.git(["worktree", "add", "--quiet", "-b", name, text]);
        path
    }

    /// Fails the test when Git finds the repository damaged.
    pub(crate) fn check(&self) {
        let output = self.try_git_at(&self.top, ["fsck", "--strict", "--full", "--no-dangling"]);
        assert!(output.exit.success(), "{}", output.complaint());
        assert_eq!(output.complaint(), "");
    }
}
