//! A source: it opens its port, sends some messages, lets go, and comes again.

use std::pin::pin;
use std::sync::Arc;

use sempost::mailbox::ports::{OpenError, Ports};
use sempost::mailbox::{Sender, TrySendError};

use super::Scene;
use crate::Random;
use crate::stress::{Bitmap, Log, Note, Patience, until, yield_now};

pub(super) struct Producer {
    key: u32,
    ports: Ports<u32, Note>,
    scene: Arc<Scene>,
    random: Random,
    next: u32,
    last: u32,
    log: Log,
}

/// The port is closed.
struct Over;

impl Producer {
    pub(super) fn new(key: u32, ports: Ports<u32, Note>, scene: Arc<Scene>, random: Random) -> Self {
        let (ids, quota) = (scene.ids(), scene.shape.quota);
        let log = Log { sent: Bitmap::new(ids), dropped: Bitmap::new(ids), ..Log::default() };
        Self { key, ports, scene, random, next: key * quota, last: (key + 1) * quota, log }
    }

    pub(super) async fn run(mut self) -> Log {
        while self.next < self.last {
            let Some(sender) = self.open().await else { break };
            let most = self.scene.shape.quota.div_ceil(4) as usize;
            let stop = self.last.min(self.next + 1 + self.random.below(most) as u32);
            while self.next < stop && self.send(&sender).await.is_ok() {}
            if self.random.one_in(4) {
                sender.close_mailbox();
            }
        }
        self.log
    }

    /// `None`: all are closed.
    async fn open(&mut self) -> Option<Sender<Note>> {
        loop {
            let late = self.scene.is_closed();
            let opened = match self.scene.shape.capacity {
                Some(capacity) => self.ports.open(self.key, capacity),
                None => self.ports.open_unbounded(self.key),
            };
            match opened {
                Ok(sender) => {
                    self.log.tally.broken += u64::from(late);
                    return Some(sender);
                }
                Err(OpenError::Closed) => return None,
                // Of its former port messages are left.
                Err(OpenError::Draining) => yield_now().await,
                // Nobody else has this key, and the former sender is gone.
                Err(OpenError::Open) => self.log.tally.broken += 1,
            }
        }
    }

    fn accepted(&mut self, late: bool) {
        self.log.tally.broken += u64::from(late || !self.log.sent.insert(self.next));
        self.next += 1;
    }

    fn refused(&mut self, note: Note) -> Result<(), Over> {
        self.log.tally.broken += u64::from(note.take() != self.next);
        Err(Over)
    }

    async fn send(&mut self, sender: &Sender<Note>) -> Result<(), Over> {
        let late = self.scene.is_closed();
        let note = Note::new(self.next, self.scene.lane);
        if self.random.one_in(4) {
            match sender.try_send(note) {
                Ok(()) => self.accepted(late),
                Err(TrySendError::Closed(note)) => return self.refused(note),
                // It is sent in another way.
                Err(full) => _ = full.into_inner().take(),
            }
            return Ok(());
        }
        let patience = Patience::pick(&mut self.random, self.scene.shape.cancel);
        let mut sending = pin!(sender.send(note));
        match until(sending.as_mut(), patience).await {
            Some(Ok(())) => self.accepted(late),
            Some(Err(refused)) => return self.refused(refused.into_inner()),
            None => {
                self.log.tally.cancels += 1;
                match sending.cancel() {
                    // Half of them are sent again, and the others are dropped.
                    Some(note) if self.random.one_in(2) => _ = note.take(),
                    Some(note) => {
                        self.log.dropped.insert(self.next);
                        self.next += 1;
                        drop(note);
                    }
                    None => self.log.tally.broken += 1,
                }
            }
        }
        Ok(())
    }
}
