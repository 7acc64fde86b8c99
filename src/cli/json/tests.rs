//! The envelope as scripts see it.

use crate::app::Error;
use crate::base::diagnostic::Problem;
use crate::base::source::{SourceText, Span};
use crate::cli::json::{answer, fatal, usage};

#[test]
fn the_envelope_has_one_form() {
    let source = SourceText::new(".mmm/specs/a.md", "title: x\nownr: ada\n");
    let problems = [
        Problem::warning(
            "unknown-key",
            &source,
            Span::new(9, 13),
            "unknown key `ownr`",
        )
        .with_hint("did you mean `owner`?"),
        Problem::in_file("not-utf8", ".mmm/specs/b.md", "is not UTF-8"),
    ];
    let text = answer("spec-list", ["a"], &problems).expect("serialises");
    insta::assert_snapshot!(text, @r#"
    {
      "schema": "mmm/spec-list@1",
      "data": [
        "a"
      ],
      "problems": [
        {
          "file": ".mmm/specs/a.md",
          "line": 2,
          "column": 1,
          "severity": "warning",
          "code": "unknown-key",
          "message": "unknown key `ownr`",
          "hint": "did you mean `owner`?"
        },
        {
          "file": ".mmm/specs/b.md",
          "line": null,
          "column": null,
          "severity": "error",
          "code": "not-utf8",
          "message": "is not UTF-8",
          "hint": null
        }
      ]
    }
    "#);
}

#[test]
fn errors_keep_the_form() {
    insta::assert_snapshot!(fatal(&Error::Cancelled).expect("serialises"), @r#"
    {
      "schema": "mmm/error@1",
      "data": null,
      "problems": [
        {
          "file": null,
          "line": null,
          "column": null,
          "severity": "error",
          "code": "cancelled",
          "message": "interrupted",
          "hint": null
        }
      ]
    }
    "#);
    insta::assert_snapshot!(usage("no such thing", None).expect("serialises"), @r#"
    {
      "schema": "mmm/error@1",
      "data": null,
      "problems": [
        {
          "file": null,
          "line": null,
          "column": null,
          "severity": "error",
          "code": "usage",
          "message": "no such thing",
          "hint": null
        }
      ]
    }
    "#);
}
