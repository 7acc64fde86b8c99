//! The hidden commands that do what steps say.

mod git;
