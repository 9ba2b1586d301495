//! Section 2.9: who is passed, in what order the woken come, who spins, and who waits for somebody that never comes.

use crate::common::lines::Cond::{self, A};
use crate::common::{Bell, Random, now, pending, poll, queued, ready, until, watched, with};
use crate::{CAPACITIES, on_every_line, open};
use sempost::mailbox::{self, TryRecvError};
use sempost::{Fairness, Monitor, Mutex, Semaphore};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll};
use std::thread;

/// tokio#8365, async-lock#23 (open), futures#2071, futures#2398 (open): waiters starved beside a hog, or each unlock
/// looked at all of them; here 64 waiters and a hog: nobody is passed, or no more often than was said, and each is
/// polled once.
#[test]
fn b124_a_hog_passes_nobody_more_often_than_it_may() {
    for (fairness, most) in [(Fairness::Fifo, 0), (Fairness::Barging { overtakes: 2 }, 2)] {
        let mutex = Mutex::with_fairness((), fairness);
        let mut held = mutex.try_lock();
        let mut line: VecDeque<_> =
            (0..64).map(|_| Bell::new()).map(|bell| (queued(mutex.lock(), &bell), bell)).collect();
        let (mut polls, mut overtakes) = (0, 0);
        while let Some((mut first, bell)) = line.pop_front() {
            drop(held.take());
            assert_eq!(bell.wakes(), 1, "it is this one's turn");
            let passed = std::iter::from_fn(|| mutex.try_lock().map(drop)).take(100).count();
            assert!(passed <= most, "passed {passed} times");
            overtakes += passed;
            polls += 1;
            held = Some(ready(&mut first, &bell));
            assert!(line.iter().skip(1).all(|(_, bell)| bell.wakes() == 0), "one at a time");
        }
        // A second for one who was told and found nothing; nobody is looked at because of another.
        assert!(polls == 64 && (most == 0 || overtakes > 0));
    }
    let mut random = Random::new(124);
    let semaphore = Semaphore::new(0);
    let mut line = VecDeque::new();
    let mut total = 0;
    for _ in 0..4_000 {
        match random.below(4) {
            0 | 1 => {
                let bell = Bell::new();
                line.push_back((queued(semaphore.acquire(), &bell), bell));
            }
            2 if !line.is_empty() => drop(line.remove(random.below(line.len()))),
            _ => {
                if let Some((mut first, bell)) = line.pop_front() {
                    semaphore.add_permits(1);
                    assert!(semaphore.try_acquire().is_err(), "a hog is passed by nobody's permit");
                    assert_eq!(bell.wakes(), 1);
                    ready(&mut first, &bell).unwrap().forget();
                    total += 1;
                }
            }
        }
    }
    assert!(total > 500);
}

/// tokio#6521, #5925: a batch was woken in reverse, and a broadcast took quadratic time; here every batch is woken in
/// the order in which it joined, over several turns, each waiter once.
#[test]
fn b125_a_batch_is_woken_in_the_order_of_joining() {
    watched(String::new, || {
        const ALL: usize = 150;
        let log = Arc::new(std::sync::Mutex::new(Vec::new()));
        let bells: Vec<_> = (0..ALL).map(|_| Bell::new()).collect();
        for (i, bell) in bells.iter().enumerate() {
            let log = Arc::clone(&log);
            bell.on_wake(move || log.lock().unwrap().push(i));
        }
        let in_order = |what: &str| {
            assert_eq!(std::mem::take(&mut *log.lock().unwrap()), (0..ALL).collect::<Vec<_>>(), "{what}");
        };
        for close in [false, true] {
            let semaphore = Semaphore::new(0);
            let _line: Vec<_> = bells.iter().map(|bell| queued(semaphore.acquire(), bell)).collect();
            if close {
                assert!(semaphore.close())
            } else {
                _ = semaphore.add_permits(ALL)
            }
            in_order("permits, or the close of a semaphore");
        }
        let monitor = Monitor::<_, Cond>::new(());
        let mut line: Vec<_> = bells.iter().map(|bell| queued(monitor.try_enter().unwrap().wait(A), bell)).collect();
        assert_eq!(monitor.try_enter().unwrap().notify_all(A), ALL);
        line.iter_mut().zip(&bells).for_each(|(waiting, bell)| drop(ready(waiting, bell)));
        in_order("notifications");
        for capacity in [Some(0), Some(ALL), None] {
            let (tx, rx) = open(capacity);
            let line: Vec<_> = bells.iter().map(|bell| queued(rx.recv(), bell)).collect();
            (0..ALL).for_each(|i| tx.try_send(i).unwrap());
            in_order("messages");
            drop(line);
            (0..ALL).for_each(|i| assert_eq!(rx.try_recv(), Ok(i)));
            let _line: Vec<_> = bells.iter().map(|bell| queued(rx.recv(), bell)).collect();
            tx.close_mailbox();
            in_order("the end");
        }
        let (tx, rx) = mailbox::bounded(ALL);
        (0..ALL).for_each(|i| tx.try_send(i).unwrap());
        let _line: Vec<_> = bells.iter().map(|bell| queued(tx.send(7), bell)).collect();
        assert_eq!(rx.try_recv_many(&mut Vec::with_capacity(ALL), ALL), Ok(ALL));
        in_order("slots");
    });
}

/// Counts the polls of a future.
struct Counted<'a, F>(Pin<Box<F>>, &'a AtomicUsize);

impl<F: Future> Future for Counted<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.1.fetch_add(1, SeqCst);
        self.0.as_mut().poll(cx)
    }
}

/// async-lock#41, async-channel 1.4.2, EL#107, thingbuf#83, crossfire 2.0.22: futures that woke themselves, and burned
/// a core; here a pending future wakes nobody, and a task is polled at most twice for an operation.
#[test]
fn b126_a_wait_is_two_polls_and_no_busy_loop() {
    on_every_line(|line| {
        let bell = Bell::new();
        let mut waiter = line.queue(&bell);
        assert!(!waiter.finished(&bell) && bell.wakes() == 0, "it woke itself");
        (line.one)();
        assert_eq!(bell.wakes(), 1);
        assert!(waiter.finished(&bell) && bell.wakes() == 1);
    });
    for capacity in CAPACITIES {
        let polls = AtomicUsize::new(0);
        let polls = &polls;
        let (tx, rx) = open(capacity);
        let send = async move {
            for i in 0..1_000 {
                Counted(Box::pin(tx.send(i)), polls).await.unwrap();
            }
        };
        let receive = async move {
            let mut all = 0..1_000;
            while let Some(message) = Counted(Box::pin(rx.recv()), polls).await {
                assert_eq!(Some(message), all.next());
            }
        };
        watched(String::new, || {
            crate::common::Rt::TokioCurrent.block_on(async {
                // Two tasks of one join would poll each other's futures: each has its own wakers here.
                let mut both = futures::stream::FuturesUnordered::<Pin<Box<dyn Future<Output = ()>>>>::new();
                both.push(Box::pin(send));
                both.push(Box::pin(receive));
                while futures::StreamExt::next(&mut both).await.is_some() {}
            })
        });
        // 1,000 sends, 1,000 receives and the end.
        assert!(polls.load(SeqCst) <= 2 * 2_001, "{} polls at capacity {capacity:?}", polls.load(SeqCst));
    }
}

/// async-lock#91 (open), tokio#6450, futures-locks#3, the futurelock: one who was granted and is never polled blocks
/// the others. First come, first served cannot do without, and shows it; `Unfair` can.
#[test]
fn b127_one_who_never_comes_blocks_a_fifo_line_and_no_other() {
    for (fairness, blocks) in [(Fairness::Fifo, true), (Fairness::Unfair, false)] {
        let mutex = Mutex::with_fairness((), fairness);
        let held = mutex.try_lock();
        let never_polled_again = queued(mutex.lock(), &Bell::new());
        let bell = Bell::new();
        let mut second = queued(mutex.lock(), &bell);
        drop(held);
        assert_eq!(poll(&mut second, &bell).is_pending(), blocks);
        assert_eq!((mutex.is_locked(), mutex.waiters() > 0), (blocks, true), "and one can see it");
        drop(never_polled_again);
        drop(second);
        assert!(!mutex.is_locked());

        let semaphore = Semaphore::with_fairness(0, fairness);
        let never_polled_again = queued(semaphore.acquire(), &Bell::new());
        let mut second = queued(semaphore.acquire(), &bell);
        semaphore.add_permits(1);
        assert_eq!(poll(&mut second, &bell).is_pending(), blocks);
        drop(never_polled_again);
    }
    // A bound on overtaking is a bound on the way out, too.
    let mutex = Mutex::with_fairness((), Fairness::Barging { overtakes: 2 });
    let held = mutex.try_lock();
    let _never_polled_again = queued(mutex.lock(), &Bell::new());
    drop(held);
    assert!(mutex.try_lock().is_some() && mutex.try_lock().is_some() && mutex.try_lock().is_none());

    // Without a limit on messages, a reservation that can never be met stops none of them.
    let (tx, rx) = mailbox::unbounded();
    tx.try_send(0).unwrap();
    let _held: Vec<_> = (0..3).map(|_| tx.try_reserve_many(mailbox::MAX_CAPACITY).unwrap()).collect();
    let _never_met = queued(tx.reserve_many(mailbox::MAX_CAPACITY), &Bell::new());
    assert_eq!((tx.try_send(1), now(tx.send(2))), (Ok(()), Ok(())));
    assert_eq!((rx.try_recv(), rx.try_recv(), rx.try_recv()), (Ok(0), Ok(1), Ok(2)));
}

/// rust#112723 (open), crossbeam#997, concurrentqueue#419: a receiver spun behind a sender that had been preempted in
/// the middle of a push; here a sender is stopped where the code of others runs – in the wake, the clone and the drop
/// of a waker – and everybody else goes on.
#[test]
fn b128_a_sender_that_is_stopped_stops_nobody() {
    for capacity in [Some(1), Some(3), None] {
        let (tx, rx) = open(capacity);
        let (bell, other) = (Bell::new(), Bell::new());
        let (reached, at_the_stop) = mpsc::channel();
        let (go_on, stop) = mpsc::channel::<()>();
        let stop = std::sync::Mutex::new(stop);
        bell.on_wake(move || {
            reached.send(()).unwrap();
            stop.lock().unwrap().recv().unwrap();
        });
        let mut receiving = queued(rx.recv(), &bell);
        watched(String::new, || {
            thread::scope(|scope| {
                let stopped = scope.spawn(|| tx.try_send(1));
                at_the_stop.recv().unwrap();
                // The message is there, and claimed.
                assert_eq!((rx.try_recv(), rx.len()), (Err(TryRecvError::Empty), 1));
                assert_eq!(ready(&mut receiving, &other), Some(1));
                assert_eq!(
                    (tx.try_send(2), rx.try_recv(), now(tx.send(3)), now(rx.recv())),
                    (Ok(()), Ok(2), Ok(()), Some(3))
                );
                let mut stream = rx.clone();
                assert!(with(&other, |cx| stream.poll_recv(cx)).is_pending());
                let mut waiting = queued(rx.recv(), &other);
                drop(tx.clone());
                pending(&mut waiting, &other);
                go_on.send(()).unwrap();
                assert_eq!(stopped.join().unwrap(), Ok(()));
            });
        });
    }
    let semaphore = Semaphore::new(0);
    let (entered, leave) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let bell = Bell::new();
    let (inside, out) = (Arc::clone(&entered), Arc::clone(&leave));
    bell.on_clone(move || {
        inside.fetch_add(1, SeqCst);
        until(|| out.load(SeqCst) > 0);
    });
    watched(String::new, || {
        thread::scope(|scope| {
            let stopped = scope.spawn(|| poll(&mut Box::pin(semaphore.acquire()), &bell).is_pending());
            until(|| entered.load(SeqCst) > 0);
            semaphore.add_permits(1);
            assert!(semaphore.try_acquire().is_ok() && now(semaphore.acquire()).is_ok());
            semaphore.try_acquire().unwrap().forget();
            leave.store(1, SeqCst);
            assert!(stopped.join().unwrap());
        });
    });
}
