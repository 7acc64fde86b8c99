//! The hook gate: what it starts, when, and what it passes on.

mod gate;
