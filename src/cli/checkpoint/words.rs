//! The words in which an answer is shown.

use crate::app::runs::{Signature, rfc3339};
use crate::base::text::one_line;
use crate::cli::checkpoint::signature;
use crate::model::run::state::CheckpointState;

/// What was answered, by whom, and what their signature is worth; nothing while nobody has.
pub(crate) fn answer(checkpoint: &CheckpointState, signed: Option<&Signature>) -> String {
    let Some(answered) = &checkpoint.answered else {
        return String::new();
    };
    let option = one_line(&answered.option);
    if answered.by_clock {
        let until = checkpoint.opened.terms.expires_ms.map(rfc3339);
        let until = until.unwrap_or_default();
        return format!("{option}, expired: nobody answered until {until}");
    }
    let who = one_line(&answered.who);
    format!("{option} by {who} ({})", signature::words(signed))
}
