//! How a checkpoint may be answered: by whom, with what, and until when.

use crate::model::run::event::{Answer, CheckpointAnswered, CheckpointKind, CheckpointOpened};
use crate::model::run::state::{CheckpointState, RunState};
use crate::model::workflow::definition::{CheckpointStep, DEFAULT_OPTIONS, OnTimeout, REJECT};

/// Who answered where nobody did in time.
pub(crate) const EXPIRED: &str = "expired";

/// The terms of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// What it may be answered with; `reject` fails the step, every other one lets it go on.
    pub(crate) options: Vec<String>,
    /// Whether the person must say something in their own words as well.
    pub(crate) text_required: bool,
    /// Until when, in milliseconds since the Unix epoch.
    pub(crate) expires_ms: Option<u64>,
    /// What it means that nobody answered until then.
    pub(crate) on_timeout: OnTimeout,
    /// The addresses of those who may answer; everybody when it is empty.
    pub(crate) approvers: Vec<String>,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            options: DEFAULT_OPTIONS.map(str::to_owned).to_vec(),
            text_required: false,
            expires_ms: None,
            on_timeout: OnTimeout::Reject,
            approvers: Vec::new(),
        }
    }
}

impl Terms {
    /// Those that a workflow writes, for a checkpoint that opens at this time.
    pub(crate) fn of(step: &CheckpointStep, now_ms: u64) -> Self {
        let expires = step.expires.map(|expires| {
            let expires = u64::try_from(expires.as_millis()).unwrap_or(u64::MAX);
            now_ms.saturating_add(expires)
        });
        Self {
            options: match step.options.as_slice() {
                [] => Self::default().options,
                options => options.to_vec(),
            },
            text_required: step.text_required,
            expires_ms: expires,
            on_timeout: step.on_timeout,
            approvers: step.approvers.clone(),
        }
    }

    /// The options that let the step go on.
    pub(crate) fn going_on(&self) -> impl Iterator<Item = &str> {
        let options = self.options.iter().map(String::as_str);
        options.filter(|option| *option != REJECT)
    }

    /// Whether somebody with this address may answer.
    pub(crate) fn admits(&self, address: &str) -> bool {
        let mut approvers = self.approvers.iter();
        self.approvers.is_empty() || approvers.any(|known| known.eq_ignore_ascii_case(address))
    }

    /// The terms as text, for the digest of what is shown; nothing where they are the usual ones.
    pub(crate) fn shown(&self) -> String {
        if *self == Self::default() {
            return String::new();
        }
        let mut lines: Vec<String> = Vec::new();
        lines.extend(self.options.iter().map(|option| format!("option {option}")));
        lines.extend(self.text_required.then(|| "text required".to_owned()));
        if let Some(expires) = self.expires_ms {
            lines.push(format!(
                "expires {expires} {}",
                timeout_word(self.on_timeout)
            ));
        }
        let approvers = self.approvers.iter();
        lines.extend(approvers.map(|address| format!("approver {address}")));
        lines.join("\n")
    }
}

/// The word of what follows when nobody answers in time.
pub(crate) fn timeout_word(on_timeout: OnTimeout) -> &'static str {
    match on_timeout {
        OnTimeout::Reject => "reject",
        OnTimeout::Fail => "fail",
        OnTimeout::Approve => "approve",
    }
}

/// What an option means for the step that asked.
pub(crate) fn meaning(option: &str) -> Answer {
    if option == REJECT {
        Answer::Reject
    } else {
        Answer::Approve
    }
}

impl CheckpointOpened {
    /// Whether nobody can answer it any more at this time.
    pub(crate) fn is_expired(&self, now_ms: u64) -> bool {
        self.terms
            .expires_ms
            .is_some_and(|expires| expires <= now_ms)
    }

    /// The answer that the clock gives.
    fn expiry(&self) -> CheckpointAnswered {
        let option = match self.terms.on_timeout {
            OnTimeout::Approve => self.terms.going_on().next().unwrap_or(REJECT),
            OnTimeout::Reject | OnTimeout::Fail => REJECT,
        };
        CheckpointAnswered {
            number: self.number,
            answer: meaning(option),
            option: option.to_owned(),
            who: EXPIRED.to_owned(),
            message: String::new(),
            hash: self.hash.clone(),
            tree: self.tree.clone(),
            by_clock: true,
            signed: None,
        }
    }
}

impl CheckpointState {
    /// Whether it waits for an answer that nobody can give any more.
    pub(crate) fn is_expired(&self, now_ms: u64) -> bool {
        self.answered.is_none() && self.opened.is_expired(now_ms)
    }

    /// When it was answered, in milliseconds since the Unix epoch: by the clock when it expired,
    /// however late that was noticed.
    pub(crate) fn answered_at_ms(&self) -> Option<u64> {
        let answered = self.answered.as_ref()?;
        let signed = answered.signed.as_ref().map(|signed| signed.at_ms);
        let expired = self.opened.terms.expires_ms.filter(|_| answered.by_clock);
        expired.or(signed).or(self.answered_ms)
    }

    /// Whether it was not answered in time, and the whole run fails for that.
    pub(crate) fn fails_run(&self) -> bool {
        let answered = self.answered.as_ref();
        self.opened.terms.on_timeout == OnTimeout::Fail
            && answered.is_some_and(|answered| answered.by_clock)
    }
}

impl RunState {
    /// The answers that the clock has given by this time and that nobody has recorded.
    pub(crate) fn expiries(&self, now_ms: u64) -> Vec<CheckpointAnswered> {
        let expired = self.checkpoints.iter().filter(|known| {
            known.opened.kind == CheckpointKind::Step
                && known.is_expired(now_ms)
                && self.is_step_open(known)
        });
        expired.map(|known| known.opened.expiry()).collect()
    }

    /// When the next checkpoint expires, in milliseconds since the Unix epoch.
    pub(crate) fn next_expiry(&self) -> Option<u64> {
        let open = self
            .checkpoints
            .iter()
            .filter(|known| known.answered.is_none() && self.is_step_open(known));
        open.filter_map(|known| known.opened.terms.expires_ms).min()
    }

    /// The checkpoints that are still to be shown to people, each with whether nobody can answer it
    /// any more: they wait, or the run has not gone on from what the clock said.
    pub(crate) fn asking(&self, now_ms: u64) -> impl Iterator<Item = (&CheckpointState, bool)> {
        let asking = self
            .checkpoints
            .iter()
            .filter(|known| known.is_open() || self.is_overdue(known));
        asking.map(move |known| (known, known.is_expired(now_ms) || self.is_overdue(known)))
    }

    /// Whether the clock has answered a checkpoint, and the run has not gone on from it yet.
    pub(super) fn is_overdue(&self, checkpoint: &CheckpointState) -> bool {
        let answered = checkpoint.answered.as_ref();
        !checkpoint.undone
            && answered.is_some_and(|answered| answered.by_clock)
            && self.is_step_open(checkpoint)
    }

    /// Whether nobody answered a checkpoint in time, and its step does not know that yet.
    pub(crate) fn is_expired(&self, now_ms: u64) -> bool {
        let mut all = self.asking(now_ms);
        all.any(|(known, expired)| expired && self.is_step_open(known))
    }

    /// Whether a checkpoint was not answered in time for which the whole run fails.
    pub(crate) fn has_failed_by_clock(&self) -> bool {
        self.checkpoints.iter().any(CheckpointState::fails_run)
    }

    /// Whether the step that asked has no end yet.
    fn is_step_open(&self, checkpoint: &CheckpointState) -> bool {
        let opened = &checkpoint.opened;
        let known = self.step(&opened.job, &opened.step);
        known.is_none_or(|known| known.outcome.is_none())
    }
}

#[cfg(test)]
mod tests;
