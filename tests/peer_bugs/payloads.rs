//! Section 2.5, second half: messages of every shape, slots that are borrowed at the end, and code that panics in
//! between.

use crate::common::lines::Cond;
use crate::common::{Bell, Dropped, expect_ready, now, panic_message, poll, queued, ready, watched, with};
use crate::{CAPACITIES, on_every_line, open};
use futures::Sink;
use sempost::mailbox::{self, TryRecvError};
use sempost::{Monitor, Mutex, Semaphore};
use std::fmt::Debug;
use std::num::NonZeroU32;
use std::path::Path;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread::{self, ThreadId};

/// Takes messages of one type through every door, across the boundaries of blocks, and round a ring.
fn through_every_door<T: PartialEq + Debug>(make: impl Fn(u8) -> T) {
    for capacity in CAPACITIES {
        let (tx, rx) = open(capacity);
        if capacity == Some(0) {
            let mut sending = queued(tx.send(make(1)), &Bell::new());
            assert_eq!(rx.try_recv(), Ok(make(1)));
            assert!(ready(&mut sending, &Bell::new()).is_ok());
            let mut receiving = queued(rx.recv(), &Bell::new());
            assert!(tx.try_send(make(2)).is_ok());
            assert_eq!(ready(&mut receiving, &Bell::new()), Some(make(2)));
            continue;
        }
        for i in 0..50 {
            assert!(tx.try_send(make(i)).is_ok());
            assert_eq!(now(rx.recv()), Some(make(i)));
            assert!(now(tx.send(make(i))).is_ok());
            let mut buffer = Vec::with_capacity(usize::from(i) % 3);
            assert_eq!(rx.try_recv_many(&mut buffer, 3), Ok(1));
            assert_eq!(buffer, [make(i)]);
            assert!(tx.try_reserve().unwrap().send(make(i)).is_ok());
            assert_eq!(tx.force_send(make(i + 1)).unwrap(), (capacity == Some(1)).then(|| make(i)));
            while rx.try_recv().is_ok() {}
        }
    }
    let (tx, rx) = mailbox::unbounded();
    (0..200).for_each(|i| assert!(tx.try_send(make(i)).is_ok()));
    (0..150).for_each(|i| assert_eq!(rx.try_recv(), Ok(make(i))));
    (0..100).for_each(|i| assert!(tx.try_send(make(i)).is_ok()));
    let mut rest = Vec::new();
    while rx.try_recv_many(&mut rest, 7).is_ok() {}
    assert_eq!(rest, (150..200).chain(0..100).map(&make).collect::<Vec<_>>());
}

/// crossbeam-channel RUSTSEC-2022-0019 and 2020-0052: a zeroed message, and a `Vec` freed with the wrong capacity; here
/// messages that are never zero, into buffers of every capacity.
#[test]
fn b090_messages_that_must_not_be_zero() {
    through_every_door(|i| ["one", "two", "three"][usize::from(i) % 3]);
    through_every_door(|i| NonZeroU32::new(u32::from(i) + 1).unwrap());
    for room in 0..5 {
        let (tx, rx) = mailbox::bounded(4);
        (0..4).for_each(|i| tx.try_send(Box::new(i)).unwrap());
        let mut buffer = Vec::with_capacity(room);
        assert_eq!(rx.try_recv_many(&mut buffer, 4), Ok(4));
        buffer.shrink_to_fit();
        assert_eq!(buffer, [0, 1, 2, 3].map(Box::new));
    }
}

#[repr(align(64))]
#[derive(PartialEq, Debug)]
struct EmptyAndAligned;

#[repr(align(4096))]
#[derive(PartialEq, Debug)]
struct Page(u8);

/// kanal d3702c0, 0b80158, b6aeab2: messages without a size, boxes that dangled, layouts that were guessed; here sizes
/// and alignments of every kind.
#[test]
fn b091_messages_of_every_size_and_alignment() {
    through_every_door(drop);
    through_every_door(|_| EmptyAndAligned);
    through_every_door(|i| [i; 4096]);
    through_every_door(Page);
    through_every_door(Box::new);
    through_every_door(|i| (i, String::from("owns memory"), NonZeroU32::MIN));
    let (tx, rx) = mailbox::bounded(3);
    (0..3).for_each(|i| tx.try_send(Page(i)).unwrap());
    let page = rx.try_recv().unwrap();
    assert_eq!(std::ptr::from_ref(&page).addr() % 4096, 0);
}

/// kanal be8e49b: the message of a refused send was freed twice; here every way to be refused gives it back, once.
#[test]
fn b092_a_refused_message_comes_back_once() {
    watched(String::new, || {
        let count = Arc::new(AtomicUsize::new(0));
        let make = || Dropped::new(0, &count);
        let mut given_back = 0;
        let mut check = |message: Dropped| {
            given_back += 1;
            drop(message);
            assert_eq!(count.load(SeqCst), given_back);
        };
        let (mut tx, rx) = mailbox::bounded(1);
        let reserved = tx.try_reserve().unwrap();
        check(tx.try_send(make()).unwrap_err().into_inner());
        check(tx.force_send(make()).unwrap_err().into_inner());
        check(queued(tx.send(make()), &Bell::new()).as_mut().cancel().unwrap());
        drop(reserved);
        let owned = tx.clone().try_reserve_owned().unwrap();
        let mut parked = queued(tx.send(make()), &Bell::new());
        rx.close();
        check(ready(&mut parked, &Bell::new()).unwrap_err().into_inner());
        drop(parked);
        drop(rx);
        check(owned.send(make()).unwrap_err().1.into_inner());
        check(tx.try_send(make()).unwrap_err().into_inner());
        check(tx.force_send(make()).unwrap_err().into_inner());
        check(now(tx.send(make())).unwrap_err().into_inner());
        check(tx.send_blocking(make()).unwrap_err().into_inner());
        check(Pin::new(&mut tx).start_send(make()).unwrap_err().into_inner().unwrap());

        let (mut tx, rx) = mailbox::bounded(1);
        expect_ready(with(&Bell::new(), |cx| Pin::new(&mut tx).poll_ready(cx))).unwrap();
        crate::common::forget(tx.try_reserve().unwrap());
        Pin::new(&mut tx).start_send(make()).unwrap();
        assert!(with(&Bell::new(), |cx| Pin::new(&mut tx).poll_flush(cx)).is_pending());
        rx.close();
        let refused = expect_ready(with(&Bell::new(), |cx| Pin::new(&mut tx).poll_flush(cx)));
        check(refused.unwrap_err().into_inner().unwrap());
    });
}

/// thingbuf#100 (open): to close while a slot is borrowed corrupted the heap; here every kind of permit outlives the
/// close, the receivers, and one of them the other handles.
#[test]
fn b093_a_permit_outlives_the_close() {
    watched(String::new, || {
        for capacity in [Some(4), None] {
            let count = Arc::new(AtomicUsize::new(0));
            let (tx, rx) = open(capacity);
            let (one, mut batch) = (tx.try_reserve().unwrap(), tx.try_reserve_many(2).unwrap());
            let owned = tx.clone().try_reserve_owned().unwrap();
            assert!(rx.close());
            assert!(one.send(Dropped::new(1, &count)).is_ok());
            assert_eq!(rx.try_recv().unwrap().id, 1);
            assert!(batch.next().unwrap().send(Dropped::new(2, &count)).is_ok());
            drop(rx);
            assert_eq!(count.load(SeqCst), 2, "what was queued went with the last receiver");
            assert_eq!(batch.next().unwrap().send(Dropped::new(3, &count)).unwrap_err().into_inner().id, 3);
            drop(batch);
            drop(tx);
            assert_eq!(owned.send(Dropped::new(4, &count)).unwrap_err().1.into_inner().id, 4);
            assert_eq!(count.load(SeqCst), 4);
        }
    });
}

/// tokio#8542: a panic in a tracing hook, in the middle of a poll, freed a waiter in line and leaked permits; here
/// hooks panic at every clone, drop and wake of a life, and the counts are exact.
#[test]
fn b094_a_panic_in_the_middle_of_a_poll_leaks_nothing() {
    on_every_line(|line| {
        let (brittle, bell) = (Bell::new(), Bell::new());
        brittle.on_clone(|| panic!("a hook"));
        brittle.on_drop(|| panic!("a hook"));
        let mut first = (line.make)();
        assert_eq!(panic_message(|| first.finished(&brittle)), "a hook");
        drop(first);
        brittle.unhook();
        let mut waiter = line.queue(&brittle);
        brittle.on_drop(|| panic!("a hook"));
        assert_eq!(panic_message(|| waiter.finished(&bell)), "a hook");
        brittle.unhook();
        line.assert_waiters(1);
        bell.on_wake(|| panic!("a hook"));
        assert_eq!(panic_message(|| (line.one)()), "a hook");
        assert!(waiter.finished(&brittle));
        assert_eq!((brittle.held(), bell.held()), (0, 0));
    });
    let semaphore = Semaphore::new(2);
    let brittle = Bell::new();
    brittle.on_clone(|| panic!("a hook"));
    for _ in 0..3 {
        panic_message(|| poll(&mut Box::pin(semaphore.acquire_many(3)), &brittle));
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (2, 0));
    }
}

/// oneringbuf, mutringbuf, slice-ring-buffer, sized-chunks, array-queue, direct_ring_buffer (RustSec): rings that
/// dropped twice, or not at all, when a drop panicked; here the k-th drop panics, for every k, on every way out of the
/// queue.
#[test]
fn b095_the_kth_drop_panics_and_each_is_dropped_once() {
    watched(String::new, || {
        const ALL: u32 = 40;
        for k in 0..ALL {
            for shift in [0, 3, 50] {
                let count = Arc::new(AtomicUsize::new(0));
                let make = |id: u32| if id == k { Dropped::panicking(id, &count) } else { Dropped::new(id, &count) };
                let bounded = || {
                    let (tx, rx) = mailbox::bounded(64);
                    // So that the messages wrap round the end of a ring, or begin in another block.
                    for _ in 0..shift {
                        assert!(tx.try_send(Dropped::new(99, &Arc::default())).is_ok());
                        drop(rx.try_recv());
                    }
                    (0..ALL).for_each(|id| assert!(tx.try_send(make(id)).is_ok()));
                    (tx, rx)
                };
                let (tx, rx) = bounded();
                assert_eq!(panic_message(|| drop(rx)), format!("message {k} panics in its drop"));
                assert_eq!((count.swap(0, SeqCst), tx.len()), (40, 0), "the last receiver");
                let (tx, rx) = bounded();
                drop(tx);
                panic_message(|| drop(rx));
                assert_eq!(count.swap(0, SeqCst), 40, "both ends");
                let (_tx, rx) = bounded();
                let mut buffer = Vec::new();
                assert_eq!(rx.try_recv_many(&mut buffer, 40).unwrap(), 40);
                panic_message(|| drop(buffer));
                assert_eq!(count.swap(0, SeqCst), 40, "a batch");
                let (_tx, rx) = bounded();
                let panics = (0..ALL).filter(|_| crate::panics::panics(|| drop(rx.try_recv()))).count();
                assert_eq!((panics, count.load(SeqCst), rx.len()), (1, 40, 0), "one by one");
            }
        }
    });
}

/// futures-task RUSTSEC-2020-0060 and -0061, futures#2830: wakers made of data that did not live long enough; here the
/// crate makes wakers only through `Wake`, which asks for `'static`, and none by hand.
#[test]
fn b096_no_waker_is_made_by_hand() {
    fn walk(folder: &Path, files: &mut usize) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                for made_by_hand in ["RawWaker", "Waker::from_raw(", "Waker::new(", "LocalWaker"] {
                    assert!(!text.contains(made_by_hand), "{} has {made_by_hand}", path.display());
                }
                *files += 1;
            }
        }
    }
    let mut files = 0;
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    assert!(files > 30);
}

/// A message that insists on the thread it was made on.
struct Homesick {
    home: ThreadId,
    _kept: Rc<()>,
}

impl Drop for Homesick {
    fn drop(&mut self) {
        assert_eq!(thread::current().id(), self.home);
    }
}

/// tokio RUSTSEC-2021-0072: a task that must stay on its thread was dropped on another; here messages that are not
/// `Send` go through a mailbox on one thread and end on it. That they cannot leave it is B86.
#[test]
fn b097_what_is_not_send_ends_on_its_thread() {
    for capacity in CAPACITIES {
        let kept = Rc::new(());
        let make = || Homesick { home: thread::current().id(), _kept: Rc::clone(&kept) };
        let (tx, rx) = open(capacity);
        let mut receiving = queued(rx.recv(), &Bell::new());
        assert!(tx.try_send(make()).is_ok());
        assert_eq!(ready(&mut receiving, &Bell::new()).unwrap().home, thread::current().id());
        drop(receiving);
        drop(tx.try_send(make()));
        let _sent = poll(&mut Box::pin(tx.send(make())), &Bell::new()).is_ready();
        drop((tx, rx));
        assert_eq!(Rc::strong_count(&kept), 1);
    }
}

/// tokio#5812: a finished future kept a reference to what was gone; here finished futures outlive what they waited for,
/// and let go of it when they finish.
#[test]
fn b098_a_finished_future_holds_nothing() {
    let semaphore = Arc::new(Semaphore::new(1));
    let mut acquiring = Box::pin(semaphore.acquire_owned());
    let permit = ready(&mut acquiring, &Bell::new()).unwrap();
    assert_eq!(Arc::strong_count(&semaphore), 2, "the permit's");
    drop(permit);
    let weak = Arc::downgrade(&semaphore);
    drop(semaphore);
    assert!(weak.upgrade().is_none());
    drop(acquiring);

    let mutex = Arc::new(Mutex::new(()));
    let mut locking = Box::pin(mutex.lock_owned());
    drop(ready(&mut locking, &Bell::new()));
    let monitor = Arc::new(Monitor::<_, Cond>::new(()));
    let mut entering = Box::pin(monitor.enter_owned());
    drop(ready(&mut entering, &Bell::new()));
    assert_eq!((Arc::strong_count(&mutex), Arc::strong_count(&monitor)), (1, 1));
    drop((mutex, monitor));
    drop((locking, entering));

    let (tx, rx) = mailbox::bounded::<u32>(1);
    let mut reserving = Box::pin(tx.reserve_owned());
    drop(ready(&mut reserving, &Bell::new()).unwrap());
    assert_eq!((rx.sender_count(), rx.try_recv()), (0, Err(TryRecvError::Closed)));
    drop(rx);
    drop(reserving);
}
