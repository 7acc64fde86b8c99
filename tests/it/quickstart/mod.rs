//! `git mmm quickstart`.

mod sample;
