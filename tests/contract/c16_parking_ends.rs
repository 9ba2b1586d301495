//! The rows of the mailbox, with credits, with ports and without, of the reply port, of waits for
//! predicates, and of latch, barrier and readers-writer lock.

use super::*;
use crate::common::now;
use sempost::mailbox::credits::{CreditReceiver, CreditSender};
use sempost::mailbox::ports::{Order, PortReceiver};
use sempost::{Barrier, Latch, RwLock};

pub(super) fn send(place: Place) -> Cell {
    plain(place)?;
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(0).unwrap();
    wait!(place, Event::new(move || assert_eq!(rx.try_recv(), Ok(0))), tx.send(1))
}

/// At capacity 0 a sender that joins wakes a stream that waits, which takes the message at once.
pub(super) fn send_to_a_meeting(place: Place) -> Cell {
    let ((tx, mut rx), bell) = (mailbox::bounded(0), Bell::new());
    if joins(place)? {
        assert!(with(&bell, |cx| rx.poll_recv(cx)).is_pending());
    }
    let event = Event::new(move || assert_eq!(rx.try_recv(), Ok(1)));
    event.at_wake(&bell);
    wait!(place, event, tx.send_owned(1))
}

pub(super) fn send_many(place: Place) -> Cell {
    plain(place)?;
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(0).unwrap();
    wait!(place, Event::new(move || assert_eq!(rx.try_recv(), Ok(0))), tx.send_many([1]))
}

pub(super) fn reserve(place: Place) -> Cell {
    plain(place)?;
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(0).unwrap();
    wait!(place, Event::new(move || assert_eq!(rx.try_recv(), Ok(0))), tx.reserve())
}

pub(super) fn reserve_many(place: Place) -> Cell {
    plain(place)?;
    let (tx, rx) = mailbox::bounded(2);
    tx.try_send(0).unwrap();
    wait!(place, Event::new(move || assert_eq!(rx.try_recv(), Ok(0))), tx.reserve_many(2))
}

pub(super) fn reserve_owned(place: Place) -> Cell {
    plain(place)?;
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(0).unwrap();
    wait!(place, Event::new(move || assert_eq!(rx.try_recv(), Ok(0))), tx.reserve_owned())
}

pub(super) fn recv(place: Place) -> Cell {
    plain(place)?;
    let (tx, rx) = mailbox::bounded(1);
    wait!(place, Event::new(move || tx.try_send(1).unwrap()), rx.recv())
}

/// At capacity 0 a receiver that joins is what a reservation waits for, and that one sends at once.
pub(super) fn recv_at_a_meeting(place: Place) -> Cell {
    let ((tx, rx), bell) = (mailbox::bounded(0), Bell::new());
    let mut reserving = joins(place)?.then(|| queued(tx.clone().reserve_owned(), &bell));
    let event = Event::new(move || match &mut reserving {
        Some(reserving) => drop(ready(reserving, &Bell::new()).unwrap().send(1).unwrap()),
        None => tx.try_send(1).unwrap(),
    });
    event.at_wake(&bell);
    wait!(place, event, rx.recv_owned())
}

pub(super) fn recv_many(place: Place) -> Cell {
    plain(place)?;
    let ((tx, rx), mut buffer) = (mailbox::bounded(1), Vec::new());
    wait!(place, Event::new(move || tx.try_send(1).unwrap()), rx.recv_many(&mut buffer, 2))
}

pub(super) fn closed(place: Place) -> Cell {
    plain(place)?;
    let (tx, rx) = mailbox::bounded::<u8>(1);
    wait!(place, Event::new(move || assert!(rx.close())), tx.closed())
}

pub(super) fn drained(place: Place) -> Cell {
    plain(place)?;
    let (tx, rx) = mailbox::bounded::<u8>(1);
    wait!(place, Event::new(move || drop(tx)), rx.drained())
}

/// The one future that is not pinned: what polled it before may have left a waker.
pub(super) fn oneshot_value(place: Place) -> Cell {
    let ((tx, mut rx), bell) = (oneshot::channel(), Bell::new());
    let event = Event::new(move || tx.send(1).unwrap());
    match place {
        Place::OldWaker => {
            assert!(with(&bell, |cx| std::pin::Pin::new(&mut rx).poll(cx)).is_pending());
            event.at_drop(&bell);
        }
        place => plain(place)?,
    }
    wait!(place, event, rx)
}

pub(super) fn oneshot_end(place: Place) -> Cell {
    let ((mut tx, rx), bell) = (oneshot::channel::<u8>(), Bell::new());
    let event = Event::new(move || drop(rx));
    match place {
        Place::OldWaker => {
            assert!(with(&bell, |cx| tx.poll_closed(cx)).is_pending());
            event.at_drop(&bell);
        }
        place => plain(place)?,
    }
    wait!(place, event, tx.closed())
}

/// One credit, which a queued message holds.
fn spent() -> (CreditSender<u8>, CreditReceiver<u8>) {
    let (tx, rx) = mailbox::credits(1, |_| 1);
    tx.try_send(0).unwrap();
    (tx, rx)
}

pub(super) fn credits_send(place: Place) -> Cell {
    plain(place)?;
    let (tx, rx) = spent();
    wait!(place, Event::new(move || drop(rx.try_recv().unwrap())), tx.send(1))
}

pub(super) fn credits_send_owned(place: Place) -> Cell {
    plain(place)?;
    let (tx, rx) = spent();
    wait!(place, Event::new(move || drop(rx.try_recv().unwrap())), tx.send_owned(1))
}

pub(super) fn credits_reserve(place: Place) -> Cell {
    plain(place)?;
    let (tx, rx) = spent();
    wait!(place, Event::new(move || drop(rx.try_recv().unwrap())), tx.reserve(1))
}

pub(super) fn credits_reserve_owned(place: Place) -> Cell {
    plain(place)?;
    let (tx, rx) = spent();
    wait!(place, Event::new(move || drop(rx.try_recv().unwrap())), tx.reserve_owned(1))
}

pub(super) fn credits_recv(place: Place) -> Cell {
    plain(place)?;
    let (tx, rx) = mailbox::credits(1, |_| 1);
    wait!(place, Event::new(move || tx.try_send(1_u8).unwrap()), rx.recv_owned())
}

/// A port, and who receives from it.
fn port() -> (mailbox::Sender<u8>, PortReceiver<u8, u8>) {
    let (ports, rx) = mailbox::ports(Order::fair());
    (ports.open(1, 1).unwrap(), rx)
}

pub(super) fn ports_recv(place: Place) -> Cell {
    plain(place)?;
    let (tx, rx) = port();
    wait!(place, Event::new(move || tx.try_send(7).unwrap()), rx.recv())
}

pub(super) fn ports_recv_many(place: Place) -> Cell {
    plain(place)?;
    let ((tx, rx), mut buffer) = (port(), Vec::new());
    wait!(place, Event::new(move || tx.try_send(7).unwrap()), rx.recv_many(&mut buffer, 2))
}

pub(super) fn ports_recv_owned(place: Place) -> Cell {
    plain(place)?;
    let (tx, rx) = port();
    wait!(place, Event::new(move || tx.try_send(7).unwrap()), rx.recv_owned())
}

pub(super) fn ports_recv_from(place: Place) -> Cell {
    plain(place)?;
    let (tx, rx) = port();
    wait!(place, Event::new(move || tx.try_send(7).unwrap()), rx.recv_from(&1))
}

/// The second in line for its source: it is woken twice, once to be the first.
pub(super) fn ports_recv_from_owned(place: Place) -> Cell {
    plain(place)?;
    let (tx, rx) = port();
    let first = queued(rx.clone().recv_from_owned(&1), &Bell::new());
    let event = Event::new(move || {
        drop(first);
        tx.try_send(7).unwrap();
    });
    wait!(place, event, rx.recv_from_owned(&1))
}

pub(super) fn enter_a_monitor_when(place: Place) -> Cell {
    plain(place)?;
    let monitor = Arc::new(Monitor::<_, Cond>::new(0));
    let other = monitor.clone();
    wait!(place, Event::new(move || *other.try_enter().unwrap() = 1), monitor.enter_when_owned(|n| *n == 1))
}

/// Whoever waits leaves, which wakes the next at the door.
pub(super) fn wait_for_in_a_monitor(place: Place) -> Cell {
    let (monitor, bell) = (Arc::new(Monitor::<_, Cond>::new(0)), Bell::new());
    let guard = monitor.try_enter_owned().unwrap();
    let mut next = joins(place)?.then(|| queued(monitor.enter_owned(), &bell));
    let event = Event::new(move || {
        let mut inside = match &mut next {
            Some(next) => ready(next, &Bell::new()),
            None => monitor.try_enter_owned().unwrap(),
        };
        *inside = 1;
    });
    event.at_wake(&bell);
    wait!(place, event, guard.wait_for(|n| *n == 1))
}

pub(super) fn latch_wait(place: Place) -> Cell {
    plain(place)?;
    let latch = Arc::new(Latch::new(1));
    let other = latch.clone();
    wait!(place, Event::new(move || assert!(other.count_down())), latch.wait_owned())
}

pub(super) fn barrier_wait(place: Place) -> Cell {
    plain(place)?;
    let barrier = Arc::new(Barrier::new(2));
    let other = barrier.clone();
    wait!(place, Event::new(move || assert!(now(other.wait()).is_leader())), barrier.wait_owned())
}

pub(super) fn read(place: Place) -> Cell {
    plain(place)?;
    let lock = Arc::new(RwLock::new(0));
    let writes = lock.try_write_owned();
    wait!(place, Event::new(move || drop(writes)), lock.read_owned())
}

pub(super) fn write(place: Place) -> Cell {
    plain(place)?;
    let lock = Arc::new(RwLock::new(0));
    let reads = lock.try_read_owned();
    wait!(place, Event::new(move || drop(reads)), lock.write_owned())
}
