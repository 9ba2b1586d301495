//! Layer 2: the queue of a mailbox. It has blocks of about a kilobyte, more for large messages; while one block
//! suffices, it is used as a ring.
//!
//! Memory follows the load: nothing is allocated before the first message, and after a burst one spare block is kept
//! beside the one in use. The queue itself never allocates or frees, because it works under a lock. [`Block`]s are made
//! outside and added with [`Queue::stock`]. A surplus block is returned, to be dropped outside.
//!
//! ```text
//!  one block: a ring             several: the head is read from, the tail written to, those between are full
//!  ┌─────────────────────┐       ┌───────────┐   ┌──────────┐   ┌──────────┐
//!  │  ..  read ▸▸▸ write │       │  .. read ▸├──▶│▸▸▸▸▸▸▸▸▸▸├──▶│▸▸▸ write │
//!  └─────────────────────┘       └───────────┘   └──────────┘   └──────────┘
//! ```
//!
//! # Invariants
//! - (Q0) A [`Block`] or a [`Retired`] owns its memory, which `Block::new` allocated with the layout of its size.
//! - (Q1) `head` and `tail` are both null or both live blocks of this queue; from `head` the `next` pointers lead to
//!   `tail`.
//! - (Q2) Messages are numbered, and those in the queue are `read..write`. Message n is in the slot n modulo the size
//!   of its block. If there are several blocks, the head holds the first `left` messages, and every block between is
//!   full.
//! - (Q3) `room` is the number of slots of the tail that may be written: in a ring those without a message, otherwise
//!   those that were never written.

use alloc::alloc::{alloc, dealloc, handle_alloc_error};
use core::alloc::Layout;
use core::panic::UnwindSafe;
use core::ptr::{self, NonNull};

use crate::wait::run_all;

/// How much a block holds, roughly, in bytes.
const BLOCK: usize = 1024;

/// How many messages between 32 bytes and a kilobyte a block holds, up to eight kilobytes: each block that is begun or
/// left takes the slow path, and in a burst it is allocated and freed. A larger message has a block of its own. In
/// models it is so small that a few messages fill a block.
const FEW: usize = if cfg!(sempost_loom) { 2 } else { 32 };

/// The number of the first message. Numbers may wrap; with `--cfg sempost_wrap` they soon do.
const FIRST: usize = if cfg!(sempost_wrap) { usize::MAX - 5 } else { 0 };

#[repr(C)]
struct Chunk<T> {
    next: *mut Chunk<T>,
    slots: [T; 0],
}

/// A block without messages. It knows its size in slots, a power of two.
pub(crate) struct Block<T> {
    chunk: NonNull<Chunk<T>>,
    slots: usize,
}

// SAFETY: (Q2) – an unlinked block holds no message: it is plain memory.
unsafe impl<T> Send for Block<T> {}

// A block has a power of two of slots: as many as fit, or as many as a tiny mailbox needs.
const _: () = {
    assert!(Block::<u64>::slots_for(0) == 1 && Block::<u64>::slots_for(1) == 1);
    assert!(Block::<u64>::slots_for(3) == 4 && Block::<u64>::slots_for(4) == 4 && Block::<u64>::slots_for(5) == 8);
    assert!(Block::<u64>::slots_for(200) == 128 && Block::<u64>::slots_for(usize::MAX) == 128);
    assert!(Block::<[u64; 3]>::slots_for(42) == 64 && Block::<[u64; 3]>::slots_for(43) == 32);
    assert!(FEW < 32 || Block::<[u8; 256]>::slots_for(99) == FEW && Block::<[u8; BLOCK]>::slots_for(99) == 8);
    assert!(FEW < 32 || Block::<[u8; 3 * BLOCK]>::slots_for(9) == 1);
    assert!(Block::<()>::slots_for(usize::MAX) == BLOCK);
};

impl<T> Block<T> {
    /// Allocates a block. Never call it under a lock.
    pub(crate) fn new(slots: usize) -> Self {
        let layout = Self::layout(slots);
        // SAFETY: (Q0) – the layout is not empty: a chunk has a pointer.
        let chunk = unsafe { alloc(layout) }.cast::<Chunk<T>>();
        let Some(chunk) = NonNull::new(chunk) else { handle_alloc_error(layout) };
        // SAFETY: (Q0) – freshly allocated for this very layout.
        unsafe { chunk.write(Chunk { next: ptr::null_mut(), slots: [] }) };
        Self { chunk, slots }
    }

    /// How many slots the blocks of a mailbox have. A tiny mailbox gets one block of its own size.
    pub(crate) const fn slots_for(capacity: usize) -> usize {
        let fit = match size_of::<T>() {
            0 => BLOCK,
            size if size <= BLOCK / FEW => BLOCK / size,
            size if size <= 8 * BLOCK / FEW => FEW,
            size if size <= BLOCK => 8 * BLOCK / size,
            _ => 1,
        };
        let wanted = if capacity < fit { capacity } else { fit };
        // Down to a power of two, but up to one for a tiny mailbox.
        let down = if wanted == 0 { 1 } else { 1 << wanted.ilog2() };
        if down < wanted && wanted == capacity { down * 2 } else { down }
    }

    fn layout(slots: usize) -> Layout {
        let chunk = Layout::new::<Chunk<T>>();
        let bytes = slots * size_of::<T>();
        Layout::from_size_align(chunk.size() + bytes, chunk.align())
            .expect("a block is about a kilobyte, or one message")
    }

    fn into_chunk(self) -> *mut Chunk<T> {
        core::mem::ManuallyDrop::new(self).chunk.as_ptr()
    }
}

impl<T> Drop for Block<T> {
    fn drop(&mut self) {
        // SAFETY: (Q0) – allocated with this layout, and owned by this handle alone.
        unsafe { dealloc(self.chunk.as_ptr().cast(), Self::layout(self.slots)) };
    }
}

/// Surplus blocks, on their way to be freed outside the lock.
pub(crate) struct Retired<T> {
    first: *mut Chunk<T>,
    slots: usize,
}

// SAFETY: (Q2) – as for the blocks in it.
unsafe impl<T> Send for Retired<T> {}

impl<T> Retired<T> {
    #[inline(always)]
    pub(crate) const fn new() -> Self {
        Self { first: ptr::null_mut(), slots: 0 }
    }

    pub(crate) fn add(&mut self, block: Block<T>) {
        self.slots = block.slots;
        let chunk = block.into_chunk();
        // SAFETY: (Q0) – a block of our own that is linked nowhere.
        unsafe { (*chunk).next = self.first };
        self.first = chunk;
    }
}

impl<T> Drop for Retired<T> {
    #[inline(always)]
    fn drop(&mut self) {
        while let Some(chunk) = NonNull::new(self.first) {
            // SAFETY: (Q0) – a block of our own, still alive.
            self.first = unsafe { chunk.as_ref() }.next;
            drop(Block { chunk, slots: self.slots });
        }
    }
}

// The order matters. What one push or one pop changes must not lie side by side, or the compiler joins the two changes
// into one wide load of two words that were just written apart. That costs more than everything else together.
#[repr(C)]
pub(crate) struct Queue<T> {
    read: usize,
    write: usize,
    head: *mut Chunk<T>,
    room: usize,
    tail: *mut Chunk<T>,
    left: usize,
    mask: usize,
    spare: Option<Block<T>>,
}

// SAFETY: (Q1) (Q2) – the queue owns its blocks and the messages in them.
unsafe impl<T: Send> Send for Queue<T> {}

// A panic never leaves a queue half-changed: no foreign code runs while it changes.
impl<T: UnwindSafe> UnwindSafe for Queue<T> {}

impl<T> Queue<T> {
    /// An empty queue without memory, whose blocks have `slots` slots.
    pub(crate) const fn new(slots: usize) -> Self {
        assert!(slots.is_power_of_two());
        let null = ptr::null_mut();
        Self { read: FIRST, write: FIRST, head: null, room: 0, tail: null, left: 0, mask: slots - 1, spare: None }
    }

    /// Its blocks will have `slots` slots. Called before there is one.
    pub(crate) fn set_slots(&mut self, slots: usize) {
        assert!(slots.is_power_of_two() && self.head.is_null() && self.spare.is_none());
        self.mask = slots - 1;
    }

    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.write.wrapping_sub(self.read)
    }

    pub(crate) fn slots(&self) -> usize {
        self.mask + 1
    }

    /// Whether a message can be pushed without making a block first.
    pub(crate) fn has_room(&self) -> bool {
        self.room > 0 || self.spare.is_some()
    }

    /// Whether a message can be put back without making a block first.
    pub(crate) fn has_room_in_front(&self) -> bool {
        let fits = if self.head == self.tail { self.room > 0 } else { self.left < self.slots() };
        fits || self.spare.is_some()
    }

    /// Adds a spare block. Returns it if there is one already.
    #[must_use = "a block is freed outside the lock"]
    pub(crate) fn stock(&mut self, block: Block<T>) -> Option<Block<T>> {
        match self.spare {
            Some(_) => Some(block),
            None => {
                self.spare = Some(block);
                None
            }
        }
    }

    /// # Panics
    /// If [`has_room`](Self::has_room) does not hold.
    #[inline(always)]
    pub(crate) fn push(&mut self, message: T) {
        self.push_from(&mut Some(message));
    }

    /// Pushes a message straight from its place, if there is one: each stop in between would be another copy of it.
    ///
    /// # Panics
    /// If [`has_room`](Self::has_room) does not hold.
    #[inline(always)]
    pub(crate) fn push_from(&mut self, place: &mut Option<T>) {
        let Some(message) = place else { return };
        if self.room == 0 {
            self.grow();
        }
        let at = self.slot(self.tail, self.write);
        // SAFETY: (Q3) – a slot of the tail that holds nothing; the place gives the message up in the next line.
        unsafe { at.copy_from_nonoverlapping(message, 1) };
        // SAFETY: (Q2) – the slot owns the message now, so its place is overwritten without a drop.
        unsafe { ptr::write(place, None) };
        self.write = self.write.wrapping_add(1);
        self.room -= 1;
    }

    #[cold]
    fn grow(&mut self) {
        let chunk = self.spare.take().expect("room was asked for before").into_chunk();
        if self.tail.is_null() {
            self.head = chunk;
        } else {
            if self.head == self.tail {
                self.left = self.len();
            }
            // SAFETY: (Q1) – the tail is alive.
            unsafe { (*self.tail).next = chunk };
        }
        self.tail = chunk;
        self.room = self.slots();
    }

    /// Whether there is a message that can be popped without freeing a block.
    #[inline(always)]
    pub(crate) fn has_at_hand(&self) -> bool {
        self.read != self.write && (self.head == self.tail || self.left > 1 || self.spare.is_none())
    }

    /// Pops the oldest message. The caller has checked [`has_at_hand`](Self::has_at_hand).
    #[inline(always)]
    pub(crate) fn take_at_hand(&mut self) -> T {
        assert!(self.read != self.write, "there is a message");
        self.take(|queue| {
            assert!(queue.spare.is_none(), "the block that is left is kept as the spare one");
            _ = queue.advance();
        })
    }

    /// Pops the oldest message. `retired` gets a surplus block.
    pub(crate) fn pop<'a>(&mut self, retired: impl FnOnce() -> &'a mut Retired<T>) -> Option<T>
    where
        T: 'a,
    {
        (self.read != self.write).then(|| {
            self.take(|queue| {
                if let Some(block) = queue.advance() {
                    retired().add(block);
                }
            })
        })
    }

    /// Pops the oldest message. The caller has checked that there is one, and `leave` frees no block.
    ///
    /// The message is read at the end, and in one place: then it goes straight to where the caller wants it.
    #[inline(always)]
    fn take(&mut self, leave: impl FnOnce(&mut Self)) -> T {
        let at = self.slot(self.head, self.read);
        if self.head == self.tail {
            self.room += 1;
        } else if self.left > 1 {
            self.left -= 1;
        } else {
            leave(self);
        }
        self.read = self.read.wrapping_add(1);
        // SAFETY: (Q2) – the oldest message, read once, for its number has left the queue; its block is still alive.
        unsafe { at.read() }
    }

    /// Goes on to the next block. Returns a surplus block.
    #[inline(never)]
    fn advance(&mut self) -> Option<Block<T>> {
        let chunk = NonNull::new(self.head)?;
        // SAFETY: (Q1) – the head is alive.
        self.head = unsafe { chunk.as_ref() }.next;
        // If only the last block is left, it is a ring again: `left` means nothing, and `room` is right already.
        self.left = self.slots();
        // SAFETY: (Q1) – unlinked, and still alive.
        unsafe { chunk.write(Chunk { next: ptr::null_mut(), slots: [] }) };
        let slots = self.slots();
        self.stock(Block { chunk, slots })
    }

    /// Puts a message back as the oldest.
    ///
    /// # Panics
    /// If [`has_room_in_front`](Self::has_room_in_front) does not hold.
    pub(crate) fn push_front(&mut self, message: T) {
        if self.head.is_null() {
            return self.push(message);
        }
        let ring = self.head == self.tail;
        if if ring { self.room == 0 } else { self.left == self.slots() } {
            let chunk = self.spare.take().expect("room was asked for before").into_chunk();
            // SAFETY: (Q0) – a block of our own that is not linked yet.
            unsafe { (*chunk).next = self.head };
            (self.head, self.left) = (chunk, 0);
        }
        self.read = self.read.wrapping_sub(1);
        let at = self.slot(self.head, self.read);
        // SAFETY: (Q2) – the slot before the oldest message holds nothing.
        unsafe { at.write(message) };
        if self.head == self.tail {
            self.room -= 1;
        } else {
            self.left += 1;
        }
    }

    #[inline(always)]
    fn slot(&self, chunk: *mut Chunk<T>, index: usize) -> *mut T {
        // SAFETY: (Q1) – the caller names the head or the tail, which is alive.
        let slots = unsafe { &raw mut (*chunk).slots };
        // SAFETY: (Q0) – every block has `mask + 1` slots behind its header.
        unsafe { slots.cast::<T>().add(index & self.mask) }
    }
}

impl<T> Drop for Queue<T> {
    /// Drops the messages one by one: if the drop of one panics, the others are dropped all the same.
    fn drop(&mut self) {
        struct Rest<'a, T>(&'a mut Queue<T>);

        impl<T> Drop for Rest<'_, T> {
            fn drop(&mut self) {
                let slots = self.0.slots();
                if let Some(chunk) = NonNull::new(self.0.head) {
                    // The last block; all others were retired on the way.
                    drop(Block { chunk, slots });
                }
            }
        }

        let rest = Rest(self);
        if rest.0.len() == 0 {
            return;
        }
        run_all(|| {
            let mut retired = Retired::new();
            rest.0.pop(|| &mut retired).is_some()
        });
    }
}
