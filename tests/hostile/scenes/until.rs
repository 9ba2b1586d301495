//! Waiting until a deadline. One that does not come changes nothing; one that does takes its waiter out of the line.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex as Hand};

use sempost::mailbox::{self, ReserveUntilError, SendUntilError};
use sempost::{AcquireUntilError, Fairness, Mutex, Semaphore, WaitTimeoutResult};

use super::condvar::{Pair, lock_now, notify, pair};
use super::mailbox::{full, news, put, scene, take, take_many};
use super::monitor::{Cond, MEMORY, Visits, enter_now, notify_all, try_notify_one};
use super::{Operation, condvar, monitor, mutex, semaphore};
use crate::common::Deadline;
use crate::loan::{Loan, lend};
use crate::scene::{End, Ledger, Scene, awaiting, thrice};

/// The deadlines of the waiters, in the order in which they were made.
#[derive(Clone, Default)]
pub(super) struct Deadlines(Arc<Hand<Vec<Deadline>>>);

impl Deadlines {
    pub(super) fn fresh(&self) -> Deadline {
        let deadline = Deadline::new();
        self.0.lock().unwrap().push(deadline.clone());
        deadline
    }

    /// What makes one of them come.
    pub(super) fn come(self) -> impl Fn(usize) {
        move |at| self.0.lock().unwrap()[at].come()
    }
}

fn acquire(semaphore: Semaphore, need: usize) -> Scene {
    let (semaphore, loan): (&'static Semaphore, Loan<_>) = lend(semaphore);
    let given = Arc::new(AtomicUsize::new(semaphore.available_permits()));
    let books = Arc::clone(&given);
    let give = move |n: usize| {
        given.fetch_add(n, Ordering::Relaxed);
        semaphore.add_permits(n);
    };
    let (all, deadlines) = (give.clone(), Deadlines::default());
    let late = deadlines.clone().come();
    let make = move || {
        awaiting(semaphore.acquire_many(need).until(deadlines.fresh()), |permit| match permit {
            Ok(permit) => End::Served(Box::new(permit)),
            Err(AcquireUntilError::Elapsed) => End::late(),
            Err(_) => End::Closed,
        })
    };
    Scene::new(make, move || give(need))
        .batch(move || all(3 * need))
        .close(move || assert!(semaphore.close()))
        .late(late)
        .touch(move || semaphore::touch(semaphore))
        .audit(move || {
            assert_eq!(semaphore.available_permits(), books.load(Ordering::Relaxed));
            assert_eq!(semaphore.waiters(), 0);
        })
        .lent(loan)
}

fn lock(mutex: Mutex<u32>) -> Scene {
    let (mutex, loan): (&'static Mutex<u32>, Loan<_>) = lend(mutex);
    let held = Hand::new(mutex.try_lock());
    let (served, deadlines) = (Arc::new(Hand::new(0)), Deadlines::default());
    let (count, late) = (Arc::clone(&served), deadlines.clone().come());
    let make = move || {
        let count = Arc::clone(&count);
        awaiting(mutex.lock().until(deadlines.fresh()), move |guard| {
            guard.map_or_else(
                |_| End::late(),
                |mut guard| {
                    *guard += 1;
                    *count.lock().unwrap() += 1;
                    End::Served(Box::new(guard))
                },
            )
        })
    };
    let free = move || {
        let held = held.lock().unwrap().take();
        drop(held);
    };
    let scene = Scene::new(make, free).in_turn().late(late);
    scene.touch(move || mutex::touch(mutex)).audit(move || mutex::audit(mutex, &served)).lent(loan)
}

/// Whoever is late has the guard, too.
fn inside(end: End, ended: WaitTimeoutResult) -> End {
    match end {
        End::Served(guard) if ended.timed_out() => End::Late(guard),
        end => end,
    }
}

fn wait_condvar(fairness: Fairness) -> Scene {
    let (pair, loan): (&'static Pair, _) = lend(pair(fairness));
    let (visits, deadlines) = (Visits::default(), Deadlines::default());
    let (books, late) = (visits.clone(), deadlines.clone().come());
    let make = move || {
        let (visits, guard) = (visits.clone(), lock_now(pair.1.try_lock()));
        awaiting(pair.0.wait(guard).until(deadlines.fresh()), move |(guard, ended)| inside(visits.note(guard), ended))
    };
    let scene = Scene::new(make, move || notify(pair)).in_turn().forgets(MEMORY).late(late);
    let scene = scene.batch(move || _ = pair.0.notify_all());
    scene.touch(move || condvar::touch(pair)).audit(move || condvar::audit(pair, &books)).lent(loan)
}

fn wait_monitor() -> Scene {
    let (room, loan, visits, books) = monitor::set();
    let (deadlines, missed) = (Deadlines::default(), Arc::new(AtomicUsize::new(0)));
    let (late, misses) = (deadlines.clone().come(), Arc::clone(&missed));
    let make = move || {
        let (visits, guard) = (visits.clone(), enter_now(room.try_enter()));
        awaiting(guard.wait(Cond::Come).until(deadlines.fresh()), move |(guard, ended)| {
            inside(visits.note(guard), ended)
        })
    };
    let one = move || {
        if !try_notify_one(room) {
            missed.fetch_add(1, Ordering::Relaxed);
        }
    };
    let scene = Scene::new(make, one).missed(move || misses.load(Ordering::Relaxed));
    let scene = scene.in_turn().forgets(MEMORY).late(late).batch(move || notify_all(room));
    scene.touch(move || monitor::touch(room)).audit(move || books.audit(room)).lent(loan)
}

fn send(capacity: usize) -> Scene {
    let (books, deadlines) = (Ledger::default(), Deadlines::default());
    let late = deadlines.clone().come();
    let scene = scene(full(capacity, &books), &books.clone(), |tx, rx| {
        let [sent, one, batch] = [0; 3].map(|_| books.clone());
        let make = move || {
            let (number, ledger) = (sent.number(), sent.clone());
            awaiting(tx.send(number).until(deadlines.fresh()), move |sent| answer(&ledger, number, sent))
        };
        Scene::new(make, move || take(rx, &one)).batch(move || take_many(rx, 3, &batch)).of_senders(capacity)
    });
    scene.late(late)
}

fn answer(ledger: &Ledger, number: u32, sent: Result<(), SendUntilError<u32>>) -> End {
    let Err(error) = sent else {
        ledger.accept(number);
        return End::served();
    };
    let late = error.is_elapsed();
    ledger.give_back(error.into_inner());
    if late { End::late() } else { End::Closed }
}

fn reserve() -> Scene {
    let (books, deadlines) = (Ledger::default(), Deadlines::default());
    let late = deadlines.clone().come();
    let scene = scene(full(3, &books), &books.clone(), |tx, rx| {
        let (one, batch) = (books.clone(), books);
        let make = move || {
            awaiting(tx.reserve().until(deadlines.fresh()), |permit| match permit {
                Ok(permit) => End::Served(Box::new(permit)),
                Err(ReserveUntilError::Elapsed) => End::late(),
                Err(_) => End::Closed,
            })
        };
        Scene::new(make, move || take(rx, &one)).batch(move || take_many(rx, 3, &batch))
    });
    scene.late(late)
}

fn recv(capacity: usize) -> Scene {
    let (books, deadlines) = (Ledger::default(), Deadlines::default());
    let late = deadlines.clone().come();
    let scene = scene(mailbox::bounded(capacity), &books.clone(), |tx, rx| {
        let (one, three) = (books.clone(), books.clone());
        let make = move || {
            let ledger = books.clone();
            let end =
                move |message: Result<_, _>| message.map_or_else(|_| End::late(), |message| news(&ledger, message));
            awaiting(rx.recv().until(deadlines.fresh()), end)
        };
        let scene = Scene::new(make, move || put(tx, &one)).batch(move || thrice(|| put(tx, &three)));
        scene.meets(capacity)
    });
    scene.late(late)
}

pub(super) const ALL: &[Operation] = &[
    ("Semaphore::acquire_until", || acquire(Semaphore::new(0), 1)),
    ("Semaphore::acquire_many_until, Barging", || acquire(semaphore::barging(1_000), 2)),
    ("Mutex::lock_until", || lock(Mutex::new(0))),
    ("Mutex::lock_until, Unfair", || lock(Mutex::with_fairness(0, Fairness::Unfair))),
    ("MonitorGuard::wait_until", wait_monitor),
    ("Condvar::wait_until", || wait_condvar(Fairness::Fifo)),
    ("Condvar::wait_until, Barging", || wait_condvar(Fairness::Barging { overtakes: 1_000 })),
    ("Sender::send_until", || send(3)),
    ("Sender::send_until, capacity 0", || send(0)),
    ("Reserving::until", reserve),
    ("Receiver::recv_until", || recv(4)),
    ("Receiver::recv_until, capacity 0", || recv(0)),
];
