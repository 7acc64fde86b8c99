//! What the pages under `docs/` show, tried out.

mod examples;
mod running;
