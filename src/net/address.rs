//! Addresses that requests go to.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use crate::net::Error;

/// Longest address, in bytes.
const BYTES: usize = 8 * 1024;

/// An address of the web: `https`, or `http` on this machine.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address {
    url: Url,
}

// What is printed for debugging leaves out what may be a secret.
impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Address({})", self.host())
    }
}

impl Address {
    /// Reads an address.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let refused = |reason| Err(Error::Address { reason });
        if text.len() > BYTES {
            return refused("is longer than 8 KiB");
        }
        let Ok(url) = Url::parse(text.trim()) else {
            return refused("is not one of the web, such as `https://example.org/hook`");
        };
        let address = Self { url };
        match address.url.scheme() {
            "https" => Ok(address),
            "http" if address.is_loopback() => Ok(address),
            "http" => {
                refused("begins with `http://`, which is for this machine only: use `https://`")
            }
            _ => refused("does not begin with `https://`"),
        }
    }

    /// Whether it is on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        let Some(host) = self.url.host_str() else {
            return false;
        };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let ip: Option<IpAddr> = bare.parse().ok();
        ip.map_or(host == "localhost", |ip| ip.is_loopback())
    }

    /// Whether nobody on the way can read along.
    pub(super) fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The host, with its port where it is not the usual one: what may be shown of it.
    pub(crate) fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    pub(super) fn url(&self) -> Url {
        self.url.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn only_encrypted_ones_and_this_machine_are_asked() {
        let check = |text: &str, expected: Result<&str, &str>| {
            let found = Address::parse(text).map(|address| address.host());
            let found = found.map_err(|error| error.to_string());
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(found, expected, "{text}");
        };
        check("https://u:p@example.org/secret?x=1", Ok("example.org"));
        check("https://example.org:8443", Ok("example.org:8443"));
        check("http://127.0.0.1:80/x", Ok("127.0.0.1"));
        check("http://[::1]:8080/x", Ok("[::1]:8080"));
        check("http://localhost/", Ok("localhost"));
        let plain =
            "the address begins with `http://`, which is for this machine only: use `https://`";
        check("http://example.org/", Err(plain));
        check("http://127.0.0.1.example.org/", Err(plain));
        check("http://localhost.example.org/", Err(plain));
        check(
            "file:///etc/passwd",
            Err("the address does not begin with `https://`"),
        );
        check(
            "example.org",
            Err("the address is not one of the web, such as `https://example.org/hook`"),
        );
        let long = format!("https://example.org/{}", "x".repeat(9000));
        check(&long, Err("the address is longer than 8 KiB"));
        let shown = format!("{:?}", Address::parse("https://example.org/secret"));
        assert!(!shown.contains("secret"), "{shown}");
    }
}
