//! World backup: file records, the V0 container, manifest and root key.

pub mod backup;
pub mod container;
mod designator;
pub mod manifest;
pub mod record;
pub mod root_key;

pub use designator::Designator;
