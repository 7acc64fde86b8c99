//! Answering checkpoints.

use crate::base::ids::{ContentHash, ObjectId, RunId};
use crate::base::limits::CHECKPOINT_MESSAGE_BYTES;
use crate::base::redact::Masker;
use crate::base::text::{one_line, visible};
use crate::git::{Error as GitError, Repository, code_tree, signed};
use crate::model::run::event::{Answer, CheckpointAnswered, CheckpointOpened, SignedAnswer};
use crate::model::run::state::CheckpointState;
use crate::model::run::terms::meaning;
use crate::model::run::{Event, RunState};
use crate::model::workflow::definition::{DEFAULT_OPTIONS, REJECT};
use crate::state::journal::{self, Journal};
use crate::state::masks::MaskFile;
use crate::state::run_folder::RunFolder;
use crate::sys::clock::rfc3339;
use crate::sys::lock;
use crate::workflow::Error;
use crate::workflow::answers::record_expiries;
use crate::workflow::asking::shown_hash;
use crate::workflow::attempts;
use crate::workflow::driver::{self, Workshop};
use crate::workflow::pinned::Pinned;
use crate::workflow::resume::{Writer, start_here, take_lock};
use crate::workflow::signatures;

impl Workshop<'_> {
    /// What masks the values that no record of a run may show.
    pub(super) fn masker(&self, folder: &RunFolder, pinned: &Pinned) -> Result<Masker, Error> {
        let (_, learnt) = MaskFile::open(&folder.masks())?;
        let secrets = driver::secrets(self, pinned.bundle())?;
        let values = self.masked.iter().chain(&learnt).map(String::as_str);
        Ok(Masker::new(values.chain(secrets.values())))
    }
}

/// Which of its options a person chose.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Choice<'a> {
    /// This one, or the only one that lets the run go on.
    Approve(Option<&'a str>),
    /// The one that fails the step.
    Reject,
}

/// What a person decided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decision<'a> {
    /// What they chose.
    pub(crate) choice: Choice<'a>,
    /// Why, in their words.
    pub(crate) message: &'a str,
    /// How the digest of what they looked at begins, where they say so.
    pub(crate) hash: Option<&'a str>,
}

/// The checkpoint of a run that is meant: the one with this number, or the only one that waits.
pub(crate) fn find(
    run: RunId,
    state: &RunState,
    number: Option<u32>,
) -> Result<&CheckpointState, Error> {
    let waiting: Vec<&CheckpointState> = state
        .checkpoints
        .iter()
        .filter(|checkpoint| checkpoint.is_open())
        .collect();
    match (number, waiting.as_slice()) {
        (Some(number), _) => waiting
            .into_iter()
            .find(|checkpoint| checkpoint.opened.number == number)
            .ok_or(Error::NoCheckpoint {
                run,
                number: Some(number),
            }),
        (None, [only]) => Ok(only),
        (None, []) => Err(Error::NoCheckpoint { run, number }),
        (None, several) => Err(Error::SeveralCheckpoints {
            run,
            checkpoints: several
                .iter()
                .map(|checkpoint| (checkpoint.opened.number, checkpoint.opened.name.clone()))
                .collect(),
        }),
    }
}

/// The same, or one that was answered when its number is given.
pub(crate) fn find_any(
    run: RunId,
    state: &RunState,
    number: Option<u32>,
) -> Result<&CheckpointState, Error> {
    let mut all = state.checkpoints.iter();
    match number.and_then(|number| all.find(|known| known.opened.number == number)) {
        Some(known) => Ok(known),
        None => find(run, state, number),
    }
}

/// The option that a choice means at a checkpoint.
pub(crate) fn option(
    run: RunId,
    choice: Choice<'_>,
    opened: &CheckpointOpened,
) -> Result<String, Error> {
    let terms = &opened.terms;
    let checkpoint = format!("{run}/{}", opened.number);
    let unknown = |option: &str| Error::NoOption {
        checkpoint: checkpoint.clone(),
        option: option.to_owned(),
        known: terms.options.clone(),
    };
    let known = |option: &str| terms.options.iter().any(|known| known == option);
    match choice {
        Choice::Reject if known(REJECT) => Ok(REJECT.to_owned()),
        Choice::Reject => Err(unknown(REJECT)),
        Choice::Approve(Some(REJECT)) => Err(Error::RejectedByApproval { checkpoint }),
        Choice::Approve(Some(option)) if known(option) => Ok(option.to_owned()),
        Choice::Approve(Some(option)) => Err(unknown(option)),
        Choice::Approve(None) => {
            let [usual, _] = DEFAULT_OPTIONS;
            let options: Vec<&str> = terms.going_on().collect();
            match options.as_slice() {
                [only] => Ok((*only).to_owned()),
                options if options.contains(&usual) => Ok(usual.to_owned()),
                options => Err(Error::ManyOptions {
                    checkpoint,
                    known: options.iter().map(|option| (*option).to_owned()).collect(),
                }),
            }
        }
    }
}

/// Records an answer; gives the number of its checkpoint. Whoever takes the run up next acts on it.
pub(crate) fn answer(
    shop: &Workshop<'_>,
    run: RunId,
    number: Option<u32>,
    decision: &Decision<'_>,
) -> Result<u32, Error> {
    // A step that could approve its own checkpoint would make it worthless.
    if attempts::is_inside_step(shop) {
        return Err(Error::InsideStep);
    }
    let folder = RunFolder::of(&shop.local.runs(), run);
    if !folder.exists() {
        return Err(Error::NotLive { run });
    }
    let lock = take_lock(&folder, run)?;
    if !lock::is_held(&folder.supervisor_lock())? {
        // A torn last line would swallow the answer.
        journal::repair(&folder.events())?;
    }
    let state = RunState::fold(&journal::read(&folder.events())?);
    if state.outcome.is_some() {
        let status = state.status(false);
        return Err(Error::Over { run, status });
    }
    let checkpoint = find(run, &state, number)?.clone();
    // Whatever can refuse, refuses now: what is written counts, and is not taken back.
    let start = start_here(shop, run, &state)?;
    let pinned = Pinned::read(&folder, &start, shop.project.as_ref())?;
    shop.repository.refuse_quarantine()?;
    let now = shop.clock.now_ms();
    let opened = &checkpoint.opened;
    if let Some(expired_ms) = opened.terms.expires_ms.filter(|_| opened.is_expired(now)) {
        let journal = Journal::open(&folder.events(), shop.clock)?;
        let mut writer = Writer { journal, state };
        record_expiries(&mut writer, now)?;
        writer.journal.sync()?;
        return Err(Error::Expired {
            run,
            name: opened.name.clone(),
            at: rfc3339(expired_ms),
        });
    }
    let mut answered = decide(shop, run, opened, decision)?;
    if !answered.message.is_empty() {
        // Masked first: a secret may hold characters that are shown in another way.
        let masked = shop.masker(&folder, &pinned)?.mask(&answered.message);
        answered.message = visible(&masked).into_owned();
    }
    if signed::wanted(shop.repository)? {
        let at_ms = shop.clock.now_ms();
        let text = signatures::text(run, opened, (&answered, at_ms));
        let commit = signatures::sign(shop, run, (&text, at_ms))?;
        answered.signed = Some(SignedAnswer { commit, at_ms });
    }
    let mut journal = Journal::open(&folder.events(), shop.clock)?;
    journal.append(Event::CheckpointAnswered(Box::new(answered)))?;
    journal.sync()?;
    drop(lock);
    Ok(opened.number)
}

/// What a decision comes to at a checkpoint, unless it is not theirs or not one of those asked for.
/// The words are as the person wrote them.
fn decide(
    shop: &Workshop<'_>,
    run: RunId,
    opened: &CheckpointOpened,
    decision: &Decision<'_>,
) -> Result<CheckpointAnswered, Error> {
    let checkpoint = || format!("{run}/{}", opened.number);
    let identity = shop.repository.identity()?;
    let who = one_line(&identity.to_string());
    if !opened.terms.admits(&identity.email) {
        return Err(Error::NotApprover {
            checkpoint: checkpoint(),
            who,
            approvers: opened.terms.approvers.clone(),
        });
    }
    let option = option(run, decision.choice, opened)?;
    let message = decision.message.trim();
    if opened.terms.text_required && message.is_empty() {
        return Err(Error::NoText {
            checkpoint: checkpoint(),
        });
    }
    if message.len() > CHECKPOINT_MESSAGE_BYTES {
        return Err(Error::LongText {
            bytes: message.len(),
            limit: CHECKPOINT_MESSAGE_BYTES,
        });
    }
    let answer = meaning(&option);
    // What was shown may be refused in any case, whatever became of it since.
    if answer == Answer::Approve || decision.hash.is_some() {
        require_shown(shop.repository, run, opened, decision.hash)?;
    }
    Ok(CheckpointAnswered {
        number: opened.number,
        answer,
        option,
        who,
        message: message.to_owned(),
        hash: opened.hash.clone(),
        tree: code_tree::code_tree(shop.repository)?,
        by_clock: false,
        signed: None,
    })
}

/// Fails when what is shown at a checkpoint is not what the person names, or not what it was when
/// the checkpoint opened: its snapshot is a branch, and branches can be moved.
fn require_shown(
    repository: &Repository,
    run: RunId,
    opened: &CheckpointOpened,
    seen: Option<&str>,
) -> Result<(), Error> {
    let checkpoint = format!("{run}/{}", opened.number);
    let hash = opened.hash.as_str();
    let fits = |seen: &str| !seen.is_empty() && hash.starts_with(&seen.to_ascii_lowercase());
    if let Some(seen) = seen.filter(|seen| !fits(seen)) {
        return Err(Error::OtherHash {
            checkpoint,
            seen: seen.to_owned(),
            shown: hash.to_owned(),
        });
    }
    let Some(branch) = &opened.branch else {
        return Ok(());
    };
    let commit = repository.refs().resolve(&format!("refs/heads/{branch}"))?;
    let moved = match commit {
        // Whoever removed it has seen it, or does without.
        None => seen.is_some(),
        Some(commit) => match repository.objects()?.commit_tree(&commit) {
            Ok(tree) => shown_now(&tree, opened) != opened.hash,
            Err(GitError::ObjectKind { .. }) => true,
            Err(error) => return Err(error.into()),
        },
    };
    if moved {
        return Err(Error::SnapshotMoved {
            checkpoint,
            branch: branch.clone(),
        });
    }
    Ok(())
}

/// The digest of what is shown at a checkpoint whose snapshot has this tree.
fn shown_now(tree: &ObjectId, opened: &CheckpointOpened) -> ContentHash {
    shown_hash(tree, (&opened.name, &opened.message), &opened.terms)
}
