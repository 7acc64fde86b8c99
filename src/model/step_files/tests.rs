//! Files that steps write, whole and broken.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::{ValueFile, paths, text, values};
use crate::base::limits::STEP_FILE_BYTES;

const ENVIRONMENT: ValueFile<'_> = ValueFile::Environment {
    refused: &["GIT_DIR", "GIT_INDEX_FILE"],
};

fn check(file: ValueFile<'_>, bytes: &[u8], expected: &[(&str, &str)], problems: &[&str]) {
    let found = values(file, bytes);
    let shown: Vec<(&str, &str)> = found
        .values
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(shown, expected, "{}", String::from_utf8_lossy(bytes));
    let found = found.problems.iter();
    let found: Vec<String> = found
        .map(|it| format!("{}: {}", it.line, it.fault))
        .collect();
    assert_eq!(found, problems, "{}", String::from_utf8_lossy(bytes));
}

#[test]
fn values_are_read_as_github_reads_them() {
    let check = |text: &str, expected: &[(&str, &str)]| {
        check(ValueFile::Output, text.as_bytes(), expected, &[]);
    };
    check("", &[]);
    check("\n\n", &[]);
    check("a=1", &[("a", "1")]);
    check("a=1\n\nb=\n", &[("a", "1"), ("b", "")]);
    check("a==b=c\n a = 1 \n", &[("a", "=b=c"), (" a ", " 1 ")]);
    check("a=b<<EOF\nc=d\n", &[("a", "b<<EOF"), ("c", "d")]);
    check("a<<E=F\nx=1\nE=F\n", &[("a", "x=1")]);
    check("a<<EOF\nEOF\nb=2", &[("a", ""), ("b", "2")]);
    check("a<<EOF\n\nEOF", &[("a", "")]);
    check("a<<EOF\n\n\nx\n\nEOF\n", &[("a", "\n\nx\n")]);
    check("a<<EOF\none\n EOF\nEOF \nEOF", &[("a", "one\n EOF\nEOF ")]);
    check("a<<<EOF\nx\n<EOF\n", &[("a", "x")]);
    check("a<< EOF\nx\n EOF\n", &[("a", "x")]);
    // The last one counts; names of outputs are told apart by more than their case.
    check("A=1\nb=2\na=3\n", &[("A", "3"), ("b", "2")]);
    // A carriage return belongs to what it stands in.
    check(
        "a=1\r\nb<<EOF\r\nx\r\ny\r\nEOF\r\n",
        &[("a", "1\r"), ("b", "x\r\ny\r")],
    );
    check("\u{feff}a=\u{e9}", &[("a", "\u{e9}")]);
}

#[test]
fn what_comes_before_a_fault_counts() {
    let check = |text: &str, expected: &[(&str, &str)], problem: &str| {
        check(ValueFile::Output, text.as_bytes(), expected, &[problem]);
    };
    let form = "expected `name=value` or `name<<delimiter`, found";
    check(
        "a=1\n\nplain\nb=2",
        &[("a", "1")],
        &format!("3: {form} `plain`"),
    );
    check("\r\na=1", &[], &format!("1: {form} `\\r`"));
    check("=1", &[], "1: there is no name in `=1`");
    check("<<EOF\nEOF", &[], "1: there is no name in `<<EOF`");
    check("a<<\nx", &[], "1: there is no delimiter after `a<<`");
    check(
        "b=1\na<<EOF\nx\n",
        &[("b", "1")],
        "2: the value of `a` does not end: no line after it is `EOF`",
    );
    check(
        "a<<EOF",
        &[],
        "1: the value of `a` does not end: no line after it is `EOF`",
    );
    check(
        "a<<EOF\r\nx\r\nEOF",
        &[],
        "1: the value of `a` does not end: no line after it is `EOF\\r`",
    );
}

#[test]
fn some_variables_cannot_be_set() {
    let refused =
        |line: usize, name: &str| format!("{line}: `{name}` cannot be set for later steps");
    let written = "node_options=1\nGITHUB_TOKEN<<E\nx\nE\nRunner_Temp=2\nMMM_RUN_ID=3\nGIT_DIR=4\n\
                   GIT_AUTHOR_NAME=me\nPATH=5\nPath=6\n";
    let found = values(ENVIRONMENT, written.as_bytes());
    assert!(found.problems.iter().all(|it| !it.fault.is_fatal()));
    assert!(found.problems.iter().all(|it| it.fault.hint().is_some()));
    check(
        ENVIRONMENT,
        written.as_bytes(),
        &[("GIT_AUTHOR_NAME", "me"), ("PATH", "5"), ("Path", "6")],
        &[
            (1, "node_options"),
            (2, "GITHUB_TOKEN"),
            (5, "Runner_Temp"),
            (6, "MMM_RUN_ID"),
            (7, "GIT_DIR"),
        ]
        .map(|(line, name)| refused(line, name))
        .each_ref()
        .map(String::as_str),
    );
    check(
        ENVIRONMENT,
        b"A=1\0\nB=2",
        &[("B", "2")],
        &["1: `A` holds a zero byte, which no variable can"],
    );
    check(
        ValueFile::Output,
        b"GITHUB_A=1\0",
        &[("GITHUB_A", "1\0")],
        &[],
    );
}

#[test]
fn folders_are_named_once() {
    let check = |text: &str, expected: &[&str], problems: &[&str]| {
        let found = paths(text.as_bytes());
        assert_eq!(found.paths, expected, "{text:?}");
        let found = found.problems.iter();
        let found: Vec<String> = found
            .map(|it| format!("{}: {}", it.line, it.fault))
            .collect();
        assert_eq!(found, problems, "{text:?}");
    };
    check("", &[], &[]);
    check("/a\n\n/b\r\n/a", &["/b", "/a"], &[]);
    check(" x \u{e9}\n", &[" x \u{e9}"], &[]);
    check(
        "/a\r\n/b\0\n",
        &["/a"],
        &["2: `/b\\u{0}` holds a zero byte, which no variable can"],
    );
}

#[test]
fn encodings_are_told_by_their_mark() {
    assert_eq!(text(b"\xff\xfea\0=\0"), "a=");
    assert_eq!(text(b"\xfe\xff\0a\0=\0"), "a=");
    assert_eq!(text(b"a\xff"), "a\u{fffd}");
}

#[test]
fn files_have_a_limit() {
    let size = usize::try_from(STEP_FILE_BYTES).expect("fits");
    let mut bytes = vec![b'a'; size];
    bytes.splice(..2, *b"a=");
    assert_eq!(values(ValueFile::Output, &bytes).values.len(), 1);
    bytes.push(b'a');
    let problem = "0: the file has 1048577 bytes, and at most 1048576 are read";
    check(ValueFile::Output, &bytes, &[], &[problem]);
    assert_eq!(paths(&bytes).paths, [""; 0]);
    // Many names are no trouble.
    let many: Vec<String> = (0..100_000).map(|n| format!("{n:x}=\n")).collect();
    let many = many.concat();
    assert_eq!(
        values(ValueFile::Output, many.as_bytes()).values.len(),
        100_000
    );
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_soup_panics(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "a", "=", "<<", "<", "EOF", "\n", "\r", "\0", "\u{feff}", "GITHUB_", "\u{e9}",
            ]),
            0..30,
        ),
        noise in prop::collection::vec(any::<u8>(), 0..10),
    ) {
        let mut bytes = parts.concat().into_bytes();
        bytes.extend(noise);
        for file in [ValueFile::Output, ENVIRONMENT] {
            let found = values(file, &bytes);
            prop_assert!(found.problems.iter().filter(|it| it.fault.is_fatal()).count() <= found.problems.len());
            prop_assert!(found.values.iter().all(|(name, _)| !name.is_empty()));
        }
        paths(&bytes);
    }
}
