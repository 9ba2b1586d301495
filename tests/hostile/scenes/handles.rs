//! Handles that are polled: `Stream`, `Sink`, and the `poll_` methods.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures::{Sink, Stream};
use sempost::mailbox::{self, Receiver, Sender, SinkError};

use super::Operation;
use super::mailbox::{Buffer, Ends, audit, full, news, put, take, take_many, touch};
use crate::scene::{End, Ledger, Scene, polling, thrice};

/// A scene on handles, with what all of them have. `make` makes a waiter of the scene's own handles.
fn scene(ends: Ends, ledger: &Ledger, set: impl FnOnce(Arc<Ends>) -> Scene) -> Scene {
    let ends = Arc::new(ends);
    let [close, again, last] = [0; 3].map(|_| Arc::clone(&ends));
    let ledger = ledger.clone();
    let scene = set(ends).close(move || assert!(close.1.close())).touch(move || touch(&again.0, &again.1));
    scene.audit(move || audit(&last.0, &last.1, &ledger))
}

/// Receivers; `poll` polls one of them.
fn receivers(ends: Ends, poll: fn(&mut Receiver<u32>, &Ledger, &mut Context<'_>) -> Poll<End>) -> Scene {
    let books = Ledger::default();
    scene(ends, &books.clone(), |ends| {
        let (one, three) = ((Arc::clone(&ends), books.clone()), (Arc::clone(&ends), books.clone()));
        let make = move || {
            let ledger = books.clone();
            polling(ends.1.clone(), move |rx, cx| poll(rx, &ledger, cx))
        };
        let scene = Scene::new(make, move || put(&one.0.0, &one.1));
        scene.batch(move || thrice(|| put(&three.0.0, &three.1)))
    })
}

fn poll_recv(rx: &mut Receiver<u32>, ledger: &Ledger, cx: &mut Context<'_>) -> Poll<End> {
    rx.poll_recv(cx).map(|message| news(ledger, message))
}

fn poll_next(rx: &mut Receiver<u32>, ledger: &Ledger, cx: &mut Context<'_>) -> Poll<End> {
    Pin::new(rx).poll_next(cx).map(|message| news(ledger, message))
}

fn poll_recv_many(rx: &mut Receiver<u32>, ledger: &Ledger, cx: &mut Context<'_>) -> Poll<End> {
    let mut buffer = Buffer(Vec::new(), ledger);
    let count = ready!(rx.poll_recv_many(cx, &mut buffer.0, 1));
    assert_eq!(buffer.0.len(), count);
    Poll::Ready(if count == 0 { End::Closed } else { End::served() })
}

/// Senders; `begin` is what a fresh handle does with its message before it is polled by `poll`, if that is of any use.
fn senders(
    capacity: usize,
    begin: fn(&mut Sender<u32>, u32) -> bool,
    poll: fn(&mut Sender<u32>, u32, &Ledger, &mut Context<'_>) -> Poll<End>,
) -> Scene {
    let books = Ledger::default();
    scene(full(capacity, &books), &books.clone(), |ends| {
        let (one, three) = ((Arc::clone(&ends), books.clone()), (Arc::clone(&ends), books.clone()));
        let make = move || {
            let (number, ledger) = (books.number(), books.clone());
            let mut handle = ends.0.clone();
            let begun = begin(&mut handle, number);
            polling(handle, move |tx, cx| if begun { poll(tx, number, &ledger, cx) } else { Poll::Ready(End::Closed) })
        };
        let scene = Scene::new(make, move || take(&one.0.1, &one.1));
        scene.batch(move || take_many(&three.0.1, 3, &three.1)).of_senders(capacity)
    })
}

/// Nothing comes before the poll.
fn nothing(_: &mut Sender<u32>, _: u32) -> bool {
    true
}

/// The message waits in the outbox, unless the mailbox is closed.
fn start(tx: &mut Sender<u32>, number: u32) -> bool {
    Pin::new(tx).start_send(number).is_ok()
}

fn poll_reserve(tx: &mut Sender<u32>, number: u32, ledger: &Ledger, cx: &mut Context<'_>) -> Poll<End> {
    tx.poll_reserve(cx).map(|permit| match permit {
        Ok(permit) => {
            ledger.accept(number);
            permit.send(number).expect("somebody receives");
            End::served()
        }
        Err(_) => End::Closed,
    })
}

/// What a sink says of its message.
fn answer(ledger: &Ledger, number: u32, sent: Result<(), SinkError<u32>>) -> End {
    match sent {
        Ok(()) => {
            ledger.accept(number);
            End::served()
        }
        Err(error) => {
            error.into_inner().into_iter().for_each(|message| ledger.give_back(message));
            End::Closed
        }
    }
}

fn poll_ready(tx: &mut Sender<u32>, number: u32, ledger: &Ledger, cx: &mut Context<'_>) -> Poll<End> {
    Pin::new(&mut *tx).poll_ready(cx).map(|ready| {
        let sent = ready.and_then(|()| Pin::new(tx).start_send(number));
        answer(ledger, number, sent)
    })
}

/// Ready for the next message when the one in the outbox was taken.
fn poll_ready_again(tx: &mut Sender<u32>, number: u32, ledger: &Ledger, cx: &mut Context<'_>) -> Poll<End> {
    Pin::new(tx).poll_ready(cx).map(|ready| answer(ledger, number, ready))
}

fn poll_flush(tx: &mut Sender<u32>, number: u32, ledger: &Ledger, cx: &mut Context<'_>) -> Poll<End> {
    Pin::new(tx).poll_flush(cx).map(|flushed| answer(ledger, number, flushed))
}

fn poll_close(tx: &mut Sender<u32>, number: u32, ledger: &Ledger, cx: &mut Context<'_>) -> Poll<End> {
    Pin::new(tx).poll_close(cx).map(|closed| answer(ledger, number, closed))
}

pub(super) const ALL: &[Operation] = &[
    ("Receiver::poll_recv", || receivers(mailbox::bounded(4), poll_recv)),
    ("Receiver::poll_recv, unbounded", || receivers(mailbox::unbounded(), poll_recv)),
    ("Receiver::poll_recv_many", || receivers(mailbox::bounded(4), poll_recv_many)),
    ("Receiver::poll_next", || receivers(mailbox::bounded(4), poll_next)),
    ("Sender::poll_reserve", || senders(3, nothing, poll_reserve)),
    ("Sender::poll_ready", || senders(3, nothing, poll_ready)),
    ("Sender::poll_ready, outbox, capacity 0", || senders(0, start, poll_ready_again)),
    ("Sender::poll_flush", || senders(3, start, poll_flush)),
    ("Sender::poll_flush, capacity 0", || senders(0, start, poll_flush)),
    ("Sender::poll_close", || senders(3, start, poll_close)),
    ("Sender::poll_close, capacity 0", || senders(0, start, poll_close)),
];
