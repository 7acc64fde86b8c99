//! What the engine hands to `git-mmm step notify`, and what a webhook gets by default.
//!
//! The file lives as long as its attempt, so a reader needs to know no other version than its own
//! program writes; it is refused by its number all the same.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::notice::{Destination, Level, Notice, Text, Webhook};

/// The format that is written.
const FORMAT: u32 = 1;

/// Largest file, in bytes.
pub(crate) const BYTES: u64 = 1024 * 1024;

/// Why a file is not a notice.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// It is no such JSON.
    #[error("it is not a notice: {0}")]
    Json(#[from] serde_json::Error),
    /// Another version wrote it.
    #[error("it has format {found}, not {FORMAT}")]
    Format {
        /// Its format.
        found: u32,
    },
    /// A field lacks or does not fit.
    #[error("`{field}` is {found}, not {expected}")]
    Field {
        /// Its name.
        field: &'static str,
        /// What stands there.
        found: String,
        /// What it may be.
        expected: &'static str,
    },
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct NoticeV1 {
    format: u32,
    to: String,
    title: String,
    message: String,
    level: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    about: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    terminal: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    command: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url_env: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret_env: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers_env: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry: Option<RetryV1>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    timeout_ms: Option<u64>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct RetryV1 {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attempts: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    initial_ms: Option<u64>,
}

/// Reads a notice.
pub(crate) fn read(bytes: &[u8]) -> Result<Notice, Error> {
    let read: NoticeV1 = serde_json::from_slice(bytes)?;
    if read.format != FORMAT {
        let found = read.format;
        return Err(Error::Format { found });
    }
    let lacks = |field, expected| Error::Field {
        field,
        found: "missing".to_owned(),
        expected,
    };
    let level = Level::from_name(&read.level).ok_or_else(|| Error::Field {
        field: "level",
        found: format!("`{}`", read.level),
        expected: "`info`, `warning` or `error`",
    })?;
    let to = match read.to.as_str() {
        "terminal" => Destination::Terminal(read.terminal),
        "desktop" => Destination::Desktop,
        "command" => Destination::Command(read.command.ok_or_else(|| lacks("command", "text"))?),
        "webhook" => {
            let url = match (read.url, read.url_env) {
                (_, Some(name)) => Text::Variable(name),
                (Some(url), None) => Text::Plain(url),
                (None, None) => return Err(lacks("url", "an address")),
            };
            let plain = read.headers.into_iter();
            let plain = plain.map(|(name, value)| (name, Text::Plain(value)));
            let named = read.headers_env.into_iter();
            let named = named.map(|(name, value)| (name, Text::Variable(value)));
            let retry = read.retry.unwrap_or_default();
            Destination::Webhook(Webhook {
                url,
                secret_env: read.secret_env,
                headers: plain.chain(named).collect(),
                body: read.body,
                attempts: retry.attempts,
                initial: retry.initial_ms.map(Duration::from_millis),
                timeout: read.timeout_ms.map(Duration::from_millis),
            })
        }
        _ => {
            return Err(Error::Field {
                field: "to",
                found: format!("`{}`", read.to),
                expected: "`terminal`, `desktop`, `webhook` or `command`",
            });
        }
    };
    Ok(Notice {
        to,
        title: read.title,
        message: read.message,
        level,
        about: read.about.into_iter().collect(),
    })
}

/// Writes a notice for `git-mmm step notify`.
pub(crate) fn write(notice: &Notice) -> Vec<u8> {
    let mut written = NoticeV1 {
        format: FORMAT,
        to: String::new(),
        title: notice.title.clone(),
        message: notice.message.clone(),
        level: notice.level.as_str().to_owned(),
        about: notice.about.iter().cloned().collect(),
        terminal: None,
        command: None,
        url: None,
        url_env: None,
        secret_env: None,
        headers: BTreeMap::new(),
        headers_env: BTreeMap::new(),
        body: None,
        retry: None,
        timeout_ms: None,
    };
    let to = match &notice.to {
        Destination::Terminal(path) => {
            written.terminal.clone_from(path);
            "terminal"
        }
        Destination::Desktop => "desktop",
        Destination::Command(command) => {
            written.command = Some(command.clone());
            "command"
        }
        Destination::Webhook(webhook) => {
            write_webhook(webhook, &mut written);
            "webhook"
        }
    };
    to.clone_into(&mut written.to);
    serde_json::to_vec(&written).expect("plain structs of text and numbers are always JSON")
}

fn write_webhook(webhook: &Webhook, written: &mut NoticeV1) {
    match &webhook.url {
        Text::Plain(url) => written.url = Some(url.clone()),
        Text::Variable(name) => written.url_env = Some(name.clone()),
    }
    for (name, value) in &webhook.headers {
        match value {
            Text::Plain(value) => written.headers.insert(name.clone(), value.clone()),
            Text::Variable(value) => written.headers_env.insert(name.clone(), value.clone()),
        };
    }
    let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    written.secret_env.clone_from(&webhook.secret_env);
    written.body.clone_from(&webhook.body);
    written.timeout_ms = webhook.timeout.map(ms);
    if webhook.attempts.is_some() || webhook.initial.is_some() {
        written.retry = Some(RetryV1 {
            attempts: webhook.attempts,
            initial_ms: webhook.initial.map(ms),
        });
    }
}

/// The body that a webhook gets when the workflow gives none: one flat object of texts.
pub(crate) fn body(notice: &Notice) -> Vec<u8> {
    let own = [
        ("title", notice.title.as_str()),
        ("message", notice.message.as_str()),
        ("level", notice.level.as_str()),
    ];
    let about = notice.about.iter();
    let about = about.map(|(name, value)| (name.as_str(), value.as_str()));
    let object: BTreeMap<&str, &str> = about.chain(own).collect();
    serde_json::to_vec(&object).expect("texts are always JSON")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{body, read, write};
    use crate::model::notice::{Destination, Level, Notice, Text, Webhook};

    fn notice(to: Destination) -> Notice {
        Notice {
            to,
            title: "Done".to_owned(),
            message: "a \"b\"\n".to_owned(),
            level: Level::Warning,
            about: vec![("run".to_owned(), "01".to_owned())],
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let webhook = Webhook {
            url: Text::Variable("HOOK".to_owned()),
            secret_env: Some("KEY".to_owned()),
            headers: vec![
                ("a".to_owned(), Text::Plain("1".to_owned())),
                ("b".to_owned(), Text::Variable("B".to_owned())),
            ],
            body: Some("{}".to_owned()),
            attempts: Some(2),
            initial: None,
            timeout: Some(Duration::from_secs(3)),
        };
        for to in [
            Destination::Terminal(None),
            Destination::Terminal(Some("/dev/pts/1".to_owned())),
            Destination::Desktop,
            Destination::Command("echo".to_owned()),
            Destination::Webhook(webhook),
        ] {
            let notice = notice(to);
            assert_eq!(read(&write(&notice)).expect("reads"), notice);
        }
    }

    #[test]
    fn what_is_no_notice_is_refused() {
        let check = |text: &str, expected: &str| {
            let error = read(text.as_bytes()).expect_err("is none");
            assert_eq!(error.to_string(), expected, "{text}");
        };
        let with = |rest: &str| format!(r#"{{"format":1,"title":"","message":"",{rest}}}"#);
        check(
            &with(r#""to":"mail","level":"info""#),
            "`to` is `mail`, not `terminal`, `desktop`, `webhook` or `command`",
        );
        check(
            &with(r#""to":"desktop","level":"loud""#),
            "`level` is `loud`, not `info`, `warning` or `error`",
        );
        check(
            &with(r#""to":"webhook","level":"info""#),
            "`url` is missing, not an address",
        );
        let newer =
            with(r#""to":"desktop","level":"info""#).replace("\"format\":1", "\"format\":2");
        check(&newer, "it has format 2, not 1");
        assert!(read(b"{}").is_err());
    }

    #[test]
    fn a_webhook_gets_one_flat_object() {
        let text = String::from_utf8(body(&notice(Destination::Desktop))).expect("UTF-8");
        assert_eq!(
            text,
            r#"{"level":"warning","message":"a \"b\"\n","run":"01","title":"Done"}"#
        );
    }
}
