//! Messages through one mailbox: senders, receivers, and a book of what was sent and what arrived.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::task;
use crate::mailbox::{self, Receiver, Sender, TryRecvError};
use shuttle::future::{JoinHandle, block_on};

/// Whose, and which. Senders number theirs upwards.
pub(super) type Message = (usize, usize);

/// Every message once: those that were sent and those that arrived.
#[derive(Default)]
pub(super) struct Book {
    sent: Mutex<Vec<Message>>,
    arrived: Mutex<Vec<Message>>,
}

impl Book {
    pub(super) fn sent(&self, message: Message) {
        self.sent.lock().unwrap().push(message);
    }

    pub(super) fn arrived(&self, message: Message) {
        self.arrived.lock().unwrap().push(message);
    }

    /// Nothing lost, nothing doubled.
    fn balance(&self) {
        let (mut sent, mut arrived) = (self.sent.lock().unwrap().clone(), self.arrived.lock().unwrap().clone());
        sent.sort_unstable();
        arrived.sort_unstable();
        assert_eq!(sent, arrived);
    }

    /// With one receiver: each sender's messages in its order.
    pub(super) fn in_order(&self) {
        let mut last = HashMap::new();
        for &(sender, number) in self.arrived.lock().unwrap().iter() {
            let before = last.insert(sender, number);
            assert!(before < Some(number), "{sender} sent {number} after {before:?}");
        }
    }
}

/// A mailbox and the tasks at its ends.
pub(super) struct Flow {
    tx: Sender<Message>,
    rx: Receiver<Message>,
    book: Arc<Book>,
    senders: usize,
    tasks: Vec<JoinHandle<()>>,
}

impl Flow {
    pub(super) fn new(capacity: Option<usize>) -> Self {
        let (tx, rx) = capacity.map_or_else(mailbox::unbounded, mailbox::bounded);
        Self { tx, rx, book: Arc::default(), senders: 0, tasks: Vec::new() }
    }

    /// `count` tasks more, each with a sender and a number of its own.
    pub(super) fn senders<F>(mut self, count: usize, one: impl Fn(usize, Sender<Message>, Arc<Book>) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        for _ in 0..count {
            self.tasks.push(task(one(self.senders, self.tx.clone(), self.book.clone())));
            self.senders += 1;
        }
        self
    }

    /// `count` tasks more, each with a receiver of its own.
    pub(super) fn receivers<F>(mut self, count: usize, one: impl Fn(Receiver<Message>, Arc<Book>) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.tasks.extend((0..count).map(|_| task(one(self.rx.clone(), self.book.clone()))));
        self
    }

    /// Lets all of them run to their ends.
    pub(super) fn finish(self) -> Arc<Book> {
        let Self { tx, rx, book, tasks, .. } = self;
        drop((tx, rx));
        tasks.into_iter().for_each(|one| block_on(one).expect("no task fails"));
        book.balance();
        book
    }
}

pub(super) async fn send_two(i: usize, tx: Sender<Message>, book: Arc<Book>) {
    for n in 0..2 {
        tx.send((i, n)).await.unwrap();
        book.sent((i, n));
    }
}

pub(super) async fn receive_all(rx: Receiver<Message>, book: Arc<Book>) {
    while let Some(message) = rx.recv().await {
        book.arrived(message);
    }
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}
