//! Work trees of runs: made, collected, merged, taken away, and all of it after kills.

mod crash;
mod fixture;
mod life;
mod merging;
mod updating;
