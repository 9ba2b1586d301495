//! Waiting at ports: for any source and for one, in futures and in polled handles.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::Stream;
use sempost::Elapsed;
use sempost::mailbox::ports::{Order, PortReceiver, Ports};
use sempost::mailbox::{self, Sender, TryRecvError};

use super::Operation;
use super::mailbox::{news, put};
use super::until::Deadlines;
use crate::common::{Bell, poll};
use crate::loan::{Loan, lend};
use crate::scene::{End, Guest, Ledger, Scene, awaiting, polling, thrice};

type Receiver = PortReceiver<u8, u32>;
type Found = Option<(u8, u32)>;

/// Two ports. All happens at the first; the other is there to be left alone.
struct Ends {
    ports: Ports<u8, u32>,
    tx: Sender<u32>,
    idle: Sender<u32>,
    rx: Receiver,
}

fn touch(ends: &Ends) {
    let Ends { ports, tx, idle, rx } = ends;
    let counts = (rx.len(), rx.port_count(), rx.waiting_receivers(), rx.is_closed(), tx.len(), idle.is_closed());
    assert!(!format!("{ports:?} {rx:?} {counts:?} {:?}", rx.keys()).is_empty());
    assert!(ports.open(1, 1).is_err() && !rx.close_port(&9) && rx.try_recv_from(&9).is_err());
    drop((ports.clone(), rx.clone()));
    assert!(poll(&mut Box::pin(rx.recv_from(&9)), &Bell::new()).is_ready());
    assert_eq!(rx.try_recv_many(&mut Vec::new(), 0), Ok(0));
}

/// Nobody waits, and the books balance once the rest is received.
fn audit(ends: &Ends, ledger: &Ledger) {
    assert_eq!(ends.rx.waiting_receivers(), 0);
    while let Ok((key, message)) = ends.rx.try_recv() {
        assert_eq!(key, 1);
        ledger.receive(message);
    }
    ledger.balance();
    let closed = ends.tx.is_closed();
    let end = if closed { TryRecvError::Closed } else { TryRecvError::Empty };
    assert_eq!((ends.rx.len(), ends.rx.try_recv()), (0, Err(end)));
    assert_eq!((ends.rx.try_recv_from(&1), ends.rx.port_count()), (Err(end), if closed { 0 } else { 2 }));
    if !closed {
        // As good as new, in both ways.
        put(&ends.tx, ledger);
        put(&ends.tx, ledger);
        ledger.receive(ends.rx.try_recv_from(&1).expect("it is there"));
        ledger.receive(ends.rx.try_recv().expect("it is there").1);
    }
}

fn scene(make: impl Fn(&'static Receiver, Ledger) -> Box<dyn Guest> + 'static) -> Scene {
    let books = Ledger::default();
    let (ports, rx) = mailbox::ports(Order::fair());
    let [tx, idle] = [1, 2].map(|key| ports.open(key, 4).expect("a new key"));
    let (ends, loan): (&'static Ends, Loan<Ends>) = lend(Ends { ports, tx, idle, rx });
    let [one, three, last] = [0; 3].map(|_| books.clone());
    Scene::new(move || make(&ends.rx, books.clone()), move || put(&ends.tx, &one))
        .batch(move || thrice(|| put(&ends.tx, &three)))
        .close(move || assert!(ends.rx.close()))
        .touch(move || touch(ends))
        .audit(move || audit(ends, &last))
        .lent(loan)
}

/// What one says who receives from any.
fn any(ledger: &Ledger, found: Found) -> End {
    news(ledger, found.map(|(_, message)| message))
}

fn recv() -> Scene {
    scene(|rx, ledger| awaiting(rx.recv(), move |found| any(&ledger, found)))
}

fn recv_owned() -> Scene {
    scene(|rx, ledger| awaiting(rx.clone().recv_owned(), move |(found, _)| any(&ledger, found)))
}

fn recv_from() -> Scene {
    scene(|rx, ledger| awaiting(rx.recv_from(&1), move |message| news(&ledger, message))).joins_again()
}

fn recv_from_owned() -> Scene {
    scene(|rx, ledger| awaiting(rx.clone().recv_from_owned(&1), move |(message, _)| news(&ledger, message)))
        .joins_again()
}

/// A buffer that a future borrows: what is in it in the end was received.
struct Lent(Option<Loan<Vec<(u8, u32)>>>, Ledger);

impl Drop for Lent {
    fn drop(&mut self) {
        let messages = self.0.take().map_or_else(Vec::new, Loan::take);
        messages.into_iter().for_each(|(_, message)| self.1.receive(message));
    }
}

fn recv_many() -> Scene {
    scene(|rx, ledger| {
        let (buffer, loan) = Loan::exclusive(Vec::new());
        let lent = Lent(Some(loan), ledger);
        awaiting(rx.recv_many(buffer, 1), move |count| {
            let _ = &lent;
            if count == 0 { End::Closed } else { End::served() }
        })
    })
}

fn handle(poll: fn(&mut Receiver, &mut Context<'_>) -> Poll<Found>) -> Scene {
    scene(move |rx, ledger| polling(rx.clone(), move |rx, cx| poll(rx, cx).map(|found| any(&ledger, found))))
}

fn poll_recv_many() -> Scene {
    scene(|rx, ledger| {
        polling(rx.clone(), move |rx, cx| {
            let mut buffer = Vec::new();
            let count = ready!(rx.poll_recv_many(cx, &mut buffer, 1));
            assert_eq!(buffer.len(), count);
            Poll::Ready(any(&ledger, buffer.pop()))
        })
    })
}

fn late(ledger: &Ledger, message: Result<Option<u32>, Elapsed>) -> End {
    message.map_or_else(|Elapsed| End::late(), |message| news(ledger, message))
}

fn recv_until() -> Scene {
    let deadlines = Deadlines::default();
    let come = deadlines.clone().come();
    let set = scene(move |rx, ledger| {
        let wait = rx.recv().until(deadlines.fresh());
        awaiting(wait, move |found| late(&ledger, found.map(|found| found.map(|(_, message)| message))))
    });
    set.late(come)
}

fn recv_from_until() -> Scene {
    let deadlines = Deadlines::default();
    let come = deadlines.clone().come();
    let set = scene(move |rx, ledger| {
        awaiting(rx.recv_from(&1).until(deadlines.fresh()), move |message| late(&ledger, message))
    });
    set.late(come).joins_again()
}

pub(super) const ALL: &[Operation] = &[
    ("PortReceiver::recv", recv),
    ("PortReceiver::recv_many", recv_many),
    ("PortReceiver::recv_owned", recv_owned),
    ("PortReceiver::recv_from", recv_from),
    ("PortReceiver::recv_from_owned", recv_from_owned),
    ("PortReceiver::poll_recv", || handle(|rx, cx| rx.poll_recv(cx))),
    ("PortReceiver::poll_next", || handle(|rx, cx| Pin::new(rx).poll_next(cx))),
    ("PortReceiver::poll_recv_many", poll_recv_many),
    ("PortReceiver::recv_until", recv_until),
    ("PortReceiver::recv_from_until", recv_from_until),
];
