//! Signatures with a key of the test's own, in every format of a repository.

use super::{Signature, check, sign, wanted};
use crate::git::Error;
use crate::git::testing::{FORMATS, Sandbox};
use crate::proc::command::Invocation;
use crate::sys::files;

const AT_MS: u64 = 1_795_348_800_000;

fn with_key(sandbox: &Sandbox) {
    let key = sandbox.root().join("key");
    let made = Invocation::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&key)
        .environment(&sandbox.environment)
        .run()
        .expect("runs");
    assert!(made.exit.success(), "{}", made.complaint());
    let key = key.to_str().expect("a plain path");
    sandbox.git(&["config", "gpg.format", "ssh"]);
    sandbox.git(&["config", "user.signingKey", &format!("{key}.pub")]);
    sandbox.git(&["config", "commit.gpgSign", "true"]);
}

#[test]
fn a_signature_is_good_for_its_own_text() {
    for format in FORMATS {
        let sandbox = Sandbox::born(format);
        assert!(!wanted(&sandbox.open()).expect("asks"));
        with_key(&sandbox);
        let repository = sandbox.open();
        assert!(wanted(&repository).expect("asks"));
        let text = "Answer yes\n\nrun: 1\n\nfine\n";
        let commit = sign(&repository, text, AT_MS).expect("signs");
        let known = check(&repository, &commit, text).expect("checks");
        assert!(matches!(known, Signature::UnknownKey { key } if key.starts_with("SHA256:")));
        let other = check(&repository, &commit, "Answer no\n").expect("checks");
        assert_eq!(other, Signature::Bad);

        let key = sandbox.root().join("key.pub");
        let key = files::read_text(&key, 1000).expect("a key");
        let allowed = sandbox.root().join("allowed");
        files::write_atomic(&allowed, format!("ada@example.org {key}").as_bytes()).expect("writes");
        let allowed = allowed.to_str().expect("a plain path");
        sandbox.git(&["config", "gpg.ssh.allowedSignersFile", allowed]);
        let repository = sandbox.open();
        let signer = "ada@example.org".to_owned();
        let known = check(&repository, &commit, text).expect("checks");
        assert_eq!(known, Signature::Good { signer });
        // Another text under the same signature.
        let raw = repository
            .objects()
            .expect("opens")
            .read(&commit)
            .expect("reads");
        let (kind, bytes) = raw.expect("it is there");
        let forged = String::from_utf8(bytes)
            .expect("text")
            .replace("fine", "fool");
        let forged = repository
            .objects()
            .expect("opens")
            .write(kind, forged.as_bytes());
        let text = text.replace("fine", "fool");
        let known = check(&repository, &forged.expect("writes"), &text).expect("checks");
        assert_eq!(known, Signature::Bad);
    }
}

#[test]
fn a_commit_without_a_signature_proves_nothing() {
    let sandbox = Sandbox::born(FORMATS[0]);
    let repository = sandbox.open();
    let commit = sandbox.id("HEAD");
    let known = check(&repository, &commit, "first\n").expect("checks");
    assert_eq!(known, Signature::Bad);
    let missing = "0123456789012345678901234567890123456789"
        .parse()
        .expect("an id");
    let known = check(&repository, &missing, "first\n").expect("checks");
    assert_eq!(known, Signature::Unchecked);
}

#[test]
fn what_cannot_be_signed_is_an_error() {
    let sandbox = Sandbox::born(FORMATS[0]);
    with_key(&sandbox);
    sandbox.git(&["config", "user.signingKey", "/no/such/key"]);
    let failed = sign(&sandbox.open(), "text\n", AT_MS);
    assert!(matches!(failed, Err(Error::Signature { .. })), "{failed:?}");
}
