//! What a job or a step is told to do and how, in few words.

use std::fmt::Write as _;
use std::time::Duration;

use crate::base::text::{counted, one_line};
use crate::model::workflow::data::{Data, DataKind};
use crate::model::workflow::definition::{CheckpointStep, DEFAULT_OPTIONS, Job, OnTimeout};
use crate::model::workflow::definition::{Step, StepKind};
use crate::model::workflow::forecast::Sight;
use crate::model::workflow::policy::{
    ArtifactRule, Backoff, Concurrency, Isolation, MergeBack, OnConflict, Over, Retry, Setting,
    Strategy,
};

/// How a job is run.
pub(super) fn job(job: &Job, sight: &Sight) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(concurrency(job.concurrency.as_ref(), sight));
    notes.extend(isolation(job.isolation.as_ref()));
    if let Some(strategy) = &job.strategy {
        notes.extend(strategy.max_parallel.as_ref().and_then(|most| match most {
            Setting::Fixed(0) => None,
            Setting::Fixed(most) => Some(format!("{most} at once")),
            Setting::Computed(most) => {
                bounded(&sight.shown(most)).map(|most| format!("{most} at once"))
            }
        }));
        notes.extend(fail_fast(strategy));
    }
    notes.extend(switched(job.continue_on_error.as_ref(), "may fail"));
    notes.extend(timeout(job.timeout.as_ref(), sight));
    notes.extend(kept(&job.artifacts, sight));
    notes
}

/// What a step does and how.
pub(super) fn step(step: &Step, sight: &Sight) -> Vec<String> {
    let mut notes = Vec::new();
    match &step.kind {
        StepKind::Run { .. } | StepKind::Call { .. } => {}
        StepKind::Checkpoint(checkpoint) => self::checkpoint(checkpoint, &mut notes),
        StepKind::Notify(data) => notes.push(format!("notify {}", notified(data, sight))),
        StepKind::Git(data) => notes.extend(git(data, sight)),
    }
    notes.extend(step.retry.as_ref().map(retry));
    notes.extend(switched(step.continue_on_error.as_ref(), "may fail"));
    notes.extend(timeout(step.timeout.as_ref(), sight));
    notes.extend(kept(&step.artifacts, sight));
    notes
}

fn checkpoint(checkpoint: &CheckpointStep, notes: &mut Vec<String>) {
    let options: Vec<&str> = checkpoint.options.iter().map(String::as_str).collect();
    if options != DEFAULT_OPTIONS {
        notes.push(format!("options {}", one_line(&options.join(", "))));
    }
    if checkpoint.text_required {
        notes.push("asks for text".to_owned());
    }
    if !checkpoint.approvers.is_empty() {
        let who = one_line(&checkpoint.approvers.join(", "));
        notes.push(format!("answered by {who}"));
    }
    if let Some(expires) = checkpoint.expires {
        let then = match checkpoint.on_timeout {
            OnTimeout::Reject => "rejected",
            OnTimeout::Fail => "failed",
            OnTimeout::Approve => "approved",
        };
        notes.push(format!("{then} after {}", short_duration(expires)));
    }
}

fn notified(data: &Data, sight: &Sight) -> String {
    match data.get("to").map(|data| &data.kind) {
        Some(DataKind::Text(to)) => one_line(&sight.shown(to)),
        _ => "terminal".to_owned(),
    }
}

/// `git commit "message"`: what is done, with the text that says most of it.
fn git(data: &Data, sight: &Sight) -> Option<String> {
    let DataKind::Map(entries) = &data.kind else {
        return None;
    };
    let (verb, what) = entries.first()?;
    let named = ["name", "message", "from"];
    let text = match &what.kind {
        DataKind::Text(text) => Some(text),
        _ => named.iter().find_map(|name| match &what.get(name)?.kind {
            DataKind::Text(text) => Some(text),
            _ => None,
        }),
    };
    let text = text.map(|text| one_line(sight.shown(text).lines().next().unwrap_or("")));
    Some(text.map_or_else(
        || format!("git {verb}"),
        |text| format!("git {verb} {text}"),
    ))
}

fn retry(retry: &Retry) -> String {
    let tries = counted(usize::try_from(retry.attempts).unwrap_or(usize::MAX), "try");
    let tries = tries.replace("trys", "tries");
    let initial = short_duration(retry.initial);
    let grows = match retry.backoff {
        Backoff::Constant => String::new(),
        Backoff::Linear => format!(", growing up to {}", short_duration(retry.max)),
        Backoff::Exponential => format!(", doubling up to {}", short_duration(retry.max)),
    };
    format!("up to {tries} with pauses of {initial}{grows}")
}

/// Under which name something waits for others.
pub(super) fn concurrency(known: Option<&Concurrency>, sight: &Sight) -> Option<String> {
    let known = known?;
    let group = one_line(&sight.shown(&known.group));
    let more = match &known.cancel_in_progress {
        Setting::Fixed(true) => ", cancelling what runs",
        _ if known.queue_all => ", each in its turn",
        _ => "",
    };
    Some(format!("one at a time in group {group}{more}"))
}

/// Where something is done, and what becomes of that.
pub(super) fn isolation(known: Option<&Isolation>) -> Option<String> {
    let known = known?;
    let then = match known.merge {
        MergeBack::Merge => "merged back",
        MergeBack::Squash => "squashed into one commit",
        MergeBack::Rebase => "rebased",
        MergeBack::Leave => "left for a person",
    };
    let conflict = match &known.on_conflict {
        OnConflict::Fail => "",
        OnConflict::Ask => ", conflicts asked about",
        OnConflict::Steps(_) => ", conflicts solved by steps",
    };
    Some(format!("in a work tree of its own, {then}{conflict}"))
}

/// What is not as usual when a leg fails.
fn fail_fast(strategy: &Strategy) -> Option<String> {
    match (&strategy.fail_fast, &strategy.over) {
        (_, Over::Strategy(_))
        | (Setting::Fixed(true), Over::Matrix(_))
        | (Setting::Fixed(false), Over::Items(_)) => None,
        (Setting::Fixed(false), Over::Matrix(_)) => {
            Some("the others go on when one fails".to_owned())
        }
        (setting, _) => switched(Some(setting), "one that fails ends the others"),
    }
}

fn switched(setting: Option<&Setting<bool>>, words: &str) -> Option<String> {
    match setting? {
        Setting::Fixed(true) => Some(words.to_owned()),
        Setting::Fixed(false) => None,
        Setting::Computed(text) => Some(format!("{words} if {}", one_line(text.source_text()))),
    }
}

fn timeout(setting: Option<&Setting<Duration>>, sight: &Sight) -> Option<String> {
    match setting? {
        Setting::Fixed(limit) if limit.is_zero() => None,
        Setting::Fixed(limit) => Some(format!("at most {}", short_duration(*limit))),
        Setting::Computed(text) => {
            bounded(&sight.shown(text)).map(|limit| format!("at most {limit} minutes"))
        }
    }
}

/// What is shown of a computed bound; nothing where it came to 0, which is none.
fn bounded(shown: &str) -> Option<String> {
    (shown.trim() != "0").then(|| one_line(shown))
}

fn kept(rules: &[ArtifactRule], sight: &Sight) -> Option<String> {
    let names: Vec<String> = rules
        .iter()
        .map(|rule| one_line(&sight.shown(&rule.name)))
        .collect();
    (!names.is_empty()).then(|| format!("keeps {}", names.join(", ")))
}

/// A time as workflows write it: `1h30m`, `250ms`.
pub(crate) fn short_duration(time: Duration) -> String {
    const UNITS: [(&str, u128); 5] = [
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1000),
        ("ms", 1),
    ];
    let mut left = time.as_millis();
    let mut text = String::new();
    for (unit, size) in UNITS {
        if left >= size {
            // Writing into a text does not fail.
            let _ = write!(text, "{}{unit}", left / size);
            left %= size;
        }
    }
    if text.is_empty() {
        return "0s".to_owned();
    }
    text
}
