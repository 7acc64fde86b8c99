//! The order in which the jobs of a workflow can run: in layers.

use crate::model::workflow::definition::Job;

/// The indexes of the jobs in layers. A valid workflow has no cycle, so every job is in one.
pub(crate) fn layers(jobs: &[Job]) -> Vec<Vec<usize>> {
    let mut waiting: Vec<usize> = jobs.iter().map(|job| job.needs.len()).collect();
    let mut needed_by = vec![Vec::new(); jobs.len()];
    for (index, job) in jobs.iter().enumerate() {
        for &need in &job.needs {
            if let Some(waiters) = needed_by.get_mut(need) {
                waiters.push(index);
            }
        }
    }
    let mut layers = Vec::new();
    let mut layer: Vec<usize> = (0..jobs.len())
        .filter(|&index| waiting.get(index) == Some(&0))
        .collect();
    while !layer.is_empty() {
        let mut next = Vec::new();
        for &waiter in layer.iter().filter_map(|&job| needed_by.get(job)).flatten() {
            if let Some(left) = waiting.get_mut(waiter) {
                *left -= 1;
                if *left == 0 {
                    next.push(waiter);
                }
            }
        }
        next.sort_unstable();
        layers.push(std::mem::replace(&mut layer, next));
    }
    layers
}
