//! Runs: what they do, what they leave, and what survives their death.

mod cancel;
mod checkpoint;
mod crash;
mod damaged;
mod edited;
mod fixture;
mod kept_secret;
mod listing;
mod proved;
mod refused;
mod steps;
mod taking_up;
mod verified;
mod words;
mod work_tree;
mod writers;
