//! A table that grows without moving what is in it, and without allocating under the lock of its owner.

use alloc::boxed::Box;
use alloc::vec::Vec;

/// Chunks of 32, 64, 128 and so on.
pub(super) struct Slots<S> {
    chunks: [Option<Box<[S]>>; CHUNKS],
    len: u32,
}

const FIRST: u32 = 32;
const CHUNKS: usize = 26;

/// The chunk of a slot, and its place there.
fn locate(slot: u32) -> (usize, usize) {
    let place = slot + FIRST;
    let bits = place.ilog2();
    ((bits - FIRST.ilog2()) as usize, (place - (1 << bits)) as usize)
}

impl<S> Slots<S> {
    pub(super) const fn new() -> Self {
        Self { chunks: [const { None }; CHUNKS], len: 0 }
    }

    pub(super) fn len(&self) -> u32 {
        self.len
    }

    /// The next slot that was never used, if there is room.
    pub(super) fn add(&mut self) -> Option<u32> {
        let slot = self.len;
        self.chunks.get(locate(slot).0)?.as_ref()?;
        self.len += 1;
        Some(slot)
    }

    /// How many slots the next chunk has. Called when [`add`](Self::add) finds no room.
    ///
    /// # Panics
    /// If there are two thousand million slots.
    pub(super) fn next_chunk(&self) -> usize {
        assert!(locate(self.len).0 < CHUNKS, "too many ports");
        (self.len + FIRST) as usize
    }

    /// Adds a chunk that was made outside of the lock, unless another thread was first. Returns what is not needed.
    pub(super) fn stock(&mut self, chunk: Box<[S]>) -> Option<Box<[S]>> {
        let next = &mut self.chunks[locate(self.len).0];
        if next.is_some() || chunk.len() != (self.len + FIRST) as usize {
            return Some(chunk);
        }
        next.replace(chunk)
    }

    #[inline(always)]
    pub(super) fn at(&mut self, slot: u32) -> &mut S {
        let (chunk, place) = locate(slot);
        &mut self.chunks[chunk].as_mut().expect("a slot that was added has a chunk")[place]
    }
}

/// A chunk for [`Slots::stock`].
pub(super) fn chunk<S>(len: usize, empty: impl FnMut() -> S) -> Box<[S]> {
    let mut chunk = Vec::with_capacity(len);
    chunk.resize_with(len, empty);
    chunk.into_boxed_slice()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Catches a slot that lies in two places, or none: the only arithmetic here.
    #[test]
    fn slots_fill_the_chunks_one_after_the_other() {
        let mut next = (0, 0);
        for slot in 0..4_000 {
            assert_eq!(locate(slot), next, "slot {slot}");
            next.1 += 1;
            if next.1 == 32 << next.0 {
                next = (next.0 + 1, 0);
            }
        }
    }
}
