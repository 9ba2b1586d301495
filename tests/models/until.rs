//! Deadlines: a grant that meets the leaving of a late wait is used or goes on, and nothing is both given back and
//! sent.
//!
//! The deadline is always past, so that each run is: a look, the deadline, a second look, the leaving; and the other
//! thread anywhere between them.

use std::future::ready;
use std::sync::Arc;

use super::{glance, queued, run};
use crate::mailbox::{self, SendUntilError};
use crate::primitive::{current, model, park, spawn};
use crate::{WaitTimeoutResult, Fairness, Monitor, Mutex, Semaphore, conditions};

conditions! { enum Cond { A } }
use Cond::A;

/// Kills: a permit granted between the last look and the leaving that is neither used nor handed on
/// (`until_a_grant_at_the_leaving_is_lost`).
#[test]
fn a_permit_that_meets_the_deadline_is_used_or_goes_on() {
    model("until: acquire, late ∥ add_permits, one behind", || {
        let semaphore = Arc::new(Semaphore::new(0));
        let late = Arc::clone(&semaphore);
        let thread = spawn(move || drop(run(late.acquire().until(ready(())))));
        let behind = queued(semaphore.acquire());
        semaphore.add_permits(1);
        run(behind).unwrap().forget();
        thread.join().unwrap();
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (0, 0));
    });
}

/// Kills: a late waiter at the head that leaves without a look at those behind it.
#[test]
fn those_behind_a_late_head_are_served() {
    model("until: late head ∥ add_permits, one behind", || {
        let semaphore = Arc::new(Semaphore::new(0));
        let mut head = queued(Arc::clone(&semaphore).acquire_many_owned(3));
        let behind = queued(semaphore.acquire_owned());
        _ = glance(&mut head);
        let giver = Arc::clone(&semaphore);
        let late = Arc::clone(&semaphore);
        let threads = [
            spawn(move || _ = giver.add_permits(1)),
            spawn(move || assert!(run(late.acquire_many_owned(3).until(ready(()))).is_err())),
        ];
        drop(head);
        run(behind).unwrap().forget();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (0, 0));
    });
}

/// Kills: a nudge that a late waiter takes along.
#[test]
fn a_nudge_that_meets_the_deadline_is_used_or_goes_on() {
    model("until: barging acquire, late ∥ add_permits, one behind", || {
        let semaphore = Arc::new(Semaphore::with_fairness(0, Fairness::Barging { overtakes: 1 }));
        let late = Arc::clone(&semaphore);
        let giver = Arc::clone(&semaphore);
        let threads = [
            spawn(move || {
                if let Ok(permit) = run(late.acquire().until(ready(()))) {
                    drop(permit);
                }
            }),
            spawn(move || _ = giver.add_permits(1)),
        ];
        run(semaphore.acquire()).unwrap().forget();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (0, 0));
    });
}

/// Kills: a mutex that was handed over to one who is late and stays locked.
#[test]
fn a_mutex_handed_over_at_the_deadline_is_used_or_goes_on() {
    model("until: lock, late ∥ unlock ∥ lock", || {
        let mutex = Arc::new(Mutex::new(0));
        let guard = mutex.try_lock_owned().unwrap();
        let other = Arc::clone(&mutex);
        let threads = [spawn(move || drop(guard)), spawn(move || *run(other.lock()) += 1)];
        let had = match run(mutex.lock().until(ready(()))) {
            Ok(mut guard) => {
                *guard += 1;
                1
            }
            Err(_) => 0,
        };
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((*mutex.try_lock().unwrap(), mutex.waiters()), (1 + had, 0));
    });
}

/// Kills: a late waiter let in while somebody is inside; one that was notified and says that its time was up
/// (`until_a_late_waiter_enters_a_turn_that_stays_free`).
#[test]
fn a_wait_ends_inside_notified_or_not() {
    model("until: wait, late ∥ notify_one", || {
        let monitor = Arc::new(Monitor::<u32, Cond>::new(0));
        let waiting = monitor.try_enter_owned().unwrap().wait(A).until(ready(()));
        let other = Arc::clone(&monitor);
        let thread = spawn(move || {
            let mut inside = run(other.enter());
            *inside += 1;
            inside.notify_one(A)
        });
        let (mut inside, ended) = run(waiting);
        *inside += 1;
        drop(inside);
        let notified = thread.join().unwrap();
        assert_eq!(notified, ended == WaitTimeoutResult::Notified, "who was told is who says so");
        assert_eq!((*monitor.try_enter().unwrap(), monitor.entering(), monitor.waiters(A)), (2, 0, 0));
    });
}

/// Kills: a notification that goes to one who is late and is dropped, with another waiter beside it.
#[test]
fn a_late_waiter_that_leaves_takes_no_notification_along() {
    model("until: wait, late, cancelled ∥ notify_one, another waits", || {
        let monitor = Arc::new(Monitor::<u32, Cond>::new(0));
        let other = queued(monitor.try_enter_owned().unwrap().wait(A));
        let inside = monitor.try_enter_owned().unwrap();
        let late = Arc::clone(&monitor);
        let threads = [
            spawn(move || assert!(inside.notify_one(A))),
            spawn(move || {
                let Some(inside) = late.try_enter_owned() else { return };
                // It may stand at the door now, or have answered.
                drop(glance(&mut Box::pin(inside.wait(A).until(ready(())))));
            }),
        ];
        *run(other) += 1;
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((*monitor.try_enter().unwrap(), monitor.entering(), monitor.waiters(A)), (1, 0, 0));
    });
}

/// Kills: a monitor that is locked for ever by one who came late to the door.
#[test]
fn a_late_waiter_and_those_at_the_door_all_enter() {
    model("until: wait, late ∥ enter", || {
        let monitor = Arc::new(Monitor::<u32, Cond>::new(0));
        let waiting = monitor.try_enter_owned().unwrap().wait(A).until(ready(()));
        let other = Arc::clone(&monitor);
        let thread = spawn(move || (0..2).for_each(|_| *run(other.enter()) += 1));
        let (mut inside, ended) = run(waiting);
        assert!(ended.timed_out());
        *inside += 1;
        drop(inside);
        thread.join().unwrap();
        assert_eq!((*monitor.try_enter().unwrap(), monitor.entering()), (3, 0));
    });
}

/// Kills: a message that is given back and received, or neither.
#[test]
fn at_capacity_0_a_late_message_is_taken_or_comes_back() {
    model("until: send at capacity 0, late ∥ recv, late", || {
        let (sender, receiver) = mailbox::bounded(0);
        let thread = spawn(move || {
            let first = run(receiver.recv().until(ready(()))).ok().flatten();
            first.or_else(|| receiver.try_recv().ok())
        });
        let back = match run(sender.send(7).until(ready(()))) {
            Ok(()) => None,
            Err(SendUntilError::Elapsed(message) | SendUntilError::Closed(message)) => Some(message),
        };
        let received = thread.join().unwrap();
        assert_eq!([back, received].into_iter().flatten().collect::<Vec<_>>(), [7]);
        assert_eq!((sender.waiting_senders(), sender.len()), (0, 0));
    });
}

/// Kills: a slot granted to one who is late and lost.
#[test]
fn a_slot_that_meets_the_deadline_is_used_or_goes_on() {
    model("until: send, late ∥ recv, one behind", || {
        let (sender, receiver) = mailbox::bounded(1);
        sender.try_send(0).unwrap();
        let other = sender.clone();
        let thread = spawn(move || run(other.send(1).until(ready(()))).is_ok());
        let mut behind = queued(sender.send(2));
        let mut received = vec![receiver.try_recv().unwrap()];
        let late = thread.join().unwrap();
        received.extend(receiver.try_recv());
        assert!(late || glance(&mut behind).is_some());
        received.extend(receiver.try_recv());
        assert_eq!(received.contains(&1), late);
        drop(behind);
        assert_eq!((receiver.remaining(), receiver.waiting_senders()), (1 - receiver.len(), 0));
    });
}

/// Kills: a claim that a late receiver takes along.
#[test]
fn a_message_that_meets_the_deadline_is_taken_or_stays() {
    model("until: recv, late ∥ send", || {
        let (sender, receiver) = mailbox::bounded(1);
        let thread = spawn(move || {
            let first = run(receiver.recv().until(ready(()))).ok().flatten();
            (first, receiver)
        });
        sender.try_send(7).unwrap();
        let (first, receiver) = thread.join().unwrap();
        assert_eq!([first, receiver.try_recv().ok()].into_iter().flatten().collect::<Vec<_>>(), [7]);
    });
}

/// Kills: a batch of sends that loses or doubles what is in hand at the close.
#[test]
fn send_many_sends_or_gives_back() {
    model("until: send_many ∥ recv, close", || {
        let (sender, receiver) = mailbox::bounded(1);
        let thread = spawn(move || {
            let mut received = vec![run(receiver.recv()).unwrap()];
            receiver.close();
            received.extend(std::iter::from_fn(|| receiver.try_recv().ok()));
            received
        });
        let unsent = match run(sender.send_many(0..3)) {
            Ok(()) => Vec::new(),
            Err(error) => error.into_inner().collect(),
        };
        let received = thread.join().unwrap();
        assert_eq!([received, unsent].concat(), [0, 1, 2]);
    });
}

/// Kills: a thread that parks without another look, when its deadline has parked and taken the wake-up along
/// (`until_a_thread_parks_without_another_look`).
#[test]
fn a_deadline_that_parks_takes_no_wake_up_along() {
    model("until: recv on a thread, its deadline parks ∥ send", || {
        let (sender, receiver) = mailbox::bounded(1);
        let thread = spawn(move || sender.try_send(7).is_ok());
        let deadline = std::future::poll_fn(|_| {
            // Whatever wake-up has come by now is gone.
            current().unpark();
            park();
            std::task::Poll::<()>::Pending
        });
        assert_eq!(receiver.recv().until(deadline).wait(), Ok(Some(7)));
        assert!(thread.join().unwrap());
    });
}

/// Kills: a monitor's wait that parks without another look, when the waker of the next at the door has parked.
#[test]
fn a_waker_that_parks_takes_no_notification_along() {
    model("until: wait on a thread, the next's waker parks ∥ notify", || {
        struct Parks;
        impl std::task::Wake for Parks {
            fn wake(self: Arc<Self>) {
                current().unpark();
                park();
            }
        }
        let monitor = Arc::new(Monitor::<u32, Cond>::new(0));
        let guard = monitor.try_enter_owned().unwrap();
        let mut next = Box::pin(monitor.enter_owned());
        assert!(super::poll(&mut next, &std::task::Waker::from(Arc::new(Parks))).is_pending());
        let thread = spawn(move || {
            let mut inside = run(next);
            *inside = 1;
            inside.notify_one(A);
        });
        assert_eq!(*guard.wait_while(A, |n| *n == 0).wait(), 1);
        thread.join().unwrap();
    });
}
