//! What one types at the debugger.

use crate::base::text;

/// A command of the debugger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Step,
    Continue,
    Break(String),
    /// One breakpoint, or all of them.
    Delete(Option<String>),
    Breakpoints,
    Where,
    Evaluate(String),
    Set(String, String),
    Environment,
    Outputs,
    Shell,
    Retry,
    Skip,
    Quit,
    Help,
}

/// Each command: its names, what follows it, what it does.
const COMMANDS: [(&[&str], &str, &str); 15] = [
    (&["step", "s"], "", "run this step and stop before the next"),
    (&["continue", "c"], "", "run until a breakpoint"),
    (&["retry", "r"], "", "run the step again that has failed"),
    (
        &["skip"],
        "",
        "leave this step out; one that has failed counts as if it had not",
    ),
    (&["break", "b"], "<job>[.<step>]", "stop there"),
    (
        &["delete", "d"],
        "[<job>[.<step>]]",
        "stop there no longer, or nowhere",
    ),
    (&["breakpoints"], "", "list where it stops"),
    (&["where", "w"], "", "show the steps of this job"),
    (
        &["eval", "print", "p"],
        "<expression>",
        "evaluate an expression as this step would",
    ),
    (
        &["set"],
        "<name> <value>",
        "set a variable for this step and those after it in its job",
    ),
    (&["env"], "", "show the variables of this step"),
    (
        &["outputs"],
        "",
        "show what steps and jobs before it came to",
    ),
    (&["shell", "sh"], "", "open a shell where this step runs"),
    (&["quit", "q"], "", "cancel the run"),
    (&["help", "h", "?"], "", "show this"),
];

/// All commands, for people.
pub(super) fn help() -> String {
    let lines = COMMANDS.iter().map(|(names, follows, what)| {
        let names = names.join(", ");
        let typed = [names.as_str(), follows].join(" ");
        format!("{:<26} {what}", typed.trim_end())
    });
    lines.collect::<Vec<_>>().join("\n")
}

impl Command {
    /// The command that a line means; nothing for an empty line.
    pub(super) fn parse(line: &str) -> Result<Option<Self>, String> {
        let line = line.trim();
        if line.is_empty() {
            return Ok(None);
        }
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        let known = COMMANDS.iter().find(|(names, ..)| names.contains(&word));
        let Some((names, follows, _)) = known else {
            let names = COMMANDS
                .iter()
                .flat_map(|(names, ..)| names.iter().copied());
            let near = text::suggestion(word, names);
            let near = near.map_or("`help` lists them".to_owned(), |near| {
                format!("did you mean `{near}`?")
            });
            let word = text::one_line(word);
            return Err(format!("there is no command `{word}`: {near}"));
        };
        let name = names.first().copied().unwrap_or(word);
        if rest.is_empty() && follows.starts_with('<') {
            return Err(format!("`{name}` needs {follows}"));
        }
        if !rest.is_empty() && follows.is_empty() {
            return Err(format!("nothing follows `{name}`"));
        }
        let rest = rest.to_owned();
        Ok(Some(match name {
            "step" => Self::Step,
            "continue" => Self::Continue,
            "retry" => Self::Retry,
            "skip" => Self::Skip,
            "break" => Self::Break(rest),
            "delete" => Self::Delete(Some(rest).filter(|rest| !rest.is_empty())),
            "breakpoints" => Self::Breakpoints,
            "where" => Self::Where,
            "eval" => Self::Evaluate(rest),
            "set" => {
                let ends = |character: char| character.is_whitespace() || character == '=';
                let (name, value) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
                if !text::is_variable_name(name) {
                    let name = text::one_line(name);
                    return Err(format!(
                        "`{name}` is no name of a variable: `set LEVEL high`"
                    ));
                }
                // As people write it in a shell, and in other debuggers.
                let value = value.trim();
                let value = value.strip_prefix('=').unwrap_or(value).trim();
                Self::Set(name.to_owned(), value.to_owned())
            }
            "env" => Self::Environment,
            "outputs" => Self::Outputs,
            "shell" => Self::Shell,
            "quit" => Self::Quit,
            _ => Self::Help,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::{Command, help};

    fn check(line: &str, expected: Result<Option<Command>, &str>) {
        assert_eq!(
            Command::parse(line),
            expected.map_err(str::to_owned),
            "{line:?}"
        );
    }

    #[test]
    fn lines_are_commands() {
        check("", Ok(None));
        check("  s ", Ok(Some(Command::Step)));
        check(
            "b test.unit",
            Ok(Some(Command::Break("test.unit".to_owned()))),
        );
        check("delete", Ok(Some(Command::Delete(None))));
        check(
            "print  env.A == 1",
            Ok(Some(Command::Evaluate("env.A == 1".to_owned()))),
        );
        check(
            "set A  b c",
            Ok(Some(Command::Set("A".to_owned(), "b c".to_owned()))),
        );
        check(
            "set A",
            Ok(Some(Command::Set("A".to_owned(), String::new()))),
        );
        for line in ["set A=b c", "set A = b c"] {
            let expected = Command::Set("A".to_owned(), "b c".to_owned());
            check(line, Ok(Some(expected)));
        }
        check(
            "set env.A b",
            Err("`env.A` is no name of a variable: `set LEVEL high`"),
        );
        check("eval", Err("`eval` needs <expression>"));
        check("step 2", Err("nothing follows `step`"));
        check(
            "contineu",
            Err("there is no command `contineu`: did you mean `continue`?"),
        );
    }

    #[test]
    fn every_command_is_in_the_help() {
        let help = help();
        for word in help
            .lines()
            .filter_map(|line| line.split([',', ' ']).next())
        {
            let parsed = Command::parse(&format!("{word} x y"));
            let bare = Command::parse(word);
            assert!(parsed.is_ok() || bare.is_ok(), "{word}");
        }
    }
}
