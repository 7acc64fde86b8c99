//! The commands of `next:` lines.

use std::path::Path;

use crate::app::next::{Advice, Step};
use crate::state::state_files::AtHead;

/// The command to type.
pub(crate) fn command(advice: &Advice) -> String {
    match advice {
        Advice::WorkTree { beside: Some(top) } => cd(top),
        Advice::WorkTree { beside: None } => "git worktree add <folder>".to_owned(),
        Advice::Init => "git mmm init".to_owned(),
        Advice::Restore(at_head) => restore(*at_head).to_owned(),
        Advice::LookAt { checkpoint } => format!("git mmm checkpoint show {checkpoint}"),
        Advice::Resume {
            run,
            rerun_lost,
            elsewhere,
        } => {
            let git = git_in(elsewhere.as_deref());
            let rerun = if *rerun_lost { " --rerun-lost" } else { "" };
            format!("{git} mmm run --resume {run}{rerun}")
        }
        Advice::Check => "git mmm check".to_owned(),
        Advice::Spec { name, step } => match step {
            Step::Accept => format!("git mmm spec done {name}"),
            Step::Run => format!("git mmm run {name}"),
            Step::ReadLog(run) => format!("git mmm log {run}"),
            Step::Edit => format!("git mmm spec edit {name}"),
            Step::MakeReady => format!("git mmm spec set {name} status=ready"),
            Step::Check => format!("git mmm spec check {name}"),
            Step::UnsetWorkflow => format!("git mmm spec set {name} workflow="),
            Step::NewWorkflow(workflow) => format!("git mmm workflow new {workflow}"),
            Step::CheckWorkflow(workflow) => format!("git mmm workflow check {workflow}"),
        },
        Advice::Follow(run) => format!("git mmm log {run} --follow"),
        Advice::NewSpec => "git mmm spec new \"what will be true\"".to_owned(),
    }
}

/// The command that takes the project out of `HEAD`. What a person wrote under `.mmm/` stays as it
/// is: `checkout-index` makes only what is missing.
pub(crate) fn restore(at_head: AtHead) -> &'static str {
    if at_head.has_others {
        "git reset -q -- :/.mmm && git ls-files -zd -- :/.mmm | git checkout-index -z --stdin"
    } else {
        "git restore --source=HEAD --staged --worktree -- :/.mmm"
    }
}

/// Where a project is to be had, for a sentence that says that there is none.
pub(crate) fn no_project(at_head: Option<AtHead>) -> String {
    match at_head {
        Some(at_head) => format!("`HEAD` has one: run `{}`", restore(at_head)),
        None => "run `git mmm init`".to_owned(),
    }
}

/// The command that changes into a folder.
pub(crate) fn cd(folder: &Path) -> String {
    format!("cd {}", shell_word(&folder.to_string_lossy()))
}

/// `git`, or `git` in another folder.
pub(crate) fn git_in(folder: Option<&str>) -> String {
    folder.map_or_else(
        || "git".to_owned(),
        |folder| format!("git -C {}", shell_word(folder)),
    )
}

/// A text as one word of a shell.
fn shell_word(text: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./".contains(character);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::git_in;

    #[test]
    fn a_folder_is_one_word() {
        let check = |folder, expected: &str| assert_eq!(git_in(folder), expected);
        check(None, "git");
        check(Some("/a/b-c"), "git -C /a/b-c");
        check(Some("/a b/it's"), r"git -C '/a b/it'\''s'");
    }
}
