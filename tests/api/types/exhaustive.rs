//! Errors that are matched are exhaustive: each match here names every variant and has no `_` arm, in which a new
//! variant – or `Closed` – would be lost. That it compiles is the test; what the arms say is checked beside.

use futures::executor::block_on as now;
use sempost::mailbox::ports::{AdoptError, OpenError, Order};
use sempost::mailbox::{self, ReserveUntilError, SendUntilError, TryRecvError, TryReserveError, TrySendError};
use sempost::{AcquireUntilError, Semaphore, TryAcquireError, oneshot};
use std::future::ready;

fn try_acquire(error: TryAcquireError) -> &'static str {
    match error {
        TryAcquireError::NoPermits => "not now",
        TryAcquireError::Closed => "closed",
    }
}

fn acquire_until(error: AcquireUntilError) -> &'static str {
    match error {
        AcquireUntilError::Elapsed => "late",
        AcquireUntilError::Closed => "closed",
    }
}

fn try_send(error: TrySendError<u8>) -> &'static str {
    match error {
        TrySendError::Full(_) => "not now",
        TrySendError::Closed(_) => "closed",
    }
}

fn send_until(error: SendUntilError<u8>) -> &'static str {
    match error {
        SendUntilError::Elapsed(_) => "late",
        SendUntilError::Closed(_) => "closed",
    }
}

fn try_reserve(error: TryReserveError) -> &'static str {
    match error {
        TryReserveError::Full => "not now",
        TryReserveError::Closed => "closed",
    }
}

fn reserve_until(error: ReserveUntilError) -> &'static str {
    match error {
        ReserveUntilError::Elapsed => "late",
        ReserveUntilError::Closed => "closed",
    }
}

fn try_recv(error: TryRecvError) -> &'static str {
    match error {
        TryRecvError::Empty => "not now",
        TryRecvError::Closed => "closed",
    }
}

fn open(error: OpenError) -> &'static str {
    match error {
        OpenError::Open => "open",
        OpenError::Draining => "not now",
        OpenError::Closed => "closed",
    }
}

fn adopt(error: AdoptError<u8>) -> &'static str {
    match error {
        AdoptError::Refused(why, _) => open(why),
        AdoptError::Shared(_) => "shared",
        AdoptError::Rendezvous(_) => "rendezvous",
    }
}

fn try_recv_once(error: oneshot::TryRecvError) -> &'static str {
    match error {
        oneshot::TryRecvError::Empty => "not now",
        oneshot::TryRecvError::Closed => "closed",
    }
}

#[test]
fn every_error_is_matched_without_a_wildcard() {
    let (none, (tx, rx)) = (Semaphore::new(0), mailbox::bounded(1));
    let (reply, mut answer) = oneshot::channel::<u8>();
    assert_eq!(try_recv(rx.try_recv().unwrap_err()), "not now");
    tx.try_send(1).unwrap();
    for word in ["not now", "closed"] {
        assert_eq!(try_acquire(none.try_acquire().unwrap_err()), word);
        assert_eq!(try_send(tx.try_send(2).unwrap_err()), word);
        assert_eq!(try_reserve(tx.try_reserve().unwrap_err()), word);
        assert_eq!(try_recv_once(answer.try_recv().unwrap_err()), word);
        none.close();
        tx.close_mailbox();
        answer.close();
    }
    drop(reply);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(try_recv(rx.try_recv().unwrap_err()), "closed");

    let (ports, rx) = mailbox::ports(Order::fair());
    let tx = ports.open('a', 1).unwrap();
    assert_eq!(open(ports.open('a', 1).unwrap_err()), "open");
    tx.try_send(1).unwrap();
    drop(tx);
    assert_eq!(open(ports.open('a', 1).unwrap_err()), "not now");
    drop(rx);
    assert_eq!(adopt(ports.adopt('a', mailbox::bounded(1).1).unwrap_err()), "closed");

    let (none, (tx, _rx)) = (Semaphore::new(0), mailbox::bounded(1));
    tx.try_send(1).unwrap();
    for word in ["late", "closed"] {
        assert_eq!(acquire_until(now(none.acquire().until(ready(()))).unwrap_err()), word);
        assert_eq!(send_until(now(tx.send(2).until(ready(()))).unwrap_err()), word);
        assert_eq!(reserve_until(now(tx.reserve().until(ready(()))).unwrap_err()), word);
        none.close();
        tx.close_mailbox();
    }
}
