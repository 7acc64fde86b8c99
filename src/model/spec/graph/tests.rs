//! Tests of references, cycles and order.

use crate::base::source::SourceText;
use crate::base::source::Span;
use crate::model::spec::graph::Blocker;
use crate::model::spec::graph::Graph;
use crate::model::spec::graph::Lookup;
use crate::model::spec::types::Dependency;
use crate::model::spec::types::Spec;
use crate::model::spec::types::Status;

/// Specs from lines such as `auth-aaaaaaa ready 2 2026-01-01 cache sso`: name, status, priority
/// and day (or `-`), dependencies.
fn specs(lines: &[&str]) -> Vec<Spec> {
    lines.iter().map(|line| spec(line)).collect()
}

fn spec(line: &str) -> Spec {
    let words: Vec<&str> = line.split(' ').collect();
    let (slug, id) = words[0].rsplit_once('-').expect("a name");
    let given = |word: &str| Some(word.to_owned()).filter(|word| word != "-");
    Spec {
        id: id.parse().expect("an id"),
        id_span: Span::new(0, 1),
        slug: slug.to_owned(),
        source: SourceText::new(format!("{}.md", words[0]), line),
        title: String::new(),
        status: Status::from_word(words[1]).expect("a status"),
        status_span: Span::default(),
        kind: None,
        owner: None,
        priority: given(words[2]).map(|word| word.parse().expect("a number")),
        created: given(words[3]),
        workflow: None,
        labels: Vec::new(),
        depends_on: words[4..]
            .iter()
            .map(|word| {
                let start = line.rfind(word).expect("in the line");
                Dependency {
                    text: (*word).to_owned(),
                    span: Span::new(start, start + word.len()),
                }
            })
            .collect(),
        criteria: Vec::new(),
        unreadable: Vec::new(),
        section: None,
        prose: String::new(),
        format: 1,
    }
}

#[track_caller]
fn check_problems(lines: &[&str], expected: &[&str]) {
    let specs = specs(lines);
    let found: Vec<String> = Graph::new(&specs)
        .problems()
        .iter()
        .map(|problem| {
            let at = problem.position().expect("a place");
            let hint = problem.hint.as_deref().unwrap_or("");
            format!(
                "{}:{} {} | {} | {hint}",
                problem.file(),
                at.column,
                problem.code,
                problem.message
            )
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn references_are_names_ids_slugs_or_unique_prefixes() {
    let specs = specs(&[
        "auth-aaaaaaa ready - -",
        "auth-token-abbbbbb ready - -",
        "cache-ccccccc ready - -",
        "cache-ddddddd ready - -",
        "aaaaaaa-eeeeeee ready - -",
    ]);
    let graph = Graph::new(&specs);
    let check = |reference: &str, expected: Lookup| {
        assert_eq!(graph.lookup(reference), expected, "{reference}");
    };
    check("auth-aaaaaaa", Lookup::One(0));
    check("auth", Lookup::One(0));
    check("auth-t", Lookup::One(1));
    check("abb", Lookup::One(1));
    check("aaaaaaa", Lookup::One(0));
    check("cache", Lookup::Ambiguous(vec![2, 3]));
    check("cache-d", Lookup::One(3));
    check("a", Lookup::Ambiguous(vec![0, 1, 4]));
    check(
        "autj",
        Lookup::None {
            suggestion: Some("auth".to_owned()),
        },
    );
    check("nothing", Lookup::None { suggestion: None });
    check("", Lookup::None { suggestion: None });
}

#[test]
fn wrong_references_are_reported_where_they_stand() {
    check_problems(
        &[
            "auth-aaaaaaa ready - - cahe-ccccccc cache old self-zzzzzzz",
            "cache-ccccccc ready - -",
            "cache-ddddddd ready - -",
            "old-fffffff dropped - - nothing",
            "other-aaaaaaa done - -",
        ],
        &[
            "auth-aaaaaaa.md:1 duplicate-id | the id `aaaaaaa` is also that of other-aaaaaaa.md | give one of them a new id, in the file and in its name",
            "other-aaaaaaa.md:1 duplicate-id | the id `aaaaaaa` is also that of auth-aaaaaaa.md | give one of them a new id, in the file and in its name",
            "auth-aaaaaaa.md:24 unknown-dependency | no spec is called `cahe-ccccccc` | did you mean `cache-ccccccc`?",
            "auth-aaaaaaa.md:37 ambiguous-dependency | `cache` may be any of 2 specs | write `cache-ccccccc` or `cache-ddddddd`",
            "auth-aaaaaaa.md:43 dropped-dependency | `old-fffffff` was dropped, so this will never be ready | remove the dependency, or drop this spec too",
            "auth-aaaaaaa.md:47 unknown-dependency | no spec is called `self-zzzzzzz` | list the specs with `git mmm spec list`",
            "old-fffffff.md:25 unknown-dependency | no spec is called `nothing` | list the specs with `git mmm spec list`",
        ],
    );
}

#[test]
fn cycles_show_their_whole_path_once() {
    check_problems(
        &[
            "a-aaaaaaa ready - - b",
            "b-bbbbbbb ready - - c",
            "c-ccccccc ready - - b-bbbbbbb d-ddddddd",
            "d-ddddddd ready - - d-ddddddd",
        ],
        &[
            "c-ccccccc.md:21 dependency-cycle | the dependencies form a cycle: b-bbbbbbb -> c-ccccccc -> b-bbbbbbb | remove one of these dependencies",
            "d-ddddddd.md:21 dependency-cycle | `d-ddddddd` depends on itself | remove this dependency",
        ],
    );
}

#[test]
fn ready_specs_come_by_priority_day_and_id() {
    let specs = specs(&[
        "late-aaaaaaa ready - 2026-01-01",
        "free-bbbbbbb ready 2 2026-02-01 base",
        "first-ccccccc ready 1 2026-03-01",
        "held-ddddddd ready 0 2026-01-01 first-ccccccc gone nowhere",
        "base-eeeeeee done 9 2026-01-01",
        "early-fffffff ready 2 2026-01-01",
        "gone-ggggggg dropped - -",
        "draft-hhhhhhh draft 0 2026-01-01",
    ]);
    let graph = Graph::new(&specs);
    let mut free = graph.order();
    free.retain(|index| {
        let ready = specs
            .get(*index)
            .is_some_and(|spec| spec.status == Status::Ready);
        ready && graph.blocking(*index).is_empty()
    });
    assert_eq!(free, [2, 5, 1, 0]);
    let unresolved = Blocker::Unresolved("nowhere".to_owned());
    assert_eq!(
        graph.blocking(3),
        [Blocker::NotDone(2), Blocker::Dropped(6), unresolved]
    );
    assert_eq!(graph.blocking(1), []);
    assert_eq!(graph.order().len(), graph.specs().len());
}

#[test]
fn long_chains_and_cycles_do_not_exhaust_the_stack() {
    let id = |index: u64| crate::base::ids::SpecId::from_random(index);
    let lines: Vec<String> = (0..20_000_u64)
        .map(|index| format!("s-{} ready - - s-{}", id(index), id((index + 1) % 20_000)))
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let specs = specs(&lines);
    let graph = Graph::new(&specs);
    assert_eq!(graph.problems().len(), 1);
    assert_eq!(graph.order().len(), specs.len());
}
