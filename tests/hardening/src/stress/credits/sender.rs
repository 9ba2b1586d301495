//! Whoever sends.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;

use futures_sink::Sink;
use sempost::mailbox::TrySendError;
use sempost::mailbox::credits::{CreditSender, PermitSendError};

use super::{Scene, weigh};
use crate::Random;
use crate::stress::{Bitmap, Log, Note, Patience, until};

pub(super) struct Sending {
    sender: CreditSender<Note>,
    scene: Arc<Scene>,
    random: Random,
    next: u32,
    last: u32,
    log: Log,
}

/// Nothing more will be accepted.
struct Over;

impl Sending {
    pub(super) fn new(number: u32, sender: CreditSender<Note>, scene: Arc<Scene>, random: Random) -> Self {
        let (ids, quota) = (scene.ids(), scene.shape.quota);
        let log = Log { sent: Bitmap::new(ids), dropped: Bitmap::new(ids), ..Log::default() };
        Self { sender, scene, random, next: number * quota, last: (number + 1) * quota, log }
    }

    pub(super) async fn run(mut self) -> Log {
        while self.next < self.last {
            let late = self.scene.is_closed();
            let sent = match self.random.below(8) {
                0 | 1 => self.try_send(late),
                2 => self.reserve(late).await,
                3 => self.feed(late).await,
                _ => self.send(late).await,
            };
            if sent.is_err() {
                break;
            }
        }
        self.log
    }

    pub(super) fn block(mut self) -> Log {
        while self.next < self.last {
            let late = self.scene.is_closed();
            let note = self.note();
            let sent = match self.sender.send_blocking(note) {
                Ok(()) => self.accepted(late),
                Err(refused) => self.refused(refused.0),
            };
            if sent.is_err() {
                break;
            }
        }
        self.log
    }

    fn note(&self) -> Note {
        Note::new(self.next, self.scene.lane)
    }

    fn accepted(&mut self, late: bool) -> Result<(), Over> {
        self.log.tally.broken += u64::from(late || !self.log.sent.insert(self.next));
        self.next += 1;
        Ok(())
    }

    fn refused(&mut self, note: Note) -> Result<(), Over> {
        self.log.tally.broken += u64::from(note.take() != self.next);
        Err(Over)
    }

    fn try_send(&mut self, late: bool) -> Result<(), Over> {
        match self.sender.try_send(self.note()) {
            Ok(()) => self.accepted(late),
            Err(TrySendError::Closed(note)) => self.refused(note),
            // It is sent in another way.
            Err(full) => {
                full.into_inner().take();
                Ok(())
            }
        }
    }

    async fn send(&mut self, late: bool) -> Result<(), Over> {
        let patience = Patience::pick(&mut self.random, self.scene.shape.cancel);
        let again = self.random.one_in(2);
        let cancelled = {
            let mut sending = pin!(self.sender.send(Note::new(self.next, self.scene.lane)));
            match until(sending.as_mut(), patience).await {
                Some(sent) => Ok(sent.map_err(|refused| refused.0)),
                None => Err(sending.cancel()),
            }
        };
        match cancelled {
            Ok(Ok(())) => self.accepted(late),
            Ok(Err(note)) => self.refused(note),
            Err(back) => {
                self.log.tally.cancels += 1;
                match back {
                    Some(note) if again => _ = note.take(),
                    Some(note) => {
                        self.log.dropped.insert(self.next);
                        self.next += 1;
                        drop(note);
                    }
                    // A send that is still pending has sent nothing.
                    None => self.log.tally.broken += 1,
                }
                Ok(())
            }
        }
    }

    async fn reserve(&mut self, late: bool) -> Result<(), Over> {
        let patience = Patience::pick(&mut self.random, self.scene.shape.cancel);
        let note = self.note();
        // Sometimes more than it takes, sometimes less.
        let weight = (weigh(&note) + 1).saturating_sub(self.random.below(3));
        let permit = match until(pin!(self.sender.reserve(weight)), patience).await {
            Some(Ok(permit)) => permit,
            Some(Err(_)) => {
                note.take();
                return Err(Over);
            }
            None => {
                note.take();
                self.log.tally.cancels += 1;
                return Ok(());
            }
        };
        let held = permit.weight();
        self.scene.got(held, &mut self.log);
        self.scene.let_go(held);
        if self.random.one_in(8) {
            // Not needed after all.
            note.take();
            return Ok(());
        }
        let sent = permit.send(note);
        match sent {
            Ok(()) => self.accepted(late),
            Err(PermitSendError::Closed(note)) => self.refused(note),
            Err(PermitSendError::TooHeavy(note)) => {
                self.log.tally.broken += u64::from(weigh(&note).clamp(1, self.scene.shape.limit) <= held);
                note.take();
                Ok(())
            }
        }
    }

    /// As a sink, whose message may have to wait in its outbox.
    async fn feed(&mut self, late: bool) -> Result<(), Over> {
        let note = self.note();
        let sender = &mut self.sender;
        let mut ready = poll_fn(|cx| Pin::new(&mut *sender).poll_ready(cx));
        let ready = Pin::new(&mut ready).await;
        let sent = match ready {
            Ok(()) => Pin::new(&mut *sender).start_send(note),
            Err(error) => {
                self.log.tally.broken += u64::from(error.into_inner().is_some());
                note.take();
                return Err(Over);
            }
        };
        let sent = match sent {
            Ok(()) => poll_fn(|cx| Pin::new(&mut *sender).poll_flush(cx)).await,
            error => error,
        };
        match sent {
            Ok(()) => self.accepted(late),
            Err(error) => match error.into_inner() {
                Some(note) => self.refused(note),
                None => {
                    self.log.tally.broken += 1;
                    Err(Over)
                }
            },
        }
    }
}
