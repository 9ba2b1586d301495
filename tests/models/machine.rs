//! The waiting machine itself, seen through the simplest primitive there is.

use std::sync::Arc;

use super::{Bell, glance, poll, queued, run};
use crate::Semaphore;
use crate::primitive::{model, spawn};

fn none() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(0))
}

/// Kills: a cancel that looks at the stage without the lock, or drops a grant that it finds.
/// (`machine_grant_is_dropped_with_its_waiter`)
#[test]
fn a_cancel_that_meets_its_grant_hands_it_on() {
    model("machine: grant ∥ cancel", || {
        let semaphore = none();
        let (gone, next) = (queued(semaphore.acquire_owned()), queued(semaphore.acquire_owned()));
        let granter = Arc::clone(&semaphore);
        let thread = spawn(move || {
            granter.add_permits(1);
            granter.waiters()
        });
        drop(gone);
        drop(run(next).unwrap());
        thread.join().unwrap();
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (1, 0));
    });
}

/// Kills: a cancel that unlinks its neighbour's links without the lock; a grant to a node that has left.
#[test]
fn neighbours_cancelled_at_once_leave_the_line_whole() {
    model("machine: cancel ∥ cancel in one line", || {
        let semaphore = none();
        let [a, b, c] = std::array::from_fn(|_| queued(semaphore.acquire_owned()));
        let threads = [spawn(move || drop(a)), spawn(move || drop(b))];
        semaphore.add_permits(1);
        drop(run(c).unwrap());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (1, 0));
    });
}

/// Kills: a poll that keeps the old waker, or that stores the new one after it has let go of the lock.
#[test]
fn a_grant_wakes_the_task_that_polled_last() {
    model("machine: three grants ∥ two re-polled by another task", || {
        let semaphore = none();
        let waiters = [queued(semaphore.acquire_owned()), queued(semaphore.acquire_owned())];
        let granter = Arc::clone(&semaphore);
        let thread = spawn(move || (0..3).for_each(|_| _ = granter.add_permits(1)));
        waiters.into_iter().for_each(|waiter| run(waiter).unwrap().forget());
        thread.join().unwrap();
        assert_eq!(semaphore.available_permits(), 1);
    });
}

/// Kills: waking twice for one grant, or waking both the old task and the new one.
#[test]
fn a_grant_wakes_one_task_once() {
    model("machine: grant ∥ re-poll, wakes counted", || {
        let semaphore = none();
        let mut waiter = Box::pin(semaphore.acquire_owned());
        let ((old, first), (new, second)) = (Bell::new(), Bell::new());
        assert!(poll(&mut waiter, &first).is_pending());
        let granter = Arc::clone(&semaphore);
        let thread = spawn(move || {
            granter.add_permits(1);
            granter.add_permits(1);
        });
        let early = poll(&mut waiter, &second).is_ready() || poll(&mut waiter, &second).is_ready();
        thread.join().unwrap();
        assert_eq!(old.wakes() + new.wakes(), 1);
        assert!(early || new.wakes() == 1, "the old task was woken");
    });
}

/// Kills: a thread in a task's place that is never unparked, neither by a grant nor by a close.
#[test]
fn a_future_polled_by_a_task_may_be_finished_by_a_thread() {
    model("machine: grant, close ∥ a thread takes two tasks' waits over", || {
        let semaphore = none();
        let (mut waiter, mut last) = (Box::pin(semaphore.acquire_owned()), Box::pin(semaphore.acquire_owned()));
        let (bell, waker) = Bell::new();
        assert!(poll(&mut waiter, &waker).is_pending() && poll(&mut last, &waker).is_pending());
        let granter = Arc::clone(&semaphore);
        let thread = spawn(move || {
            granter.add_permits(1);
            granter.close();
        });
        run(waiter).unwrap().forget();
        assert!(run(last).is_err());
        thread.join().unwrap();
        assert!(bell.wakes() <= 2);
        assert_eq!(semaphore.available_permits(), 0);
    });
}

/// Kills: joining the line after a look under another hold of the lock.
#[test]
fn nothing_arrives_between_the_look_and_the_joining() {
    model("machine: grant ∥ the first poll", || {
        let semaphore = none();
        let threads = [(); 2].map(|()| {
            let granter = Arc::clone(&semaphore);
            spawn(move || _ = granter.add_permits(1))
        });
        run(semaphore.acquire()).unwrap().forget();
        semaphore.acquire_blocking().unwrap().forget();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(semaphore.available_permits(), 0);
    });
}

/// Kills: a second writer of the stage; a close that ends a wait that was granted already.
#[test]
fn a_wait_ends_once() {
    model("machine: close ∥ grant", || {
        let semaphore = none();
        let waiter = queued(semaphore.acquire_owned());
        let (granter, closer) = (Arc::clone(&semaphore), Arc::clone(&semaphore));
        let threads = [spawn(move || _ = granter.add_permits(1)), spawn(move || assert!(closer.close()))];
        let served = match run(waiter) {
            Ok(permit) => {
                permit.forget();
                1
            }
            Err(_) => 0,
        };
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(semaphore.available_permits(), 1 - served);
    });
}

/// Kills: touching a node after the store of its stage (the owner has freed it by then).
/// (`machine_node_is_touched_after_its_stage`) (`machine_waker_is_taken_after_the_stage`).
#[test]
fn whoever_sees_its_grant_may_free_its_node_at_once() {
    model("machine: grant ∥ poll and free without the lock", || {
        let semaphore = none();
        let (first, second) = (queued(semaphore.acquire_owned()), queued(semaphore.acquire_owned()));
        let granter = Arc::clone(&semaphore);
        let thread = spawn(move || _ = granter.add_permits(2));
        let mut taken = 0;
        for mut waiter in [first, second] {
            let granted = glance(&mut waiter).or_else(|| glance(&mut waiter));
            drop(waiter);
            if let Some(permit) = granted {
                permit.unwrap().forget();
                taken += 1;
            }
        }
        thread.join().unwrap();
        assert_eq!((semaphore.available_permits() + taken, semaphore.waiters()), (2, 0));
    });
}

/// Kills: a grant that is handed on to a waiter that is itself on its way out, and lost there.
#[test]
fn a_grant_handed_on_to_one_that_leaves_goes_on() {
    model("machine: hand on ∥ cancel of the next", || {
        let semaphore = none();
        let [first, second, third] = std::array::from_fn(|_| queued(semaphore.acquire_owned()));
        semaphore.add_permits(1);
        let threads = [spawn(move || drop(first)), spawn(move || drop(second))];
        drop(run(third).unwrap());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (1, 0));
    });
}

/// Kills: a cancel of a closed wait that gives something back; a close that misses one who joins.
#[test]
fn close_ends_who_waits_and_who_is_about_to() {
    model("machine: close ∥ join ∥ cancel", || {
        let semaphore = none();
        let waiter = queued(semaphore.acquire_owned());
        let closer = Arc::clone(&semaphore);
        let threads = [spawn(move || assert!(closer.close())), spawn(move || drop(waiter))];
        assert!(run(semaphore.acquire()).is_err());
        assert!(semaphore.acquire_blocking().is_err());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (0, 0));
    });
}
