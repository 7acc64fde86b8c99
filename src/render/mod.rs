//! Templates: the only user of minijinja.
//!
//! Layer 2. Fills texts with values that callers hand over. It reads no files and knows neither
//! Git nor the model.

pub(crate) mod error;
pub(crate) mod template;

pub(crate) use error::Error;
pub(crate) use template::Values;
pub(crate) use template::render;
