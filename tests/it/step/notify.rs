//! `git mmm step notify`: who is told, and what becomes of it.

use std::fs;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::server::{Answer, Server};
use crate::support::{Run, TestRepo};

const KEY: &str = "It's a Secret to Everybody";

fn notify(repo: &TestRepo, parameters: &Value) -> Run {
    let mut notice = json!({
        "format": 1,
        "title": "Run failed",
        "message": "job `test`\nstep 2",
        "level": "error",
        "about": {"run": "01abc", "spec": "login"},
    });
    let fields = notice.as_object_mut().expect("an object");
    fields.extend(parameters.as_object().expect("an object").clone());
    let file = repo.outside("notice.json");
    fs::write(&file, notice.to_string()).expect("writes");
    repo.mmm(["step", "notify", &file.to_string_lossy()])
}

/// What a server was told, when it gave these answers.
fn webhook(repo: &TestRepo, answers: Vec<Answer>, more: &Value) -> (Run, Server) {
    let server = Server::start(answers);
    let mut parameters = json!({
        "to": "webhook",
        "url": server.url("/secret/path?token=hunter2"),
        "retry": {"initial_ms": 1},
    });
    let fields = parameters.as_object_mut().expect("an object");
    fields.extend(more.as_object().expect("an object").clone());
    let run = notify(repo, &parameters);
    assert!(!format!("{run}").contains("hunter2"), "{run}");
    (run, server)
}

fn ok() -> Answer {
    Answer::of("204 No Content", "", "")
}

fn lines(run: &Run, server: &Server) -> String {
    let text = format!("{}--\n{}", run.stdout, run.stderr).replace(&server.host(), "HOST");
    // Pauses are random.
    let words = text.split("again in ").enumerate().map(|(index, part)| {
        let rest = part.split_once(" s").map_or(part, |(_, rest)| rest);
        if index == 0 {
            part.to_owned()
        } else {
            format!("again in PAUSE{rest}")
        }
    });
    words.collect()
}

#[test]
fn a_webhook_gets_the_notice_and_its_signature() {
    let mut repo = TestRepo::new();
    repo.set("HOOK_KEY", KEY);
    repo.set("HOOK_AUTH", "Bearer hunter2");
    let more = json!({
        "secret_env": "HOOK_KEY",
        "headers": {"X-Team": "a b"},
        "headers_env": {"Authorization": "HOOK_AUTH"},
    });
    let (run, server) = webhook(&repo, vec![ok()], &more);
    run.assert_ok();
    assert_eq!(lines(&run, &server), "HOST answered 204 (1 attempt)\n--\n");
    let asked = server.asked();
    let asked = &asked[0];
    assert_eq!(asked.line, "POST /secret/path?token=hunter2 HTTP/1.1");
    assert_eq!(
        String::from_utf8_lossy(&asked.body),
        r#"{"level":"error","message":"job `test`\nstep 2","run":"01abc","spec":"login","title":"Run failed"}"#
    );
    assert_eq!(asked.header("content-type"), Some("application/json"));
    assert_eq!(asked.header("x-team"), Some("a b"));
    assert_eq!(asked.header("authorization"), Some("Bearer hunter2"));
    // As a receiver checks it.
    let signature = asked.header("x-mmm-signature-256").expect("is signed");
    let verifies = |body: &[u8]| {
        let hex = signature.strip_prefix("sha256=").expect("the scheme");
        let bytes: Vec<u8> = (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex"))
            .collect();
        let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).expect("a key");
        mac.update(body);
        mac.verify_slice(&bytes).is_ok()
    };
    assert!(verifies(&asked.body));
    let mut changed = asked.body.clone();
    changed[3] ^= 1;
    assert!(!verifies(&changed), "a body that was changed is noticed");
}

#[test]
fn what_may_pass_is_tried_again_and_each_attempt_is_told() {
    let repo = TestRepo::new();
    let answers = vec![
        Answer::of("500 Oops", "", "\n  broken \u{1b}[2J\n"),
        Answer::Hangup,
        Answer::of("429 Slow", "retry-after: 0\r\n", ""),
        ok(),
    ];
    let (run, server) = webhook(&repo, answers, &json!({"body": "{\"text\": 1}"}));
    run.assert_ok();
    insta::assert_snapshot!(lines(&run, &server), @r"
    attempt 1 of 5: HOST answered 500: broken \u{1b}[2J; again in PAUSE
    attempt 2 of 5: no answer from HOST: connection closed before message completed; again in PAUSE
    attempt 3 of 5: HOST answered 429; again in PAUSE
    HOST answered 204 (4 attempts)
    --
    ");
    let bodies: Vec<_> = server.asked().into_iter().map(|asked| asked.body).collect();
    assert_eq!(bodies, vec![b"{\"text\": 1}".to_vec(); 4]);
}

#[test]
fn attempts_come_to_an_end() {
    let repo = TestRepo::new();
    let always = vec![Answer::of("503 No", "", ""); 9];
    let (run, server) = webhook(&repo, always.clone(), &json!({}));
    run.assert_code(1);
    assert_eq!(server.asked().len(), 5);
    assert!(run.stderr.ends_with("answered 503\n"), "{run}");
    let once = json!({"retry": {"attempts": 1}});
    let (run, server) = webhook(&repo, always, &once);
    run.assert_code(1);
    assert_eq!(server.asked().len(), 1);
    let patience = vec![Answer::of("503 No", "retry-after: 86400\r\n", "")];
    let (run, server) = webhook(&repo, patience, &json!({}));
    run.assert_code(1);
    insta::assert_snapshot!(lines(&run, &server), @r"
    attempt 1 of 5: HOST answered 503 and asks to wait 86400 s, more than 120 s
    --
    error: HOST answered 503 and asks to wait 86400 s, more than 120 s
    ");
}

#[test]
fn what_cannot_work_is_not_tried_again() {
    let repo = TestRepo::new();
    let elsewhere = Server::start([ok()]);
    let header = format!("location: {}\r\n", elsewhere.url("/"));
    let answers = vec![Answer::of("307 Away", &header, ""), ok()];
    let (run, server) = webhook(&repo, answers, &json!({}));
    run.assert_code(1);
    insta::assert_snapshot!(lines(&run, &server), @r"
    attempt 1 of 5: HOST answered 307, a redirect, which is not followed
    --
    error: HOST answered 307, a redirect, which is not followed
    hint: give the address that it redirects to
    ");
    assert_eq!(elsewhere.asked().len(), 0);
    let (run, server) = webhook(
        &repo,
        vec![Answer::of("404 No", "", "no such hook"), ok()],
        &json!({}),
    );
    run.assert_code(1);
    assert_eq!(server.asked().len(), 1);
    assert!(
        run.stderr.ends_with("answered 404: no such hook\n"),
        "{run}"
    );
    let slow = json!({"timeout_ms": 1500, "retry": {"attempts": 2, "initial_ms": 1}});
    let (run, server) = webhook(&repo, vec![Answer::Silence, ok()], &slow);
    run.assert_ok();
    insta::assert_snapshot!(lines(&run, &server), @r"
    attempt 1 of 2: no answer from HOST within 1.5 s; again in PAUSE
    HOST answered 204 (2 attempts)
    --
    ");
}

#[test]
fn addresses_and_variables_are_checked_before_anything_is_sent() {
    let repo = TestRepo::new();
    let told = |parameters: Value| {
        let run = notify(&repo, &parameters);
        run.assert_code(1);
        run.stderr
    };
    let url = "http://example.org/hunter2";
    let told_all = [
        told(json!({"to": "webhook", "url": url})),
        told(json!({"to": "webhook", "url_env": "NOWHERE"})),
        told(json!({"to": "webhook", "url": "https://127.0.0.1:1/", "secret_env": "NOWHERE"})),
        told(json!({"to": "webhook", "url": "https://127.0.0.1:1/", "headers": {"a b": "c"}})),
        told(json!({"to": "mail"})),
    ];
    insta::assert_snapshot!(told_all.concat(), @r"
    error: the address begins with `http://`, which is for this machine only: use `https://`
    error: the variable `NOWHERE` is not set, and the address is to be in it
    hint: set it in `env` of the step, or see `secrets`
    error: the variable `NOWHERE` is not set, and the key of the signature is to be in it
    hint: set it in `env` of the step, or see `secrets`
    error: `a b` cannot be a header, or its value cannot be one
    error: the file of the step cannot be used: `to` is `mail`, not `terminal`, `desktop`, `webhook` or `command`
    ");
}

#[test]
fn a_terminal_is_told_in_one_harmless_line() {
    let repo = TestRepo::new();
    let run = notify(
        &repo,
        &json!({"to": "terminal", "title": "a\u{1b}]9;x\u{7}b", "level": "warning"}),
    );
    run.assert_ok();
    assert_eq!(run.stdout, "warning: a]9;xb: job `test` step 2\n");
    assert_eq!(run.stderr, "");
}

#[test]
fn a_command_finds_the_notice_in_its_variables() {
    let mut repo = TestRepo::new();
    repo.set("MINE", "own");
    let script = "printf '%s|' \"$MMM_NOTIFY_TITLE\" \"$MMM_NOTIFY_MESSAGE\" \
                  \"$MMM_NOTIFY_LEVEL\" \"$MMM_NOTIFY_RUN\" \"$MINE\"";
    let title = "$(id) `id` '\"; exit 9";
    let run = notify(
        &repo,
        &json!({"to": "command", "command": script, "title": title}),
    );
    run.assert_ok();
    assert_eq!(
        run.stdout,
        format!("{title}|job `test`\nstep 2|error|01abc|own|")
    );
    let run = notify(&repo, &json!({"to": "command", "command": "exit 7"}));
    run.assert_code(1);
    assert_eq!(run.stderr, "error: the command ended with exit code 7\n");
}

#[test]
#[cfg(target_os = "linux")]
fn the_desktop_is_told_by_its_own_program() {
    let mut repo = TestRepo::new();
    let tools = repo.outside("tools");
    fs::create_dir(&tools).expect("makes");
    repo.set("PATH", &tools.to_string_lossy());
    let run = notify(&repo, &json!({"to": "desktop"}));
    run.assert_code(1);
    insta::assert_snapshot!(run.stderr, @r"
    error: the desktop cannot be told: there is no program `notify-send`
    hint: install libnotify, or notify with `to: terminal` or `to: command`
    ");
    let program = tools.join("notify-send");
    let put = |script: &str| repo.write_program(&program, script);
    put(&format!(
        "#!/bin/sh\nprintf '%s\\n' \"$@\" > '{}'\n",
        repo.outside("told").display()
    ));
    let run = notify(&repo, &json!({"to": "desktop", "title": "-h <b>"}));
    run.assert_ok();
    let told = fs::read_to_string(repo.outside("told")).expect("was told");
    insta::assert_snapshot!(told, @r"
    --app-name=git-mmm
    --urgency=critical
    --
    -h <b>
    job `test` step 2
    ");
    put("#!/bin/sh\necho no session >&2\nexit 1\n");
    let run = notify(&repo, &json!({"to": "desktop"}));
    run.assert_code(1);
    insta::assert_snapshot!(run.stderr, @r"
    error: the desktop cannot be told: `notify-send` ended with exit code 1: no session
    hint: is there a desktop session? `to: terminal` needs none
    ");
}
