//! A repository in a temporary folder, with a home and a configuration of its own.

use std::cell::Cell;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::child::Child;
use crate::support::run::Run;
use crate::support::terminal::Terminal;

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_git-mmm");

/// What the clock of the program says unless a test asks for the real one.
const TIMESTAMP: &str = "2026-11-22T10:00:00Z";

/// What Git takes for the time of commits.
const GIT_DATE: &str = "1795341600 +0000";

const CONFIGURATION: &str = "\
[init]
\tdefaultBranch = main
[commit]
\tgpgSign = false
[user]
\tname = Ada Lovelace
\temail = ada@example.org
[gc]
\tauto = 0
[maintenance]
\tauto = false
[protocol \"file\"]
\tallow = always
";

/// Which repository to make.
#[derive(Clone, Debug)]
pub(crate) struct Builder {
    object_format: &'static str,
    ref_format: &'static str,
    bare: bool,
    unborn: bool,
    real_clock: bool,
}

/// A repository, and the world around it that its programs see.
#[derive(Debug)]
pub(crate) struct TestRepo {
    /// Removed with all in it when the test ends.
    _world: tempfile::TempDir,
    root: PathBuf,
    folder: PathBuf,
    real_clock: bool,
    seed: Cell<u64>,
    variables: Vec<(String, String)>,
}

impl Builder {
    /// Takes this hash: `sha1` or `sha256`.
    pub(crate) fn with_object_format(mut self, format: &'static str) -> Self {
        self.object_format = format;
        self
    }

    /// Keeps refs this way: `files` or `reftable`.
    pub(crate) fn with_ref_format(mut self, format: &'static str) -> Self {
        self.ref_format = format;
        self
    }

    /// Makes it without a work tree.
    pub(crate) fn bare(mut self) -> Self {
        self.bare = true;
        self
    }

    /// Makes it without a commit.
    pub(crate) fn unborn(mut self) -> Self {
        self.unborn = true;
        self
    }

    /// Leaves the clock and the ids to the machine.
    pub(crate) fn real_clock(mut self) -> Self {
        self.real_clock = true;
        self
    }

    /// Makes the repository.
    pub(crate) fn build(self) -> TestRepo {
        let world = tempfile::Builder::new()
            .prefix("git-mmm-test-")
            .tempdir()
            .expect("a temporary folder");
        // On macOS the temporary folder is behind a symbolic link; Git prints the real path.
        let root = world.path().canonicalize().expect("the folder is there");
        for name in [
            "home", "tmp", "config", "data", "state", "cache", "runtime", "repo",
        ] {
            fs::create_dir(root.join(name)).expect("a folder of the test's own");
        }
        fs::write(root.join("gitconfig"), CONFIGURATION).expect("a configuration");
        let repo = TestRepo {
            folder: root.join("repo"),
            root,
            _world: world,
            real_clock: self.real_clock,
            seed: Cell::new(1),
            variables: Vec::new(),
        };
        let object_format = format!("--object-format={}", self.object_format);
        let ref_format = format!("--ref-format={}", self.ref_format);
        let mut words = vec!["init", "--quiet", &object_format];
        // Git older than 2.45 does not know the flag, and has only one format.
        if self.ref_format != "files" {
            words.push(&ref_format);
        }
        if self.bare {
            words.push("--bare");
        }
        repo.git(words);
        if !self.bare && !self.unborn {
            repo.write("README", "A repository for a test.\n");
            repo.git(["add", "README"]);
            repo.git(["commit", "--quiet", "-m", "first"]);
        }
        repo
    }
}

impl TestRepo {
    /// What a repository is built from.
    pub(crate) fn builder() -> Builder {
        Builder {
            object_format: "sha1",
            ref_format: "files",
            bare: false,
            unborn: false,
            real_clock: false,
        }
    }

    /// A repository with one commit on `main`.
    pub(crate) fn new() -> Self {
        Self::builder().build()
    }

    /// Runs a test in each format that Git can keep a repository in.
    #[expect(
        clippy::print_stdout,
        reason = "the test harness shows it with a failure only"
    )]
    pub(crate) fn each_format(test: impl Fn(&Self)) {
        for object_format in ["sha1", "sha256"] {
            for ref_format in ["files", "reftable"] {
                let builder = Self::builder()
                    .with_object_format(object_format)
                    .with_ref_format(ref_format);
                println!("repository format: {object_format}, {ref_format}");
                test(&builder.build());
            }
        }
    }

    /// The top of the work tree, or the bare repository.
    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }

    /// A path in the test's own world, outside the repository.
    pub(crate) fn outside(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Gives the programs one more variable.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// The same world, seen from another folder of it: a linked worktree, a clone, a subfolder.
    pub(crate) fn at(&self, folder: impl AsRef<Path>) -> View<'_> {
        View {
            repo: self,
            folder: self.folder.join(folder),
        }
    }

    /// Adds a linked worktree on a new branch.
    pub(crate) fn linked_worktree(&self, branch: &str) -> View<'_> {
        let folder = self.outside(&format!("worktree-{branch}"));
        self.git([
            OsStr::new("worktree"),
            OsStr::new("add"),
            OsStr::new("--quiet"),
            OsStr::new("-b"),
            OsStr::new(branch),
            folder.as_os_str(),
        ]);
        self.at(folder)
    }

    /// Clones it; `flags` go to `git clone`.
    pub(crate) fn clone_to(&self, name: &str, flags: &[&str]) -> View<'_> {
        let folder = self.outside(name);
        let url = format!("file://{}", self.folder.display());
        let mut words = vec!["clone", "--quiet"];
        words.extend(flags);
        words.push(&url);
        words.push(name);
        let run = self.at(&self.root).command("git", &words);
        run.assert_ok();
        self.at(folder)
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        self.here().write(path, text);
    }

    /// Writes a program, with the folders above it.
    pub(crate) fn write_program(&self, path: impl AsRef<Path>, text: &str) {
        self.here().write_program(path, text);
    }

    /// Reads a file.
    pub(crate) fn read(&self, path: &str) -> String {
        self.here().read(path)
    }

    /// Runs `git`, which must succeed, and gives its output without the final line feed.
    pub(crate) fn git<W: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = W>) -> String {
        self.here().git(words)
    }

    /// Runs the program.
    pub(crate) fn mmm<W: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = W>) -> Run {
        self.here().mmm(words)
    }

    /// Starts the program and gives it while it runs.
    pub(crate) fn spawn<W: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = W>) -> Child {
        self.here().spawn(words)
    }

    /// The repository as a view of itself.
    pub(crate) fn here(&self) -> View<'_> {
        self.at("")
    }

    /// A command in this world, with nothing inherited.
    fn prepare(&self, program: &str, folder: &Path) -> Command {
        let root = self.root.as_path();
        let programs = Path::new(PROGRAM)
            .parent()
            .expect("the program is in a folder");
        // The system's folders only: what a person has installed elsewhere must not matter.
        let path = std::env::join_paths([
            programs,
            Path::new("/usr/local/bin"),
            Path::new("/usr/bin"),
            Path::new("/bin"),
            Path::new("/opt/homebrew/bin"),
        ])
        .expect("no colon in the path of the build");
        let mut command = Command::new(program);
        command
            .current_dir(folder)
            .env_clear()
            .env("PATH", path)
            .env("HOME", root.join("home"))
            .env("TMPDIR", root.join("tmp"))
            .env("XDG_CONFIG_HOME", root.join("config"))
            .env("XDG_DATA_HOME", root.join("data"))
            .env("XDG_STATE_HOME", root.join("state"))
            .env("XDG_CACHE_HOME", root.join("cache"))
            .env("XDG_RUNTIME_DIR", root.join("runtime"))
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_CONFIG_GLOBAL", root.join("gitconfig"))
            .env("GIT_CEILING_DIRECTORIES", root)
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_AUTHOR_DATE", GIT_DATE)
            .env("GIT_COMMITTER_DATE", GIT_DATE)
            .env("TZ", "UTC")
            .env("LC_ALL", "C")
            .env("COLUMNS", "100")
            .stdin(Stdio::null());
        if !self.real_clock {
            let seed = self.seed.replace(self.seed.get() + 1);
            command
                .env("MMM_TIMESTAMP", TIMESTAMP)
                .env("MMM_SEED", seed.to_string());
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        with_own_signals(&mut command);
        command
    }
}

/// Starts the program with every signal that tests send doing what it does by default: a shell that
/// starts the tests in the background, or under `nohup`, has some ignored, and that is inherited.
#[expect(
    unsafe_code,
    reason = "the closure makes four system calls and nothing else"
)]
fn with_own_signals(command: &mut Command) {
    // SAFETY: between `fork` and `exec` it neither allocates nor takes a lock.
    unsafe {
        command.pre_exec(|| {
            for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM] {
                if libc::signal(signal, libc::SIG_DFL) == libc::SIG_ERR {
                    return Err(std::io::Error::last_os_error());
                }
            }
            Ok(())
        });
    }
}

/// A folder of a test's world, to run programs in.
#[derive(Debug)]
pub(crate) struct View<'a> {
    repo: &'a TestRepo,
    folder: PathBuf,
}

impl View<'_> {
    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.folder.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).expect("the folders above the file");
        }
        fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Writes a program, with the folders above it.
    ///
    /// A process of its own does it. While this one has the file open for writing, another test may
    /// start something, whose copy of the open file keeps the program from being started ("Text
    /// file busy").
    pub(crate) fn write_program(&self, path: impl AsRef<Path>, text: &str) {
        let script = "mkdir -p \"${1%/*}\" && printf %s \"$2\" >\"$1\" && chmod 755 \"$1\"";
        let mut shell = Command::new("/bin/sh");
        shell.env_clear().env("PATH", "/usr/bin:/bin");
        shell.args(["-c", script, "sh"]);
        shell.arg(self.folder.join(path)).arg(text);
        assert!(shell.status().expect("a shell starts").success());
    }

    /// Reads a file.
    pub(crate) fn read(&self, path: &str) -> String {
        let path = self.folder.join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Runs `git`, which must succeed, and gives its output without the final line feed.
    pub(crate) fn git<W: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = W>) -> String {
        let run = self.command("git", &words.into_iter().collect::<Vec<_>>());
        run.assert_ok();
        run.stdout.trim_end_matches('\n').to_owned()
    }

    /// Runs the program.
    pub(crate) fn mmm<W: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = W>) -> Run {
        self.command(PROGRAM, &words.into_iter().collect::<Vec<_>>())
    }

    /// Runs any program.
    pub(crate) fn command<W: AsRef<OsStr>>(&self, program: &str, words: &[W]) -> Run {
        let output = self
            .repo
            .prepare(program, &self.folder)
            .args(words)
            .output()
            .unwrap_or_else(|error| panic!("cannot start {program}: {error}"));
        Run::new(&output, &self.repo.root)
    }

    /// Starts our program in a process group of its own and gives it while it runs.
    pub(crate) fn spawn<W: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = W>) -> Child {
        self.start(PROGRAM, &words.into_iter().collect::<Vec<_>>())
    }

    /// The same, with its output going there.
    pub(crate) fn spawn_into<W: AsRef<OsStr>>(&self, words: &[W], output: Stdio) -> Child {
        let mut command = self.repo.prepare(PROGRAM, &self.folder);
        command.args(words);
        Child::start_into(command, &self.repo.root, output)
    }

    /// Starts our program with its input coming from there.
    pub(crate) fn spawn_reading<W: AsRef<OsStr>>(&self, words: &[W], input: Stdio) -> Child {
        let mut command = self.repo.prepare(PROGRAM, &self.folder);
        command.args(words).stdin(input);
        Child::start(command, &self.repo.root)
    }

    /// Starts our program on a terminal of its own, of so many columns and rows.
    pub(crate) fn on_terminal<W: AsRef<OsStr>>(
        &self,
        words: impl IntoIterator<Item = W>,
        size: (u16, u16),
    ) -> Terminal {
        self.start_on_terminal(PROGRAM, &words.into_iter().collect::<Vec<_>>(), size)
    }

    /// Starts any program on a terminal of its own.
    pub(crate) fn start_on_terminal<W: AsRef<OsStr>>(
        &self,
        program: &str,
        words: &[W],
        size: (u16, u16),
    ) -> Terminal {
        let mut command = self.repo.prepare(program, &self.folder);
        // The terminal says itself how wide it is.
        command.env_remove("COLUMNS").args(words);
        if !self.repo.variables.iter().any(|(name, _)| name == "TERM") {
            command.env("TERM", "xterm-256color");
        }
        Terminal::start(command, &self.repo.root, size)
    }

    /// Starts any program in a process group of its own and gives it while it runs.
    pub(crate) fn start<W: AsRef<OsStr>>(&self, program: &str, words: &[W]) -> Child {
        let mut command = self.repo.prepare(program, &self.folder);
        command.args(words);
        Child::start(command, &self.repo.root)
    }
}
