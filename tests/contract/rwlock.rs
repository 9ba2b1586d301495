//! What only a readers-writer lock can show: C2, C3, C5 to C8, C10, C14 to C17.

use crate::common::lines::{Line, reading, reading_full, writing};
use crate::common::{
    Bell, Random, now, panic_message, pending, poll, queued, ready, second_poll_names, until, watched,
};
use crate::spec::story::stories;
use sempost::{OwnedRwLockWriteGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

const WAITERS: usize = 100_000;

stories! {
    RwLock<u32>;

    c02_rwlock_a_dropped_writer_lets_the_readers_behind_it_in(8):
        "try_read: 0; write a; read b; read c; drop a; poll b: 0; poll c: 0; readers: 3"

    c02_rwlock_a_dropped_writer_leaves_the_next_writer_first(8):
        "try_read: 0; write a; write b; read c; drop a; poll c: waits; end_read; poll b: 0; poll c: waits; \
         end_write; poll c: 1"

    c02_rwlock_a_granted_writer_that_is_dropped_lets_the_readers_in(8):
        "try_read: 0; write a; read b; read c; end_read; write_locked: 1; drop a; poll c: 0; poll b: 0"

    c02_rwlock_a_granted_reader_that_is_dropped_lets_the_writer_in(8):
        "try_write: 0; read a; read b; write c; end_write; drop a; poll c: waits; poll b: 1; end_read; poll c: 1"

    c02_rwlock_a_reader_dropped_in_line_joins_two_crowds(8):
        "try_write: 0; read a; write b; read c; drop b; end_write; poll a: 1; poll c: 1; readers: 2"

    c02_rwlock_a_downgrade_with_granted_readers_loses_none(8):
        "try_write: 0; read a; read b; write c; downgrade; readers: 3; drop a; poll b: 0; end_read; end_read; \
         poll c: 0; write_locked: 1"

    c03_rwlock_a_newcomer_reads_behind_a_waiting_writer(8):
        "try_read: 0; write a; try_read: no; read b; end_read; try_read: no; poll b: waits; poll a: 0; end_write; \
         poll b: 1; try_read: 1"

    c03_rwlock_readers_and_writers_are_served_in_their_order(8):
        "try_write: 0; read a; write b; read c; read d; write e; end_write; poll a: 1; poll b: waits; end_read; \
         poll b: 1; end_write; poll d: 2; poll c: 2; end_read; poll e: waits; end_read; poll e: 2"

    c03_rwlock_at_most_so_many_read(2):
        "try_read: 0; try_read: 0; try_read: no; read a; write b; end_read; poll a: 0; end_read; poll b: waits; \
         end_read; poll b: 0"

    c03_rwlock_a_downgrade_keeps_the_order(8):
        "try_write: 0; read a; write b; read c; downgrade; poll a: 0; poll b: waits; poll c: waits; try_write: no; \
         end_read; end_read; poll b: 0; end_write; poll c: 1"

    c03_rwlock_of_one_reader_is_a_mutex(1):
        "try_read: 0; write_locked: 0; readers: 1; write a; end_read; write_locked: 1; readers: 0; poll a: 0; \
         downgrade; readers: 1; write_locked: 0; try_write: no"
}

fn cancelled_in_random_order(line: fn() -> Line) {
    watched(String::new, || {
        let (line, bell) = (line(), Bell::new());
        let mut waiters: Vec<_> = (0..WAITERS).map(|_| line.queue(&bell)).collect();
        line.assert_waiters(WAITERS);
        Random::new(7).shuffle(&mut waiters);
        drop(waiters);
        line.assert_waiters(0);
        assert_eq!((bell.wakes(), bell.held()), (0, 0));
    });
}

#[test]
fn c05_rwlock_many_cancels_in_random_order() {
    cancelled_in_random_order(writing);
    cancelled_in_random_order(reading);
    cancelled_in_random_order(reading_full);
}

#[test]
fn c06_rwlock_a_map_closure_may_ask_the_lock() {
    let lock = RwLock::new((1, 2));
    let part = RwLockReadGuard::map(now(lock.read()), |pair| {
        assert_eq!((lock.readers(), lock.try_read().is_some(), lock.try_write().is_some()), (1, true, false));
        &pair.0
    });
    drop(part);
    let part = RwLockWriteGuard::map(now(lock.write()), |pair| {
        assert!(lock.is_write_locked() && lock.try_read().is_none());
        &mut pair.1
    });
    drop(part);
    assert!(lock.try_write().is_some());
}

#[test]
fn c06_rwlock_a_value_dropped_with_it_may_own_another_guard() {
    let other = Arc::new(RwLock::new(0));
    drop(RwLock::new(Some(other.try_write_owned().unwrap())));
    assert!(!other.is_write_locked());
}

/// The waker of the first comes back: it reads, and it looks at who reads.
#[test]
fn c06_rwlock_a_waker_may_use_the_lock_that_wakes_it() {
    let lock = Arc::new(RwLock::new(0));
    let held = lock.try_write_owned().unwrap();
    let (hostile, calm) = (Bell::new(), Bell::new());
    let mut first = queued(lock.read_owned(), &hostile);
    let mut second = queued(lock.read_owned(), &calm);
    let (seen, inside) = (Arc::new(AtomicBool::new(false)), Arc::clone(&lock));
    let note = Arc::clone(&seen);
    hostile.on_wake(move || {
        assert_eq!(inside.readers(), 3, "both were let in before the first was woken");
        drop(inside.try_read().expect("readers may read"));
        assert!(inside.try_write().is_none() && format!("{inside:?}").contains("readers: 3"));
        note.store(true, Ordering::SeqCst);
    });
    let reader = OwnedRwLockWriteGuard::downgrade(held);
    assert!(seen.load(Ordering::SeqCst) && calm.wakes() == 1);
    hostile.unhook();
    drop((ready(&mut first, &hostile), ready(&mut second, &calm), reader));
    assert!(lock.try_write().is_some());
}

#[test]
fn c07_rwlock_a_panicking_waker_loses_nobody() {
    for downgrade in [false, true] {
        let lock = RwLock::new(0);
        let held = lock.try_write().unwrap();
        let bells = [0; 3].map(|_| Bell::new());
        let mut line = bells.each_ref().map(|bell| queued(lock.read(), bell));
        bells[0].on_wake(|| panic!("a waker panics"));
        let message = panic_message(|| match downgrade {
            true => drop(RwLockWriteGuard::downgrade(held)),
            false => drop(held),
        });
        assert_eq!(message, "a waker panics");
        assert_eq!((bells[1].wakes(), bells[2].wakes()), (1, 1), "the others are woken");
        assert_eq!((lock.readers(), lock.is_write_locked()), (3, false), "who downgraded has given back its own");
        bells[0].unhook();
        let guards: Vec<_> = line.iter_mut().zip(&bells).map(|(waiter, bell)| ready(waiter, bell)).collect();
        assert!(lock.try_write().is_none());
        drop(guards);
        assert!(lock.try_write().is_some());
    }
}

#[test]
fn c07_rwlock_a_panic_while_held_unlocks() {
    let lock = RwLock::new((0, 0));
    panic_message(|| {
        let _guard = lock.try_write().unwrap();
        panic!("in the middle");
    });
    panic_message(|| {
        let _guard = lock.try_read().unwrap();
        panic!("in the middle");
    });
    fn nothing(_: &mut (u32, u32)) -> &mut u32 {
        panic!("no such part")
    }
    panic_message(|| drop(RwLockWriteGuard::map(lock.try_write().unwrap(), nothing)));
    panic_message(|| drop(RwLockReadGuard::map(lock.try_read().unwrap(), |_| -> &u32 { panic!("no such part") })));
    assert_eq!((lock.readers(), lock.is_write_locked()), (0, false));
}

#[test]
fn c08_rwlock_a_failed_try_leaves_nobody_in_line() {
    let lock = Arc::new(RwLock::new(0));
    let guard = lock.try_read().unwrap();
    watched(String::new, || {
        assert!(lock.try_write().is_none() && lock.try_write_owned().is_none());
        let waiting = queued(lock.write(), &Bell::new());
        assert!(lock.try_read().is_none() && lock.try_read_owned().is_none());
        assert_eq!(lock.waiters(), 1);
        drop(waiting);
    });
    assert_eq!(lock.waiters(), 0);
    drop(guard);
    assert!(lock.try_write_owned().is_some());
}

#[test]
fn c10_rwlock_ready_at_the_first_poll_it_panics_at_the_second() {
    let lock = Arc::new(RwLock::new(0));
    second_poll_names(lock.read(), "Reading");
    second_poll_names(lock.read_owned(), "Reading");
    second_poll_names(lock.write(), "Writing");
    second_poll_names(lock.write_owned(), "Writing");
}

#[test]
fn c14_rwlock_the_limit_is_what_it_says() {
    assert_eq!(RwLock::MAX_READERS, usize::MAX >> 4);
    for n in [0, RwLock::MAX_READERS + 1, usize::MAX] {
        let message = panic_message(|| RwLock::with_max_readers((), n));
        assert!(message.contains("reader"), "{message}");
    }
    let lock = RwLock::with_max_readers(1, RwLock::MAX_READERS);
    drop(lock.try_write().unwrap());
    assert_eq!((lock.try_read().map(|guard| *guard), lock.readers()), (Some(1), 0));
}

/// Kills: a count that comes back from forgotten guards.
#[test]
fn c14_rwlock_forgotten_readers_keep_their_place() {
    let lock = RwLock::with_max_readers(0, 2);
    std::mem::forget(lock.try_read().unwrap());
    std::mem::forget(lock.try_read().unwrap());
    assert_eq!((lock.readers(), lock.try_read().is_none()), (2, true));
    let mut waiting = queued(lock.write(), &Bell::new());
    pending(&mut waiting, &Bell::new());
}

static ROUTES: RwLock<Vec<u32>> = RwLock::new(Vec::new());

#[test]
fn c15_rwlock_new_is_const_default_and_from() {
    ROUTES.try_write().unwrap().push(1);
    assert_eq!(*ROUTES.try_read().unwrap(), [1]);
    assert_eq!(*RwLock::<u32>::default().try_read().unwrap(), 0);
    assert_eq!(RwLock::from(7).into_inner(), 7);
    let unsized_data: Box<RwLock<[u32]>> = Box::new(RwLock::new([1, 2]));
    unsized_data.try_write().unwrap()[1] = 7;
    assert_eq!(&*unsized_data.try_read().unwrap(), &[1, 7]);
}

#[test]
fn c15_rwlock_debug_shows_the_state_and_never_waits() {
    let lock = RwLock::new(4_711);
    let first = lock.try_read().unwrap();
    let shown = format!("{lock:?}");
    assert!(shown.contains("4711") && shown.contains("readers: 1"), "{shown}");
    let writer = queued(lock.write(), &Bell::new());
    let shown = format!("{lock:?}");
    assert!(!shown.contains("4711") && shown.contains("others come first"), "{shown}");
    assert!(shown.contains("waiters: 1"), "{shown}");
    drop((writer, first));
    let _writer = lock.try_write().unwrap();
    assert!(format!("{lock:?}").contains("<locked>"));
}

#[test]
fn c15_rwlock_shows_that_it_was_handed_over() {
    let lock = RwLock::new(0);
    let held = lock.try_write().unwrap();
    let bell = Bell::new();
    let mut line = [queued(lock.read(), &bell), queued(lock.read(), &bell)];
    assert_eq!((lock.is_handed_over(), lock.is_write_locked(), lock.readers()), (false, true, 0));
    drop(held);
    assert_eq!((lock.is_handed_over(), lock.is_write_locked(), lock.readers()), (true, false, 2));
    let guards = line.each_mut().map(|waiter| ready(waiter, &bell));
    assert_eq!((lock.is_handed_over(), lock.readers()), (false, 2));
    drop(guards);
}

#[test]
fn c15_rwlock_is_not_poisoned() {
    let lock = RwLock::new(0);
    panic_message(|| {
        *lock.try_write().unwrap() = 1;
        let _reader = lock.try_read().unwrap();
        panic!("half-changed");
    });
    assert_eq!(*lock.try_write().unwrap(), 1);
}

#[test]
fn c16_rwlock_every_future_waits_on_a_thread() {
    let lock = Arc::new(RwLock::new(0));
    watched(String::new, || {
        let mut guard = lock.try_write().unwrap();
        thread::scope(|scope| {
            scope.spawn(|| assert!(*lock.read().wait() >= 10));
            scope.spawn(|| assert!(*lock.read_owned().wait() >= 10));
            scope.spawn(|| assert!(*lock.read_blocking() >= 10));
            scope.spawn(|| *lock.write().wait() += 1);
            scope.spawn(|| *lock.write_owned().wait() += 1);
            scope.spawn(|| *lock.write_blocking() += 1);
            until(|| lock.waiters() == 6);
            *guard = 10;
            drop(guard);
        });
        assert_eq!(*lock.read_blocking(), 13);
    });
}

#[test]
fn c16_rwlock_tasks_and_threads_are_served_in_one_order() {
    let lock = RwLock::new(Vec::new());
    watched(String::new, || {
        let guard = lock.try_read().unwrap();
        let (a, b) = (Bell::new(), Bell::new());
        let mut first = queued(lock.write(), &a);
        thread::scope(|scope| {
            scope.spawn(|| lock.write_blocking().push(2));
            until(|| lock.waiters() == 2);
            let mut last = queued(lock.read(), &b);
            drop(guard);
            ready(&mut first, &a).push(1);
            until(|| b.wakes() == 1);
            assert_eq!(*ready(&mut last, &b), [1, 2]);
        });
    });
}

/// A whole crowd is let in at once, in turns, and leaves: with a small stack, and one wake each.
#[test]
fn c17_rwlock_a_crowd_of_readers_is_let_in_flat() {
    let run = || {
        let (lock, bell) = (RwLock::new(0), Bell::new());
        let held = lock.try_write().unwrap();
        let mut crowd: Vec<_> = (0..WAITERS).map(|_| queued(lock.read(), &bell)).collect();
        drop(held);
        assert_eq!((bell.wakes(), lock.readers(), lock.waiters()), (WAITERS, WAITERS, 0));
        let guards: Vec<_> = crowd.iter_mut().map(|waiter| ready(waiter, &bell)).collect();
        let writer = queued(lock.write(), &bell);
        let behind: Vec<_> = (0..WAITERS).map(|_| queued(lock.read(), &bell)).collect();
        drop(writer);
        assert_eq!((bell.wakes(), lock.readers()), (2 * WAITERS, 2 * WAITERS));
        drop((behind, guards));
        assert!(poll(&mut Box::pin(lock.write()), &bell).is_ready());
    };
    thread::Builder::new().stack_size(128 << 10).spawn(run).unwrap().join().unwrap();
}
