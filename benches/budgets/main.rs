//! The budgets of speed and size, each against its control in the same run, as one table.
//!
//! `cargo bench` measures everything, `cargo bench -- --quick` a tenth of it in seconds; any other
//! word chooses the rows whose group has it in its name. `--features internals` adds the rows
//! that need more than the program. It measures and judges; it fails only when something cannot be run.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a benchmark starts programs and prints its table itself"
)]

mod measure;
mod rows;
mod table;
mod world;

use crate::table::Row;
use crate::world::World;

/// A group of rows that share what they need.
type Group = fn(&World) -> Vec<Row>;

const GROUPS: [(&str, Group); 7] = [
    ("version", rows::version::measure),
    ("hook", rows::hook::measure),
    ("steps", rows::steps::measure),
    ("memory", rows::memory::measure),
    ("notes", rows::notes::measure),
    ("specs", rows::specs::measure),
    ("status", rows::status::measure),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    #[cfg(feature = "internals")]
    if rows::internals::serve(&arguments) {
        return;
    }
    let chosen: Vec<&String> = arguments
        .iter()
        .filter(|word| !word.starts_with("--"))
        .collect();
    let quick = arguments.iter().any(|word| word == "--quick");
    let mut rows = Vec::new();
    for (name, group) in GROUPS {
        if chosen.is_empty() || chosen.iter().any(|word| name.contains(word.as_str())) {
            eprintln!("measuring: {name}");
            rows.extend(group(&World::new(if quick { 10 } else { 100 })));
        }
    }
    print!("{}", table::show(&rows));
}
