//! `git mmm check`: what CI calls.

mod broken_config;
mod whole_project;
mod writes_nothing;
