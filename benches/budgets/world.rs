//! A folder with repositories to measure in, away from the home and the configuration of the
//! person who measures.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The program that is measured.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_git-mmm");

const CONFIGURATION: &str = "\
[init]
\tdefaultBranch = main
[user]
\tname = Ada Lovelace
\temail = ada@example.org
[gc]
\tauto = 0
[maintenance]
\tauto = false
";

/// The folder; removed with all in it at the end.
#[derive(Debug)]
pub(crate) struct World {
    folder: tempfile::TempDir,
    /// How much is done, in percent.
    percent: usize,
}

/// Where to measure: the folder that `BENCH_FOLDER` names, else memory where there is some, else
/// the usual place.
///
/// A disk would be measured along with the program: ext4 takes several times as long to make a
/// file when thousands were removed in the minutes before, by us or by anybody else.
fn place() -> PathBuf {
    let memory = Path::new("/dev/shm");
    match std::env::var_os("BENCH_FOLDER") {
        Some(folder) => PathBuf::from(folder),
        None if memory.is_dir() => memory.to_owned(),
        None => std::env::temp_dir(),
    }
}

impl World {
    /// An empty one.
    pub(crate) fn new(percent: usize) -> Self {
        let folder = tempfile::tempdir_in(place()).expect("a temporary folder");
        let world = Self { folder, percent };
        fs::create_dir(world.path("home")).expect("a folder");
        fs::write(world.path("gitconfig"), CONFIGURATION).expect("a configuration");
        world
    }

    /// How many of something are taken when the whole would be `full`.
    pub(crate) fn share(&self, full: usize) -> usize {
        (full * self.percent / 100).max(1)
    }

    /// A path in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A program that sees nothing but this world, started in one of its folders.
    pub(crate) fn command(&self, folder: &str, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.path(folder))
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin")
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.folder.path())
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_CONFIG_GLOBAL", self.path("gitconfig"))
            .env("LC_ALL", "C")
            .env("TZ", "UTC");
        command
    }

    /// The same with arguments.
    pub(crate) fn with(&self, folder: &str, program: &str, arguments: &[&str]) -> Command {
        let mut command = self.command(folder, program);
        command.args(arguments);
        command
    }

    /// Runs a program that prepares something; it must go well.
    pub(crate) fn prepare(&self, folder: &str, program: &str, arguments: &[&str]) -> String {
        let mut command = self.with(folder, program, arguments);
        let output = command
            .stdin(Stdio::null())
            .output()
            .expect("the program starts");
        assert!(
            output.status.success(),
            "{command:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// A repository with this many small files in one commit.
    pub(crate) fn repository(&self, name: &str, files: usize) {
        self.prepare("", "git", &["init", "--quiet", name]);
        for number in 0..files {
            let path = format!("{name}/src/{:02}/{number}.txt", number % 100);
            self.write(&path, &format!("file {number}\n"));
        }
        self.prepare(name, "git", &["add", "--all"]);
        let commit = ["commit", "--quiet", "--allow-empty", "-m", "first"];
        self.prepare(name, "git", &commit);
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        let above = path.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(above).expect("the folders above a file");
        fs::write(&path, text).expect("a file");
    }

    /// Reads a file.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect("a file that was written")
    }

    /// Writes a workflow of one job with steps that do nothing, and one that does `last`.
    pub(crate) fn workflow(&self, repository: &str, name: &str, steps: usize, last: &str) {
        let mut text = format!("name: {name}\njobs:\n  all:\n    steps:\n");
        for _ in 0..steps {
            text += "      - run: \"true\"\n";
        }
        if !last.is_empty() {
            let _ = writeln!(text, "      - run: |\n          {last}");
        }
        self.write(&format!("{repository}/.mmm/workflows/{name}.yaml"), &text);
    }
}
