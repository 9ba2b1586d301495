//! Mailboxes with credits: panics, the close, counts, threads and depth.

use super::*;

/// Kills: credits that a panic takes along, of a message, of a worker, of a waker.
#[test]
fn c07_credits_come_back_from_every_panic() {
    let ((tx, rx), count) = (ones(2), counter());
    tx.try_send(Dropped::panicking(1, &count)).unwrap();
    tx.try_send(Dropped::new(2, &count)).unwrap();
    assert!(panic_message(|| drop(rx.try_recv().unwrap())).contains("message 1"));
    assert_eq!(tx.available_credits(), 1);
    let worker = panic_message(|| {
        let _lease = rx.try_recv().unwrap();
        panic!("the worker")
    });
    assert_eq!((worker.as_str(), tx.available_credits(), count.load(Ordering::SeqCst)), ("the worker", 2, 2));
    // Whoever is woken by credits that come back panics: the others are woken, and the credits are granted.
    tx.try_send(Dropped::new(3, &count)).unwrap();
    tx.try_send(Dropped::new(4, &count)).unwrap();
    let (evil, tame) = (Bell::panicking(), Bell::new());
    let mut both = [queued(tx.reserve(1), &evil), queued(tx.reserve(1), &tame)];
    let lease = rx.try_recv().unwrap();
    assert!(panic_message(|| drop(lease.into_inner())).contains("waker"));
    drop(rx.try_recv().unwrap());
    assert_eq!((evil.wakes(), tame.wakes()), (1, 1));
    both.iter_mut().for_each(|reserving| drop(ready(reserving, &tame).unwrap()));
    assert_eq!((tx.available_credits(), count.load(Ordering::SeqCst)), (2, 4));
}

/// Kills: a receiver's waker whose panic loses the message that was sent, or has it sent twice.
#[test]
fn c07_credits_a_receivers_waker_that_panics_leaves_the_message_sent() {
    for sink in [false, true] {
        let ((tx, rx), evil, bell) = (ones(1), Bell::panicking(), Bell::new());
        tx.try_send(0).unwrap();
        let lease = rx.try_recv().unwrap();
        let receiving = queued(rx.recv(), &evil);
        if sink {
            let mut sink = outbox(&tx, 1, &bell);
            assert!(panic_message(|| drop(lease)).contains("waker"));
            assert_eq!(bell.wakes(), 1, "the task of the sink is woken all the same");
            assert!(expect_ready(with(&bell, |cx| Pin::new(&mut sink).poll_flush(cx))).is_ok());
        } else {
            let mut sending = queued(tx.send(1), &bell);
            drop(lease);
            assert!(panic_message(|| poll(&mut sending, &bell).is_ready()).contains("waker"));
            assert_eq!(sending.as_mut().cancel(), None);
        }
        drop(receiving);
        assert_eq!((rx.try_recv().unwrap().into_inner(), rx.len(), tx.available_credits()), (1, 0, 1));
    }
}

/// Kills: a message in an outbox that is dropped twice, or not at all, or aborts the process.
#[test]
fn c07_credits_a_message_that_panics_in_the_outbox_is_dropped_once() {
    let ((tx, rx), count, bell) = (ones(1), counter(), Bell::new());
    tx.try_send(Dropped::new(0, &count)).unwrap();
    let sink = outbox(&tx, Dropped::panicking(1, &count), &bell);
    let sending = queued(tx.send(Dropped::panicking(2, &count)), &bell);
    let mut behind = queued(tx.send(Dropped::new(3, &count)), &bell);
    assert!(panic_message(|| drop(sink)).contains("message 1"));
    assert!(panic_message(|| drop(sending)).contains("message 2"));
    drop(rx.try_recv().unwrap());
    ready(&mut behind, &bell).unwrap();
    assert_eq!((count.load(Ordering::SeqCst), rx.len(), tx.sender_count(), bell.held()), (3, 1, 1, 0));
}

#[test]
fn c08_credits_a_failed_try_leaves_nobody_in_line() {
    let (tx, rx) = numbers(2);
    tx.try_send(2).unwrap();
    watched(String::new, || {
        assert_eq!(tx.try_send(1), Err(TrySendError::Full(1)));
        assert_eq!(tx.try_reserve(1).unwrap_err(), TryReserveError::Full);
    });
    assert_eq!((tx.waiting_senders(), tx.available_credits()), (0, 0));
    drop(rx.try_recv().unwrap());
    assert_eq!(rx.try_recv().unwrap_err(), TryRecvError::Empty);
    rx.close();
    assert_eq!(
        (tx.try_send(1), tx.try_reserve(1).unwrap_err()),
        (Err(TrySendError::Closed(1)), TryReserveError::Closed)
    );
}

#[test]
fn c11_credits_close_gives_waiting_messages_back_and_keeps_the_accepted_ones() {
    let ((tx, rx), bell) = (numbers(3), Bell::new());
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    let lease = rx.try_recv().unwrap();
    let mut sends = [queued(tx.send(1), &bell), queued(tx.send(5), &bell)];
    let mut reserving = queued(tx.reserve(1), &bell);
    drop(lease);
    assert_eq!((tx.granted_credits(), bell.wakes()), (1, 1));
    assert_eq!([tx.close_mailbox(), rx.close()], [true, false]);
    // A grant that has not become a message is void, as in any mailbox.
    assert_eq!(sends.each_mut().map(|send| ready(send, &bell)), [Err(SendError(1)), Err(SendError(5))]);
    assert!(ready(&mut reserving, &bell).is_err() && now(tx.send(1)).is_err() && now(tx.reserve(1)).is_err());
    assert_eq!((rx.try_recv().unwrap().into_inner(), rx.try_recv().unwrap_err()), (2, TryRecvError::Closed));
    assert_eq!((tx.available_credits(), tx.waiting_senders()), (3, 0));
}

/// Kills: an end that waits for workers, and a permit that does not hold it up.
#[test]
fn c11_credits_leases_do_not_hold_up_the_end_and_permits_do() {
    let ((tx, rx), bell) = (numbers(5), Bell::new());
    tx.try_send(2).unwrap();
    let (lease, permit) = (rx.try_recv().unwrap(), tx.try_reserve(2).unwrap());
    let mut last = queued(rx.recv(), &bell);
    let mut drained = queued(rx.drained(), &bell);
    rx.close();
    assert_eq!((bell.wakes(), rx.try_recv().unwrap_err()), (0, TryRecvError::Empty));
    permit.send(1).unwrap();
    assert_eq!(ready(&mut last, &bell).unwrap().into_inner(), 1);
    ready(&mut drained, &bell);
    assert_eq!((rx.try_recv().unwrap_err(), tx.available_credits()), (TryRecvError::Closed, 3));
    drop(lease);
    assert_eq!(tx.available_credits(), 5);
}

/// Kills: senders that sleep until a lease ends although nobody receives any more.
#[test]
fn c12_credits_the_last_receiver_takes_the_queue_along_and_tells_the_senders() {
    let ((tx, rx), count, bell) = (ones(2), counter(), Bell::new());
    tx.try_send(Dropped::new(1, &count)).unwrap();
    tx.try_send(Dropped::new(2, &count)).unwrap();
    let lease = rx.try_recv().unwrap();
    let other = rx.clone();
    let mut sending = queued(tx.send(Dropped::new(3, &count)), &bell);
    let mut sink = outbox(&tx, Dropped::new(4, &count), &bell);
    drop(rx);
    assert_eq!((bell.wakes(), tx.is_closed()), (0, false));
    // The last receiver is in a future, and goes with it.
    let (taken, other) = now(other.recv_owned());
    drop(taken);
    assert_eq!((bell.take_wakes(), tx.granted_credits()), (1, 1));
    drop(queued(other.recv_owned(), &Bell::new()));
    assert_eq!((bell.wakes(), tx.is_closed()), (1, true));
    drop((ready(&mut sending, &bell), expect_ready(with(&bell, |cx| Pin::new(&mut sink).poll_flush(cx)))));
    drop(lease);
    assert_eq!((count.load(Ordering::SeqCst), tx.available_credits(), tx.waiting_senders()), (4, 2, 0));
}

#[test]
fn c14_credits_the_largest_limit_and_the_largest_weights_wrap_nowhere() {
    const MOST: usize = Semaphore::MAX_PERMITS;
    let (tx, rx) = mailbox::credits(MOST, |n: &usize| *n);
    assert_eq!((tx.try_send(usize::MAX), tx.available_credits(), tx.leased()), (Ok(()), 0, MOST));
    let (first, second) = rx.try_recv().unwrap().split(MOST - 1, |n| (n, n)).unwrap();
    assert_eq!((first.weight(), second.weight()), (1, MOST - 1));
    drop(second);
    assert_eq!(tx.available_credits(), MOST - 1);
    drop((tx.try_reserve(MOST - 1).unwrap(), first));
    assert_eq!((tx.available_credits(), tx.try_send(MOST), tx.leased()), (MOST, Ok(()), MOST));
}

#[test]
fn c15_credits_show_their_state_without_the_messages() {
    struct Mute;
    let (tx, rx) = ones(3);
    tx.try_send(Mute).unwrap_or_else(|_| panic!("a credit"));
    let shown = format!("{tx:?} {rx:?} {:?} {:?}", tx.downgrade(), tx.try_reserve(1).unwrap());
    for word in ["limit: 3", "available: 1", "leased: 2", "len: 1", "WeakCreditSender", "weight: 1"] {
        assert!(shown.contains(word), "{word} is not in {shown}");
    }
}

#[test]
fn c16_credits_threads_and_tasks_stand_in_one_line() {
    let ((tx, rx), bell) = (ones(1), Bell::new());
    tx.try_send(0).unwrap();
    watched(String::new, || {
        let mut first = queued(tx.send(1), &bell);
        let (own, line) = (tx.clone(), tx.clone());
        let thread = std::thread::spawn(move || own.send(2).wait());
        crate::common::until(|| line.waiting_senders() == 2);
        let mut third = queued(tx.send(3), &bell);
        assert_eq!(rx.recv_blocking().unwrap().into_inner(), 0);
        ready(&mut first, &bell).unwrap();
        assert_eq!(rx.recv_blocking().unwrap().into_inner(), 1);
        assert_eq!(rx.recv_blocking().unwrap().into_inner(), 2);
        thread.join().unwrap().unwrap();
        ready(&mut third, &bell).unwrap();
        assert_eq!(rx.recv().wait_timeout(std::time::Duration::ZERO).unwrap().unwrap().into_inner(), 3);
        tx.try_send(4).unwrap();
        let late = tx.send(5).wait_timeout(std::time::Duration::ZERO);
        assert_eq!((late.unwrap_err().into_inner(), tx.waiting_senders()), (5, 0));
    });
}

#[test]
fn c17_credits_senders_and_sinks_are_granted_in_one_call() {
    on_a_small_stack(|| {
        let ((tx, rx), bell) = (ones(WAITERS), Bell::new());
        let all = tx.try_reserve(WAITERS).unwrap();
        let mut line: Vec<_> = (0..WAITERS / 2).map(|n| queued(tx.send(n), &bell)).collect();
        let sinks: Vec<_> = (0..WAITERS / 2).map(|n| outbox(&tx, n, &bell)).collect();
        drop(all);
        assert_eq!((bell.wakes(), rx.len()), (WAITERS, WAITERS / 2));
        assert!(line.iter_mut().all(|send| ready(send, &bell).is_ok()));
        drop(sinks);
        assert_eq!(rx.len(), WAITERS);
        drop(line);
        drop(rx);
        assert_eq!(tx.available_credits(), WAITERS);
    });
}

/// Kills: a refused sink that gives its credits to the next, which gives them to the next.
#[test]
fn c17_credits_senders_and_sinks_are_refused_in_one_close() {
    on_a_small_stack(|| {
        let ((tx, rx), bell) = (ones(1), Bell::new());
        tx.try_send(0).unwrap();
        let mut line: Vec<_> = (0..WAITERS / 2).map(|n| queued(tx.send(n), &bell)).collect();
        let sinks: Vec<_> = (0..WAITERS / 2).map(|n| outbox(&tx, n, &bell)).collect();
        // The queue goes first, and the credit of its message is granted before the senders are told.
        drop(rx);
        assert_eq!((bell.wakes(), tx.waiting_senders()), (WAITERS, 0));
        assert!(line.iter_mut().all(|send| ready(send, &bell).is_err()));
        drop((line, sinks));
        assert_eq!((tx.available_credits(), bell.held()), (1, 0));
    });
}

/// Kills: likewise, where sinks alone stand in line when the queue goes.
#[test]
fn c17_credits_sinks_are_refused_flat_when_the_queue_goes() {
    on_a_small_stack(|| {
        let ((tx, rx), bell) = (ones(1), Bell::new());
        tx.try_send(0).unwrap();
        let sinks: Vec<_> = (0..WAITERS).map(|n| outbox(&tx, n, &bell)).collect();
        drop(rx);
        assert_eq!((bell.wakes(), tx.waiting_senders(), tx.available_credits()), (WAITERS, 0, 1));
        drop(sinks);
        assert_eq!(bell.held(), 0);
    });
}
