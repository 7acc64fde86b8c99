//! Delivers a notice: what a `notify` step does, in a process of its own.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use crate::base::text::{counted, one_line};
use crate::model::notice::{Destination, Level, Notice, Text, Webhook};
use crate::net;
use crate::net::address::Address;
use crate::net::post::Post;
use crate::net::retry::{Attempt, Retry, Surroundings};
use crate::net::signature::sign;
use crate::proc;
use crate::proc::command::{Exit, Invocation};
use crate::state::format::notice_v1;
use crate::sys::clock::Clock;
use crate::sys::environment::Environment;
use crate::sys::identifiers::Identifiers;
use crate::sys::terminal;

/// The header that carries the signature of a body.
const SIGNATURE: &str = "x-mmm-signature-256";

/// Time that an answer has when the workflow gives none.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Most time that an answer is given.
const LONGEST_TIMEOUT: Duration = Duration::from_mins(1);

/// Time that the desktop has to take a notice.
const DESKTOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a notice did not reach anybody.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The server did not take it.
    #[error(transparent)]
    Net(#[from] net::Error),
    /// A program could not be run.
    #[error(transparent)]
    Process(#[from] proc::Error),
    /// A variable that something is to be read from is not there.
    #[error("the variable `{name}` is not set, and {what} is to be in it")]
    Variable {
        /// Its name.
        name: String,
        /// What it is to hold.
        what: &'static str,
    },
    /// There is no program that shows notices.
    #[error("the desktop cannot be told: there is no program `{program}`")]
    NoDesktop {
        /// The program.
        program: &'static str,
    },
    /// The program that shows notices failed.
    #[error("the desktop cannot be told: `{program}` ended with {exit}: {complaint}")]
    Desktop {
        /// The program.
        program: &'static str,
        /// How it ended.
        exit: Exit,
        /// What it said.
        complaint: String,
    },
    /// The command of the workflow failed.
    #[error("the command ended with {exit}")]
    Command {
        /// How it ended.
        exit: Exit,
    },
}

impl Error {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoDesktop {
                program: "notify-send",
            } => Some("install libnotify, or notify with `to: terminal` or `to: command`"),
            Self::Desktop { .. } => Some("is there a desktop session? `to: terminal` needs none"),
            Self::Net(net::Error::Redirect { .. }) => Some("give the address that it redirects to"),
            Self::Variable { .. } => Some("set it in `env` of the step, or see `secrets`"),
            _ => None,
        }
    }
}

/// Who delivers notices.
pub(crate) struct Courier<'a> {
    /// The variables of the step.
    pub(crate) environment: &'a Environment,
    /// The time.
    pub(crate) clock: Clock,
    /// Random bits.
    pub(crate) identifiers: &'a Identifiers,
    /// Prints a line at once.
    pub(crate) say: &'a mut dyn FnMut(&str),
}

impl Courier<'_> {
    /// Delivers one.
    pub(crate) fn deliver(&mut self, notice: &Notice) -> Result<(), Error> {
        match &notice.to {
            Destination::Terminal(path) => {
                self.terminal(notice, path.as_deref());
                Ok(())
            }
            Destination::Desktop => self.desktop(notice),
            Destination::Webhook(webhook) => self.webhook(notice, webhook),
            Destination::Command(command) => self.command(notice, command),
        }
    }

    /// Says it in the output of the step, and draws the attention of the terminal.
    fn terminal(&mut self, notice: &Notice, path: Option<&str>) {
        let mark = match notice.level {
            Level::Info => "",
            Level::Warning => "warning: ",
            Level::Error => "error: ",
        };
        (self.say)(&format!("{mark}{}", sentence(notice)));
        // The line is said; a terminal that is not there, or does not listen, has missed a bell.
        let known = self.environment.var("TERM");
        let speaks = known.is_some_and(|term| !matches!(term, "dumb" | "linux"));
        let path = Path::new(path.unwrap_or("/dev/tty"));
        if let Some(mut terminal) = terminal::open(path) {
            let call = if speaks {
                format!("\u{1b}]9;{}\u{7}\u{7}", sentence(notice))
            } else {
                "\u{7}".to_owned()
            };
            let _ = terminal.write_all(call.as_bytes());
        }
    }

    fn desktop(&mut self, notice: &Notice) -> Result<(), Error> {
        let (program, arguments) = if cfg!(target_os = "macos") {
            ("osascript", mac_arguments(notice))
        } else {
            ("notify-send", linux_arguments(notice))
        };
        let output = Invocation::new(program)
            .args(arguments)
            .environment(self.environment)
            .timeout(DESKTOP_TIMEOUT)
            .run()
            .map_err(|error| match error {
                proc::Error::Start { source, .. }
                    if source.kind() == std::io::ErrorKind::NotFound =>
                {
                    Error::NoDesktop { program }
                }
                other => other.into(),
            })?;
        if !output.exit.success() {
            return Err(Error::Desktop {
                program,
                exit: output.exit,
                complaint: one_line(&output.complaint()),
            });
        }
        (self.say)("the desktop was told");
        Ok(())
    }

    fn webhook(&mut self, notice: &Notice, webhook: &Webhook) -> Result<(), Error> {
        let address = Address::parse(&self.text(&webhook.url, "the address")?)?;
        let body = match &webhook.body {
            Some(body) => body.clone().into_bytes(),
            None => notice_v1::body(notice),
        };
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        for (name, value) in &webhook.headers {
            headers.push((name.clone(), self.text(value, "a header")?));
        }
        if let Some(name) = &webhook.secret_env {
            let key = self.variable(name, "the key of the signature")?;
            headers.push((SIGNATURE.to_owned(), sign(key.as_bytes(), &body)));
        }
        let timeout = webhook.timeout.unwrap_or(TIMEOUT);
        let post = Post {
            address,
            headers,
            body,
            timeout: timeout.clamp(Duration::from_millis(1), LONGEST_TIMEOUT),
        };
        let retry = Retry {
            attempts: webhook.attempts.unwrap_or(Retry::default().attempts),
            initial: webhook.initial.unwrap_or(Retry::default().initial),
        };
        let host = post.address.host();
        let identifiers = self.identifiers;
        let say = &mut *self.say;
        retry.run(
            || post.send(self.clock),
            &mut Surroundings {
                random: &mut || identifiers.random(),
                sleep: &mut std::thread::sleep,
                told: &mut |attempt| say(&told(attempt, &host)),
            },
        )?;
        Ok(())
    }

    fn command(&mut self, notice: &Notice, command: &str) -> Result<(), Error> {
        let mut invocation = Invocation::new("sh")
            .args(["-c", command])
            .environment(self.environment)
            .env("MMM_NOTIFY_TITLE", without_nul(&notice.title))
            .env("MMM_NOTIFY_MESSAGE", without_nul(&notice.message))
            .env("MMM_NOTIFY_LEVEL", notice.level.as_str());
        for (name, value) in &notice.about {
            let name = name.to_ascii_uppercase().replace('-', "_");
            invocation = invocation.env(format!("MMM_NOTIFY_{name}"), without_nul(value));
        }
        match invocation.run_attached()? {
            Exit::Code(0) => Ok(()),
            exit => Err(Error::Command { exit }),
        }
    }

    fn text(&self, text: &Text, what: &'static str) -> Result<String, Error> {
        match text {
            Text::Plain(text) => Ok(text.clone()),
            Text::Variable(name) => self.variable(name, what).map(str::to_owned),
        }
    }

    fn variable(&self, name: &str, what: &'static str) -> Result<&str, Error> {
        self.environment.var(name).ok_or_else(|| Error::Variable {
            name: name.to_owned(),
            what,
        })
    }
}

/// Title and message in one line, without anything that a terminal obeys.
fn sentence(notice: &Notice) -> String {
    let (title, message) = (plain(&notice.title), plain(&notice.message));
    match (title.as_str(), message.as_str()) {
        (only, "") | ("", only) => only.to_owned(),
        (title, message) => format!("{title}: {message}"),
    }
}

/// A text in one line, control characters left out.
fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let bare: String = words
        .join(" ")
        .chars()
        .filter(|character| !character.is_control())
        .collect();
    one_line(&bare)
}

fn without_nul(text: &str) -> String {
    text.replace('\0', "")
}

fn linux_arguments(notice: &Notice) -> Vec<String> {
    let urgency = match notice.level {
        Level::Info => "low",
        Level::Warning => "normal",
        Level::Error => "critical",
    };
    // Desktops read tags in the message.
    let message = plain(&notice.message)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let options = [
        "--app-name=git-mmm".to_owned(),
        format!("--urgency={urgency}"),
    ];
    let texts = ["--".to_owned(), plain(&notice.title), message];
    options.into_iter().chain(texts).collect()
}

fn mac_arguments(notice: &Notice) -> Vec<String> {
    let script = "display notification (item 2 of argv) with title (item 1 of argv)";
    let lines = ["-e", "on run argv", "-e", script, "-e", "end run"];
    let texts = [plain(&notice.title), plain(&notice.message)];
    lines.into_iter().map(str::to_owned).chain(texts).collect()
}

/// One attempt, for the output of the step.
fn told(attempt: &Attempt<'_>, host: &str) -> String {
    let (number, of) = (attempt.number, attempt.of);
    let pause = attempt.pause.map(|pause| {
        let ms = pause.as_millis();
        format!("; again in {}.{:03} s", ms / 1000, ms % 1000)
    });
    let pause = pause.unwrap_or_default();
    match attempt.result {
        Ok(status) => {
            let tries = counted(usize::try_from(number).unwrap_or(0), "attempt");
            format!("{host} answered {status} ({tries})")
        }
        Err(error) => format!("attempt {number} of {of}: {error}{pause}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{linux_arguments, mac_arguments, sentence};
    use crate::model::notice::{Destination, Level, Notice};

    fn notice(title: &str, message: &str) -> Notice {
        Notice {
            to: Destination::Desktop,
            title: title.to_owned(),
            message: message.to_owned(),
            level: Level::Error,
            about: Vec::new(),
        }
    }

    #[test]
    fn nothing_that_a_terminal_obeys_is_said() {
        let check = |title, message, expected: &str| {
            assert_eq!(sentence(&notice(title, message)), expected);
        };
        check("Done", "all\nof it", "Done: all of it");
        check("", "x", "x");
        check("x", " \n", "x");
        check(
            "a\u{1b}]9;x\u{7}b\u{9b}",
            "c\u{202e}d\0",
            "a]9;xb: c\\u{202e}d",
        );
    }

    #[test]
    fn texts_are_arguments_and_never_part_of_a_script() {
        let texts = notice("--help", "\" & do shell script \"id\" <b>");
        let linux = linux_arguments(&texts);
        let last = ["--", "--help", "\" &amp; do shell script \"id\" &lt;b&gt;"];
        assert_eq!(linux[linux.len() - 3..], last);
        assert_eq!(linux[1], "--urgency=critical");
        let mac = mac_arguments(&texts);
        assert_eq!(mac.len(), 8);
        assert!(!mac[..6].concat().contains("shell script"));
    }
}
