//! Values are masked whole, in pieces, and in every encoding that programs print.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::{Masker, STANDARD, URL_SAFE, base64_end, base64_hidden};

fn check(secrets: &[&str], text: &str, expected: &str) {
    let masker = Masker::new(secrets.iter().copied());
    assert_eq!(masker.mask(text), expected, "{secrets:?}");
    // The same, arriving in pieces of every size.
    for size in 1..text.len().max(2) {
        let mut stream = masker.clone();
        let mut out = Vec::new();
        for piece in text.as_bytes().chunks(size) {
            stream.feed(piece, &mut out);
        }
        stream.finish(&mut out);
        assert_eq!(String::from_utf8_lossy(&out), expected, "pieces of {size}");
    }
}

#[test]
fn values_are_masked_whole_and_in_pieces() {
    check(&["hunter2"], "the word is hunter2!", "the word is ***!");
    check(&["hunter2"], "hunter hunter22", "hunter ***2");
    check(&["abc", "abcdef"], "abcdef abcde", "*** ***de");
    check(&["aab"], "aaab", "a***");
    check(&["x"], "x marks", "x marks");
    check(&["line one\nline two"], "got line two", "got ***");
    check(&[], "nothing", "nothing");
}

#[test]
fn values_are_learnt_on_the_way() {
    let mut masker = Masker::default();
    let (mut held, mut out) = (Vec::new(), Vec::new());
    masker.feed_after(&mut held, b"hunter2 hun", &mut out);
    masker.add("hunter2\nsecond line");
    masker.add("hunter2");
    masker.feed_after(&mut held, b"ter2 hunt", &mut out);
    assert_eq!(String::from_utf8_lossy(&out), "hunter2 hunter2 ");
    masker.add("ter2 x");
    masker.feed_after(&mut held, b"er2 x aHVudGVyMg== second line hun", &mut out);
    masker.finish_after(&mut held, &mut out);
    let expected = "hunter2 hunter2 *** x *** *** hun";
    assert_eq!(String::from_utf8_lossy(&out), expected);
    let whole = Masker::new(["hunter2\nsecond line", "hunter2", "ter2 x"]);
    let text = "hunter2 second line ter2 x 746572322078 hunter";
    assert_eq!(masker.mask(text), whole.mask(text));
    assert_eq!(masker.longest(), whole.longest());
}

#[test]
fn encodings_are_masked() {
    check(&["p@ss word"], "q=p%40ss%20word", "q=***");
    // `urlencode` of jq, `quote` of Python, `encodeURIComponent`, `encodeURI` and a form.
    check(
        &["a/b c(d)é=~"],
        "a%2Fb%20c%28d%29%C3%A9%3D~ a/b%20c%28d%29%C3%A9%3D~ a%2Fb%20c(d)%C3%A9%3D~ \
         a/b%20c(d)%C3%A9=~ a%2Fb+c%28d%29%C3%A9%3D%7E",
        "*** *** *** *** ***",
    );
    check(&["hunter22"], "68756e7465723232", "***");
    check(&["say \"hi\""], r#"{"v":"say \"hi\""}"#, r#"{"v":"***"}"#);
    let value = "<ü&'\"😀>";
    check(
        &[value],
        "&lt;ü&amp;&apos;&quot;😀&gt; &lt;ü&amp;&#x27;&quot;😀&gt;",
        "*** ***",
    );
    check(&[value], r#""<\u00fc&'\"\ud83d\ude00>""#, "\"***\"");
    check(&[value], r#""<\u00FC&'\"\uD83D\uDE00>""#, "\"***\"");
    check(&[value], r#""\u003cü\u0026'\"😀\u003e""#, "\"***\"");
    check(&["\"hunter2 x\""], "\"hunter2 x\" hunter2 x", "*** ***");
    // printf 'hunter2-secret!' | base64, then after one and after two more bytes.
    check(&["hunter2-secret!"], "aHVudGVyMi1zZWNyZXQh", "***");
    check(&["hunter2-secret!"], "eGh1bnRlcjItc2VjcmV0IQ==", "eG***");
    check(&["hunter2-secret!"], "eHhodW50ZXIyLXNlY3JldCE=", "eHh***");
    // printf and echo of `s3cr3t/Value+with=chars`.
    let value = "s3cr3t/Value+with=chars";
    check(&[value], "czNjcjN0L1ZhbHVlK3dpdGg9Y2hhcnM=", "***");
    check(&[value], "czNjcjN0L1ZhbHVlK3dpdGg9Y2hhcnM", "***");
    check(&[value], "czNjcjN0L1ZhbHVlK3dpdGg9Y2hhcnMK", "***");
    check(&["a?>?>?"], "YT8-Pz4_ YT8+Pz4/", "*** ***");
}

#[test]
fn what_holds_a_value_is_found() {
    let masker = Masker::new(["hunter22"]);
    for (text, expected) in [
        ("the word is hunter22!", true),
        ("hunter2", false),
        ("{\"v\": \"68756e7465723232\"}", true),
        ("aHVudGVyMjI=", true),
        ("", false),
    ] {
        assert_eq!(masker.finds(text.as_bytes()), expected, "{text}");
    }
    assert!(!Masker::default().finds(b"hunter22"));
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x6d_6d_6d),
        ..ProptestConfig::default()
    })]

    /// Base64 of a value with anything around it shows no character that stands for it alone, in
    /// pieces of any size; and nothing at all of its end where it is the end.
    #[test]
    fn no_alignment_shows_a_value(
        value in "[!-~]{6,24}",
        before in "[ -~]{0,7}",
        after in prop_oneof![Just(String::new()), Just("\n".to_owned()), "[ -~]{1,7}"],
        url_safe in any::<bool>(),
        padded in any::<bool>(),
        size in 1_usize..9,
    ) {
        let alphabet = if url_safe { URL_SAFE } else { STANDARD };
        let whole = format!("{before}{value}{after}");
        let mut text = base64_end(whole.as_bytes(), 0, alphabet);
        let start = before.len() / 3 * 4 + base64_hidden(before.len() % 3);
        // Up to the last character that is of the value alone.
        let end = (before.len() + value.len()) * 8 / 6;
        let secret = String::from_utf8_lossy(&text[start..end]).into_owned();
        while padded && !text.len().is_multiple_of(4) {
            text.push(b'=');
        }
        let mut masker = Masker::new([value.as_str()]);
        prop_assert!(masker.finds(&text));
        let mut masked = Vec::new();
        for piece in text.chunks(size) {
            masker.feed(piece, &mut masked);
        }
        masker.finish(&mut masked);
        let masked = String::from_utf8_lossy(&masked).into_owned();
        prop_assert!(!masked.contains(&secret), "{secret} in {masked}");
        prop_assert!(masked.starts_with("***") || !before.is_empty(), "{masked}");
        let ends = after.is_empty() || after == "\n";
        prop_assert!(masked.ends_with("***") || !ends, "{masked}");
        // Nothing but what stands around it is left.
        let around = (before.len() + after.len()) * 8 / 6 + 8;
        prop_assert!(masked.len() <= around + 3, "{masked}");
    }
}
