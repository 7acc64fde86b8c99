//! The edge itself: help, version, wrong command lines, isolation of the tests.

mod isolation;
mod settings;
mod usage;
