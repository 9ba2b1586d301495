//! The allocator is foreign code (C6): while a mailbox allocates or frees, its lock is free.
//!
//! The allocator of this binary asks a mailbox for its length wherever the thread of the test allocates or frees; under
//! that mailbox's lock it would wait for itself.

#![allow(unsafe_code)] // a global allocator

use crate::common::{Bell, now, queued, ready, watched};
use sempost::mailbox::{self, Receiver};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::OnceLock;

/// Four of them fill a block.
type Large = [u8; 256];
/// Enough for several blocks, all but the last two of which have to be freed on the way.
const MESSAGES: usize = 40;

struct Asking;

static ASKED: OnceLock<Receiver<Large>> = OnceLock::new();
thread_local! {
    static ASKS: Cell<bool> = const { Cell::new(false) };
    static ANSWERS: Cell<usize> = const { Cell::new(0) };
}

fn ask() {
    // To ask may itself allocate. A thread that is going away has no flag any more.
    if ASKS.try_with(|asks| asks.replace(false)) != Ok(true) {
        return;
    }
    if let Some(receiver) = ASKED.get() {
        let _ = receiver.len();
        ANSWERS.set(ANSWERS.get() + 1);
    }
    ASKS.set(true);
}

// SAFETY: everything is passed on to `System`.
unsafe impl GlobalAlloc for Asking {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ask();
        // SAFETY: by the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ask();
        // SAFETY: by the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ASKING: Asking = Asking;

#[test]
fn nothing_is_allocated_or_freed_under_the_lock_of_a_mailbox() {
    let state = || format!("{:?} answers", ANSWERS.try_with(Cell::get));
    watched(state, || {
        let (tx, rx) = mailbox::unbounded();
        assert!(ASKED.set(rx.clone()).is_ok());
        let bell = Bell::new();
        ASKS.set(true);
        for round in 0..3 {
            let claimed = (0..MESSAGES * usize::from(round == 1)).map(|_| queued(rx.recv(), &bell)).collect::<Vec<_>>();
            (0..MESSAGES).for_each(|_| now(tx.send([0; 256])).unwrap());
            match round {
                0 => (0..MESSAGES).for_each(|_| assert!(now(rx.recv()).is_some())),
                1 => claimed.into_iter().for_each(|mut receiving| assert!(ready(&mut receiving, &bell).is_some())),
                _ => (0..MESSAGES).for_each(|_| assert!(rx.try_recv().is_ok())),
            }
        }
        ASKS.set(false);
        assert!(rx.is_empty() && ANSWERS.get() > MESSAGES, "{} answers", ANSWERS.get());
    });
}
