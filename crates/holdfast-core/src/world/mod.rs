//! World backup: file records, the V0 container, manifest and root key.

pub mod backup;
mod cbor;
pub mod container;
mod designator;
pub mod manifest;
pub mod record;
pub mod root_key;
mod tar;
mod untar;

pub use designator::Designator;
