//! Whoever receives.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

use sempost::mailbox::{Receiver, TryRecvError};

use super::{End, Scene};
use crate::Random;
use crate::stress::{Bitmap, Log, Note, Order, Patience, until};

pub(super) struct Consumer {
    receiver: Receiver<Note>,
    scene: Arc<Scene>,
    random: Random,
    order: Order,
    log: Log,
    /// Leaves after so many messages.
    leaves_after: u64,
    /// Whether it waits as long as it takes, until nothing comes any more; if not, it has so many turns.
    turns: Option<u32>,
    batch: Vec<Note>,
}

/// How a turn went.
enum Turn {
    /// Something was received, or nothing was there.
    Goes,
    /// Nothing will be there any more.
    Over,
}

impl Consumer {
    pub(super) fn new(receiver: Receiver<Note>, scene: Arc<Scene>, mut random: Random, waits: bool) -> Self {
        let log = Log { got: Bitmap::new(scene.ids()), ..Log::default() };
        let order = Order::new(scene.senders(), scene.shape.quota);
        // Its share of what is sent, or less.
        let share = scene.ids() / scene.receivers();
        let leaves_after = match scene.shape.end {
            End::Left => random.below(share as usize) as u64,
            End::Drained | End::Closed => u64::MAX,
        };
        let turns = (!waits).then_some(scene.shape.quota);
        Self { receiver, scene, random, order, log, leaves_after, turns, batch: Vec::new() }
    }

    pub(super) async fn run(mut self) -> Log {
        while self.goes_on() {
            let late = self.scene.is_ended();
            let turn = match self.random.below(16) {
                0 | 1 => {
                    let tried = self.receiver.try_recv();
                    self.tried(tried, late)
                }
                2 => self.try_recv_many(late),
                3 | 4 => self.recv_many(late).await,
                5 => self.poll_recv(late).await,
                _ => self.recv(late).await,
            };
            if matches!(turn, Turn::Over) {
                break;
            }
        }
        self.log
    }

    pub(super) fn block(mut self) -> Log {
        while self.goes_on() {
            let late = self.scene.is_ended();
            let turn = match self.random.below(8) {
                0 => {
                    let tried = self.receiver.try_recv();
                    self.tried(tried, late)
                }
                1 => {
                    let mut batch = std::mem::take(&mut self.batch);
                    let n = self.receiver.recv_many(&mut batch, 4).wait();
                    self.batch = batch;
                    self.batched(n, late)
                }
                _ => {
                    let received = self.receiver.recv_blocking();
                    self.received(received, late)
                }
            };
            if matches!(turn, Turn::Over) {
                break;
            }
        }
        self.log
    }

    fn goes_on(&mut self) -> bool {
        if let Some(turns) = &mut self.turns {
            let Some(left) = turns.checked_sub(1) else { return false };
            *turns = left;
        }
        self.log.tally.messages <= self.leaves_after
    }

    fn patience(&mut self) -> Patience {
        let percent = if self.turns.is_some() { 100 } else { self.scene.shape.cancel };
        Patience::pick(&mut self.random, percent)
    }

    fn received(&mut self, received: Option<Note>, late: bool) -> Turn {
        let Some(note) = received else {
            self.scene.end();
            return Turn::Over;
        };
        self.log.tally.broken += u64::from(late);
        self.order.received(note.take(), &mut self.log);
        Turn::Goes
    }

    fn tried(&mut self, tried: Result<Note, TryRecvError>, late: bool) -> Turn {
        match tried {
            Ok(note) => self.received(Some(note), late),
            Err(TryRecvError::Closed) => self.received(None, late),
            Err(_) => Turn::Goes,
        }
    }

    /// `n` messages are in the batch.
    fn batched(&mut self, n: usize, late: bool) -> Turn {
        self.log.tally.broken += u64::from(n != self.batch.len());
        if n == 0 {
            return self.received(None, late);
        }
        for note in std::mem::take(&mut self.batch) {
            self.received(Some(note), late);
        }
        Turn::Goes
    }

    async fn recv(&mut self, late: bool) -> Turn {
        let patience = self.patience();
        let received = until(pin!(self.receiver.recv()), patience).await;
        match received {
            Some(received) => self.received(received, late),
            None => self.gave_up(),
        }
    }

    async fn recv_many(&mut self, late: bool) -> Turn {
        let patience = self.patience();
        let limit = 1 + self.random.below(16);
        let n = until(pin!(self.receiver.recv_many(&mut self.batch, limit)), patience).await;
        match n {
            Some(n) => self.batched(n, late),
            None => self.gave_up(),
        }
    }

    fn try_recv_many(&mut self, late: bool) -> Turn {
        let limit = 1 + self.random.below(16);
        match self.receiver.try_recv_many(&mut self.batch, limit) {
            Ok(n) => self.batched(n, late),
            Err(TryRecvError::Closed) => self.received(None, late),
            Err(_) => Turn::Goes,
        }
    }

    /// By the handle, whose waiter stays in line when this is given up, until something else is done with it.
    async fn poll_recv(&mut self, late: bool) -> Turn {
        // At capacity 0 what is reserved is a receiving future; a handle is no match for whoever waits to reserve.
        let rendezvous = self.scene.shape.capacity == Some(0);
        let patience = if rendezvous { Patience::short(&mut self.random) } else { self.patience() };
        let receiver = &mut self.receiver;
        match until(pin!(poll_fn(|cx| receiver.poll_recv(cx))), patience).await {
            Some(received) => self.received(received, late),
            None => self.gave_up(),
        }
    }

    fn gave_up(&mut self) -> Turn {
        self.log.tally.cancels += 1;
        Turn::Goes
    }
}
