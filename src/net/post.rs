//! One request with a body, and its answer.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, redirect, retry};

use crate::base::text::one_line;
use crate::net::Error;
use crate::net::address::Address;
use crate::sys::clock::{self, Clock};

/// Most that is read of an answer, in bytes.
const ANSWER_BYTES: usize = 64 * 1024;

/// Characters of an answer that a message shows.
const SHOWN: usize = 200;

/// A request to store or to tell something.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    /// Where it goes.
    pub(crate) address: Address,
    /// Names and values of headers.
    pub(crate) headers: Vec<(String, String)>,
    /// What it says.
    pub(crate) body: Vec<u8>,
    /// How long the answer may take, the connection included.
    pub(crate) timeout: Duration,
}

impl Post {
    /// Sends it and gives the status of the answer; one that is no success is an error.
    ///
    /// Proxies are those of the environment, but for this machine. Redirects are not followed:
    /// what is signed for one must not reach another.
    pub(crate) fn send(&self, clock: Clock) -> Result<u16, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(|error| Error::Client {
                reason: error.to_string(),
            })?;
        let client = self.client()?;
        let headers = self.headers()?;
        let answer = runtime.block_on(self.converse(&client, headers, clock));
        // A name that is still being looked up must not keep us.
        runtime.shutdown_background();
        answer
    }

    fn client(&self) -> Result<Client, Error> {
        // Another one may have been the first: there is but one kind of them here.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .pool_max_idle_per_host(0)
            .timeout(self.timeout)
            .user_agent(concat!("git-mmm/", env!("CARGO_PKG_VERSION")));
        if self.address.is_loopback() {
            builder = builder.no_proxy();
        }
        if !self.address.is_encrypted() {
            // A machine without certificates can still talk to itself.
            builder = builder.tls_certs_only([]);
        }
        builder.build().map_err(|error| Error::Client {
            reason: cause(&error),
        })
    }

    fn headers(&self) -> Result<HeaderMap, Error> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let bad = || Error::Header {
                name: one_line(name),
            };
            let key: HeaderName = name.parse().map_err(|_| bad())?;
            let value: HeaderValue = value.parse().map_err(|_| bad())?;
            headers.insert(key, value);
        }
        Ok(headers)
    }

    async fn converse(
        &self,
        client: &Client,
        headers: HeaderMap,
        clock: Clock,
    ) -> Result<u16, Error> {
        let request = client
            .post(self.address.url())
            .headers(headers)
            .body(self.body.clone());
        let answer = request.send().await.map_err(|error| self.broken(&error))?;
        let status = answer.status();
        let (host, code) = (self.address.host(), status.as_u16());
        if status.is_redirection() {
            return Err(Error::Redirect { host, status: code });
        }
        let retry_after = retry_after(answer.headers(), clock);
        let body = self.read(answer).await?;
        if status.is_success() {
            return Ok(code);
        }
        let text = String::from_utf8_lossy(&body);
        let first = text.lines().map(str::trim).find(|line| !line.is_empty());
        let first: String = first.unwrap_or_default().chars().take(SHOWN).collect();
        Err(Error::Refused {
            host,
            status: code,
            said_first: one_line(&first),
            retry_after,
        })
    }

    /// Reads as much of an answer as is read at all.
    async fn read(&self, mut answer: Response) -> Result<Vec<u8>, Error> {
        let mut body = Vec::new();
        while body.len() < ANSWER_BYTES {
            match answer.chunk().await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => return Err(self.broken(&error)),
            }
        }
        body.truncate(ANSWER_BYTES);
        Ok(body)
    }

    fn broken(&self, error: &reqwest::Error) -> Error {
        let host = self.address.host();
        if error.is_timeout() {
            let limit = self.timeout;
            return Error::Slow { host, limit };
        }
        Error::NoAnswer {
            host,
            reason: cause(error),
        }
    }
}

/// The innermost cause of an error: the outer ones name the address.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if cause.is::<reqwest::Error>() {
        return "the connection broke".to_owned();
    }
    one_line(&cause.to_string().chars().take(SHOWN).collect::<String>())
}

/// How long a server wants to be left alone: seconds, or until a date.
fn retry_after(headers: &HeaderMap, clock: Clock) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = clock::parse_http_date(text)?;
    Some(Duration::from_millis(then.saturating_sub(clock.now_ms())))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};

    use super::retry_after;
    use crate::sys::clock::Clock;

    #[test]
    fn a_server_says_seconds_or_a_date() {
        let check = |text: &'static str, seconds: Option<u64>| {
            let headers: HeaderMap = [(RETRY_AFTER, HeaderValue::from_static(text))]
                .into_iter()
                .collect();
            let clock = Clock::Fixed(784_111_777_000);
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(retry_after(&headers, clock), expected, "{text}");
        };
        check("0", Some(0));
        check("120", Some(120));
        check("Sun, 06 Nov 1994 08:49:47 GMT", Some(10));
        check("Sun, 06 Nov 1994 08:49:07 GMT", Some(0));
        check("soon", None);
        check("-1", None);
    }
}
