//! What a test leaves behind on purpose stays reachable, so that a leak checker complains of everything else.

use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::{Mutex, PoisonError};

/// Where it is.
static KEPT: Mutex<Vec<usize>> = Mutex::new(Vec::new());

fn keep<T>(pointer: *const T) {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner).push(pointer.expose_provenance());
}

/// Makes `value` live for ever.
pub fn leak<T>(value: T) -> &'static mut T {
    let kept = Box::leak(Box::new(value));
    keep(ptr::from_mut(kept));
    kept
}

/// Never drops `value`: [`std::mem::forget`], but what it owns is not lost.
pub fn forget<T>(value: T) {
    keep(Box::into_raw(Box::new(ManuallyDrop::new(value))));
}
