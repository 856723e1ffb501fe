//! Tar as the reference reads it (world-backup-client §3.5 rule 3, §17): V7, ustar and GNU headers, long names, PAX local
//! headers, base-256 numbers, sparse files. One zero block ends the archive; it may be missing.

use alloc::vec;
use alloc::vec::Vec;
use core::str;

use super::tar::BLOCK;
use crate::{Error, Result};
use holdfast_kernels::gzip::Gunzip;

pub struct Archive<'a> {
    tar: Gunzip<'a>,
    /// Bytes read so far, and where the next header is.
    at: u64,
    next: u64,
}

/// What stands between two headers, to be read before the next one is asked for; what is not read is skipped.
pub struct Entry<'b, 'a> {
    archive: &'b mut Archive<'a>,
    pub name: Vec<u8>,
    /// In reverse.
    parts: Vec<Part>,
}

#[derive(Clone, Copy)]
enum Part {
    Data(u64),
    /// A hole of a sparse file.
    Zeros(u64),
}

impl<'a> Archive<'a> {
    /// At most `max_bytes` are decompressed.
    ///
    /// # Errors
    /// [`Error::ContainerDamaged`]: not gzip.
    pub fn new(container: &'a [u8], max_bytes: u64) -> Result<Self> {
        Ok(Self {
            tar: Gunzip::new(container, max_bytes)?,
            at: 0,
            next: 0,
        })
    }

    /// # Errors
    /// [`Error::ContainerDamaged`], [`Error::ContainerTooLarge`].
    pub fn next_entry(&mut self) -> Result<Option<Entry<'_, 'a>>> {
        let (mut long_name, mut long_link, mut pax) = (None, None, None);
        loop {
            let Some((header, size)) = self.header(pax.as_deref())? else {
                let described = long_name.is_some() || long_link.is_some() || pax.is_some();
                return if described {
                    Err(Error::ContainerDamaged)
                } else {
                    Ok(None)
                };
            };
            let describes = match header.0[156] {
                b'L' => &mut long_name,
                b'K' => &mut long_link,
                b'x' => &mut pax,
                _ => {
                    let name = name(&header, long_name, pax.as_deref());
                    let parts = match header.0[156] {
                        b'S' => self.sparse_parts(&header, size)?,
                        _ => vec![Part::Data(size)],
                    };
                    return Ok(Some(Entry {
                        archive: self,
                        name,
                        parts,
                    }));
                }
            };
            if !header.is_gnu() && !header.is_ustar() {
                let name = name(&header, long_name, pax.as_deref());
                return Ok(Some(Entry {
                    archive: self,
                    name,
                    parts: vec![Part::Data(size)],
                }));
            }
            if describes.is_some() {
                return Err(Error::ContainerDamaged);
            }
            let mut entry = Entry {
                archive: self,
                name: Vec::new(),
                parts: vec![Part::Data(size)],
            };
            *describes = Some(entry.read_all()?);
        }
    }

    /// The next header, and the size of what follows it; none at the end.
    fn header(&mut self, pax: Option<&[u8]>) -> Result<Option<(Header, u64)>> {
        self.skip()?;
        let Some(block) = self.block()? else { return Ok(None) };
        if block == [0; BLOCK] {
            return Ok(None);
        }
        self.advance(BLOCK as u64)?;
        let header = Header(block);
        let sum = block.iter().map(|&byte| u32::from(byte)).sum::<u32>() + 8 * 32
            - block[148..156].iter().map(|&byte| u32::from(byte)).sum::<u32>();
        if octal(&block[148..156])? as u32 != sum {
            return Err(Error::ContainerDamaged);
        }
        let mut size = number(&block[124..136])?;
        // PAX describes the entry behind all such headers, not the headers between.
        if !matches!(block[156], b'L' | b'K' | b'x' | b'g') {
            size = pax.and_then(pax_size).unwrap_or(size);
        }
        let padded = size
            .checked_next_multiple_of(BLOCK as u64)
            .ok_or(Error::ContainerDamaged)?;
        self.advance(padded)?;
        Ok(Some((header, size)))
    }

    fn advance(&mut self, bytes: u64) -> Result<()> {
        self.next = self.next.checked_add(bytes).ok_or(Error::ContainerDamaged)?;
        Ok(())
    }

    fn skip(&mut self) -> Result<()> {
        let mut waste = [0; 4096];
        while self.at < self.next {
            let most = (self.next - self.at).min(waste.len() as u64) as usize;
            if self.read(&mut waste[..most])? == 0 {
                return Err(Error::ContainerDamaged);
            }
        }
        Ok(())
    }

    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let read = self.tar.read(into)?;
        self.at += read as u64;
        Ok(read)
    }

    /// A whole block, or none at the end.
    fn block(&mut self) -> Result<Option<[u8; BLOCK]>> {
        let mut block = [0; BLOCK];
        let mut filled = 0;
        while filled < BLOCK {
            match self.read(&mut block[filled..])? {
                0 if filled == 0 => return Ok(None),
                0 => return Err(Error::ContainerDamaged),
                read => filled += read,
            }
        }
        Ok(Some(block))
    }

    /// Old GNU sparse files: four pieces in the header, 21 in each block that extends it.
    fn sparse_parts(&mut self, header: &Header, size: u64) -> Result<Vec<Part>> {
        if !header.is_gnu() {
            return Err(Error::ContainerDamaged);
        }
        let mut parts = Vec::new();
        let (mut end, mut left) = (0, size);
        let mut add = |pieces: &[u8]| {
            for (offset, length) in pieces.as_chunks::<24>().0.iter().map(|piece| piece.split_at(12)) {
                if offset[0] == 0 || length[0] == 0 {
                    continue;
                }
                let (offset, length) = (number(offset)?, number(length)?);
                if length != 0 && !(size - left).is_multiple_of(BLOCK as u64) {
                    return Err(Error::ContainerDamaged);
                }
                parts.push(Part::Zeros(offset.checked_sub(end).ok_or(Error::ContainerDamaged)?));
                parts.push(Part::Data(length));
                end = offset.checked_add(length).ok_or(Error::ContainerDamaged)?;
                left = left.checked_sub(length).ok_or(Error::ContainerDamaged)?;
            }
            Ok(())
        };
        add(&header.0[386..482])?;
        let mut extended = header.0[482];
        while extended == 1 {
            let block = self.block()?.ok_or(Error::ContainerDamaged)?;
            self.advance(BLOCK as u64)?;
            add(&block[..504])?;
            extended = block[504];
        }
        if end != number(&header.0[483..495])? || left > 0 {
            return Err(Error::ContainerDamaged);
        }
        parts.reverse();
        Ok(parts)
    }
}

impl Entry<'_, '_> {
    /// How many bytes were read; none at the end, which may come early.
    ///
    /// # Errors
    /// [`Error::ContainerDamaged`], [`Error::ContainerTooLarge`].
    pub fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        while let Some(part) = self.parts.last_mut() {
            let (Part::Data(left) | Part::Zeros(left)) = *part;
            let most = left.min(into.len() as u64) as usize;
            let read = match part {
                Part::Data(_) => self.archive.read(&mut into[..most])?,
                Part::Zeros(_) => {
                    self.archive.tar.spend(most as u64)?;
                    into[..most].fill(0);
                    most
                }
            };
            if read > 0 {
                let (Part::Data(left) | Part::Zeros(left)) = part;
                *left -= read as u64;
                return Ok(read);
            }
            self.parts.pop();
        }
        Ok(0)
    }

    /// All that is left.
    pub fn read_all(&mut self) -> Result<Vec<u8>> {
        let mut all = Vec::new();
        let mut piece = [0; 4096];
        loop {
            match self.read(&mut piece)? {
                0 => return Ok(all),
                read => all.extend_from_slice(&piece[..read]),
            }
        }
    }
}

struct Header([u8; BLOCK]);

impl Header {
    fn is_ustar(&self) -> bool {
        self.0[257..265] == *b"ustar\x0000"
    }

    fn is_gnu(&self) -> bool {
        self.0[257..265] == *b"ustar  \0"
    }
}

fn name(header: &Header, long_name: Option<Vec<u8>>, pax: Option<&[u8]>) -> Vec<u8> {
    if let Some(mut name) = long_name {
        name.pop_if(|last| *last == 0);
        return name;
    }
    if let Some((_, path)) = pax.and_then(|pax| members(pax).flatten().find(|(key, _)| key == b"path")) {
        return path.to_vec();
    }
    let name = until_nul(&header.0[..100]);
    let prefix = until_nul(&header.0[345..500]);
    if !header.is_ustar() || prefix.is_empty() {
        return name.to_vec();
    }
    [prefix, b"/", name].concat()
}

fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|&byte| byte == 0).next().unwrap_or_default()
}

fn number(field: &[u8]) -> Result<u64> {
    if field[0] & 0x80 == 0 {
        return octal(field);
    }
    let (_, last) = field.split_last_chunk().ok_or(Error::ContainerDamaged)?;
    Ok(u64::from_be_bytes(*last))
}

fn octal(field: &[u8]) -> Result<u64> {
    str::from_utf8(until_nul(field))
        .ok()
        .and_then(|digits| u64::from_str_radix(digits.trim(), 8).ok())
        .ok_or(Error::ContainerDamaged)
}

/// `length key=value\n`, up to an empty line; nothing for a line that is not like that.
fn members(pax: &[u8]) -> impl Iterator<Item = Option<(&[u8], &[u8])>> {
    let lines = pax.split(|&byte| byte == b'\n').take_while(|line| !line.is_empty());
    lines.map(|line| {
        let space = line.iter().position(|&byte| byte == b' ')?;
        let (length, member) = (str::from_utf8(&line[..space]).ok()?, &line[space + 1..]);
        let equals = member.iter().position(|&byte| byte == b'=')?;
        (length.parse() == Ok(line.len() + 1)).then_some((&member[..equals], &member[equals + 1..]))
    })
}

/// The first size, unless something malformed comes before it.
fn pax_size(pax: &[u8]) -> Option<u64> {
    let mut members = members(pax).map_while(|member| member);
    let (_, size) = members.find(|(key, _)| *key == b"size")?;
    str::from_utf8(size).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;
    use crate::world::tar;
    use holdfast_kernels::test_support::Seeded;

    type Entries = Vec<(Vec<u8>, Vec<u8>)>;

    fn ours(container: &[u8]) -> Result<Entries> {
        let mut archive = Archive::new(container, 1 << 20)?;
        let mut entries = Vec::new();
        while let Some(mut entry) = archive.next_entry()? {
            let name = entry.name.clone();
            entries.push((name, entry.read_all()?));
        }
        Ok(entries)
    }

    /// The reference's own reader.
    fn theirs(container: &[u8]) -> std::io::Result<Entries> {
        let mut archive = ::tar::Archive::new(flate2::read::GzDecoder::new(container).take(1 << 20));
        let mut entries = Vec::new();
        for entry in archive.entries()? {
            let mut entry = entry?;
            let name = entry.path_bytes().into_owned();
            let mut data = Vec::new();
            (&mut entry).take(1 << 20).read_to_end(&mut data)?;
            entries.push((name, data));
        }
        Ok(entries)
    }

    fn header(name: &str, kind: u8, size: usize, magic: &[u8; 8]) -> [u8; BLOCK] {
        let mut block = *tar::header(name, size as u64, 7).unwrap().first_chunk().unwrap();
        block[156] = kind;
        block[257..265].copy_from_slice(magic);
        block
    }

    fn with_checksum(mut block: [u8; BLOCK]) -> [u8; BLOCK] {
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:07o}\0").as_bytes());
        block
    }

    fn entry(block: [u8; BLOCK], data: &[u8]) -> Vec<u8> {
        let padding = tar::padding(data.len() as u64);
        [&with_checksum(block)[..], data, padding].concat()
    }

    const GNU: &[u8; 8] = b"ustar  \0";
    const USTAR: &[u8; 8] = b"ustar\x0000";

    /// One of everything.
    fn samples() -> Vec<Vec<u8>> {
        let plain = entry(header("a", 0, 3, GNU), b"abc");
        let mut base_256 = header("b", b'0', 0, &[0; 8]);
        base_256[124..136].copy_from_slice(&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1]);
        let mut prefixed = header("c", b'0', 1, USTAR);
        prefixed[345..348].copy_from_slice(b"dir");
        let pax = b"12 path=p/q\n9 size=5\n\n11 path=no\n";
        let mut sparse = header("s", b'S', 600, GNU);
        for (at, value) in [(386, 512), (398, 512), (410, 2048), (422, 88), (483, 2136)] {
            sparse[at..at + 12].copy_from_slice(format!("{value:011o}\0").as_bytes());
        }
        let mut extended = sparse;
        extended[482] = 1;
        extended[410..434].fill(0);
        let mut extension = [0; BLOCK];
        extension[..24].copy_from_slice(&sparse[410..434]);
        vec![
            plain.clone(),
            entry(base_256, &[7; 513]),
            entry(prefixed, b"x"),
            [entry(header("L", b'L', 5, GNU), b"long\0"), plain.clone()].concat(),
            [entry(header("L", b'L', 4, &[0; 8]), b"long"), plain.clone()].concat(),
            [entry(header("K", b'K', 4, GNU), b"link"), plain.clone()].concat(),
            [
                entry(header("x", b'x', pax.len(), USTAR), pax),
                entry(header("y", b'0', 5, USTAR), b"sized"),
            ]
            .concat(),
            entry(header("g", b'g', 3, USTAR), b"any"),
            entry(header("d/", b'5', 0, USTAR), b""),
            entry(sparse, &[9; 600]),
            [&with_checksum(extended)[..], &extension, &[9; 600], &[0; 424]].concat(),
        ]
    }

    fn gzip(tar: &[u8]) -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(tar).unwrap();
        gzip.finish().unwrap()
    }

    fn agree(container: &[u8], what: &str) -> bool {
        match (ours(container), theirs(container)) {
            (Ok(ours), Ok(theirs)) => {
                assert_eq!(ours, theirs, "{what}");
                true
            }
            (Err(_), Err(_)) => false,
            (ours, theirs) => panic!("{what}: {ours:?} against {theirs:?}"),
        }
    }

    #[test]
    fn reads_every_kind_of_entry_as_the_reference_does() {
        for (index, sample) in samples().iter().enumerate() {
            for end in [0, BLOCK, 2 * BLOCK] {
                let tar = [sample, &vec![0; end][..]].concat();
                assert!(agree(&gzip(&tar), &format!("sample {index}")));
            }
        }
    }

    #[test]
    fn takes_and_refuses_damage_as_the_reference_does() {
        let samples = samples();
        let mut random = Seeded::new(0x7a12);
        let mut below = |bound| random.below(bound);
        let mut taken = 0;
        for round in 0..if cfg!(debug_assertions) { 2_000 } else { 30_000 } {
            let mut tar: Vec<u8> = (0..1 + below(3))
                .flat_map(|_| samples[below(samples.len())].clone())
                .collect();
            for _ in 0..1 + below(3) {
                let at = below(tar.len());
                tar[at] = [b'0', b'7', b' ', b'L', b'x', b'S', 0, 0x80, 0xff, 1][below(10)];
                // Mostly with the checksum made good: what it covers is to be judged.
                let first = at / BLOCK * BLOCK;
                if below(8) > 0 && tar[first + 148..first + 156].iter().any(|&byte| byte != 0) {
                    let block = with_checksum(*tar[first..].first_chunk().unwrap());
                    tar[first..first + BLOCK].copy_from_slice(&block);
                }
            }
            if below(2) == 0 {
                tar.extend([0; BLOCK]);
            }
            if below(4) == 0 {
                tar.truncate(below(tar.len()));
            }
            let mut container = gzip(&tar);
            if below(4) == 0 {
                let at = below(container.len());
                container[at] ^= 1 << below(8);
            }
            if below(8) == 0 {
                container.truncate(below(container.len()));
            }
            taken += usize::from(agree(&container, &format!("round {round}")));
        }
        assert!(taken > 100, "{taken} were taken");
    }

    #[test]
    fn reads_every_gzip_header_as_the_reference_does() {
        let tar = entry(header("a", 0, 3, GNU), b"abc");
        let deflated = &gzip(&tar)[10..];
        for flags in 0..=255 {
            let optional = [
                &b"\x02\0ex"[..if flags & HAS_EXTRA == 0 { 0 } else { 4 }],
                &b"name\0"[..if flags & HAS_NAME == 0 { 0 } else { 5 }],
                &b"comment\0"[..if flags & HAS_COMMENT == 0 { 0 } else { 8 }],
            ];
            let mut container = [&[0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 3][..], &optional.concat()].concat();
            if flags & HAS_CRC != 0 {
                let mut crc = flate2::Crc::new();
                crc.update(&container);
                container.extend((crc.sum() as u16).to_le_bytes());
            }
            let header = container.len();
            container.extend(deflated);
            assert_eq!(agree(&container, &format!("flags {flags}")), flags < 32);
            for at in 0..header {
                container[at] ^= 1;
                agree(&container, &format!("flags {flags}, byte {at}"));
                container[at] ^= 1;
            }
        }
    }

    const HAS_CRC: u8 = 2;
    const HAS_EXTRA: u8 = 4;
    const HAS_NAME: u8 = 8;
    const HAS_COMMENT: u8 = 16;
}
