//! Reply ports: alone, and as the answer to a request.

use std::hint::black_box;
use std::marker::PhantomData;
use std::time::Instant;

use sempost::mailbox;

use crate::cell::{Contender, Lap};
use crate::executors::Executor;
use crate::kinds::{Received, Reply, Sent};
use crate::peers::MeetReplies;
use crate::poll::at_once;

/// Made, sent, received, by one task.
pub struct Answer;

impl MeetReplies for Answer {
    type Made = Contender;

    fn meet<R: Reply>(&self) -> Contender {
        Contender::timed(R::NAME, |operations| {
            at_once(async {
                let start = Instant::now();
                for n in 0..operations {
                    let (sender, receiver) = R::open();
                    R::send(black_box(sender), black_box(n)).sent();
                    black_box(R::recv(black_box(receiver)).await.received());
                }
                Lap { operations, time: start.elapsed() }
            })
        })
    }
}

/// One task asks, another answers. The requests go through the same mailbox for everybody.
pub struct Ask<E>(PhantomData<fn() -> E>);

impl<E> Ask<E> {
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E: Executor> MeetReplies for Ask<E> {
    type Made = Contender;

    fn meet<R: Reply>(&self) -> Contender {
        Contender::timed(R::NAME, |operations| {
            let executor = E::start();
            let (requests, inbox) = mailbox::bounded::<(u64, R::Sender)>(1);

            let start = Instant::now();
            let server = executor.spawn(async move {
                while let Some((n, reply)) = inbox.recv().await {
                    R::send(reply, n + 1).sent();
                }
            });
            let client = executor.spawn(async move {
                for n in 0..operations {
                    let (reply, answer) = R::open();
                    requests.send((n, reply)).await.sent();
                    assert_eq!(R::recv(answer).await.received(), Some(n + 1));
                }
            });
            executor.finish(vec![server, client]);
            Lap { operations, time: start.elapsed() }
        })
    }
}
