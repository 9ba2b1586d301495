//! Waiting to send, to reserve and to receive, in futures.

use std::pin::Pin;
use std::sync::{Arc, Mutex as Hand, MutexGuard, PoisonError};

use sempost::mailbox::{self, Receiver, SendError, SendPermits, Sender, TryRecvError};

use super::Operation;
use crate::common::{Bell, poll};
use crate::loan::{Loan, lend};
use crate::scene::{End, Guest, Ledger, Scene, awaiting, polling, thrice};

pub(super) type Ends = (Sender<u32>, Receiver<u32>);

/// A mailbox whose slots are all taken.
pub(super) fn full(capacity: usize, ledger: &Ledger) -> Ends {
    let (tx, rx) = mailbox::bounded(capacity);
    (0..capacity).for_each(|_| put(&tx, ledger));
    (tx, rx)
}

/// Sends a message, if that needs no waiting. When a receiver's waker panics it was sent.
pub(super) fn put(tx: &Sender<u32>, ledger: &Ledger) {
    let number = ledger.number();
    ledger.accept(number);
    if tx.try_send(number).is_err() {
        ledger.refuse(number);
    }
}

/// Receives a message, if there is one.
pub(super) fn take(rx: &Receiver<u32>, ledger: &Ledger) {
    if let Ok(message) = rx.try_recv() {
        ledger.receive(message);
    }
}

/// A buffer. What is in it was received, also if what filled it panicked.
pub(super) struct Buffer<'a>(pub(super) Vec<u32>, pub(super) &'a Ledger);

impl Drop for Buffer<'_> {
    fn drop(&mut self) {
        self.0.drain(..).for_each(|message| self.1.receive(message));
    }
}

/// Receives up to `most` messages at once.
pub(super) fn take_many(rx: &Receiver<u32>, most: usize, ledger: &Ledger) {
    let _ = rx.try_recv_many(&mut Buffer(Vec::new(), ledger).0, most);
}

/// Comes back without taking or leaving a message.
pub(super) fn touch(tx: &Sender<u32>, rx: &Receiver<u32>) {
    drop(tx.try_reserve());
    let counts = (tx.len(), rx.remaining(), tx.is_full(), rx.sender_count(), tx.is_closed());
    assert!(!format!("{tx:?} {rx:?} {counts:?}").is_empty());
    let (tx, rx) = (tx.clone(), rx.clone());
    drop(poll(&mut Box::pin(tx.reserve()), &Bell::new()));
    assert!(rx.try_recv_many(&mut Vec::new(), 0).is_ok() || rx.is_closed());
}

/// Nobody waits, the books balance once the rest is received, and all slots are free.
pub(super) fn audit(tx: &Sender<u32>, rx: &Receiver<u32>, ledger: &Ledger) {
    assert_eq!((tx.waiting_senders(), tx.waiting_receivers()), (0, 0));
    while let Ok(message) = rx.try_recv() {
        ledger.receive(message);
    }
    ledger.balance();
    let end = if tx.is_closed() { TryRecvError::Closed } else { TryRecvError::Empty };
    assert_eq!((rx.len(), rx.try_recv()), (0, Err(end)));
    if let Some(capacity) = tx.capacity() {
        assert_eq!(tx.remaining(), capacity, "slots are lost");
        let whole = tx.try_reserve_many(capacity);
        assert!(tx.is_closed() || whole.is_ok(), "slots are lost");
    }
}

/// A scene on both ends, with what all scenes of the mailbox have.
pub(super) fn scene(
    ends: Ends,
    ledger: &Ledger,
    set: impl FnOnce(&'static Sender<u32>, &'static Receiver<u32>) -> Scene,
) -> Scene {
    let (ends, loan): (&'static Ends, Loan<Ends>) = lend(ends);
    let (tx, rx) = (&ends.0, &ends.1);
    let ledger = ledger.clone();
    let scene = set(tx, rx).close(move || assert!(rx.close())).touch(move || touch(tx, rx));
    scene.audit(move || audit(tx, rx, &ledger)).lent(loan)
}

/// What a sender says.
pub(super) fn answer(ledger: &Ledger, number: u32, sent: Result<(), SendError<u32>>) -> End {
    match sent {
        Ok(()) => {
            ledger.accept(number);
            End::served()
        }
        Err(SendError(message)) => {
            ledger.give_back(message);
            End::Closed
        }
    }
}

fn send(capacity: usize) -> Scene {
    let books = Ledger::default();
    scene(full(capacity, &books), &books.clone(), |tx, rx| {
        let [sent, one, batch] = [0; 3].map(|_| books.clone());
        let make = move || {
            let (number, ledger) = (sent.number(), sent.clone());
            awaiting(tx.send(number), move |sent| answer(&ledger, number, sent))
        };
        Scene::new(make, move || take(rx, &one)).batch(move || take_many(rx, 3, &batch)).of_senders(capacity)
    })
}

fn reserve() -> Scene {
    let books = Ledger::default();
    scene(full(3, &books), &books.clone(), |tx, rx| {
        let (one, batch) = (books.clone(), books);
        let make = move || awaiting(tx.reserve(), |permit| permit.map_or(End::Closed, |p| End::Served(Box::new(p))));
        Scene::new(make, move || take(rx, &one)).batch(move || take_many(rx, 3, &batch))
    })
}

fn reserve_owned() -> Scene {
    let books = Ledger::default();
    scene(full(3, &books), &books.clone(), |tx, rx| {
        let (one, batch) = (books.clone(), books);
        let end =
            |permit: Result<_, mailbox::Closed>| permit.map_or(End::Closed, |permit| End::Served(Box::new(permit)));
        let make = move || awaiting(tx.clone().reserve_owned(), end);
        Scene::new(make, move || take(rx, &one)).batch(move || take_many(rx, 3, &batch))
    })
}

/// Each reserves two slots and sends into one of them; the other lapses.
fn reserve_many() -> Scene {
    let books = Ledger::default();
    scene(full(6, &books), &books.clone(), |tx, rx| {
        let (one, batch) = (books.clone(), books.clone());
        let make = move || {
            let ledger = books.clone();
            awaiting(tx.reserve_many(2), move |permits: Result<SendPermits<'static, u32>, _>| {
                permits.map_or(End::Closed, |mut permits| {
                    let number = ledger.number();
                    permits.next().expect("two").send(number).expect("somebody receives");
                    ledger.accept(number);
                    End::Served(Box::new(permits))
                })
            })
        };
        let two = move || (0..2).for_each(|_| take(rx, &one));
        Scene::new(make, two).batch(move || take_many(rx, 6, &batch))
    })
}

/// Futures of the other side, which wait until the audit.
struct Others<F>(Arc<Hand<Vec<Pin<Box<F>>>>>);

impl<F> Clone for Others<F> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<F: Future> Others<F> {
    fn new() -> Self {
        Self(Arc::default())
    }

    fn open(&self) -> MutexGuard<'_, Vec<Pin<Box<F>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more comes. It is there also if its coming wakes somebody whose waker panics.
    fn come(&self, future: F) {
        let mut futures = self.open();
        futures.push(Box::pin(future));
        let newest = futures.last_mut().expect("pushed a line ago");
        drop(poll(newest, &Bell::new()));
    }

    fn leave(&self) -> Vec<Pin<Box<F>>> {
        std::mem::take(&mut self.open())
    }
}

/// At capacity 0 a reservation waits for a receiver, who is set aside.
fn reserve_receivers() -> Scene {
    let books = Ledger::default();
    let receivers = Others::new();
    let here = receivers.clone();
    let scene = scene(mailbox::bounded(0), &books.clone(), move |tx, rx| {
        let make = move || awaiting(tx.reserve(), |permit| permit.map_or(End::Closed, |p| End::Served(Box::new(p))));
        let (one, three) = (here.clone(), here);
        Scene::new(make, move || one.come(rx.recv())).batch(move || thrice(|| three.come(rx.recv())))
    });
    scene.before_audit(move || drop(receivers.leave()))
}

/// What a receiver says.
pub(super) fn news(ledger: &Ledger, message: Option<u32>) -> End {
    message.map_or(End::Closed, |message| {
        ledger.receive(message);
        End::served()
    })
}

fn recv(ends: Ends) -> Scene {
    let books = Ledger::default();
    scene(ends, &books.clone(), |tx, rx| {
        let (one, three) = (books.clone(), books.clone());
        let make = move || {
            let ledger = books.clone();
            awaiting(rx.recv(), move |message| news(&ledger, message))
        };
        let scene = Scene::new(make, move || put(tx, &one)).batch(move || thrice(|| put(tx, &three)));
        scene.meets(tx.capacity().unwrap_or(usize::MAX))
    })
}

/// At capacity 0 senders hold their messages out until they are taken.
fn recv_offers() -> Scene {
    let books = Ledger::default();
    let senders = Others::new();
    let (here, ledger) = (senders.clone(), books.clone());
    let scene = scene(mailbox::bounded(0), &books.clone(), move |tx, rx| {
        let (one, three) = (here.clone(), here);
        let (first, more) = (ledger.clone(), ledger.clone());
        let make = move || {
            let ledger = ledger.clone();
            awaiting(rx.recv(), move |message| news(&ledger, message))
        };
        let scene = Scene::new(make, move || one.come(tx.send(first.number())));
        scene.batch(move || thrice(|| three.come(tx.send(more.number()))))
    });
    scene.before_audit(move || {
        for mut sending in senders.leave() {
            // What nobody took comes back; what was taken has arrived, or the books will tell.
            if let Some(message) = sending.as_mut().cancel() {
                books.give_back(message);
            }
        }
    })
}

/// A buffer that a future borrows, and that outlives it: what is in it then was received.
struct Lent(Option<Loan<Vec<u32>>>, Ledger);

impl Drop for Lent {
    fn drop(&mut self) {
        let messages = self.0.take().map_or_else(Vec::new, Loan::take);
        messages.into_iter().for_each(|message| self.1.receive(message));
    }
}

fn recv_many() -> Scene {
    let books = Ledger::default();
    scene(mailbox::bounded(4), &books.clone(), |tx, rx| {
        let (one, three) = (books.clone(), books.clone());
        let make = move || {
            let (buffer, loan) = Loan::exclusive(Vec::new());
            let lent = Lent(Some(loan), books.clone());
            awaiting(rx.recv_many(buffer, 1), move |count| {
                let _ = &lent;
                if count == 0 { End::Closed } else { End::served() }
            })
        };
        Scene::new(make, move || put(tx, &one)).batch(move || thrice(|| put(tx, &three)))
    })
}

/// Waiters for the close, by a future or by a handle of their own.
fn closing(waiter: fn(&'static Ends) -> Box<dyn Guest>) -> Scene {
    let (ends, loan): (&'static Ends, Loan<Ends>) = lend(mailbox::bounded(1));
    let (tx, rx) = (&ends.0, &ends.1);
    let one = move || {
        rx.close();
    };
    let scene = Scene::new(move || waiter(ends), one).batch(move || assert!(rx.close()));
    scene.never_closes("the close is what it waits for").touch(move || touch(tx, rx)).lent(loan)
}

fn drained() -> Scene {
    let (ends, loan): (&'static Ends, Loan<Ends>) = lend(full(1, &Ledger::default()));
    let (tx, rx) = (&ends.0, &ends.1);
    tx.close_mailbox();
    let one = move || _ = rx.try_recv();
    let scene = Scene::new(move || awaiting(rx.drained(), |()| End::served()), one).batch(one);
    scene.never_closes("it is closed already").touch(move || touch(tx, rx)).lent(loan)
}

pub(super) const ALL: &[Operation] = &[
    ("Sender::send", || send(3)),
    ("Sender::send, capacity 0", || send(0)),
    ("Sender::reserve", reserve),
    ("Sender::reserve_many", reserve_many),
    ("Sender::reserve_owned", reserve_owned),
    ("Sender::reserve, capacity 0", reserve_receivers),
    ("Receiver::recv", || recv(mailbox::bounded(4))),
    ("Receiver::recv, unbounded", || recv(mailbox::unbounded())),
    ("Receiver::recv, capacity 0, try_send", || recv(mailbox::bounded(0))),
    ("Receiver::recv, capacity 0, send", recv_offers),
    ("Receiver::recv_many", recv_many),
    ("Sender::closed", || closing(|(tx, _)| awaiting(tx.closed(), |()| End::served()))),
    ("Sender::poll_closed", || {
        closing(|(tx, _)| polling(tx.clone(), |tx, cx| tx.poll_closed(cx).map(|()| End::served())))
    }),
    ("Receiver::poll_closed", || {
        closing(|(_, rx)| polling(rx.clone(), |rx, cx| rx.poll_closed(cx).map(|()| End::served())))
    }),
    ("Receiver::drained", drained),
];
