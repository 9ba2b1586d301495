//! Whoever sends.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

use sempost::mailbox::{Sender, TryReserveError, TrySendError};

use super::{End, Scene};
use crate::Random;
use crate::stress::{Bitmap, Log, Note, Order, Patience, until};

pub(super) struct Producer {
    sender: Sender<Note>,
    scene: Arc<Scene>,
    random: Random,
    /// Closes before it sends this one.
    closes_at: Option<u32>,
    /// Whether it waits as long as it takes, and goes on until everything is sent; if not, it has so many turns.
    turns: Option<u32>,
    account: Account,
}

/// Which of its messages are sent; apart from the handle, which permits borrow.
struct Account {
    next: u32,
    last: u32,
    order: Order,
    log: Log,
}

/// Nothing more will be accepted.
struct Over;

impl Account {
    /// The next message was accepted, after the mailbox had been seen closed or not.
    fn accepted(&mut self, late: bool) {
        self.log.tally.broken += u64::from(late || !self.log.sent.insert(self.next));
        self.next += 1;
    }

    /// It was accepted, or came back because nothing is accepted any more.
    fn settled(&mut self, sent: Result<(), Note>, late: bool) -> Result<(), Over> {
        match sent {
            Ok(()) => {
                self.accepted(late);
                Ok(())
            }
            Err(note) => {
                self.log.tally.broken += u64::from(note.take() != self.next);
                Err(Over)
            }
        }
    }

    /// The next message is not sent at all.
    fn skip(&mut self) {
        self.next += 1;
    }

    fn cancelled(&mut self) -> Result<(), Over> {
        self.log.tally.cancels += 1;
        Ok(())
    }
}

impl Producer {
    pub(super) fn new(number: u32, sender: Sender<Note>, scene: Arc<Scene>, mut random: Random, waits: bool) -> Self {
        let quota = scene.shape.quota;
        let (next, last) = (number * quota, (number + 1) * quota);
        // Whoever comes first; the others find that it was closed already.
        let closes = scene.shape.end == End::Closed && random.one_in(2);
        let closes_at = closes.then(|| next + quota / 4 + random.below(quota as usize / 2) as u32);
        let ids = scene.ids();
        let log = Log { sent: Bitmap::new(ids), dropped: Bitmap::new(ids), got: Bitmap::new(ids), ..Log::default() };
        let order = Order::new(scene.senders(), quota);
        let turns = (!waits).then_some(quota);
        Self { sender, scene, random, closes_at, turns, account: Account { next, last, order, log } }
    }

    pub(super) async fn run(mut self) -> Log {
        while self.goes_on() {
            let result = match self.random.below(16) {
                0 | 1 => self.try_send(),
                2 => self.reserve().await,
                3 => self.reserve_many().await,
                4 => self.poll_reserve().await,
                5 if self.random.one_in(8) => self.force_send(),
                6 => self.reserve_owned().await,
                _ => self.send().await,
            };
            if result.is_err() {
                break;
            }
        }
        self.account.log
    }

    pub(super) fn block(mut self) -> Log {
        while self.goes_on() {
            let late = self.scene.is_closed();
            let result = match self.random.below(8) {
                0 => self.try_send(),
                1 => match self.sender.reserve().wait() {
                    Ok(permit) => {
                        let sent = permit.send(Note::new(self.account.next, self.scene.lane));
                        self.account.settled(sent.map_err(|refused| refused.into_inner()), late)
                    }
                    Err(_) => Err(Over),
                },
                _ => {
                    let sent = self.sender.send_blocking(Note::new(self.account.next, self.scene.lane));
                    self.account.settled(sent.map_err(|refused| refused.into_inner()), late)
                }
            };
            if result.is_err() {
                break;
            }
        }
        self.account.log
    }

    fn goes_on(&mut self) -> bool {
        if self.closes_at.is_some_and(|at| self.account.next >= at) {
            self.closes_at = None;
            let sender = &self.sender;
            self.scene.close(|| sender.close_mailbox(), &mut self.account.log);
        }
        if let Some(turns) = &mut self.turns {
            let Some(left) = turns.checked_sub(1) else { return false };
            *turns = left;
        }
        self.account.next < self.account.last
    }

    fn patience(&mut self) -> Patience {
        let percent = if self.turns.is_some() { 100 } else { self.scene.shape.cancel };
        Patience::pick(&mut self.random, percent)
    }

    async fn send(&mut self) -> Result<(), Over> {
        let late = self.scene.is_closed();
        let mut patience = self.patience();
        let mut note = Note::new(self.account.next, self.scene.lane);
        loop {
            let cancelled = {
                let mut sending = pin!(self.sender.send(note));
                match until(sending.as_mut(), patience).await {
                    Some(answer) => Ok(answer.map_err(|refused| refused.into_inner())),
                    None if self.random.one_in(4) => Err(None),
                    None => match sending.cancel() {
                        Some(note) => Err(Some(note)),
                        // Only at capacity 0 a receiver comes for what is still the sender's.
                        None => {
                            self.account.log.tally.broken += u64::from(self.scene.shape.capacity != Some(0));
                            Ok(Ok(()))
                        }
                    },
                }
            };
            match cancelled {
                Ok(sent) => return self.account.settled(sent, late),
                Err(back) => {
                    self.account.log.tally.cancels += 1;
                    match back {
                        // Sent again, this time with patience, or counted as not sent.
                        Some(back) if self.turns.is_none() && self.random.one_in(2) => {
                            (note, patience) = (back, Patience::Endless)
                        }
                        Some(back) => {
                            self.account.log.tally.broken += u64::from(back.take() != self.account.next);
                            self.account.skip();
                            return Ok(());
                        }
                        None => {
                            self.account.log.dropped.insert(self.account.next);
                            self.account.skip();
                            return Ok(());
                        }
                    }
                }
            }
        }
    }

    fn try_send(&mut self) -> Result<(), Over> {
        let late = self.scene.is_closed();
        match self.sender.try_send(Note::new(self.account.next, self.scene.lane)) {
            Ok(()) => self.account.settled(Ok(()), late),
            Err(TrySendError::Closed(note)) => self.account.settled(Err(note), late),
            // It is sent in another way.
            Err(refused) => {
                refused.into_inner().take();
                Ok(())
            }
        }
    }

    fn force_send(&mut self) -> Result<(), Over> {
        let late = self.scene.is_closed();
        match self.sender.force_send(Note::new(self.account.next, self.scene.lane)) {
            Ok(evicted) => {
                let result = self.account.settled(Ok(()), late);
                if let Some(evicted) = evicted {
                    self.account.order.received(evicted.take(), &mut self.account.log);
                }
                result
            }
            Err(TrySendError::Closed(note)) => self.account.settled(Err(note), late),
            Err(refused) => {
                refused.into_inner().take();
                Ok(())
            }
        }
    }

    async fn reserve(&mut self) -> Result<(), Over> {
        let late = self.scene.is_closed();
        let patience = self.patience();
        let permit = if self.random.one_in(4) {
            match self.sender.try_reserve() {
                Ok(permit) => permit,
                Err(TryReserveError::Closed) => return Err(Over),
                Err(_) => return Ok(()),
            }
        } else {
            match until(pin!(self.sender.reserve()), patience).await {
                Some(Ok(permit)) => permit,
                Some(Err(_)) => return Err(Over),
                None => return self.account.cancelled(),
            }
        };
        if self.random.one_in(8) {
            // Not needed after all: the slot is the next one's.
            return Ok(());
        }
        let sent = permit.send(Note::new(self.account.next, self.scene.lane));
        self.account.settled(sent.map_err(|refused| refused.into_inner()), late)
    }

    async fn reserve_many(&mut self) -> Result<(), Over> {
        let late = self.scene.is_closed();
        let most = self.scene.shape.capacity.unwrap_or(8).clamp(1, 8);
        let n = 1 + self.random.below(most);
        let patience = self.patience();
        let permits = match until(pin!(self.sender.reserve_many(n)), patience).await {
            Some(Ok(permits)) => permits,
            Some(Err(_)) => return Err(Over),
            None => return self.account.cancelled(),
        };
        // Sometimes not all of them are used.
        let used = if self.random.one_in(4) { self.random.below(n) } else { n };
        for permit in permits.take(used.min((self.account.last - self.account.next) as usize)) {
            let sent = permit.send(Note::new(self.account.next, self.scene.lane));
            self.account.settled(sent.map_err(|refused| refused.into_inner()), late)?;
        }
        Ok(())
    }

    async fn reserve_owned(&mut self) -> Result<(), Over> {
        let late = self.scene.is_closed();
        let patience = self.patience();
        // The handle itself goes: a waiter that it left in line would keep its wake-up from this one.
        let spare = self.sender.clone();
        let own = std::mem::replace(&mut self.sender, spare);
        match until(pin!(own.reserve_owned()), patience).await {
            Some(Ok(permit)) => {
                let sent = permit.send(Note::new(self.account.next, self.scene.lane));
                self.account.settled(sent.map(drop).map_err(|(_, refused)| refused.into_inner()), late)
            }
            Some(Err(_)) => Err(Over),
            None => self.account.cancelled(),
        }
    }

    /// By the handle, whose waiter stays in line when this is given up, until something else is done with it.
    async fn poll_reserve(&mut self) -> Result<(), Over> {
        let late = self.scene.is_closed();
        let patience = self.patience();
        let (note, sender) = (Note::new(self.account.next, self.scene.lane), &mut self.sender);
        let mut note = Some(note);
        let polled = poll_fn(|cx| {
            sender.poll_reserve(cx).map(|permit| match (permit, note.take()) {
                (Ok(permit), Some(note)) => permit.send(note).map_err(|refused| refused.into_inner()),
                (_, note) => Err(note.expect("it is taken once")),
            })
        });
        match until(pin!(polled), patience).await {
            Some(sent) => self.account.settled(sent, late),
            None => {
                if let Some(note) = note.take() {
                    note.take();
                }
                self.account.cancelled()
            }
        }
    }
}
