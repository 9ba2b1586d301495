//! How mailboxes end, with many at both ends.

use std::sync::Arc;

use super::flow::{Book, Flow, Message, receive_all};
use super::{Count, impatient, schedule, task};
use crate::mailbox::{self, Sender};
use shuttle::future::block_on;

#[test]
fn what_was_sent_before_the_close_arrives() {
    schedule("mailbox: close among three senders and two receivers", || {
        let send = |i, tx: Sender<Message>, book: Arc<Book>| async move {
            for n in 0..2 {
                if tx.send((i, n)).await.is_ok() {
                    book.sent((i, n));
                }
            }
        };
        let close = |_, tx: Sender<Message>, _| async move {
            shuttle::future::yield_now().await;
            tx.close_mailbox();
        };
        Flow::new(Some(2)).senders(3, send).receivers(2, receive_all).senders(1, close).finish();
    });
}

/// Counts itself out.
struct Counted(Arc<Count>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.add(1);
    }
}

#[test]
fn the_last_receiver_takes_the_queue_along() {
    schedule("mailbox: receivers leave three senders", || {
        let ((tx, rx), dropped) = (mailbox::bounded(2), Count::new());
        let sender = |_| {
            let (tx, dropped) = (tx.clone(), dropped.clone());
            task(async move {
                drop(impatient(tx.send(Counted(dropped.clone()))).await);
                drop(tx.send(Counted(dropped)).await);
            })
        };
        let receiver = |_| {
            let rx = rx.clone();
            task(async move { drop(impatient(rx.recv()).await) })
        };
        let all: Vec<_> = (0..3).map(sender).chain((0..2).map(receiver)).collect();
        drop(rx);
        all.into_iter().for_each(|one| block_on(one).expect("no task fails"));
        // A sender is left, and holds nothing back.
        assert_eq!((dropped.get(), tx.len()), (6, 0));
    });
}

#[test]
fn a_permit_holds_the_end_back() {
    schedule("mailbox: permits across the close", || {
        let send = |i, tx: Sender<Message>, book: Arc<Book>| async move {
            if let Ok(permit) = tx.reserve().await {
                shuttle::future::yield_now().await;
                permit.send((i, 0)).expect("a receiver is left");
                book.sent((i, 0));
            }
        };
        let close = |_, tx: Sender<Message>, _| async move { assert!(tx.close_mailbox()) };
        Flow::new(Some(2)).senders(3, send).receivers(1, receive_all).senders(1, close).finish();
    });
}

#[test]
fn a_weak_handle_comes_back_to_life_or_does_not() {
    schedule("mailbox: upgrades while the last sender leaves", || {
        let upgrade = |i, tx: Sender<Message>, book: Arc<Book>| {
            // The strong one is gone before the task runs.
            let weak = tx.downgrade();
            async move {
                if let Some(tx) = weak.upgrade() {
                    tx.send((i, 0)).await.expect("a receiver is left");
                    book.sent((i, 0));
                }
            }
        };
        let leave = |_, tx: Sender<Message>, _| async move { drop(tx) };
        Flow::new(Some(1)).senders(3, upgrade).senders(1, leave).receivers(1, receive_all).finish();
    });
}

#[test]
fn the_oldest_makes_room() {
    schedule("mailbox: force_send by three", || {
        let force = |i, tx: Sender<Message>, book: Arc<Book>| async move {
            match tx.force_send((i, 0)) {
                Ok(evicted) => {
                    book.sent((i, 0));
                    evicted.into_iter().for_each(|oldest| book.arrived(oldest));
                }
                Err(refused) => assert_eq!(refused.into_inner(), (i, 0)),
            }
            tx.send((i, 1)).await.unwrap();
            book.sent((i, 1));
        };
        Flow::new(Some(1)).senders(3, force).receivers(1, receive_all).finish();
    });
}
