//! Which attempt a process descends from, whatever it has shed.
//!
//! A process may leave its session, close what it inherited and clear its environment, and its
//! parents may be dead. It keeps its resource limits. Linux has one without a meaning since 2.4.25,
//! that on file locks (`RLIMIT_LOCKS`, setrlimit(2)): each attempt gets a number of its own there,
//! which all its descendants inherit. A supervisor that runs inside of an attempt puts its numbers
//! behind the one that it inherited. Elsewhere the variable [`MARKER`] alone tells.

use crate::proc::supervisor::attempt::MARKER;
use crate::proc::tree;

/// Bits that each level of supervisors has for its numbers: more than a workflow has steps.
const LEVEL_BITS: u32 = 20;

/// Marks of one attempt.
#[derive(Debug)]
struct Mark {
    number: Option<u64>,
    marker: String,
    attempt: String,
}

/// The attempts of one supervisor whose processes may be alive.
#[derive(Debug)]
pub(crate) struct Lineage {
    /// The number that this process inherited; 0 when it has none.
    inherited: u64,
    /// Numbers given so far.
    given: u64,
    marks: Vec<Mark>,
}

impl Lineage {
    /// The lineage of this process, without an attempt.
    pub(crate) fn new() -> Self {
        Self {
            inherited: tree::own_number().unwrap_or(0),
            given: 0,
            marks: Vec::new(),
        }
    }

    /// Spawns an attempt so that it and what it starts have a number of their own.
    pub(crate) fn spawn<T>(&mut self, attempt: &str, marker: &str, spawn: impl FnOnce() -> T) -> T {
        let number = self.next_number();
        let restore = number.and_then(tree::set_own_number);
        let spawned = spawn();
        self.marks.push(Mark {
            // What could not be set tells nothing.
            number: number.filter(|_| restore.is_some()),
            marker: marker.to_owned(),
            attempt: attempt.to_owned(),
        });
        if let Some(restore) = restore {
            restore();
        }
        spawned
    }

    /// A number that was not given yet; none when there are too many, or too many levels.
    fn next_number(&mut self) -> Option<u64> {
        let own = self.given + 1;
        if own >> LEVEL_BITS != 0 || self.inherited >> (u64::BITS - LEVEL_BITS - 1) != 0 {
            return None;
        }
        self.given = own;
        Some((self.inherited << LEVEL_BITS) | own)
    }

    /// The attempt that a process descends from, as far as its marks tell.
    pub(crate) fn attempt_of(&self, process: u32) -> Option<&str> {
        let mut number = tree::number(process).unwrap_or(0);
        while number > self.inherited {
            if let Some(mark) = self.mark_where(|mark| mark.number == Some(number)) {
                return Some(mark);
            }
            number >>= LEVEL_BITS;
        }
        let marker = tree::marker(process, MARKER)?;
        self.mark_where(|mark| mark.marker == marker)
    }

    fn mark_where(&self, wanted: impl Fn(&Mark) -> bool) -> Option<&str> {
        let found = self.marks.iter().find(|mark| wanted(mark))?;
        Some(&found.attempt)
    }

    /// Forgets the attempts whose processes are gone.
    pub(crate) fn forget(&mut self, gone: impl Fn(&str) -> bool) {
        self.marks.retain(|mark| !gone(&mark.attempt));
    }
}

/// Every descendant of this process that is not in the tree of one of `attempts`.
pub(crate) fn orphans(attempts: &[u32]) -> Vec<u32> {
    let mut found = Vec::new();
    for child in tree::children(std::process::id()) {
        if !attempts.contains(&child) {
            found.push(child);
            found.extend(tree::descendants(child));
        }
    }
    found
}

/// The orphans that descend from this attempt; those of which nobody knows when there is no other.
pub(crate) fn orphans_of(attempts: &[u32], lineage: &Lineage, name: &str) -> Vec<u32> {
    let alone = attempts.len() == 1;
    orphans(attempts)
        .into_iter()
        .filter(|pid| {
            let found = lineage.attempt_of(*pid);
            found.map_or(alone, |found| found == name)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Lineage;

    /// The first two numbers of a supervisor that inherited this one.
    fn check(inherited: u64, given: u64, expected: [Option<u64>; 2]) {
        let mut lineage = Lineage {
            inherited,
            given,
            marks: Vec::new(),
        };
        let found = [lineage.next_number(), lineage.next_number()];
        assert_eq!(found, expected, "{inherited:x} {given:x}");
    }

    #[test]
    fn numbers_stand_behind_the_one_inherited() {
        check(0, 0, [Some(1), Some(2)]);
        check(2, 0, [Some(0x20_0001), Some(0x20_0002)]);
        check(0x20_0001, 4, [Some(0x200_0010_0005), Some(0x200_0010_0006)]);
        // More levels, or more attempts, than there are numbers for.
        check(1 << 43, 0, [None, None]);
        check(0, 0xf_fffe, [Some(0xf_ffff), None]);
    }
}
