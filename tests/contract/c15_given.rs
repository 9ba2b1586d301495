//! C15: what was given to a waiter and not taken yet can be seen, in a count and in `Debug`.
//!
//! A primitive whose only permit, slot, message or turn was granted to a future that nobody polls looks otherwise like
//! one that is used up.

use crate::common::lines::Cond::{self, A};
use crate::common::{Bell, expect_ready, queued, ready, with};
use futures::Sink;
use sempost::mailbox::{self, Sender};
use sempost::{Condvar, Fairness, Monitor, Mutex, MutexGuard, Semaphore};
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

/// Insists that `Debug` of `thing` shows `text`, spaces and lines aside.
#[track_caller]
pub(crate) fn shows(thing: &impl Debug, text: &str) {
    let shown = format!("{thing:?}");
    assert!(shown.contains(text), "{shown} does not show {text:?}");
}

#[test]
fn c15_semaphore_shows_granted_permits() {
    for fairness in [Fairness::Fifo, Fairness::Barging { overtakes: 1 }, Fairness::Unfair] {
        let (semaphore, bells) = (Semaphore::with_fairness(1, fairness), [Bell::new(), Bell::new()]);
        let mut first = queued(semaphore.acquire_many(2), &bells[0]);
        let mut second = queued(semaphore.acquire_many(3), &bells[1]);
        shows(&semaphore, "first_wants: Some(2)");
        shows(&first, "Queued { wants: 2 }");
        semaphore.add_permits(1);
        // Where newcomers may pass, nothing is granted: what is there stays there.
        let granted = if fairness == Fairness::Fifo { 2 } else { 0 };
        assert_eq!((semaphore.granted_permits(), semaphore.available_permits()), (granted, 2 - granted));
        shows(&semaphore, &format!("granted_permits: {granted}"));
        let permits = ready(&mut first, &bells[0]).unwrap();
        assert_eq!(semaphore.granted_permits(), 0, "they are held now");
        shows(&semaphore, "first_wants: Some(3)");
        semaphore.add_permits(1);
        drop(permits);
        assert_eq!(semaphore.granted_permits(), if fairness == Fairness::Fifo { 3 } else { 0 });
        drop(ready(&mut second, &bells[1]).unwrap());
        assert_eq!((semaphore.granted_permits(), semaphore.available_permits()), (0, 3));
    }
}

#[test]
fn c15_semaphore_granted_permits_that_go_on_are_counted_once() {
    let (semaphore, bells) = (Semaphore::new(0), [Bell::new(), Bell::new()]);
    let first = queued(semaphore.acquire(), &bells[0]);
    let mut second = queued(semaphore.acquire(), &bells[1]);
    semaphore.add_permits(1);
    assert_eq!(semaphore.granted_permits(), 1);
    drop(first);
    assert_eq!(semaphore.granted_permits(), 1, "it went on");
    ready(&mut second, &bells[1]).unwrap().forget();
    assert_eq!((semaphore.granted_permits(), semaphore.available_permits()), (0, 0));
}

#[test]
fn c15_mutex_shows_that_it_was_handed_over() {
    let (mutex, bells) = (Mutex::new(0), [Bell::new(), Bell::new()]);
    for _ in 0..300 {
        let guard = mutex.try_lock().unwrap();
        let first = queued(mutex.lock(), &bells[0]);
        let mut second = queued(mutex.lock(), &bells[1]);
        assert!(!mutex.is_handed_over());
        drop(guard);
        assert!(mutex.is_handed_over() && mutex.is_locked());
        shows(&mutex, "handed_over: true");
        drop(first);
        assert!(mutex.is_handed_over(), "it went on");
        let guard = ready(&mut second, &bells[1]);
        assert!(!mutex.is_handed_over());
        shows(&mutex, "handed_over: false");
        drop(guard);
        assert!(!mutex.is_handed_over());
        // Given up with nobody behind it.
        let guard = mutex.try_lock().unwrap();
        let first = queued(mutex.lock(), &bells[0]);
        drop(guard);
        drop(first);
        assert!(!mutex.is_handed_over() && !mutex.is_locked());
    }
}

#[test]
fn c15_mutex_that_newcomers_may_take_is_never_handed_over() {
    for fairness in [Fairness::Barging { overtakes: 1 }, Fairness::Unfair] {
        let (mutex, bell) = (Mutex::with_fairness(0, fairness), Bell::new());
        let guard = mutex.try_lock().unwrap();
        let mut waiting = queued(mutex.lock(), &bell);
        drop(guard);
        assert!(!mutex.is_handed_over());
        let guard = ready(&mut waiting, &bell);
        assert!(!mutex.is_handed_over());
        drop(guard);
    }
}

#[test]
fn c15_monitor_shows_that_it_was_handed_over() {
    let (monitor, bells) = (Monitor::<_, Cond>::new(0), [Bell::new(), Bell::new(), Bell::new()]);
    let mut first = queued(monitor.try_enter().unwrap().wait(A), &bells[0]);
    let second = queued(monitor.try_enter().unwrap().wait(A), &bells[1]);
    assert!(!monitor.is_handed_over());
    assert!(monitor.try_enter().unwrap().signal_and_leave(A));
    shows(&monitor, "handed_over: true");
    let inside = ready(&mut first, &bells[0]);
    assert!(!monitor.is_handed_over());
    assert!(inside.signal_and_leave(A));
    assert!(monitor.is_handed_over());
    let mut entering = queued(monitor.enter(), &bells[2]);
    drop(second);
    assert!(monitor.is_handed_over(), "it went on, to the door");
    drop(ready(&mut entering, &bells[2]));
    assert!(!monitor.is_handed_over() && !monitor.is_occupied());
}

/// Kills: a count of those that want to get in that leaves the notified out.
#[test]
fn c15_monitor_shows_those_that_were_notified() {
    let (monitor, bells) = (Monitor::<_, Cond>::new(0), [(); 4].map(|()| Bell::new()));
    let [mut first, mut second, third] = [0, 1, 2].map(|i| queued(monitor.try_enter().unwrap().wait(A), &bells[i]));
    assert_eq!(monitor.try_enter().unwrap().notify_all(A), 3);
    assert_eq!((monitor.waiters(A), monitor.entering(), monitor.is_handed_over()), (0, 3, false));
    drop(ready(&mut first, &bells[0]));
    assert_eq!((monitor.entering(), monitor.is_handed_over()), (2, false), "the second is woken, and may be passed");
    assert!(!monitor.is_occupied() && bells[1].wakes() == 1 && bells[2].wakes() == 0);
    let inside = ready(&mut second, &bells[1]);
    let mut entering = queued(monitor.enter(), &bells[3]);
    assert_eq!((monitor.entering(), monitor.is_handed_over()), (2, false));
    drop(inside);
    assert!(monitor.is_handed_over() && bells[2].wakes() == 1 && bells[3].wakes() == 0, "it goes before the line");
    drop(third);
    assert!(monitor.is_handed_over() && bells[3].wakes() == 1);
    drop(ready(&mut entering, &bells[3]));
    assert!(!monitor.is_handed_over() && !monitor.is_occupied());
}

#[test]
fn c15_condvar_shows_those_who_were_notified() {
    let (mutex, condvar, bells) = (Mutex::new(0), Condvar::new(), [Bell::new(), Bell::new()]);
    let wait = |bell| queued(condvar.wait(mutex.try_lock().unwrap()), bell);
    let (mut first, mut second) = (wait(&bells[0]), wait(&bells[1]));
    condvar.notify_all();
    shows(&condvar, "waiters: 0, notified: 2");
    let guard: MutexGuard<'_, i32> = ready(&mut first, &bells[0]);
    shows(&condvar, "waiters: 0, notified: 0");
    assert!(!mutex.is_handed_over());
    drop(guard);
    assert!(mutex.is_handed_over(), "to the second");
    drop(ready(&mut second, &bells[1]));
    assert!(!mutex.is_handed_over());
}

/// Granted slots, slots of ready sinks, slots of permits, claimed messages.
fn given<T>(tx: &Sender<T>) -> [usize; 4] {
    [tx.granted_slots(), tx.ready_slots(), tx.reserved_slots(), tx.claimed()]
}

#[test]
fn c15_mailbox_shows_granted_slots() {
    let ((tx, rx), bells) = (mailbox::bounded(2), [Bell::new(), Bell::new()]);
    (0..2).for_each(|n| tx.try_send(n).unwrap());
    let mut sending = queued(tx.send(2), &bells[0]);
    let mut reserving = queued(tx.reserve_many(2), &bells[1]);
    shows(&tx, "first_wants: Some(1)");
    shows(&reserving, "Queued { wants: 2 }");
    assert_eq!(rx.try_recv(), Ok(0));
    assert_eq!(given(&tx), [1, 0, 0, 0]);
    shows(&tx, "granted_slots: 1");
    shows(&tx, "first_wants: Some(2)");
    assert_eq!(ready(&mut sending, &bells[0]), Ok(()));
    assert_eq!(given(&tx), [0; 4]);
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(1), Ok(2)));
    assert_eq!(given(&tx), [2, 0, 0, 0]);
    let permits = ready(&mut reserving, &bells[1]).unwrap();
    assert_eq!(given(&tx), [0, 0, 2, 0]);
    drop(permits);
    assert_eq!((given(&tx), tx.remaining()), ([0; 4], 2));
}

#[test]
fn c15_mailbox_shows_slots_of_ready_sinks() {
    for capacity in [Some(4), None] {
        let (tx, rx) = match capacity {
            Some(capacity) => mailbox::bounded(capacity),
            None => mailbox::unbounded(),
        };
        let bell = Bell::new();
        let mut sinks: Vec<_> = (0..4).map(|_| tx.clone()).collect();
        for sink in &mut sinks {
            expect_ready(with(&bell, |cx| Pin::new(sink).poll_ready(cx))).unwrap();
        }
        assert_eq!(given(&tx), [0, 4, 0, 0]);
        shows(&tx, "ready_slots: 4");
        Pin::new(&mut sinks[0]).start_send(7).unwrap();
        assert_eq!(given(&tx), [0, 3, 0, 0], "one holds a message");
        expect_ready(with(&bell, |cx| Pin::new(&mut sinks[1]).poll_flush(cx))).unwrap();
        assert_eq!(given(&tx), [0, 2, 0, 0], "one has lapsed");
        let permit = expect_ready(with(&bell, |cx| sinks[2].poll_reserve(cx))).unwrap();
        assert_eq!(given(&tx), [0, 1, 1, 0], "one has become a permit");
        drop(permit);
        assert_eq!(given(&tx), [0, 1, 0, 0]);
        drop(sinks);
        assert_eq!((given(&tx), rx.len()), ([0; 4], 1));
    }
}

#[test]
fn c15_mailbox_shows_claims_and_a_close_makes_grants_void() {
    let ((tx, rx), bells) = (mailbox::bounded(1), [Bell::new(), Bell::new()]);
    let mut receiving = queued(rx.recv(), &bells[0]);
    tx.try_send(1).unwrap();
    assert_eq!(given(&tx), [0, 0, 0, 1]);
    shows(&receiving, "Granted");
    let sending = queued(tx.send(2), &bells[1]);
    assert_eq!(ready(&mut receiving, &bells[0]), Some(1));
    assert_eq!(given(&tx.clone()), [1, 0, 0, 0]);
    let mut sink = tx.clone();
    assert!(with(&bells[0], |cx| Pin::new(&mut sink).poll_ready(cx)).is_pending());
    tx.close_mailbox();
    assert_eq!(given(&tx), [0; 4]);
    drop((sending, sink));
    assert_eq!((given(&tx), tx.is_closed()), ([0; 4], true));
}

#[test]
fn c15_mailbox_at_capacity_0_shows_receivers_set_aside() {
    let ((tx, rx), bells) = (mailbox::bounded(0), [Bell::new(), Bell::new()]);
    let mut receiving = queued(rx.recv(), &bells[0]);
    let mut permit = tx.try_reserve().unwrap();
    assert_eq!(given(&tx), [0, 0, 1, 0]);
    drop(permit);
    let another = rx.clone();
    let mut second = queued(another.recv(), &bells[0]);
    let held = [tx.try_reserve().unwrap(), tx.try_reserve().unwrap()];
    let mut reserving = queued(tx.reserve(), &bells[1]);
    drop(held);
    assert_eq!(given(&tx), [1, 0, 0, 0]);
    permit = ready(&mut reserving, &bells[1]).unwrap();
    assert_eq!(given(&tx), [0, 0, 1, 0]);
    permit.send(3).unwrap();
    assert_eq!(given(&tx), [0; 4]);
    let got = [with(&bells[0], |cx| receiving.as_mut().poll(cx)), with(&bells[0], |cx| second.as_mut().poll(cx))];
    assert_eq!(got.iter().filter(|poll| poll.is_ready()).count(), 1);
}

#[test]
fn c15_mailbox_shows_handles_that_were_woken_and_have_not_come() {
    let ((tx, rx), bell) = (mailbox::bounded(1), Bell::new());
    let mut stream = rx.clone();
    assert!(with(&bell, |cx| stream.poll_recv(cx)).is_pending());
    let behind = queued(rx.recv(), &bell);
    tx.try_send(1).unwrap();
    shows(&tx, "waiting_receivers: 2, woken_senders: 0, woken_receivers: 1");
    drop((behind, stream));
    let mut sink = tx.clone();
    assert!(with(&bell, |cx| Pin::new(&mut sink).poll_ready(cx)).is_pending());
    assert_eq!(rx.try_recv(), Ok(1));
    shows(&tx, "woken_senders: 1, woken_receivers: 0");
}

#[test]
fn c15_semaphore_shows_who_holds_and_what_is_promised() {
    let (semaphore, bell) = (Semaphore::with_fairness(3, Fairness::Barging { overtakes: 0 }), Bell::new());
    let held = semaphore.try_acquire_many(2).unwrap();
    let waiting = queued(semaphore.acquire_many(2), &bell);
    shows(&semaphore, "held_permits: 2");
    drop(held);
    shows(&semaphore, "held_permits: 0");
    shows(&semaphore, "fairness: Barging { overtakes: 0 }, promised_permits: 2");
    assert!(semaphore.try_acquire().is_err());
    drop(waiting);
    shows(&semaphore, "promised_permits: 0");
    semaphore.reduce_permits(5);
    shows(&semaphore, "debt: 2");
    shows(&semaphore, "held_permits: 0");
}

#[test]
fn c15_mutex_is_printed_without_passing_a_waiter() {
    let (mutex, bell) = (Mutex::with_fairness(0, Fairness::Barging { overtakes: 1 }), Bell::new());
    let guard = mutex.try_lock().unwrap();
    let waiting = queued(mutex.lock(), &bell);
    drop(guard);
    shows(&mutex, "data: <offered to those who wait>");
    assert!(mutex.try_lock().is_some(), "nobody has passed the waiter so far");
    drop(waiting);
    shows(&mutex, "data: 0");
}
