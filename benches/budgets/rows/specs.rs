//! Reading all specs of a project.

use crate::measure::{both, cost};
use crate::table::{Bar, Row};
use crate::world::{PROGRAM, World};

/// `spec list` over `cat` of the same files.
pub(crate) fn measure(world: &World) -> Vec<Row> {
    let mut rows = Vec::new();
    for (full, most) in [(1_000, 40.0), (10_000, 150.0)] {
        let specs = world.share(full);
        let name = format!("specs-{specs}");
        world.repository(&name, 10);
        world.prepare(&name, PROGRAM, &["init"]);
        for number in 0..specs {
            let path = format!("{name}/.mmm/specs/spec-{}.md", id(number));
            world.write(&path, &text(number));
        }
        let (ours, control) = both(
            5,
            || cost(&mut world.with(&name, PROGRAM, &["spec", "list"])),
            || {
                let cat = "cat .mmm/specs/*.md >/dev/null";
                cost(&mut world.with(&name, "sh", &["-c", cat]))
            },
        );
        rows.push(Row {
            work: format!("spec list of {specs}, CPU"),
            unit: "ms",
            ours: ours.cpu_ms(),
            control: None,
            bar: Bar::AtMost(most),
        });
        rows.push(Row {
            work: format!("spec list of {specs}, CPU, over cat"),
            unit: "ms",
            ours: ours.cpu_ms(),
            control: Some(control.cpu_ms()),
            bar: Bar::Times(5.0),
        });
    }
    rows
}

fn id(number: usize) -> String {
    format!("{:0>7}", radix(number))
}

/// The number in the digits of ids, which have no vowels that are taken for digits.
fn radix(mut number: usize) -> String {
    let digits = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut text = String::new();
    while number > 0 {
        let digit = digits.get(number % 32).copied().unwrap_or(b'0');
        text.insert(0, char::from(digit));
        number /= 32;
    }
    text
}

/// A spec of the usual size that depends on the one before it.
fn text(number: usize) -> String {
    let depends = match number % 10 {
        0 => String::new(),
        _ => format!("depends_on:\n  - spec-{}\n", id(number - 1)),
    };
    format!(
        "---\ntitle: Expired tokens are refused, number {number}\nid: '{}'\nstatus: ready\n\
         kind: feature\nowner: ada\nformat: 1\npriority: 2\ncreated: 2026-11-22\n\
         workflow: default\nlabels:\n  - auth\n{depends}---\n\
         Why it matters, in prose of a few lines, because nobody writes less than that when\n\
         something is to be built that others shall understand.\n\n\
         ## Acceptance criteria\n\n\
         - [ ] an expired token is refused (ac-7k3q)\n\n  verify: `cargo test --locked expired`\n\n\
         - [ ] the refusal is logged without the token (ac-p0m2)\n",
        id(number)
    )
}
