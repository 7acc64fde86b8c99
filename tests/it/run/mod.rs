//! Runs: what they do, what they leave, and what survives their death.

mod crash;
mod fixture;
