//! Turtl's two message formats.

pub mod envelope;
pub mod sealed_message;
