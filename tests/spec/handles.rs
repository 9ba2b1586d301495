//! Handles that are cloned, dropped, made weak and strong again, and permits that keep theirs: who closes the mailbox,
//! and what becomes of the messages.

use std::collections::VecDeque;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Waker};

use sempost::mailbox::{
    self, OwnedSendPermit, Receiver, Sender, TryRecvError, TryReserveError, WeakReceiver, WeakSender,
};

use super::walk::{Bytes, LONGEST};

/// A message that is counted as long as it lives.
struct Message {
    number: u32,
    _alive: Rc<()>,
}

/// The handles of one mailbox, and what there should be.
struct World {
    senders: Vec<Sender<Message>>,
    receivers: Vec<Receiver<Message>>,
    permits: Vec<OwnedSendPermit<Message>>,
    weak: (WeakSender<Message>, WeakReceiver<Message>),
    alive: Rc<()>,
    capacity: usize,
    queue: VecDeque<u32>,
    closed: bool,
    next: u32,
}

/// Takes a walk.
pub fn walk(bytes: &mut Bytes<'_>) -> Result<usize, String> {
    let mut world = World::new(1 + bytes.below(20));
    let mut log = Vec::new();
    while !bytes.is_over() && log.len() < LONGEST {
        let what = bytes.below(14);
        log.push(what);
        let right = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            world.step(what, bytes);
            world.check()
        }));
        let difference = match right {
            Ok(Ok(())) => continue,
            Ok(Err(difference)) => difference,
            Err(_) => "it panicked".to_owned(),
        };
        return Err(format!("capacity {}\n  {log:?}\n  {difference}\n", world.capacity));
    }
    Ok(log.len())
}

impl World {
    fn new(capacity: usize) -> Self {
        let (sender, receiver) = mailbox::bounded(capacity);
        Self {
            weak: (sender.downgrade(), receiver.downgrade()),
            senders: vec![sender],
            receivers: vec![receiver],
            permits: Vec::new(),
            alive: Rc::new(()),
            capacity,
            queue: VecDeque::new(),
            closed: false,
            next: 0,
        }
    }

    fn message(&mut self) -> Message {
        self.next += 1;
        Message { number: self.next, _alive: Rc::clone(&self.alive) }
    }

    fn is_full(&self) -> bool {
        self.queue.len() + self.permits.len() >= self.capacity
    }

    fn is_terminal(&self) -> bool {
        self.closed && self.queue.is_empty() && self.permits.is_empty()
    }

    fn step(&mut self, what: usize, bytes: &mut Bytes<'_>) {
        match what {
            0 => self.senders.extend(self.senders.first().cloned()),
            1 => self.receivers.extend(self.receivers.first().cloned()),
            2 => drop(pull(&mut self.senders, bytes)),
            3 => drop(pull(&mut self.receivers, bytes)),
            4 => self.strengthen(),
            5..=6 => self.send(bytes),
            7..=8 => self.receive(bytes),
            9..=10 => self.reserve(bytes),
            11..=12 => self.use_permit(bytes),
            _ => {
                let first = self.senders.first().map(Sender::close_mailbox);
                assert_eq!(first.unwrap_or(!self.closed), !self.closed, "one call closes it");
                self.closed |= first.is_some();
            }
        }
        // The last of a kind closes, and the last receiver takes the queue along.
        self.closed |= self.senders.len() + self.permits.len() == 0 || self.receivers.is_empty();
        if self.receivers.is_empty() {
            self.queue.clear();
        }
    }

    /// A weak handle becomes a full one as long as there is one of its kind.
    fn strengthen(&mut self) {
        let (sender, receiver) = (self.weak.0.upgrade(), self.weak.1.upgrade());
        assert_eq!(sender.is_some(), self.senders.len() + self.permits.len() > 0);
        assert_eq!(receiver.is_some(), !self.receivers.is_empty());
        self.senders.extend(sender);
        self.receivers.extend(receiver);
        self.weak = (self.weak.0.clone(), self.weak.1.clone());
    }

    fn send(&mut self, bytes: &mut Bytes<'_>) {
        let message = self.message();
        let (number, full, closed) = (message.number, self.is_full(), self.closed);
        let Some(sender) = any(&self.senders, bytes) else { return };
        match sender.try_send(message) {
            Ok(()) => {
                assert!(!closed && !full, "it accepts too much");
                self.queue.push_back(number);
            }
            Err(error) => {
                assert_eq!((error.is_closed(), error.is_full()), (closed, !closed && full));
                assert_eq!(error.into_inner().number, number);
            }
        }
    }

    fn receive(&mut self, bytes: &mut Bytes<'_>) {
        let Some(receiver) = any(&self.receivers, bytes) else { return };
        let expected = match self.queue.front() {
            Some(&number) => Ok(number),
            None if self.is_terminal() => Err(TryRecvError::Closed),
            None => Err(TryRecvError::Empty),
        };
        assert_eq!(receiver.try_recv().map(|message| message.number), expected);
        self.queue.pop_front();
    }

    fn reserve(&mut self, bytes: &mut Bytes<'_>) {
        let (full, closed) = (self.is_full(), self.closed);
        let Some(sender) = pull(&mut self.senders, bytes) else { return };
        match sender.try_reserve_owned() {
            Ok(permit) => {
                assert!(!closed && !full, "it promises too much");
                self.permits.push(permit);
            }
            Err((sender, error)) => {
                assert_eq!(error == TryReserveError::Closed, closed);
                assert!(closed || full, "there was a slot");
                self.senders.push(sender);
            }
        }
    }

    fn use_permit(&mut self, bytes: &mut Bytes<'_>) {
        let Some(permit) = pull(&mut self.permits, bytes) else { return };
        match bytes.below(4) {
            0 => drop(permit),
            1 => self.senders.push(permit.release()),
            _ => {
                let message = self.message();
                let number = message.number;
                match permit.send(message) {
                    Ok(sender) => {
                        assert!(!self.receivers.is_empty(), "nobody can receive it");
                        self.senders.push(sender);
                        self.queue.push_back(number);
                    }
                    Err((sender, error)) => {
                        assert!(self.receivers.is_empty(), "a permit is good after the close");
                        assert_eq!(error.into_inner().number, number);
                        self.senders.push(sender);
                    }
                }
            }
        }
    }

    /// Everything that a handle tells.
    fn check(&self) -> Result<(), String> {
        let alive = Rc::strong_count(&self.alive) - 1;
        let expected = (self.queue.len(), self.closed, self.senders.len() + self.permits.len(), self.receivers.len());
        let told = self.senders.first().map(|s| (s.len(), s.is_closed(), s.sender_count(), s.receiver_count()));
        let heard = self.receivers.first().map(|r| (r.len(), r.is_closed(), r.sender_count(), r.receiver_count()));
        let right = |seen: Option<_>| seen.is_none_or(|seen| seen == expected);
        if alive != self.queue.len() || !right(told) || !right(heard) {
            return Err(format!("{told:?} {heard:?}, alive {alive}, expected {expected:?}"));
        }
        let mut context = Context::from_waker(Waker::noop());
        for receiver in &self.receivers {
            let closed = pin!(receiver.closed()).poll(&mut context).is_ready();
            let drained = pin!(receiver.drained()).poll(&mut context).is_ready();
            if (closed, drained) != (self.closed, self.is_terminal()) {
                return Err(format!("closed() and drained() are {closed} and {drained}"));
            }
        }
        Ok(())
    }
}

fn any<'a, T>(from: &'a [T], bytes: &mut Bytes<'_>) -> Option<&'a T> {
    (!from.is_empty()).then(|| &from[bytes.below(from.len())])
}

fn pull<T>(from: &mut Vec<T>, bytes: &mut Bytes<'_>) -> Option<T> {
    (!from.is_empty()).then(|| from.swap_remove(bytes.below(from.len())))
}
