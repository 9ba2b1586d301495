//! Section 2.3, second half: messages that are seen too early, twice, late, or by the wrong one.

use crate::common::{Bell, Random, expect_ready, now, poll, queued, ready, with};
use crate::race::race;
use crate::{CAPACITIES, open};
use futures::stream::{self, StreamExt};
use futures::{FutureExt, Sink};
use sempost::mailbox::{self, TryRecvError};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Poll;
use std::thread;

/// mea#145: receivers saw slots that were reserved, not yet published, or written over; here a reserved slot shows
/// nothing, and what two senders push round and round a small ring is whole.
#[test]
fn b056_a_reserved_slot_shows_nothing() {
    let (tx, rx) = mailbox::bounded(3);
    let mut permits = tx.try_reserve_many(3).unwrap();
    let (first, second) = (permits.next().unwrap(), permits.next().unwrap());
    assert_eq!((rx.try_recv(), rx.len()), (Err(TryRecvError::Empty), 0));
    second.send(2).unwrap();
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(2), Err(TryRecvError::Empty)));
    first.send(1).unwrap();
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(1), Err(TryRecvError::Empty)));
    drop(permits);

    race(10, |round| {
        let (tx, rx) = mailbox::bounded(2);
        let send = |from: u64| {
            let tx = &tx;
            move || (from..from + 100).for_each(|id| tx.reserve().wait().unwrap().send([id; 8]).unwrap())
        };
        let receive = || {
            for _ in 0..200 {
                let message: [u64; 8] = rx.recv_blocking().unwrap();
                assert!(message.iter().all(|part| *part == message[0]), "{message:?}");
            }
        };
        round.three(send(0), send(1_000), receive);
        assert!(rx.is_empty());
    });
}

/// crossbeam-deque RUSTSEC-2021-0093: a task was popped twice, or never; here two receivers mark every id once.
#[test]
fn b057_every_id_is_received_once() {
    const ALL: usize = 400;
    for capacity in [Some(1), Some(64), None] {
        race(10, |round| {
            let (tx, rx) = open::<usize>(capacity);
            let marks: Vec<_> = (0..ALL).map(|_| AtomicUsize::new(0)).collect();
            let other = rx.clone();
            let one_by_one = || {
                while let Some(id) = rx.recv_blocking() {
                    marks[id].fetch_add(1, SeqCst);
                }
            };
            let in_batches = || {
                let mut batch = Vec::new();
                while other.recv_many(&mut batch, 5).wait() > 0 {
                    for id in batch.drain(..) {
                        marks[id].fetch_add(1, SeqCst);
                    }
                }
            };
            round.three(one_by_one, in_batches, move || (0..ALL).for_each(|id| tx.send_blocking(id).unwrap()));
            assert!(marks.iter().all(|mark| mark.load(SeqCst) == 1));
        });
    }
}

/// rust#39364: cloning a sender during `recv_timeout` panicked or hung, for five years; here senders are cloned,
/// dropped and brought back while a receiver waits and gives up.
#[test]
fn b058_clones_come_and_go_while_a_receiver_gives_up() {
    race(60, |round| {
        let (tx, rx) = mailbox::bounded(2);
        let seed = round.random().next_u64();
        let clone = move || {
            let mut random = Random::new(seed);
            for id in 0..30 {
                let clone = if random.one_in(2) { tx.clone() } else { tx.downgrade().upgrade().unwrap() };
                clone.send_blocking(id).unwrap();
            }
        };
        let receive = || {
            let mut got = Vec::new();
            loop {
                match poll(&mut Box::pin(rx.recv()), &Bell::new()) {
                    Poll::Ready(Some(id)) => got.push(id),
                    Poll::Ready(None) => return got,
                    Poll::Pending => thread::yield_now(),
                }
            }
        };
        assert_eq!(round.both(clone, receive).1, (0..30).collect::<Vec<_>>());
    });
}

/// tokio#3350: `try_recv` said `Empty` although an earlier send had finished; here, with one receiver, what was sent is
/// there. The dual specifications of linearizability ask it of all operations.
#[test]
fn b059_what_was_sent_can_be_received() {
    for capacity in [Some(100), None] {
        race(60, |round| {
            let ((tx, rx), sent) = (open(capacity), AtomicUsize::new(0));
            let send = || {
                for id in 0..40 {
                    tx.try_send(id).unwrap();
                    sent.fetch_add(1, SeqCst);
                }
            };
            let receive = || {
                let mut received = 0;
                while received < 80 {
                    let there = sent.load(SeqCst) > received;
                    match rx.try_recv() {
                        Ok(_) => received += 1,
                        Err(error) => assert!(!there, "{error} with {received} of more received"),
                    }
                }
            };
            round.three(send, send, receive);
        });
    }
}

/// crossfire 3.0.3 and 3.0.6: a multiplexer closed with one of its sources; here one of several sources ends, and the
/// others, and what it left, go on.
#[test]
fn b060_one_source_that_ends_ends_nothing_else() {
    let (tx, mut rx) = mailbox::bounded(8);
    let mut sources: Vec<_> = (0..4).map(|_| tx.clone()).collect();
    drop(tx);
    for (id, source) in sources.iter_mut().enumerate() {
        expect_ready(with(&Bell::new(), |cx| Pin::new(&mut *source).poll_ready(cx))).unwrap();
        Pin::new(&mut *source).start_send(id).unwrap();
    }
    expect_ready(with(&Bell::new(), |cx| Pin::new(&mut sources[0]).poll_close(cx))).unwrap();
    assert!(!rx.is_closed() && sources[1].try_send(9).is_ok());
    drop(sources);
    assert_eq!((&mut rx).collect::<Vec<_>>().now_or_never().unwrap(), [0, 1, 2, 3, 9]);

    let ends: Vec<_> = (0..3).map(|_| mailbox::bounded(2)).collect();
    ends.iter().zip(0..).for_each(|((tx, _), id)| tx.try_send(id).unwrap());
    let (senders, receivers): (Vec<_>, Vec<_>) = ends.into_iter().unzip();
    let mut all = stream::select_all(receivers);
    senders[0].close_mailbox();
    let mut got: Vec<_> = (0..3).map(|_| now(all.next()).unwrap()).collect();
    got.sort_unstable();
    assert_eq!(got, [0, 1, 2]);
    senders[2].try_send(5).unwrap();
    assert_eq!(now(all.next()), Some(5));
}

/// runng#65: a value was handed to a waiter that had been abandoned; here, at capacity 0, where messages change hands,
/// what was sent to a receiver that leaves goes to the next, or stays. Model:
/// `what_was_sent_to_a_receiver_that_leaves_is_delivered`.
#[test]
fn b061_what_is_handed_to_one_who_leaves_is_not_lost() {
    for reserved in [false, true] {
        let (tx, rx) = mailbox::bounded(0);
        let bell = Bell::new();
        let leaves = queued(rx.recv(), &Bell::new());
        let mut next = queued(rx.recv(), &bell);
        if reserved {
            tx.try_reserve().unwrap().send(7).unwrap();
        } else {
            tx.try_send(7).unwrap();
        }
        drop(leaves);
        assert_eq!((bell.wakes(), ready(&mut next, &bell)), (1, Some(7)));
        let leaves = queued(rx.recv(), &Bell::new());
        tx.try_send(8).unwrap();
        drop(leaves);
        assert_eq!((rx.len(), now(rx.recv())), (1, Some(8)));
    }
    for capacity in CAPACITIES {
        race(100, |round| {
            let (tx, rx) = open(capacity);
            let abandoned = queued(rx.recv(), &Bell::new());
            let sent = round.both(move || drop(abandoned), || tx.try_send(7).is_ok()).1;
            assert!(sent || capacity == Some(0), "only a rendezvous needs the receiver");
            assert_eq!((rx.len(), rx.try_recv().is_ok()), (usize::from(sent), sent));
        });
    }
}
