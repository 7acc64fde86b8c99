//! What has no command is done by this binary itself, in a process of its own, so that it is
//! measured like everything else.

use std::path::Path;
use std::process::Command;

use crate::world::World;

/// Does what a process was started for by [`command`]; `false` when it was not.
pub(crate) fn serve(arguments: &[String]) -> bool {
    let [flag, work, folder] = arguments else {
        return false;
    };
    let folder = Path::new(folder);
    let done = match (flag.as_str(), work.as_str()) {
        ("--internal", "append-notes") => git_mmm::internals::append_notes(folder),
        ("--internal", "append-lines") => git_mmm::internals::append_lines(folder),
        _ => return false,
    };
    let count = done.expect("the measured work goes well");
    println!("{count}");
    true
}

/// A process of this binary that does one thing in a repository.
pub(crate) fn command(world: &World, repository: &str, work: &str) -> Command {
    let program = std::env::current_exe().expect("a running program has a file");
    let mut command = world.command(repository, program);
    command
        .args(["--internal", work])
        .arg(world.path(repository));
    command
}
