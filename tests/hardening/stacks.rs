//! Keeps the stacks of the model checker's threads for the next interleaving.
//!
//! The checker maps and unmaps one for every thread of every interleaving, which takes more than half of its time. This
//! library is loaded before the host's (`planting.py` builds it): it answers those calls from a table, and passes all
//! others on. The guard page of a kept stack stays where it is.
#![no_std]

use core::ffi::{c_int, c_long, c_void};
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::SeqCst};

const MAP_STACK: c_int = 0x20000;
const PROT_NONE: c_int = 0;
const FAILED: *mut c_void = usize::MAX as *mut c_void;

/// The numbers of the system calls.
#[cfg(target_arch = "x86_64")]
const CALLS: [c_long; 3] = [9, 10, 11];
#[cfg(target_arch = "aarch64")]
const CALLS: [c_long; 3] = [222, 226, 215];

unsafe extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
    fn abort() -> !;
}

/// A stack that is kept: where it is, how large, and whether it is free, used, or used with its guard page in place.
struct Kept {
    at: AtomicPtr<c_void>,
    size: AtomicUsize,
    state: AtomicUsize,
}

const EMPTY: usize = 0;
const FREE: usize = 1;
const FRESH: usize = 2;
const GUARDED: usize = 3;

static TABLE: [Kept; 64] = [const {
    Kept { at: AtomicPtr::new(ptr::null_mut()), size: AtomicUsize::new(0), state: AtomicUsize::new(EMPTY) }
}; 64];

/// The used stack that begins there.
fn used(at: *mut c_void) -> Option<&'static Kept> {
    TABLE.iter().find(|kept| kept.at.load(SeqCst) == at && kept.state.load(SeqCst) >= FRESH)
}

#[unsafe(no_mangle)]
extern "C" fn mmap(at: *mut c_void, size: usize, prot: c_int, flags: c_int, file: c_int, offset: c_long) -> *mut c_void {
    let is_stack = at.is_null() && flags & MAP_STACK != 0;
    if is_stack {
        for kept in TABLE.iter().filter(|kept| kept.size.load(SeqCst) == size) {
            if kept.state.compare_exchange(FREE, GUARDED, SeqCst, SeqCst).is_ok() {
                return kept.at.load(SeqCst);
            }
        }
    }
    // SAFETY: the caller's own call.
    let made = unsafe { syscall(CALLS[0], at, size, prot as c_long, flags as c_long, file as c_long, offset) };
    let made = made as *mut c_void;
    if is_stack && made != FAILED {
        // `FRESH` claims the row; nobody knows the address before this returns.
        let claim = |kept: &&Kept| kept.state.compare_exchange(EMPTY, FRESH, SeqCst, SeqCst).is_ok();
        if let Some(kept) = TABLE.iter().find(claim) {
            kept.size.store(size, SeqCst);
            kept.at.store(made, SeqCst);
        }
    }
    made
}

#[unsafe(no_mangle)]
extern "C" fn mprotect(at: *mut c_void, size: usize, prot: c_int) -> c_int {
    if let Some(kept) = used(at).filter(|_| prot == PROT_NONE) {
        if kept.state.swap(GUARDED, SeqCst) == GUARDED {
            return 0;
        }
    }
    // SAFETY: the caller's own call.
    unsafe { syscall(CALLS[1], at, size, prot as c_long) as c_int }
}

#[unsafe(no_mangle)]
extern "C" fn munmap(at: *mut c_void, size: usize) -> c_int {
    // One whose guard page was never set is not like those of which the next is made.
    let is_whole = |kept: &&Kept| kept.size.load(SeqCst) == size && kept.state.load(SeqCst) == GUARDED;
    if let Some(kept) = used(at).filter(is_whole) {
        kept.state.store(FREE, SeqCst);
        return 0;
    }
    if let Some(kept) = used(at) {
        kept.at.store(ptr::null_mut(), SeqCst);
        kept.state.store(EMPTY, SeqCst);
    }
    // SAFETY: the caller's own call.
    unsafe { syscall(CALLS[2], at, size) as c_int }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    // SAFETY: it has no conditions.
    unsafe { abort() }
}
