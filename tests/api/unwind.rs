//! Handles cross `catch_unwind` as they are, whatever their messages are, and are whole behind it.
//!
//! Nothing here says `AssertUnwindSafe`: that it compiles is half of the test.

use crate::common::{leak, now};
use sempost::mailbox::ports::Order;
use sempost::mailbox::{self, OwnedSendPermit, Receiver, Sender, WeakReceiver, WeakSender};
use sempost::{Condvar, Mutex, OwnedPermit, PollSemaphore, Semaphore, oneshot};
use std::cell::Cell;
use std::panic::{UnwindSafe, catch_unwind, panic_any};
use std::rc::Rc;
use std::sync::Arc;

/// A message that may cross neither by itself nor by reference.
type Delicate = Rc<Cell<&'static mut u8>>;

fn message() -> Delicate {
    Rc::new(Cell::new(leak(7)))
}

/// Runs `f` into a panic of its own.
#[track_caller]
fn panics(f: impl FnOnce() + UnwindSafe) {
    struct Meant;
    let caught = catch_unwind(|| {
        f();
        panic_any(Meant);
    });
    assert!(caught.unwrap_err().is::<Meant>());
}

#[test]
fn a_semaphore_is_borrowed_across() {
    let semaphore = Arc::new(Semaphore::new(3));
    let held: OwnedPermit = semaphore.try_acquire_owned().unwrap();
    let mut polled = PollSemaphore::new(Arc::clone(&semaphore));
    panics(|| {
        let _permit = semaphore.try_acquire().unwrap();
        assert_eq!(polled.semaphore().available_permits(), 1);
        held.semaphore().add_permits(1);
    });
    drop(held);
    assert_eq!(semaphore.available_permits(), 4);
    assert!(!polled.give_up());
}

#[test]
fn a_condvar_is_borrowed_across() {
    let changed = Condvar::new();
    panics(|| {
        let mutex = Mutex::new(());
        drop(changed.wait(mutex.try_lock().unwrap()));
        assert!(!changed.notify_one());
    });
    assert_eq!(changed.waiters(), 0);
}

#[test]
fn mailbox_handles_cross_by_reference_and_by_value() {
    let (tx, rx): (Sender<Delicate>, Receiver<Delicate>) = mailbox::bounded(4);
    let (weak_tx, weak_rx): (WeakSender<Delicate>, WeakReceiver<Delicate>) = (tx.downgrade(), rx.downgrade());
    let owned: OwnedSendPermit<Delicate> = tx.clone().try_reserve_owned().unwrap();
    panics(|| {
        tx.try_send(message()).unwrap();
        drop(rx.try_recv().unwrap());
        assert!(weak_tx.upgrade().is_some() && weak_rx.upgrade().is_some());
        assert!(format!("{owned:?}").contains("reserved_slots: 1"));
    });
    let (sender, receiver) = (tx.clone(), rx.clone());
    panics(move || {
        sender.try_send(message()).unwrap();
        drop((owned, receiver));
    });
    assert_eq!((tx.len(), tx.sender_count(), rx.receiver_count(), tx.remaining()), (1, 1, 1, 3));
    assert_eq!(now(rx.recv()).map(|message| message.take_value()), Some(7));
}

#[test]
fn permits_of_a_mailbox_cross_and_give_their_slots_back() {
    let (tx, _rx) = mailbox::bounded::<Delicate>(4);
    let (one, two) = (tx.try_reserve().unwrap(), tx.try_reserve_many(2).unwrap());
    panics(move || drop((one, two)));
    assert_eq!(tx.remaining(), 4);
}

#[test]
fn the_ends_of_ports_cross() {
    let (ports, rx) = mailbox::ports::<u8, Delicate>(Order::fair());
    let (adopted, mailbox) = mailbox::bounded(4);
    assert!(!ports.is_closed() && mailbox.is_empty());
    panics(|| {
        assert_eq!((ports.clone().port_count(), rx.clone().len()), (0, 0));
        assert!(format!("{rx:?}").contains("ports: 0"));
    });
    panics(move || drop((ports, mailbox)));
    assert!(adopted.try_send(message()).is_err());
    panics(move || drop(rx));
}

#[test]
fn the_ends_of_a_oneshot_cross() {
    let (tx, mut rx) = oneshot::channel::<Delicate>();
    panics(|| assert!(!tx.is_closed()));
    panics(move || assert!(tx.send(message()).is_ok()));
    assert_eq!(rx.try_recv().unwrap().take_value(), 7);
    let (tx, rx) = oneshot::channel::<Delicate>();
    panics(|| assert!(format!("{rx:?}").contains("Receiver")));
    panics(move || drop(rx));
    assert!(tx.is_closed());
}

/// Reads what a [`Delicate`] message holds.
trait TakeValue {
    fn take_value(self) -> u8;
}

impl TakeValue for Delicate {
    fn take_value(self) -> u8 {
        *Rc::into_inner(self).unwrap().into_inner()
    }
}
