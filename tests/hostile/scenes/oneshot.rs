//! Waiting for one value, and for the end of its receiver. Each waiter has a channel of its own; the other ends are
//! here.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex as Hand, MutexGuard, PoisonError};

use sempost::oneshot::{self, Receiver, Sender, TryRecvError};

use super::Operation;
use crate::calm::{calm, rage};
use crate::common::{Bell, poll};
use crate::loan::Loan;
use crate::scene::{End, Guest, Scene, awaiting, polling, thrice};

/// A value, counted as long as it lives.
struct Letter(Arc<AtomicUsize>);

impl Letter {
    fn new(alive: &Arc<AtomicUsize>) -> Self {
        alive.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(alive))
    }
}

impl Drop for Letter {
    fn drop(&mut self) {
        assert!(self.0.fetch_sub(1, Ordering::Relaxed) > 0, "a value is dropped twice");
    }
}

/// The other ends of those who wait, in the order in which these came, and what comes before anybody does.
struct Desk<X> {
    ends: Hand<VecDeque<X>>,
    stock: AtomicUsize,
}

impl<X> Desk<X> {
    fn new() -> Arc<Self> {
        Arc::new(Self { ends: Hand::default(), stock: AtomicUsize::new(0) })
    }

    fn open(&self) -> MutexGuard<'_, VecDeque<X>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody new waits for the other end. It is served at once if there is something left.
    fn seat(&self, end: X, serve: impl FnOnce(X)) {
        let left = self.stock.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |stock| stock.checked_sub(1));
        if left.is_ok() { serve(end) } else { self.open().push_back(end) }
    }

    /// Serves the first who still waits; what nobody waits for is kept.
    fn one(&self, waits: impl Fn(&mut X) -> bool, serve: impl FnOnce(X)) {
        let next = || self.open().pop_front();
        match std::iter::from_fn(next).find_map(|mut end| waits(&mut end).then_some(end)) {
            Some(end) => serve(end),
            None => _ = self.stock.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// Drops all ends, one by one: what a waker does in one of them is nothing to the others.
    fn leave(&self) {
        let ends = std::mem::take(&mut *self.open());
        let raged = ends.into_iter().map(|end| calm(|| drop(end)).raged()).filter(|raged| *raged).count();
        if raged > 0 {
            rage();
        }
    }
}

impl<X: Debug> Desk<X> {
    /// Comes back to all ends.
    fn touch(&self, look: impl Fn(&mut X)) {
        for end in self.open().iter_mut() {
            assert!(!format!("{end:?}").is_empty());
            look(end);
        }
    }
}

/// Asks whether the receiver is there, and waits a moment for its end.
fn watch(sender: &mut Sender<Letter>) {
    let closed = sender.is_closed();
    assert_eq!(poll(&mut Box::pin(sender.closed()), &Bell::new()).is_ready(), closed);
}

fn send(sender: Sender<Letter>, alive: &Arc<AtomicUsize>) {
    drop(sender.send(Letter::new(alive)));
}

fn receive() -> Scene {
    let alive = Arc::new(AtomicUsize::new(0));
    let desk = Desk::<Sender<Letter>>::new();
    let [one, three, all, back] = [0; 4].map(|_| Arc::clone(&desk));
    let ([first, more], count) = ([0; 2].map(|_| Arc::clone(&alive)), Arc::clone(&alive));
    let make = move || {
        let (sender, receiver) = oneshot::channel();
        desk.seat(sender, |sender| send(sender, &alive));
        awaiting(receiver, |answer| answer.map_or(End::Closed, |letter| End::Served(Box::new(letter))))
    };
    let waits = |sender: &mut Sender<Letter>| !sender.is_closed();
    Scene::new(make, move || one.one(waits, |sender| send(sender, &first)))
        .once()
        .batch(move || thrice(|| three.one(waits, |sender| send(sender, &more))))
        .close(move || all.leave())
        .touch(move || back.touch(watch))
        .audit(move || assert_eq!(count.load(Ordering::Relaxed), 0, "values are kept"))
}

fn still_watched(receiver: &mut Receiver<()>) -> bool {
    receiver.try_recv() == Err(TryRecvError::Empty)
}

/// Senders; `make` makes one that waits for the end of its receiver, and `end` is that end.
fn senders(make: fn(Sender<()>) -> Box<dyn Guest>, end: fn(Receiver<()>)) -> Scene {
    let desk = Desk::<Receiver<()>>::new();
    let [one, three, back] = [0; 3].map(|_| Arc::clone(&desk));
    let make = move || {
        let (sender, receiver) = oneshot::channel();
        desk.seat(receiver, end);
        make(sender)
    };
    Scene::new(make, move || one.one(still_watched, end))
        .once()
        .batch(move || thrice(|| three.one(still_watched, end)))
        .never_closes("the close is what it waits for")
        .touch(move || back.touch(|receiver| _ = receiver.try_recv()))
}

fn watching(sender: Sender<()>) -> Box<dyn Guest> {
    let (sender, loan) = Loan::exclusive(sender);
    awaiting(sender.closed(), move |()| {
        let _ = &loan;
        End::served()
    })
}

fn poll_closed(sender: Sender<()>) -> Box<dyn Guest> {
    polling(sender, |sender, cx| sender.poll_closed(cx).map(|()| End::served()))
}

fn close(mut receiver: Receiver<()>) {
    receiver.close();
}

pub(super) const ALL: &[Operation] = &[
    ("oneshot::Receiver", receive),
    ("oneshot::Sender::closed, dropped", || senders(watching, drop)),
    ("oneshot::Sender::closed, closed", || senders(watching, close)),
    ("oneshot::Sender::poll_closed, dropped", || senders(poll_closed, drop)),
    ("oneshot::Sender::poll_closed, closed", || senders(poll_closed, close)),
];
