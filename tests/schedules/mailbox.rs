//! Messages among many, at every kind of capacity.

use std::sync::Arc;

use super::flow::{Book, Flow, Message, receive_all, send_two};
use super::{below, impatient, schedule};
use crate::mailbox::{Receiver, Sender};

/// The capacities whose rules differ; `None` is unbounded.
const CAPACITIES: [Option<usize>; 4] = [Some(0), Some(1), Some(2), None];

/// Gives up receives on the way.
async fn receive_impatiently(rx: Receiver<Message>, book: Arc<Book>) {
    loop {
        match impatient(rx.recv()).await {
            Some(Some(message)) => book.arrived(message),
            Some(None) => return,
            None => {}
        }
    }
}

/// Gives up sends on the way: what was given up was not sent, and is sent again.
async fn send_impatiently(i: usize, tx: Sender<Message>, book: Arc<Book>) {
    for n in 0..2 {
        if impatient(tx.send((i, n))).await.is_none() {
            tx.send((i, n)).await.unwrap();
        }
        book.sent((i, n));
    }
}

/// One test a capacity.
macro_rules! at_every_capacity {
    ($($name:ident => $run:ident;)*) => {$(
        mod $name {
            use super::{CAPACITIES, schedule};

            fn at(which: usize) {
                let capacity = CAPACITIES[which];
                let name = capacity.map_or_else(|| "∞".to_owned(), |n| n.to_string());
                schedule(&format!("mailbox: {}, capacity {name}", stringify!($name)), move || super::$run(capacity));
            }

            #[test]
            fn rendezvous() {
                at(0);
            }

            #[test]
            fn one() {
                at(1);
            }

            #[test]
            fn two() {
                at(2);
            }

            #[test]
            fn unbounded() {
                at(3);
            }
        }
    )*};
}

at_every_capacity! {
    three_send_to_one => three_to_one;
    three_send_to_two_who_leave_and_come_back => three_to_two_impatient;
    some_senders_give_up => some_give_up;
    threads_and_tasks_mix => mixed;
}

fn three_to_one(capacity: Option<usize>) {
    Flow::new(capacity).senders(3, send_two).receivers(1, receive_all).finish().in_order();
}

fn three_to_two_impatient(capacity: Option<usize>) {
    Flow::new(capacity).senders(3, send_two).receivers(2, receive_impatiently).finish();
}

fn some_give_up(capacity: Option<usize>) {
    let flow = Flow::new(capacity).receivers(2, receive_all);
    // At capacity 0 a send that is given up may have been taken: then it is not known whether to send it again.
    if capacity == Some(0) { flow.senders(3, send_two) } else { flow.senders(3, send_impatiently) }.finish();
}

fn mixed(capacity: Option<usize>) {
    let send = |i, tx: Sender<Message>, book: Arc<Book>| async move {
        let (other, log) = (tx.clone(), book.clone());
        let thread = shuttle::thread::spawn(move || {
            other.send_blocking((10 + i, 0)).unwrap();
            log.sent((10 + i, 0));
        });
        send_two(i, tx, book).await;
        thread.join().unwrap();
    };
    let receive = |rx: Receiver<Message>, book: Arc<Book>| async move {
        let (other, log) = (rx.clone(), book.clone());
        let thread = shuttle::thread::spawn(move || {
            while let Some(message) = other.recv_blocking() {
                log.arrived(message);
            }
        });
        receive_all(rx, book).await;
        thread.join().unwrap();
    };
    Flow::new(capacity).senders(2, send).receivers(1, receive).finish();
}

#[test]
fn permits_are_used_and_given_back() {
    schedule("mailbox: reserve, some permits unused", || {
        let send = |i, tx: Sender<Message>, book: Arc<Book>| async move {
            let permit = tx.reserve().await.unwrap();
            if below(3) == 0 {
                drop(permit);
            } else {
                permit.send((i, 0)).unwrap();
                book.sent((i, 0));
            }
            drop(impatient(tx.reserve()).await);
            tx.send((i, 1)).await.unwrap();
            book.sent((i, 1));
        };
        Flow::new(Some(2)).senders(4, send).receivers(1, receive_all).finish().in_order();
    });
}

#[test]
fn many_permits_at_once() {
    schedule("mailbox: reserve_many among senders", || {
        let reserve = |i, tx: Sender<Message>, book: Arc<Book>| async move {
            drop(impatient(tx.reserve_many(3)).await);
            for (n, permit) in tx.reserve_many(2).await.unwrap().enumerate() {
                permit.send((i, n)).unwrap();
                book.sent((i, n));
            }
        };
        Flow::new(Some(3)).senders(2, reserve).senders(2, send_two).receivers(1, receive_all).finish().in_order();
    });
}

#[test]
fn many_messages_at_once() {
    schedule("mailbox: recv_many by two", || {
        let receive = |rx: Receiver<Message>, book: Arc<Book>| async move {
            let mut messages = Vec::new();
            while rx.recv_many(&mut messages, 2).await > 0 {
                messages.drain(..).for_each(|message| book.arrived(message));
            }
        };
        Flow::new(Some(2)).senders(3, send_two).receivers(2, receive).finish();
    });
}

#[test]
fn tries_among_waiters() {
    schedule("mailbox: try_send and try_recv among waiters", || {
        let send = |i, tx: Sender<Message>, book: Arc<Book>| async move {
            if tx.try_send((i, 0)).is_ok() {
                book.sent((i, 0));
            }
            tx.send((i, 1)).await.unwrap();
            book.sent((i, 1));
        };
        let receive = |rx: Receiver<Message>, book: Arc<Book>| async move {
            if let Ok(message) = rx.try_recv() {
                book.arrived(message);
            }
            receive_all(rx, book).await;
        };
        Flow::new(Some(1)).senders(4, send).receivers(1, receive).finish().in_order();
    });
}
