//! Which variables git and the processes of the user get.
//!
//! Git exports its own state to hooks, and that state beats `-C`: a command meant for this
//! repository would silently work on another one.

use crate::sys::environment::Environment;
use crate::sys::identifiers::SEED_VARIABLE;

/// What `git rev-parse --local-env-vars` prints in any release from 2.38 on; a test compares
/// it with the git at hand. Written here because asking costs a process for every command.
pub(crate) const LOCAL: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Local variables that the search for the repository honours: `git --git-dir … mmm` sets them.
const SEARCH: &[&str] = &[
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_WORK_TREE",
];

/// Local variables that hold the configuration given by `git -c`.
const CONFIGURATION: &[&str] = &["GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS"];

/// Variables that would change what our own commands mean.
const STEERING: &[&str] = &[
    "GIT_DEFAULT_HASH",
    "GIT_DEFAULT_REF_FORMAT",
    "GIT_EXTERNAL_DIFF",
    "GIT_GLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_LITERAL_PATHSPECS",
    "GIT_NAMESPACE",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_REF_STORAGE_FORMAT",
    "LANG",
    "LANGUAGE",
];

/// Whether it says who made the commit that a hook runs for.
fn is_person(name: &str) -> bool {
    name.starts_with("GIT_AUTHOR_") || name.starts_with("GIT_COMMITTER_")
}

fn without(environment: &Environment, drop: impl Fn(&str) -> bool) -> Environment {
    environment
        .iter()
        .filter(|(name, _)| !name.to_str().is_some_and(&drop))
        .collect()
}

/// Whether it says where the repository or its work tree is.
pub(super) fn names_repository(environment: &Environment) -> bool {
    SEARCH.iter().any(|name| environment.var_os(name).is_some())
}

/// For the one command that looks for the repository.
pub(super) fn for_search(environment: &Environment) -> Environment {
    without(environment, |name| {
        let local =
            LOCAL.contains(&name) && !SEARCH.contains(&name) && !CONFIGURATION.contains(&name);
        local || STEERING.contains(&name) || name.starts_with("LC_")
    })
}

/// For our own git commands in a known repository.
pub(super) fn for_git(environment: &Environment) -> Environment {
    without(environment, |name| {
        let local = LOCAL.contains(&name) && !CONFIGURATION.contains(&name);
        local || STEERING.contains(&name) || name.starts_with("LC_") || is_person(name)
    })
}

/// For a command in another work tree of the same person: it finds its repository by itself, and
/// who they are stays.
pub(super) fn for_other(environment: &Environment) -> Environment {
    without(environment, |name| {
        LOCAL.contains(&name) && !CONFIGURATION.contains(&name)
    })
}

/// For processes of the user: steps and verify commands. Nothing in it points to a repository.
pub(super) fn for_children(environment: &Environment) -> Environment {
    without(environment, |name| {
        LOCAL.contains(&name) || is_person(name) || name == SEED_VARIABLE
    })
}
