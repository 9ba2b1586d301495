//! Waiting for credits and for leases: futures, and sinks whose messages wait in their outboxes.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::Sink;
use sempost::mailbox::credits::{CreditReceiver, CreditSender};
use sempost::mailbox::{self, SendUntilError, SinkError, TryRecvError};

use super::Operation;
use super::mailbox::answer;
use super::until::Deadlines;
use crate::common::{Bell, poll};
use crate::loan::{Loan, lend};
use crate::scene::{End, Ledger, Scene, awaiting, polling, thrice};

type Ends = (CreditSender<u32>, CreditReceiver<u32>);

/// A mailbox whose credits are all held, by messages of one credit.
fn spent(limit: usize, ledger: &Ledger) -> Ends {
    let (tx, rx) = mailbox::credits(limit, |_| 1);
    (0..limit).for_each(|_| put(&tx, ledger));
    (tx, rx)
}

/// Sends a message, if that needs no waiting. When a receiver's waker panics it was sent.
fn put(tx: &CreditSender<u32>, ledger: &Ledger) {
    let number = ledger.number();
    ledger.accept(number);
    if tx.try_send(number).is_err() {
        ledger.refuse(number);
    }
}

/// Receives a message, if there is one, and gives its credit back. That may wake a guest, after it was received.
fn take(rx: &CreditReceiver<u32>, ledger: &Ledger) {
    if let Ok(lease) = rx.try_recv() {
        ledger.receive(*lease);
    }
}

fn touch(tx: &CreditSender<u32>, rx: &CreditReceiver<u32>) {
    drop(tx.try_reserve(1));
    drop(tx.try_reserve(usize::MAX));
    let counts = (tx.len(), tx.leased(), tx.granted_credits(), rx.sender_count(), tx.is_closed());
    assert!(!format!("{tx:?} {rx:?} {counts:?}").is_empty());
    let (tx, rx) = (tx.clone(), rx.clone());
    drop(poll(&mut Box::pin(tx.reserve(1)), &Bell::new()));
    assert!(rx.try_recv_many(&mut Vec::new(), 0).is_ok() || rx.is_closed());
}

/// Nobody waits, the books balance once the rest is received, and all credits are there.
fn audit((tx, rx): &Ends, ledger: &Ledger) {
    assert_eq!((tx.waiting_senders(), tx.waiting_receivers()), (0, 0));
    while let Ok(lease) = rx.try_recv() {
        ledger.receive(*lease);
    }
    ledger.balance();
    let end = if tx.is_closed() { TryRecvError::Closed } else { TryRecvError::Empty };
    assert_eq!((rx.len(), rx.try_recv().unwrap_err()), (0, end));
    assert_eq!((tx.available_credits(), tx.granted_credits()), (tx.limit(), 0), "credits are lost");
}

/// A scene on both ends, with what all scenes of credits have.
fn scene(ends: Ends, ledger: &Ledger, set: impl FnOnce(&'static Ends) -> Scene) -> Scene {
    let (ends, loan): (&'static Ends, Loan<Ends>) = lend(ends);
    let ledger = ledger.clone();
    let scene = set(ends).close(|| assert!(ends.1.close())).touch(|| touch(&ends.0, &ends.1));
    scene.audit(move || audit(ends, &ledger)).lent(loan)
}

/// Senders, each with a message; `n` of these credits serve one of them.
fn senders(make: fn(&'static Ends, u32, Ledger) -> Box<dyn crate::scene::Guest>) -> Scene {
    let books = Ledger::default();
    scene(spent(3, &books), &books.clone(), |ends| {
        let [sent, one, three] = [0; 3].map(|_| books.clone());
        Scene::new(move || make(ends, sent.number(), sent.clone()), move || take(&ends.1, &one))
            .batch(move || thrice(|| take(&ends.1, &three)))
    })
}

/// Each wants all credits.
fn heavy() -> Scene {
    let books = Ledger::default();
    let ends = mailbox::credits(3, |_: &u32| usize::MAX);
    put(&ends.0, &books);
    scene(ends, &books.clone(), |ends| {
        let [sent, one] = [0; 2].map(|_| books.clone());
        let make = move || {
            let (number, ledger) = (sent.number(), sent.clone());
            awaiting(ends.0.send(number), move |sent| answer(&ledger, number, sent))
        };
        // Each takes what the one before has sent.
        Scene::new(make, move || take(&ends.1, &one)).in_turn()
    })
}

fn late() -> Scene {
    let (books, deadlines) = (Ledger::default(), Deadlines::default());
    let come = deadlines.clone().come();
    let scene = scene(spent(3, &books), &books.clone(), |ends| {
        let [sent, one, three] = [0; 3].map(|_| books.clone());
        let make = move || {
            let (number, ledger) = (sent.number(), sent.clone());
            awaiting(ends.0.send(number).until(deadlines.fresh()), move |sent| match sent {
                Ok(()) => {
                    ledger.accept(number);
                    End::served()
                }
                Err(SendUntilError::Elapsed(message)) => {
                    ledger.give_back(message);
                    End::late()
                }
                Err(SendUntilError::Closed(message)) => {
                    ledger.give_back(message);
                    End::Closed
                }
            })
        };
        Scene::new(make, move || take(&ends.1, &one)).batch(move || thrice(|| take(&ends.1, &three)))
    });
    scene.late(come)
}

fn recv() -> Scene {
    let books = Ledger::default();
    scene(mailbox::credits(4, |_| 1), &books.clone(), |ends| {
        let [news, one, three] = [0; 3].map(|_| books.clone());
        let make = move || {
            let ledger = news.clone();
            awaiting(ends.1.clone().recv_owned(), move |(lease, _receiver)| {
                lease.map_or(End::Closed, |lease| {
                    ledger.receive(*lease);
                    End::Served(Box::new(lease))
                })
            })
        };
        Scene::new(make, move || put(&ends.0, &one)).batch(move || thrice(|| put(&ends.0, &three)))
    })
}

type Flush = fn(Pin<&mut CreditSender<u32>>, &mut Context<'_>) -> Poll<Result<(), SinkError<u32>>>;

/// Sinks, each with a message in its outbox, unless the mailbox is closed.
fn sinks(flush: Flush) -> Scene {
    let books = Ledger::default();
    let ends = Arc::new(spent(3, &books));
    let [taken, batch, close, again, last] = [0; 5].map(|_| Arc::clone(&ends));
    let [sent, one, three] = [0; 3].map(|_| books.clone());
    let make = move || {
        let (number, ledger, mut sink) = (sent.number(), sent.clone(), ends.0.clone());
        let begun = Pin::new(&mut sink).start_send(number).is_ok();
        polling(sink, move |sink, cx| {
            if !begun {
                return Poll::Ready(End::Closed);
            }
            flush(Pin::new(sink), cx).map(|flushed| match flushed {
                Ok(()) => {
                    ledger.accept(number);
                    End::served()
                }
                Err(error) => {
                    error.into_inner().into_iter().for_each(|message| ledger.give_back(message));
                    End::Closed
                }
            })
        })
    };
    Scene::new(make, move || take(&taken.1, &one))
        .batch(move || thrice(|| take(&batch.1, &three)))
        .close(move || assert!(close.1.close()))
        .touch(move || touch(&again.0, &again.1))
        .audit(move || audit(&last, &books))
        .once()
}

pub(super) const ALL: &[Operation] = &[
    ("CreditSender::send", || {
        senders(|(tx, _), number, books| awaiting(tx.send(number), move |sent| answer(&books, number, sent)))
    }),
    ("CreditSender::send_owned", || {
        senders(|(tx, _), number, books| {
            awaiting(tx.clone().send_owned(number), move |(sent, _sender)| answer(&books, number, sent))
        })
    }),
    ("CreditSender::send, all credits", heavy),
    ("CreditSender::send_until", late),
    ("CreditSender::reserve", || {
        senders(|(tx, _), _, _| {
            awaiting(tx.reserve(1), |permit| permit.map_or(End::Closed, |permit| End::Served(Box::new(permit))))
        })
    }),
    ("CreditSender::reserve_owned", || {
        senders(|(tx, _), _, _| {
            awaiting(tx.clone().reserve_owned(1), |permit| {
                permit.map_or(End::Closed, |permit| End::Served(Box::new(permit)))
            })
        })
    }),
    ("CreditReceiver::recv_owned", recv),
    ("CreditSender::poll_flush", || sinks(Sink::poll_flush)),
    ("CreditSender::poll_ready", || sinks(Sink::poll_ready)),
    ("CreditSender::poll_close", || sinks(Sink::poll_close)),
];
