//! Section 2.2, first half: between the look and the sleep, interleaved by hand.

use crate::common::lines::Cond::{self, A, B};
use crate::common::{Bell, Random, expect_ready, now, pending, poll, queued, ready, watched, with};
use crate::{CAPACITIES, on_every_line, open};
use futures::{Sink, StreamExt};
use sempost::mailbox::{self, Receiver, SendError, Sender, TryRecvError};
use sempost::{Fairness, Monitor, Mutex, Semaphore};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// EL 2.3.3: `List::insert` deadlocked; here random joining, leaving and moving between the lines of a monitor – those
/// of its conditions and that of its door – keeps the order of a plain model.
#[test]
fn b027_random_moves_between_lines_keep_their_order() {
    let monitor = Monitor::<_, Cond>::new(());
    let mut random = Random::new(27);
    let mut lines = [Vec::new(), Vec::new()];
    let mut total = 0;
    for _ in 0..4_000 {
        let at = random.below(2);
        let condition = [A, B][at];
        match random.below(4) {
            0 | 1 => {
                let bell = Bell::new();
                lines[at].push((queued(monitor.try_enter().unwrap().wait(condition), &bell), bell));
            }
            2 if !lines[at].is_empty() => drop(lines[at].remove(random.below(lines[at].len()))),
            _ => {
                let inside = monitor.try_enter().unwrap();
                let most = random.below(4);
                let notified = inside.notify_many(condition, most);
                assert_eq!(notified, most.min(lines[at].len()));
                let mut door: Vec<_> = lines[at].drain(..notified).collect();
                if random.one_in(2) && !door.is_empty() {
                    // What it was told goes to the next of the condition, behind those at the door.
                    drop(door.remove(random.below(door.len())));
                    let next = (!lines[at].is_empty()).then(|| lines[at].remove(0));
                    door.extend(next);
                }
                assert_eq!(monitor.entering(), door.len());
                drop(inside);
                for (mut waiting, bell) in door {
                    assert_eq!(bell.wakes(), 1, "it is this one's turn");
                    drop(ready(&mut waiting, &bell));
                    total += 1;
                }
            }
        }
        assert_eq!([monitor.waiters(A), monitor.waiters(B)], lines.each_ref().map(Vec::len));
    }
    assert!(total > 500, "only {total} were let in");
}

/// tokio#2135: a condvar was notified without its mutex, and the wrong sender was woken; here each slot that comes free
/// wakes the sender whose turn it is, and only that one.
#[test]
fn b028_the_sender_whose_turn_it_is_is_woken() {
    for capacity in 1..4 {
        let (tx, rx) = mailbox::bounded(capacity);
        (0..capacity).for_each(|i| tx.try_send(i).unwrap());
        let bells: Vec<_> = (0..5).map(|_| Bell::new()).collect();
        let mut line: Vec<_> = (0..5).map(|i| queued(tx.send(capacity + i), &bells[i])).collect();
        for turn in 0..5 {
            assert_eq!(rx.try_recv(), Ok(turn));
            let woken: Vec<_> = bells.iter().map(Bell::wakes).collect();
            assert_eq!(woken, (0..5).map(|i| usize::from(i <= turn)).collect::<Vec<_>>());
            assert_eq!(ready(&mut line[turn], &bells[turn]), Ok(()));
        }
    }
}

/// tokio#7965: a waiter of an earlier `notify_waiters` ate the permit of a later `notify_one`; here, whoever was
/// notified already, a later notification is for who waits, and a future counts as waiting from its first poll.
#[test]
fn b030_a_notification_is_for_who_waits_when_it_is_given() {
    watched(String::new, || {
        let monitor = Monitor::<_, Cond>::new(());
        let (early, late, never) = (Bell::new(), Bell::new(), Bell::new());
        let mut first = queued(monitor.try_enter().unwrap().wait(A), &early);
        assert_eq!(monitor.try_enter().unwrap().notify_all(A), 1);
        // `first` has the monitor, but was not polled.
        assert_eq!(early.wakes(), 1);
        let inside = ready(&mut first, &early);
        assert!(!inside.notify_one(A), "nobody waits");
        let mut again = queued(inside.wait(A), &late);
        let mut third = queued(monitor.try_enter().unwrap().wait(A), &never);
        assert!(monitor.try_enter().unwrap().notify_one(A));
        assert_eq!((early.wakes(), late.wakes(), never.wakes()), (1, 1, 0));
        drop(ready(&mut again, &late));
        pending(&mut third, &never);

        let (newcomer, behind) = (Bell::new(), Bell::new());
        let inside = monitor.try_enter().unwrap();
        let mut entering = queued(monitor.enter(), &behind);
        assert_eq!(inside.notify_all(A), 1, "it stands at the door, behind who enters");
        drop(inside);
        let newer = queued(ready(&mut entering, &behind).wait(A), &newcomer);
        assert_eq!(never.wakes(), 1);
        drop(third);
        assert_eq!((newcomer.wakes(), monitor.waiters(A)), (0, 1), "what was given before it waited is not for it");
        drop(newer);
        assert!(monitor.try_enter().is_some());
    });
}

/// tokio#4867: a channel that had closed was opened again, and a receiver hung; here the end is final, whoever comes
/// after.
#[test]
fn b031_after_the_last_sender_nobody_opens_it_again() {
    watched(String::new, || {
        for capacity in CAPACITIES {
            let (tx, rx) = open::<u32>(capacity);
            let weak = tx.downgrade();
            let bell = Bell::new();
            let mut waiting = queued(rx.recv(), &bell);
            drop(tx);
            assert!(weak.upgrade().is_none());
            assert_eq!((bell.wakes(), ready(&mut waiting, &bell)), (1, None));
            let mut late = rx.downgrade().upgrade().unwrap();
            assert_eq!((now(late.recv()), now(late.next()), now(rx.clone().recv())), (None, None, None));

            // A weak handle brings back a sender of a mailbox that was closed, but not the mailbox.
            let (tx, rx) = open(capacity);
            let weak = tx.downgrade();
            tx.close_mailbox();
            let back = weak.upgrade().unwrap();
            assert_eq!((now(back.send(1)), now(rx.recv())), (Err(SendError(1)), None));
        }
    });
}

/// One way to take one message.
type TakeOne = fn(&mut Receiver<u32>) -> u32;

/// One way to hold a slot; what it answers gives the slot up.
type HoldOne = fn(&Sender<u32>) -> Box<dyn FnOnce() + '_>;

/// futures#861: `try_next` freed a slot and woke no sender; here every way to take a message, or to give a slot up,
/// wakes exactly one.
#[test]
fn b033_every_way_to_free_a_slot_wakes_one_sender() {
    watched(String::new, || {
        let ways: [TakeOne; 7] = [
            |rx| rx.try_recv().unwrap(),
            |rx| now(rx.recv()).unwrap(),
            |rx| rx.recv_blocking().unwrap(),
            |rx| {
                let mut buffer = Vec::new();
                assert_eq!(rx.try_recv_many(&mut buffer, 1), Ok(1));
                buffer[0]
            },
            |rx| {
                let mut buffer = vec![7];
                assert_eq!(now(rx.recv_many(&mut buffer, 1)), 1);
                buffer[1]
            },
            |rx| expect_ready(with(&Bell::new(), |cx| rx.poll_recv(cx))).unwrap(),
            |rx| now(rx.next()).unwrap(),
        ];
        for capacity in [1, 2] {
            for (i, way) in ways.iter().enumerate() {
                let (tx, mut rx) = mailbox::bounded(capacity);
                (0..capacity).for_each(|_| tx.try_send(9).unwrap());
                let bells = [Bell::new(), Bell::new()];
                let _line = bells.each_ref().map(|bell| queued(tx.send(1), bell));
                assert_eq!(way(&mut rx), 9);
                assert_eq!(bells.each_ref().map(Bell::wakes), [1, 0], "way {i} at capacity {capacity}");
            }
        }
        let gifts: [HoldOne; 4] = [
            |tx| {
                let permit = tx.try_reserve().unwrap();
                Box::new(|| drop(permit))
            },
            |tx| {
                let permit = tx.clone().try_reserve_owned().unwrap();
                Box::new(|| drop(permit.release()))
            },
            |tx| {
                let mut sink = tx.clone();
                expect_ready(with(&Bell::new(), |cx| Pin::new(&mut sink).poll_ready(cx))).unwrap();
                Box::new(move || expect_ready(with(&Bell::new(), |cx| Pin::new(&mut sink).poll_flush(cx))).unwrap())
            },
            |tx| {
                let mut sink = tx.clone();
                expect_ready(with(&Bell::new(), |cx| Pin::new(&mut sink).poll_ready(cx))).unwrap();
                Box::new(move || drop(sink))
            },
        ];
        for (i, hold) in gifts.iter().enumerate() {
            let (tx, _rx) = mailbox::bounded(1);
            let give_up = hold(&tx);
            let bells = [Bell::new(), Bell::new()];
            let _line = bells.each_ref().map(|bell| queued(tx.send(1), bell));
            give_up();
            assert_eq!(bells.each_ref().map(Bell::wakes), [1, 0], "gift {i}");
        }
    });
}

/// mycelium#453: the repair of spurious polls lost wake-ups; here a poll without a wake-up stays pending, however
/// often, joins nothing twice, wakes nobody – and the wake-up still comes.
#[test]
fn b036_a_poll_without_a_wake_up_changes_nothing() {
    on_every_line(|line| {
        let bells = [Bell::new(), Bell::new()];
        let mut waiters = bells.each_ref().map(|bell| line.queue(bell));
        for _ in 0..50 {
            assert!(waiters.iter_mut().zip(&bells).all(|(waiter, bell)| !waiter.finished(bell)));
            line.assert_waiters(2);
        }
        assert_eq!(bells.each_ref().map(Bell::wakes), [0, 0]);
        (line.one)();
        assert_eq!(bells.each_ref().map(Bell::wakes), [1, usize::from(line.all)]);
        assert!(waiters[0].finished(&bells[0]));
    });
}

/// embassy#4598: `Signal::reset` dropped a registered waker; here what a waiter was told of is taken away again, by
/// every call that can, and it is told again when there is more.
#[test]
fn b037_who_was_told_in_vain_is_told_again() {
    let bell = Bell::new();
    for fairness in [Fairness::Fifo, Fairness::Barging { overtakes: 9 }, Fairness::Unfair] {
        let semaphore = Semaphore::with_fairness(1, fairness);
        let mut waiting = queued(semaphore.acquire_many(2), &bell);
        assert_eq!(semaphore.forget_permits(1), 1);
        semaphore.add_permits(1);
        semaphore.reduce_permits(2);
        pending(&mut waiting, &bell);
        assert_eq!(bell.take_wakes(), 0);
        semaphore.add_permits(3);
        assert_eq!(bell.take_wakes(), 1, "{fairness:?}");
        assert!(ready(&mut waiting, &bell).is_ok());
    }
    let mutex = Mutex::with_fairness((), Fairness::Barging { overtakes: 9 });
    let held = mutex.try_lock().unwrap();
    let mut waiting = queued(mutex.lock(), &bell);
    drop(held);
    assert_eq!(bell.take_wakes(), 1);
    let stolen = mutex.try_lock().unwrap();
    pending(&mut waiting, &bell);
    drop(stolen);
    assert_eq!(bell.take_wakes(), 1);
    drop(ready(&mut waiting, &bell));

    let (tx, rx) = mailbox::bounded(1);
    let mut stream = rx.clone();
    assert!(with(&bell, |cx| stream.poll_recv(cx)).is_pending());
    tx.try_send(1).unwrap();
    assert_eq!((bell.take_wakes(), rx.try_recv()), (1, Ok(1)));
    assert!(with(&bell, |cx| stream.poll_recv(cx)).is_pending());
    tx.try_send(2).unwrap();
    assert_eq!(bell.take_wakes(), 1);
    assert_eq!(expect_ready(with(&bell, |cx| stream.poll_recv(cx))), Some(2));
}

/// Polls `future` once; while it clones the waker – between its look and its joining – `event` happens, once. Then it
/// is ready, or was woken and is ready now.
#[track_caller]
fn happens_in_between<F: Future>(future: F, event: impl FnOnce() + Send + 'static) -> F::Output {
    let (bell, event) = (Bell::new(), std::sync::Mutex::new(Some(event)));
    bell.on_clone(move || {
        let event = event.lock().unwrap().take();
        event.into_iter().for_each(|event| event());
    });
    let mut future = Box::pin(future);
    match poll(&mut future, &bell) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => {
            assert_eq!((bell.clones() > 0, bell.wakes()), (true, 1), "it sleeps beside what came in between");
            ready(&mut future, &bell)
        }
    }
}

/// embassy#226: the try and the registering took the lock once each, and what came in between was not seen; here the
/// window is the clone of the waker. Model: `nothing_arrives_between_the_look_and_the_joining`.
#[test]
fn b038_what_comes_between_the_look_and_the_joining_is_seen() {
    watched(String::new, || {
        let semaphore = Arc::new(Semaphore::new(0));
        let other = semaphore.clone();
        assert!(happens_in_between(semaphore.acquire_many(2), move || _ = other.add_permits(2)).is_ok());
        let other = semaphore.clone();
        assert!(happens_in_between(semaphore.acquire_many(9), move || assert!(other.close())).is_err());
        let semaphore = Arc::new(Semaphore::new(0));
        let other = semaphore.clone();
        happens_in_between(semaphore.closed(), move || assert!(other.close()));

        let mutex = Arc::new(Mutex::new(()));
        let held = mutex.try_lock_owned().unwrap();
        drop(happens_in_between(mutex.lock(), move || drop(held)));
        let monitor = Arc::new(Monitor::<_, Cond>::new(()));
        let inside = monitor.try_enter_owned().unwrap();
        drop(happens_in_between(monitor.enter(), move || drop(inside)));

        for capacity in [Some(1), Some(3), None] {
            let (tx, rx) = open(capacity);
            let sender = tx.clone();
            assert_eq!(happens_in_between(rx.recv(), move || sender.try_send(7).unwrap()), Some(7));
            let sender = tx.clone();
            let mut buffer = Vec::new();
            assert_eq!(happens_in_between(rx.recv_many(&mut buffer, 2), move || sender.try_send(8).unwrap()), 1);
            drop(rx.clone());
            assert_eq!(happens_in_between(rx.recv(), move || drop(tx)), None, "the last sender left");
        }
        let (tx, rx) = mailbox::bounded(1);
        tx.try_send(0).unwrap();
        let receiver = rx.clone();
        assert_eq!(happens_in_between(tx.send(1), move || assert_eq!(receiver.try_recv(), Ok(0))), Ok(()));
        let receiver = rx.clone();
        assert!(happens_in_between(tx.reserve(), move || assert_eq!(receiver.try_recv(), Ok(1))).is_ok());
        tx.try_send(2).unwrap();
        assert_eq!(happens_in_between(tx.send(3), move || assert!(rx.close())), Err(SendError(3)));

        let (tx, rx) = mailbox::bounded(0);
        let receiver = rx.clone();
        assert_eq!(happens_in_between(tx.send(1), move || assert!(receiver.close())), Err(SendError(1)));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    });
}
