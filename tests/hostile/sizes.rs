//! H8: how much stack a large message needs. It is moved from the caller into the future, into the slot and back, and
//! an unoptimised build keeps a copy at each stop; so the docs say: box what is above a kilobyte.
//!
//! Measured in messages, by halving the stack until it overflows. Optimised: 4 for `try_send` and `try_recv`, 6 for
//! `send` and `recv` and for the last receiver's drop, 11 at capacity 0 and for `force_send`. Unoptimised: 28, 32, 17,
//! and up to 53.

use std::thread;

use sempost::mailbox::{bounded, unbounded};

use crate::common::{Bell, now, queued};

const KIB: usize = 1024;

/// How many messages have to fit on the stack. One more copy somewhere overflows it, and ends the binary.
const STACK: usize = if cfg!(debug_assertions) { 60 } else { 13 };

/// Moves messages that it has made.
type Move<T> = fn(fn() -> T);

/// What moves a message, each on a frame of its own.
fn moves<T>() -> [Move<T>; 4] {
    [
        |make| {
            let (tx, rx) = unbounded();
            assert!(tx.try_send(make()).is_ok());
            drop(rx.try_recv());
        },
        |make| {
            let (tx, rx) = unbounded();
            assert!(now(tx.send(make())).is_ok());
            drop(now(rx.recv()));
        },
        |make| {
            let (tx, _rx) = bounded(1);
            assert!(tx.try_send(make()).is_ok());
            drop(tx.force_send(make()));
        },
        |make| {
            let (tx, rx) = bounded(0);
            let sending = queued(tx.send(make()), &Bell::new());
            drop(rx.try_recv());
            drop(sending);
        },
    ]
}

/// Plays all moves, on a stack of so many bytes each.
fn on_stacks_of<T: 'static>(bytes: usize, make: fn() -> T) {
    for play in moves::<T>() {
        let player = thread::Builder::new().stack_size(bytes).spawn(move || play(make));
        player.expect("a thread").join().expect("no panic");
    }
}

#[test]
fn h8_a_large_message_needs_so_many_times_its_size() {
    on_stacks_of(STACK * 64 * KIB, || [0_u8; 64 * KIB]);
    on_stacks_of(STACK * 1024 * KIB, || [0_u8; 1024 * KIB]);
}

#[test]
fn h8_a_boxed_one_needs_none() {
    on_stacks_of(64 * KIB, || vec![0_u8; 1024 * KIB].into_boxed_slice());
}
