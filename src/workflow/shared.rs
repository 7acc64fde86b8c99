//! The environment that the steps of a run start from, and what becomes of it for each.

use std::os::unix::ffi::OsStrExt;

use crate::git::Repository;
use crate::model::run::event::Named;
use crate::proc::supervisor::{HoldsNul, Variables};
use crate::sys::environment::Environment;

/// The variable that marks every process of an attempt: `<run>/<attempt>`.
pub(crate) const ATTEMPT_VARIABLE: &str = "MMM_ATTEMPT";

/// What surrounds us, as steps get it. No mark of an attempt is in it.
#[derive(Debug)]
pub(super) struct Shared {
    /// In the work tree of the person.
    home: Variables,
    /// In work trees that are not the person's own.
    elsewhere: Variables,
    /// What the last step got: as a rule the next one gets the same.
    last: Option<Given>,
}

/// The variables of a step, all but the one that marks it.
#[derive(Debug)]
struct Given {
    at_home: bool,
    /// Those of its own.
    own: Vec<Named>,
    all: Variables,
}

impl Shared {
    /// What a repository gives to the programs that it starts.
    pub(super) fn of(repository: &Repository) -> Self {
        Self {
            home: variables(&repository.child_environment()),
            elsewhere: variables(&repository.plain_environment()),
            last: None,
        }
    }

    /// Gives all steps these variables, where what surrounds us does not set them.
    pub(super) fn set_defaults(&mut self, defaults: &[Named]) {
        for (name, value) in defaults {
            if self.home.get(name).is_none() {
                for all in [&mut self.home, &mut self.elsewhere] {
                    // These are paths and words: the system allows no NUL in the ones, and we
                    // write none into the others.
                    let _ = all.push(name.as_bytes(), value.as_bytes());
                }
            }
        }
    }

    /// The environment of a step with variables of its own, and the mark of its attempt.
    pub(super) fn with(
        &mut self,
        at_home: bool,
        mut own: Vec<Named>,
        mark: &str,
    ) -> Result<Variables, HoldsNul> {
        own.retain(|(name, _)| name != ATTEMPT_VARIABLE);
        let last = self.last.take();
        let last = last.filter(|last| last.at_home == at_home && last.own == own);
        let given = match last {
            Some(given) => given,
            None => Given {
                at_home,
                all: self.base(at_home).with(&own)?,
                own,
            },
        };
        let mut all = given.all.clone();
        self.last = Some(given);
        all.push(ATTEMPT_VARIABLE.as_bytes(), mark.as_bytes())?;
        Ok(all)
    }

    fn base(&self, at_home: bool) -> &Variables {
        if at_home { &self.home } else { &self.elsewhere }
    }
}

/// All variables of an environment but the mark of an attempt, which this program may run in.
fn variables(environment: &Environment) -> Variables {
    let mut all = Variables::default();
    for (name, value) in environment.iter() {
        if name != ATTEMPT_VARIABLE {
            // The system gave them, so there is no NUL in any.
            let _ = all.push(name.as_bytes(), value.as_bytes());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{ATTEMPT_VARIABLE, Shared, variables};
    use crate::sys::environment::Environment;

    fn shared() -> Shared {
        let around: Environment = [("A", "1"), (ATTEMPT_VARIABLE, "outer")]
            .into_iter()
            .collect();
        Shared {
            home: variables(&around),
            elsewhere: variables(&[("A", "far")].into_iter().collect()),
            last: None,
        }
    }

    fn own(name: &str, value: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), value.to_owned())]
    }

    #[test]
    fn each_step_gets_its_own_mark_and_what_is_its_own() {
        let mut shared = shared();
        shared.set_defaults(&[own("A", "default"), own("D", "d")].concat());
        let mut of = |at_home, own, mark| {
            let all = shared.with(at_home, own, mark).expect("no NUL");
            let shown = all.iter().map(|(name, value)| {
                let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
                format!("{}={}", text(name), text(value))
            });
            shown.collect::<Vec<_>>().join(" ")
        };
        let mark = |mark| format!("{ATTEMPT_VARIABLE}={mark}");
        let expected = format!("A=1 D=d B=2 {}", mark("r/1"));
        assert_eq!(of(true, own("B", "2"), "r/1"), expected);
        let expected = format!("A=1 D=d B=2 {}", mark("r/2"));
        assert_eq!(of(true, own("B", "2"), "r/2"), expected);
        let expected = format!("A=far D=d B=2 {}", mark("r/3"));
        assert_eq!(of(false, own("B", "2"), "r/3"), expected);
        let expected = format!("D=d A=3 {}", mark("r/4"));
        assert_eq!(of(false, own("A", "3"), "r/4"), expected);
        // Nobody else says which attempt a process belongs to.
        let forged = own(ATTEMPT_VARIABLE, "forged");
        let expected = format!("A=1 D=d {}", mark("r/5"));
        assert_eq!(of(true, forged, "r/5"), expected);
    }

    #[test]
    fn a_nul_is_refused_and_the_next_step_is_not_hurt() {
        let mut shared = shared();
        assert!(shared.with(true, own("B", "1\0C=2"), "r/1").is_err());
        let all = shared.with(true, own("B", "1"), "r/2").expect("no NUL");
        assert_eq!(all.get("B"), Some(&b"1"[..]));
        assert_eq!(all.get("C"), None);
    }
}
