//! Wrong command lines: clap's errors in our words, with Git's exit code.

use std::ffi::OsString;

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::base::text::{one_of, suggestion};
use crate::cli::arguments::Arguments;
use crate::cli::exit_code::ExitCode;
use crate::cli::json;
use crate::cli::output::{write_data, write_note};
use crate::cli::report::{self, Look};

/// `help` and `help <command>` as flags: Git takes `git mmm --help` for the manual page.
pub(crate) fn with_help(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let at = arguments
        .iter()
        .skip(1)
        .position(|word| !word.to_string_lossy().starts_with('-'));
    if let Some(at) = at.map(|at| at + 1)
        && arguments.get(at).is_some_and(|word| word == "help")
    {
        arguments.remove(at);
        arguments.push("--help".into());
    }
    arguments
}

/// Prints help, the version or what is wrong, and says how to end.
pub(crate) fn answer(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    let words: Vec<String> = arguments
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    if error.kind() == ErrorKind::DisplayVersion
        && let Some(extra) = words.iter().skip(1).find(|word| !word.starts_with('-'))
    {
        let message = format!("unexpected argument `{extra}`");
        return refuse(&message, "see `git mmm -h`", &words);
    }
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        return match write_data(&error.render().to_string()) {
            Ok(()) => ExitCode::Ok,
            Err(error) => {
                write_note(&report::error(&error, Look::default()));
                ExitCode::Fatal
            }
        };
    }
    let (message, hint) = explain(error, &words, &Arguments::command());
    refuse(&message, &hint, &words)
}

/// Says what is wrong with these words.
fn refuse(message: &str, hint: &str, words: &[String]) -> ExitCode {
    // What cannot be parsed may ask for JSON all the same.
    let mut before_values = words.iter().take_while(|word| *word != "--");
    if before_values.any(|word| word == "--json")
        && let Ok(text) = json::usage(message, Some(hint))
    {
        // Standard error tells the same.
        drop(write_data(&text));
    }
    write_note(&report::failure(message, Some(hint), Look::default()));
    ExitCode::Usage
}

/// What is wrong, and what to type instead.
fn explain(error: &clap::Error, arguments: &[String], root: &clap::Command) -> (String, String) {
    let fact = |kind| error.get(kind).and_then(words);
    let command = command_of(arguments, root);
    let see = format!("see `{command} -h`");
    let meant = |found: &str, known: Vec<String>| {
        let near = suggestion(found, known.iter().map(String::as_str));
        near.map(|name| format!("did you mean `{name}`?"))
    };
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let found = fact(ContextKind::InvalidSubcommand).unwrap_or_default();
            let hint = meant(&found, subcommands(&command, root)).unwrap_or(see);
            (format!("`{found}` is not a command of `{command}`"), hint)
        }
        ErrorKind::UnknownArgument => {
            let found = fact(ContextKind::InvalidArg).unwrap_or_default();
            let hint = fact(ContextKind::SuggestedArg)
                .map(|name| format!("did you mean `{name}`?"))
                .or_else(|| meant(&found, subcommands(&command, root)))
                .unwrap_or(see);
            (format!("unexpected argument `{found}`"), hint)
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => invalid_value(error, &see),
        ErrorKind::TooManyValues => {
            let argument = fact(ContextKind::InvalidArg).unwrap_or_default();
            (format!("`{argument}` takes no value"), see)
        }
        ErrorKind::InvalidUtf8 => (
            "an argument is not UTF-8".to_owned(),
            "name a spec by its id, and a run by its id".to_owned(),
        ),
        ErrorKind::MissingRequiredArgument => {
            let missing = fact(ContextKind::InvalidArg).unwrap_or_default();
            (format!("missing {missing}"), see)
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            (format!("`{command}` needs a command"), see)
        }
        ErrorKind::ArgumentConflict => {
            let argument = fact(ContextKind::InvalidArg).unwrap_or_default();
            let other = fact(ContextKind::PriorArg).unwrap_or_default();
            if quoted(&argument) == quoted(&other) {
                return (format!("{} can be given once", quoted(&argument)), see);
            }
            let message = format!("`{argument}` cannot be used with {}", quoted(&other));
            (message, see)
        }
        _ => (first_line(error), see),
    }
}

/// A value that its argument cannot have.
fn invalid_value(error: &clap::Error, see: &str) -> (String, String) {
    let fact = |kind| error.get(kind).and_then(words).unwrap_or_default();
    let found = fact(ContextKind::InvalidValue);
    let argument = fact(ContextKind::InvalidArg);
    if argument.is_empty() {
        // One of ours, in its own words.
        return (first_line(error), see.to_owned());
    }
    let message = if found.is_empty() {
        format!("`{argument}` needs a value")
    } else {
        format!("`{found}` is not a value of `{argument}`")
    };
    let is_number = |source: &(dyn std::error::Error + 'static)| {
        source.downcast_ref::<std::num::ParseIntError>().is_some()
    };
    let hint = match std::error::Error::source(error) {
        Some(source) if is_number(source) => "give a whole number".to_owned(),
        Some(source) => source.to_string(),
        None => values_hint(error, &found).unwrap_or_else(|| see.to_owned()),
    };
    (message, hint)
}

/// In backticks, unless it has some.
fn quoted(text: &str) -> String {
    if text.contains('`') {
        text.to_owned()
    } else {
        format!("`{text}`")
    }
}

fn values_hint(error: &clap::Error, found: &str) -> Option<String> {
    let Some(ContextValue::Strings(valid)) = error.get(ContextKind::ValidValue) else {
        return None;
    };
    if valid.is_empty() {
        return None;
    }
    let names = || valid.iter().map(String::as_str);
    Some(match suggestion(found, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("give {}", one_of(names())),
    })
}

/// A fact of clap's as text.
fn words(value: &ContextValue) -> Option<String> {
    match value {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => Some(one_of(texts.iter().map(String::as_str))),
        _ => None,
    }
}

/// The command that the words name, as one types it. Values of flags are skipped.
fn command_of(arguments: &[String], root: &clap::Command) -> String {
    let mut shown = root.get_bin_name().unwrap_or("git mmm").to_owned();
    let mut at = root;
    let mut after_flag = false;
    for word in arguments.iter().skip(1) {
        if word.starts_with('-') {
            after_flag = true;
        } else if let Some(next) = at.find_subcommand(word) {
            shown.push(' ');
            shown.push_str(word);
            at = next;
        } else if after_flag {
            after_flag = false;
        } else {
            break;
        }
    }
    shown
}

/// The names of the commands under `command`.
fn subcommands(command: &str, root: &clap::Command) -> Vec<String> {
    let name = root.get_bin_name().unwrap_or("git mmm");
    let mut at = root;
    for word in command.strip_prefix(name).unwrap_or("").split_whitespace() {
        let Some(next) = at.find_subcommand(word) else {
            break;
        };
        at = next;
    }
    at.get_subcommands()
        .filter(|known| !known.is_hide_set())
        .map(|known| known.get_name().to_owned())
        .collect()
}

fn first_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let line = text.lines().next().unwrap_or_default();
    let line = line.strip_prefix("error: ").unwrap_or(line);
    // What clap says in a case that is not told above names things in its own quotes.
    line.replace(" '", " `").replace("' ", "` ")
}

#[cfg(test)]
mod tests;
