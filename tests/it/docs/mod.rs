//! What the pages under `docs/` show, tried out.

mod coming_from;
mod commands;
mod examples;
mod json;
mod running;
