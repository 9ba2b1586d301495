//! How mailboxes end, with many at both ends.

use super::{Book, Count, impatient, schedule, task};
use crate::mailbox::{self, TryRecvError};
use shuttle::future::block_on;

#[test]
fn what_was_sent_before_the_close_arrives() {
    schedule("mailbox: close among three senders and two receivers", || {
        let ((tx, rx), book) = (mailbox::bounded(2), Book::new());
        let mut all = Vec::new();
        for i in 0..3 {
            let (tx, book) = (tx.clone(), book.clone());
            all.push(task(async move {
                for n in 0..2 {
                    if tx.send((i, n)).await.is_ok() {
                        book.sent((i, n));
                    }
                }
            }));
        }
        for _ in 0..2 {
            let (rx, book) = (rx.clone(), book.clone());
            all.push(task(async move {
                while let Some(message) = rx.recv().await {
                    book.arrived(message);
                }
                assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
            }));
        }
        all.push(task(async move {
            shuttle::future::yield_now().await;
            tx.close();
        }));
        all.into_iter().for_each(|one| block_on(one).expect("no task fails"));
        book.balance();
        assert!(rx.is_closed() && rx.is_empty());
    });
}

/// Counts itself out.
struct Counted(std::sync::Arc<Count>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.add(1);
    }
}

#[test]
fn the_last_receiver_takes_the_queue_along() {
    schedule("mailbox: receivers leave three senders", || {
        let ((tx, rx), dropped) = (mailbox::bounded(2), Count::new());
        let mut all = Vec::new();
        for _ in 0..3 {
            let (tx, dropped) = (tx.clone(), dropped.clone());
            all.push(task(async move {
                drop(impatient(tx.send(Counted(dropped.clone()))).await);
                drop(tx.send(Counted(dropped)).await);
            }));
        }
        for _ in 0..2 {
            let rx = rx.clone();
            all.push(task(async move { drop(impatient(rx.recv()).await) }));
        }
        drop(rx);
        all.into_iter().for_each(|one| block_on(one).expect("no task fails"));
        // A sender is left, and holds nothing back.
        assert_eq!((dropped.get(), tx.len()), (6, 0));
    });
}

#[test]
fn a_permit_holds_the_end_back() {
    schedule("mailbox: permits across the close", || {
        let ((tx, rx), book) = (mailbox::bounded(2), Book::new());
        let mut all = Vec::new();
        for i in 0..3 {
            let (tx, book) = (tx.clone(), book.clone());
            all.push(task(async move {
                if let Ok(permit) = tx.reserve().await {
                    shuttle::future::yield_now().await;
                    permit.send((i, 0)).expect("a receiver is left");
                    book.sent((i, 0));
                }
            }));
        }
        let receiver = (rx.clone(), book.clone());
        all.push(task(async move {
            while let Some(message) = receiver.0.recv().await {
                receiver.1.arrived(message);
            }
        }));
        all.push(task(async move { assert!(tx.close()) }));
        all.into_iter().for_each(|one| block_on(one).expect("no task fails"));
        book.balance();
    });
}

#[test]
fn a_weak_handle_comes_back_to_life_or_does_not() {
    schedule("mailbox: upgrades while the last sender leaves", || {
        let ((tx, rx), book) = (mailbox::bounded(1), Book::new());
        let mut all = Vec::new();
        for i in 0..3 {
            let (weak, book) = (tx.downgrade(), book.clone());
            all.push(task(async move {
                if let Some(tx) = weak.upgrade() {
                    tx.send((i, 0)).await.expect("a receiver is left");
                    book.sent((i, 0));
                }
            }));
        }
        all.push(task(async move { drop(tx) }));
        let receiver = (rx, book.clone());
        all.push(task(async move {
            while let Some(message) = receiver.0.recv().await {
                receiver.1.arrived(message);
            }
        }));
        all.into_iter().for_each(|one| block_on(one).expect("no task fails"));
        book.balance();
    });
}

#[test]
fn the_oldest_makes_room() {
    schedule("mailbox: force_send by three", || {
        let ((tx, rx), book) = (mailbox::bounded(1), Book::new());
        let mut all = Vec::new();
        for i in 0..3 {
            let (tx, book) = (tx.clone(), book.clone());
            all.push(task(async move {
                match tx.force_send((i, 0)) {
                    Ok(evicted) => {
                        book.sent((i, 0));
                        evicted.into_iter().for_each(|oldest| book.arrived(oldest));
                    }
                    Err(refused) => assert_eq!(refused.into_inner(), (i, 0)),
                }
                tx.send((i, 1)).await.unwrap();
                book.sent((i, 1));
            }));
        }
        drop(tx);
        let receiver = (rx, book.clone());
        all.push(task(async move {
            while let Some(message) = receiver.0.recv().await {
                receiver.1.arrived(message);
            }
        }));
        all.into_iter().for_each(|one| block_on(one).expect("no task fails"));
        book.balance();
        assert!(book.arrivals() >= 3);
    });
}
