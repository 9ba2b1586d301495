//! Whoever receives: from any source, or from one.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

use sempost::mailbox::TryRecvError;
use sempost::mailbox::ports::PortReceiver;

use super::{End, Scene};
use crate::Random;
use crate::stress::{Bitmap, Log, Note, Order, Patience, until};

pub(super) struct Consumer {
    receiver: PortReceiver<u32, Note>,
    scene: Arc<Scene>,
    random: Random,
    order: Order,
    log: Log,
    /// Leaves after so many messages.
    leaves_after: u64,
    /// Closes all after so many messages.
    closes_after: u64,
    batch: Vec<(u32, Note)>,
}

/// How a turn went.
enum Turn {
    /// Something was received, or nothing was there.
    Goes,
    /// Nothing will be there any more.
    Over,
}

impl Consumer {
    pub(super) fn new(receiver: PortReceiver<u32, Note>, first: bool, scene: Arc<Scene>, mut random: Random) -> Self {
        let log = Log { got: Bitmap::new(scene.ids()), ..Log::default() };
        let shape = scene.shape;
        let order = Order::new(shape.sources, shape.quota);
        let share = (scene.ids() / (shape.receivers + shape.blockers)) as usize;
        let mut somewhere = |end| if shape.end == end { random.below(share) as u64 } else { u64::MAX };
        let (leaves_after, closes_after) = (somewhere(End::Left), somewhere(End::Closed));
        let closes_after = if first { closes_after } else { u64::MAX };
        Self { receiver, scene, random, order, log, leaves_after, closes_after, batch: Vec::new() }
    }

    pub(super) async fn run(mut self) -> Log {
        while self.goes_on() {
            let late = self.scene.is_ended();
            let turn = match self.random.below(16) {
                0 | 1 => {
                    let tried = self.receiver.try_recv();
                    self.tried(tried, late)
                }
                2 => self.recv_many(late).await,
                3 => self.poll_recv(late).await,
                4..=7 => self.recv_from(late).await,
                8 => self.try_recv_from(late),
                9 if self.random.one_in(64) => self.close_port(),
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
            let turn = if self.random.one_in(4) {
                let key = self.key();
                let next = self.receiver.recv_from(&key).wait();
                self.of(key, next, late)
            } else {
                let next = self.receiver.recv().wait();
                self.received(next, late)
            };
            if matches!(turn, Turn::Over) {
                break;
            }
        }
        self.log
    }

    fn goes_on(&mut self) -> bool {
        if self.log.tally.messages >= self.closes_after {
            self.closes_after = u64::MAX;
            self.scene.close(&self.receiver, &mut self.log);
        }
        self.log.tally.messages < self.leaves_after
    }

    /// One of the sources, or nobody's key.
    fn key(&mut self) -> u32 {
        self.random.below(self.scene.shape.sources as usize + 1) as u32
    }

    fn patience(&mut self) -> Patience {
        Patience::pick(&mut self.random, self.scene.shape.cancel)
    }

    fn received(&mut self, received: Option<(u32, Note)>, late: bool) -> Turn {
        let Some((key, note)) = received else {
            self.scene.end();
            return Turn::Over;
        };
        self.of(key, Some(note), late)
    }

    /// A source said this; that it is finished now says nothing of the others.
    fn of(&mut self, key: u32, next: Option<Note>, late: bool) -> Turn {
        if let Some(note) = next {
            let id = note.take();
            self.log.tally.broken += u64::from(late || id / self.scene.shape.quota != key);
            self.order.received(id, &mut self.log);
        }
        Turn::Goes
    }

    fn tried(&mut self, tried: Result<(u32, Note), TryRecvError>, late: bool) -> Turn {
        match tried {
            Ok(next) => self.received(Some(next), late),
            Err(TryRecvError::Closed) => self.received(None, late),
            Err(_) => Turn::Goes,
        }
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
        let (patience, limit) = (self.patience(), 1 + self.random.below(24));
        let n = until(pin!(self.receiver.recv_many(&mut self.batch, limit)), patience).await;
        let Some(n) = n else { return self.gave_up() };
        self.log.tally.broken += u64::from(n != self.batch.len());
        if n == 0 {
            return self.received(None, late);
        }
        for next in std::mem::take(&mut self.batch) {
            self.received(Some(next), late);
        }
        Turn::Goes
    }

    /// By the handle, whose wait stays when this is given up, until something else is done with it.
    async fn poll_recv(&mut self, late: bool) -> Turn {
        let patience = self.patience();
        let receiver = &mut self.receiver;
        match until(pin!(poll_fn(|cx| receiver.poll_recv(cx))), patience).await {
            Some(received) => self.received(received, late),
            None => self.gave_up(),
        }
    }

    async fn recv_from(&mut self, late: bool) -> Turn {
        let (patience, key) = (self.patience(), self.key());
        let next = until(pin!(self.receiver.recv_from(&key)), patience).await;
        match next {
            Some(next) => self.of(key, next, late),
            None => self.gave_up(),
        }
    }

    fn try_recv_from(&mut self, late: bool) -> Turn {
        let key = self.key();
        let next = self.receiver.try_recv_from(&key).ok();
        self.of(key, next, late)
    }

    /// The source has to open another one.
    fn close_port(&mut self) -> Turn {
        let key = self.key();
        self.receiver.close_port(&key);
        Turn::Goes
    }

    fn gave_up(&mut self) -> Turn {
        self.log.tally.cancels += 1;
        Turn::Goes
    }
}
