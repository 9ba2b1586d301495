//! The reply port: what the tables of all lines do not say.

use crate::c17::{WAITERS, on_a_stack_of};
use crate::common::{Bell, Dropped, now, panic_message, poll, queued, ready, second_poll_names, watched};
use sempost::oneshot::{self, RecvError, TryRecvError, channel};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

#[test]
fn c02_oneshot_a_receiver_that_was_left_finds_what_came_meanwhile() {
    for value in [Some(7), None] {
        let (tx, mut rx) = channel();
        let (gone, bell) = (Bell::new(), Bell::new());
        drop(queued(&mut rx, &gone));
        match value {
            Some(value) => tx.send(value).unwrap(),
            None => drop(tx),
        }
        assert_eq!((gone.wakes(), gone.held()), (1, 0), "the task that polled last is told");
        assert_eq!(ready(&mut Box::pin(&mut rx), &bell), value.ok_or(RecvError));
    }
}

#[test]
fn c02_oneshot_a_watch_that_was_left_costs_the_sender_nothing() {
    let (mut tx, mut rx) = channel();
    let bell = Bell::new();
    drop(queued(tx.closed(), &bell));
    assert_eq!((bell.wakes(), bell.held()), (0, 0));
    tx.send(7).unwrap();
    assert_eq!(rx.try_recv(), Ok(7));
}

#[test]
fn c06_oneshot_a_value_dropped_with_the_receiver_may_own_the_other_end_of_another() {
    let (tx, mut inner) = channel::<u32>();
    let (outer, rx) = channel();
    outer.send(tx).unwrap();
    watched(String::new, || drop(rx));
    assert_eq!(inner.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn c06_oneshot_a_waker_may_take_the_value_and_drop_the_channel() {
    let (tx, rx) = channel();
    let bell = Bell::new();
    let slot = Arc::new(std::sync::Mutex::new(queued(rx, &bell)));
    let (hand, taken) = (slot.clone(), Arc::new(AtomicUsize::new(0)));
    let note = taken.clone();
    bell.on_wake(move || note.store(ready(&mut hand.lock().unwrap(), &Bell::new()).unwrap(), Ordering::SeqCst));
    watched(String::new, || tx.send(7).unwrap());
    assert_eq!((bell.wakes(), taken.load(Ordering::SeqCst)), (1, 7));
}

#[test]
fn c07_oneshot_a_value_that_panics_in_its_drop_is_dropped_once_and_the_sender_is_told() {
    let (count, bell) = (Arc::new(AtomicUsize::new(0)), Bell::new());
    let (tx, rx) = channel();
    tx.send(Dropped::panicking(1, &count)).unwrap();
    assert!(panic_message(|| drop(rx)).contains("message 1"));
    let (mut tx, rx) = channel();
    let mut watching = queued(tx.closed(), &bell);
    drop(rx);
    ready(&mut watching, &bell);
    drop(watching);
    let refused = tx.send(Dropped::panicking(2, &count)).unwrap_err();
    assert!(panic_message(|| drop(refused)).contains("message 2"));
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

#[test]
fn c08_oneshot_neither_try_recv_nor_send_waits() {
    let (tx, mut rx) = channel();
    watched(String::new, || {
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        tx.send(7).unwrap();
        assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(7), Err(TryRecvError::Closed)));
    });
}

#[test]
fn c08_oneshot_a_try_leaves_the_waker_where_it_is() {
    let (tx, mut rx) = channel();
    let bell = Bell::new();
    drop(queued(&mut rx, &bell));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(bell.held(), 1);
    tx.send(7).unwrap();
    assert_eq!((bell.wakes(), rx.try_recv()), (1, Ok(7)));
}

#[test]
fn c09_oneshot_a_sender_wakes_the_last_task_that_polled() {
    let (mut tx, rx) = channel::<u32>();
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    for bell in &bells {
        assert!(tx.poll_closed(&mut bell.context()).is_pending());
    }
    drop(rx);
    assert_eq!(bells.each_ref().map(Bell::wakes), [0, 0, 1]);
    assert!(bells.iter().all(|bell| bell.held() == 0));
}

#[test]
fn c10_oneshot_ready_at_the_first_poll_it_panics_at_the_second() {
    let (tx, rx) = channel();
    tx.send(7).unwrap();
    second_poll_names(rx, "Receiver");
    let (tx, rx) = channel::<u32>();
    drop(tx);
    second_poll_names(rx, "Receiver");
    let (mut tx, rx) = channel::<u32>();
    drop(rx);
    second_poll_names(tx.closed(), "Watching");
}

#[test]
fn c11_oneshot_what_was_sent_before_the_close_is_received_and_what_comes_later_is_not() {
    let (tx, mut rx) = channel();
    assert!(!tx.is_closed());
    tx.send(7).unwrap();
    rx.close();
    assert_eq!(now(&mut rx), Ok(7));
    let (tx, mut rx) = channel();
    rx.close();
    rx.close();
    assert!(tx.is_closed());
    assert_eq!((tx.send(7), now(rx)), (Err(7), Err(RecvError)));
}

#[test]
fn c11_oneshot_the_end_is_told_once_and_to_each_side() {
    let (mut tx, mut rx) = channel::<u32>();
    let (sender, receiver) = (Bell::new(), Bell::new());
    drop(queued(&mut rx, &receiver));
    assert!(tx.poll_closed(&mut sender.context()).is_pending());
    rx.close();
    drop(rx);
    assert_eq!((sender.wakes(), receiver.wakes()), (1, 0), "the receiver knows what it has done");
    now(tx.closed());
    assert_eq!((sender.held(), receiver.held()), (0, 0));
}

/// Sent or given back, and never both, whoever comes first.
#[test]
fn c11_oneshot_a_close_and_a_send_agree() {
    watched(String::new, || {
        for i in 0..500 {
            let (tx, mut rx) = channel();
            thread::scope(|scope| {
                let sends = scope.spawn(move || tx.send(i));
                let received = {
                    rx.close();
                    now(rx)
                };
                let sent = sends.join().unwrap();
                assert_eq!((sent.is_ok(), sent.err()), (received.is_ok(), received.err().map(|_| i)));
            });
        }
    });
}

#[test]
fn c12_oneshot_the_receiver_takes_the_value_along() {
    for waits in [false, true] {
        let (count, bell) = (Arc::new(AtomicUsize::new(0)), Bell::new());
        let (tx, rx) = channel();
        let mut rx = Box::pin(rx);
        if waits {
            assert!(poll(&mut rx, &bell).is_pending());
        }
        tx.send(Dropped::new(1, &count)).unwrap();
        assert_eq!(count.load(Ordering::SeqCst), 0);
        drop(rx);
        assert_eq!((count.load(Ordering::SeqCst), bell.held()), (1, 0));
    }
}

#[test]
fn c12_oneshot_the_sender_learns_at_once() {
    let (mut tx, rx) = channel();
    let bell = Bell::new();
    let mut watching = queued(tx.closed(), &bell);
    drop(rx);
    assert_eq!(bell.wakes(), 1);
    ready(&mut watching, &bell);
    drop(watching);
    assert_eq!((tx.is_closed(), tx.send(7)), (true, Err(7)));
}

#[test]
fn c15_oneshot_both_ends_have_a_debug_that_asks_no_value() {
    struct Opaque;
    let (mut tx, mut rx) = channel::<Opaque>();
    let open = [format!("{tx:?} {rx:?}"), format!("{:?}", tx.closed())].concat();
    assert!(open.contains("Sender") && open.contains("Receiver") && open.contains("Watching"), "{open}");
    assert!(tx.send(Opaque).is_ok());
    let sent = format!("{rx:?}");
    assert!(!open.contains(&sent), "{sent}");
    assert!(rx.try_recv().is_ok());
    assert!(format!("{rx:?}").contains("Done"));
}

#[test]
fn c15_oneshot_errors_say_what_happened() {
    let errors: [&dyn std::error::Error; 3] = [&RecvError, &TryRecvError::Empty, &TryRecvError::Closed];
    assert!(errors.iter().all(|error| !error.to_string().is_empty()));
    assert_ne!(errors[1].to_string(), errors[2].to_string());
}

#[test]
fn c15_oneshot_is_not_poisoned() {
    let (tx, rx) = channel();
    let hostile = Bell::panicking();
    let mut rx = queued(rx, &hostile);
    assert_eq!(panic_message(|| tx.send(7)), "this waker panics");
    assert_eq!(ready(&mut rx, &Bell::new()), Ok(7));
}

#[test]
fn c16_oneshot_every_future_waits_on_a_thread() {
    watched(String::new, || {
        thread::scope(|scope| {
            for way in [oneshot::Receiver::wait, oneshot::Receiver::recv_blocking] {
                let (tx, rx) = channel();
                let waiting = scope.spawn(move || way(rx));
                tx.send(7).unwrap();
                assert_eq!(waiting.join().unwrap(), Ok(7));
            }
            let (mut tx, rx) = channel::<u32>();
            let watching = scope.spawn(move || {
                tx.closed().wait();
                tx.send(7)
            });
            drop(rx);
            assert_eq!(watching.join().unwrap(), Err(7));
        });
    });
}

#[test]
fn c16_oneshot_a_stale_unpark_is_no_answer() {
    watched(String::new, || {
        thread::scope(|scope| {
            let (tx, rx) = channel();
            let waiting = scope.spawn(move || rx.wait());
            for _ in 0..1_000 {
                waiting.thread().unpark();
                thread::yield_now();
            }
            assert!(!waiting.is_finished());
            tx.send(7).unwrap();
            assert_eq!(waiting.join().unwrap(), Ok(7));
        });
    });
}

/// As many replies are outstanding as there are waiters elsewhere; all are answered, refused, or given up.
#[test]
fn c17_oneshot_many_are_ended_flat() {
    on_a_stack_of(64, || {
        let bell = Bell::new();
        let ports = || -> (Vec<_>, Vec<_>) {
            (0..WAITERS).map(|_| channel::<usize>()).map(|(tx, rx)| (tx, queued(rx, &bell))).unzip()
        };
        let (senders, receivers) = ports();
        senders.into_iter().enumerate().for_each(|(i, tx)| tx.send(i).unwrap());
        assert_eq!(bell.take_wakes(), WAITERS);
        assert!(receivers.into_iter().enumerate().all(|(i, mut rx)| ready(&mut rx, &bell) == Ok(i)));
        let (senders, mut receivers) = ports();
        drop(senders);
        assert_eq!(bell.take_wakes(), WAITERS);
        assert!(receivers.iter_mut().all(|rx| ready(rx, &bell) == Err(RecvError)));
        let (senders, receivers) = ports();
        drop(receivers);
        assert!(senders.iter().all(|tx| tx.is_closed()));
        assert_eq!((bell.wakes(), bell.held()), (0, 0));
    });
}
