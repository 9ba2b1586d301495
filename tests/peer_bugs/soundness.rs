//! Section 2.5, first half: nodes, blocks and slots that were freed too early, twice, or used by the wrong one. What a
//! test cannot see by itself the address sanitizer sees in the same run.

use crate::common::forget;
use crate::common::lines::Cond::{self, A, B};
use crate::common::{Bell, Dropped, expect_ready, now, panic_message, poll, queued, ready, with};
use crate::heap::grown;
use crate::race::race;
use crate::{CAPACITIES, on_every_line, open};
use futures::Sink;
use sempost::mailbox::{
    self, OwnedSendPermit, Receiver, Receiving, ReceivingMany, Reserving, ReservingMany, ReservingOwned, SendPermit,
    Sender, Sending,
};
use sempost::{
    Acquiring, AwaitingClosed, AwaitingDrained, Entering, Locking, Monitor, Mutex, MutexGuard, Semaphore, Waiting,
};
use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// tokio#4225, RUSTSEC-2021-0124: close, send and receive at once raced for the value of a oneshot; here the message of
/// a mailbox with one slot ends once. Models: `what_is_accepted_is_delivered`,
/// `a_granted_sender_pushes_before_close_or_not_at_all`.
#[test]
fn b080_close_send_and_receive_at_once() {
    for capacity in [Some(1), None] {
        race(200, |round| {
            let count = Arc::new(AtomicUsize::new(0));
            let (tx, rx) = open(capacity);
            let message = Dropped::new(7, &count);
            let (sent, _, mut got) = round.three(|| tx.try_send(message).is_ok(), || rx.close(), || rx.try_recv().ok());
            assert!(sent || got.is_none());
            got = got.or_else(|| rx.try_recv().ok());
            assert_eq!((got.is_some(), count.load(SeqCst)), (sent, usize::from(!sent)));
        });
    }
}

/// oneshot RUSTSEC-2026-0005: a receiver that was polled and dropped read its waker after the node was freed; here
/// futures are finished or dropped, and their memory freed, in the moment of the gift. Model:
/// `whoever_sees_its_grant_may_free_its_node_at_once`.
#[test]
fn b081_a_node_freed_in_the_moment_of_its_gift() {
    for finish in [false, true] {
        race(200, |round| {
            let semaphore = Semaphore::new(0);
            let mut waiting = queued(semaphore.acquire(), &Bell::new());
            let leave = || {
                if finish {
                    drop(poll(&mut waiting, &Bell::new()))
                }
            };
            round.both(leave, || semaphore.add_permits(1));
            drop(waiting);
            assert_eq!((semaphore.available_permits(), semaphore.waiters()), (1, 0));
        });
        for capacity in CAPACITIES {
            race(100, |round| {
                let (tx, rx) = open(capacity);
                let waiting = queued(rx.recv(), &Bell::new());
                let leave = move || {
                    let mut waiting = waiting;
                    usize::from(finish && poll(&mut waiting, &Bell::new()).is_ready())
                };
                let (got, sent) = round.both(leave, || tx.try_send(7).is_ok());
                assert_eq!(got + rx.len(), usize::from(sent), "at capacity {capacity:?}");
            });
        }
        race(100, |round| {
            let mutex = Mutex::new(());
            let held = mutex.try_lock().unwrap();
            let mut waiting = queued(mutex.lock(), &Bell::new());
            let leave = move || if finish { drop(poll(&mut waiting, &Bell::new())) } else { drop(waiting) };
            round.both(leave, || drop(held));
            assert!(!mutex.is_locked());
        });
    }
}

/// crossbeam-channel RUSTSEC-2025-0024: the repair of a leak freed the first block twice; here the first send meets the
/// drop of the receiver, and every message and every byte comes back. Model: `the_first_message_and_the_last_receiver`.
#[test]
fn b082_the_first_send_meets_the_drop_of_the_receiver() {
    for capacity in [Some(1), Some(300), None] {
        race(200, |round| {
            let count = Arc::new(AtomicUsize::new(0));
            let (tx, rx) = open(capacity);
            let message = Dropped::new(7, &count);
            round.both(|| drop(tx.try_send(message)), move || drop(rx));
            assert_eq!((count.load(SeqCst), tx.len()), (1, 0));
        });
    }
    let (bytes, ()) = grown(|| {
        let (tx, rx) = mailbox::unbounded();
        tx.try_send([1_u64; 4]).unwrap();
        drop(rx);
        assert!(tx.try_send([2; 4]).is_err());
    });
    assert_eq!(bytes, 0);
}

/// crossbeam#971, rust#110001: the head block was null while the indices differed; here two senders make the first
/// block, and those that follow, while a receiver takes and leaves.
#[test]
fn b083_blocks_are_made_by_two_senders_at_once() {
    race(100, |round| {
        let count = Arc::new(AtomicUsize::new(0));
        let (tx, rx) = mailbox::unbounded();
        // About 40 messages of this size fit into a block.
        let each = 1 + round.random().below(100);
        let send = || (0..each).for_each(|id| drop(tx.try_send(Dropped::new(id as u32, &count))));
        let take = move || (0..each).filter(|_| rx.try_recv().is_ok()).count();
        let ((), (), taken) = round.three(send, send, take);
        assert!(taken <= 2 * each);
        assert_eq!((count.load(SeqCst), tx.len()), (2 * each, 0));
    });
}

/// tokio#2340: notified wakers were split off into a second list, and a future dropped meanwhile dangled in it; here
/// the first that is woken drops all the others, in batches larger than a turn. Model:
/// `one_of_a_batch_may_be_gone_before_the_batch_is_over`.
#[test]
fn b084_the_first_that_is_woken_drops_the_others() {
    const ALL: usize = 150;
    type Others = std::sync::Mutex<Vec<Pin<Box<Acquiring<&'static Semaphore>>>>>;
    for close in [false, true] {
        let semaphore = &*crate::common::leak(Semaphore::new(0));
        let (bell, others) = (Bell::new(), Arc::new(Others::default()));
        let mut first = queued(semaphore.acquire(), &bell);
        others.lock().unwrap().extend((1..ALL).map(|_| queued(semaphore.acquire(), &Bell::new())));
        let dropped = Arc::clone(&others);
        bell.on_wake(move || drop(std::mem::take(&mut *dropped.lock().unwrap())));
        crate::common::watched(String::new, || {
            if close { assert!(semaphore.close()) } else { _ = semaphore.add_permits(ALL) }
        });
        assert_eq!((bell.wakes(), semaphore.waiters()), (1, 0));
        assert_eq!(ready(&mut first, &bell).map(|permit| permit.forget()).is_ok(), !close);
        assert_eq!(semaphore.available_permits(), if close { 0 } else { ALL - 1 });
    }
}

/// EL#100: a listener could listen to a second event, and was freed in the list of the first; here misuse of that kind
/// is a panic, an error, or simply works.
#[test]
fn b085_a_waiter_belongs_to_one_line_at_a_time() {
    on_every_line(|line| {
        let bell = Bell::new();
        let mut waiter = line.queue(&bell);
        (line.one)();
        assert!(waiter.finished(&bell));
        let message = panic_message(|| waiter.finished(&bell));
        assert!(message.contains(line.name), "{message}");
    });
    // The one waiter of a sending handle waits for a slot, then with a message, then for a reservation.
    let (mut tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    expect_ready(with(&bell, |cx| Pin::new(&mut tx).poll_ready(cx))).unwrap();
    tx.try_send(1).unwrap();
    Pin::new(&mut tx).start_send(2).unwrap();
    assert!(panic_message(|| Pin::new(&mut tx).start_send(3)).contains("poll_ready"));
    assert!(with(&bell, |cx| Pin::new(&mut tx).poll_flush(cx)).is_pending());
    assert!(with(&bell, |cx| tx.poll_reserve(cx)).is_pending());
    assert_eq!((rx.try_recv(), bell.take_wakes()), (Ok(1), 1));
    assert!(with(&bell, |cx| tx.poll_reserve(cx)).is_pending(), "the slot is the message's");
    assert_eq!(rx.try_recv(), Ok(2));
    expect_ready(with(&bell, |cx| tx.poll_reserve(cx))).unwrap().send(4).unwrap();
    assert_eq!((rx.try_recv(), tx.waiting_senders()), (Ok(4), 0));
    // A wait that begins anew waits in the line of its condition again, and of no other.
    let monitor = Monitor::<_, Cond>::new(0);
    let mut waiting = queued(monitor.try_enter().unwrap().wait_while(A, |n| *n < 3), &bell);
    for n in 1..=3 {
        let mut inside = monitor.try_enter().unwrap();
        *inside = n;
        assert_eq!((inside.notify_all(A), inside.notify_all(B)), (1, 0));
        drop(inside);
        assert_eq!(poll(&mut waiting, &bell).is_ready(), n == 3);
    }
    let (one, other) = (Semaphore::new(1), Semaphore::new(1));
    let mut permit = one.try_acquire().unwrap();
    assert!(permit.merge(other.try_acquire().unwrap()).is_err());
    drop(permit);
    assert_eq!((one.available_permits(), other.available_permits()), (1, 1));
}

/// Whether a type implements a trait: an inherent constant, where it exists, hides the trait's.
macro_rules! is {
    ($T:ty, $Trait:path) => {{
        struct Asked<T: ?Sized>(std::marker::PhantomData<T>);
        #[allow(dead_code)]
        trait Otherwise {
            const ANSWER: bool = false;
        }
        impl<T: ?Sized> Otherwise for Asked<T> {}
        #[allow(dead_code)]
        impl<T: ?Sized + $Trait> Asked<T> {
            const ANSWER: bool = true;
        }
        <Asked<$T>>::ANSWER
    }};
}

/// EL RUSTSEC-2026-0221, tokio RUSTSEC-2025-0023, lock_api RUSTSEC-2020-0070 and some twenty more: types that were
/// `Send` or `Sync` and must not be; here the sharpest cells of the table in `tests/api/types`.
#[test]
fn b086_nothing_is_sent_or_shared_that_must_not_be() {
    type Neither = Rc<u32>;
    type SendOnly = Cell<u32>;
    assert!(is!(Mutex<SendOnly>, Sync) && !is!(Mutex<Neither>, Sync) && !is!(Mutex<Neither>, Send));
    assert!(is!(Monitor<SendOnly, Cond>, Sync) && !is!(Monitor<Neither, Cond>, Sync));
    assert!(is!(MutexGuard<'static, SendOnly>, Send) && !is!(MutexGuard<'static, SendOnly>, Sync));
    assert!(!is!(MutexGuard<'static, Neither>, Send));
    assert!(!is!(sempost::MappedMutexGuard<'static, Neither>, Send));
    assert!(!is!(sempost::MonitorGuard<'static, SendOnly, Cond>, Sync));
    assert!(!is!(Locking<&'static Mutex<Neither>, Neither>, Send));
    assert!(!is!(Waiting<&'static Monitor<Neither, Cond>, Neither, Cond>, Send));
    assert!(is!(Sender<SendOnly>, Sync) && !is!(Sender<Neither>, Send) && !is!(Sender<Neither>, Sync));
    assert!(is!(Receiver<SendOnly>, Sync) && !is!(Receiver<Neither>, Send) && !is!(Receiver<Neither>, Sync));
    assert!(!is!(mailbox::WeakSender<Neither>, Send) && !is!(mailbox::WeakReceiver<Neither>, Sync));
    assert!(!is!(SendPermit<'static, Neither>, Send) && !is!(OwnedSendPermit<Neither>, Send));
    assert!(!is!(Sending<'static, Neither>, Send) && !is!(Receiving<'static, Neither>, Send));
}

/// tokio#3399 (open), EL#14, futures-intrusive#56 and more: an aliased `&mut` of an intrusive node; here no future may
/// be moved once it is pinned, and neighbours write to a node between two polls of its owner.
#[test]
fn b087_futures_stay_where_they_are() {
    macro_rules! pinned {
        ($($T:ty),* $(,)?) => {$(
            assert!(!is!($T, Unpin), stringify!($T));
        )*};
    }
    pinned!(
        Acquiring<&'static Semaphore>,
        Locking<&'static Mutex<u32>, u32>,
        Entering<&'static Monitor<u32, Cond>, u32, Cond>,
        Waiting<&'static Monitor<u32, Cond>, u32, Cond>,
        Sending<'static, u32>,
        Reserving<'static, u32>,
        ReservingMany<'static, u32>,
        ReservingOwned<u32>,
        Receiving<'static, u32>,
        ReceivingMany<'static, u32>,
        AwaitingClosed<'static>,
        AwaitingDrained<'static>,
    );
    on_every_line(|line| {
        let bells = [Bell::new(), Bell::new(), Bell::new()];
        let [before, mut middle, after] = bells.each_ref().map(|bell| line.queue(bell));
        drop(before);
        assert!(!middle.finished(&bells[1]));
        drop(after);
        assert!(!middle.finished(&bells[0]));
        let behind = line.queue(&bells[2]);
        (line.one)();
        assert!(middle.finished(&bells[0]));
        drop(behind);
    });
}

/// tachyonix#1: a forgotten sender freed a node that was still linked; here everything that can be forgotten is, in
/// line, and the rest goes on.
#[test]
fn b088_what_is_forgotten_stays_where_it_is() {
    on_every_line(|line| {
        let live = Bell::new();
        let mut waiter = line.queue(&live);
        forget(line.queue(&Bell::new()));
        drop(line.queue(&Bell::new()));
        forget(line.queue(&Bell::new()));
        (line.one)();
        assert!(live.wakes() == 1 && waiter.finished(&live));
    });
    for capacity in [Some(2), None] {
        let (tx, rx) = open(capacity);
        let (mut stream, mut sink, bell) = (rx.clone(), tx.clone(), Bell::new());
        assert!(with(&bell, |cx| stream.poll_recv(cx)).is_pending());
        expect_ready(with(&bell, |cx| Pin::new(&mut sink).poll_ready(cx))).unwrap();
        forget((stream, sink, tx.downgrade(), rx.downgrade()));
        tx.try_send(1).unwrap();
        assert_eq!((bell.wakes(), rx.try_recv()), (1, Ok(1)));
        assert_eq!((rx.sender_count(), rx.receiver_count()), (2, 2));
    }
    let mutex = Arc::new(Mutex::new(7));
    forget(mutex.try_lock_owned());
    assert!(mutex.try_lock().is_none());
}

/// crossbeam 64eed3d5: a leaked operation left a slot that was never written, and it was dropped; here every kind of
/// permit is leaked, and only messages are dropped.
#[test]
fn b089_a_leaked_permit_leaves_nothing_to_drop() {
    for capacity in [Some(8), None] {
        let count = Arc::new(AtomicUsize::new(0));
        let (tx, rx) = open(capacity);
        forget(tx.try_reserve().unwrap());
        tx.try_send(Dropped::new(0, &count)).unwrap();
        let mut batch = tx.try_reserve_many(3).unwrap();
        assert!(batch.next().unwrap().send(Dropped::new(1, &count)).is_ok());
        forget(batch);
        forget(tx.clone().try_reserve_owned().unwrap());
        tx.try_send(Dropped::new(2, &count)).unwrap();
        assert_eq!((rx.len(), now(rx.recv()).unwrap().id), (3, 0));
        drop((rx, tx));
        assert_eq!(count.load(SeqCst), 3);
    }
    let semaphore = Semaphore::new(3);
    forget(semaphore.try_acquire_many(2).unwrap());
    assert_eq!(semaphore.available_permits(), 1);
}
