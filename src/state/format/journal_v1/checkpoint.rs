//! Checkpoints and their answers as a journal holds them.

use serde::{Deserialize, Serialize};

use crate::base::ids::ContentHash;
use crate::model::run::Event;
use crate::model::run::event::{
    CheckpointAnswered, CheckpointKind, CheckpointOpened, SignedAnswer,
};
use crate::model::run::terms::{Terms, meaning};
use crate::model::workflow::definition::OnTimeout;
use crate::state::format::journal_v1::{LineError, is_false};

#[derive(Serialize, Deserialize)]
pub(super) struct CheckpointOpenedV1 {
    number: u32,
    job: String,
    step: String,
    name: String,
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    edited: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    conflicts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    branch: Option<String>,
    tree: String,
    hash: String,
    // Left out where they are the usual ones.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    options: Vec<String>,
    #[serde(skip_serializing_if = "is_false", default)]
    text_required: bool,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    expires: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    on_timeout: Option<TimeoutV1>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    approvers: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum TimeoutV1 {
    Reject,
    Fail,
    Approve,
}

#[derive(Serialize, Deserialize)]
pub(super) struct CheckpointAnsweredV1 {
    number: u32,
    option: String,
    who: String,
    message: String,
    hash: String,
    tree: String,
    #[serde(skip_serializing_if = "is_false", default)]
    by_clock: bool,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    signed: Option<SignedV1>,
}

#[derive(Serialize, Deserialize)]
struct SignedV1 {
    commit: String,
    at: u64,
}

pub(super) fn opened_to_v1(opened: &CheckpointOpened) -> CheckpointOpenedV1 {
    let terms = &opened.terms;
    CheckpointOpenedV1 {
        number: opened.number,
        job: opened.job.clone(),
        step: opened.step.clone(),
        name: opened.name.clone(),
        message: opened.message.clone(),
        edited: match &opened.kind {
            CheckpointKind::Edited(paths) => paths.clone(),
            CheckpointKind::Step | CheckpointKind::Conflict(_) => Vec::new(),
        },
        conflicts: match &opened.kind {
            CheckpointKind::Conflict(paths) => paths.clone(),
            CheckpointKind::Step | CheckpointKind::Edited(_) => Vec::new(),
        },
        branch: opened.branch.clone(),
        tree: opened.tree.to_string(),
        hash: opened.hash.to_string(),
        options: if terms.options == Terms::default().options {
            Vec::new()
        } else {
            terms.options.clone()
        },
        text_required: terms.text_required,
        expires: terms.expires_ms,
        on_timeout: match terms.on_timeout {
            OnTimeout::Reject => None,
            OnTimeout::Fail => Some(TimeoutV1::Fail),
            OnTimeout::Approve => Some(TimeoutV1::Approve),
        },
        approvers: terms.approvers.clone(),
    }
}

pub(super) fn opened_from_v1(opened: CheckpointOpenedV1) -> Result<Event, LineError> {
    let usual = Terms::default();
    Ok(Event::CheckpointOpened(Box::new(CheckpointOpened {
        number: opened.number,
        job: opened.job,
        step: opened.step,
        kind: match (opened.edited.is_empty(), opened.conflicts.is_empty()) {
            (false, _) => CheckpointKind::Edited(opened.edited),
            (_, false) => CheckpointKind::Conflict(opened.conflicts),
            _ => CheckpointKind::Step,
        },
        name: opened.name,
        message: opened.message,
        branch: opened.branch,
        tree: opened.tree.parse()?,
        hash: ContentHash::new(opened.hash),
        terms: Terms {
            options: match opened.options.as_slice() {
                [] => usual.options,
                _ => opened.options,
            },
            text_required: opened.text_required,
            expires_ms: opened.expires,
            on_timeout: match opened.on_timeout {
                None | Some(TimeoutV1::Reject) => OnTimeout::Reject,
                Some(TimeoutV1::Fail) => OnTimeout::Fail,
                Some(TimeoutV1::Approve) => OnTimeout::Approve,
            },
            approvers: opened.approvers,
        },
    })))
}

pub(super) fn answered_to_v1(answered: &CheckpointAnswered) -> CheckpointAnsweredV1 {
    CheckpointAnsweredV1 {
        number: answered.number,
        option: answered.option.clone(),
        who: answered.who.clone(),
        message: answered.message.clone(),
        hash: answered.hash.to_string(),
        tree: answered.tree.to_string(),
        by_clock: answered.by_clock,
        signed: answered.signed.as_ref().map(|signed| SignedV1 {
            commit: signed.commit.to_string(),
            at: signed.at_ms,
        }),
    }
}

pub(super) fn answered_from_v1(answered: CheckpointAnsweredV1) -> Result<Event, LineError> {
    let signed = answered.signed.map(|signed| {
        Ok::<_, LineError>(SignedAnswer {
            commit: signed.commit.parse()?,
            at_ms: signed.at,
        })
    });
    Ok(Event::CheckpointAnswered(Box::new(CheckpointAnswered {
        number: answered.number,
        answer: meaning(&answered.option),
        option: answered.option,
        who: answered.who,
        message: answered.message,
        hash: ContentHash::new(answered.hash),
        tree: answered.tree.parse()?,
        by_clock: answered.by_clock,
        signed: signed.transpose()?,
    })))
}
