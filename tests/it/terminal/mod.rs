//! What a person sees on a terminal, and what goes elsewhere without one.

mod colour;
mod pager;
mod tree;
