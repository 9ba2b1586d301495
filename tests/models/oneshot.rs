//! Reply ports: who takes the value, who takes the waker, and who frees, in every order of the two ends' steps.
//!
//! The checker is told of the allocation, so that one that is freed twice, touched later, or never freed, fails a
//! model.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::{Bell, glance, here, poll, run, run_by};
use crate::oneshot::{self, Receiver, RecvError, Sender, TryRecvError};
use crate::primitive::{Claim, model, pick, spawn};

/// A value that the checker sees: to have it is to touch it.
#[derive(Debug)]
struct Token {
    _count: Arc<()>,
    claim: Claim,
}

/// What is left of it when it was dropped.
struct Trace(Arc<()>);

impl Token {
    fn new() -> (Self, Trace) {
        let count = Arc::new(());
        let claim = Claim::new();
        claim.exercise();
        (Self { _count: Arc::clone(&count), claim }, Trace(count))
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.claim.exercise();
    }
}

impl Trace {
    #[track_caller]
    fn is_gone(&self) {
        assert_eq!(Arc::strong_count(&self.0), 1);
    }
}

fn ready<T>(receiver: &mut Receiver<T>, waker: &Waker) -> Option<Result<T, RecvError>> {
    match Pin::new(receiver).poll(&mut Context::from_waker(waker)) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

fn closes<T>(sender: &mut Sender<T>, waker: &Waker) -> bool {
    sender.poll_closed(&mut Context::from_waker(waker)).is_ready()
}

/// Kills: a waker that is published before it is written (`oneshot_the_bit_comes_before_the_waker`), and a sender that
/// does not see it (`oneshot_a_waiting_receiver_is_not_woken`).
#[test]
fn a_value_reaches_whoever_waits() {
    model("oneshot: send ∥ recv", || {
        let (tx, rx) = oneshot::channel();
        let (token, trace) = Token::new();
        let others: Vec<_> = (0..2).map(|_| oneshot::channel()).collect();
        let (mut txs, mut rxs): (Vec<_>, Vec<_>) = others.into_iter().unzip();
        let thread = spawn(move || {
            tx.send(token).unwrap();
            txs.pop().unwrap().send(1).unwrap();
            drop(txs);
        });
        drop(run(rx).unwrap());
        trace.is_gone();
        assert_eq!(rxs.pop().unwrap().wait(), Ok(1));
        assert_eq!(run(rxs.pop().unwrap()), Err(RecvError));
        thread.join().unwrap();
    });
}

/// Kills: a sender that touches the channel after it has called (`oneshot_the_waker_is_taken_after_the_last_touch`).
#[test]
fn a_receiver_that_was_called_frees() {
    model("oneshot: send ∥ polls of one that waits", || {
        let (tx, mut rx) = oneshot::channel();
        let (token, trace) = Token::new();
        let (bell, waker) = Bell::new();
        assert!(ready(&mut rx, &waker).is_none());
        let thread = spawn(move || tx.send(token).unwrap());
        let mut got = None;
        for _ in 0..pick(3, 4) {
            got = got.or_else(|| ready(&mut rx, &waker));
        }
        thread.join().unwrap();
        assert!(got.is_none() || bell.wakes() <= 1);
        drop(got.or_else(|| ready(&mut rx, &waker)).unwrap().unwrap());
        drop(waker);
        drop(rx);
        assert_eq!(Arc::strong_count(&bell), 1);
        trace.is_gone();
    });
}

/// Kills: a value that dies with neither end, or with both; an allocation that nobody frees.
#[test]
fn a_receiver_that_leaves_takes_the_value_or_gives_it_back() {
    model("oneshot: send ∥ drop the receiver, which never waited, or waits", || {
        for waits in [false, true] {
            let (tx, mut rx) = oneshot::channel();
            let (token, trace) = Token::new();
            let (bell, waker) = Bell::new();
            if waits {
                assert!(ready(&mut rx, &waker).is_none());
            }
            drop(waker);
            let thread = spawn(move || drop(tx.send(token)));
            drop(rx);
            thread.join().unwrap();
            trace.is_gone();
            assert_eq!(Arc::strong_count(&bell), 1);
        }
    });
}

/// Kills: a sender that leaves and tells nobody; one that frees what the receiver still looks at.
#[test]
fn a_sender_that_leaves_ends_the_wait() {
    model("oneshot: drop the sender ∥ recv, and ∥ drop the receiver", || {
        let (tx, rx) = oneshot::channel::<u8>();
        let (other_tx, other_rx) = oneshot::channel::<u8>();
        let thread = spawn(move || {
            drop(tx);
            drop(other_tx);
        });
        assert_eq!(run(rx), Err(RecvError));
        drop(other_rx);
        thread.join().unwrap();
    });
}

/// Kills: a poll that keeps the first waker (`oneshot_first_waker_is_kept`), or takes it along when it finds the value
/// (B68).
#[test]
fn a_value_wakes_the_task_that_polled_last() {
    model("oneshot: send ∥ re-poll by another task", || {
        let (tx, rx) = oneshot::channel();
        let (token, trace) = Token::new();
        let mut waiting = Box::pin(rx);
        let (bell, waker) = Bell::new();
        assert!(poll(&mut waiting, &waker).is_pending());
        drop(waker);
        let thread = spawn(move || tx.send(token).unwrap());
        drop(run(waiting).unwrap());
        thread.join().unwrap();
        trace.is_gone();
        assert!(bell.wakes() <= 1 && Arc::strong_count(&bell) == 1);
    });
}

/// Kills: a waker that is lost while its task only polls again.
#[test]
fn polls_again_by_the_same_task_change_nothing() {
    model("oneshot: send, close ∥ re-polls by the same task", || {
        let (tx, mut rx) = oneshot::channel();
        let (mut other_tx, mut other_rx) = oneshot::channel::<u8>();
        let waker = here();
        assert!(ready(&mut rx, &waker).is_none() && !closes(&mut other_tx, Waker::noop()));
        let thread = spawn(move || {
            tx.send(5).unwrap();
            other_rx.close();
            drop(other_rx);
        });
        _ = closes(&mut other_tx, Waker::noop());
        assert_eq!(run_by(|cx| Pin::new(&mut rx).poll(cx), &waker), Ok(5));
        thread.join().unwrap();
        assert!(other_tx.is_closed());
    });
}

/// Kills: a close that races with a send so that both have the value, or neither (B80;
/// `oneshot_a_close_after_the_send_refuses_the_value`).
#[test]
fn a_value_is_sent_before_the_close_or_comes_back() {
    model("oneshot: send ∥ close, try_recv, drop", || {
        for waits in [false, true] {
            let (tx, mut rx) = oneshot::channel();
            let (token, trace) = Token::new();
            if waits {
                assert!(ready(&mut rx, Waker::noop()).is_none());
            }
            let thread = spawn(move || tx.send(token).is_ok());
            rx.close();
            let got = rx.try_recv();
            assert!(!matches!(got, Err(TryRecvError::Empty)));
            drop(rx);
            assert_eq!(thread.join().unwrap(), got.is_ok());
            drop(got);
            trace.is_gone();
        }
    });
}

/// Kills: a refused value whose sender and whose receiver both free, or neither
/// (`oneshot_a_refused_value_leaves_the_memory`).
#[test]
fn a_refused_value_is_the_senders() {
    model("oneshot: send ∥ the drop of a closed receiver", || {
        let (tx, mut rx) = oneshot::channel();
        let (token, trace) = Token::new();
        rx.close();
        let thread = spawn(move || drop(tx.send(token).unwrap_err()));
        if pick(false, true) {
            assert!(rx.try_recv().is_err());
        }
        drop(rx);
        let (tx, mut rx) = oneshot::channel();
        rx.close();
        let other = spawn(move || tx.send(1));
        assert_eq!(run(rx), Err(RecvError));
        assert_eq!(other.join().unwrap(), Err(1));
        thread.join().unwrap();
        trace.is_gone();
    });
}

/// Kills: a `try_recv` that says that none will come while one is on its way.
#[test]
fn a_value_is_not_there_or_there() {
    model("oneshot: send ∥ try_recv, waiting and not", || {
        for waits in [false, true] {
            let (tx, mut rx) = oneshot::channel();
            let (token, trace) = Token::new();
            let (bell, waker) = Bell::new();
            if waits {
                assert!(ready(&mut rx, &waker).is_none());
            }
            let thread = spawn(move || tx.send(token).unwrap());
            let got = match rx.try_recv() {
                Err(TryRecvError::Empty) => run(&mut rx).unwrap(),
                got => got.unwrap(),
            };
            thread.join().unwrap();
            assert_eq!(rx.try_recv().unwrap_err(), TryRecvError::Closed);
            assert!(bell.wakes() <= usize::from(waits));
            drop(got);
            trace.is_gone();
        }
    });
}

/// Kills: a receiver that leaves without a word to a sender that watches (`oneshot_a_watching_sender_is_not_woken`).
#[test]
fn a_sender_that_watches_sees_the_receiver_leave() {
    model("oneshot: closed() ∥ drop or close the receiver", || {
        let (mut tx, rx) = oneshot::channel();
        let (token, trace) = Token::new();
        let (mut other_tx, mut other_rx) = oneshot::channel::<u8>();
        let thread = spawn(move || {
            drop(rx);
            other_rx.close();
            other_rx
        });
        run(tx.closed());
        assert!(tx.is_closed());
        drop(tx.send(token).unwrap_err());
        trace.is_gone();
        other_tx.closed().wait();
        assert_eq!(other_tx.send(1), Err(1));
        drop(thread.join().unwrap());
    });
}

/// Kills: a close that wakes the task of an earlier poll; one whose turn with the waker is not waited for
/// (`oneshot_a_turn_is_not_waited_for`).
#[test]
fn a_close_wakes_the_watcher_that_polled_last() {
    model("oneshot: closed() re-polled by another task ∥ close", || {
        let (mut tx, mut rx) = oneshot::channel::<u8>();
        let (bell, waker) = Bell::new();
        assert!(!closes(&mut tx, &waker));
        drop(waker);
        let thread = spawn(move || {
            rx.close();
            rx
        });
        tx.closed().wait();
        drop(tx);
        assert_eq!(run(thread.join().unwrap()), Err(RecvError));
        assert!(bell.wakes() <= 1 && Arc::strong_count(&bell) == 1);
    });
}

/// Kills: a sender that leaves its waker behind, or takes it while the receiver does; a receiver that ends its turn
/// with a state from before (`oneshot_a_turn_takes_a_bit_along`).
#[test]
fn a_watcher_that_sends_or_leaves_takes_its_waker_along() {
    model("oneshot: send or drop of a watching sender ∥ drop the receiver", || {
        for sends in [false, true] {
            let (mut tx, rx) = oneshot::channel();
            let (token, trace) = Token::new();
            let (bell, waker) = Bell::new();
            assert!(!closes(&mut tx, &waker));
            drop(waker);
            let thread = spawn(move || drop(rx));
            drop(if sends { tx.send(token).err() } else { Some(token).filter(|_| drop(tx) == ()) });
            thread.join().unwrap();
            trace.is_gone();
            assert!(bell.wakes() <= 1 && Arc::strong_count(&bell) == 1);
        }
    });
}

/// Kills: what was done before a close that is not seen by who sees the close.
#[test]
fn a_close_is_seen_with_what_came_before() {
    model("oneshot: is_closed ∥ close", || {
        let (tx, mut rx) = oneshot::channel::<u8>();
        let claim = Arc::new(Claim::new());
        let before = Arc::clone(&claim);
        let thread = spawn(move || {
            before.exercise();
            rx.close();
            rx
        });
        let (other_tx, other_rx) = oneshot::channel::<u8>();
        let other = spawn(move || drop(other_rx));
        // It waits: a single look never came after the close, and showed nothing.
        while !tx.is_closed() {
            crate::primitive::pause::nap();
        }
        claim.exercise();
        let _ = other_tx.is_closed();
        drop((other_tx, tx));
        other.join().unwrap();
        drop(thread.join().unwrap());
    });
}

/// Kills: a watcher that finds, while it puts its waker into its place, that the receiver has left, and does not see
/// what came before (`oneshot_watcher_does_not_see_what_came_before`).
#[test]
fn a_close_that_falls_into_the_watching_is_seen_with_what_came_before() {
    model("oneshot: poll_closed ∥ drop of the receiver", || {
        let (mut tx, rx) = oneshot::channel::<u8>();
        let claim = Arc::new(Claim::new());
        let before = Arc::clone(&claim);
        let thread = spawn(move || {
            before.exercise();
            drop(rx);
        });
        // Twice, so that there are enough interleavings for one of them to fall in between.
        for _ in 0..2 {
            if tx.poll_closed(&mut Context::from_waker(Waker::noop())).is_ready() {
                claim.exercise();
            }
        }
        thread.join().unwrap();
    });
}

/// Kills: a sender that watched, and takes one waker along, or wakes nobody
/// (`oneshot_a_sender_that_watched_wakes_nobody`).
#[test]
fn a_sender_that_watched_wakes_whoever_waits() {
    model("oneshot: send of a watching sender ∥ recv", || {
        let (mut tx, rx) = oneshot::channel();
        let (token, trace) = Token::new();
        let (bell, waker) = Bell::new();
        assert!(!closes(&mut tx, &waker));
        drop(waker);
        let thread = spawn(move || tx.send(token).unwrap());
        drop(run(rx).unwrap());
        thread.join().unwrap();
        trace.is_gone();
        assert!(bell.wakes() == 0 && Arc::strong_count(&bell) == 1);
    });
}

/// Both wait for each other, and the receiver gives up. Kills: a receiver that leaves while a sender takes its own
/// waker along (`oneshot_a_watching_send_is_not_waited_for`).
#[test]
fn both_may_wait() {
    model("oneshot: recv, then drop ∥ closed(), then send", || {
        let (mut tx, rx) = oneshot::channel();
        let (token, trace) = Token::new();
        let thread = spawn(move || {
            let closed = closes(&mut tx, Waker::noop());
            let sent = tx.send(token);
            assert!(!closed || sent.is_err());
        });
        let mut waiting = Box::pin(rx);
        drop(glance(&mut waiting));
        drop(waiting);
        thread.join().unwrap();
        trace.is_gone();
    });
}
