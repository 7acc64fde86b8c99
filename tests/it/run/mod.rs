//! Runs: what they do, what they leave, and what survives their death.

mod asked;
mod cancel;
mod checkpoint;
mod committed;
mod crash;
mod damaged;
mod edited;
pub(crate) mod fixture;
mod following;
mod kept_secret;
mod kinds;
mod listing;
mod names;
mod proved;
mod refused;
mod revived;
mod said;
mod steps;
mod taking_up;
mod time;
mod verified;
mod words;
mod work_tree;
mod writers;
