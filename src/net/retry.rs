//! Trying again: how often, and after which pauses.

use std::time::Duration;

use crate::net::Error;

/// Most attempts of one request.
pub(crate) const ATTEMPTS: u32 = 5;

/// Longest pause between two attempts.
const LONGEST: Duration = Duration::from_mins(2);

/// How often and when a request is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Retry {
    /// Attempts in all, the first one included.
    pub(crate) attempts: u32,
    /// The pause after the first attempt; it doubles after each.
    pub(crate) initial: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: ATTEMPTS,
            initial: Duration::from_secs(1),
        }
    }
}

/// What became of one attempt.
#[derive(Debug)]
pub(crate) struct Attempt<'a> {
    /// Which one it was, from 1.
    pub(crate) number: u32,
    /// How many there may be.
    pub(crate) of: u32,
    /// The status of the answer, or why there is none.
    pub(crate) result: Result<u16, &'a Error>,
    /// The pause before the next one; nothing when there is none.
    pub(crate) pause: Option<Duration>,
}

/// What trying again needs from outside.
pub(crate) struct Surroundings<'a> {
    /// 64 random bits.
    pub(crate) random: &'a mut dyn FnMut() -> u64,
    /// Lets time pass.
    pub(crate) sleep: &'a mut dyn FnMut(Duration),
    /// Is told of each attempt.
    pub(crate) told: &'a mut dyn FnMut(&Attempt<'_>),
}

impl Retry {
    /// Sends until it worked, cannot work, or was tried often enough. At most [`ATTEMPTS`] times.
    pub(crate) fn run(
        &self,
        mut send: impl FnMut() -> Result<u16, Error>,
        surroundings: &mut Surroundings<'_>,
    ) -> Result<u16, Error> {
        let of = self.attempts.clamp(1, ATTEMPTS);
        let mut number = 1;
        loop {
            let result = send().map_err(too_late);
            let random = &mut *surroundings.random;
            let pause = match &result {
                Err(error) if error.is_transient() && number < of => {
                    Some(self.pause(number, error, random()))
                }
                _ => None,
            };
            (surroundings.told)(&Attempt {
                number,
                of,
                result: result.as_ref().copied(),
                pause,
            });
            let Some(pause) = pause else {
                return result;
            };
            (surroundings.sleep)(pause);
            number += 1;
        }
    }

    /// The pause after an attempt: what the server asks for, else twice the one before; up to half
    /// of it is left out at random, so that many do not come back at once.
    fn pause(&self, number: u32, error: &Error, random: u64) -> Duration {
        if let Error::Refused {
            retry_after: Some(asked),
            ..
        } = error
        {
            return *asked;
        }
        let doubled = self.initial.saturating_mul(1 << (number - 1).min(16));
        let whole = doubled.min(LONGEST);
        let half = whole / 2;
        let thousandth = u32::try_from(random % 1001).unwrap_or(0);
        half + half * thousandth / 1000
    }
}

/// A server that asks for more patience than there is gets none.
fn too_late(error: Error) -> Error {
    match error {
        Error::Refused {
            host,
            status,
            retry_after: Some(asked),
            ..
        } if asked > LONGEST => Error::Later {
            host,
            status,
            asked,
            limit: LONGEST,
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Retry, Surroundings};
    use crate::net::Error;

    const SECOND: Duration = Duration::from_secs(1);

    fn refused(status: u16, retry_after: Option<u64>) -> Error {
        Error::Refused {
            host: "h".to_owned(),
            status,
            said_first: String::new(),
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    /// The end, and the pauses in milliseconds, of a server that answers like this.
    fn check(answers: Vec<Result<u16, Error>>, random: u64, end: Result<u16, &str>, ms: &[u128]) {
        let mut answers = answers.into_iter();
        let (mut slept, mut told) = (Vec::new(), 0);
        let found = Retry {
            attempts: 9,
            initial: SECOND,
        }
        .run(
            || answers.next().expect("one more answer"),
            &mut Surroundings {
                random: &mut || random,
                sleep: &mut |pause| slept.push(pause.as_millis()),
                told: &mut |attempt| {
                    told += 1;
                    assert_eq!((attempt.number, attempt.of), (told, 5));
                },
            },
        );
        let found = found.map_err(|error| error.to_string());
        assert_eq!(found, end.map_err(str::to_owned));
        assert_eq!(slept, ms);
        assert_eq!(answers.count(), 0, "all were asked for");
    }

    #[test]
    fn what_may_pass_is_tried_again() {
        check(vec![Ok(204)], 0, Ok(204), &[]);
        check(vec![Err(refused(500, None)), Ok(200)], 0, Ok(200), &[500]);
        check(
            vec![Err(refused(503, None)), Ok(200)],
            1000,
            Ok(200),
            &[1000],
        );
        check(
            vec![Err(refused(429, Some(7))), Ok(200)],
            0,
            Ok(200),
            &[7000],
        );
        let slow = Error::Slow {
            host: "h".to_owned(),
            limit: SECOND,
        };
        check(vec![Err(slow), Ok(200)], 0, Ok(200), &[500]);
        let always = (0..5).map(|_| Err(refused(502, None))).collect();
        check(always, 0, Err("h answered 502"), &[500, 1000, 2000, 4000]);
    }

    #[test]
    fn what_cannot_work_is_not() {
        check(vec![Err(refused(404, None))], 0, Err("h answered 404"), &[]);
        let redirect = Error::Redirect {
            host: "h".to_owned(),
            status: 302,
        };
        let told = "h answered 302, a redirect, which is not followed";
        check(vec![Err(redirect)], 0, Err(told), &[]);
        let told = "h answered 503 and asks to wait 121 s, more than 120 s";
        check(vec![Err(refused(503, Some(121)))], 0, Err(told), &[]);
    }

    #[test]
    fn pauses_have_an_end() {
        let retry = Retry {
            attempts: 5,
            initial: Duration::from_hours(9),
        };
        let pause = retry.pause(4, &refused(500, None), 1000);
        assert_eq!(pause, Duration::from_mins(2));
    }
}
