//! `git mmm init`.

mod commit;
mod effect;
mod refusal;
