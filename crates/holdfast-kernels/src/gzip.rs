//! Gzip (RFC 1952) around deflate (RFC 1951), both ways.

mod crc32;
mod deflate;
mod gunzip;
mod huffman;
mod inflate;

pub use deflate::GzipWriter;
pub use gunzip::Gunzip;
