//! Messages among many, at every kind of capacity.

use std::sync::Arc;

use super::{Book, below, impatient, schedule, task};
use crate::mailbox::{self, Receiver, Sender, TryRecvError};
use shuttle::future::JoinHandle;

type Ends = (Sender<(usize, usize)>, Receiver<(usize, usize)>);

/// The capacities whose rules differ; `None` is unbounded.
const CAPACITIES: [Option<usize>; 4] = [Some(0), Some(1), Some(2), None];

fn open(capacity: Option<usize>) -> Ends {
    capacity.map_or_else(mailbox::unbounded, mailbox::bounded)
}

/// Every sender sends its messages and leaves; every receiver receives until the end. Then the book is balanced.
fn flow<S, R>(
    ends: Ends,
    (senders, receivers): (usize, usize),
    send: impl Fn(usize, Sender<(usize, usize)>, Arc<Book>) -> S,
    receive: impl Fn(Receiver<(usize, usize)>, Arc<Book>) -> R,
) -> Arc<Book>
where
    S: Future<Output = ()> + Send + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let ((tx, rx), book) = (ends, Book::new());
    let all: Vec<JoinHandle<()>> = (0..senders)
        .map(|i| task(send(i, tx.clone(), book.clone())))
        .chain((0..receivers).map(|_| task(receive(rx.clone(), book.clone()))))
        .collect();
    drop((tx, rx));
    for one in all {
        shuttle::future::block_on(one).expect("no task fails");
    }
    book.balance();
    book
}

async fn send_two(i: usize, tx: Sender<(usize, usize)>, book: Arc<Book>) {
    for n in 0..2 {
        tx.send((i, n)).await.unwrap();
        book.sent((i, n));
    }
}

async fn receive_all(rx: Receiver<(usize, usize)>, book: Arc<Book>) {
    while let Some(message) = rx.recv().await {
        book.arrived(message);
    }
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

/// Gives up receives on the way.
async fn receive_impatiently(rx: Receiver<(usize, usize)>, book: Arc<Book>) {
    loop {
        match impatient(rx.recv()).await {
            Some(Some(message)) => book.arrived(message),
            Some(None) => return,
            None => {}
        }
    }
}

/// Gives up sends on the way: what was not sent is sent again, or not.
async fn send_impatiently(i: usize, tx: Sender<(usize, usize)>, book: Arc<Book>) {
    for n in 0..2 {
        if impatient(tx.send((i, n))).await.is_none() && tx.capacity() != Some(0) {
            // It is known not to have been sent.
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
    flow(open(capacity), (3, 1), send_two, receive_all).in_order();
}

fn three_to_two_impatient(capacity: Option<usize>) {
    flow(open(capacity), (3, 2), send_two, receive_impatiently);
}

fn some_give_up(capacity: Option<usize>) {
    // At capacity 0 a send that is given up may have been taken: then its message is no more than not known.
    let patient = capacity == Some(0);
    flow(
        open(capacity),
        (3, 2),
        move |i, tx, book| async move {
            if patient { send_two(i, tx, book).await } else { send_impatiently(i, tx, book).await }
        },
        receive_all,
    );
}

fn mixed(capacity: Option<usize>) {
    flow(
        open(capacity),
        (2, 1),
        |i, tx, book| async move {
            let (other, log) = (tx.clone(), book.clone());
            let thread = shuttle::thread::spawn(move || {
                other.send_blocking((10 + i, 0)).unwrap();
                log.sent((10 + i, 0));
            });
            send_two(i, tx, book).await;
            thread.join().unwrap();
        },
        |rx, book| async move {
            let (other, log) = (rx.clone(), book.clone());
            let thread = shuttle::thread::spawn(move || {
                while let Some(message) = other.recv_blocking() {
                    log.arrived(message);
                }
            });
            receive_all(rx, book).await;
            thread.join().unwrap();
        },
    );
}

#[test]
fn permits_are_used_and_given_back() {
    schedule("mailbox: reserve, some permits unused", || {
        flow(
            open(Some(2)),
            (4, 1),
            |i, tx, book| async move {
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
            },
            receive_all,
        )
        .in_order();
    });
}

#[test]
fn many_permits_at_once() {
    schedule("mailbox: reserve_many among senders", || {
        flow(
            open(Some(3)),
            (4, 1),
            |i, tx, book| async move {
                if i % 2 == 0 {
                    drop(impatient(tx.reserve_many(3)).await);
                    for (n, permit) in tx.reserve_many(2).await.unwrap().enumerate() {
                        permit.send((i, n)).unwrap();
                        book.sent((i, n));
                    }
                } else {
                    send_two(i, tx, book).await;
                }
            },
            receive_all,
        )
        .in_order();
    });
}

#[test]
fn many_messages_at_once() {
    schedule("mailbox: recv_many by two", || {
        flow(open(Some(2)), (3, 2), send_two, |rx, book| async move {
            let mut messages = Vec::new();
            while rx.recv_many(&mut messages, 2).await > 0 {
                messages.drain(..).for_each(|message| book.arrived(message));
            }
        });
    });
}

#[test]
fn tries_among_waiters() {
    schedule("mailbox: try_send and try_recv among waiters", || {
        flow(
            open(Some(1)),
            (4, 1),
            |i, tx, book| async move {
                if tx.try_send((i, 0)).is_ok() {
                    book.sent((i, 0));
                }
                tx.send((i, 1)).await.unwrap();
                book.sent((i, 1));
            },
            |rx, book| async move {
                if let Ok(message) = rx.try_recv() {
                    book.arrived(message);
                }
                receive_all(rx, book).await;
            },
        )
        .in_order();
    });
}
