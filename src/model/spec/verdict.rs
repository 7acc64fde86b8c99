//! What the recorded verdicts prove about a criterion as it is now.
//!
//! A verdict binds to the code tree, the text of the criterion and the command. Hashing is done
//! by the caller: of [`criterion_text`] and of the command as it is in the file.

use crate::base::ids::ContentHash;
use crate::base::ids::CriterionId;
use crate::base::ids::ObjectId;
use crate::base::ids::RecordId;
use crate::base::ids::SpecId;
use crate::model::spec::types::Criterion;
use crate::model::spec::types::Status;

#[cfg(test)]
mod tests;

/// What a run of a criterion's command said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum VerdictOutcome {
    /// The command succeeded.
    Passed,
    /// It did not.
    Failed,
}

/// One recorded run of a criterion's command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Names the record.
    pub(crate) record: RecordId,
    /// The spec.
    pub(crate) spec: SpecId,
    /// The criterion in it.
    pub(crate) criterion: CriterionId,
    /// The work tree without `.mmm/`.
    pub(crate) tree: ObjectId,
    /// Of the criterion's text.
    pub(crate) text_hash: ContentHash,
    /// Of the command.
    pub(crate) command_hash: ContentHash,
    /// What it said.
    pub(crate) outcome: VerdictOutcome,
    /// When, in milliseconds since the Unix epoch.
    pub(crate) at_ms: u64,
}

/// What a verdict must be about to count for a criterion as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    /// The work tree without `.mmm/`; `None` where there is no work tree to compare with.
    pub(crate) tree: Option<ObjectId>,
    /// Of the criterion's text.
    pub(crate) text_hash: ContentHash,
    /// Of its command; `None` when it has none.
    pub(crate) command_hash: Option<ContentHash>,
}

/// What changed since a criterion was last proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Changed {
    /// The code.
    pub(crate) tree: bool,
    /// The text of the criterion.
    pub(crate) text: bool,
    /// The command, or that there is one.
    pub(crate) command: bool,
}

/// How well a criterion is proved; whether its box is ticked is known beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Standing {
    /// Nothing says that it is true.
    Unverified,
    /// A person ticked it; no verdict ever said so.
    MerelyTicked,
    /// The latest verdict on exactly this says no.
    Failed,
    /// The latest verdict on exactly this says yes.
    Proved {
        /// Whether an earlier verdict on this text and command said no, on any code.
        seen_red: bool,
    },
    /// It was proved once; since then something changed.
    Stale {
        /// What is not as it was in the latest proof.
        changed: Changed,
    },
}

impl Standing {
    /// The words that lists and checks show.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Unverified => "unverified",
            Self::MerelyTicked => "merely ticked",
            Self::Failed => "failed",
            Self::Proved { seen_red: true } => "proved",
            Self::Proved { seen_red: false } => "passed, never seen red",
            Self::Stale { .. } => "proved, but stale",
        }
    }
}

/// The text of a criterion as it is hashed: white space folded, without tick and id, so that
/// ticking a box or wrapping a line leaves its verdicts valid.
pub(crate) fn criterion_text(criterion: &Criterion) -> String {
    let words: Vec<&str> = criterion.text.split_whitespace().collect();
    words.join(" ")
}

/// How well a criterion is proved by all verdicts that are known, in any order and of any spec.
pub(crate) fn standing<'v>(
    spec: &SpecId,
    criterion: &Criterion,
    now: &Binding,
    verdicts: impl IntoIterator<Item = &'v Verdict>,
) -> Standing {
    let mut own: Vec<&Verdict> = verdicts
        .into_iter()
        .filter(|verdict| verdict.spec == *spec && verdict.criterion == criterion.id)
        .collect();
    own.sort_by_key(|verdict| (verdict.at_ms, verdict.record));
    let exact = own
        .iter()
        .rposition(|verdict| !changed(verdict, now).any())
        .and_then(|index| own.get(..=index));
    if let Some((latest, earlier)) = exact.and_then(<[&Verdict]>::split_last) {
        return match latest.outcome {
            VerdictOutcome::Failed => Standing::Failed,
            VerdictOutcome::Passed => Standing::Proved {
                seen_red: earlier.iter().any(|verdict| {
                    let changed = changed(verdict, now);
                    let failed = verdict.outcome == VerdictOutcome::Failed;
                    failed && !changed.text && !changed.command
                }),
            },
        };
    }
    let proof = own
        .iter()
        .rev()
        .find(|verdict| verdict.outcome == VerdictOutcome::Passed);
    match proof {
        Some(proof) => Standing::Stale {
            changed: changed(proof, now),
        },
        None if criterion.ticked => Standing::MerelyTicked,
        None => Standing::Unverified,
    }
}

impl Changed {
    fn any(self) -> bool {
        self.tree || self.text || self.command
    }
}

fn changed(verdict: &Verdict, now: &Binding) -> Changed {
    Changed {
        tree: now.tree.as_ref() != Some(&verdict.tree),
        text: now.text_hash != verdict.text_hash,
        command: now.command_hash.as_ref() != Some(&verdict.command_hash),
    }
}

/// The criteria of a spec, counted by how well they are proved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// All criteria.
    pub(crate) total: usize,
    /// Proved as they are now.
    pub(crate) proved: usize,
    /// Proved, and no earlier verdict said no.
    pub(crate) never_seen_red: usize,
    /// Proved once.
    pub(crate) stale: usize,
    /// Failed as they are now.
    pub(crate) failed: usize,
    /// Only ticked.
    pub(crate) merely_ticked: usize,
    /// Cannot be read, so that nothing can prove it.
    pub(crate) unreadable: usize,
}

impl Progress {
    /// Counts the standings of a spec's criteria, and those that cannot be read.
    pub(crate) fn of(standings: impl IntoIterator<Item = Standing>, unreadable: usize) -> Self {
        let mut progress = Self {
            total: unreadable,
            unreadable,
            ..Self::default()
        };
        for standing in standings {
            progress.total += 1;
            match standing {
                Standing::Unverified => {}
                Standing::MerelyTicked => progress.merely_ticked += 1,
                Standing::Failed => progress.failed += 1,
                Standing::Stale { .. } => progress.stale += 1,
                Standing::Proved { seen_red } => {
                    progress.proved += 1;
                    progress.never_seen_red += usize::from(!seen_red);
                }
            }
        }
        progress
    }

    /// Whether there are criteria and each of them is proved as it is now.
    pub(crate) fn is_verified(self) -> bool {
        self.total > 0 && self.proved == self.total
    }
}

/// What the runs of a spec are doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Activity {
    /// No run is under way.
    Idle,
    /// A run is under way.
    Running,
    /// A run waits for a person.
    Waiting,
}

/// The status that lists show: the stored one, or what runs and verdicts say beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum DerivedStatus {
    /// A run waits for a person.
    Waiting,
    /// A run is under way.
    Running,
    /// A criterion failed on this code.
    Failing,
    /// A criterion was proved, but not as things are now.
    Stale,
    /// Every criterion is proved; nobody has accepted it yet.
    Verified,
    /// Stored.
    Ready,
    /// Stored.
    Draft,
    /// Stored.
    Done,
    /// Stored.
    Dropped,
}

impl DerivedStatus {
    /// The word that lists show.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Failing => "failing",
            Self::Stale => "stale",
            Self::Verified => "verified",
            Self::Ready => "ready",
            Self::Draft => "draft",
            Self::Done => "done",
            Self::Dropped => "dropped",
        }
    }

    /// Derives the status.
    ///
    /// A run beats all. A dropped spec stays dropped. A failure or a stale proof shows on every
    /// other spec, also on one that is done: that is how a regression is seen.
    pub(crate) fn of(stored: Status, progress: Progress, activity: Activity) -> Self {
        match (activity, stored) {
            (Activity::Waiting, _) => Self::Waiting,
            (Activity::Running, _) => Self::Running,
            (Activity::Idle, Status::Dropped) => Self::Dropped,
            (Activity::Idle, _) if progress.failed > 0 => Self::Failing,
            (Activity::Idle, _) if progress.stale > 0 => Self::Stale,
            (Activity::Idle, Status::Done) => Self::Done,
            (Activity::Idle, _) if progress.is_verified() => Self::Verified,
            (Activity::Idle, Status::Draft) => Self::Draft,
            (Activity::Idle, Status::Ready) => Self::Ready,
        }
    }
}
