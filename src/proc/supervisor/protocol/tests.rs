//! Messages arrive as they were sent.

use std::io::{self, Write};

use super::{Cause, Dropped, Ending, Finish, Inbox, Reply, Request, Start};
use crate::proc::supervisor::Variables;

/// A pipe whose reading end does not wait.
fn pipe() -> (io::PipeReader, io::PipeWriter) {
    let (reader, writer) = io::pipe().expect("a pipe");
    rustix::io::ioctl_fionbio(&reader, true).expect("a flag of it");
    (reader, writer)
}

/// An inbox with these bytes, and nothing to come.
fn inbox(bytes: &[u8]) -> Inbox {
    let (reader, mut writer) = pipe();
    writer.write_all(bytes).expect("writes");
    drop(writer);
    let mut inbox = Inbox::default();
    while inbox.fill(&reader).expect("reads") {}
    inbox
}

#[test]
fn requests_arrive_as_sent_whatever_the_pieces() {
    let mut environment = Variables::default();
    environment.push(b"A", b"\xff").expect("no NUL");
    environment.push(b"B", b"").expect("no NUL");
    let requests = [
        Request::Mask(vec!["a".to_owned(), String::new()]),
        Request::Start(Box::new(Start {
            attempt: "build.1.1".to_owned(),
            arguments: ["sh", "-c", "true"]
                .map(|word| word.as_bytes().to_vec())
                .to_vec(),
            environment,
            folder: b"/tmp".to_vec(),
            claim: b"/tmp/c".to_vec(),
            output: b"/tmp/o".to_vec(),
            timeout_ms: 1,
            output_limit: 2,
        })),
        Request::Stop {
            attempt: "a.1.1".to_owned(),
            cause: Cause::TimedOut,
        },
        Request::Cancel { at_once: true },
        Request::EndGroup("a".to_owned()),
    ];
    let mut bytes = Vec::new();
    for request in &requests {
        request.write(&mut bytes).expect("writes");
    }
    for size in [1, 7, 4096] {
        let (reader, mut writer) = pipe();
        let mut inbox = Inbox::default();
        let mut seen = Vec::new();
        for piece in bytes.chunks(size) {
            writer.write_all(piece).expect("writes");
            assert!(inbox.fill(&reader).expect("reads the piece"));
            while let Some(request) = inbox.next_request().expect("well-formed") {
                seen.push(request);
            }
        }
        assert_eq!(seen, requests, "pieces of {size}");
        drop(writer);
        assert!(!inbox.fill(&reader).expect("reads to the end"));
    }
}

#[test]
fn replies_arrive_as_sent() {
    let finish = |ending, cause, reason: Option<&str>| Reply::Finished {
        attempt: "a.1.1".to_owned(),
        finish: Finish {
            ending,
            cause,
            elapsed_ms: 1,
            output_bytes: 2,
            dropped: Dropped {
                bytes: 3,
                reason: reason.map(str::to_owned),
            },
        },
    };
    let replies = [
        Reply::Ready(7),
        Reply::Cancelled,
        Reply::Masked(vec!["a\nb".to_owned(), "c".to_owned()]),
        finish(Ending::Code(3), None, None),
        finish(
            Ending::Signal(9),
            Some(Cause::TimedOut),
            Some("the disk is full"),
        ),
        finish(
            Ending::NotStarted("no".to_owned()),
            Some(Cause::Cancelled),
            Some(""),
        ),
    ];
    let mut bytes = Vec::new();
    for reply in &replies {
        reply.write(&mut bytes).expect("writes");
    }
    let mut inbox = inbox(&bytes);
    for reply in replies {
        assert_eq!(inbox.next_reply().expect("well-formed"), Some(reply));
    }
    assert_eq!(inbox.next_reply().expect("well-formed"), None);
}

#[test]
fn a_broken_message_is_an_error() {
    assert!(inbox(&[0xff; 8]).next_request().is_err());
    let mut unended = Vec::new();
    let start = Request::Start(Box::default());
    start.write(&mut unended).expect("writes");
    let environment = unended.len() - 4;
    unended.splice(environment.., [1, 0, 0, 0, b'A']);
    assert!(inbox(&unended).next_request().is_err());
}
