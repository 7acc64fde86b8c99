//! How signatures under answers are shown.

use serde::Serialize;

use crate::app::runs::Signature;
use crate::base::text::one_line;

/// A signature as `--json` shows it.
#[derive(Debug, Serialize)]
pub(crate) struct SignatureJson {
    /// What it is worth.
    state: &'static str,
    /// Who signed, where Git can tell.
    signer: Option<String>,
    /// The key, where Git cannot tell whose it is.
    key: Option<String>,
}

/// The data of a signature.
pub(crate) fn json(signature: &Signature) -> SignatureJson {
    let (state, signer, key) = match signature {
        Signature::Good { signer } => ("good", Some(signer.clone()), None),
        Signature::UnknownKey { key } => ("unknown-key", None, Some(key.clone())),
        Signature::Outdated { signer } => ("outdated", Some(signer.clone()), None),
        Signature::Bad => ("bad", None, None),
        Signature::Unchecked => ("unchecked", None, None),
    };
    SignatureJson { state, signer, key }
}

/// The words for it; an answer without one is said to have none.
pub(crate) fn words(signature: Option<&Signature>) -> String {
    match signature {
        None => "unsigned".to_owned(),
        Some(Signature::Good { signer }) => format!("signed by {}", one_line(signer)),
        Some(Signature::UnknownKey { key }) => {
            format!(
                "signed with {}, nothing says whose key it is",
                one_line(key)
            )
        }
        Some(Signature::Outdated { signer }) => {
            format!(
                "signed by {}, with a key that has expired or was revoked",
                one_line(signer)
            )
        }
        Some(Signature::Bad) => "bad signature".to_owned(),
        Some(Signature::Unchecked) => "signed, cannot be checked here".to_owned(),
    }
}
