//! How many bytes of the heap a thread holds: only what it frees itself is counted back.

#![allow(unsafe_code)] // a global allocator

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    static BYTES: Cell<isize> = const { Cell::new(0) };
}

fn note(bytes: isize) {
    // A thread that is going away frees after its counter is gone.
    let _ = BYTES.try_with(|total| total.set(total.get() + bytes));
}

// SAFETY: everything is passed on to `System`.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size() as isize);
        // SAFETY: by the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note(-(layout.size() as isize));
        // SAFETY: by the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// By how many bytes the heap of this thread has grown when `body` is done, its result included.
pub(crate) fn grown<R>(body: impl FnOnce() -> R) -> (isize, R) {
    let before = BYTES.get();
    let result = body();
    (BYTES.get() - before, result)
}
