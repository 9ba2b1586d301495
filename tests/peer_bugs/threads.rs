//! Section 2.2, second half: notify and park, by threads.

use crate::common::lines::Cond::{self, A};
use crate::common::{Bell, Random, poll, queued, ready, until, watched};
use crate::race::race;
use crate::{CAPACITIES, open};
use sempost::mailbox::{self, Receiver, SendError, Sender};
use sempost::{Fairness, Monitor, Mutex, Semaphore};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::Poll;
use std::thread;
use std::time::Duration;

/// EL#138: `notify` returned early on a stale look, and the notification was dropped; here who looks and then waits
/// meets who changes and then tells. Models: `nothing_arrives_between_the_look_and_the_joining`,
/// `release_and_acquire_by_two_threads`; `closed()` and `drained()` have none.
#[test]
fn b024_no_early_return_drops_a_notification() {
    race(300, |round| {
        let semaphore = Semaphore::new(0);
        let acquired = round.both(|| semaphore.acquire_blocking().is_ok(), || semaphore.add_permits(1)).0;
        assert!(acquired);
    });
    race(300, |round| {
        let semaphore = Semaphore::new(0);
        round.both(|| semaphore.closed().wait(), || assert!(semaphore.close()));
    });
    race(300, |round| {
        let (tx, rx) = mailbox::bounded(1);
        tx.try_send(1).unwrap();
        tx.close_mailbox();
        round.both(|| rx.drained().wait(), || assert_eq!(rx.try_recv(), Ok(1)));
    });
}

/// EL#76: listeners that came while the list was locked went to a fallback queue and were never notified; here two
/// threads take turns while a third keeps the short lock busy.
#[test]
fn b025_a_busy_lock_loses_no_wake_up() {
    let (ping, pong) = (Semaphore::new(0), Semaphore::new(0));
    let over = AtomicBool::new(false);
    watched(String::new, || {
        thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(SeqCst) {
                    assert!(ping.available_permits() <= 1 && ping.waiters() <= 1);
                    assert!(pong.available_permits() <= 1 && !format!("{pong:?}").is_empty());
                }
            });
            scope.spawn(|| {
                for _ in 0..1_000 {
                    ping.acquire_blocking().unwrap().forget();
                    pong.add_permits(1);
                }
            });
            for _ in 0..1_000 {
                ping.add_permits(1);
                pong.acquire_blocking().unwrap().forget();
            }
            over.store(true, SeqCst);
        });
    });
}

/// EL#123: a mutex on top of the waiter queue deadlocked; here three threads lock, try and give up. Models:
/// `three_threads_each_get_their_turn`, `a_cancel_in_the_middle_keeps_the_line`.
#[test]
fn b026_three_threads_each_get_the_mutex() {
    race(30, |round| {
        let mutex = Mutex::new(0);
        let work = || {
            for i in 0..30 {
                if i % 3 == 0 {
                    drop(poll(&mut Box::pin(mutex.lock()), &Bell::new()));
                }
                *mutex.lock_blocking() += 1;
            }
        };
        round.three(work, work, work);
        assert_eq!((*mutex.try_lock().unwrap(), mutex.waiters()), (90, 0));
    });
}

/// tokio#3168, #3234: a watch woke spuriously and lost the last change; here the last value is seen, in order, by who
/// waits for a change.
#[test]
fn b029_the_last_change_is_seen() {
    race(20, |round| {
        let monitor = Monitor::<u32, Cond>::new(0);
        let seen = round.both(
            || {
                let mut last = 0;
                while last < 50 {
                    let inside = monitor.enter_blocking().wait_while(A, |value| *value == last).wait();
                    assert!(*inside > last, "woken without a change");
                    last = *inside;
                }
                last
            },
            || {
                for value in 1..=50 {
                    let mut inside = monitor.enter_blocking();
                    *inside = value;
                    inside.notify_all(A);
                }
            },
        );
        assert_eq!(seen.0, 50);
    });
}

/// futures#264: a sender that parked just after the close slept for ever; here it gets its message back. Models:
/// `senders_that_wait_are_refused`, `close_ends_who_waits_and_who_is_about_to`.
#[test]
fn b032_who_parks_while_it_closes_is_refused() {
    for capacity in [0, 1, 2] {
        race(200, |round| {
            let (tx, rx) = mailbox::bounded(capacity);
            (0..capacity).for_each(|_| tx.try_send(0).unwrap());
            assert_eq!(round.both(|| tx.send_blocking(7), || rx.close()), (Err(SendError(7)), true));
        });
    }
    race(200, |round| {
        let semaphore = Semaphore::new(0);
        assert!(round.both(|| semaphore.acquire_blocking().is_err(), || semaphore.close()).0);
    });
}

/// flume#120: receive, then a look whether all senders are gone, then the registering: a value or a wake-up was lost in
/// between; here a last message meets a receiver. Model: `a_message_sent_before_the_end_is_received`.
#[test]
fn b034_the_last_message_and_the_end_arrive() {
    for capacity in CAPACITIES {
        race(150, |round| {
            let (tx, rx) = open(capacity);
            let send = move || {
                tx.send_blocking(7).unwrap();
                drop(tx);
            };
            let got = round.both(send, || (rx.recv_blocking(), rx.recv_blocking())).1;
            assert_eq!(got, (Some(7), None));
        });
    }
}

/// kanal#15: the waker was read before the state, so the wake-up went to the old one; here a gift meets a poll by
/// another task, and the last task that waited is woken. Model: `a_grant_wakes_the_task_that_polled_last`.
#[test]
fn b035_a_gift_wakes_the_task_that_polled_last() {
    race(300, |round| {
        let (semaphore, old, new) = (Semaphore::new(0), Bell::new(), Bell::new());
        let mut waiting = queued(semaphore.acquire(), &old);
        let (polled, _) = round.both(|| poll(&mut waiting, &new).map(drop), || semaphore.add_permits(1));
        assert!(polled.is_ready() || new.wakes() == 1);
    });
    for capacity in CAPACITIES {
        race(150, |round| {
            let ((tx, rx), old, new) = (open(capacity), Bell::new(), Bell::new());
            let mut waiting = queued(rx.recv(), &old);
            let (polled, ()) = round.both(|| poll(&mut waiting, &new), || tx.try_send(7).unwrap());
            assert!(polled == Poll::Ready(Some(7)) || new.wakes() == 1);
            assert!(polled.is_ready() || ready(&mut waiting, &new) == Some(7));
        });
    }
}

/// rust#76220: a sender blocked although the receiver was gone; here it gets its message back.
#[test]
fn b039_a_sender_learns_that_the_last_receiver_went() {
    for capacity in [0, 1] {
        race(200, |round| {
            let (tx, rx) = mailbox::bounded(capacity);
            (0..capacity).for_each(|_| tx.try_send(0).unwrap());
            assert_eq!(round.both(|| tx.send_blocking(7), move || drop(rx)).0, Err(SendError(7)));
        });
    }
}

/// parking_lot#465: after a timeout the parked bit was cleared outside the lock, and an unlock woke nobody; here
/// waiters that give up meet unlocks, and a wait with a timeout meets the event.
#[test]
fn b040_giving_up_meets_an_unlock() {
    race(30, |round| {
        let mutex = Mutex::new(0);
        let impatient = || {
            for _ in 0..50 {
                let mut locking = Box::pin(mutex.lock());
                if let Poll::Ready(mut guard) = poll(&mut locking, &Bell::new()) {
                    *guard += 1;
                }
            }
        };
        let patient = || (0..50).for_each(|_| *mutex.lock_blocking() += 1);
        round.three(impatient, patient, patient);
        assert!(*mutex.try_lock().unwrap() >= 100);
        assert_eq!(mutex.waiters(), 0);
    });
    race(200, |round| {
        let semaphore = Semaphore::new(0);
        let wait = || {
            let _either = semaphore.closed().wait_timeout(Duration::from_nanos(1));
            semaphore.closed().wait();
        };
        round.both(wait, || assert!(semaphore.close()));
        assert_eq!(semaphore.closed().wait_timeout(Duration::ZERO), Ok(()));
    });
}

/// parking_lot#29: fair and unfair unlocks together locked up; here those who wait and those who barge share a mutex,
/// under each fairness.
#[test]
fn b041_waiting_and_barging_together_do_not_lock_up() {
    for fairness in [Fairness::Fifo, Fairness::Barging { overtakes: 3 }, Fairness::Unfair] {
        race(20, |round| {
            let mutex = Mutex::with_fairness(0, fairness);
            let barge = || {
                for _ in 0..50 {
                    until(|| mutex.try_lock().map(|mut guard| *guard += 1).is_some());
                }
            };
            let wait = || (0..50).for_each(|_| *mutex.lock_blocking() += 1);
            round.three(wait, wait, barge);
            assert_eq!(*mutex.try_lock().unwrap(), 150);
        });
    }
}

/// thingbuf#20: `send_ref` deadlocked, full → receive → send; here a slot is reserved and then used, through few slots.
#[test]
fn b042_reserved_and_sent_through_one_slot() {
    for capacity in [0, 1, 2] {
        race(10, |round| {
            let (tx, rx) = mailbox::bounded(capacity);
            let send = || (0..100).for_each(|i| tx.reserve().wait().unwrap().send(i).unwrap());
            let ((), got) = round.both(send, || (0..100).map(|_| rx.recv_blocking()).collect::<Vec<_>>());
            assert_eq!(got, (0..100).map(Some).collect::<Vec<_>>());
        });
    }
}

/// mea#73: the condition variable let the lock go before it registered the waiter; here waiting and leaving are one
/// step. Model: `no_notification_falls_between_leaving_and_waiting`.
#[test]
fn b043_no_notification_falls_between_leaving_and_waiting() {
    for signal in [false, true] {
        race(300, |round| {
            let monitor = Monitor::<_, Cond>::new(false);
            let wait = || {
                let mut inside = monitor.enter_blocking();
                if !*inside {
                    inside = inside.wait(A).wait();
                }
                *inside
            };
            let tell = || {
                let mut inside = monitor.enter_blocking();
                *inside = true;
                if signal { inside.signal_and_leave(A) } else { inside.notify_one(A) }
            };
            assert!(round.both(wait, tell).0);
        });
    }
}

/// oneshot 0.1.4: an unpark met a receiver that left; here the message of that moment is received once, by the thread
/// or after it.
#[test]
fn b044_an_unpark_meets_a_receiver_that_leaves() {
    for capacity in CAPACITIES {
        race(150, |round| {
            let (tx, rx) = open(capacity);
            let keep = queued(rx.recv(), &Bell::new());
            let leave = || poll(&mut Box::pin(rx.recv()), &Bell::new());
            let (polled, ()) = round.both(leave, || tx.try_send(7).unwrap());
            drop(keep);
            assert!(polled.is_pending(), "somebody stood before it");
            assert_eq!((rx.len(), rx.recv_blocking()), (1, Some(7)));
        });
    }
}

/// async-channel#54, #105: "not woken although there are messages", never solved for want of a dump; here a storm of
/// senders, receivers and cancels, whose watchdog prints the mailbox.
#[test]
fn b045_a_storm_leaves_nobody_asleep_beside_a_message() {
    const EACH: usize = 500;
    for capacity in [Some(0), Some(1), Some(2), None] {
        let (tx, rx) = open(capacity);
        let weak = rx.downgrade();
        watched(
            move || format!("seed 45 and up, {:?}", weak.upgrade()),
            || {
                thread::scope(|scope| {
                    for sender in 0..2 {
                        let tx = tx.clone();
                        scope.spawn(move || send_all(&tx, sender * EACH..(sender + 1) * EACH));
                    }
                    drop(tx);
                    let seeds = [46, 47].map(|seed| {
                        scope.spawn({
                            let rx = rx.clone();
                            move || take_until_the_end(&rx, seed)
                        })
                    });
                    let all: Vec<_> = seeds.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
                    assert_eq!(all.len(), 2 * EACH);
                    assert_eq!(all.into_iter().collect::<BTreeSet<_>>().len(), 2 * EACH, "one was doubled");
                });
            },
        );
    }
}

fn send_all(tx: &Sender<usize>, ids: std::ops::Range<usize>) {
    let mut random = Random::new(45);
    for id in ids {
        let mut sending = Box::pin(tx.send(id));
        let sent = random.one_in(3) && poll(&mut sending, &Bell::new()).is_ready();
        if sent {
            continue;
        }
        // Given up, it was not sent – or it was taken in that moment, and is gone.
        let back = sending.as_mut().cancel();
        back.into_iter().for_each(|id| tx.send_blocking(id).unwrap());
    }
}

fn take_until_the_end(rx: &Receiver<usize>, seed: u64) -> Vec<usize> {
    let mut random = Random::new(seed);
    let mut got = Vec::new();
    loop {
        if random.one_in(3) {
            match poll(&mut Box::pin(rx.recv()), &Bell::new()) {
                Poll::Ready(Some(id)) => got.push(id),
                Poll::Ready(None) => return got,
                Poll::Pending => continue,
            }
        } else {
            match rx.recv_blocking() {
                Some(id) => got.push(id),
                None => return got,
            }
        }
    }
}
