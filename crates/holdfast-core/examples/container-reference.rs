//! Times the container as the reference's own crates do it, for the benchmarks: `pack FILE` and `unpack FILE` come in on
//! standard input, one a line; each answer is the milliseconds of the work alone and the length of what came out.

#[allow(dead_code)]
#[path = "../tests/reference/mod.rs"]
mod reference;

use std::error::Error;
use std::fs;
use std::io::{stdin, stdout, Write};
use std::time::Instant;

use holdfast_core::world::container::File;
use holdfast_core::world::Designator;

/// packages/bench/src/contests/container.ts packs the same.
const ROOT_KEY_JSON: &str =
    "{\"version\":\"V1\",\"key\":\"1111111111111111111111111111111111111111111111111111111111111111\"}";
const CAP: u64 = 1 << 30;

fn main() -> Result<(), Box<dyn Error>> {
    println!("ready");
    for line in stdin().lines() {
        let line = line?;
        let (command, path) = line.split_once(' ').ok_or("expected: pack FILE, unpack FILE")?;
        let input = fs::read(path)?;
        let start = Instant::now();
        let length = match command {
            "pack" => pack(&input)?,
            "unpack" => unpack(&input)?,
            _ => return Err("expected: pack FILE, unpack FILE".into()),
        };
        println!("{} {length}", start.elapsed().as_secs_f64() * 1000.0);
        stdout().flush()?;
    }
    Ok(())
}

fn pack(content: &[u8]) -> Result<usize, Box<dyn Error>> {
    let file = File {
        designator: Designator::DocumentPkg,
        path: "a.bin",
        content,
    };
    let packed = reference::pack(ROOT_KEY_JSON, &[file], 0).map_err(|error| format!("{error:?}"))?;
    Ok(packed.len())
}

fn unpack(container: &[u8]) -> Result<usize, Box<dyn Error>> {
    let contents = reference::unpack(container, CAP).map_err(|error| format!("{error:?}"))?;
    Ok(contents.files.iter().map(|file| file.content.len()).sum())
}
