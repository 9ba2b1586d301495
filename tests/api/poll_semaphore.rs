//! A semaphore that is polled through a handle.

use crate::common::{Bell, now, panic_message, pending, ready};
use futures::StreamExt;
use sempost::{OwnedPermit, PollSemaphore, Semaphore};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

fn handle(permits: usize) -> (Arc<Semaphore>, PollSemaphore) {
    let semaphore = Arc::new(Semaphore::new(permits));
    (Arc::clone(&semaphore), PollSemaphore::new(semaphore))
}

fn look(handle: &mut PollSemaphore, bell: &Bell, n: usize) -> Poll<Option<OwnedPermit>> {
    handle.poll_acquire_many(&mut bell.context(), n).map(Result::ok)
}

#[test]
fn it_takes_what_is_there() {
    let (semaphore, mut handle) = handle(2);
    let permit = now(poll_fn(|cx| handle.poll_acquire(cx))).unwrap();
    assert_eq!((permit.num_permits(), semaphore.available_permits(), semaphore.waiters()), (1, 1, 0));
}

#[test]
fn it_keeps_its_place_between_polls_and_the_last_waker_counts() {
    let (semaphore, mut handle) = handle(0);
    let [old, new, other] = [Bell::new(), Bell::new(), Bell::new()];
    assert!(look(&mut handle, &old, 1).is_pending());
    let mut behind = Box::pin(semaphore.acquire());
    pending(&mut behind, &other);
    assert!(look(&mut handle, &new, 1).is_pending());
    semaphore.add_permits(1);
    assert_eq!([&old, &new, &other].map(Bell::wakes), [0, 1, 0]);
    let Poll::Ready(Some(permit)) = look(&mut handle, &new, 1) else { panic!("it was granted a permit") };
    drop(permit);
    assert!(ready(&mut behind, &other).is_ok());
}

#[test]
fn another_number_joins_anew() {
    let (semaphore, mut handle) = handle(0);
    let bell = Bell::new();
    assert!(look(&mut handle, &bell, 2).is_pending());
    let other = Bell::new();
    let mut behind = Box::pin(semaphore.acquire());
    pending(&mut behind, &other);
    assert!(look(&mut handle, &bell, 1).is_pending());
    assert_eq!(semaphore.waiters(), 2);
    semaphore.add_permits(1);
    assert_eq!((bell.wakes(), other.wakes()), (0, 1));
}

#[test]
fn what_was_granted_goes_on_when_it_gives_up_or_is_dropped() {
    let (semaphore, mut handle) = handle(0);
    for drops in [false, true] {
        let mut handle = handle.clone();
        assert!(look(&mut handle, &Bell::new(), 1).is_pending());
        semaphore.add_permits(1);
        assert_eq!(semaphore.available_permits(), 0);
        if drops {
            drop(handle);
        } else {
            assert!(handle.give_up() && !handle.give_up());
        }
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (1, 0));
        assert_eq!(semaphore.forget_permits(1), 1);
    }
    assert!(!handle.give_up(), "it waits for nothing");
}

#[test]
fn it_is_a_stream_that_ends_with_the_semaphore() {
    let (semaphore, mut handle) = handle(1);
    let permit = now(handle.next()).unwrap();
    semaphore.close();
    drop(permit);
    assert!(now(handle.next()).is_none());
    assert!(now(poll_fn(|cx| handle.poll_acquire(cx))).is_err());
}

#[test]
fn too_many_are_refused_before_anything_changes() {
    let (semaphore, mut handle) = handle(0);
    let bell = Bell::new();
    assert!(look(&mut handle, &bell, 1).is_pending());
    panic_message(|| look(&mut handle, &bell, usize::MAX));
    assert_eq!(semaphore.waiters(), 1);
    semaphore.add_permits(1);
    assert!(look(&mut handle, &bell, 1).is_ready());
}

#[test]
fn a_waker_that_panics_when_it_is_replaced_leaves_it_usable() {
    let (semaphore, mut handle) = handle(0);
    let bell = Bell::new();
    assert!(look(&mut handle, &bell, 2).is_pending());
    let other = Bell::panicking();
    let mut behind = Box::pin(semaphore.acquire());
    pending(&mut behind, &other);
    semaphore.add_permits(1);
    // It leaves the head of the line, and the next is woken.
    panic_message(|| look(&mut handle, &bell, 1));
    assert!(look(&mut handle, &bell, 1).is_pending());
    drop(ready(&mut behind, &other));
    assert!(look(&mut handle, &bell, 1).is_ready());
}

#[test]
fn a_waker_that_panics_in_a_poll_costs_that_poll_alone() {
    let (semaphore, mut handle) = handle(1);
    // The next to ask clones its waker first, for the last one had to wait.
    let permit = semaphore.try_acquire().unwrap();
    pending(&mut Box::pin(semaphore.acquire()), &Bell::new());
    drop(permit);
    let hostile = Bell::new();
    hostile.on_drop(|| panic!("this waker panics"));
    assert_eq!(panic_message(|| _ = look(&mut handle, &hostile, 1)), "this waker panics");
    hostile.unhook();
    assert_eq!(semaphore.available_permits(), 1);
    assert!(look(&mut handle, &Bell::new(), 1).is_ready());
}
