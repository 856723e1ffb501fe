//! Huffman codes as deflate uses them (RFC 1951 §3.2.2): canonical, first bit lowest, limited in length.

use alloc::collections::BinaryHeap;
use alloc::vec;
use alloc::vec::Vec;

/// A code and its length in bits; symbols that do not occur have length 0.
#[derive(Clone, Copy, Default)]
pub struct Code {
    pub bits: u16,
    pub length: u8,
}

/// Lengths of an optimal code for `frequencies`, at most `limit` bits each.
pub fn code_lengths(frequencies: &[u32], limit: usize) -> Vec<u8> {
    let mut lengths = vec![0; frequencies.len()];
    // By frequency, then by symbol: a heap is a tenth of the code of the standard sorts, and they are few.
    let occurring = frequencies.iter().zip(0..).filter(|(frequency, _)| **frequency > 0);
    let by_frequency = BinaryHeap::from_iter(occurring).into_sorted_vec();
    let symbols: Vec<usize> = by_frequency.into_iter().map(|(_, symbol)| symbol).collect();
    match symbols[..] {
        [] => {}
        [only] => lengths[only] = 1,
        _ => {
            let mut counts = count_depths(&symbols, frequencies);
            limit_depths(&mut counts, limit);
            // The rarest symbols come first and take the longest codes.
            let mut rarest_first = symbols.into_iter();
            for (length, count) in counts.into_iter().enumerate().rev() {
                for symbol in rarest_first.by_ref().take(count) {
                    lengths[symbol] = length as u8;
                }
            }
        }
    }
    lengths
}

/// How many leaves of the Huffman tree lie at each depth. Leaves are sorted and the nodes made from them come out sorted
/// too, so that the two lightest of all stand at the front of two queues.
fn count_depths(symbols: &[usize], frequencies: &[u32]) -> Vec<usize> {
    let leaves = symbols.len();
    let mut weights: Vec<u32> = symbols.iter().map(|&symbol| frequencies[symbol]).collect();
    let mut parents = vec![0; 2 * leaves - 1];
    let (mut leaf, mut node) = (0, leaves);
    for next in leaves..2 * leaves - 1 {
        let mut weight = 0;
        for _ in 0..2 {
            let lightest = if node == next || (leaf < leaves && weights[leaf] <= weights[node]) {
                &mut leaf
            } else {
                &mut node
            };
            weight += weights[*lightest];
            parents[*lightest] = next;
            *lightest += 1;
        }
        weights.push(weight);
    }
    let mut depths = vec![0; 2 * leaves - 1];
    let mut counts = vec![0; leaves];
    for child in (0..2 * leaves - 2).rev() {
        depths[child] = depths[parents[child]] + 1;
        if child < leaves {
            counts[depths[child]] += 1;
        }
    }
    counts
}

/// Lifts what lies deeper than `limit`, then pays for it: a leaf above the limit becomes a node of two.
fn limit_depths(counts: &mut Vec<usize>, limit: usize) {
    if counts.len() <= limit + 1 {
        return;
    }
    let deeper: usize = counts.drain(limit + 1..).sum();
    counts[limit] += deeper;
    let mut used: usize = (1..=limit).map(|depth| counts[depth] << (limit - depth)).sum();
    while used > 1 << limit {
        let depth = (1..limit)
            .rev()
            .find(|&depth| counts[depth] > 0)
            .expect("a code this full has shorter words");
        counts[depth] -= 1;
        counts[depth + 1] += 2;
        counts[limit] -= 1;
        used -= 1;
    }
}

/// The canonical code of `lengths`.
pub fn codes(lengths: &[u8]) -> Vec<Code> {
    let mut counts = [0u16; 16];
    for &length in lengths {
        counts[usize::from(length)] += u16::from(length > 0);
    }
    let mut next = [0u16; 16];
    for length in 1..16 {
        next[length] = (next[length - 1] + counts[length - 1]) << 1;
    }
    let assign = |&length: &u8| {
        if length == 0 {
            return Code::default();
        }
        let word = next[usize::from(length)];
        next[usize::from(length)] += 1;
        Code {
            bits: word.reverse_bits() >> (16 - length),
            length,
        }
    };
    lengths.iter().map(assign).collect()
}
