//! Nobody else is there: the price of an operation itself, in one task, without an executor.

use std::hint::black_box;
use std::time::Instant;

use crate::cell::{Contender, Lap};
use crate::kinds::{Gate, Line, Mailbox, Order, Received, Sent, Weighted};
use crate::peers::{MeetGates, MeetMailboxes, MeetWeighted};
use crate::poll::at_once;

/// One message in, the same message out.
pub struct SendAndReceive(pub Line);

impl MeetMailboxes<u64> for SendAndReceive {
    type Made = Contender;

    fn line(&self) -> Line {
        self.0
    }
    fn meet<M: Mailbox<u64>>(&self) -> Contender {
        let (mut sender, mut receiver) = M::open(self.0);
        Contender::timed(M::NAME, move |operations| {
            at_once(async {
                let start = Instant::now();
                for n in 0..operations {
                    M::send(&mut sender, black_box(n)).await.sent();
                    black_box(M::recv(&mut receiver).await.received());
                }
                Lap { operations, time: start.elapsed() }
            })
        })
    }
}

/// In and out.
pub struct EnterAndLeave;

impl MeetGates for EnterAndLeave {
    type Made = Contender;

    fn order(&self) -> Option<Order> {
        None
    }
    fn meet<G: Gate>(&self) -> Contender {
        let gate = G::new(1);
        Contender::timed(G::NAME, move |operations| {
            at_once(async {
                let start = Instant::now();
                for _ in 0..operations {
                    drop(black_box(black_box(&gate).enter().await));
                }
                Lap { operations, time: start.elapsed() }
            })
        })
    }
}

/// In and out with four permits of eight.
pub struct EnterManyAndLeave;

impl MeetWeighted for EnterManyAndLeave {
    type Made = Contender;

    fn meet<G: Weighted>(&self) -> Contender {
        let gate = G::new(8);
        Contender::timed(G::NAME, move |operations| {
            at_once(async {
                let start = Instant::now();
                for _ in 0..operations {
                    drop(black_box(black_box(&gate).enter_many(black_box(4)).await));
                }
                Lap { operations, time: start.elapsed() }
            })
        })
    }
}
