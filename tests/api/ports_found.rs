//! Ports: what a reader found who tried to break them. Each was red before.

use std::future;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use crate::common::{Bell, now, pending, queued, with};
use sempost::Elapsed;
use sempost::mailbox::ports::{OpenError, Order, PortReceiver};
use sempost::mailbox::{self, TryRecvError};

/// Catches a port that is counted before the foreign code of the adopted receiver has run: the ports would never end.
#[test]
fn a_waker_that_panics_as_its_receiver_is_adopted_leaves_no_port() {
    let (ports, receiver) = mailbox::ports::<u8, u8>(Order::fair());
    let (sender, mut adopted) = mailbox::bounded::<u8>(1);
    let bell = Bell::new();
    assert!(with(&bell, |cx| adopted.poll_recv(cx)).is_pending());
    bell.on_drop(|| panic!("a waker that panics as it is dropped"));
    assert!(catch_unwind(AssertUnwindSafe(|| ports.adopt(1, adopted))).is_err());
    bell.unhook();
    assert!(sender.is_closed());
    drop(ports);
    assert_eq!((receiver.port_count(), receiver.try_recv()), (0, Err(TryRecvError::Closed)));
}

type Shared = Arc<PortReceiver<Curious, u8>>;

/// A key that receives as it is dropped.
#[derive(Clone)]
struct Curious(Arc<Mutex<Option<Shared>>>);

impl PartialEq for Curious {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Curious {}

impl Hash for Curious {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

impl Drop for Curious {
    fn drop(&mut self) {
        let receiver = self.0.lock().unwrap().clone();
        if let Some(receiver) = receiver {
            assert!(matches!(receiver.try_recv(), Err(TryRecvError::Closed)), "the end is final");
            assert!(now(receiver.recv()).is_none());
        }
    }
}

/// Catches an end that a refused port undoes for a moment.
#[test]
fn an_opener_that_is_refused_does_not_undo_the_end() {
    let (ports, receiver) = mailbox::ports::<Curious, u8>(Order::fair());
    receiver.close();
    let receiver = Arc::new(receiver);
    assert!(matches!(receiver.try_recv(), Err(TryRecvError::Closed)));
    let seen = Arc::new(Mutex::new(Some(Arc::clone(&receiver))));
    assert_eq!(ports.open(Curious(Arc::clone(&seen)), 1).unwrap_err(), OpenError::Closed);
    seen.lock().unwrap().take();
}

/// Catches a port that is in no table, because its key was opened again while it was polled, and outlives all handles.
#[test]
fn the_last_receiver_takes_a_port_along_whose_key_was_opened_again() {
    let (ports, receiver) = mailbox::ports::<u8, u8>(Order::fair());
    let (sender, adopted) = mailbox::bounded::<u8>(1);
    let weak = adopted.downgrade();
    ports.adopt(1, adopted).unwrap();
    let other = weak.upgrade().unwrap();
    sender.try_send(1).unwrap();
    let (ports, opened) = (Arc::new(ports), Arc::new(Mutex::new(None)));
    let bell = Bell::new();
    let mut drained = queued(other.drained(), &bell);
    let (opener, slot) = (Arc::clone(&ports), Arc::clone(&opened));
    bell.on_wake(move || *slot.lock().unwrap() = Some(opener.open(1, 1).unwrap()));
    drop(sender);
    // The last message is taken: its mailbox has drained, and the waker opens the key anew while the port is polled.
    assert_eq!(receiver.try_recv(), Ok((1, 1)));
    assert!(opened.lock().unwrap().is_some());
    bell.unhook();
    with(&bell, |cx| assert!(future::Future::poll(drained.as_mut(), cx).is_ready()));
    drop(drained);
    drop(other);
    assert_eq!(receiver.port_count(), 2);
    drop(receiver);
    assert_eq!((weak.receiver_count(), ports.port_count()), (0, 0));
}

/// Catches a last look that gives up behind many ports which were emptied one by one.
#[test]
fn a_last_look_goes_past_any_number_of_empty_ports() {
    let (ports, receiver) = mailbox::ports::<u32, u8>(Order::fair());
    let senders: Vec<_> = (0..=200).map(|key| ports.open(key, 1).unwrap()).collect();
    for (key, sender) in senders[..200].iter().enumerate() {
        sender.try_send(0).unwrap();
        assert_eq!(receiver.try_recv_from(&(key as u32)), Ok(0));
    }
    senders[200].try_send(9).unwrap();
    assert_eq!(now(receiver.recv().until(future::ready(()))), Ok(Some((200, 9))));
    let mut idle = Box::pin(receiver.recv());
    pending(&mut idle, &Bell::new());
    assert_eq!(now(receiver.recv().until(future::ready(()))), Err(Elapsed));
}
