//! `git mmm init`.

mod commit;
mod effect;
mod hello;
mod refusal;
