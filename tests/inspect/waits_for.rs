//! The graph of who waits for whom: circles that are hard to see, circles that are none, and very large graphs.

use std::time::{Duration, Instant};

use futures::sink::SinkExt;
use futures::stream::StreamExt;
use sempost::inspect::{self, Why};
use sempost::mailbox::{self, ports::Order};
use sempost::{Condvar, Mutex, Semaphore};

use crate::alone;
use crate::circles::{circles, get, wait};
use crate::common::{Bell, pending, ready, watched};

/// Kills: a way that is followed into a dead end, so that the circle beside it is not seen.
#[test]
fn a_circle_beside_a_dead_end_is_seen() {
    let _alone = alone();
    let (dead, a, b) = (Bell::new(), Bell::new(), Bell::new());
    // It wants more than there will ever be: it is held up by nobody.
    let (never, pool, lock) = (Semaphore::new(1), Semaphore::new(2), Mutex::new(0));
    never.try_acquire().unwrap().forget();
    never.add_permits(1);
    let free = Bell::new();
    let _little = get(&free, never.acquire());
    let _dead = wait(&dead, never.acquire_many(2));
    let _pool = (get(&dead, pool.acquire()), get(&a, pool.acquire()));
    let _lock = get(&b, lock.lock());
    let _b = wait(&b, pool.acquire());
    assert!(circles().is_empty(), "`a` can still give its permit back");
    let _a = wait(&a, lock.lock());
    assert_eq!(circles(), [2]);
}

/// Kills: a mutex that was handed to a requeued waiter of a condition, whom nobody polls, and which looks free.
#[test]
fn a_requeued_waiter_that_has_the_mutex_holds_others_up() {
    let _alone = alone();
    let (a, b) = (Bell::new(), Bell::new());
    let (condvar, mutex) = (Condvar::new(), Mutex::new(0));
    let joins = |task: &Bell| wait(task, condvar.wait(mutex.try_lock().unwrap()));
    let (mut first, _kept) = (joins(&a), joins(&b));
    assert_eq!(condvar.notify_all(), 2);
    drop(ready(&mut first, &a));
    assert!(circles().is_empty());
    // The task that has the mutex, and does not know it, waits for it.
    let _again = wait(&b, mutex.lock());
    let snapshot = inspect::snapshot();
    let suspects = snapshot.suspects(Duration::ZERO);
    assert_eq!(suspects.len(), 1, "{snapshot}");
    assert_eq!(suspects[0].hops()[0].blocker().why(), Why::Granted);
}

/// Kills: a circle that is said to be as old as the wait for the condition, before the notification.
#[test]
fn a_notified_waiter_has_waited_for_the_mutex_since_then() {
    let _alone = alone();
    let (a, b) = (Bell::new(), Bell::new());
    let (condvar, mutex, other) = (Condvar::new(), Mutex::new(0), Mutex::new(0));
    let _other = get(&a, other.lock());
    let mut sleeps = wait(&a, condvar.wait(get(&a, mutex.lock())));
    let _mutex = get(&b, mutex.lock());
    let _b = wait(&b, other.lock());
    let oldest = || inspect::snapshot().waiters().map(|(_, waiter)| waiter.age()).max().unwrap();
    crate::common::until(|| oldest() > Duration::from_millis(50));
    let notified = Instant::now();
    assert!(condvar.notify_one());
    pending(&mut sleeps, &a);
    let snapshot = inspect::snapshot();
    let since = notified.elapsed();
    assert_eq!(snapshot.suspects(Duration::ZERO).len(), 1);
    assert!(snapshot.suspects(Duration::ZERO)[0].age() <= since);
    assert!(snapshot.suspects(since + Duration::from_nanos(1)).is_empty(), "{snapshot}");
}

/// Kills: a sender that waits for a slow receiver, and is said to wait for itself because it sent what is queued.
#[test]
fn a_slow_receiver_of_credits_is_no_circle() {
    let _alone = alone();
    let (sends, works) = (Bell::new(), Bell::new());
    let (tx, rx) = mailbox::credits::<u32>(2, |_| 1);
    assert_eq!(get(&sends, tx.send(1)), Ok(()));
    assert_eq!(get(&sends, tx.send(2)), Ok(()));
    let _waits = wait(&sends, tx.send(3));
    assert!(circles().is_empty(), "{}", inspect::snapshot());
    let _lease = get(&works, rx.recv());
    assert!(circles().is_empty(), "{}", inspect::snapshot());
}

/// Kills: workers that send into the mailbox from which they have their messages, and are not seen.
#[test]
fn workers_that_send_to_themselves_are_a_circle() {
    let _alone = alone();
    let (sends, work) = (Bell::new(), [Bell::new(), Bell::new()]);
    let (tx, rx) = mailbox::credits::<u32>(2, |_| 1);
    assert_eq!(get(&sends, tx.send(1)), Ok(()));
    assert_eq!(get(&sends, tx.send(2)), Ok(()));
    let _leases = (get(&work[0], rx.recv()), get(&work[1], rx.recv()));
    let _first = wait(&work[0], tx.send(3));
    assert!(circles().is_empty(), "the other may still give its lease back");
    let _second = wait(&work[1], tx.send(4));
    let snapshot = inspect::snapshot();
    let suspects = snapshot.suspects(Duration::ZERO);
    assert_eq!(suspects.len(), 1, "{snapshot}");
    assert!(suspects[0].is_approximate());
}

/// Kills: actors that take their messages as streams, and are not seen.
#[test]
fn actors_with_streams_are_a_circle() {
    let _alone = alone();
    let (ping, pong) = (Bell::new(), Bell::new());
    let ((to_ping, mut at_ping), (to_pong, mut at_pong)) = (mailbox::bounded(1), mailbox::bounded(1));
    for (task, tx, rx) in [(&ping, &to_ping, &mut at_ping), (&pong, &to_pong, &mut at_pong)] {
        tx.try_send(1).unwrap();
        assert_eq!(get(task, rx.next()), Some(1));
        tx.try_send(2).unwrap();
    }
    let _waits = (wait(&ping, to_pong.send(3)), wait(&pong, to_ping.send(3)));
    assert_eq!(circles(), [2], "{}", inspect::snapshot());
}

/// Kills: actors that send through sinks, at a capacity of 0 or 1, or receive from ports, and are not seen.
#[test]
fn actors_with_sinks_and_ports_are_circles() {
    let _alone = alone();
    let (ping, pong) = (Bell::new(), Bell::new());
    let ((mut to_ping, at_ping), (ports, from_ports)) = (mailbox::bounded(1), mailbox::ports(Order::fair()));
    let to_pong = ports.open("ping", 1).unwrap();
    assert_eq!(get(&ping, to_pong.send(1)), Ok(()));
    assert_eq!(get(&pong, from_ports.recv_from("ping")), Some(1));
    assert_eq!(get(&pong, to_ping.send(1)), Ok(()));
    assert_eq!(get(&ping, at_ping.recv()), Some(1));
    to_ping.try_send(2).unwrap();
    to_pong.try_send(2).unwrap();
    let waits = (wait(&ping, to_pong.send(3)), wait(&pong, SinkExt::send(&mut to_ping, 3)));
    assert_eq!(circles(), [2], "{}", inspect::snapshot());
    drop(waits);

    let ((to_ping, at_ping), (to_pong, at_pong)) = (mailbox::bounded(0), mailbox::bounded(0));
    for (task, tx, rx) in [(&ping, &to_ping, &at_ping), (&pong, &to_pong, &at_pong)] {
        let mut send = wait(&ping, tx.send(1));
        assert_eq!(get(task, rx.recv()), Some(1));
        assert_eq!(ready(&mut send, &ping), Ok(()));
    }
    let waits = (wait(&ping, to_pong.send(3)), wait(&pong, to_ping.send(3)));
    assert_eq!(circles(), [2], "{}", inspect::snapshot());
    drop(waits);
    drop(at_ping);
    assert!(circles().is_empty());
}

/// Looks at all of it. The figures are for people.
fn look(what: &str) -> Vec<usize> {
    let begin = Instant::now();
    let snapshot = inspect::snapshot();
    let taken = begin.elapsed();
    let circles: Vec<_> = snapshot.suspects(Duration::ZERO).iter().map(|one| one.hops().len()).collect();
    let searched = begin.elapsed() - taken;
    let texts = snapshot.to_string().len() + snapshot.to_dot().len() + snapshot.to_json().len();
    let all = begin.elapsed();
    println!("{what}: snapshot {taken:?}, suspects {searched:?} ({circles:?}), all of it {all:?}, {texts} bytes");
    circles
}

/// Kills: a search that looks at every task for every task: of so many it would take minutes.
#[test]
fn large_graphs_are_searched_in_time() {
    let _alone = alone();
    watched(|| "it is still searching".to_owned(), large_graphs);
}

fn large_graphs() {
    let size = if cfg!(debug_assertions) { 20_000 } else { 100_000 };
    let tasks: Vec<_> = (0..size).map(|_| Bell::new()).collect();

    let one = Mutex::new(());
    let held = get(&tasks[0], one.lock());
    let waits: Vec<_> = tasks[1..].iter().map(|task| wait(task, one.lock())).collect();
    assert_eq!(look("one line"), [0; 0]);
    drop((waits, held));

    // Each holds a permit, and waits for another one.
    let pool = Semaphore::new(size);
    let held: Vec<_> = tasks.iter().map(|task| get(task, pool.acquire())).collect();
    let waits: Vec<_> = tasks.iter().map(|task| wait(task, pool.acquire())).collect();
    assert_eq!(look("one pool"), [2]);
    drop((waits, held));

    // A chain, whose last can go on: first one, then another is seen to be free.
    let locks: Vec<_> = tasks.iter().map(|_| Mutex::new(())).collect();
    let held: Vec<_> = tasks.iter().zip(&locks).map(|(task, lock)| get(task, lock.lock())).collect();
    let mut waits: Vec<_> = tasks.iter().zip(&locks[1..]).map(|(task, lock)| wait(task, lock.lock())).collect();
    assert_eq!(look("a chain"), [0; 0]);
    waits.push(wait(&tasks[size - 1], locks[0].lock()));
    assert_eq!(look("a circle"), [size]);
    drop((waits, held));
    assert!(inspect::snapshot().is_empty());
}
