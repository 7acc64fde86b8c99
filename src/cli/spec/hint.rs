//! What to do about an error of the spec system, computed from its facts.

use crate::base::text::one_of;
use crate::model::spec::EditError;
use crate::spec::Error;

/// What to do where no editor can be started.
const NAME_AN_EDITOR: &str = "set `core.editor` or EDITOR, or change keys with `git mmm spec set`";

/// The hint for an error, where there is something to do.
pub(crate) fn of(error: &Error) -> Option<String> {
    match error {
        Error::Unknown { suggestion, .. } => Some(did_you_mean(
            suggestion.as_deref(),
            "list the specs with `git mmm spec list`",
        )),
        Error::Ambiguous {
            candidates, count, ..
        } => {
            let names = one_of(candidates.iter().map(String::as_str));
            let more = count.saturating_sub(candidates.len());
            let more = if more > 0 {
                format!(", and {more} more")
            } else {
                String::new()
            };
            Some(format!("write {names}{more}"))
        }
        Error::Unreadable { .. } => Some("see what is wrong with `git mmm spec check`".to_owned()),
        Error::Faulty { names, .. } => names
            .first()
            .map(|name| format!("repair it with `git mmm spec edit {name}`")),
        Error::UnknownCriterion { suggestion, .. } => Some(did_you_mean(
            suggestion.as_deref(),
            "see the criteria with `git mmm spec show <spec>`",
        )),
        Error::NotOneLine { found, .. } => Some(one_line(found).to_owned()),
        Error::Assignment { .. } => Some(
            "write `owner=ada`, `owner=` to empty the key, or `+labels:auth` and `-labels:auth`"
                .to_owned(),
        ),
        Error::UnknownKey { suggestion, .. } => Some(did_you_mean(
            *suggestion,
            "see the keys with `git mmm spec set -h`",
        )),
        Error::FixedKey { key } => Some(match *key {
            "id" => "other clones know the spec by its id; make a new spec instead".to_owned(),
            _ => "the program sets it".to_owned(),
        }),
        Error::RequiredKey { key } => Some(format!("give it another value: `{key}=…`")),
        Error::ListKey {
            key,
            is_list,
            value,
        } => Some(if *is_list {
            format!("add an item with `+{key}:{value}`, or empty the list with `{key}=`")
        } else {
            format!("set it with `{key}={value}`")
        }),
        Error::Value {
            key, suggestion, ..
        } => value(key, *suggestion),
        Error::Nobody => Some("run `git config user.name <name>`, or write the name".to_owned()),
        Error::Cycle { .. } => Some("see who waits for whom with `git mmm spec deps`".to_owned()),
        Error::Edit { source, .. } => Some(edit(source).to_owned()),
        Error::Breaks { problems, .. } => problems.first().map(|problem| problem.message.clone()),
        Error::NoEditor
        | Error::NoTerminal
        | Error::EmptyEditor
        | Error::EditorRemoved { .. }
        | Error::EditorFailed { .. } => Some(editor(error)),
        Error::Twice { .. } => Some("give one value".to_owned()),
        Error::Command { found } => Some(command(found).to_owned()),
        Error::NoFreeId { .. }
        | Error::Machine(_)
        | Error::Process(_)
        | Error::Git(_)
        | Error::State(_) => None,
    }
}

fn one_line(found: &str) -> &'static str {
    if found.trim().is_empty() {
        "say it in one line of text"
    } else {
        "say it in one line without control characters; the rest is prose"
    }
}

fn value(key: &str, suggestion: Option<&str>) -> Option<String> {
    match (suggestion, key) {
        (Some(word), _) => Some(format!("did you mean `{word}`?")),
        (None, "priority") => Some("write `priority=2`; lower comes first".to_owned()),
        (None, _) => None,
    }
}

fn edit(error: &EditError) -> &'static str {
    match error {
        EditError::NotBlock
        | EditError::Ambiguous { .. }
        | EditError::Alias { .. }
        | EditError::Shared { .. } => "change it in an editor: `git mmm spec edit <spec>`",
        EditError::WrongKind { .. } => "see `git mmm spec check`",
    }
}

fn editor(error: &Error) -> String {
    match error {
        Error::EditorRemoved { path } => {
            format!("if it was committed, `git restore {path}` brings it back")
        }
        Error::EmptyEditor => {
            "set `core.editor` or EDITOR; GIT_EDITOR comes first, if it is set".to_owned()
        }
        Error::EditorFailed { path, .. } => {
            format!("set another one with `git config core.editor <command>`; the file is {path}")
        }
        _ => NAME_AN_EDITOR.to_owned(),
    }
}

fn command(found: &str) -> &'static str {
    if found.trim().is_empty() {
        "leave `--verify` out, or name a command"
    } else {
        "write it without; a command of several lines has line feeds"
    }
}

fn did_you_mean(name: Option<&str>, otherwise: &str) -> String {
    name.map_or_else(
        || otherwise.to_owned(),
        |name| format!("did you mean `{name}`?"),
    )
}
