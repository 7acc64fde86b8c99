//! The `git-mmm` program: everything is in the library.

fn main() -> std::process::ExitCode {
    git_mmm::run()
}
