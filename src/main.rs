//! The `git-mmm` program: everything is in the library.

fn main() {}
