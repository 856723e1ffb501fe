//! The allocator: first fit in one list of free blocks, kept in the order of their addresses so that neighbours become one.
//!
//! The core allocates seldom, and large: a list is never long, and this is a quarter of the code of a general allocator.
//!
//! * Free memory is zero, but for the header at the start of each block: what is given back is zeroed, fresh pages are
//!   zero, and a header is zeroed when its block is given out. So nothing stays behind, and all memory given out is zero.
//! * Sizes are rounded up to 16 bytes, which is also the alignment of every block.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::{self, null_mut};

use crate::memory::Alone;

const GRAIN: usize = 16;

/// At the start of a free block.
struct Free {
    bytes: usize,
    next: *mut Free,
}
const _: () = assert!(size_of::<Free>() <= GRAIN);

/// Where more memory comes from. Each part begins where the one before it ended, or above it.
pub trait Source {
    /// Where the memory given so far ends.
    fn end(&self) -> *mut u8;
    /// At least `bytes` more, zeroed and aligned to 16: where they begin, and how many.
    fn grow(&mut self, bytes: usize) -> Option<(*mut u8, usize)>;
}

pub struct Heap<S> {
    first: *mut Free,
    source: S,
}

impl<S: Source> Heap<S> {
    pub const fn new(source: S) -> Self {
        Self {
            first: null_mut(),
            source,
        }
    }

    /// Zeroed bytes, or null.
    unsafe fn take(&mut self, layout: Layout) -> *mut u8 {
        let Some(bytes) = rounded(layout.size()).filter(|_| layout.align() <= GRAIN) else {
            return null_mut();
        };
        loop {
            let mut link = &raw mut self.first;
            let mut spare = 0;
            while !(*link).is_null() {
                let block = *link;
                let free = (*block).bytes;
                if free >= bytes {
                    let rest = block.byte_add(bytes);
                    *link = (*block).next;
                    if free > bytes {
                        rest.write(Free {
                            bytes: free - bytes,
                            next: *link,
                        });
                        *link = rest;
                    }
                    block.cast::<[u8; GRAIN]>().write([0; GRAIN]);
                    return block.cast();
                }
                spare = if ends_at(block, self.source.end()) { free } else { 0 };
                link = &raw mut (*block).next;
            }
            let Some((fresh, fresh_bytes)) = self.source.grow(bytes - spare) else {
                return null_mut();
            };
            self.insert(fresh.cast(), fresh_bytes);
        }
    }

    unsafe fn give_back(&mut self, at: *mut u8, size: usize) {
        // Sizes were rounded when they were taken, so this does not overflow.
        let bytes = size.max(1).next_multiple_of(GRAIN);
        ptr::write_bytes(at, 0, bytes);
        self.insert(at.cast(), bytes);
    }

    /// Puts zeroed memory in its place in the list, as one with the free blocks that touch it.
    unsafe fn insert(&mut self, block: *mut Free, mut bytes: usize) {
        let mut before = null_mut::<Free>();
        let mut next = self.first;
        while !next.is_null() && next < block {
            before = next;
            next = (*next).next;
        }
        if !next.is_null() && block.byte_add(bytes) == next {
            let after = next.read();
            next.cast::<[u8; GRAIN]>().write([0; GRAIN]);
            bytes += after.bytes;
            next = after.next;
        }
        if !before.is_null() && ends_at(before, block.cast()) {
            (*before).bytes += bytes;
            (*before).next = next;
            return;
        }
        block.write(Free { bytes, next });
        if before.is_null() {
            self.first = block;
        } else {
            (*before).next = block;
        }
    }
}

unsafe fn ends_at(block: *mut Free, end: *mut u8) -> bool {
    block.byte_add((*block).bytes).cast() == end
}

fn rounded(size: usize) -> Option<usize> {
    size.max(1).checked_next_multiple_of(GRAIN)
}

// SAFETY: blocks are disjoint and as large and aligned as asked for; `Alone`.
unsafe impl<S: Source> GlobalAlloc for Alone<Heap<S>> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.alone().take(layout)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.alone().take(layout)
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        self.alone().give_back(at, layout.size());
    }
}

#[cfg(target_arch = "wasm32")]
mod linear_memory {
    use core::arch::wasm32::{memory_grow, memory_size};

    use super::{Heap, Source};
    use crate::memory::Alone;

    const PAGE: usize = 64 << 10;

    #[global_allocator]
    static HEAP: Alone<Heap<Pages>> = Alone::new(Heap::new(Pages));

    /// The pages behind the stack and the statics.
    struct Pages;

    impl Source for Pages {
        fn end(&self) -> *mut u8 {
            (memory_size::<0>() * PAGE) as *mut u8
        }

        fn grow(&mut self, bytes: usize) -> Option<(*mut u8, usize)> {
            let pages = bytes.div_ceil(PAGE);
            let before = memory_grow::<0>(pages);
            // The very last page would end at 2^32, which is no address.
            (before < usize::MAX - pages && before + pages < 1 << 16)
                .then(|| ((before * PAGE) as *mut u8, pages * PAGE))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_kernels::test_support::Seeded;

    const ARENA: usize = 1 << 16;
    const PART: usize = 1 << 10;

    #[repr(align(16))]
    struct Bytes([u8; ARENA]);

    /// Parts of 1 KiB, one after another.
    struct Arena {
        memory: *mut u8,
        given: usize,
    }

    impl Source for Arena {
        fn end(&self) -> *mut u8 {
            self.memory.wrapping_add(self.given)
        }

        fn grow(&mut self, bytes: usize) -> Option<(*mut u8, usize)> {
            let bytes = bytes.checked_next_multiple_of(PART)?;
            if bytes > ARENA - self.given {
                return None;
            }
            let at = self.end();
            self.given += bytes;
            Some((at, bytes))
        }
    }

    fn heap(memory: &mut Box<Bytes>) -> Heap<Arena> {
        Heap::new(Arena {
            memory: memory.0.as_mut_ptr(),
            given: 0,
        })
    }

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size, GRAIN).unwrap()
    }

    fn blocks(heap: &Heap<Arena>) -> Vec<usize> {
        let mut found = Vec::new();
        let mut block = heap.first;
        while !block.is_null() {
            // SAFETY: of the list.
            unsafe {
                found.push((*block).bytes);
                block = (*block).next;
            }
        }
        found
    }

    #[test]
    fn memory_is_zero_aligned_and_of_nobody_else_and_all_of_it_comes_back() {
        for seed in 0..50 {
            let mut memory = Box::new(Bytes([0; ARENA]));
            let mut heap = heap(&mut memory);
            let mut seeded = Seeded::new(seed);
            let mut number = |below| seeded.below(below);
            let mut held: Vec<(*mut u8, usize, u8)> = Vec::new();
            for round in 0..2000 {
                let size = if number(8) == 0 { number(9000) } else { number(300) };
                let fill = round as u8 | 1;
                // SAFETY: used as the contract says.
                unsafe {
                    let at = heap.take(layout(size));
                    if at.is_null() || number(3) == 0 {
                        while held.len() > number(20) {
                            let (at, size, fill) = held.swap_remove(number(held.len()));
                            let bytes = core::slice::from_raw_parts(at, size);
                            assert!(bytes.iter().all(|&byte| byte == fill), "seed {seed}, round {round}");
                            heap.give_back(at, size);
                        }
                    }
                    if !at.is_null() {
                        assert!(at.addr().is_multiple_of(GRAIN));
                        let bytes = core::slice::from_raw_parts_mut(at, size);
                        assert!(bytes.iter().all(|&byte| byte == 0), "seed {seed}, round {round}");
                        bytes.fill(fill);
                        held.push((at, size, fill));
                    }
                }
            }
            for (at, size, _) in held {
                // SAFETY: held.
                unsafe { heap.give_back(at, size) };
            }
            assert_eq!(blocks(&heap), [heap.source.given], "seed {seed}");
            // SAFETY: the block's own bytes.
            unsafe { heap.first.cast::<[u8; GRAIN]>().write([0; GRAIN]) };
            assert!(memory.0.iter().all(|&byte| byte == 0), "seed {seed}");
        }
    }

    #[test]
    fn what_is_free_at_the_end_grows_instead_of_being_left_behind() {
        let mut memory = Box::new(Bytes([0; ARENA]));
        let mut heap = heap(&mut memory);
        // SAFETY: used as the contract says.
        unsafe {
            heap.take(layout(16));
            assert!(!heap.take(layout(2 * PART - 16)).is_null());
        }
        assert_eq!((heap.source.given, blocks(&heap)), (2 * PART, vec![]));
    }

    #[test]
    fn what_cannot_be_had_is_null() {
        let mut memory = Box::new(Bytes([0; ARENA]));
        let mut heap = heap(&mut memory);
        // SAFETY: used as the contract says.
        unsafe {
            assert!(heap.take(layout(ARENA + 1)).is_null());
            assert!(heap.take(layout(isize::MAX as usize - 15)).is_null());
            assert!(heap.take(Layout::from_size_align(1, 32).unwrap()).is_null());
            assert!(!heap.take(layout(ARENA)).is_null());
            assert!(heap.take(layout(0)).is_null());
        }
    }
}
