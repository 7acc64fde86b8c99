//! Repositories that are laid out otherwise than usual.

mod bare;
mod commit;
mod elsewhere;
mod partial;
mod sparse;
