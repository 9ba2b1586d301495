//! One ball, two mailboxes of capacity 1, two tasks: the price of waking each other.

use std::marker::PhantomData;
use std::time::Instant;

use crate::cell::{Contender, Lap};
use crate::executors::Executor;
use crate::kinds::{Line, Mailbox, Received, Sent};
use crate::peers::MeetMailboxes;

pub struct PingPong<E>(PhantomData<fn() -> E>);

impl<E> PingPong<E> {
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

const LINE: Line = Line::bounded(1, 1, 1);

impl<E: Executor> MeetMailboxes<u64> for PingPong<E> {
    type Made = Contender;

    fn line(&self) -> Line {
        LINE
    }
    fn meet<M: Mailbox<u64>>(&self) -> Contender {
        Contender::timed(M::NAME, |operations| {
            let executor = E::start();
            let (there, at_there) = M::open(LINE);
            let (back, at_back) = M::open(LINE);

            let start = Instant::now();
            let returns = executor.spawn(play::<M>(back, at_there, operations, false));
            let serves = executor.spawn(play::<M>(there, at_back, operations, true));
            executor.finish(vec![serves, returns]);
            Lap { operations, time: start.elapsed() }
        })
    }
}

async fn play<M: Mailbox<u64>>(mut sender: M::Sender, mut receiver: M::Receiver, rounds: u64, serves: bool) {
    for ball in 0..rounds {
        if serves {
            M::send(&mut sender, ball).await.sent();
            M::recv(&mut receiver).await.received().expect("the ball comes back");
        } else {
            let ball = M::recv(&mut receiver).await.received().expect("the ball comes");
            M::send(&mut sender, ball).await.sent();
        }
    }
}
