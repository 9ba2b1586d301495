//! Sending all that an iterator yields.

use crate::common::{Bell, Deadline, now, panic_message, pending, poll, queued, ready};
use sempost::mailbox::{self, SendUntilError};
use std::cell::Cell;
use std::iter;

#[test]
fn it_sends_all_in_order_as_there_is_room() {
    for capacity in [0, 1, 2, 3] {
        let (tx, rx) = mailbox::bounded(capacity);
        let (sending, receiving) = (Bell::new(), Bell::new());
        let mut all = Box::pin(tx.send_many(0..10));
        let mut received = Vec::new();
        let mut sent = poll(&mut all, &sending);
        while received.len() < 10 {
            let mut next = Box::pin(rx.recv());
            while received.len() < 10 {
                let std::task::Poll::Ready(message) = poll(&mut next, &receiving) else { break };
                received.extend(message);
                next = Box::pin(rx.recv());
            }
            if sent.is_pending() {
                sent = poll(&mut all, &sending);
            }
        }
        if sent.is_pending() {
            sent = poll(&mut all, &sending);
        }
        assert!(sent.is_ready(), "capacity {capacity}");
        assert_eq!(received, (0..10).collect::<Vec<_>>());
        assert_eq!(rx.waiting_senders(), 0);
    }
}

#[test]
fn woken_once_it_fills_all_the_room_there_is() {
    let (tx, rx) = mailbox::bounded(4);
    let bell = Bell::new();
    let mut all = queued(tx.send_many(0..8), &bell);
    assert_eq!((0..4).map(|_| rx.try_recv().unwrap()).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(bell.wakes(), 1);
    assert!(ready(&mut all, &bell).is_ok());
    assert_eq!(rx.len(), 4);
}

/// It asks for one slot at a time, and holds none for a message that is not there.
#[test]
fn it_asks_the_iterator_for_no_more_than_it_sends() {
    let (tx, rx) = mailbox::bounded(2);
    let asked = Cell::new(0);
    let all = queued(tx.send_many((0..10).inspect(|_| asked.set(asked.get() + 1))), &Bell::new());
    assert_eq!((asked.get(), rx.len(), rx.remaining()), (3, 2, 0), "two sent and one in hand");
    assert_eq!(tx.waiting_senders(), 1);
    drop(all);
    assert_eq!(tx.waiting_senders(), 0);
}

#[test]
fn others_may_send_between() {
    let (tx, rx) = mailbox::bounded(1);
    let bells = [Bell::new(), Bell::new()];
    let mut all = queued(tx.send_many([1, 2, 3]), &bells[0]);
    let mut other = queued(tx.send(9), &bells[1]);
    let mut received = Vec::new();
    for _ in 0..4 {
        received.push(rx.try_recv().unwrap());
        if bells[0].take_wakes() == 1 {
            assert_eq!(poll(&mut all, &bells[0]).is_ready(), received.len() == 3);
        }
        if bells[1].take_wakes() == 1 {
            assert!(ready(&mut other, &bells[1]).is_ok());
        }
    }
    assert_eq!(received, [1, 2, 9, 3], "first come, first served");
}

#[test]
fn it_lets_others_run_after_a_turn() {
    let (tx, rx) = mailbox::unbounded();
    let bell = Bell::new();
    let mut all = queued(tx.send_many(0..), &bell);
    assert_eq!((rx.len(), bell.wakes()), (64, 1));
    pending(&mut all, &bell);
    assert_eq!((rx.len(), bell.wakes()), (128, 2));
    assert_eq!(all.as_mut().cancel().unwrap().next(), Some(128));
    assert_eq!(tx.send_many(0..1_000).wait().map_err(|_| ()), Ok(()), "a thread goes on by itself");
    assert_eq!(rx.len(), 1_128);
}

#[test]
fn nothing_is_sent_at_once() {
    let (tx, _rx) = mailbox::bounded::<u32>(0);
    assert!(now(tx.send_many([])).is_ok());
}

#[test]
fn close_gives_the_rest_back() {
    let (tx, rx) = mailbox::bounded(2);
    let bell = Bell::new();
    let mut all = queued(tx.send_many(vec![1, 2, 3, 4]), &bell);
    rx.close();
    let unsent = ready(&mut all, &bell).unwrap_err().into_inner();
    assert_eq!(unsent.size_hint(), (2, Some(2)));
    assert_eq!(unsent.collect::<Vec<_>>(), [3, 4]);
    assert!(all.as_mut().cancel().is_none(), "it has answered");
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(1), Ok(2)));
}

#[test]
fn what_was_sent_and_what_comes_back_is_everything() {
    for taken in 0..5 {
        let (tx, rx) = mailbox::bounded(1);
        let bell = Bell::new();
        let mut all = queued(tx.send_many(0..6), &bell);
        for i in 0..taken {
            assert_eq!(rx.try_recv(), Ok(i));
            if i < 4 {
                pending(&mut all, &bell);
            }
        }
        let rest: Vec<_> = all.as_mut().cancel().unwrap().collect();
        let sent: Vec<_> = iter::from_fn(|| rx.try_recv().ok()).collect();
        assert_eq!([(0..taken).collect(), sent, rest].concat(), (0..6).collect::<Vec<_>>());
    }
}

#[test]
fn cancelled_before_the_first_poll_all_of_it_comes_back() {
    let (tx, rx) = mailbox::bounded(1);
    let mut all = Box::pin(tx.send_many([1, 2]));
    assert_eq!(all.as_mut().cancel().unwrap().collect::<Vec<_>>(), [1, 2]);
    assert!(rx.is_empty());
}

#[test]
fn an_iterator_that_panics_loses_nothing() {
    let (tx, rx) = mailbox::bounded(8);
    let items = (0..4).inspect(|&i| assert!(i != 2, "this iterator panics"));
    let mut all = Box::pin(tx.send_many(items));
    assert_eq!(panic_message(|| poll(&mut all, &Bell::new()).is_ready()), "this iterator panics");
    assert_eq!((rx.len(), rx.waiting_senders()), (2, 0));
    assert!(ready(&mut all, &Bell::new()).is_ok(), "and it goes on with what is left");
    assert_eq!(iter::from_fn(|| rx.try_recv().ok()).collect::<Vec<_>>(), [0, 1, 3]);
}

/// The iterator comes back to the mailbox: no lock is held.
#[test]
fn the_iterator_may_use_the_mailbox() {
    let (tx, rx) = mailbox::bounded(1);
    let mut left = 3;
    let received = Cell::new(0);
    let items = iter::from_fn(|| {
        received.set(received.get() + rx.try_recv().map_or(0, |_: u32| 1));
        left -= 1;
        (left > 0).then_some(left)
    });
    assert!(now(tx.send_many(items)).is_ok());
    assert_eq!(received.get(), 2);
}

#[test]
fn a_receiver_whose_waker_panics_has_the_message() {
    let (tx, rx) = mailbox::bounded(2);
    let bell = Bell::panicking();
    let mut receiving = queued(rx.recv(), &bell);
    let mut all = Box::pin(tx.send_many([1, 2]));
    assert_eq!(panic_message(|| poll(&mut all, &Bell::new()).is_ready()), "this waker panics");
    assert_eq!(ready(&mut receiving, &Bell::new()), Some(1));
    assert!(ready(&mut all, &Bell::new()).is_ok());
    assert_eq!(rx.try_recv(), Ok(2));
}

#[test]
fn late_it_gives_the_rest_back() {
    let (tx, rx) = mailbox::bounded(2);
    let (deadline, bell) = (Deadline::new(), Bell::new());
    let mut all = queued(tx.send_many(0..5).until(deadline.clone()), &bell);
    deadline.come();
    let Err(SendUntilError::Elapsed(unsent)) = ready(&mut all, &bell) else { panic!("it is late") };
    assert_eq!(unsent.collect::<Vec<_>>(), [2, 3, 4]);
    assert_eq!((rx.len(), rx.waiting_senders()), (2, 0));
}

#[test]
fn late_with_the_last_in_hand_and_a_slot_granted_it_has_sent_all() {
    let (tx, rx) = mailbox::bounded(1);
    let come = std::future::poll_fn(|_| {
        _ = rx.try_recv();
        std::task::Poll::Ready(())
    });
    assert!(now(tx.send_many([1, 2]).until(come)).is_ok());
    assert_eq!(rx.try_recv(), Ok(2));
}

#[test]
fn a_waker_that_panics_while_it_is_refused_costs_no_message() {
    let (tx, rx) = mailbox::bounded(1);
    // The next to ask clones its waker first, for the last one had to wait.
    tx.try_send(0).unwrap();
    pending(&mut Box::pin(tx.send(0)), &Bell::new());
    rx.close();
    let mut all = Box::pin(tx.send_many(1..4));
    let hostile = Bell::new();
    hostile.on_drop(|| panic!("this waker panics"));
    assert_eq!(panic_message(|| _ = poll(&mut all, &hostile)), "this waker panics");
    hostile.unhook();
    let unsent = ready(&mut all, &Bell::new()).unwrap_err().into_inner();
    assert_eq!(unsent.collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn late_between_two_turns_it_gives_back_what_it_has_not_sent() {
    let (tx, rx) = mailbox::unbounded();
    let SendUntilError::Elapsed(unsent) = now(tx.send_many(0..100).until(Deadline::past())).unwrap_err() else {
        panic!("it is not closed")
    };
    assert_eq!((rx.len(), unsent.collect::<Vec<_>>()), (64, (64..100).collect()));
}
