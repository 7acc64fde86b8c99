//! Many specs together: what a reference means, what blocks what, what comes next.
//!
//! Nothing here recurses: a chain of dependencies may be as long as the list of specs.

use crate::base::diagnostic::Problem;
use crate::base::ids::SpecId;
use crate::base::source::Span;
use crate::base::text::one_of;
use crate::base::text::suggestion;
use crate::base::text::visible;
use crate::model::spec::types::Dependency;
use crate::model::spec::types::Spec;
use crate::model::spec::types::Status;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::HashMap;
use std::collections::VecDeque;

#[cfg(test)]
mod tests;

/// Unknown references that get a suggestion: each one is compared with every name.
const SUGGESTIONS: usize = 100;

/// Candidates that a message names.
const SHOWN: usize = 5;

/// Specs of a cycle that a message names.
const PATH: usize = 40;

/// What a reference means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// The spec with this index.
    One(usize),
    /// No spec; perhaps this name was meant.
    None {
        /// The nearest name.
        suggestion: Option<String>,
    },
    /// Several specs, by index.
    Ambiguous(Vec<usize>),
}

/// What keeps a spec from being worked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Blocker {
    /// The spec with this index is not done.
    NotDone(usize),
    /// The spec with this index will never be done.
    Dropped(usize),
    /// The reference means no spec, or more than one.
    Unresolved(String),
}

/// The specs of a project with their dependencies resolved.
pub(crate) struct Graph<'a> {
    specs: &'a [Spec],
    /// File names (`slug-id`) and ids, sorted, with the index of their spec.
    names: Vec<(String, usize)>,
    ids: Vec<(&'a str, usize)>,
    /// What each entry of `depends_on` means, spec by spec.
    edges: Vec<Vec<Lookup>>,
}

impl<'a> Graph<'a> {
    /// Resolves the dependencies of all specs; positions in the slice are their indexes.
    pub(crate) fn new(specs: &'a [Spec]) -> Self {
        let mut names: Vec<(String, usize)> = specs
            .iter()
            .enumerate()
            .map(|(index, spec)| (spec.name(), index))
            .collect();
        names.sort();
        let mut ids: Vec<(&str, usize)> = specs
            .iter()
            .enumerate()
            .map(|(index, spec)| (spec.id.as_str(), index))
            .collect();
        ids.sort_unstable();
        let mut graph = Self {
            specs,
            names,
            ids,
            edges: Vec::new(),
        };
        graph.edges = specs
            .iter()
            .map(|spec| {
                let found = spec.depends_on.iter();
                found
                    .map(|dependency| graph.find(&dependency.text))
                    .collect()
            })
            .collect();
        graph
    }

    /// The specs, by index.
    pub(crate) fn specs(&self) -> &'a [Spec] {
        self.specs
    }

    /// Whether another spec has the same id: what is known of it may be about the other one.
    pub(crate) fn shares_id(&self, id: &SpecId) -> bool {
        let start = self.ids.partition_point(|(known, _)| *known < id.as_str());
        let next = self.ids.get(start + 1);
        next.is_some_and(|(known, _)| *known == id.as_str())
    }

    /// What a person means by a slug, an id, both, or a prefix of these.
    pub(crate) fn lookup(&self, reference: &str) -> Lookup {
        match self.find(reference) {
            Lookup::None { .. } => Lookup::None {
                suggestion: self.suggestion(reference),
            },
            found => found,
        }
    }

    /// As `lookup`, without looking for a suggestion.
    fn find(&self, reference: &str) -> Lookup {
        let reference = reference.trim();
        let reference = reference.strip_suffix(".md").unwrap_or(reference);
        let none = Lookup::None { suggestion: None };
        if reference.is_empty() {
            return none;
        }
        let by_name = prefixed(&self.names, reference);
        let by_id = prefixed(&self.ids, reference);
        let exact_name = by_name.iter().filter(|(name, _)| name == reference);
        let exact_id = by_id.iter().filter(|(id, _)| *id == reference);
        let mut found: Vec<usize> = exact_name
            .map(|(_, index)| *index)
            .chain(exact_id.map(|(_, index)| *index))
            .collect();
        if found.is_empty() {
            found = by_name
                .iter()
                .map(|(_, index)| *index)
                .filter(|index| {
                    self.specs
                        .get(*index)
                        .is_some_and(|spec| spec.slug == reference)
                })
                .collect();
        }
        if found.is_empty() {
            found = by_name.iter().map(|(_, index)| *index).collect();
            found.extend(by_id.iter().map(|(_, index)| *index));
        }
        found.sort_unstable();
        found.dedup();
        match found.as_slice() {
            [] => none,
            [only] => Lookup::One(*only),
            _ => Lookup::Ambiguous(found),
        }
    }

    fn suggestion(&self, reference: &str) -> Option<String> {
        let names = self.names.iter().map(|(name, _)| name.as_str());
        let slugs = self.specs.iter().map(|spec| spec.slug.as_str());
        let ids = self.ids.iter().map(|(id, _)| *id);
        suggestion(reference, slugs.chain(names).chain(ids)).map(str::to_owned)
    }

    /// Everything that is wrong between the specs.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let mut problems = self.duplicate_ids();
        let mut unknown = 0;
        for (spec, edges) in self.specs.iter().zip(&self.edges) {
            for (dependency, edge) in spec.depends_on.iter().zip(edges) {
                let text = visible(&dependency.text);
                let error = |code, message: String| {
                    Problem::error(code, &spec.source, dependency.span, message)
                };
                match edge {
                    Lookup::One(target) => {
                        problems.extend(self.dropped(spec, *target, dependency.span));
                        problems.extend(self.prefix(spec, *target, dependency));
                    }
                    Lookup::None { .. } => {
                        unknown += 1;
                        let near = (unknown <= SUGGESTIONS)
                            .then(|| self.suggestion(&dependency.text))
                            .flatten();
                        let hint = near.map_or_else(
                            || "list the specs with `git mmm spec list`".to_owned(),
                            |name| format!("did you mean `{name}`?"),
                        );
                        let message = format!("no spec is called `{text}`");
                        problems.push(error("unknown-dependency", message).with_hint(hint));
                    }
                    Lookup::Ambiguous(found) => {
                        let names = self.candidates(found);
                        let message = format!("`{text}` may be any of {} specs", found.len());
                        problems.push(
                            error("ambiguous-dependency", message)
                                .with_hint(format!("write {names}")),
                        );
                    }
                }
            }
        }
        problems.extend(self.cycles());
        problems
    }

    fn candidates(&self, found: &[usize]) -> String {
        let specs = found.iter().filter_map(|index| self.specs.get(*index));
        let names: Vec<String> = specs.take(SHOWN).map(Spec::name).collect();
        one_of(names.iter().map(String::as_str))
    }

    /// A prefix means one spec only until another one begins in the same way.
    fn prefix(&self, spec: &Spec, target: usize, dependency: &Dependency) -> Option<Problem> {
        let target = self.specs.get(target)?;
        let name = target.name();
        let text = dependency.text.trim();
        let text = text.strip_suffix(".md").unwrap_or(text);
        let whole = text == name || text == target.slug || text == target.id.as_str();
        (!whole).then(|| {
            let message = format!("`{}` is only the beginning of a name", visible(text));
            Problem::warning("dependency-prefix", &spec.source, dependency.span, message).with_hint(
                format!("write `{name}`: a later spec may begin in the same way"),
            )
        })
    }

    fn dropped(&self, spec: &Spec, target: usize, span: Span) -> Option<Problem> {
        let open = matches!(spec.status, Status::Draft | Status::Ready);
        let target = self.specs.get(target)?;
        (open && target.status == Status::Dropped).then(|| {
            let message = format!(
                "`{}` was dropped, so this will never be ready",
                target.name()
            );
            Problem::warning("dropped-dependency", &spec.source, span, message)
                .with_hint("remove the dependency, or drop this spec too")
        })
    }

    /// One problem for each spec whose id another one has: none of them is the right one.
    fn duplicate_ids(&self) -> Vec<Problem> {
        let mut holders: HashMap<&SpecId, (&Spec, Option<&Spec>)> =
            HashMap::with_capacity(self.specs.len());
        for spec in self.specs {
            holders
                .entry(&spec.id)
                .and_modify(|(_, second)| *second = second.or(Some(spec)))
                .or_insert((spec, None));
        }
        let mut problems = Vec::new();
        for spec in self.specs {
            let Some((first, Some(second))) = holders.get(&spec.id) else {
                continue;
            };
            let is_first = first.source.path() == spec.source.path();
            let other = if is_first { second } else { first };
            let message = format!(
                "the id `{}` is also that of {}",
                spec.id,
                other.source.path()
            );
            problems.push(
                Problem::error("duplicate-id", &spec.source, spec.id_span, message)
                    .with_hint("give one of them a new id, in the file and in its name"),
            );
        }
        problems
    }

    /// One problem for each edge that closes a cycle, with the whole path.
    fn cycles(&self) -> Vec<Problem> {
        #[derive(Clone, Copy, PartialEq, Eq)]
        enum Mark {
            New,
            Open,
            Closed,
        }
        let mut marks = vec![Mark::New; self.specs.len()];
        let mut problems = Vec::new();
        for root in 0..self.specs.len() {
            if marks.get(root) != Some(&Mark::New) {
                continue;
            }
            // The path from the root, each with the edge that is looked at next.
            let mut path: Vec<(usize, usize)> = vec![(root, 0)];
            set(&mut marks, root, Mark::Open);
            while let Some((node, next)) = path.last_mut() {
                let edge = self.edges.get(*node).and_then(|edges| edges.get(*next));
                let (from, position) = (*node, *next);
                *next += 1;
                match edge {
                    None => {
                        set(&mut marks, from, Mark::Closed);
                        path.pop();
                    }
                    Some(Lookup::One(target)) => match marks.get(*target) {
                        Some(Mark::New) => {
                            set(&mut marks, *target, Mark::Open);
                            path.push((*target, 0));
                        }
                        Some(Mark::Open) => {
                            problems.extend(self.cycle(&path, *target, from, position));
                        }
                        _ => {}
                    },
                    Some(_) => {}
                }
            }
        }
        problems
    }

    fn cycle(
        &self,
        path: &[(usize, usize)],
        target: usize,
        from: usize,
        position: usize,
    ) -> Option<Problem> {
        let spec = self.specs.get(from)?;
        let place = spec.depends_on.get(position)?.span;
        if target == from {
            let message = format!("`{}` depends on itself", spec.name());
            return Some(
                Problem::error("dependency-cycle", &spec.source, place, message)
                    .with_hint("remove this dependency"),
            );
        }
        let nodes = path.iter().map(|(node, _)| *node);
        let mut names: Vec<String> = nodes
            .skip_while(|node| *node != target)
            .filter_map(|node| self.specs.get(node))
            .map(Spec::name)
            .collect();
        names.extend(self.specs.get(target).map(Spec::name));
        if names.len() > PATH {
            let left_out = format!("({} more)", names.len() - PATH);
            names.splice(PATH / 2..names.len() - PATH / 2, [left_out]);
        }
        let message = format!("the dependencies form a cycle: {}", names.join(" -> "));
        Some(
            Problem::error("dependency-cycle", &spec.source, place, message)
                .with_hint("remove one of these dependencies"),
        )
    }

    /// What each entry of a spec's `depends_on` means, in their order.
    pub(crate) fn dependencies(&self, index: usize) -> &[Lookup] {
        self.edges.get(index).map_or(&[], Vec::as_slice)
    }

    /// The shortest way along dependencies from one spec to another, both included; at least one
    /// step long, so that a way from a spec to itself is a cycle.
    pub(crate) fn path(&self, from: usize, to: usize) -> Option<Vec<usize>> {
        let mut before: Vec<Option<usize>> = vec![None; self.specs.len()];
        let mut open = VecDeque::from([from]);
        while let Some(node) = open.pop_front() {
            for edge in self.dependencies(node) {
                let Lookup::One(target) = *edge else { continue };
                if target == to {
                    let mut path = vec![to, node];
                    let mut last = node;
                    while last != from {
                        last = before.get(last).copied().flatten()?;
                        path.push(last);
                    }
                    path.reverse();
                    return Some(path);
                }
                if before.get(target) == Some(&None) && target != from {
                    set(&mut before, target, Some(node));
                    open.push_back(target);
                }
            }
        }
        None
    }

    /// What keeps a spec from being worked on, in the order of its `depends_on`.
    pub(crate) fn blocking(&self, index: usize) -> Vec<Blocker> {
        let (Some(spec), Some(edges)) = (self.specs.get(index), self.edges.get(index)) else {
            return Vec::new();
        };
        let written = spec.depends_on.iter().zip(edges);
        written
            .filter_map(|(dependency, edge)| match edge {
                Lookup::One(target) => match self.specs.get(*target)?.status {
                    Status::Done => None,
                    Status::Dropped => Some(Blocker::Dropped(*target)),
                    Status::Draft | Status::Ready => Some(Blocker::NotDone(*target)),
                },
                _ => Some(Blocker::Unresolved(dependency.text.clone())),
            })
            .collect()
    }

    /// All specs, each after what it depends on; among those that may come next, by priority
    /// (lower first, none last), day of creation (none last) and id. Specs in cycles come last.
    pub(crate) fn order(&self) -> Vec<usize> {
        let mut waiting = vec![0_usize; self.specs.len()];
        let mut dependents: Vec<Vec<usize>> = vec![Vec::new(); self.specs.len()];
        for (index, edges) in self.edges.iter().enumerate() {
            for edge in edges {
                let Lookup::One(target) = edge else { continue };
                if let (Some(count), Some(list)) =
                    (waiting.get_mut(index), dependents.get_mut(*target))
                {
                    *count += 1;
                    list.push(index);
                }
            }
        }
        let mut next = BinaryHeap::new();
        for (index, count) in waiting.iter().enumerate() {
            if *count == 0 {
                next.push(Reverse((self.urgency(index), index)));
            }
        }
        let mut order = Vec::with_capacity(self.specs.len());
        while let Some(Reverse((_, index))) = next.pop() {
            order.push(index);
            for dependent in dependents.get(index).into_iter().flatten() {
                let Some(count) = waiting.get_mut(*dependent) else {
                    continue;
                };
                *count -= 1;
                if *count == 0 {
                    next.push(Reverse((self.urgency(*dependent), *dependent)));
                }
            }
        }
        let mut rest: Vec<usize> = (0..self.specs.len())
            .filter(|index| waiting.get(*index).is_some_and(|count| *count > 0))
            .collect();
        rest.sort_by_key(|index| self.urgency(*index));
        order.extend(rest);
        order
    }

    fn urgency(&self, index: usize) -> (bool, i64, bool, &'a str, &'a str) {
        self.specs
            .get(index)
            .map_or((true, 0, true, "", ""), |spec| {
                (
                    spec.priority.is_none(),
                    spec.priority.unwrap_or(0),
                    spec.created.is_none(),
                    spec.created.as_deref().unwrap_or(""),
                    spec.id.as_str(),
                )
            })
    }
}

/// The entries of a sorted list whose text starts with a prefix.
fn prefixed<'a, T: AsRef<str>>(sorted: &'a [(T, usize)], prefix: &str) -> &'a [(T, usize)] {
    let start = sorted.partition_point(|(text, _)| text.as_ref() < prefix);
    let rest = sorted.get(start..).unwrap_or(&[]);
    let length = rest.partition_point(|(text, _)| text.as_ref().starts_with(prefix));
    rest.get(..length).unwrap_or(rest)
}

fn set<T>(list: &mut [T], index: usize, value: T) {
    if let Some(slot) = list.get_mut(index) {
        *slot = value;
    }
}
