//! The house rules that no compiler keeps: layers, fences, sizes, words, nothing forgotten.
//!
//! Reads the sources as text. `docs/architecture.md` says why each rule is there.
#![expect(
    clippy::disallowed_methods,
    reason = "the rules are checked on the files themselves"
)]

#[path = "tidy/sources.rs"]
mod sources;

use std::collections::BTreeSet;
use std::fs;

use sources::{Source, functions, is_word, relative, sources, top, walk, words_after};

const MAX_FILE_LINES: usize = 500;
const MAX_FUNCTION_LINES: usize = 70;
/// Packages that `Cargo.lock` may hold. A new dependency is a decision: raise it in its commit.
/// HTTP with TLS is 97 of them: reqwest and hyper, rustls, tokio, and what names in any script need.
const MAX_PACKAGES: usize = 260;

/// Files that are longer all the same, with their length: it may only become less.
const LONG_FILES: &[(&str, usize)] = &[];
/// Functions that are longer all the same (`path:name`), with their length.
const LONG_FUNCTIONS: &[(&str, usize)] = &[];

const SYSTEMS: [&str; 6] = ["ai", "monitor", "plugin", "project", "spec", "workflow"];

/// Whether a file holds unit tests of the module above it.
fn is_unit_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// What each layer may import, besides itself.
fn allowed_imports(module: &str) -> Option<Vec<&'static str>> {
    let below_systems = [
        "base", "git", "model", "net", "proc", "render", "state", "sys",
    ];
    Some(match module {
        "base" => vec![],
        "model" | "sys" => vec!["base"],
        "net" | "proc" | "render" => vec!["base", "sys"],
        "git" => vec!["base", "proc", "sys"],
        "state" => vec!["base", "git", "model", "sys"],
        "app" | "internals" => [&below_systems[..], &SYSTEMS].concat(),
        "cli" | "web" => [&["app", "base", "model", "state"][..], &SYSTEMS].concat(),
        system if SYSTEMS.contains(&system) => below_systems.to_vec(),
        _ => return None,
    })
}

/// Where each dependency may be used, as prefixes under `src/`. Every dependency is listed.
const FENCES: &[(&str, &[&str])] = &[
    ("annotate_snippets", &["cli/"]),
    ("anstyle", &["cli/"]),
    ("clap", &["cli/"]),
    ("comfy_table", &["cli/"]),
    ("git2", &["git/"]),
    ("gix_hash", &["git/"]),
    ("hmac", &["net/"]),
    ("indicatif", &["cli/"]),
    ("jiff", &["sys/"]),
    ("libc", &["proc/"]),
    ("memchr", &["proc/"]),
    ("minijinja", &["render/"]),
    ("nix", &["proc/"]),
    ("regex", &["model/"]),
    ("reqwest", &["net/"]),
    ("rustix", &["proc/", "sys/"]),
    ("rustls", &["net/"]),
    ("serde", &["cli/", "state/format/"]),
    ("serde_json", &["cli/", "state/format/"]),
    ("serde_yaml", &["state/format/"]),
    ("sha2", &["net/"]),
    ("signal_hook", &["proc/"]),
    ("strsim", &["base/"]),
    ("tempfile", &["git/", "sys/"]),
    ("thiserror", &[""]),
    ("tokio", &["net/"]),
    ("toml", &["state/format/"]),
    ("toml_edit", &["state/format/"]),
    ("ulid", &["base/", "sys/"]),
    ("unicode_width", &["cli/"]),
];

/// Fails with every complaint at once.
fn expect_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn layers_import_downwards_only() {
    let mut complaints = Vec::new();
    for source in sources() {
        let Some((module, _)) = source.in_src().and_then(|path| path.split_once('/')) else {
            continue;
        };
        let Some(allowed) = allowed_imports(module) else {
            complaints.push(format!("{}: `{module}` is in no layer", source.path));
            continue;
        };
        for import in words_after(&source.code, "crate::") {
            if import.is_empty() {
                complaints.push(format!("{}: write `use crate::<module>::…`", source.path));
            } else if import == "state" && is_unit_test(&source.path) {
                // Texts of the tests of `model` are YAML, and only `state` reads that.
            } else if import != module && !allowed.contains(&import) {
                complaints.push(format!(
                    "{}: `{module}` may not import `{import}`",
                    source.path
                ));
            }
        }
        for import in words_after(&source.code, "super::super") {
            complaints.push(format!("{}: `super::super{import}`", source.path));
        }
    }
    expect_none(&complaints);
}

#[test]
fn each_dependency_stays_behind_its_fence() {
    let mut complaints = Vec::new();
    for source in sources() {
        let Some(path) = source.in_src() else {
            continue;
        };
        for (name, places) in FENCES {
            let used = source.program().match_indices(name).any(|(at, _)| {
                let (before, after) = (&source.code[..at], &source.code[at + name.len()..]);
                let whole = !before.ends_with(is_word) && !before.ends_with("crate::");
                whole && !before.ends_with('.') && after.starts_with("::")
                    || (before.ends_with("use ") && after.starts_with(';'))
            });
            if used && !places.iter().any(|place| path.starts_with(place)) {
                complaints.push(format!("{}: `{name}` belongs into {places:?}", source.path));
            }
        }
    }
    let fenced: Vec<&str> = FENCES.iter().map(|(name, _)| *name).collect();
    for name in manifest_section("[dependencies]") {
        if !fenced.contains(&name.replace('-', "_").as_str()) {
            complaints.push(format!(
                "Cargo.toml: `{name}` has no fence in tests/tidy.rs"
            ));
        }
    }
    expect_none(&complaints);
}

#[test]
fn files_and_functions_are_short() {
    let mut complaints = Vec::new();
    let mut judge = |name: String, found: usize, limit: usize, exceptions: &[(&str, usize)]| {
        let excused = exceptions.iter().find(|(path, _)| *path == name);
        match excused {
            None if found > limit => {
                complaints.push(format!("{name}: {found} lines, {limit} allowed"));
            }
            Some((_, listed)) if found != *listed || found <= limit => complaints.push(format!(
                "{name}: {found} lines, listed with {listed}: an exception only shrinks"
            )),
            _ => {}
        }
    };
    let mut names = BTreeSet::new();
    for source in sources() {
        judge(
            source.path.clone(),
            source.text.lines().count(),
            MAX_FILE_LINES,
            LONG_FILES,
        );
        names.insert(source.path.clone());
        if source.in_src().is_some() {
            for (name, lines) in functions(source.program()) {
                let name = format!("{}:{name}", source.path);
                judge(name.clone(), lines, MAX_FUNCTION_LINES, LONG_FUNCTIONS);
                names.insert(name);
            }
        }
    }
    for (name, _) in LONG_FILES.iter().chain(LONG_FUNCTIONS) {
        if !names.contains(*name) {
            complaints.push(format!("{name}: listed as long, but not there"));
        }
    }
    expect_none(&complaints);
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent = |source: &Source| !source.text.starts_with("//! ");
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(silent)
        .map(|source| format!("{}: does not begin with `//!`", source.path))
        .collect();
    expect_none(&silent);
}

#[test]
fn nothing_is_left_for_later() {
    let (mut files, mut empty) = (Vec::new(), Vec::new());
    for folder in [
        "src",
        "tests",
        "benches",
        "fuzz",
        "docs",
        "hooks",
        "templates",
        ".mmm-example",
    ] {
        walk(&top().join(folder), &mut files, &mut empty);
    }
    let mut complaints: Vec<String> = empty
        .iter()
        .map(|path| format!("{}: an empty room", relative(path)))
        .collect();
    // Written in two halves, so that this file does not hold them.
    let anywhere = [concat!("TO", "DO"), concat!("FIX", "ME")];
    for path in &files {
        let Ok(text) = fs::read_to_string(path) else {
            continue;
        };
        for word in anywhere.iter().filter(|word| text.contains(**word)) {
            complaints.push(format!(
                "{}: `{word}`: write it into ROADMAP.md",
                relative(path)
            ));
        }
        if path.ends_with(".gitkeep") {
            complaints.push(format!("{}: an empty room", relative(path)));
        }
    }
    for source in sources() {
        for word in ["dbg!", "todo!", "unimplemented!", "#[ignore"] {
            if source.code.contains(word) {
                complaints.push(format!("{}: `{word}`", source.path));
            }
        }
        if source.in_src().is_some() {
            for word in ["panic!(", "unreachable!(", "::*;"] {
                if source.program().contains(word) {
                    complaints.push(format!("{}: `{word}`", source.path));
                }
            }
        }
        let is_test = source.path.starts_with("tests/") && !source.path.contains("/support/");
        if is_test && !words_after(&source.code, "thread::sleep").is_empty() {
            complaints.push(format!(
                "{}: wait with `wait_until`, do not sleep",
                source.path
            ));
        }
    }
    expect_none(&complaints);
}

#[test]
fn mod_files_hold_no_logic() {
    let mut complaints = Vec::new();
    for source in sources()
        .iter()
        .filter(|source| source.path.ends_with("/mod.rs"))
    {
        for word in [
            "fn ",
            "struct ",
            "enum ",
            "impl ",
            "trait ",
            "const ",
            "static ",
            "macro_rules!",
        ] {
            let mut lines = source.code.lines().map(str::trim_start);
            let holds = |line: &str| {
                let bare = line
                    .trim_start_matches("pub(crate) ")
                    .trim_start_matches("pub ");
                bare.starts_with(word)
            };
            if lines.any(holds) {
                complaints.push(format!(
                    "{}: `{word}` belongs into a named file",
                    source.path
                ));
            }
        }
        if words_after(&source.code, "mod ").is_empty() {
            complaints.push(format!("{}: an empty room", source.path));
        }
    }
    expect_none(&complaints);
}

#[test]
fn every_source_file_is_mounted() {
    let sources = sources();
    let roots = [
        "src/lib.rs",
        "src/main.rs",
        "tests/it/main.rs",
        "tests/tidy.rs",
    ];
    let mut complaints = Vec::new();
    for source in sources
        .iter()
        .filter(|source| !roots.contains(&source.path.as_str()))
    {
        if !source.path.starts_with("src/") && !source.path.starts_with("tests/it/") {
            continue;
        }
        let module = source.path.trim_end_matches(".rs").trim_end_matches("/mod");
        let (folder, name) = module.rsplit_once('/').expect("below a root");
        let parents = ["/mod.rs", ".rs", "/lib.rs", "/main.rs"].map(|end| format!("{folder}{end}"));
        let mut holders = sources
            .iter()
            .filter(|parent| parents.contains(&parent.path));
        if !holders.any(|parent| words_after(&parent.code, "mod ").contains(&name)) {
            complaints.push(format!("{}: no `mod {name};` mounts it", source.path));
        }
    }
    expect_none(&complaints);
}

/// Templates are embedded, and the example is a fixture of the tests, so both are loaded by them.
#[test]
fn the_example_and_every_template_are_used() {
    let sources = sources();
    let named = |name: &str| sources.iter().any(|source| source.text.contains(name));
    let (mut files, mut empty) = (Vec::new(), Vec::new());
    walk(&top().join("templates"), &mut files, &mut empty);
    walk(&top().join("hooks"), &mut files, &mut empty);
    let mut complaints: Vec<String> = files
        .iter()
        .map(|path| relative(path))
        .filter(|path| !named(path))
        .map(|path| format!("{path}: no source embeds or tests it"))
        .collect();
    if top().join(".mmm-example").exists() && !named("/.mmm-example") {
        complaints.push(".mmm-example: no test loads it".to_owned());
    }
    expect_none(&complaints);
}

/// The names in a section of the manifest, in its order.
fn manifest_section(heading: &str) -> Vec<String> {
    let manifest = fs::read_to_string(top().join("Cargo.toml")).expect("the manifest");
    let lines = manifest.lines().skip_while(|line| *line != heading).skip(1);
    lines
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name.to_owned())
        .collect()
}

#[test]
fn dependencies_are_sorted_and_few() {
    for heading in ["[dependencies]", "[dev-dependencies]"] {
        let names = manifest_section(heading);
        assert!(!names.is_empty(), "{heading} is not found");
        assert!(names.is_sorted(), "{heading} is not sorted: {names:?}");
    }
    let lock = fs::read_to_string(top().join("Cargo.lock")).expect("the lock file");
    let packages = lock.lines().filter(|line| *line == "[[package]]").count();
    assert!(
        packages <= MAX_PACKAGES,
        "{packages} packages, {MAX_PACKAGES} allowed"
    );
}
