//! `git mmm status`, which is also `git mmm` alone.

mod advice;
mod overview;
