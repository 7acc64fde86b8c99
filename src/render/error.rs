//! What can be wrong with a template or its values.

/// A failure to fill a template, with its facts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// The template is not written as it must be.
    #[error("the template `{template}` is not valid in line {line}: {found}")]
    Syntax {
        /// The template's name.
        template: String,
        /// Line, from 1.
        line: usize,
        /// What stands there.
        found: String,
    },
    /// The template asks for a value that nobody gave.
    #[error("the template `{template}` asks in line {line} for a value that is not there")]
    Undefined {
        /// The template's name.
        template: String,
        /// Line, from 1.
        line: usize,
    },
    /// The template does not come to an end within the limit.
    #[error("the template `{template}` takes more than {limit} steps")]
    Endless {
        /// The template's name.
        template: String,
        /// The limit in steps of the template engine.
        limit: u64,
    },
    /// The template or the text made of it is too large.
    #[error("the template `{template}` has or makes {found} bytes, more than {limit}")]
    TooLarge {
        /// The template's name.
        template: String,
        /// How large it is, in bytes.
        found: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// A value is of the wrong kind for what the template does with it.
    #[error("the template `{template}` fails in line {line}: {found}")]
    Value {
        /// The template's name.
        template: String,
        /// Line, from 1.
        line: usize,
        /// What went wrong.
        found: String,
    },
}
