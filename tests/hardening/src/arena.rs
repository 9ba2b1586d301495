//! Memory of futures that are forgotten: pinned, so it must stay as long as anybody may look at it, and no longer, so
//! that a leak checker has nothing to say.

use std::alloc::{Layout, dealloc};
use std::pin::Pin;

/// Keeps what was forgotten, and frees it without dropping it.
///
/// An arena that is not [emptied](Self::clear) leaks, as [`std::mem::forget`] does.
#[derive(Debug, Default)]
pub struct Arena {
    forgotten: Vec<(*mut u8, Layout)>,
}

impl Arena {
    /// One with nothing in it.
    pub const fn new() -> Self {
        Self { forgotten: Vec::new() }
    }

    /// Forgets a future: it is not dropped, and stays where it is.
    pub fn forget<F: ?Sized>(&mut self, future: Pin<Box<F>>) {
        let layout = Layout::for_value(&*future);
        // SAFETY: it is not moved, and its memory stays until `clear`, whose caller answers for that.
        let future = Box::into_raw(unsafe { Pin::into_inner_unchecked(future) });
        if layout.size() > 0 {
            self.forgotten.push((future.cast(), layout));
        }
    }

    /// Frees the memory of what was forgotten.
    ///
    /// # Safety
    ///
    /// Nobody looks at the futures any more: the primitives that they waited for are gone.
    pub unsafe fn clear(&mut self) {
        for (future, layout) in self.forgotten.drain(..) {
            // SAFETY: it comes from a box of this layout, and by the caller's promise nobody has it.
            unsafe { dealloc(future, layout) };
        }
    }
}
