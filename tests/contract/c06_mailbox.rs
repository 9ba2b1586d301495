//! C6 on the mailbox: wakers and messages that come back to it.

use crate::common::{Bell, queued, watched};
use sempost::mailbox::{self, Receiver, Sender, TrySendError};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A message whose drop asks and uses the mailbox it was in.
struct Talkative {
    tx: Sender<Talkative>,
    drops: Arc<AtomicUsize>,
}

impl Drop for Talkative {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Ordering::SeqCst);
        let tx = &self.tx;
        assert!(!format!("{tx:?} {} {}", tx.len(), tx.is_closed()).is_empty());
        drop(tx.try_reserve());
        tx.close_mailbox();
    }
}

fn talkative(capacity: usize) -> (Receiver<Talkative>, Arc<AtomicUsize>) {
    let drops = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = mailbox::bounded(capacity);
    for _ in 0..capacity {
        assert!(tx.try_send(Talkative { tx: tx.clone(), drops: drops.clone() }).is_ok());
    }
    (rx, drops)
}

#[test]
fn c06_mailbox_messages_dropped_with_the_last_receiver_come_back() {
    let (rx, drops) = talkative(100);
    watched(String::new, || drop(rx));
    assert_eq!(drops.load(Ordering::SeqCst), 100);
}

#[test]
fn c06_mailbox_a_received_message_dropped_comes_back() {
    let (rx, drops) = talkative(1);
    watched(String::new, || drop(rx.try_recv()));
    assert_eq!((drops.load(Ordering::SeqCst), rx.is_closed()), (1, true));
}

#[test]
fn c06_mailbox_an_evicted_message_dropped_comes_back() {
    let (rx, drops) = talkative(1);
    let first = rx.try_recv().unwrap_or_else(|_| panic!("a message"));
    let tx = first.tx.clone();
    watched(String::new, || {
        assert!(tx.force_send(first).is_ok_and(|evicted| evicted.is_none()));
        let second = Talkative { tx: tx.clone(), drops: drops.clone() };
        drop(tx.force_send(second));
    });
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    drop(rx);
    assert_eq!(drops.load(Ordering::SeqCst), 2);
}

#[test]
fn c06_mailbox_a_waker_called_by_send_sends() {
    let (tx, rx) = mailbox::bounded(4);
    let (bell, again) = (Bell::new(), tx.clone());
    bell.on_wake(move || again.try_send(2).unwrap());
    let waiting = queued(rx.recv(), &bell);
    watched(String::new, || tx.try_send(1).unwrap());
    drop(waiting);
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(1), Ok(2)));
    bell.unhook();
}

#[test]
fn c06_mailbox_a_waker_called_by_recv_receives() {
    let (tx, rx) = mailbox::bounded(1);
    let (bell, again) = (Bell::new(), rx.clone());
    tx.try_send(1).unwrap();
    let waiting = queued(tx.send(2), &bell);
    bell.on_wake(move || assert!(again.try_recv().is_err()));
    watched(String::new, || assert_eq!(rx.try_recv(), Ok(1)));
    assert_eq!(bell.wakes(), 1);
    drop(waiting);
    bell.unhook();
}

#[test]
fn c06_mailbox_wakers_called_by_close_come_back() {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(1).unwrap();
    let bells = [Bell::new(), Bell::new()];
    for bell in &bells {
        let (tx, rx) = (tx.clone(), rx.clone());
        bell.on_wake(move || {
            assert_eq!(tx.try_send(9), Err(TrySendError::Closed(9)));
            assert!(!rx.close() && rx.is_closed());
        });
    }
    let _sending = queued(tx.send(2), &bells[0]);
    let _closed = queued(rx.closed(), &bells[1]);
    watched(String::new, || assert!(rx.close()));
    assert_eq!((bells[0].wakes(), bells[1].wakes()), (1, 1));
    bells.iter().for_each(Bell::unhook);
}

#[test]
fn c06_mailbox_a_waker_may_drop_the_last_receiver() {
    let (tx, rx) = mailbox::bounded::<u32>(1);
    let bell = Bell::new();
    let mut owned = Some(rx);
    assert!(owned.as_mut().unwrap().poll_recv(&mut bell.context()).is_pending());
    let slot = std::sync::Mutex::new(owned);
    bell.on_wake(move || drop(slot.lock().unwrap().take()));
    watched(String::new, || tx.try_send(1).unwrap());
    assert_eq!(bell.wakes(), 1);
    assert_eq!(tx.try_send(2), Err(TrySendError::Closed(2)));
    assert_eq!(tx.receiver_count(), 0);
}
