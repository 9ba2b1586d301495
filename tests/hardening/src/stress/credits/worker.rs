//! Whoever receives, and works on what it has.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::Arc;

use sempost::mailbox::TryRecvError;
use sempost::mailbox::credits::{CreditReceiver, Lease};

use super::{End, Scene};
use crate::Random;
use crate::stress::{Bitmap, Log, Note, Order, Patience, until, yield_now};

pub(super) struct Worker {
    receiver: CreditReceiver<Note>,
    scene: Arc<Scene>,
    random: Random,
    order: Order,
    log: Log,
    /// Leaves after so many messages.
    leaves_after: u64,
    /// Closes the mailbox after so many messages.
    closes_after: u64,
}

impl Worker {
    pub(super) fn new(receiver: CreditReceiver<Note>, first: bool, scene: Arc<Scene>, mut random: Random) -> Self {
        let log = Log { got: Bitmap::new(scene.ids()), ..Log::default() };
        let shape = scene.shape;
        let order = Order::new(scene.senders(), shape.quota);
        let share = (scene.ids() / (shape.workers + shape.blockers)) as usize;
        let mut somewhere = |end| if shape.end == end { random.below(share) as u64 } else { u64::MAX };
        let (leaves_after, closes_after) = (somewhere(End::Left), somewhere(End::Closed));
        let closes_after = if first { closes_after } else { u64::MAX };
        Self { receiver, scene, random, order, log, leaves_after, closes_after }
    }

    pub(super) async fn run(mut self) -> Log {
        while self.goes_on() {
            let patience = Patience::pick(&mut self.random, self.scene.shape.cancel);
            let next = match self.random.below(8) {
                0 | 1 => match self.receiver.try_recv() {
                    Ok(lease) => Some(Some(lease)),
                    Err(TryRecvError::Closed) => Some(None),
                    Err(_) => None,
                },
                2 => match self.recv_many(patience).await {
                    Some(0) => Some(None),
                    Some(_) => continue,
                    None => None,
                },
                _ => until(pin!(self.receiver.recv()), patience).await,
            };
            match next {
                Some(Some(lease)) => {
                    let lease = self.received(lease);
                    if self.random.one_in(4) {
                        yield_now().await;
                    }
                    self.end(lease);
                }
                Some(None) => break,
                None => self.log.tally.cancels += 1,
            }
        }
        self.log
    }

    /// All are held at once, and end one after the other.
    async fn recv_many(&mut self, patience: Patience) -> Option<usize> {
        let mut leases = Vec::new();
        let n = until(pin!(self.receiver.recv_many(&mut leases, 4)), patience).await;
        let leases: Vec<_> = leases.into_iter().map(|lease| self.received(lease)).collect();
        leases.into_iter().for_each(|lease| self.end(lease));
        n
    }

    pub(super) fn block(mut self) -> Log {
        while self.goes_on() {
            let Some(lease) = self.receiver.recv_blocking() else { break };
            let lease = self.received(lease);
            self.end(lease);
        }
        self.log
    }

    fn goes_on(&mut self) -> bool {
        if self.log.tally.messages >= self.closes_after {
            self.closes_after = u64::MAX;
            self.scene.close(|| self.receiver.close(), &mut self.log);
        }
        self.log.tally.messages < self.leaves_after
    }

    /// Notes a message; the credits stay held.
    fn received(&mut self, lease: Lease<Note>) -> Lease<u32> {
        self.scene.got(lease.weight(), &mut self.log);
        let lease = lease.map(Note::take);
        let due = ((*lease % 8) as usize).clamp(1, self.scene.shape.limit);
        self.log.tally.broken += u64::from(lease.weight() != due);
        self.order.received(*lease, &mut self.log);
        lease
    }

    /// The work is done, or the worker panics.
    fn end(&mut self, lease: Lease<u32>) {
        let (id, weight) = (*lease, lease.weight());
        match self.random.below(4) {
            0 => {
                self.scene.let_go(weight);
                self.log.tally.broken += u64::from(lease.into_inner() != id);
            }
            1 => match lease.split(weight / 2, |id| (id, id)) {
                Ok((first, second)) => {
                    self.log.tally.broken += u64::from(first.weight() + second.weight() != weight);
                    self.scene.let_go(first.weight());
                    drop(first);
                    self.scene.let_go(second.weight());
                }
                Err(lease) => {
                    self.scene.let_go(weight);
                    drop(lease);
                }
            },
            2 if self.random.one_in(16) => {
                let scene = &self.scene;
                let worked = catch_unwind(AssertUnwindSafe(|| {
                    let lease = lease;
                    scene.let_go(lease.weight());
                    // Without the hook: it is part of the work.
                    resume_unwind(Box::new(*lease))
                }));
                self.log.tally.broken += u64::from(worked.is_ok());
            }
            _ => self.scene.let_go(weight),
        }
    }
}
