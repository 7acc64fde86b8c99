//! What the pages under `docs/` show, tried out.

mod commands;
mod examples;
mod json;
mod running;
