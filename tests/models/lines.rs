//! Lines themselves: what two at once do to the links of one list.

use std::pin::Pin;
use std::sync::Arc;

use super::{glance, queued, run};
use crate::primitive::{model, pick, spawn};
use crate::{Acquiring, Semaphore};

fn none() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(0))
}

/// So many waiters in line.
fn waiting<const N: usize>(semaphore: &Arc<Semaphore>) -> [Pin<Box<Acquiring<Arc<Semaphore>>>>; N] {
    std::array::from_fn(|_| queued(semaphore.acquire_owned()))
}

/// Kills: a cancel at one end that is not seen at the other; a late one that hangs on a node which has left.
#[test]
fn head_and_tail_may_leave_at_once() {
    model("lines: head ∥ tail cancelled, the middle served", || {
        let semaphore = none();
        let [head, middle, tail] = waiting(&semaphore);
        let threads = [spawn(move || drop(head)), spawn(move || drop(tail))];
        let mut late = Box::pin(semaphore.acquire_owned());
        assert!(glance(&mut late).is_none());
        semaphore.add_permits(2);
        run(middle).unwrap().forget();
        run(late).unwrap().forget();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (0, 0));
    });
}

/// Kills: a line that is not empty when all have left (`lines_the_only_waiter_stays_linked`), or whose end leads to one
/// who has, so that the next who joins is lost (`lines_tail_is_left_behind`).
#[test]
fn everybody_may_leave_at_once() {
    model("lines: all cancelled at once", || {
        let semaphore = none();
        let threads = waiting::<3>(&semaphore).map(|waiter| spawn(move || drop(waiter)));
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let mut late = queued(semaphore.acquire_owned());
        semaphore.add_permits(1);
        assert!(glance(&mut late).is_some_and(|permit| permit.is_ok()));
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (1, 0));
    });
}

/// Kills: a join that looks at a tail which is leaving.
#[test]
fn one_joins_while_the_only_one_leaves() {
    model("lines: join ∥ cancel of the only waiter", || {
        let semaphore = none();
        let [only] = waiting(&semaphore);
        let granter = Arc::clone(&semaphore);
        let threads = [spawn(move || drop(only)), spawn(move || _ = granter.add_permits(1))];
        for _ in 0..pick(1, 2) {
            drop(run(semaphore.acquire()).unwrap());
        }
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (1, 0));
    });
}

/// Kills: two joins that take one place (`lines_joins_in_front`: the first to come is served last).
#[test]
fn who_joined_first_is_granted_first() {
    model("lines: join ∥ join, behind one who waits", || {
        let semaphore = none();
        let [first] = waiting(&semaphore);
        let threads = [(); 2].map(|()| {
            let semaphore = Arc::clone(&semaphore);
            spawn(move || semaphore.acquire_blocking().unwrap().forget())
        });
        semaphore.add_permits(1);
        let mut first = first;
        assert!(glance(&mut first).is_some_and(|permit| permit.map(crate::OwnedPermit::forget).is_ok()));
        semaphore.add_permits(2);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (0, 0));
    });
}

/// Kills: a node that is used a second time with what was left in it.
#[test]
fn one_who_left_may_come_back() {
    model("lines: grant ∥ cancel and join again, several times", || {
        let semaphore = none();
        let threads = [(); 2].map(|()| {
            let semaphore = Arc::clone(&semaphore);
            spawn(move || _ = semaphore.add_permits(1))
        });
        for _ in 0..pick(2, 3) {
            let mut waiter = Box::pin(semaphore.acquire());
            drop(glance(&mut waiter));
        }
        drop(run(semaphore.acquire()).unwrap());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (2, 0));
    });
}

/// Kills: a batch of grants that walks on from a node which has left (B84).
#[test]
fn one_of_a_batch_may_be_gone_before_the_batch_is_over() {
    model("lines: three granted at once ∥ each takes and frees its node", || {
        let semaphore = none();
        let waiters = waiting::<3>(&semaphore);
        let granter = Arc::clone(&semaphore);
        let thread = spawn(move || _ = granter.add_permits(3));
        let mut taken = 0;
        for mut waiter in waiters {
            if let Some(permit) = glance(&mut waiter) {
                permit.unwrap().forget();
                taken += 1;
            }
        }
        thread.join().unwrap();
        assert_eq!((semaphore.available_permits() + taken, semaphore.waiters()), (3, 0));
    });
}

/// Kills: a cancel of the middle that cuts the line (B16) while its neighbours are being granted.
/// (`lines_line_is_cut_in_the_middle`)
#[test]
fn the_middle_may_leave_while_its_neighbours_are_granted() {
    model("lines: two grants ∥ cancel of the middle, then the last", || {
        let semaphore = none();
        let [first, middle, last] = waiting(&semaphore);
        let granter = Arc::clone(&semaphore);
        let threads = [spawn(move || drop(middle)), spawn(move || _ = granter.add_permits(2))];
        drop(first);
        run(last).unwrap().forget();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (1, 0));
    });
}
