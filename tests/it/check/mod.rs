//! `git mmm check`: what CI calls.

mod whole_project;
mod writes_nothing;
