//! Makes new repositories.

use std::path::Path;

use crate::base::limits;
use crate::git::{Error, Repository, environment};
use crate::proc::command::Invocation;
use crate::sys::environment::Environment;
use crate::sys::files;

/// Makes a repository in a folder, whatever repository the environment names or the folder is in.
pub(crate) fn init(folder: &Path, environment: &Environment) -> Result<Repository, Error> {
    files::create_folder(folder)?;
    let environment = environment::for_children(environment);
    let invocation = Invocation::new("git")
        .args(["init", "--quiet"])
        .environment(&environment)
        .env("LC_ALL", "C")
        .timeout(limits::GIT_TIMEOUT)
        .folder(folder);
    Repository::expect(&invocation)?;
    Repository::discover(folder, &environment)
}

#[cfg(test)]
mod tests {
    use super::init;
    use crate::sys::environment::Environment;

    #[test]
    fn a_repository_is_made_where_it_was_asked_for() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().canonicalize().expect("is there");
        let real = Environment::of_process();
        let path = real.var("PATH").unwrap_or("/usr/bin:/bin");
        let elsewhere = root.join("elsewhere");
        let elsewhere = elsewhere.to_str().expect("a plain path");
        let environment: Environment = [("PATH", path), ("GIT_DIR", elsewhere)]
            .into_iter()
            .collect();
        let outer = init(&root.join("a"), &environment).expect("is made");
        assert_eq!(outer.top().ok(), Some(root.join("a").as_path()));
        let inner = init(&root.join("a/b"), &environment).expect("is made");
        assert_eq!(inner.git_dir(), root.join("a/b/.git"));
        assert!(!root.join("elsewhere").exists());
    }
}
