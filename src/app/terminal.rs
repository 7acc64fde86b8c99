//! Whether to colour and how wide to print: what Git's settings and the environment say.
//!
//! Decides only; `cli` asks and prints.

use crate::sys::environment::Environment;
use crate::sys::terminal;

/// Columns and rows of the terminal that standard error is; what it says alone, for what is drawn
/// in place must fit it.
pub(crate) use crate::sys::terminal::size;

/// Git's settings that concern output, as they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OutputSettings {
    /// `color.mmm`.
    pub(crate) color_mmm: Option<String>,
    /// `color.ui`.
    pub(crate) color_ui: Option<String>,
    /// `color.pager`.
    pub(crate) color_pager: Option<String>,
    /// `pager.mmm`: a boolean or a command.
    pub(crate) pager_mmm: Option<String>,
    /// `core.pager`.
    pub(crate) core_pager: Option<String>,
}

impl OutputSettings {
    /// Takes the settings from whatever knows them.
    pub(crate) fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            color_mmm: lookup("color.mmm"),
            color_ui: lookup("color.ui"),
            color_pager: lookup("color.pager"),
            pager_mmm: lookup("pager.mmm"),
            core_pager: lookup("core.pager"),
        }
    }
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// Also into files and pipes.
    Always,
    /// On terminals.
    Auto,
    /// Nowhere.
    Never,
}

/// Where text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A file or a pipe.
    Pipe,
    /// The terminal itself.
    Terminal,
    /// A pager on the terminal.
    Pager,
}

impl Target {
    /// Where data goes. When Git runs the pager (`git -p mmm`), standard output is a pipe to it, and
    /// Git says so.
    pub(crate) fn of_data(is_terminal: bool, pager: bool, environment: &Environment) -> Self {
        let in_use = || {
            let variable = environment.var("GIT_PAGER_IN_USE");
            variable.and_then(git_bool) == Some(true)
        };
        match (is_terminal, pager) {
            (false, _) if in_use() => Self::Pager,
            (false, _) => Self::Pipe,
            (true, false) => Self::Terminal,
            (true, true) => Self::Pager,
        }
    }
}

/// A boolean of Git's configuration; `None` when the text is none.
///
/// An empty value is false and a key without one (`None` in Git, here `true`) is true, as
/// `git config --type=bool` has it.
pub(crate) fn git_bool(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" | "" => Some(false),
        number => number.parse::<i64>().ok().map(|number| number != 0),
    }
}

/// Whether to colour what goes to `target`.
///
/// The flag wins over `color.mmm`, that over `color.ui`; only what is left to `auto` heeds
/// `NO_COLOR` and the terminal (<https://no-color.org>: what a person configured wins).
pub(crate) fn coloured(
    flag: Option<When>,
    settings: &OutputSettings,
    environment: &Environment,
    target: Target,
) -> bool {
    let configured = || {
        let text = settings.color_mmm.as_ref().or(settings.color_ui.as_ref())?;
        Some(match text.to_ascii_lowercase().as_str() {
            "always" => When::Always,
            "never" => When::Never,
            "auto" => When::Auto,
            // `true` is `auto` since Git 1.8.4; what is no boolean is left to `auto` as well.
            other if git_bool(other) == Some(false) => When::Never,
            _ => When::Auto,
        })
    };
    let capable =
        || environment.var("NO_COLOR").is_none() && environment.var("TERM") != Some("dumb");
    match flag.or_else(configured).unwrap_or(When::Auto) {
        When::Always => true,
        When::Never => false,
        When::Auto => match target {
            Target::Pipe => false,
            Target::Terminal => capable(),
            Target::Pager => {
                let pager = settings.color_pager.as_deref().and_then(git_bool);
                capable() && pager.unwrap_or(true)
            }
        },
    }
}

/// Columns that a line may have: `COLUMNS`, else what the terminal says; `None` is no limit.
pub(crate) fn width(environment: &Environment, target: Target) -> Option<usize> {
    if target == Target::Pipe {
        return None;
    }
    environment
        .var("COLUMNS")
        .and_then(|columns| columns.parse().ok())
        .filter(|columns| *columns > 0)
        .or_else(terminal::columns)
}

#[cfg(test)]
mod tests {
    use super::{OutputSettings, Target, When, coloured, width};
    use crate::sys::environment::Environment;

    fn check(flag: Option<When>, git: &[(&str, &str)], env: &[(&str, &str)], expected: [bool; 3]) {
        let settings = OutputSettings::from_lookup(|key| {
            let found = git.iter().find(|(name, _)| *name == key)?;
            Some(found.1.to_owned())
        });
        let environment: Environment = env.iter().copied().collect();
        let found = [Target::Pipe, Target::Terminal, Target::Pager]
            .map(|target| coloured(flag, &settings, &environment, target));
        assert_eq!(found, expected, "{flag:?} {git:?} {env:?}");
    }

    #[test]
    fn colour_follows_git_and_no_color() {
        let (none, terminals, all) = ([false; 3], [false, true, true], [true; 3]);
        check(None, &[], &[], terminals);
        check(None, &[], &[("NO_COLOR", "1")], none);
        check(None, &[], &[("NO_COLOR", "")], terminals);
        check(None, &[], &[("TERM", "dumb")], none);
        check(None, &[("color.ui", "always")], &[("NO_COLOR", "1")], all);
        check(None, &[("color.ui", "false")], &[], none);
        check(None, &[("color.ui", "true")], &[], terminals);
        check(
            None,
            &[("color.ui", "always"), ("color.mmm", "never")],
            &[],
            none,
        );
        check(None, &[("color.pager", "false")], &[], [false, true, false]);
        check(
            Some(When::Always),
            &[("color.ui", "never")],
            &[("NO_COLOR", "1")],
            all,
        );
        check(Some(When::Never), &[("color.ui", "always")], &[], none);
    }

    #[test]
    fn the_pager_may_be_git_s() {
        let check = |terminal, pager, env: &[(&str, &str)], expected| {
            let environment: Environment = env.iter().copied().collect();
            let found = Target::of_data(terminal, pager, &environment);
            assert_eq!(found, expected, "{terminal} {pager} {env:?}");
        };
        check(true, false, &[], Target::Terminal);
        check(true, true, &[], Target::Pager);
        check(false, false, &[], Target::Pipe);
        check(false, false, &[("GIT_PAGER_IN_USE", "true")], Target::Pager);
        check(false, false, &[("GIT_PAGER_IN_USE", "false")], Target::Pipe);
        check(true, false, &[("GIT_PAGER_IN_USE", "1")], Target::Terminal);
    }

    #[test]
    fn a_pipe_has_no_width() {
        let environment: Environment = [("COLUMNS", "40")].into_iter().collect();
        assert_eq!(width(&environment, Target::Pipe), None);
        assert_eq!(width(&environment, Target::Terminal), Some(40));
    }
}
