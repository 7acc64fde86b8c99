//! Every example of the language's page is run, and does what the page says.

use std::fmt::Write as _;
use std::{env, fs};

use serde_json::Value;

use crate::docs::examples::blocks;
use crate::run::fixture::configure;
use crate::support::server::{Answer, Server};
use crate::support::{Run, TestRepo};

/// What the examples take for granted: each says what it was asked to do, and some leave a file.
const PROGRAMS: &[(&str, &str)] = &[
    (
        "make",
        "echo \"make $*\"; echo \"${1-all}\" >built\n\
         if [ $# = 0 ]; then echo 'main.c:3:7: unused x'; fi\n\
         if [ -e fail ]; then exit 2; fi\n\
         mkdir -p out \"target/${1-all}\"; echo page >out/report.html; echo line >out/a.log\n\
         echo app >\"target/${1-all}/app\"\n",
    ),
    (
        "cargo",
        "echo \"cargo $*\"\ncase $1 in update) echo \"$3\" >Cargo.lock;; \
         generate-lockfile) echo both >Cargo.lock;; esac\n",
    ),
    (
        "curl",
        "echo \"curl $*\"; test -e tried || { echo >tried; exit 7; }\n",
    ),
    ("python", "cat \"$1\"; echo\n"),
];

/// Programs of the repository.
const SCRIPTS: &[(&str, &str)] = &[
    ("deploy.sh", "echo deployed\n"),
    ("switch", "echo \"switch $*\"; test $# = 1\n"),
    ("tidy", "echo \"tidy $1\"; echo \"$1\" >\"tidied-$1\"\n"),
    ("upload", "echo \"upload $*\"\n"),
];

/// A repository with everything that the examples are about.
fn repository() -> TestRepo {
    let mut repo = TestRepo::builder().real_clock().build();
    configure(&repo.here(), "");
    let tools = repo.outside("tools");
    fs::create_dir(&tools).expect("makes");
    let scripts = SCRIPTS
        .iter()
        .map(|(name, text)| (repo.path().join(name), text));
    let programs = PROGRAMS.iter().map(|(name, text)| (tools.join(name), text));
    for (path, text) in scripts.chain(programs) {
        repo.write_program(path, &format!("#!/bin/sh\n{text}"));
    }
    let folders = [tools.as_path(), "/usr/bin".as_ref(), "/bin".as_ref()];
    let path = env::join_paths(folders).expect("no colon");
    repo.set("PATH", &path.to_string_lossy());
    let page = include_str!("../../../docs/workflow.md");
    for (index, (heading, text)) in blocks(page).into_iter().enumerate() {
        match heading {
            "yaml" => repo.write(&file(index, &text), text),
            "json" if text.contains("problemMatcher") => repo.write(".github/cc.json", text),
            "sh" if text.contains("SINGLE=") => repo.write(".env", text),
            _ => {}
        }
    }
    repo.git(["add", "--all"]);
    repo.git(["commit", "--quiet", "--message", "examples"]);
    repo
}

/// Where an example belongs.
fn file(index: usize, text: &str) -> String {
    let first = text.lines().next().and_then(|line| line.strip_prefix("# "));
    let path = first.filter(|path| path.starts_with(".mmm/workflows/"));
    path.map_or(format!(".mmm/workflows/e{index}.yaml"), str::to_owned)
}

/// A text without the ids of commits.
fn without_ids(text: &str) -> String {
    let is_hex = |part: &str| part.len() >= 7 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts = text.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric());
    let parts = parts.map(|part| {
        let word = part.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
        if is_hex(word) && word.contains(|letter: char| letter.is_ascii_digit()) {
            part.replace(word, "[ID]")
        } else {
            part.to_owned()
        }
    });
    parts.collect()
}

/// What became of the newest run, and what its steps printed: jobs in the order of their titles.
fn became(repo: &TestRepo) -> String {
    let show = repo.mmm(["show", "--json"]).json();
    let log = repo.mmm(["log", "--json"]).json();
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut jobs = Vec::new();
    for job in list(&show["data"]["jobs"]) {
        let mut told = format!("  {} {}\n", text(&job["title"]), text(&job["result"]));
        for step in list(&job["steps"]) {
            let (key, outcome) = (text(&step["key"]), text(&step["outcome"]));
            let _ = write!(told, "    {key} {outcome}");
            let printed = list(&log["data"]);
            let of = |entry: &&Value| entry["job"] == job["id"] && entry["step"] == step["key"];
            for entry in printed.iter().filter(of) {
                let printed = text(&entry["output"]);
                let printed = printed.lines().map(str::trim).collect::<Vec<_>>();
                let _ = write!(told, ": {}", printed.join(" / "));
            }
            for said in list(&step["annotations"]) {
                let (file, message) = (text(&said["file"]), text(&said["message"]));
                let _ = write!(told, " [{file} {message}]");
            }
            told.truncate(told.trim_end().len());
            told.push('\n');
        }
        jobs.push(told);
    }
    jobs.sort();
    let mut artifacts: Vec<String> = list(&show["data"]["artifacts"])
        .iter()
        .map(|kept| format!("  artifact {} {}\n", text(&kept["name"]), kept["files"]))
        .collect();
    artifacts.sort();
    jobs.concat() + &artifacts.concat()
}

/// Runs an example; gives the run and what became of it.
fn run(repo: &TestRepo, (index, text): (usize, &str)) -> (Run, String) {
    let path = file(index, text);
    let name = path.trim_start_matches(".mmm/workflows/");
    let mut words = vec!["run", "-w", name.trim_end_matches(".yaml"), "--json"];
    if text.contains("required: true") {
        words.extend(["--set", "place=staging", "--set", "note=it's"]);
    }
    let run = repo.mmm(words);
    let told = if run.code == 128 {
        String::new()
    } else {
        without_ids(&run.filtered(&became(repo)))
    };
    (run, told)
}

/// What becomes of each example.
fn told() -> String {
    let page = include_str!("../../../docs/workflow.md");
    let mut told = String::new();
    for (index, (heading, text)) in blocks(page).into_iter().enumerate() {
        if heading != "yaml" {
            continue;
        }
        let mut repo = repository();
        let server = Server::start([Answer::of("204 No Content", "", "")]);
        repo.set("HOOK", &server.url("/hook"));
        repo.set("HOOK_KEY", "key");
        repo.set("AUTH", "Bearer x");
        let first = text.lines().next().unwrap_or_default();
        if first.contains("after a failure only") || first.contains("when the tests have failed") {
            repo.write("fail", "");
        }
        let (run, became) = run(&repo, (index, &text));
        let _ = writeln!(told, "{first}: exit code {}", run.code);
        let became = became.replace(&server.host(), "[HOST]");
        let work = run.json()["data"][0]["work"].clone();
        match work.as_str() {
            // Which of the two is merged first, and which is in conflict, is left to chance.
            Some(branch) if first.contains("Lock files") => {
                assert_eq!(repo.git(["show", &format!("{branch}:Cargo.lock")]), "both");
            }
            Some(branch) => {
                let range = format!("HEAD..{branch}");
                let files = repo.git(["log", "--format=", "--name-only", &range]);
                let mut files: Vec<&str> = files.lines().collect();
                files.sort_unstable();
                let _ = writeln!(told, "{became}  work: {}", files.join(", "));
            }
            None => told.push_str(&became),
        }
        if first.contains("`release` gets the result") {
            assert_eq!(repo.git(["show", "release:built"]), "all");
        }
        if run.stdout.contains("checkpoint\": {") {
            let shown = repo.mmm(["checkpoint", "show", "--json"]).json();
            let message = shown["data"]["message"].as_str().unwrap_or_default();
            let _ = writeln!(told, "  asks: {message}");
        }
        let asked = server.asked();
        for asked in &asked {
            let signed = asked.header("x-mmm-signature-256").is_some();
            let _ = writeln!(told, "  {}: signed {signed}", asked.line);
        }
    }
    told
}

#[expect(clippy::too_many_lines, reason = "the page has many examples")]
#[test]
fn every_example_of_the_language_s_page_does_what_it_says() {
    insta::assert_snapshot!(told(), @r#"
    # .mmm/workflows/hello.yaml: exit code 0
      hello success
        1 success: hello
    # build, then lint and test side by side, then report whatever became of them: exit code 0
      build success
        1 success: make / main.c:3:7: unused x
      lint success
        1 success: make lint
      report success
        1 success: lint success, test success
      test success
        1 success: make test
    # each key of a step: exit code 3
      all -
        1 success: mode fast / README / deploy.sh / switch / tidy / upload
        python success: print("hello")
        3 skipped
      asks: Does the output look right?
    # prints: step job file: exit code 0
      show success
        1 success: step job file
    # six combinations less one, and one that is not among them: exit code 0
      each success
      each@1 (a.txt) success
        1 success: a.txt
      each@2 (b.txt) success
        1 success: b.txt
      test success
      test@1 (linux, 1, true) success
        1 success: linux 1 true
      test@2 (linux, 2, true) success
        1 success: linux 2 true
      test@3 (linux, 3, true) success
        1 success: linux 3 true
      test@4 (mac, 1) success
        1 success: mac 1
      test@5 (mac, 2) success
        1 success: mac 2
      test@6 (windows, 1) success
        1 success: windows 1
    # The run is called after what it deploys.: exit code 0
      deploy success
        1 success: deployed
    # four tries with growing pauses: exit code 0
      load success
        1 success: curl --fail https://example.org/data.json -o data.json: curl --fail https://example.org/data.json -o data.json
    # puts things back after a failure, cleans up in any case: exit code 1
      @ensure success
        1 success: the end of the run, failure
      deploy failure
        switch failure: switch
        switch+on-failure+1 success: switch --back
        switch+ensure+1 success:
        on-failure+1 success: something in this job failed
    # asks one of two people within a day: exit code 3
      release -
        1 success: make dist
      asks: Is 1.4 good?
    # .mmm/workflows/unit.yaml: exit code 0
      test success
        unit success:
    # calls the one above and reads what it says: exit code 0
      all success
        sub success:
        2 success: unit-full.txt
      all+sub+test success
        unit success:
    # tells a server when the tests have failed: exit code 1
      test failure
        1 failure: make test
        on-failure+1 success: [HOST] answered 204 (1 attempt)
      POST /hook HTTP/1.1: signed true
    # A signed webhook: `secret` is the name of a secret, not its value.: exit code 0
      tell success
        1 success: [HOST] answered 204 (1 attempt)
        2 success: All is done
      POST /hook HTTP/1.1: signed true
    # a release: branch, commit, tag: exit code 0
      release success
        1 success: branch release/1.2 is at [ID], checked out
        2 success:
        3 success: VERSION / commit [ID]: Release 1.2
        4 success: tag v1.2 is at [ID]
    # Every warning of the compiler becomes an annotation.: exit code 0
      build success
        1 success: make / main.c:3:7: unused x [- unused x]
    # what a run can be told: exit code 0
      deploy success
        1 success: staging, it's
        2 success: make slow
    # variables of two files, the second one of which may be missing: exit code 0
      show success
        1 success: plain text
    # keeps a report and the program that a job built: exit code 0
      build success
      build@1 (debug) success
        1 success: make debug
      build@2 (release) success
        1 success: make release
      test success
        1 success: make test
      artifact logs 1
      artifact program-debug 1
      artifact program-release 1
      artifact report 1
    # one deployment at a time: exit code 0
      deploy success
        1 success: make deploy
    # Each item is worked on apart; what succeeds becomes one commit each on the branch of the run.: exit code 0
      each success
      each@1 (api) success
        1 success: tidy api
      each@2 (web) success
        1 success: tidy web
      each@3 (docs) success
        1 success: tidy docs
      work: tidied-api, tidied-docs, tidied-web
    # All of it is done apart, and `release` gets the result when the run has succeeded.: exit code 0
      build success
        1 success: make / main.c:3:7: unused x
        2 success: [mmm/run/[ULID] [ID]] Build / 4 files changed, 4 insertions(+) / create mode 100644 built / create mode 100644 out/a.log / create mode 100644 out/report.html / create mode 100644 target/all/app
    # Lock files are made anew where two jobs have changed them.: exit code 0
    # prints: v12 on linux, Mac; slow: exit code 0
      show success
        1 success: v12 on linux, Mac; slow
    # cleans up in any case, complains after a failure only: exit code 1
      work failure
        build failure: make / main.c:3:7: unused x
        2 success: make failed
        3 success:
    # the safe way: exit code 0
      announce success
        1 success: Working on
    # .mmm/workflows/base.yaml: exit code 128
    # .mmm/workflows/nightly.yaml: exit code 0
      build success
        1 success: make --version
        compile success: make PROFILE=release
        3 success: make strip
      test success
        1 success: make test
    # a job that others are made from; two jobs run: `stable`, `beta`: exit code 0
      beta success
        test success: cargo +beta test
      stable success
        lint success: cargo +stable clippy
        test success: cargo +stable test
    # both jobs have the same variables, and `b` one more: exit code 0
      a success
        1 success: 1
      b success
        1 success: 1 yes
    # what of this runs can be told before: with --set deploy=true the job ship, and test in two legs: exit code 0
      ship skipped
      test success
      test@1 (linux) success
        1 success: make test
      test@2 (mac) success
        1 success: make test
    # Runs the upload again when nobody knows how it ended, at most three times in all.: exit code 0
      upload success
        1 success: upload --resume
    "#);
}
