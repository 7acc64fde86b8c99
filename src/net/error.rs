//! What can go wrong with a request.
//!
//! Messages name the host alone: paths and queries of webhooks are secrets more often than not.

use std::time::Duration;

/// A failure of a request, with its facts.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// An address that is not requested.
    #[error("the address {reason}")]
    Address {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A header that HTTP does not know.
    #[error("`{name}` cannot be a header, or its value cannot be one")]
    Header {
        /// Its name.
        name: String,
    },
    /// Nobody could be asked: the certificates of the system, or the runtime, are not there.
    #[error("requests cannot be made here: {reason}")]
    Client {
        /// Why not.
        reason: String,
    },
    /// There was no connection, or it broke.
    #[error("no answer from {host}: {reason}")]
    NoAnswer {
        /// Who was asked.
        host: String,
        /// What happened.
        reason: String,
    },
    /// There was no answer in time.
    #[error("no answer from {host} within {} s", limit.as_secs_f64())]
    Slow {
        /// Who was asked.
        host: String,
        /// How long we waited.
        limit: Duration,
    },
    /// The answer sends us somewhere else.
    #[error("{host} answered {status}, a redirect, which is not followed")]
    Redirect {
        /// Who was asked.
        host: String,
        /// The status.
        status: u16,
    },
    /// The answer is no.
    #[error("{host} answered {status}{}", said(said_first))]
    Refused {
        /// Who was asked.
        host: String,
        /// The status.
        status: u16,
        /// The first line of the answer, shortened.
        said_first: String,
        /// How long it wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// The answer asks for more patience than there is.
    #[error("{host} answered {status} and asks to wait {} s, more than {} s", asked.as_secs(), limit.as_secs())]
    Later {
        /// Who was asked.
        host: String,
        /// The status.
        status: u16,
        /// How long it wants to be left alone.
        asked: Duration,
        /// How long we would wait.
        limit: Duration,
    },
}

fn said(first: &str) -> String {
    if first.is_empty() {
        String::new()
    } else {
        format!(": {first}")
    }
}

impl Error {
    /// Whether the same request may do better a little later.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::NoAnswer { .. } | Self::Slow { .. } => true,
            Self::Refused { status, .. } => matches!(status, 408 | 429 | 500..=599),
            _ => false,
        }
    }
}
