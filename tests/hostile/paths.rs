//! Every path on which a message or a value is dropped: by the crate, or by whoever was given it back.

mod credits;
mod oneshot;
mod ports;

use std::pin::Pin;

use futures::{Sink, Stream};
use sempost::mailbox::{Receiver, Sender, bounded, unbounded};
use sempost::{Monitor, MonitorGuard, Mutex, MutexGuard, conditions};

use crate::calm::{calm, rage};
use crate::common::{Bell, expect_ready, poll, queued, ready, with};
use crate::loads::{Load, Word};

/// One path, run with `n` messages.
#[derive(Clone, Copy)]
pub(crate) struct Path {
    pub(crate) name: &'static str,
    /// Whether the crate drops the messages. What is the caller's may not panic in a panic: that is the language's
    /// rule.
    pub(crate) ours: bool,
    /// Whether two may panic, one after the other.
    pub(crate) twice: bool,
    pub(crate) run: fn(usize),
}

impl Path {
    const fn ours(name: &'static str, run: fn(usize)) -> Self {
        Self { name, ours: true, twice: true, run }
    }

    const fn callers(name: &'static str, run: fn(usize)) -> Self {
        Self { name, ours: false, twice: true, run }
    }
}

/// The paths for messages of one type.
pub(crate) trait Paths<T> {
    const PATHS: &'static [Path];
}

/// How many there are.
pub(crate) const PATHS: usize = <() as Paths<Word>>::PATHS.len();

impl<T: Load> Paths<T> for () {
    const PATHS: &'static [Path] = &[
        Path::ours("the last receiver goes", last_receiver::<T>),
        Path::ours("the last receiver goes, half was received", half_received::<T>),
        Path::ours("the last sender goes, then the receiver", sender_first::<T>),
        Path::ours("closed with messages, then dropped", closed_with_messages::<T>),
        Path::ours("the last receiver was upgraded", upgraded_receiver::<T>),
        Path::ours("a claim is dropped, then the receiver", dropped_claim::<T>),
        Path::ours("sends that were never polled", unpolled_sends::<T>),
        Path::ours("cancelled sends", cancelled_sends::<T>),
        Path::ours("cancelled sends that had a slot", granted_sends::<T>),
        Path::ours("cancelled sends, capacity 0", cancelled_offers::<T>),
        Path::ours("outboxes of sinks", outboxes::<T>),
        Path::ours("outboxes of sinks, capacity 0", offered_outboxes::<T>),
        Path::ours("oneshot: the receiver goes", oneshot::receiver_goes::<T>),
        Path::ours("oneshot: the receiver goes, woken", oneshot::woken_receiver_goes::<T>),
        Path::ours("oneshot: the receiver goes, closed", oneshot::closed_receiver_goes::<T>),
        Path::ours("credits: the last receiver goes", credits::last_receiver::<T>),
        Path::ours("credits: cancelled sends", credits::cancelled_sends::<T>),
        Path::ours("ports: the last receiver goes", ports::last_receiver::<T>),
        Path::ours("ports: the sources finish, then the receiver goes", ports::finished_and_dropped::<T>),
        Path::callers("received one by one", received::<T>),
        Path::callers("received as a stream", streamed::<T>),
        // A `Vec` drops what is left after one panic; a second one aborts. It is the standard library's.
        Path { twice: false, ..Path::callers("received into a `Vec`, which is dropped", received_many::<T>) },
        Path::callers("evicted by force", evicted::<T>),
        Path::callers("given back by `cancel`", given_back::<T>),
        Path::callers("given back by the close", closed_sends::<T>),
        Path::callers("taken from parked senders, capacity 0", taken_offers::<T>),
        Path::callers("refused", refused::<T>),
        Path::callers("refused to a permit", refused_permits::<T>),
        Path::callers("refused to a sink", refused_sinks::<T>),
        Path::callers("put back, for a waker panicked", put_back::<T>),
        Path::callers("not put back, for the end was told", not_put_back::<T>),
        Path::callers("oneshot: received", oneshot::received::<T>),
        Path::callers("oneshot: tried", oneshot::tried::<T>),
        Path::callers("oneshot: refused", oneshot::refused::<T>),
        Path::callers("oneshot: the receiver's waker panics", oneshot::waker_panics::<T>),
        Path::callers("credits: leases", credits::leases::<T>),
        Path::callers("credits: refused", credits::refused::<T>),
        Path::callers("credits: weighed by who panics", credits::weighed::<T>),
        Path::callers("ports: received", ports::received::<T>),
        Path::callers("ports: put back, for a waker panicked", ports::put_back::<T>),
        Path::callers("in a mutex", in_a_mutex::<T>),
        Path::callers("in a monitor", in_a_monitor::<T>),
    ];
}

/// The caller drops what is the caller's.
fn drop_it<D>(thing: D) {
    let _ = calm(|| drop(thing));
}

/// Sends where there is room.
fn put<T>(tx: &Sender<T>, message: T) {
    assert!(tx.try_send(message).is_ok(), "there is room");
}

fn filled<T: Load>(n: usize) -> (Sender<T>, Receiver<T>) {
    let (tx, rx) = unbounded();
    (0..n).for_each(|_| put(&tx, T::new()));
    (tx, rx)
}

fn last_receiver<T: Load>(n: usize) {
    let (tx, rx) = filled::<T>(n);
    drop_it(rx);
    assert_eq!((tx.receiver_count(), tx.len(), tx.is_closed()), (0, 0, true));
}

/// The queue ends in the middle of a ring.
fn half_received<T: Load>(n: usize) {
    let (tx, rx) = bounded::<T>(n);
    (0..n).for_each(|_| put(&tx, T::new()));
    (0..n / 2).for_each(|_| put_round(&tx, &rx));
    drop_it(rx);
    assert_eq!(tx.len(), 0);
}

/// What comes out goes in again.
fn put_round<T>(tx: &Sender<T>, rx: &Receiver<T>) {
    put(tx, rx.try_recv().expect("it is not empty"));
}

fn sender_first<T: Load>(n: usize) {
    let (tx, rx) = filled::<T>(n);
    drop(tx);
    drop_it(rx);
}

fn closed_with_messages<T: Load>(n: usize) {
    let (tx, rx) = filled::<T>(n);
    assert!(rx.close());
    drop_it(rx);
    assert_eq!(tx.len(), 0);
}

fn upgraded_receiver<T: Load>(n: usize) {
    let (tx, rx) = filled::<T>(n);
    let weak = rx.downgrade();
    let last = weak.upgrade().expect("there is one");
    drop_it(rx);
    assert_eq!(tx.len(), n);
    drop_it(last);
    assert!(weak.upgrade().is_none() && tx.is_empty());
}

fn dropped_claim<T: Load>(n: usize) {
    let (tx, rx) = unbounded::<T>();
    let receiving = queued(rx.recv(), &Bell::new());
    (0..n).for_each(|_| put(&tx, T::new()));
    drop(receiving);
    assert_eq!(tx.len(), n);
    drop_it(rx);
}

fn unpolled_sends<T: Load>(n: usize) {
    let (tx, rx) = bounded::<T>(1);
    (0..n).for_each(|_| drop_it(Box::pin(tx.send(T::new()))));
    assert_eq!((rx.len(), rx.waiting_senders()), (0, 0));
}

fn cancelled_sends<T: Load>(n: usize) {
    let (tx, rx) = bounded::<T>(1);
    let permit = tx.try_reserve().expect("it is free");
    let sends: Vec<_> = (0..n).map(|_| queued(tx.send(T::new()), &Bell::new())).collect();
    sends.into_iter().for_each(drop_it);
    drop(permit);
    assert_eq!((rx.remaining(), rx.waiting_senders()), (1, 0));
}

/// Each has the slot when it is dropped, and hands it on.
fn granted_sends<T: Load>(n: usize) {
    let (tx, rx) = bounded::<T>(1);
    let permit = tx.try_reserve().expect("it is free");
    let sends: Vec<_> = (0..n).map(|_| queued(tx.send(T::new()), &Bell::new())).collect();
    drop(permit);
    sends.into_iter().for_each(drop_it);
    assert_eq!((rx.remaining(), rx.len()), (1, 0));
}

fn cancelled_offers<T: Load>(n: usize) {
    let (tx, rx) = bounded::<T>(0);
    let sends: Vec<_> = (0..n).map(|_| queued(tx.send(T::new()), &Bell::new())).collect();
    sends.into_iter().for_each(drop_it);
    assert!(rx.try_recv().is_err());
}

/// Sinks with a message in each outbox: every other one waits for it to be flushed.
fn sinks<T: Load>(tx: &Sender<T>, n: usize) -> Vec<Sender<T>> {
    (0..n)
        .map(|i| {
            let mut sink = tx.clone();
            assert!(Pin::new(&mut sink).start_send(T::new()).is_ok(), "the outbox is empty");
            if i % 2 == 0 {
                let flushed = with(&Bell::new(), |cx| Pin::new(&mut sink).poll_flush(cx));
                assert!(flushed.is_pending());
            }
            sink
        })
        .collect()
}

fn outboxes<T: Load>(n: usize) {
    let (tx, rx) = bounded::<T>(1);
    let permit = tx.try_reserve().expect("it is free");
    let sinks = sinks(&tx, n);
    sinks.into_iter().for_each(drop_it);
    drop(permit);
    assert_eq!((rx.sender_count(), rx.remaining()), (1, 1));
}

fn offered_outboxes<T: Load>(n: usize) {
    let (tx, rx) = bounded::<T>(0);
    sinks(&tx, n).into_iter().for_each(drop_it);
    assert!(rx.sender_count() == 1 && rx.try_recv().is_err());
}

fn received<T: Load>(n: usize) {
    let (tx, rx) = filled::<T>(n);
    drop(tx);
    while let Ok(message) = rx.try_recv() {
        drop_it(message);
    }
}

fn streamed<T: Load>(n: usize) {
    let (tx, mut rx) = filled::<T>(n);
    drop(tx);
    while let Some(message) = expect_ready(with(&Bell::new(), |cx| Pin::new(&mut rx).poll_next(cx))) {
        drop_it(message);
    }
}

fn received_many<T: Load>(n: usize) {
    let (_tx, rx) = filled::<T>(n);
    let mut buffer = Vec::new();
    let count = ready(&mut Box::pin(rx.recv_many(&mut buffer, n)), &Bell::new());
    assert_eq!(buffer.len(), count);
    drop_it(buffer);
    drop_it(rx);
}

fn evicted<T: Load>(n: usize) {
    let (tx, rx) = bounded::<T>(1);
    for _ in 0..n {
        let evicted = tx.force_send(T::new());
        drop_it(evicted);
    }
    drop_it(rx);
}

fn given_back<T: Load>(n: usize) {
    let (tx, _rx) = bounded::<T>(1);
    let _permit = tx.try_reserve().expect("it is free");
    let sends: Vec<_> = (0..n).map(|_| queued(tx.send(T::new()), &Bell::new())).collect();
    for mut sending in sends {
        drop_it(sending.as_mut().cancel().expect("it was not sent"));
    }
}

fn closed_sends<T: Load>(n: usize) {
    let (tx, rx) = bounded::<T>(1);
    let _permit = tx.try_reserve().expect("it is free");
    let sends: Vec<_> = (0..n).map(|_| queued(tx.send(T::new()), &Bell::new())).collect();
    rx.close();
    for mut sending in sends {
        drop_it(ready(&mut sending, &Bell::new()).expect_err("it is closed"));
    }
}

fn taken_offers<T: Load>(n: usize) {
    let (tx, rx) = bounded::<T>(0);
    let sends: Vec<_> = (0..n).map(|_| queued(tx.send(T::new()), &Bell::new())).collect();
    for mut sending in sends {
        drop_it(rx.try_recv());
        assert!(ready(&mut sending, &Bell::new()).is_ok());
    }
}

fn refused<T: Load>(n: usize) {
    let (tx, rx) = bounded::<T>(0);
    (0..n / 2).for_each(|_| drop_it(tx.try_send(T::new())));
    rx.close();
    (0..n / 4).for_each(|_| drop_it(tx.try_send(T::new())));
    (0..n / 4).for_each(|_| drop_it(ready(&mut Box::pin(tx.send(T::new())), &Bell::new())));
}

fn refused_permits<T: Load>(n: usize) {
    let (tx, rx) = bounded::<T>(2 * n);
    let permits = tx.try_reserve_many(n).expect("they are free");
    let owned: Vec<_> = (0..n).map(|_| tx.clone().try_reserve_owned().expect("it is free")).collect();
    drop(rx);
    permits.for_each(|permit| drop_it(permit.send(T::new())));
    owned.into_iter().for_each(|permit| drop_it(permit.send(T::new())));
}

fn refused_sinks<T: Load>(n: usize) {
    let (tx, rx) = bounded::<T>(1);
    let permit = tx.try_reserve().expect("it is free");
    let sinks = sinks(&tx, n);
    rx.close();
    for mut sink in sinks {
        let refused = expect_ready(with(&Bell::new(), |cx| Pin::new(&mut sink).poll_flush(cx)));
        drop_it(refused.expect_err("it is closed").into_inner());
    }
    drop(permit);
}

/// A task whose wakers panic.
fn hostile() -> Bell {
    let bell = Bell::new();
    bell.on_wake(rage);
    bell
}

fn put_back<T: Load>(n: usize) {
    let (tx, rx) = bounded::<T>(1);
    put(&tx, T::new());
    for _ in 0..n {
        let bell = hostile();
        let sending = queued(tx.send(T::new()), &bell);
        // The message is the oldest again, so that the sender's slot is not free after all.
        assert!(calm(|| rx.try_recv()).raged());
        drop_it(sending);
        assert_eq!(rx.len(), 1);
    }
    drop_it(rx);
}

fn not_put_back<T: Load>(n: usize) {
    for _ in 0..n {
        let (tx, rx) = bounded::<T>(1);
        let (mut first, bell) = (queued(rx.recv(), &Bell::new()), hostile());
        let second = queued(rx.recv(), &bell);
        put(&tx, T::new());
        tx.close_mailbox();
        // It takes the last message, and whoever else waits is told of the end.
        assert!(calm(|| poll(&mut first, &Bell::new())).raged());
        drop((first, second));
        assert_eq!((bell.wakes(), rx.len()), (1, 0));
    }
}

fn in_a_mutex<T: Load>(n: usize) {
    for i in 0..n {
        let mutex = Mutex::new((T::new(), 0));
        let guard = mutex.try_lock().expect("it is free");
        let mut mapped = MutexGuard::map(guard, |data| &mut data.0);
        let _ = calm(|| *mapped = T::new());
        drop(mapped);
        assert!(!mutex.is_locked());
        if i % 2 == 0 { drop_it(mutex) } else { drop_it(mutex.into_inner()) }
    }
}

conditions! {
    /// Nobody waits for it.
    enum Cond { Never }
}

fn in_a_monitor<T: Load>(n: usize) {
    for i in 0..n {
        let monitor = Monitor::<T, Cond>::new(T::new());
        let mut guard: MonitorGuard<'_, T, Cond> = monitor.try_enter().expect("nobody is inside");
        let _ = calm(|| *guard = T::new());
        drop(guard.wait(Cond::Never));
        assert!(!monitor.is_occupied());
        if i % 2 == 0 { drop_it(monitor) } else { drop_it(monitor.into_inner()) }
    }
}
