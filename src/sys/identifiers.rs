//! Fresh ids from the clock and random bytes.

use std::cell::Cell;

use ulid::Ulid;

use crate::base::ids::{CriterionId, RecordId, RunId, SpecId};
use crate::sys::Error;
use crate::sys::clock::Clock;
use crate::sys::environment::Environment;

/// Makes ids reproducible: a whole number. Never inherited by the processes that we start.
pub(crate) const SEED_VARIABLE: &str = "MMM_SEED";

/// Makes ids.
///
/// The clock is hybrid: an id is never older than the newest one seen (see
/// [`Identifiers::observe`]), so that what happened later sorts later even when the machine's
/// clock was set back.
#[derive(Debug)]
pub(crate) struct Identifiers {
    clock: Clock,
    /// `None` asks the kernel.
    seed: Option<Cell<u64>>,
    last: Cell<Option<Ulid>>,
}

impl Identifiers {
    /// The generator that the environment asks for.
    pub(crate) fn from_environment(clock: Clock, environment: &Environment) -> Result<Self, Error> {
        let seed = match environment.var(SEED_VARIABLE) {
            None => None,
            Some(value) => Some(value.parse().map_err(|_| Error::Variable {
                name: SEED_VARIABLE,
                found: value.to_owned(),
                expected: "a whole number",
            })?),
        };
        Ok(Self {
            clock,
            seed: seed.map(Cell::new),
            last: Cell::new(None),
        })
    }

    /// 64 random bits.
    pub(crate) fn random(&self) -> u64 {
        match &self.seed {
            Some(state) => split_mix(state),
            None => kernel_random(),
        }
    }

    /// Takes note of an id made elsewhere: the next one will be later.
    pub(crate) fn observe(&self, timestamp_ms: u64) {
        let seen = Ulid::from_parts(timestamp_ms, u128::MAX >> 48);
        if self.last.get().is_none_or(|last| last < seen) {
            self.last.set(Some(seen));
        }
    }

    /// A new ULID, later than every one made or seen before.
    fn ulid(&self) -> Ulid {
        let random = (u128::from(self.random()) << 64) | u128::from(self.random());
        let fresh = Ulid::from_parts(self.clock.now_ms(), random);
        let next = match self.last.get() {
            Some(last) if last >= fresh => {
                // The same millisecond, or a clock that went back: count on from the last id.
                last.increment()
                    .unwrap_or_else(|_| Ulid::from_parts(last.timestamp_ms() + 1, random >> 1))
            }
            _ => fresh,
        };
        self.last.set(Some(next));
        next
    }

    /// A new run id.
    pub(crate) fn run_id(&self) -> RunId {
        RunId::new(self.ulid())
    }

    /// A new record id.
    pub(crate) fn record_id(&self) -> RecordId {
        RecordId::new(self.ulid())
    }

    /// A new spec id; the caller checks that no spec has it.
    pub(crate) fn spec_id(&self) -> SpecId {
        SpecId::from_random(self.random())
    }

    /// A new criterion id; the caller checks that no criterion of the spec has it.
    pub(crate) fn criterion_id(&self) -> CriterionId {
        CriterionId::from_random(self.random())
    }
}

/// `SplitMix64` (Steele, Lea, Flood 2014): small, and good enough for ids in reproducible runs.
fn split_mix(state: &Cell<u64>) -> u64 {
    let next = state.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
    state.set(next);
    let mixed = (next ^ (next >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(target_os = "linux")]
fn kernel_random() -> u64 {
    let mut bytes = [0_u8; 8];
    // Eight bytes never come in part once the kernel's pool is ready, and the call waits for that.
    let got = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty());
    assert_eq!(got, Ok(bytes.len()), "the kernel gives eight random bytes");
    u64::from_ne_bytes(bytes)
}

#[cfg(not(target_os = "linux"))]
fn kernel_random() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    // Keys of `RandomState` come from the system's random generator; one fresh state a call.
    let keyed = std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish();
    let address = u64::from(std::process::id()) << 32;
    split_mix(&Cell::new(keyed ^ address))
}

#[cfg(test)]
mod tests {
    use super::{Identifiers, SEED_VARIABLE};
    use crate::sys::clock::Clock;
    use crate::sys::environment::Environment;

    fn identifiers(clock: Clock, seed: &str) -> Identifiers {
        let environment: Environment = [(SEED_VARIABLE, seed)].into_iter().collect();
        Identifiers::from_environment(clock, &environment).expect("a number is a seed")
    }

    #[test]
    fn ids_rise_within_a_millisecond() {
        let identifiers = identifiers(Clock::Fixed(1_000), "7");
        let ids: Vec<_> = (0..1_000).map(|_| identifiers.record_id()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn ids_rise_past_one_seen_elsewhere() {
        let identifiers = identifiers(Clock::Fixed(1_000), "7");
        identifiers.observe(5_000);
        let next = identifiers.run_id();
        assert!(next.timestamp_ms() >= 5_000, "{next}");
        assert!(identifiers.run_id() > next);
    }

    #[test]
    fn a_seed_repeats_and_no_seed_does_not() {
        let one = identifiers(Clock::Fixed(1), "1").run_id();
        assert_eq!(identifiers(Clock::Fixed(1), "1").run_id(), one);
        let free = || {
            Identifiers::from_environment(Clock::Fixed(1), &Environment::default())
                .expect("no seed is fine")
                .run_id()
        };
        assert_ne!(free(), free());
    }
}
