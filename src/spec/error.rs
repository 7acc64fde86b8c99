//! What can go wrong with specs.

use crate::base::diagnostic::Problem;
use crate::base::text::counted;
use crate::model::spec::EditError;

/// A failure of the spec system, with its facts.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The machine failed us.
    #[error(transparent)]
    Machine(#[from] crate::sys::Error),
    /// A process failed us.
    #[error(transparent)]
    Process(#[from] crate::proc::Error),
    /// Git failed us.
    #[error(transparent)]
    Git(#[from] crate::git::Error),
    /// The state cannot be read or written.
    #[error(transparent)]
    State(#[from] crate::state::Error),
    /// A reference means no spec.
    #[error("no spec is called `{reference}`")]
    Unknown {
        /// What was asked for.
        reference: String,
        /// The nearest name.
        suggestion: Option<String>,
    },
    /// A reference means several specs.
    #[error("`{reference}` may be any of {count} specs")]
    Ambiguous {
        /// What was asked for.
        reference: String,
        /// The names of some.
        candidates: Vec<String>,
        /// How many there are.
        count: usize,
    },
    /// The file of a spec cannot be read as one.
    #[error("`{path}` cannot be read as a spec: {}", counted(problems.len(), "problem"))]
    Unreadable {
        /// The file, relative to the top of the work tree.
        path: String,
        /// All that is wrong with it.
        problems: Vec<Problem>,
    },
    /// Specs with errors, of which nobody can tell all that they promise.
    #[error("{} cannot run: {} found", names.join(", "), counted(problems.len(), "problem"))]
    Faulty {
        /// Slugs and ids.
        names: Vec<String>,
        /// All that is wrong with them.
        problems: Vec<Problem>,
    },
    /// A spec has no criterion of that id.
    #[error("no criterion `{criterion}` is in the specs that were asked for")]
    UnknownCriterion {
        /// The id.
        criterion: String,
        /// The nearest id.
        suggestion: Option<String>,
    },
    /// A text that is to be one line is none.
    #[error("{}", not_one_line(what, found))]
    NotOneLine {
        /// What it was to be.
        what: &'static str,
        /// What it is.
        found: String,
    },
    /// A word that sets nothing.
    #[error("`{found}` is neither `key=value` nor `+key:item` nor `-key:item`")]
    Assignment {
        /// The word.
        found: String,
    },
    /// A key that a spec does not have.
    #[error("a spec has no key `{key}`")]
    UnknownKey {
        /// The key.
        key: String,
        /// The nearest key.
        suggestion: Option<&'static str>,
    },
    /// A key that stays as it is for ever.
    #[error("`{key}` cannot be changed")]
    FixedKey {
        /// The key.
        key: &'static str,
    },
    /// A key without which there is no spec.
    #[error("a spec cannot be without `{key}`")]
    RequiredKey {
        /// The key.
        key: &'static str,
    },
    /// A list was to be set, or an item to be added to what is no list.
    #[error("`{key}` is {}", if *is_list { "a list" } else { "no list" })]
    ListKey {
        /// The key.
        key: &'static str,
        /// What it is.
        is_list: bool,
        /// What was given for it.
        value: String,
    },
    /// A value that a key cannot have.
    #[error("`{found}` is not {expected}, which `{key}` must be")]
    Value {
        /// The key.
        key: &'static str,
        /// The value.
        found: String,
        /// What it may be.
        expected: String,
        /// The nearest value.
        suggestion: Option<&'static str>,
    },
    /// `@me` where Git does not know who that is.
    #[error("git does not know your name, so `@me` means nobody")]
    Nobody,
    /// A change would make specs wait for each other.
    #[error("the dependencies would form a cycle: {}", path.join(" -> "))]
    Cycle {
        /// The specs, the first one again at the end.
        path: Vec<String>,
    },
    /// The file does not allow the edit.
    #[error("`{path}` cannot be edited")]
    Edit {
        /// The file.
        path: String,
        /// Why not.
        source: EditError,
    },
    /// The edit would leave a file that cannot be read.
    #[error("`{path}` could not be read any more after this change")]
    Breaks {
        /// The file.
        path: String,
        /// What would be wrong with it.
        problems: Vec<Problem>,
    },
    /// Every id that was tried is taken.
    #[error("no free id was found in {tries} tries")]
    NoFreeId {
        /// How often it was tried.
        tries: usize,
    },
    /// There is no terminal for an editor.
    #[error("the terminal is dumb, but no editor is set")]
    NoEditor,
    /// There is no terminal, and no editor is named that may not need one.
    #[error("there is no terminal for an editor")]
    NoTerminal,
    /// The editor is set to nothing.
    #[error("the editor is set to an empty text")]
    EmptyEditor,
    /// The file was gone when the editor was closed.
    #[error("`{path}` is gone: the editor removed it")]
    EditorRemoved {
        /// The file, relative to the top of the work tree.
        path: String,
    },
    /// A key is changed twice by one command.
    #[error("`{key}` is changed twice")]
    Twice {
        /// The key.
        key: &'static str,
    },
    /// A command of a criterion that says nothing, or that a file cannot hold.
    #[error("the command `{}` {}", found.escape_debug(), if found.trim().is_empty() { "is empty" } else { "has control characters" })]
    Command {
        /// The command.
        found: String,
    },
    /// The editor failed.
    #[error("the editor `{editor}` failed")]
    EditorFailed {
        /// The editor.
        editor: String,
        /// The file that it was to open.
        path: String,
    },
}

fn not_one_line(what: &str, found: &str) -> String {
    if found.trim().is_empty() {
        format!("{what} is empty")
    } else {
        format!("{what} is not one line of text: `{}`", found.escape_debug())
    }
}
