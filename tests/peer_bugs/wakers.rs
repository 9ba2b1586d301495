//! Section 2.4, first half: wakers that come back, are replaced, or outlive their use.

use crate::common::lines::Cond::{self, A};
use crate::common::{Bell, expect_ready, poll, queued, ready, watched, with};
use crate::{CAPACITIES, on_every_line, open};
use futures::Sink;
use sempost::mailbox::{self, Receiver, Sender};
use sempost::{Monitor, Semaphore};
use std::pin::Pin;
use std::sync::Arc;
use std::thread;

/// A way to hook something into a task's waker.
type Hook = fn(&Bell, Arc<dyn Fn() + Send + Sync>);

const ON_WAKE: Hook = |bell, touch| bell.on_wake(move || touch());
const ON_CLONE: Hook = |bell, touch| bell.on_clone(move || touch());
const ON_DROP: Hook = |bell, touch| bell.on_drop(move || touch());

/// Takes every future through its life – joining, polled by another task, cancelled, granted and dropped, finished –
/// with wakers that come back to the primitive by `hook`. One that is called under a lock hangs.
fn wakers_come_back(hook: Hook) {
    on_every_line(|line| {
        let bell = || {
            let bell = Bell::new();
            hook(&bell, line.touch.clone());
            bell
        };
        let bells = [bell(), bell(), bell(), bell()];
        let mut first = line.queue(&bells[0]);
        assert!(!first.finished(&bells[1]), "polled by another task");
        assert!(!first.finished(&bells[0]), "and back");
        let mut second = line.queue(&bells[2]);
        drop(line.queue(&bells[3]));
        (line.one)();
        drop(first);
        assert!(second.finished(&bells[1]), "{}", line.name);
    });
}

/// tokio#5429, #5471, #5475, #5578: a waker dropped under the lock came back and hung; here it comes back from every
/// drop.
#[test]
fn b062_a_waker_that_comes_back_from_its_drop() {
    wakers_come_back(ON_DROP);
}

/// tokio#4129: a waker was cloned under the lock, and tracing wakers come back; here it comes back from every clone.
#[test]
fn b063_a_waker_that_comes_back_from_its_clone() {
    wakers_come_back(ON_CLONE);
}

/// tokio#8529, #8558: `close` woke under the lock, six years in; here wakers come back from every way to close.
#[test]
fn b064_a_waker_that_comes_back_from_a_close() {
    let semaphore = Arc::new(Semaphore::new(0));
    let (bell, woken) = (Bell::new(), semaphore.clone());
    bell.on_wake(move || assert!(woken.is_closed() && !woken.close() && woken.try_acquire().is_err()));
    let _waiting = [queued(semaphore.acquire(), &bell), queued(semaphore.acquire_many(2), &bell)];
    let _closed = queued(semaphore.closed(), &bell);
    watched(|| "a semaphore that closes".to_owned(), || assert!(semaphore.close()));
    assert_eq!(bell.wakes(), 3);

    let come_back = |tx: &Sender<u32>, rx: &Receiver<u32>| {
        let (bell, sender, receiver) = (Bell::new(), tx.downgrade(), rx.downgrade());
        bell.on_wake(move || {
            // As far as they are still there.
            if let Some(tx) = sender.upgrade() {
                assert!(!tx.close_mailbox() && tx.try_send(1).is_err() && !format!("{tx:?}").is_empty());
            }
            if let Some(rx) = receiver.upgrade() {
                assert!(rx.is_closed() && !rx.close());
                assert!(!matches!(rx.try_recv(), Ok(1)), "it was refused");
            }
        });
        bell
    };
    let of_the_sender: [fn(Sender<u32>); 3] = [
        |tx| assert!(tx.close_mailbox()),
        drop,
        |mut tx| expect_ready(with(&Bell::new(), |cx| Pin::new(&mut tx).poll_close(cx))).unwrap(),
    ];
    for (i, way) in of_the_sender.into_iter().enumerate() {
        let (tx, rx) = mailbox::bounded(1);
        let bell = come_back(&tx, &rx);
        let _waiting = (queued(rx.recv(), &bell), queued(rx.closed(), &bell), queued(rx.drained(), &bell));
        watched(move || format!("a sender that closes in way {i}"), || way(tx));
        assert_eq!(bell.wakes(), 3);
    }
    let of_the_receiver: [fn(Receiver<u32>); 2] = [|rx| assert!(rx.close()), drop];
    for (i, way) in of_the_receiver.into_iter().enumerate() {
        let (tx, rx) = mailbox::bounded(1);
        tx.try_send(0).unwrap();
        let bell = come_back(&tx, &rx);
        let _waiting = (queued(tx.send(1), &bell), queued(tx.reserve(), &bell), queued(tx.closed(), &bell));
        watched(move || format!("a receiver that closes in way {i}"), || way(rx));
        assert_eq!(bell.wakes(), 3);
    }
}

/// event-listener, async-lock, async-channel, flume and futures, by running: wakers woken or dropped under the lock;
/// here they come back from every wake.
#[test]
fn b065_a_waker_that_comes_back_from_its_wake() {
    wakers_come_back(ON_WAKE);
}

/// mea#125, kanal a3810ba, futures-intrusive ff7eb70, mycelium#312, smol#143: wakers called under the lock; here those
/// of handles and of a monitor's conditions come back.
#[test]
fn b066_wakers_of_handles_and_conditions_come_back() {
    watched(String::new, || {
        let (tx, rx) = mailbox::bounded(1);
        let (stream_bell, sink_bell) = (Bell::new(), Bell::new());
        let (sender, receiver) = (tx.clone(), rx.clone());
        stream_bell.on_wake(move || assert!(sender.is_full() && format!("{sender:?}").contains("Sender")));
        sink_bell.on_wake(move || drop((receiver.is_full(), receiver.try_recv(), format!("{receiver:?}"))));
        let (mut stream, mut sink) = (rx.clone(), tx.clone());
        watched(String::new, || {
            assert!(with(&stream_bell, |cx| stream.poll_recv(cx)).is_pending());
            tx.try_send(1).unwrap();
            assert!(with(&sink_bell, |cx| Pin::new(&mut sink).poll_ready(cx)).is_pending());
            assert_eq!(rx.try_recv(), Ok(1));
            expect_ready(with(&sink_bell, |cx| Pin::new(&mut sink).poll_ready(cx))).unwrap();
            let _waiting = queued(tx.reserve(), &sink_bell);
            expect_ready(with(&sink_bell, |cx| Pin::new(&mut sink).poll_flush(cx))).unwrap();
        });
        assert_eq!((stream_bell.wakes(), sink_bell.wakes()), (1, 2));

        let monitor = Arc::new(Monitor::<_, Cond>::new(()));
        let (bell, inside) = (Bell::new(), monitor.clone());
        bell.on_wake(move || {
            assert_eq!((inside.waiters(A), inside.is_occupied()), (0, inside.try_enter().is_none()));
        });
        let mut waiting = queued(monitor.try_enter().unwrap().wait(A), &bell);
        let guard = monitor.try_enter().unwrap();
        watched(String::new, || drop((guard.notify_all(A), guard)));
        watched(String::new, || drop(ready(&mut waiting, &bell)));
        let _waiting = queued(monitor.try_enter().unwrap().wait(A), &bell);
        let guard = monitor.try_enter().unwrap();
        watched(String::new, || assert!(guard.signal_and_leave(A)));
        assert_eq!(bell.wakes(), 2);
    });
}

/// embassy#3665: `register()` ran a waker's code with the slot borrowed mutably; here a waker that is cloned, woken or
/// dropped removes the neighbours of the very waiter it belongs to.
#[test]
fn b067_a_waker_may_remove_the_neighbours_of_its_waiter() {
    for hook in [ON_CLONE, ON_WAKE, ON_DROP] {
        let semaphore = &*crate::common::leak(Semaphore::new(0));
        let quiet = Bell::new();
        let neighbours = std::sync::Mutex::new(vec![queued(semaphore.acquire(), &quiet)]);
        let neighbours = Arc::new(neighbours);
        let (bell, remove) = (Bell::new(), Arc::clone(&neighbours));
        let mut middle = queued(semaphore.acquire(), &bell);
        neighbours.lock().unwrap().push(queued(semaphore.acquire(), &quiet));
        hook(&bell, Arc::new(move || remove.lock().unwrap().clear()));
        watched(String::new, || {
            assert!(poll(&mut middle, &Bell::new()).is_pending());
            assert!(poll(&mut middle, &bell).is_pending());
            semaphore.add_permits(3);
        });
        bell.unhook();
        neighbours.lock().unwrap().clear();
        assert_eq!((semaphore.waiters(), semaphore.available_permits()), (0, 2));
        ready(&mut middle, &bell).unwrap().forget();
    }
}

/// EL 490c40d, oneshot 0.1.3, futures-intrusive#19, flume#33, kanal ddb8452: the first waker was kept and later ones
/// were ignored; here only the last is woken, of every future and of handles.
#[test]
fn b068_only_the_last_task_that_polled_is_woken() {
    on_every_line(|line| {
        let (first, last) = (Bell::new(), Bell::new());
        let mut waiter = line.queue(&first);
        assert!(!waiter.finished(&last));
        (line.one)();
        assert_eq!((first.wakes(), last.wakes()), (0, 1));
    });
    let (tx, mut rx) = mailbox::bounded(1);
    let mut sink = tx.clone();
    let (first, last) = (Bell::new(), Bell::new());
    assert!([&first, &last].iter().all(|bell| with(bell, |cx| rx.poll_recv(cx)).is_pending()));
    tx.try_send(1).unwrap();
    assert_eq!((first.take_wakes(), last.take_wakes()), (0, 1));
    assert!([&first, &last].iter().all(|bell| with(bell, |cx| Pin::new(&mut sink).poll_ready(cx)).is_pending()));
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!((first.take_wakes(), last.take_wakes()), (0, 1));
}

/// tokio#4497: the test of `will_wake` was inverted; here the same task costs no second clone, and another one is taken
/// up, forth and back.
#[test]
fn b069_the_same_task_is_cloned_once_and_another_is_taken_up() {
    on_every_line(|line| {
        let (one, other) = (Bell::new(), Bell::new());
        let mut waiter = line.queue(&one);
        let clones = one.clones();
        for _ in 0..3 {
            assert!(!waiter.finished(&one));
        }
        // The listeners for a close clone at each poll, and drop the old waker.
        assert!(one.clones() == clones || matches!(line.name, "AwaitingClosed" | "AwaitingDrained"));
        for (now, before) in [(&other, &one), (&one, &other), (&other, &one)] {
            assert!(!waiter.finished(now));
            assert_eq!((now.held(), before.held()), (1, 0));
        }
        (line.one)();
        assert_eq!((one.wakes(), other.wakes()), (0, 1));
    });
}

/// tokio#4747: after `enable()`, which registers without a task, a poll panicked; here a handle that one task
/// registered is continued by another task, by a future and by a thread.
#[test]
fn b070_a_registered_waiter_is_continued_in_another_way() {
    let (tx, mut rx) = mailbox::bounded(2);
    let (first, second) = (Bell::new(), Bell::new());
    assert!(with(&first, |cx| rx.poll_recv(cx)).is_pending());
    let mut buffer = Vec::new();
    assert!(with(&second, |cx| rx.poll_recv_many(cx, &mut buffer, 2)).is_pending());
    tx.try_send(1).unwrap();
    assert_eq!((first.wakes(), second.wakes()), (0, 1));
    assert_eq!(expect_ready(with(&second, |cx| rx.poll_recv_many(cx, &mut buffer, 2))), 1);
    assert!(with(&first, |cx| rx.poll_recv(cx)).is_pending());
    let mut receiving = queued(rx.recv(), &second);
    tx.try_send(2).unwrap();
    assert_eq!((first.wakes(), second.wakes(), ready(&mut receiving, &second)), (0, 2, Some(2)));
    drop(receiving);
    assert!(with(&first, |cx| rx.poll_recv(cx)).is_pending());
    watched(String::new, || {
        thread::scope(|scope| {
            // The call takes the handle out of the line; the thread may come later.
            let receiving = rx.recv();
            let thread = scope.spawn(|| receiving.wait());
            tx.send_blocking(3).unwrap();
            assert_eq!(thread.join().unwrap(), Some(3));
        });
    });
    assert_eq!((first.wakes(), first.held()), (0, 0));
}

/// futures#2747: one `AtomicWaker` has room for one of many pollers; here clones of a handle, and futures of one
/// handle, wait each for itself.
#[test]
fn b071_many_pollers_are_each_woken() {
    for capacity in CAPACITIES {
        let (tx, rx) = open::<u32>(capacity);
        let bells: Vec<_> = (0..6).map(|_| Bell::new()).collect();
        let _futures: Vec<_> = bells[..3].iter().map(|bell| queued(rx.recv(), bell)).collect();
        let mut handles = [rx.clone(), rx.clone(), rx.clone()];
        for (handle, bell) in handles.iter_mut().zip(&bells[3..]) {
            assert!(with(bell, |cx| handle.poll_recv(cx)).is_pending());
        }
        tx.close_mailbox();
        assert!(bells.iter().all(|bell| bell.wakes() == 1));
    }
}

/// embassy#1446: a task that registered again and again filled the table of wakers; here 4,000 polls keep one.
#[test]
fn b072_one_task_takes_one_place_however_often_it_polls() {
    on_every_line(|line| {
        let bell = Bell::new();
        let mut waiter = line.queue(&bell);
        for _ in 0..4_000 {
            assert!(!waiter.finished(&bell));
        }
        assert_eq!(bell.held(), 1);
        line.assert_waiters(1);
        drop(waiter);
        assert_eq!(bell.held(), 0);
    });
    let (tx, mut rx) = mailbox::bounded::<u32>(1);
    let bell = Bell::new();
    for _ in 0..4_000 {
        assert!(with(&bell, |cx| rx.poll_recv(cx)).is_pending());
    }
    assert_eq!((bell.held(), tx.waiting_receivers()), (1, 1));
}
