//! `git mmm spec deps` and `git mmm spec next`.

use crate::spec::project::{project, spec};
use crate::support::TestRepo;

/// Login waits for store and cache, both for disk; two wait for each other.
fn sample() -> TestRepo {
    let repo = project();
    let on = |names: &str| -> String {
        let items = names.split(' ').map(|name| format!("  - {name}\n"));
        format!("depends_on:\n{}", items.collect::<String>())
    };
    spec(
        &repo,
        "login-aaaaaaa",
        "ready",
        &on("store cache nothing"),
        &[],
    );
    spec(&repo, "store-bbbbbbb", "ready", &on("disk"), &[]);
    spec(&repo, "cache-ccccccc", "draft", &on("disk"), &[]);
    spec(&repo, "disk-ddddddd", "done", &on("base"), &[]);
    spec(&repo, "base-eeeeeee", "done", "", &[]);
    spec(&repo, "egg-fffffff", "ready", &on("hen"), &[]);
    spec(&repo, "hen-ggggggg", "ready", &on("egg"), &[]);
    repo
}

#[test]
fn the_tree_shows_states_repetitions_and_cycles() {
    let repo = sample();
    insta::assert_snapshot!(repo.mmm(["spec", "deps"]), @"
    exit code 1
    --- stdout
    login-aaaaaaa  ready  The login
    ├─ store-bbbbbbb  ready  The store
    │  └─ disk-ddddddd  done  The disk
    │     └─ base-eeeeeee  done  The base
    ├─ cache-ccccccc  draft  The cache
    │  └─ disk-ddddddd  done  The disk  (see above)
    └─ nothing  (no such spec)
    egg-fffffff  ready  The egg
    └─ hen-ggggggg  ready  The hen
       └─ egg-fffffff  ready  The egg  (a cycle)
    ! .mmm/specs/hen-ggggggg.md:7:5 the dependencies form a cycle: egg-fffffff -> hen-ggggggg -> egg-fffffff
    ! .mmm/specs/login-aaaaaaa.md:9:5 no spec is called `nothing`
    ");
    insta::assert_snapshot!(repo.mmm(["spec", "deps", "store"]), @"
    exit code 0
    --- stdout
    store-bbbbbbb  ready  The store
    └─ disk-ddddddd  done  The disk
       └─ base-eeeeeee  done  The base
    ");
    let run = repo.mmm(["spec", "deps", "--json", "login"]);
    run.assert_code(1);
    let envelope = run.json();
    let rows = envelope["data"].as_array().expect("rows");
    assert_eq!(rows.len(), 5, "{run}");
    assert_eq!(rows[3]["depends_on"][1]["name"], "cache-ccccccc", "{run}");
    assert!(rows[3]["depends_on"][2]["name"].is_null(), "{run}");
    let codes = envelope["problems"].as_array().expect("problems").iter();
    let codes: Vec<_> = codes
        .map(|problem| problem["code"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(codes, ["unknown-dependency"]);
    repo.mmm(["spec", "deps", "none"]).assert_code(128);
}

#[test]
fn a_long_chain_is_no_trouble() {
    let repo = project();
    for index in 0..3000_u32 {
        let id = format!("{index:07}");
        let next = format!("depends_on:\n  - {:07}\n", index + 1);
        let next = if index == 2999 { "" } else { &next };
        spec(&repo, &format!("s-{id}"), "ready", next, &[]);
    }
    let run = repo.mmm(["spec", "deps"]);
    run.assert_ok();
    assert_eq!(run.stdout.lines().count(), 3000);
}

#[test]
fn the_next_spec_is_the_most_urgent_one_that_is_free() {
    let repo = sample();
    insta::assert_snapshot!(repo.mmm(["spec", "next"]), @"
    exit code 1
    --- stdout
    store-bbbbbbb  ready  The store
    ! .mmm/specs/hen-ggggggg.md:7:5 the dependencies form a cycle: egg-fffffff -> hen-ggggggg -> egg-fffffff
    ! .mmm/specs/login-aaaaaaa.md:9:5 no spec is called `nothing`
    next: git mmm spec edit store-bbbbbbb
    ");
    spec(
        &repo,
        "now-hhhhhhh",
        "ready",
        "priority: 1\n",
        &[("[ ] it is (ac-1)", "true")],
    );
    insta::assert_snapshot!(repo.mmm(["spec", "next", "--all"]), @"
    exit code 1
    --- stdout
    now-hhhhhhh  ready  The now
    store-bbbbbbb  ready  The store
    ! .mmm/specs/hen-ggggggg.md:7:5 the dependencies form a cycle: egg-fffffff -> hen-ggggggg -> egg-fffffff
    ! .mmm/specs/login-aaaaaaa.md:9:5 no spec is called `nothing`
    next: git mmm workflow new default
    ");
    let run = repo.mmm(["spec", "next", "--json"]);
    assert_eq!(run.json()["data"][0]["name"], "now-hhhhhhh");
    // What is proved is to be accepted, and is no work any more then.
    repo.mmm(["spec", "verify", "now"]).assert_ok();
    let run = repo.mmm(["spec", "next"]);
    assert!(
        run.stdout
            .ends_with("next: git mmm spec done now-hhhhhhh\n"),
        "{run}"
    );
    repo.mmm(["spec", "done", "now"]).assert_ok();
    let run = repo.mmm(["spec", "next"]);
    assert!(run.stdout.starts_with("store-bbbbbbb"), "{run}");
}

#[test]
fn why_there_is_no_next_spec() {
    let repo = project();
    insta::assert_snapshot!(repo.mmm(["spec", "next"]), @"
    exit code 1
    --- stderr
    there are no specs: make one with `git mmm spec new <title>`
    ");
    spec(&repo, "store-bbbbbbb", "done", "", &[]);
    insta::assert_snapshot!(repo.mmm(["spec", "next"]), @"
    exit code 1
    --- stderr
    every spec is done or dropped
    ");
    spec(
        &repo,
        "login-aaaaaaa",
        "ready",
        "depends_on:\n  - cache\n",
        &[],
    );
    spec(&repo, "cache-ccccccc", "draft", "", &[]);
    let run = repo.mmm(["spec", "next"]);
    insta::assert_snapshot!(run, @"
    exit code 1
    --- stderr
    login-aaaaaaa waits for cache-ccccccc
    1 draft not ready
    hint: run `git mmm spec edit cache-ccccccc`
    ");
    let run = repo.mmm(["spec", "next", "--json"]);
    run.assert_code(1);
    assert_eq!(run.json()["data"], serde_json::json!([]));
}
