//! Being made, being cloned, being dropped.

use std::hint::black_box;
use std::time::Instant;

use crate::cell::{Contender, Lap};
use crate::kinds::{Line, Mailbox};
use crate::peers::MeetMailboxes;

/// A mailbox is made and dropped.
pub struct Create(pub Line);

impl MeetMailboxes<u64> for Create {
    type Made = Contender;

    fn line(&self) -> Line {
        self.0
    }
    fn meet<M: Mailbox<u64>>(&self) -> Contender {
        let line = self.0;
        Contender::timed(M::NAME, move |operations| {
            let start = Instant::now();
            for _ in 0..operations {
                drop(black_box(M::open(black_box(line))));
            }
            Lap { operations, time: start.elapsed() }
        })
    }
}

/// A sender is cloned and dropped.
pub struct CloneSender(pub Line);

impl MeetMailboxes<u64> for CloneSender {
    type Made = Contender;

    fn line(&self) -> Line {
        self.0
    }
    fn meet<M: Mailbox<u64>>(&self) -> Contender {
        let (sender, receiver) = M::open(self.0);
        Contender::timed(M::NAME, move |operations| {
            let _open = &receiver;
            let start = Instant::now();
            for _ in 0..operations {
                drop(black_box(M::another_sender(black_box(&sender))));
            }
            Lap { operations, time: start.elapsed() }
        })
    }
}
