//! H8: closures and `Debug` that panic inside a guard, and what they leave behind: no lock, no poison, and data as they
//! left it.

use std::cell::Cell;
use std::fmt;

use sempost::{Condvar, Monitor, MonitorGuard, Mutex, MutexGuard, conditions, mailbox};

use crate::calm::{calm, hush, in_a_panic, rage};
use crate::common::{Bell, poll, queued, ready};

/// How many times something is asked before it panics, at most.
const MOST: usize = 40;

conditions! {
    /// What some wait for.
    enum Cond { Come }
}

type Room = Monitor<Tetchy, Cond>;

/// Data whose `Debug` panics at the call that counts to 0. It is not `Clone`: the crate never clones what is a
/// caller's.
struct Tetchy {
    left: Cell<usize>,
    halves: (u32, u32),
}

impl Tetchy {
    fn new(left: usize) -> Self {
        Self { left: Cell::new(left), halves: (0, 0) }
    }

    /// One call less.
    fn count(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left == 0
    }
}

impl fmt::Debug for Tetchy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.count() {
            rage();
        }
        f.write_str("tetchy")
    }
}

#[test]
fn h8_a_debug_that_panics_leaves_the_mutex_to_the_next() {
    hush();
    for k in 0..=MOST {
        let mutex = Mutex::new(Tetchy::new(k));
        let printed = (0..=k).filter(|_| !calm(|| format!("{mutex:?}")).raged()).count();
        assert_eq!((printed, mutex.is_locked()), (k, false));
        let bell = Bell::new();
        let guard = mutex.try_lock().expect("nobody holds it");
        let mut next = queued(mutex.lock(), &bell);
        guard.left.set(k);
        // The guard is dropped by the panic of its own data.
        let raged = calm(move || (0..=k).map(|_| format!("{guard:?}")).count()).raged();
        assert!(raged && bell.wakes() == 1);
        drop(ready(&mut next, &bell));
        let mapped = MutexGuard::map(mutex.try_lock().expect("everybody left"), |data| data);
        mapped.left.set(0);
        assert!(calm(move || format!("{mapped:?}")).raged());
        assert!(!mutex.is_locked());
    }
}

#[test]
fn h8_a_debug_that_panics_leaves_the_monitor_to_the_next() {
    hush();
    for k in 0..=MOST {
        let room = Room::new(Tetchy::new(k));
        let bell = Bell::new();
        let mut waiting = queued(room.try_enter().expect("free").wait(Cond::Come), &bell);
        let printed = (0..=k).filter(|_| !calm(|| format!("{room:?}")).raged()).count();
        assert_eq!((printed, room.is_occupied(), room.waiters(Cond::Come)), (k, false, 1));
        let inside = room.try_enter().expect("free");
        inside.notify_one(Cond::Come);
        inside.left.set(0);
        assert!(calm(move || format!("{inside:?}")).raged());
        assert_eq!(bell.wakes(), 1);
        drop(ready(&mut waiting, &bell));
    }
}

#[test]
fn h8_debug_of_a_mailbox_asks_no_message_and_handles_clone_none() {
    hush();
    let (tx, rx) = mailbox::bounded(2);
    let refused = |message: Tetchy| tx.try_send(message).err();
    assert!(refused(Tetchy::new(0)).is_none() && refused(Tetchy::new(0)).is_none());
    let (error, again) = (refused(Tetchy::new(0)), (tx.clone(), rx.clone()));
    let mut sending = queued(tx.send(Tetchy::new(0)), &Bell::new());
    let shown = format!("{tx:?} {rx:?} {error:?} {again:?} {sending:?} {:?}", rx.recv());
    assert!(!shown.contains("tetchy"), "{shown}");
    rx.close();
    let back = ready(&mut sending, &Bell::new()).expect_err("it is closed");
    assert!(format!("{back:?} {back}").contains("SendError"));
}

/// A predicate panics at its k-th call, inside the monitor: somebody else is let in, and nobody stands in line twice.
#[test]
fn h8_a_predicate_that_panics_lets_the_next_in() {
    hush();
    for k in 0..=MOST {
        let room = Room::new(Tetchy::new(k));
        let (bell, other) = (Bell::new(), Bell::new());
        let inside = room.try_enter().expect("free");
        let holds = |data: &mut Tetchy| {
            data.halves.0 += 1;
            if data.count() {
                rage();
            }
            data.halves.1 += 1;
            true
        };
        let mut waiting = Box::pin(inside.wait_while(Cond::Come, holds));
        let mut entering = None;
        for call in 0..k {
            assert!(poll(&mut waiting, &bell).is_pending(), "call {call} of {k} answers that it holds");
            let inside = room.try_enter().expect("a waiter is not inside");
            assert!(inside.notify_one(Cond::Come));
            entering = (call + 1 == k).then(|| queued(room.enter(), &Bell::new()));
        }
        // The one in line goes first; then it is the turn of the one that was notified, and another waits behind it.
        let first = entering.map(|mut entering| ready(&mut entering, &Bell::new()));
        let mut entering = queued(room.enter(), &other);
        drop(first);
        assert!(calm(|| poll(&mut waiting, &bell).is_ready()).raged());
        assert_eq!((other.wakes(), room.waiters(Cond::Come), room.entering()), (1, 0, 0));
        // Half-changed, and nobody says so: there is no poison.
        assert_eq!(ready(&mut entering, &other).halves, (k as u32 + 1, k as u32));
        drop(waiting);
        assert!(!room.is_occupied());
    }
}

/// The same with a mutex and a condition variable, where the next stands in the mutex's line.
#[test]
fn h8_a_predicate_that_panics_lets_the_next_lock() {
    hush();
    for k in 0..=MOST {
        let (mutex, condvar) = (Mutex::new(Tetchy::new(k)), Condvar::new());
        let (bell, other) = (Bell::new(), Bell::new());
        let holds = |data: &mut Tetchy| {
            data.halves.0 += 1;
            if data.count() {
                rage();
            }
            data.halves.1 += 1;
            true
        };
        let mut waiting = Box::pin(condvar.wait_while(mutex.try_lock().expect("free"), holds));
        let mut locking = None;
        for call in 0..k {
            assert!(poll(&mut waiting, &bell).is_pending(), "call {call} of {k} answers that it holds");
            let guard = mutex.try_lock().expect("a waiter has released it");
            assert!(condvar.notify_one());
            if call + 1 == k {
                assert!(poll(&mut waiting, &bell).is_pending(), "it is held");
                locking = Some(queued(mutex.lock(), &other));
            }
            drop(guard);
        }
        let mut locking = locking.unwrap_or_else(|| queued(mutex.lock(), &other));
        assert!(calm(|| poll(&mut waiting, &bell).is_ready()).raged());
        assert_eq!((other.wakes(), condvar.waiters(), mutex.waiters()), (1, 0, 0));
        assert_eq!(ready(&mut locking, &other).halves, (k as u32 + 1, k as u32));
        drop((locking, waiting));
        assert!(!mutex.is_locked());
    }
}

#[test]
fn h8_a_predicate_may_panic_in_a_wait_that_is_dropped_in_a_panic() {
    hush();
    let room = Room::new(Tetchy::new(1));
    let bell = Bell::new();
    let waiting = queued(room.try_enter().expect("free").wait_while(Cond::Come, |_| true), &bell);
    let unpolled = room.try_enter().expect("free").wait_while(Cond::Come, |_| true);
    in_a_panic(|| drop((waiting, unpolled)));
    assert_eq!((room.waiters(Cond::Come), room.is_occupied(), bell.held()), (0, false, 0));
    let (mutex, condvar) = (Mutex::new(Tetchy::new(1)), Condvar::new());
    let waiting = queued(condvar.wait_while(mutex.try_lock().expect("free"), |_| true), &bell);
    let unpolled = condvar.wait_while(mutex.try_lock().expect("free"), |_| true);
    in_a_panic(|| drop((waiting, unpolled)));
    assert_eq!((condvar.waiters(), mutex.is_locked(), bell.held()), (0, false, 0));
}

#[test]
fn h8_what_a_panic_leaves_half_changed_the_next_one_sees() {
    hush();
    let mutex = Mutex::new(Tetchy::new(0));
    let room = Room::new(Tetchy::new(0));
    fn half(data: &mut Tetchy) {
        data.halves.0 += 1;
        rage();
        data.halves.1 += 1;
    }
    for k in 1..=MOST as u32 {
        let (bell, other) = (Bell::new(), Bell::new());
        let guard = mutex.try_lock().expect("free");
        let mut next = queued(mutex.lock(), &bell);
        let leave = |mut guard: MutexGuard<'_, Tetchy>| half(&mut guard);
        assert!(calm(|| leave(guard)).raged());
        assert_eq!((bell.wakes(), ready(&mut next, &bell).halves), (1, (k, 0)));
        let inside = room.try_enter().expect("free");
        let mut entering = queued(room.enter(), &other);
        let leave = |mut inside: MonitorGuard<'_, Tetchy, Cond>| half(&mut inside);
        assert!(calm(|| leave(inside)).raged());
        assert_eq!((other.wakes(), ready(&mut entering, &other).halves), (1, (k, 0)));
    }
    assert_eq!((mutex.into_inner().halves, room.into_inner().halves), ((MOST as u32, 0), (MOST as u32, 0)));
}

#[test]
fn h8_a_part_that_panics_gives_the_whole_back() {
    hush();
    let mutex = Mutex::new(Tetchy::new(0));
    let bell = Bell::new();
    let guard = mutex.try_lock().expect("free");
    let mut next = queued(mutex.lock(), &bell);
    fn none(data: &mut Tetchy) -> &mut u32 {
        rage();
        &mut data.halves.0
    }
    assert!(calm(|| drop(MutexGuard::map(guard, none))).raged());
    let guard = ready(&mut next, &bell);
    assert!(calm(|| drop(MutexGuard::try_map(guard, |data| Some(none(data))))).raged());
    assert!(!mutex.is_locked());
}
