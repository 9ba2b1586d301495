//! C2, C9, C10: the claims that hold for every future, on every future.

use crate::common::lines::Line;
use crate::common::{Bell, panic_message};
use crate::table::on_each_primitive;

on_each_primitive! {
    [c02_semaphore_futures c02_mutex_futures c02_monitor_futures
     c02_mailbox_futures c02_condvar_futures c02_oneshot_futures
     c02_credits_futures c02_ports_futures c02_rwlock_futures
     c02_latch_futures c02_barrier_futures]
    dropped_before_the_first_poll_it_was_never_there
    dropped_in_line_it_leaves_the_line
    dropped_in_the_middle_it_keeps_the_order_of_the_rest
    dropped_at_the_end_it_leaves_no_trace
    dropped_after_the_grant_it_passes_the_grant_on
    dropped_after_the_grant_with_nobody_behind_it_leaves_the_grant_for_the_next
    dropped_in_random_order_nobody_stays_in_line
}

on_each_primitive! {
    [c09_semaphore_futures c09_mutex_futures c09_monitor_futures
     c09_mailbox_futures c09_condvar_futures c09_oneshot_futures
     c09_credits_futures c09_ports_futures c09_rwlock_futures
     c09_latch_futures c09_barrier_futures]
    only_the_last_task_that_polled_is_woken
    polled_again_by_the_same_task_it_keeps_one_waker
    woken_through_one_task_it_may_be_finished_by_another
}

on_each_primitive! {
    [c10_semaphore_futures c10_mutex_futures c10_monitor_futures
     c10_mailbox_futures c10_condvar_futures c10_oneshot_futures
     c10_credits_futures c10_ports_futures c10_rwlock_futures
     c10_latch_futures c10_barrier_futures]
    made_first_and_polled_last_it_stands_last
    ready_after_a_wait_it_is_fused_and_a_further_poll_names_it
}

fn dropped_before_the_first_poll_it_was_never_there(line: Line) {
    let bell = Bell::new();
    let unpolled = (line.make)();
    line.assert_waiters(0);
    drop(unpolled);
    line.assert_waiters(0);
    let mut waiter = line.queue(&bell);
    (line.one)();
    assert_eq!(bell.wakes(), 1);
    assert!(waiter.poll(&bell).is_ready());
}

fn dropped_in_line_it_leaves_the_line(line: Line) {
    let (gone, stays) = (Bell::new(), Bell::new());
    let first = line.queue(&gone);
    let mut second = line.queue(&stays);
    line.assert_waiters(2);
    drop(first);
    line.assert_waiters(1);
    assert_eq!((gone.wakes(), gone.held(), stays.wakes()), (0, 0, usize::from(line.moves_up)));
    (line.one)();
    assert_eq!((gone.wakes(), stays.wakes()), (0, 1));
    assert!(second.poll(&stays).is_ready());
    line.assert_waiters(0);
    assert_eq!(stays.held(), 0);
}

fn dropped_in_the_middle_it_keeps_the_order_of_the_rest(line: Line) {
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let [mut first, second, mut third] = [0, 1, 2].map(|i| line.queue(&bells[i]));
    drop(second);
    (line.one)();
    assert_eq!((bells[0].wakes(), bells[1].wakes()), (1, 0));
    assert_eq!(bells[2].wakes(), usize::from(line.all));
    drop(first.poll(&bells[0]));
    if !line.all {
        (line.next)();
    }
    assert_eq!((bells[1].wakes(), bells[2].wakes()), (0, 1));
    assert!(third.poll(&bells[2]).is_ready());
    line.assert_waiters(0);
}

fn dropped_after_the_grant_it_passes_the_grant_on(line: Line) {
    let (gone, stays) = (Bell::new(), Bell::new());
    let first = line.queue(&gone);
    let mut second = line.queue(&stays);
    (line.one)();
    assert_eq!((gone.wakes(), stays.wakes()), (1, usize::from(line.all)));
    drop(first);
    assert_eq!((gone.wakes(), gone.held(), stays.wakes()), (1, 0, 1));
    assert!(second.poll(&stays).is_ready());
    line.assert_waiters(0);
}

fn dropped_after_the_grant_with_nobody_behind_it_leaves_the_grant_for_the_next(line: Line) {
    let (gone, comes) = (Bell::new(), Bell::new());
    let first = line.queue(&gone);
    (line.one)();
    drop(first);
    line.assert_waiters(0);
    assert_eq!(gone.held(), 0);
    let mut second = (line.make)();
    if line.forgets {
        return; // a notification that finds nobody is lost
    }
    assert!(second.poll(&comes).is_ready());
}

/// Each poll by another task takes the waker of the one before along, that of a task that comes back, too.
fn only_the_last_task_that_polled_is_woken(line: Line) {
    let bells: Vec<_> = (0..5).map(|_| Bell::new()).collect();
    let mut waiter = line.queue(&bells[0]);
    for last in [1, 2, 3, 4, 1] {
        assert!(waiter.poll(&bells[last]).is_pending());
        assert!(bells.iter().enumerate().all(|(i, bell)| bell.held() == usize::from(i == last)));
    }
    (line.one)();
    assert_eq!(bells.iter().map(Bell::wakes).collect::<Vec<_>>(), [0, 1, 0, 0, 0]);
    assert!(waiter.poll(&bells[1]).is_ready());
    assert!(bells.iter().all(|bell| bell.held() == 0));
}

fn polled_again_by_the_same_task_it_keeps_one_waker(line: Line) {
    let bell = Bell::new();
    let mut waiter = line.queue(&bell);
    for _ in 0..100 {
        assert!(waiter.poll(&bell).is_pending());
    }
    assert_eq!((bell.held(), bell.wakes()), (1, 0));
    line.assert_waiters(1);
    drop(waiter);
    assert_eq!(bell.held(), 0);
}

fn woken_through_one_task_it_may_be_finished_by_another(line: Line) {
    let (queued, other) = (Bell::new(), Bell::new());
    let mut waiter = line.queue(&queued);
    (line.one)();
    assert_eq!(queued.wakes(), 1);
    assert!(waiter.poll(&other).is_ready());
    assert_eq!((queued.held(), other.held(), other.wakes()), (0, 0, 0));
}

fn ready_after_a_wait_it_is_fused_and_a_further_poll_names_it(line: Line) {
    let bell = Bell::new();
    let mut waiter = (line.make)();
    assert!(!waiter.is_terminated(), "unpolled");
    assert!(waiter.poll(&bell).is_pending());
    assert!(!waiter.is_terminated(), "in line");
    (line.one)();
    assert!(!waiter.is_terminated(), "granted");
    let output = waiter.poll(&bell);
    assert!(output.is_ready() && waiter.is_terminated(), "done");
    let message = panic_message(|| drop(waiter.poll(&bell)));
    assert!(message.contains(line.name), "{message:?} does not name {}", line.name);
    assert!(waiter.is_terminated());
}

fn made_first_and_polled_last_it_stands_last(line: Line) {
    if line.forgets {
        return; // made by a guard, which it keeps until the first poll
    }
    let (early, late) = (Bell::new(), Bell::new());
    let mut made_first = (line.make)();
    line.assert_waiters(0);
    let _polled_first = line.queue(&late);
    assert!(made_first.poll(&early).is_pending());
    (line.one)();
    assert_eq!((early.wakes(), late.wakes()), (usize::from(line.all), 1));
}

/// The last of a line leaves, and whoever is before it is served.
fn dropped_at_the_end_it_leaves_no_trace(line: Line) {
    let (gone, stays) = (Bell::new(), Bell::new());
    let mut first = line.queue(&stays);
    drop(line.queue(&gone));
    line.assert_waiters(1);
    (line.one)();
    assert_eq!((gone.wakes(), gone.held(), stays.wakes()), (0, 0, 1));
    assert!(first.finished(&stays));
}

fn dropped_in_random_order_nobody_stays_in_line(line: Line) {
    let mut random = crate::common::Random::new(3);
    let bells: Vec<_> = (0..64).map(|_| Bell::new()).collect();
    let mut waiters: Vec<_> = bells.iter().map(|bell| Some(line.queue(bell))).collect();
    let mut order: Vec<_> = (0..64).collect();
    random.shuffle(&mut order);
    for (gone, &i) in order.iter().enumerate() {
        waiters[i] = None;
        line.assert_waiters(63 - gone);
    }
    assert!(bells.iter().all(|bell| bell.wakes() <= usize::from(line.moves_up) && bell.held() == 0));
    let bell = Bell::new();
    let mut waiter = line.queue(&bell);
    (line.one)();
    assert!(bell.wakes() == 1 && waiter.poll(&bell).is_ready());
}

#[test]
fn c09_mailbox_a_handle_wakes_the_last_task_that_polled() {
    let (tx, mut rx) = sempost::mailbox::bounded(1);
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    for bell in &bells {
        assert!(rx.poll_recv(&mut bell.context()).is_pending());
    }
    tx.try_send(1).unwrap();
    assert_eq!(bells.each_ref().map(Bell::wakes), [0, 0, 1]);
}
