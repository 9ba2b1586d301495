//! A channel for one value, and its two ends.

use crate::task::Book;

/// The numbers of the two who may wait.
pub const RECEIVER: usize = 0;
pub const SENDER: usize = 1;

/// What the receiver is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    Got(usize),
    Closed,
    Waits,
}

#[derive(Debug)]
pub struct Oneshot {
    /// The value, from when it was sent until it is taken or dropped.
    pub value: Option<usize>,
    /// The sender has sent or left.
    over: bool,
    /// The receiver had closed, or was gone, before that.
    pub closed: bool,
    /// The receiver has had its answer.
    pub answered: bool,
    pub book: Book,
}

impl Oneshot {
    pub fn new() -> Self {
        let mut book = Book::new();
        book.add();
        book.add();
        Self { value: None, over: false, closed: false, answered: false, book }
    }

    /// What an open receiver shows.
    pub fn shown(&self) -> &'static str {
        match (self.closed, self.over, self.value) {
            (true, ..) | (_, true, None) => "Closed",
            (_, false, _) => "Open",
            (_, true, Some(_)) => "Sent",
        }
    }

    /// `false`: the value stays with the sender.
    pub fn send(&mut self, value: usize) -> bool {
        if !self.closed {
            self.value = Some(value);
        }
        self.leave();
        !self.closed
    }

    /// The sender is gone.
    pub fn leave(&mut self) {
        self.over = true;
        self.book.leaves(SENDER);
        self.book.wakes(RECEIVER);
    }

    /// Whether the sender has nobody to send to any more; if it has, it watches.
    pub fn poll_closed(&mut self) -> bool {
        if !self.closed {
            self.book.sleeps(SENDER);
        }
        self.closed
    }

    pub fn poll(&mut self) -> Reply {
        let reply = self.try_recv();
        if reply == Reply::Waits {
            self.book.sleeps(RECEIVER);
        }
        reply
    }

    pub fn try_recv(&mut self) -> Reply {
        let reply = match self.value.take() {
            Some(value) => Reply::Got(value),
            None if self.closed || self.over => Reply::Closed,
            None => Reply::Waits,
        };
        self.answered |= reply != Reply::Waits;
        reply
    }

    pub fn close(&mut self) {
        self.book.leaves(RECEIVER);
        if !self.over {
            self.closed = true;
            self.book.wakes(SENDER);
        }
    }

    /// The receiver is gone, and takes the value along.
    pub fn hang_up(&mut self) {
        self.close();
        self.value = None;
    }
}
