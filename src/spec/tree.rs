//! What waits for what, as lines of a tree.

use crate::model::spec::graph::{Graph, Lookup};

/// Lines of one tree: past that a person looks at single specs.
const LINES: usize = 10_000;

/// Levels whose branches are drawn; deeper ones are only counted.
const LEVELS: usize = 20;

/// What stands on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// The spec with this index; what it depends on follows below it.
    Spec(usize),
    /// The same, shown in full further up.
    Above(usize),
    /// The same, which is one that waits for this very line.
    Cycle(usize),
    /// A reference that means no spec.
    Unresolved(String),
    /// A reference that may mean several specs.
    Ambiguous(String),
    /// There are more lines than are shown.
    More,
}

/// One line of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Levels between the root and it that [`Line::last`] does not tell of.
    pub(crate) hidden: usize,
    /// For each of the levels next to it, whether the branch is the last one there.
    pub(crate) last: Vec<bool>,
    /// What stands there.
    pub(crate) entry: Entry,
}

impl Line {
    /// The spec on this line, if there is one.
    pub(crate) fn spec(&self) -> Option<usize> {
        match self.entry {
            Entry::Spec(index) | Entry::Above(index) | Entry::Cycle(index) => Some(index),
            Entry::Unresolved(_) | Entry::Ambiguous(_) | Entry::More => None,
        }
    }
}

/// The trees below these specs; none means below every spec that no other one waits for, and then
/// those of cycles that nothing else leads to.
pub(crate) fn lines(graph: &Graph<'_>, roots: &[usize]) -> Vec<Line> {
    let mut tree = Tree {
        graph,
        shown: vec![false; graph.specs().len()],
        open: vec![false; graph.specs().len()],
        lines: Vec::new(),
    };
    for root in roots {
        tree.grow(*root);
    }
    if roots.is_empty() {
        let mut awaited = vec![false; graph.specs().len()];
        for index in 0..graph.specs().len() {
            for edge in graph.dependencies(index) {
                if let Lookup::One(target) = edge
                    && let Some(slot) = awaited.get_mut(*target)
                {
                    *slot = true;
                }
            }
        }
        let order = graph.order();
        let free = |index: &&usize| awaited.get(**index) == Some(&false);
        for index in order.iter().filter(free) {
            tree.grow(*index);
        }
        for index in &order {
            if tree.shown.get(*index) == Some(&false) {
                tree.grow(*index);
            }
        }
    }
    tree.lines
}

struct Tree<'a, 'g> {
    graph: &'a Graph<'g>,
    shown: Vec<bool>,
    /// Which specs are on the path from the root.
    open: Vec<bool>,
    lines: Vec<Line>,
}

impl Tree<'_, '_> {
    /// Adds the tree below one spec, without recursion: a chain may be as long as the list.
    fn grow(&mut self, root: usize) {
        // The path from the root: each spec with the dependency that is looked at next.
        let mut path: Vec<(usize, usize)> = Vec::new();
        let mut last: Vec<bool> = Vec::new();
        if self.enter(root, &last) {
            self.set_open(root, true);
            path.push((root, 0));
        }
        while let Some((node, next)) = path.last_mut() {
            if self.lines.len() >= LINES {
                let entry = Entry::More;
                self.line(entry, &[]);
                return;
            }
            let edges = self.graph.dependencies(*node);
            let (from, position) = (*node, *next);
            *next += 1;
            let Some(edge) = edges.get(position) else {
                self.set_open(from, false);
                path.pop();
                last.pop();
                continue;
            };
            last.push(position + 1 == edges.len());
            let deeper = match edge {
                Lookup::One(target) if self.open.get(*target) == Some(&true) => {
                    self.line(Entry::Cycle(*target), &last);
                    None
                }
                Lookup::One(target) => self.enter(*target, &last).then_some(*target),
                _ => {
                    let written = self.graph.specs().get(from);
                    let written = written.and_then(|spec| spec.depends_on.get(position));
                    let text = written.map(|written| written.text.clone());
                    let text = text.unwrap_or_default();
                    let entry = match edge {
                        Lookup::Ambiguous(_) => Entry::Ambiguous(text),
                        _ => Entry::Unresolved(text),
                    };
                    self.line(entry, &last);
                    None
                }
            };
            match deeper {
                Some(target) => {
                    self.set_open(target, true);
                    path.push((target, 0));
                }
                None => {
                    last.pop();
                }
            }
        }
    }

    fn set_open(&mut self, index: usize, open: bool) {
        if let Some(slot) = self.open.get_mut(index) {
            *slot = open;
        }
    }

    /// Adds the line of a spec; false when what is below it was shown before.
    fn enter(&mut self, index: usize, last: &[bool]) -> bool {
        let known = self.shown.get(index).copied().unwrap_or(true);
        let below = !self.graph.dependencies(index).is_empty();
        if known && below {
            self.line(Entry::Above(index), last);
            return false;
        }
        if let Some(slot) = self.shown.get_mut(index) {
            *slot = true;
        }
        self.line(Entry::Spec(index), last);
        true
    }

    fn line(&mut self, entry: Entry, last: &[bool]) {
        // The branches of a chain as long as the list would fill the memory.
        let hidden = last.len().saturating_sub(LEVELS);
        self.lines.push(Line {
            hidden,
            last: last.get(hidden..).unwrap_or_default().to_vec(),
            entry,
        });
    }
}
