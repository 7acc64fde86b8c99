//! Lines in pieces of every size: what is written, and what is masked.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::{HELD_BYTES, Masks};
use crate::base::limits::LEARNT_MASKS;
use crate::proc::supervisor::commands::CommandWatch;

/// What is written of a text that comes in pieces.
fn written<'a>(pieces: impl Iterator<Item = &'a [u8]>, masks: &mut Masks) -> String {
    let mut watch = CommandWatch::default();
    let (mut held, mut out) = (Vec::new(), Vec::new());
    for piece in pieces {
        watch.feed(piece, masks, &mut |part, masks| {
            masks.masker().feed_after(&mut held, part, &mut out);
        });
    }
    watch.finish(masks, &mut |part, masks| {
        masks.masker().feed_after(&mut held, part, &mut out);
    });
    masks.masker().finish_after(&mut held, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

fn check(text: &str, expected: &str, learnt: &[&str]) {
    for size in 1..=text.len().max(1) {
        let mut masks = Masks::default();
        let found = written(text.as_bytes().chunks(size), &mut masks);
        assert_eq!(found, expected, "{text:?} in pieces of {size}");
        assert_eq!(masks.untold(), learnt, "{text:?} in pieces of {size}");
        assert!(masks.untold().is_empty());
    }
}

#[test]
fn a_value_is_masked_from_its_line_on() {
    check(
        "x\n::add-mask::hunter2\nthe hunter2\n",
        "x\n::add-mask::***\nthe ***\n",
        &["hunter2"],
    );
    check(
        "\r  ::ADD-MASK a=b::hunter2\r\nhunter2",
        "\r  ::ADD-MASK a=b::***\r\n***",
        &["hunter2"],
    );
    check("::add-mask::hunter2", "::add-mask::***", &["hunter2"]);
    check(
        "::add-mask::one%0Atwo%25\nx two% one",
        "::add-mask::***\nx *** ***",
        &["one\ntwo%"],
    );
    check(
        "a ##[add-mask]hunter2\nhunter2",
        "a ##[add-mask]***\n***",
        &["hunter2"],
    );
    check("###[add-mask]hunter2", "###[add-mask]***", &["hunter2"]);
    check(
        "::nothing::##[add-mask]hunter2",
        "::nothing::##[add-mask]***",
        &["hunter2"],
    );
    check(
        "::add-mask::abc\n::add-mask::abc\nabc",
        "::add-mask::***\n::add-mask::***\n***",
        &["abc"],
    );
}

#[test]
fn what_is_no_such_command_is_written_as_it_is() {
    for text in [
        "",
        ":",
        "::",
        "\n :\n::\n:::\n#\n##\n##[\n##[a",
        "std::fmt::Debug\n  ::std::mem::take(x)\n",
        "x ::add-mask::hunter2\n",
        "::add-mask:hunter2\n::add-mask\n",
        "::add-masks::hunter2",
        "::debug::##[add-mask]hunter2\nhunter2",
        "##[debug]::add-mask::hunter2",
        "##[nothing]##[add-mask]hunter2",
        "::error file=a::hunter2\n::group::x\n::endgroup::\n",
        "::stop-commands::Tok\n::add-mask::hunter2\n##[add-mask]hunter2\n::other::\nhunter2\n",
    ] {
        check(text, text, &[]);
    }
}

#[test]
fn commands_are_followed_again_after_the_token() {
    check(
        "::stop-commands::Tok\n::add-mask::one\n::tok::\n::add-mask::two\none two",
        "::stop-commands::Tok\n::add-mask::one\n::tok::\n::add-mask::***\none ***",
        &["two"],
    );
    check(
        "::stop-commands::error\n::add-mask::two\ntwo",
        "::stop-commands::error\n::add-mask::***\n***",
        &["two"],
    );
}

#[test]
fn what_is_not_masked_is_said() {
    check(
        "::add-mask::a\na",
        "::add-mask::***\n::warning::a value of fewer than 3 bytes is not masked\na",
        &[],
    );
    check(
        "::add-mask::\n::add-mask:: \nx",
        "::add-mask::\n::add-mask::***\nx",
        &[],
    );
    let many = (0..=LEARNT_MASKS).map(|n| format!("::add-mask::x{n:06}\n"));
    let many = many.collect::<Vec<_>>().concat();
    let text = many + "x000001 x002000";
    let mut masks = Masks::default();
    let found = written(text.as_bytes().chunks(16 * 1024), &mut masks);
    let end =
        "::add-mask::***\n::warning::too many values are masked, so this one is not\n*** x002000";
    assert!(found.ends_with(end));
    assert_eq!(masks.untold().len(), LEARNT_MASKS);
}

#[test]
fn a_line_that_is_too_long_is_left_out() {
    let long = "hunter2".repeat(HELD_BYTES / 7 + 1000);
    let text = format!("::add-mask::{long}\nx {long:.7}\n");
    let mut masks = Masks::default();
    let found = written(text.as_bytes().chunks(1000), &mut masks);
    assert_eq!(
        found,
        "::warning::a line with a value to mask is too long and was left out\nx hunter2\n"
    );
    // Long lines that are nothing of the kind are written.
    for begin in ["::", "::add-mask", "##[", "x", "::debug::"] {
        let text = format!("{begin}{long}\n");
        let mut masks = Masks::default();
        assert_eq!(written(text.as_bytes().chunks(1000), &mut masks), text);
    }
}

#[test]
fn all_steps_mask_what_one_says() {
    let mut masks = Masks::default();
    masks.give(&["given1".to_owned()]);
    let (mut first, mut second) = (CommandWatch::default(), CommandWatch::default());
    let (mut held, mut out) = (Vec::new(), Vec::new());
    let mut take =
        |part: &[u8], masks: &Masks| masks.masker().feed_after(&mut held, part, &mut out);
    second.feed(b"hunt", &mut masks, &mut take);
    first.feed(b"::add-mask::hunter2\n", &mut masks, &mut |_, _| {});
    second.feed(b"er2 hunter2 given1\n", &mut masks, &mut take);
    masks.give(&["given2".to_owned()]);
    second.feed(b"hunter2 given1 given2\n", &mut masks, &mut take);
    let expected = "hunter2 *** ***\n*** given1 ***\n";
    assert_eq!(String::from_utf8_lossy(&out), expected);
    let later = Masks::new(masks.untold());
    assert_eq!(later.masker().mask("hunter2"), "***");
}

/// Lines of every kind must not take longer than others by more than a constant.
#[test]
fn time_is_in_proportion_to_the_text() {
    for line in [
        "::\n",
        "::a::b\n",
        "a::b",
        "##[",
        "##[x]",
        "#",
        ":",
        " ",
        "\n",
        " ::",
        "::add-mask\n",
    ] {
        let text = line.repeat((1 << 20) / line.len());
        let mut watch = CommandWatch::default();
        let mut masks = Masks::default();
        let mut bytes = 0;
        for piece in text.as_bytes().chunks(16 * 1024) {
            watch.feed(piece, &mut masks, &mut |part, _| bytes += part.len());
        }
        watch.finish(&mut masks, &mut |part, _| bytes += part.len());
        assert_eq!(bytes, text.len(), "{line:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(4),
        ..ProptestConfig::default()
    })]

    /// However a text is cut, the same is written and learnt.
    #[test]
    fn pieces_do_not_matter(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "::", ":", "##[", "#", "]", "add-mask", "stop-commands", "debug", "tok", " ",
                "secret", "\n", "\r", "%0A", "x",
            ]),
            0..25,
        ),
        size in 1_usize..9,
    ) {
        let text = parts.concat();
        let mut whole = Masks::default();
        let expected = written(std::iter::once(text.as_bytes()), &mut whole);
        let mut masks = Masks::default();
        let found = written(text.as_bytes().chunks(size), &mut masks);
        // A line of the older form may have been written in part before it is known to be one.
        prop_assert_eq!(masks.untold(), whole.untold(), "{:?}", &text);
        if !text.contains("##[add-mask") {
            prop_assert_eq!(found, expected, "{:?}", &text);
        }
    }
}
