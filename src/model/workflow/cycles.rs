//! Finds jobs that wait for one another.
//!
//! One depth-first walk, with a list instead of recursion: 10,000 jobs in a row are no problem.

use crate::model::workflow::needs::Edge;
use crate::model::workflow::needs::JobIds;
use crate::model::workflow::report::PROBLEMS;
use crate::model::workflow::report::Report;

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    /// On the path that is being walked, at this place.
    Open(usize),
    Done,
}

/// Reports each cycle that the walk closes, once, with its whole path.
pub(crate) fn check(jobs: &[Vec<Edge>], ids: &JobIds, report: &mut Report) {
    let mut states = vec![State::New; jobs.len()];
    let mut found = 0;
    for start in 0..jobs.len() {
        // The path: each job with the edges of it that are still to be followed.
        let mut path = Vec::new();
        open(start, jobs, &mut states, &mut path);
        while let Some((job, edges)) = path.last_mut() {
            let job = *job;
            let Some(edge) = edges.next() else {
                set(&mut states, job, State::Done);
                path.pop();
                continue;
            };
            match states.get(edge.to).copied() {
                Some(State::New) => open(edge.to, jobs, &mut states, &mut path),
                // A cycle is as long as the file at worst: past the limit none is written out.
                Some(State::Open(depth)) if found < PROBLEMS => {
                    found += 1;
                    let cycle: Vec<usize> =
                        path.iter().skip(depth).map(|(member, _)| *member).collect();
                    describe(&cycle, jobs, ids, report);
                }
                _ => {}
            }
        }
    }
}

type Path<'a> = Vec<(usize, std::slice::Iter<'a, Edge>)>;

/// Puts a job on the path, if it was not walked before.
fn open<'a>(job: usize, jobs: &'a [Vec<Edge>], states: &mut [State], path: &mut Path<'a>) {
    let new = states.get(job) == Some(&State::New);
    if let Some(edges) = jobs.get(job).filter(|_| new) {
        set(states, job, State::Open(path.len()));
        path.push((job, edges.iter()));
    }
}

fn set(states: &mut [State], job: usize, state: State) {
    if let Some(entry) = states.get_mut(job) {
        *entry = state;
    }
}

/// Reports a cycle, from its first job in the file on, at what that job needs.
fn describe(cycle: &[usize], jobs: &[Vec<Edge>], ids: &JobIds, report: &mut Report) {
    let mut cycle = cycle.to_vec();
    let first = (0..cycle.len()).min_by_key(|&index| cycle.get(index).copied());
    cycle.rotate_left(first.unwrap_or(0));
    let Some(&start) = cycle.first() else {
        return;
    };
    let next = cycle.get(1).copied().unwrap_or(start);
    let edge = jobs
        .get(start)
        .and_then(|edges| edges.iter().find(|edge| edge.to == next));
    let Some(edge) = edge else {
        return;
    };
    cycle.push(start);
    let names: Vec<&str> = cycle.iter().map(|&job| ids.name(job)).collect();
    let message = format!("jobs wait for one another: {}", names.join(" -> "));
    report.error("cycle", edge.span, message);
}
