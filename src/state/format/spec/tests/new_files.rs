//! Edits of a file as `git mmm spec new` makes it, where every key has its line.

use crate::model::spec::edit;
use crate::state::format::spec::tests::VALID;
use crate::state::format::spec::tests::edits::edited;
use crate::state::format::spec::tests::edits::set;

/// The norm as a new file has it.
pub(super) const NEW: &str = "---
title: Expired tokens are refused
id: 7k3q9x2
status: ready

kind: feature

owner: ada
format: 1
priority: 2

created: 2026-11-22

workflow: default

labels:
  - auth

depends_on:
  - token-store-1m4c8tz
---
Why it matters, in prose.

## Acceptance criteria

- [ ] an expired token is refused (ac-7k3q)

  verify: `cargo test --locked expired_token_is_refused`

- [ ] the refusal is logged without the token (ac-p0m2)
";

#[test]
fn keys_of_a_new_file_stay_where_they_are() {
    let unset = |text: &str, key: &str| edited(text, |draft| edit::unset(draft, key));
    let empty = NEW.replace("owner: ada", "owner:");
    assert_eq!(unset(NEW, "owner"), empty);
    assert_eq!(unset(&empty, "owner"), empty);
    assert_eq!(set(&empty, "owner", "ada"), NEW);
    assert_eq!(
        unset(NEW, "priority"),
        NEW.replace("priority: 2", "priority:")
    );
    let commented = NEW.replace("owner: ada", "owner: ada  # who");
    assert_eq!(
        unset(&commented, "owner"),
        NEW.replace("owner: ada", "owner:  # who")
    );
    let none = NEW.replace("  - auth\n", "");
    assert_eq!(unset(NEW, "labels"), none);
    assert_eq!(
        edited(NEW, |draft| edit::remove_item(draft, "labels", "auth")),
        none
    );
    assert_eq!(
        edited(&none, |draft| edit::add_item(draft, "labels", "auth")),
        NEW
    );
    // One that somebody took out comes back between blank lines.
    assert_eq!(
        set(&NEW.replace("owner: ada\n", ""), "owner", "ada"),
        NEW.replace("format", "\nformat")
    );
    assert_eq!(
        set(
            &NEW.replace("created: 2026-11-22\n\n", ""),
            "created",
            "2026-11-22"
        ),
        NEW
    );
}

#[test]
fn comments_of_a_list_survive_its_last_item() {
    let text = VALID.replace("labels:\n", "labels:\n# c1\n");
    let none = edited(&text, |draft| edit::remove_item(draft, "labels", "auth"));
    assert_eq!(none, text.replace("  - auth\n", ""));
    let again = edited(&none, |draft| edit::add_item(draft, "labels", "auth"));
    assert_eq!(again, text.replace("# c1\n  - auth\n", "  - auth\n# c1\n"));
}
