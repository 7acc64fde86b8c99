//! How the terms of a checkpoint are shown: with what, until when and by whom it is answered.

use crate::app::runs::rfc3339;
use crate::base::text::one_line;
use crate::model::run::event::CheckpointOpened;
use crate::model::run::terms::{Terms, timeout_word};

/// The lines about them, each a name and what is to be said; nothing where they are the usual ones.
pub(crate) fn lines(opened: &CheckpointOpened) -> Vec<(&'static str, String)> {
    let terms = &opened.terms;
    let mut lines = Vec::new();
    if terms.options != Terms::default().options {
        lines.push(("options", terms.options.join(", ")));
    }
    if terms.text_required {
        lines.push(("text", "required".to_owned()));
    }
    if let Some(expires) = terms.expires_ms {
        let word = timeout_word(terms.on_timeout);
        lines.push(("expires", format!("{}, then {word}", rfc3339(expires))));
    }
    if !terms.approvers.is_empty() {
        lines.push(("for", terms.approvers.join(", ")));
    }
    for (_, text) in &mut lines {
        *text = one_line(text);
    }
    lines
}

/// The commands that answer it, for a person to type.
pub(crate) fn commands(git: &str, checkpoint: &str, terms: &Terms) -> Vec<String> {
    let words = if terms.text_required {
        " -m <text>"
    } else {
        ""
    };
    let going_on: Vec<&str> = terms.going_on().collect();
    let mut commands: Vec<String> = match going_on.as_slice() {
        [_] => vec![format!("{git} mmm checkpoint approve {checkpoint}{words}")],
        options => options
            .iter()
            .map(|option| {
                format!("{git} mmm checkpoint approve {checkpoint} --option {option}{words}")
            })
            .collect(),
    };
    if going_on.len() < terms.options.len() {
        commands.push(format!("{git} mmm checkpoint reject {checkpoint}{words}"));
    }
    commands
}
