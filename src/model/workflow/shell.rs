//! `shell:` turned into a command line, as GitHub does it.
//!
//! It says what to start; whether the program is there is found out by whoever starts it.

use std::borrow::Cow;

use crate::model::workflow::error::ShellError;

/// A command line that runs a script file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shell {
    /// The program.
    pub(crate) program: String,
    /// Its arguments; `{0}` in one stands for the path of the script file.
    pub(crate) arguments: Vec<String>,
    /// The ending of the script file, its dot included; empty when none is needed.
    pub(crate) extension: &'static str,
    /// Lines that go before and behind the script.
    around: Option<[&'static str; 2]>,
}

/// A shell that is known by its name.
struct Known {
    name: &'static str,
    arguments: &'static [&'static str],
    extension: &'static str,
    around: Option<[&'static str; 2]>,
}

/// What makes PowerShell end at the first error, and with the exit code of the last program.
const POWERSHELL: [&str; 2] = [
    "$ErrorActionPreference = 'stop'",
    r"if ((Test-Path -LiteralPath variable:\LASTEXITCODE)) { exit $LASTEXITCODE }",
];

const KNOWN: &[Known] = &[
    Known {
        name: "bash",
        arguments: &["--noprofile", "--norc", "-eo", "pipefail", SCRIPT],
        extension: ".sh",
        around: None,
    },
    Known {
        name: "sh",
        arguments: &["-e", SCRIPT],
        extension: ".sh",
        around: None,
    },
    Known {
        name: "python",
        arguments: &[SCRIPT],
        extension: ".py",
        around: None,
    },
    Known {
        name: "pwsh",
        arguments: &["-command", ". '{0}'"],
        extension: ".ps1",
        around: Some(POWERSHELL),
    },
];

/// Programs that run a file and are no known shells: whoever names one alone means it.
pub(crate) const INTERPRETERS: &[&str] = &[
    "ash", "dash", "fish", "ksh", "lua", "node", "perl", "php", "python2", "python3", "ruby",
    "tcsh", "zsh",
];

/// What stands for the path of the script file.
const SCRIPT: &str = "{0}";

/// The names of the known shells.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|known| known.name)
}

/// The shells to try in turn when a step names none. The first is not the same as `shell: bash`:
/// it stops at the first failing command but not at a failure inside a pipe.
pub(crate) fn defaults() -> [Shell; 2] {
    ["bash", "sh"].map(|program| Shell {
        program: program.to_owned(),
        arguments: vec!["-e".to_owned(), SCRIPT.to_owned()],
        extension: ".sh",
        around: None,
    })
}

/// Reads a `shell`: a known name, or a command with `{0}`.
pub(crate) fn parse(text: &str) -> Result<Shell, ShellError> {
    let text = text.trim();
    if let Some(known) = KNOWN.iter().find(|known| known.name == text) {
        return Ok(Shell {
            program: known.name.to_owned(),
            arguments: known.arguments.iter().map(|&word| word.into()).collect(),
            extension: known.extension,
            around: known.around,
        });
    }
    if !text.contains(SCRIPT) {
        return Err(ShellError::Unknown {
            found: text.to_owned(),
        });
    }
    let (program, arguments) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if program.contains(SCRIPT) {
        return Err(ShellError::NoProgram {
            found: text.to_owned(),
        });
    }
    // The program may be a path; its file name says what the script is.
    let name = program.rsplit('/').next().unwrap_or(program);
    let known = KNOWN.iter().find(|known| known.name == name);
    Ok(Shell {
        program: program.to_owned(),
        arguments: words(arguments).ok_or_else(|| ShellError::UnclosedQuote {
            found: text.to_owned(),
        })?,
        extension: known.map_or("", |known| known.extension),
        around: known.and_then(|known| known.around),
    })
}

/// Splits at white space; double quotes keep it, `\"` is a quote. Nothing else is special.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if characters.peek() == Some(&'"') => {
                characters.next();
                word.get_or_insert_default().push('"');
            }
            '"' => {
                quoted = !quoted;
                // "" is a word too.
                word.get_or_insert_default();
            }
            _ if character.is_whitespace() && !quoted => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    (!quoted).then_some(words)
}

impl Shell {
    /// What stands in the script file.
    pub(crate) fn script<'a>(&self, written: &'a str) -> Cow<'a, str> {
        match self.around {
            None => Cow::Borrowed(written),
            Some([before, behind]) => Cow::Owned(format!("{before}\n{written}\n{behind}\n")),
        }
    }

    /// The arguments of the program for one script file, whose path need not be text.
    pub(crate) fn arguments_for(&self, script: &[u8]) -> Vec<Vec<u8>> {
        let argument = |text: &String| {
            let parts: Vec<&[u8]> = text.split(SCRIPT).map(str::as_bytes).collect();
            parts.join(script)
        };
        self.arguments.iter().map(argument).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Shell, defaults, parse};

    fn command_line(shell: &Shell, script: &str, between: &str) -> String {
        let arguments = shell.arguments_for(script.as_bytes()).into_iter();
        let texts = arguments.map(|argument| String::from_utf8(argument).expect("text"));
        let words: Vec<String> = std::iter::once(shell.program.clone())
            .chain(texts)
            .collect();
        words.join(between)
    }

    fn check(text: &str, expected: &str) {
        let found = match parse(text) {
            Ok(shell) => format!("{} {}", command_line(&shell, "/a b", "|"), shell.extension),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn shells_become_command_lines() {
        check("bash", "bash|--noprofile|--norc|-eo|pipefail|/a b .sh");
        check(" sh ", "sh|-e|/a b .sh");
        check("python", "python|/a b .py");
        check("pwsh", "pwsh|-command|. '/a b' .ps1");
        check("/opt/pwsh -f {0}", "/opt/pwsh|-f|/a b .ps1");
        check("perl {0}", "perl|/a b ");
        check("/usr/bin/bash -x {0}", "/usr/bin/bash|-x|/a b .sh");
        check("x  -c \"run '{0}' now\"", "x|-c|run '/a b' now ");
        check(r#"x "" \"{0}\""#, "x||\"/a b\" ");
        check(
            "zsh",
            "`zsh` is neither a known shell nor a command with `{0}`",
        );
        check("{0}", "`{0}` has no program before `{0}`");
        check("x \"{0}", "a quote in `x \"{0}` is not closed");
        check("", "`` is neither a known shell nor a command with `{0}`");
    }

    #[test]
    fn powershell_is_told_to_end_at_an_error() {
        let text = |shell: &str| parse(shell).expect("it is known").script("ls").into_owned();
        assert_eq!(text("bash"), "ls");
        let expected = "$ErrorActionPreference = 'stop'\nls\nif ((Test-Path -LiteralPath \
                        variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }\n";
        assert_eq!([text("pwsh"), text("pwsh -f {0}")], [expected; 2]);
    }

    #[test]
    fn without_a_shell_pipes_may_fail() {
        let found = defaults().map(|shell| command_line(&shell, "f", " "));
        assert_eq!(found, ["bash -e f", "sh -e f"]);
    }
}
