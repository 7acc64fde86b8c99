//! Repositories that are laid out otherwise than usual.

mod bare;
mod commit;
mod elsewhere;
mod no_checkout;
mod partial;
mod sparse;
