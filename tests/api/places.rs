//! A broken contract is reported where it was broken: the panic names the line of the caller, not one of this crate.

use crate::common::Bell;
use futures::sink::Sink;
use sempost::mailbox::ports::Order;
use sempost::{Fairness, PollSemaphore, RwLock, Semaphore, mailbox};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, set_hook, take_hook};
use std::pin::Pin;
use std::sync::{Arc, Once};

type Place = (String, u32);

thread_local! {
    /// Whether this thread is about to panic on purpose.
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    /// Where it did.
    static PLACE: Cell<Option<Place>> = const { Cell::new(None) };
}

/// The panics of all other threads go on to whoever wants to hear of them.
fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let loud = take_hook();
        set_hook(Box::new(move |info| {
            if WATCHED.get() {
                PLACE.set(info.location().map(|place| (place.file().to_owned(), place.line())));
            } else {
                loud(info);
            }
        }));
    });
}

/// What is wrong with the place that the panic of `call` names, which has to stand on the line of this row.
#[track_caller]
fn row<R>(name: &str, call: impl FnOnce() -> R) -> Option<String> {
    watch();
    let here = Location::caller();
    WATCHED.set(true);
    let caught = catch_unwind(AssertUnwindSafe(call));
    WATCHED.set(false);
    let place = PLACE.take();
    if caught.is_ok() {
        return Some(format!("{name}: does not panic"));
    }
    let expected = (here.file().to_owned(), here.line());
    (place.as_ref() != Some(&expected)).then(|| format!("{name}: {place:?} instead of {expected:?}"))
}

/// `tests/tidy.rs` sees to it that no function is forgotten.
#[test]
fn every_argument_panic_names_the_line_of_the_caller() {
    const MANY: usize = usize::MAX;
    let (one, few) = (Arc::new(Semaphore::new(1)), Arc::new(Semaphore::with_limit(0, 2)));
    let mut polled = PollSemaphore::new(Arc::clone(&one));
    let (tx, _rx) = mailbox::bounded::<u8>(1);
    let (mut rendezvous, _meets) = mailbox::bounded(0);
    assert_eq!(Pin::new(&mut rendezvous).start_send(1), Ok(()), "into the outbox");
    let (mut spent, _rx) = mailbox::credits(1, |_| 1);
    spent.try_send(0).unwrap();
    assert_eq!(Pin::new(&mut spent).start_send(1), Ok(()), "into the outbox");
    let (ports, _receiver) = mailbox::ports::<u8, u8>(Order::fair());
    let bell = Bell::new();
    let wrong = [
        row("Semaphore::new", || Semaphore::new(MANY)),
        row("Semaphore::with_fairness", || Semaphore::with_fairness(MANY, Fairness::Fifo)),
        row("Semaphore::with_limit", || Semaphore::with_limit(0, 0)),
        row("Semaphore::with_limit", || Semaphore::with_limit(2, 1)),
        row("Semaphore::with_limit", || Semaphore::with_limit(0, MANY)),
        row("Semaphore::acquire_many", || few.acquire_many(3)),
        row("Semaphore::acquire_many_owned", || few.acquire_many_owned(3)),
        row("Semaphore::try_acquire_many", || few.try_acquire_many(3)),
        row("Semaphore::try_acquire_many_owned", || few.try_acquire_many_owned(3)),
        row("Semaphore::acquire_many", || one.acquire_many(MANY)),
        row("Semaphore::acquire_many_owned", || one.acquire_many_owned(MANY)),
        row("Semaphore::try_acquire_many", || one.try_acquire_many(MANY)),
        row("Semaphore::try_acquire_many_owned", || one.try_acquire_many_owned(MANY)),
        row("Semaphore::add_permits", || one.add_permits(MANY)),
        row("Semaphore::reduce_permits", || one.reduce_permits(MANY)),
        row("PollSemaphore::poll_acquire_many", || polled.poll_acquire_many(&mut bell.context(), MANY)),
        row("RwLock::with_max_readers", || RwLock::with_max_readers((), 0)),
        row("RwLock::with_max_readers", || RwLock::with_max_readers((), MANY)),
        row("mailbox::bounded", || mailbox::bounded::<u8>(MANY)),
        row("mailbox::bounded_with", || mailbox::bounded_with::<u8>(MANY, Fairness::Unfair)),
        row("mailbox::credits", || mailbox::credits::<u8>(0, |_| 1)),
        row("mailbox::credits", || mailbox::credits::<u8>(MANY, |_| 1)),
        row("Ports::open", || ports.open(1, 0)),
        row("Ports::open", || ports.open(1, MANY)),
        row("Sender::reserve_many", || tx.reserve_many(2)),
        row("Sender::try_reserve_many", || tx.try_reserve_many(2)),
        row("CreditSender::start_send", || Pin::new(&mut spent).start_send(2)),
        row("Sender::start_send", || Pin::new(&mut rendezvous).start_send(2)),
    ];
    let wrong: Vec<_> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "not the caller's line:\n  {}", wrong.join("\n  "));
}
