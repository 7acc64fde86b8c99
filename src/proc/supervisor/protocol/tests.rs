//! Messages arrive as they were sent.

use super::{Cause, Ending, Finish, Inbox, Reply, Request, Start};

#[test]
fn requests_arrive_as_sent_whatever_the_pieces() {
    let requests = [
        Request::Mask(vec!["a".to_owned(), String::new()]),
        Request::Start(Box::new(Start {
            attempt: "build.1.1".to_owned(),
            arguments: ["sh", "-c", "true"]
                .map(|word| word.as_bytes().to_vec())
                .to_vec(),
            environment: vec![(b"A".to_vec(), b"\xff".to_vec())],
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
        let mut inbox = Inbox::default();
        let mut seen = Vec::new();
        for mut piece in bytes.chunks(size) {
            assert!(
                !inbox
                    .fill(&mut piece)
                    .expect("reads to the end of the piece")
            );
            while let Some(request) = inbox.next_request().expect("well-formed") {
                seen.push(request);
            }
        }
        assert_eq!(seen, requests, "pieces of {size}");
    }
}

#[test]
fn replies_arrive_as_sent() {
    let finish = |ending, cause| Reply::Finished {
        attempt: "a.1.1".to_owned(),
        finish: Finish {
            ending,
            cause,
            elapsed_ms: 1,
            output_bytes: 2,
            dropped_bytes: 3,
        },
    };
    let replies = [
        Reply::Ready(7),
        Reply::Cancelled,
        Reply::Masked(vec!["a\nb".to_owned(), "c".to_owned()]),
        finish(Ending::Code(3), None),
        finish(Ending::Signal(9), Some(Cause::TimedOut)),
        finish(Ending::NotStarted("no".to_owned()), Some(Cause::Cancelled)),
    ];
    let mut bytes = Vec::new();
    for reply in &replies {
        reply.write(&mut bytes).expect("writes");
    }
    let mut inbox = Inbox::default();
    inbox.fill(&mut bytes.as_slice()).expect("reads");
    for reply in replies {
        assert_eq!(inbox.next_reply().expect("well-formed"), Some(reply));
    }
    assert_eq!(inbox.next_reply().expect("well-formed"), None);
}

#[test]
fn a_broken_message_is_an_error() {
    let mut inbox = Inbox::default();
    inbox.fill(&mut [0xff_u8; 8].as_slice()).expect("reads");
    assert!(inbox.next_request().is_err());
}
