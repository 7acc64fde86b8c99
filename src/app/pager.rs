//! The pager, chosen and started by Git's rules.
//!
//! `GIT_PAGER`, then `pager.mmm`, `core.pager`, `PAGER`, then `less`; `cat` and nothing mean no
//! pager. `git --no-pager mmm` reaches us as `GIT_PAGER=cat`. Git applies `pager.<command>` to
//! its own commands only, so `pager.mmm` is ours to apply.

use std::ffi::OsStr;

use crate::app::Error;
use crate::app::error::ProcessError;
use crate::app::terminal::{OutputSettings, git_bool};
use crate::proc::command::{Exit, Invocation};
use crate::sys::environment::Environment;

/// Characters that make Git hand a command to the shell instead of starting it itself.
const SHELL_CHARACTERS: &str = "|&;<>()$`\\\"' \t\n*?[#~=%";

/// What the shell answers when it does not find a command.
const NOT_FOUND: i32 = 127;

/// The pager to send a terminal's output to; `None` prints it as it is.
pub(crate) fn chosen(environment: &Environment, settings: &OutputSettings) -> Option<String> {
    let setting = settings.pager_mmm.as_deref();
    let command = match setting.map(|text| (git_bool(text), text)) {
        Some((Some(false), _)) => return None,
        Some((None, command)) => Some(command.to_owned()),
        Some((Some(true), _)) | None => None,
    };
    // An empty variable counts: it says that there shall be no pager.
    let variable = |name| {
        let value = environment.var_os(name).and_then(OsStr::to_str);
        value.map(str::to_owned)
    };
    let pager = variable("GIT_PAGER")
        .or(command)
        .or_else(|| settings.core_pager.clone())
        .or_else(|| variable("PAGER"))
        .unwrap_or_else(|| "less".to_owned());
    (!pager.is_empty() && pager != "cat").then_some(pager)
}

/// Shows `text` in the pager; `false` when there is no such program.
pub(crate) fn show(pager: &str, environment: &Environment, text: &str) -> Result<bool, Error> {
    let plain = !pager.contains(|character| SHELL_CHARACTERS.contains(character));
    let invocation = if plain {
        Invocation::new(pager)
    } else {
        Invocation::new("/bin/sh").args(["-c", pager])
    };
    let mut invocation = invocation
        .environment(environment)
        .env("GIT_PAGER_IN_USE", "true")
        .input(text);
    for (name, value) in [("LESS", "FRX"), ("LV", "-c")] {
        if environment.var_os(name).is_none() {
            invocation = invocation.env(name, value);
        }
    }
    match invocation.run_pager() {
        Ok(exit) => Ok(plain || exit != Exit::Code(NOT_FOUND)),
        Err(ProcessError::Start { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::{chosen, show};
    use crate::app::terminal::OutputSettings;
    use crate::sys::environment::Environment;

    fn check(env: &[(&str, &str)], git: &[(&str, &str)], expected: Option<&str>) {
        let environment: Environment = env.iter().copied().collect();
        let settings = OutputSettings::from_lookup(|key| {
            let found = git.iter().find(|(name, _)| *name == key)?;
            Some(found.1.to_owned())
        });
        let found = chosen(&environment, &settings);
        assert_eq!(found.as_deref(), expected, "{env:?} {git:?}");
    }

    #[test]
    fn the_pager_is_chosen_as_git_does() {
        check(&[], &[], Some("less"));
        check(&[("PAGER", "more")], &[], Some("more"));
        check(
            &[("PAGER", "more")],
            &[("core.pager", "most")],
            Some("most"),
        );
        check(
            &[],
            &[("core.pager", "most"), ("pager.mmm", "lv")],
            Some("lv"),
        );
        check(
            &[],
            &[("core.pager", "most"), ("pager.mmm", "true")],
            Some("most"),
        );
        check(
            &[("GIT_PAGER", "x -y")],
            &[("pager.mmm", "lv")],
            Some("x -y"),
        );
        check(&[("GIT_PAGER", "x")], &[("pager.mmm", "no")], None);
        check(&[("GIT_PAGER", "cat")], &[], None);
        check(&[("GIT_PAGER", "")], &[("core.pager", "most")], None);
        check(&[("PAGER", "cat")], &[], None);
    }

    #[test]
    fn a_missing_pager_is_told_apart_from_one_that_ran() {
        let environment: Environment = [("PATH", "/usr/bin:/bin")].into_iter().collect();
        let shown = |pager| show(pager, &environment, "text\n").expect("no pipe breaks");
        assert!(!shown("/no/such/pager"));
        assert!(!shown("no-such-pager --flag"));
        assert!(shown("cat >/dev/null"));
        assert!(shown("true"));
    }
}
