//! A run under way as rows: its jobs, and below those at work their steps.
//!
//! Knows what the rows say and which of them fit; `live` puts them on the terminal.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};

use crate::base::text::visible;
use crate::cli::run::progress::criterion_title;
use crate::cli::run::rows::{Row, Size, fold};
use crate::cli::run::words::{duration, outcome_style};
use crate::model::run::event::{AFTER, BEFORE, leg_of};
use crate::model::run::state::StepState;
use crate::model::run::{Outcome, RecordedEvent};
use crate::workflow::driver::Watched;
use crate::workflow::naming::{job_title, step_title};

/// The jobs of a run and the two verifications, in the order in which they are shown.
#[derive(Debug)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    by_job: HashMap<String, usize>,
}

/// A job, or a verification.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) title: String,
    pub(super) state: State,
    pub(super) steps: Vec<Leaf>,
    /// Whether it is a verification: its steps are criteria.
    pub(super) is_phase: bool,
}

/// A step, or a criterion.
#[derive(Debug)]
pub(super) struct Leaf {
    key: String,
    pub(super) title: String,
    pub(super) state: State,
}

/// Where a job or a step stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It has not begun.
    Open,
    /// At work since then.
    Running(Instant),
    /// A person is to decide.
    Asking(String),
    /// It is over: how, and what is said of it.
    Over(Outcome, String),
}

/// The node of a job of the workflow, of one leg of it, or of a workflow that is called.
fn job_node(key: &str, run: &Watched<'_>) -> Option<(String, Node)> {
    let (_, job) = run.pinned.bundle().job(key)?;
    // The steps of a job that runs several times are those of its legs.
    let has_legs = job.strategy.is_some() && leg_of(key).is_none();
    let steps = job.steps.iter().filter(|_| !has_legs);
    let steps = steps.map(|step| {
        let title = step_title(run.pinned, run.state, (key, &step.key));
        (step.key.clone(), title)
    });
    let title = job_title(Some(run.pinned), run.state, key);
    Some((key.to_owned(), Node::new(&title, steps, false)))
}

impl Tree {
    /// The tree of a run as it stands.
    pub(crate) fn new(run: &Watched<'_>, at_ms: u64) -> Self {
        let criteria: Vec<String> = run
            .pinned
            .spec
            .iter()
            .flat_map(|spec| &spec.criteria)
            .filter(|criterion| criterion.verify.is_some())
            .map(|criterion| criterion.id.to_string())
            .collect();
        let phase = |job: &str, title: &str| {
            let title_of = |id: &String| (id.clone(), criterion_title(run.pinned, id));
            let node = Node::new(title, criteria.iter().map(title_of), true);
            (!criteria.is_empty()).then(|| (job.to_owned(), node))
        };
        // What grows while it runs is in the record only.
        let grown = run.state.job_order.iter().map(String::as_str);
        let grown = grown.filter(|key| key.contains(['@', '+']) && !key.starts_with('@'));
        let own = run.pinned.workflow.jobs.iter().map(|job| job.id.as_str());
        let jobs = own.chain(grown).filter_map(|key| job_node(key, run));
        let named: Vec<(String, Node)> = phase(BEFORE, "before")
            .into_iter()
            .chain(jobs)
            .chain(phase(AFTER, "after"))
            .collect();
        let mut tree = Self {
            nodes: Vec::with_capacity(named.len()),
            by_job: HashMap::new(),
        };
        for (job, node) in named {
            tree.by_job.insert(job, tree.nodes.len());
            tree.nodes.push(node);
        }
        let known: Vec<String> = tree.by_job.keys().cloned().collect();
        for job in known {
            tree.refresh(&job, run, at_ms);
        }
        tree
    }

    /// Takes note of what happened; `run` has it already.
    pub(crate) fn event(&mut self, recorded: &RecordedEvent, run: &Watched<'_>) {
        let Some(job) = recorded.event.job() else {
            return;
        };
        self.add_grown(job, run);
        self.refresh(job, run, recorded.at_ms);
    }

    /// A job that the workflow itself does not name gets its place before the last verification.
    fn add_grown(&mut self, job: &str, run: &Watched<'_>) {
        if self.by_job.contains_key(job) {
            return;
        }
        let Some((key, node)) = job_node(job, run) else {
            return;
        };
        let place = self.by_job.get(AFTER).copied().unwrap_or(self.nodes.len());
        if let Some(last) = self.by_job.get_mut(AFTER) {
            *last += 1;
        }
        self.by_job.insert(key, place);
        self.nodes.insert(place, node);
    }

    /// Looks at one job again.
    fn refresh(&mut self, job: &str, run: &Watched<'_>, at_ms: u64) {
        let Some(node) = self.by_job.get(job).and_then(|at| self.nodes.get_mut(*at)) else {
            return;
        };
        let Some(known) = run.state.jobs.get(job) else {
            return;
        };
        let since = |started_ms: u64| {
            let elapsed = Duration::from_millis(at_ms.saturating_sub(started_ms));
            let now = Instant::now();
            now.checked_sub(elapsed).unwrap_or(now)
        };
        for leaf in &mut node.steps {
            if let Some(step) = known.steps.get(&leaf.key) {
                leaf.state = leaf_state(step, node.is_phase.then_some(job), since);
            }
        }
        let asked = run
            .state
            .checkpoints
            .iter()
            .find(|checkpoint| checkpoint.is_open() && checkpoint.opened.job == job);
        node.state = if node.is_phase {
            phase_state(&node.steps)
        } else if let Some(result) = known.result {
            let took = known
                .ended_ms
                .unwrap_or(at_ms)
                .saturating_sub(known.started_ms.unwrap_or(at_ms));
            State::Over(result, said(result, took))
        } else if let Some(asked) = asked {
            State::Asking(asked.opened.name.clone())
        } else {
            known
                .started_ms
                .map_or(State::Open, |started| State::Running(since(started)))
        };
    }

    /// The rows that fit, each without its line feed and no wider than the terminal.
    pub(crate) fn rows(&self, size: Size, spinner: &str, coloured: bool) -> Vec<String> {
        let folded = fold(&self.nodes, size.rows);
        let now = Instant::now();
        let mut rows = Vec::new();
        for (node, steps) in folded.nodes.iter().filter_map(|(at, steps)| {
            let node = self.nodes.get(*at)?;
            Some((node, steps))
        }) {
            rows.push(row(0, &node.title, &node.state, spinner, now, "waiting"));
            for leaf in steps.iter().filter_map(|at| node.steps.get(*at)) {
                rows.push(row(2, &leaf.title, &leaf.state, spinner, now, ""));
            }
        }
        let mut lines: Vec<String> = rows
            .iter()
            .map(|row| row.line(size.columns, coloured))
            .collect();
        lines.extend(folded.rest.map(|text| {
            let row = Row {
                indent: 0,
                mark: "…",
                title: &text,
                note: String::new(),
                style: Style::new().dimmed(),
            };
            row.line(size.columns, coloured)
        }));
        lines
    }
}

impl Node {
    pub(super) fn new(
        title: &str,
        steps: impl Iterator<Item = (String, String)>,
        is_phase: bool,
    ) -> Self {
        Self {
            title: one_line(title),
            state: State::Open,
            steps: steps
                .map(|(key, title)| Leaf {
                    key,
                    title: one_line(&title),
                    state: State::Open,
                })
                .collect(),
            is_phase,
        }
    }
}

impl State {
    /// Whether it has begun and is not over.
    pub(super) fn is_at_work(&self) -> bool {
        matches!(self, Self::Running(_) | Self::Asking(_))
    }
}

fn one_line(text: &str) -> String {
    visible(text).replace(['\n', '\t'], " ")
}

fn leaf_state(step: &StepState, phase: Option<&str>, since: impl Fn(u64) -> Instant) -> State {
    if step.running || step.is_calling() {
        return State::Running(since(step.started_ms));
    }
    let Some(outcome) = step.outcome else {
        return State::Open;
    };
    let took = step.finish.as_ref().map_or(0, |finish| finish.elapsed_ms);
    match (outcome, phase) {
        (Outcome::Success, Some(_)) => State::Over(outcome, format!("green  {}", duration(took))),
        // Red before the run is as it should be, and nothing to point at.
        (Outcome::Failure, Some(BEFORE)) => {
            State::Over(Outcome::Skipped, format!("red  {}", duration(took)))
        }
        (Outcome::Failure, Some(_)) => State::Over(outcome, format!("red  {}", duration(took))),
        _ => State::Over(outcome, said(outcome, took)),
    }
}

/// A verification stands where its criteria do.
fn phase_state(criteria: &[Leaf]) -> State {
    let over: Vec<Outcome> = criteria
        .iter()
        .filter_map(|leaf| match &leaf.state {
            State::Over(outcome, _) => Some(*outcome),
            _ => None,
        })
        .collect();
    let running = criteria.iter().find_map(|leaf| match &leaf.state {
        State::Running(since) => Some(*since),
        _ => None,
    });
    if over.len() == criteria.len() {
        let green = over.iter().filter(|one| **one == Outcome::Success).count();
        let bad = [Outcome::Cancelled, Outcome::Failure];
        let worst = bad.into_iter().find(|bad| over.contains(bad));
        let worst = worst.unwrap_or(Outcome::Success);
        return State::Over(worst, format!("{green} of {} green", criteria.len()));
    }
    match running {
        Some(since) => State::Running(since),
        None if over.is_empty() => State::Open,
        None => State::Running(Instant::now()),
    }
}

fn said(outcome: Outcome, took_ms: u64) -> String {
    match outcome {
        Outcome::Skipped => outcome.as_str().to_owned(),
        _ => format!("{outcome}  {}", duration(took_ms)),
    }
}

fn row<'a>(
    indent: usize,
    title: &'a str,
    state: &State,
    spinner: &'a str,
    now: Instant,
    open: &str,
) -> Row<'a> {
    let (mark, note, style) = match state {
        State::Open => ("·", open.to_owned(), Style::new().dimmed()),
        State::Running(since) => {
            let seconds = now.saturating_duration_since(*since).as_secs();
            let style = AnsiColor::Cyan.on_default();
            (spinner, elapsed(seconds), style)
        }
        State::Asking(name) => {
            let note = format!("waits for a person: {}", one_line(name));
            ("?", note, AnsiColor::Yellow.on_default().bold())
        }
        State::Over(outcome, said) => {
            let mark = match outcome {
                Outcome::Success => "✓",
                Outcome::Failure => "✗",
                Outcome::Cancelled => "!",
                Outcome::Skipped => "-",
            };
            (mark, said.clone(), outcome_style(*outcome))
        }
    };
    Row {
        indent,
        mark,
        title,
        note,
        style,
    }
}

/// Time that goes on: in whole seconds, for it is seen to change.
fn elapsed(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        _ => duration(seconds.saturating_mul(1000)),
    }
}
