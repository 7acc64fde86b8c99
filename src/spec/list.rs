//! The specs as lists show them: filtered, sorted, with what is derived.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::base::ids::SpecId;
use crate::model::spec::graph::{Blocker, Graph};
use crate::model::spec::verdict::{Activity, DerivedStatus, Progress, Standing};
use crate::model::spec::{Spec, Status};
use crate::spec::proof::Proofs;

/// What the runs of each spec are doing; a spec that is not in it has none under way.
pub(crate) type Activities = HashMap<SpecId, Activity>;

/// Which specs are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// Words of stored or derived statuses; none means all but dropped specs.
    pub(crate) statuses: Vec<String>,
    /// Of this owner.
    pub(crate) owner: Option<String>,
    /// With all these labels.
    pub(crate) labels: Vec<String>,
    /// Of this kind.
    pub(crate) kind: Option<String>,
    /// Only those that can be worked on now, or only those that wait for others.
    pub(crate) readiness: Option<Readiness>,
    /// Dropped specs too.
    pub(crate) dropped: bool,
}

/// Whether a spec can be worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readiness {
    /// It is ready, and all it depends on is done.
    Ready,
    /// It is open, and waits for others.
    Blocked,
}

/// What a list is sorted by; ties are in the order of the names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Lower first, none last; then the day of creation.
    #[default]
    Priority,
    /// The title.
    Title,
    /// What needs somebody first.
    Status,
    /// The day of creation, none last.
    Created,
}

/// A spec with what is derived about it.
#[derive(Clone, Debug)]
pub(crate) struct Line<'a> {
    /// The spec.
    pub(crate) spec: &'a Spec,
    /// Its criteria, counted.
    pub(crate) progress: Progress,
    /// The status that lists show.
    pub(crate) status: DerivedStatus,
    /// What keeps it from being worked on; nothing for specs that are done or dropped.
    pub(crate) blockers: Vec<Blocker>,
}

impl Line<'_> {
    /// Whether it can be worked on now.
    pub(crate) fn is_ready(&self) -> bool {
        self.spec.status == Status::Ready && self.blockers.is_empty()
    }
}

/// One spec with what is derived about it.
pub(crate) fn line<'a>(
    graph: &Graph<'a>,
    index: usize,
    proofs: &Proofs,
    activities: &Activities,
) -> Option<Line<'a>> {
    let spec = graph.specs().get(index)?;
    let progress = if graph.shares_id(&spec.id) {
        // The verdicts may be the other one's: as for `done`, nothing is proved.
        Progress::of(
            spec.criteria.iter().map(|_| Standing::Unverified),
            spec.unreadable.len(),
        )
    } else {
        proofs.progress(spec)
    };
    let activity = activities.get(&spec.id).copied().unwrap_or(Activity::Idle);
    let open = matches!(spec.status, Status::Draft | Status::Ready);
    Some(Line {
        spec,
        progress,
        status: DerivedStatus::of(spec.status, progress, activity),
        blockers: if open {
            graph.blocking(index)
        } else {
            Vec::new()
        },
    })
}

/// The specs that a filter lets through, sorted.
pub(crate) fn lines<'a>(
    graph: &Graph<'a>,
    proofs: &Proofs,
    activities: &Activities,
    filter: &Filter,
    sort: Sort,
) -> Vec<Line<'a>> {
    let mut lines: Vec<Line<'a>> = (0..graph.specs().len())
        .filter_map(|index| line(graph, index, proofs, activities))
        .filter(|line| filter.accepts(line))
        .collect();
    // The lines come in the order of the file names, and the sort is stable.
    lines.sort_by(|a, b| sort.compare(a, b));
    lines
}

impl Filter {
    fn accepts(&self, line: &Line<'_>) -> bool {
        let spec = line.spec;
        let status = if self.statuses.is_empty() {
            self.dropped || spec.status != Status::Dropped
        } else {
            let mut wanted = self.statuses.iter();
            wanted.any(|word| word == spec.status.as_str() || word == line.status.as_str())
        };
        let same = |wanted: &Option<String>, found: &Option<String>| {
            wanted.is_none() || wanted.as_deref() == found.as_deref()
        };
        let ready = match self.readiness {
            None => true,
            Some(Readiness::Ready) => line.is_ready(),
            Some(Readiness::Blocked) => !line.blockers.is_empty(),
        };
        status
            && ready
            && same(&self.owner, &spec.owner)
            && same(&self.kind, &spec.kind)
            && self.labels.iter().all(|label| spec.labels.contains(label))
    }
}

impl Sort {
    fn compare(self, a: &Line<'_>, b: &Line<'_>) -> Ordering {
        let priority = |line: &Line<'_>| (line.spec.priority.is_none(), line.spec.priority);
        let created = |a: &Line<'_>, b: &Line<'_>| {
            let key = |spec: &Spec| spec.created.is_none();
            (key(a.spec), &a.spec.created).cmp(&(key(b.spec), &b.spec.created))
        };
        match self {
            Self::Priority => priority(a).cmp(&priority(b)).then_with(|| created(a, b)),
            Self::Title => a.spec.title.cmp(&b.spec.title),
            Self::Status => a.status.cmp(&b.status),
            Self::Created => created(a, b),
        }
    }
}
