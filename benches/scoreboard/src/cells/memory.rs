//! Bytes on the heap: of an idle mailbox, at the height of a burst, and after it.

use crate::alloc::Tally;
use crate::cell::Contender;
use crate::kinds::{Line, Mailbox, Received, Sent};
use crate::peers::MeetMailboxes;
use crate::poll::at_once;

/// A mailbox that is open and unused; its two handles included.
pub struct Idle(pub Line);

const MAILBOXES: usize = 64;

impl MeetMailboxes<u64> for Idle {
    type Made = Contender;

    fn line(&self) -> Line {
        self.0
    }
    fn meet<M: Mailbox<u64>>(&self) -> Contender {
        let line = self.0;
        Contender::weighed(M::NAME, move || {
            let tally = Tally::start();
            let mailboxes: Vec<_> = (0..MAILBOXES).map(|_| M::open(line)).collect();
            let bytes = tally.live();
            drop(mailboxes);
            bytes / MAILBOXES as f64
        })
    }
}

/// A million messages are sent and then received.
#[derive(Clone, Copy)]
pub enum Burst {
    /// The most bytes at any time.
    Peak,
    /// The bytes that stay.
    Kept,
}

const MESSAGES: u64 = 1_000_000;

impl MeetMailboxes<u64> for Burst {
    type Made = Contender;

    fn line(&self) -> Line {
        Line::unbounded(1, 1)
    }
    fn meet<M: Mailbox<u64>>(&self) -> Contender {
        let question = *self;
        let line = self.line();
        Contender::weighed(M::NAME, move || {
            let (mut sender, mut receiver) = M::open(line);
            let tally = Tally::start();
            at_once(async {
                for n in 0..MESSAGES {
                    M::send(&mut sender, n).await.sent();
                }
                for _ in 0..MESSAGES {
                    M::recv(&mut receiver).await.received().expect("every message arrives");
                }
            });
            match question {
                Self::Peak => tally.peak(),
                Self::Kept => tally.live(),
            }
        })
    }
}
