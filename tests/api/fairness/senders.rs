//! The same of a mailbox's senders. Sweep, walks and `fair` compare all short stories with the specification; here
//! stands what the documentation promises.

use std::pin::Pin;

use futures::{Sink, StreamExt};
use sempost::mailbox::{self, Receiver, Sender};

use super::*;

fn full(capacity: usize, fairness: Fairness) -> (Sender<usize>, Receiver<usize>) {
    let (sender, receiver) = mailbox::bounded_with(capacity, fairness);
    (0..capacity).for_each(|n| sender.try_send(n).expect("there is room"));
    (sender, receiver)
}

/// Catches: a slot that is handed over, and stays empty until the sender's task has run.
#[test]
fn a_slot_stays_free_and_the_first_sender_is_woken() {
    for fairness in [Barging { overtakes: 2 }, Unfair] {
        let (sender, receiver) = full(1, fairness);
        let bell = Bell::new();
        let mut first = queued(sender.send(7), &bell);
        assert_eq!(receiver.try_recv(), Ok(0));
        assert_eq!((bell.wakes(), sender.remaining(), sender.granted_slots()), (1, 1, 0));
        sender.try_send(8).expect("newcomers may pass");
        pending(&mut first, &bell);
        assert_eq!(receiver.try_recv(), Ok(8));
        assert_eq!((bell.wakes(), ready(&mut first, &bell)), (2, Ok(())));
        assert_eq!((receiver.try_recv(), receiver.waiting_senders()), (Ok(7), 0));
    }
}

/// Catches: a count of overtakes that is off by one, in each form that can pass.
#[test]
fn a_sender_is_passed_so_often_and_not_once_more() {
    type Pass = fn(&Sender<usize>) -> bool;
    let forms: [Pass; 4] = [
        |sender| sender.try_send(8).is_ok(),
        |sender| poll(&mut Box::pin(sender.send(8)), &Bell::new()).is_ready(),
        |sender| sender.try_reserve().is_ok_and(|permit| permit.send(8).is_ok()),
        |sender| poll(&mut Box::pin(sender.send_many([8])), &Bell::new()).is_ready(),
    ];
    for k in [0, 1, 2, 7] {
        for pass in forms {
            let (sender, receiver) = full(1, Barging { overtakes: k });
            let bell = Bell::new();
            let mut first = queued(sender.send(7), &bell);
            assert_eq!(receiver.try_recv(), Ok(0));
            for nth in 0..k {
                assert!(pass(&sender), "newcomer {nth} of {k}");
                assert_eq!(receiver.try_recv(), Ok(8));
            }
            assert!(!pass(&sender), "all {k} are used up");
            assert_eq!((ready(&mut first, &bell), receiver.try_recv()), (Ok(()), Ok(7)));
        }
    }
}

/// Catches: the same, where a stream waits for what the newcomers send.
#[test]
fn beside_a_stream_a_sender_is_passed_so_often_and_not_once_more() {
    for k in [0, 1, 2, 7] {
        let (sender, mut receiver) = full(1, Barging { overtakes: k });
        let (bell, reader) = (Bell::new(), Bell::new());
        let mut first = queued(sender.send(7), &bell);
        assert_eq!(receiver.try_recv(), Ok(0));
        for nth in 0..=k {
            assert!(receiver.poll_recv(&mut reader.context()).is_pending());
            assert_eq!(sender.try_send(8).is_ok(), nth < k, "newcomer {nth} of {k}");
            assert_eq!(reader.wakes(), if nth < k { nth + 1 } else { k });
            if nth < k {
                assert_eq!(receiver.poll_recv(&mut reader.context()), std::task::Poll::Ready(Some(8)));
            }
        }
        assert_eq!((ready(&mut first, &bell), receiver.try_recv()), (Ok(()), Ok(7)));
    }
}

/// Catches: a receiver that takes, beside a line of senders, what another one was granted.
#[test]
fn a_claimed_message_stays_where_senders_wait() {
    for fairness in [Barging { overtakes: 2 }, Unfair] {
        let (sender, receiver) = mailbox::bounded_with(1, fairness);
        let (a, b) = (Bell::new(), Bell::new());
        let mut claims = queued(receiver.recv(), &a);
        sender.try_send(1).expect("there is room");
        let mut second = queued(sender.send(2), &b);
        assert!(receiver.try_recv().is_err(), "it is claimed");
        assert_eq!((ready(&mut claims, &a), b.wakes()), (Some(1), 1));
        assert_eq!((ready(&mut second, &b), receiver.try_recv()), (Ok(()), Ok(2)));
    }
}

/// Catches: one wake-up for each slot, most of them in vain; and a batch of waiters that hangs on the first.
#[test]
fn one_woken_sender_stands_for_half_of_the_slots() {
    let (sender, receiver) = full(8, Unfair);
    let bells: [Bell; 4] = std::array::from_fn(|_| Bell::new());
    let mut line = [0, 1, 2, 3].map(|at| queued(sender.send(10 + at), &bells[at]));
    let wakes = |bells: &[Bell; 4]| bells.each_ref().map(Bell::wakes);
    for taken in 1..=8 {
        assert_eq!(receiver.try_recv(), Ok(taken - 1));
        assert_eq!(wakes(&bells), if taken <= 4 { [1, 0, 0, 0] } else { [1, 1, 0, 0] });
    }
    // The first is never polled. The second sends, and hands its wake-up on.
    assert_eq!(ready(&mut line[1], &bells[1]), Ok(()));
    assert_eq!(wakes(&bells), [1, 1, 1, 0]);
    assert_eq!(ready(&mut line[2], &bells[2]), Ok(()));
    assert_eq!(wakes(&bells), [1, 1, 1, 1]);
}

/// Catches: a wake-up that goes with the sender that gives up.
#[test]
fn a_woken_sender_that_gives_up_wakes_the_next() {
    for fairness in [Barging { overtakes: 0 }, Unfair] {
        let (sender, receiver) = full(1, fairness);
        let (a, b) = (Bell::new(), Bell::new());
        let mut first = queued(sender.send(7), &a);
        let mut second = queued(sender.reserve(), &b);
        assert_eq!(receiver.try_recv(), Ok(0));
        assert_eq!(first.as_mut().cancel(), Some(7));
        assert_eq!((a.wakes(), b.wakes()), (1, 1));
        ready(&mut second, &b).expect("it is open").send(9).expect("it is open");
        assert_eq!(receiver.try_recv(), Ok(9));
    }
}

/// Catches: a close that leaves somebody in the line, or takes what was announced for a slot.
#[test]
fn close_gives_every_message_back() {
    for fairness in [Barging { overtakes: 1 }, Unfair] {
        let (sender, receiver) = full(2, fairness);
        let bells: [Bell; 3] = std::array::from_fn(|_| Bell::new());
        let mut line = [0, 1, 2].map(|at| queued(sender.send(10 + at), &bells[at]));
        assert_eq!(receiver.try_recv(), Ok(0));
        receiver.close();
        for (at, (wait, bell)) in line.iter_mut().zip(&bells).enumerate() {
            assert_eq!(bell.wakes(), 1);
            assert_eq!(ready(wait, bell).map_err(|error| error.into_inner()), Err(10 + at));
        }
        assert_eq!((receiver.try_recv(), receiver.waiting_senders()), (Ok(1), 0));
    }
}

/// Catches: a sink whose waiter is in another queue than that of the futures, and so passes them, or is passed.
#[test]
fn sinks_stand_in_the_same_line() {
    for fairness in [Barging { overtakes: 0 }, Unfair] {
        let (mut sink, receiver) = full(1, fairness);
        let sender = sink.clone();
        let (a, b) = (Bell::new(), Bell::new());
        assert!(Pin::new(&mut sink).poll_ready(&mut a.context()).is_pending());
        let mut second = queued(sender.send(9), &b);
        assert_eq!(receiver.try_recv(), Ok(0));
        assert_eq!((a.wakes(), b.wakes()), (1, 0), "in the order of arrival");
        assert!(Pin::new(&mut sink).poll_ready(&mut a.context()).is_ready());
        assert_eq!((sender.ready_slots(), sender.remaining()), (1, 0));
        // It does not use the slot, so the next is woken.
        assert!(Pin::new(&mut sink).poll_flush(&mut a.context()).is_ready());
        assert_eq!((b.wakes(), ready(&mut second, &b), receiver.try_recv()), (1, Ok(()), Ok(9)));
    }
}

/// Catches: a handle that is woken, does not care, and keeps the wake-up.
#[test]
fn a_sink_that_was_woken_and_only_flushes_wakes_the_next() {
    let (mut sink, receiver) = full(1, Barging { overtakes: 0 });
    let sender = sink.clone();
    let (a, b) = (Bell::new(), Bell::new());
    assert!(Pin::new(&mut sink).poll_ready(&mut a.context()).is_pending());
    let mut second = queued(sender.send(9), &b);
    assert_eq!(receiver.try_recv(), Ok(0));
    assert!(Pin::new(&mut sink).poll_flush(&mut a.context()).is_ready());
    assert_eq!((b.wakes(), ready(&mut second, &b)), (1, Ok(())));
}

/// Catches: a demand for several slots that smaller ones pass for ever, or that holds up a bound of none.
#[test]
fn a_reservation_of_several_slots_is_passed_so_often_and_then_served() {
    let (sender, receiver) = full(2, Barging { overtakes: 3 });
    let bell = Bell::new();
    let mut several = queued(sender.reserve_many(2), &bell);
    assert_eq!(receiver.try_recv(), Ok(0));
    let mut passed = 0;
    while sender.try_send(8).is_ok() {
        passed += 1;
        receiver.try_recv().expect("there are two");
    }
    assert_eq!(passed, 3);
    receiver.try_recv().expect("one is left");
    assert_eq!(ready(&mut several, &bell).expect("it is open").len(), 2);
}

/// Catches: a newcomer that takes one of two announced slots, where the other is enough for one further back.
#[test]
fn in_an_unfair_line_nobody_sleeps_beside_what_a_newcomer_has_uncovered() {
    let (sender, receiver) = full(2, Unfair);
    let (a, b) = (Bell::new(), Bell::new());
    let (mut several, mut one) = (queued(sender.reserve_many(2), &a), queued(sender.send(9), &b));
    assert_eq!((receiver.try_recv(), receiver.try_recv()), (Ok(0), Ok(1)));
    assert_eq!((a.wakes(), b.wakes()), (1, 0));
    sender.try_send(8).expect("newcomers may pass");
    assert_eq!((b.wakes(), ready(&mut one, &b)), (1, Ok(())));
    pending(&mut several, &a);
}

/// Catches: an order that is lost *within* a sender, a message that is lost or doubled, a sender that is not woken.
#[test]
fn what_one_sender_sends_stays_in_its_order() {
    for capacity in [1, 2, 5, 16] {
        for fairness in [Barging { overtakes: 0 }, Barging { overtakes: 3 }, Unfair] {
            let (sender, receiver) = mailbox::bounded_with(capacity, fairness);
            let send_all = |who| {
                let sender = sender.clone();
                async move {
                    for n in 0..50 {
                        sender.send((who, n)).await.expect("it is open");
                    }
                }
            };
            let sending = futures::future::join_all((0..7).map(send_all));
            let receiving = receiver.take(7 * 50).collect::<Vec<_>>();
            let (received, _) = futures::executor::block_on(futures::future::join(receiving, sending));
            for who in 0..7 {
                let of_one: Vec<_> = received.iter().filter(|from| from.0 == who).map(|from| from.1).collect();
                assert_eq!(of_one, (0..50).collect::<Vec<_>>());
            }
        }
    }
}

/// At capacity 0 there is nothing to take in passing: a sender meets a receiver in the order of arrival.
#[test]
fn without_slots_the_order_is_that_of_arrival() {
    let (sender, receiver) = mailbox::bounded_with(0, Unfair);
    let (a, b) = (Bell::new(), Bell::new());
    let (mut first, mut second) = (queued(sender.send(1), &a), queued(sender.send(2), &b));
    assert_eq!((receiver.try_recv(), receiver.try_recv()), (Ok(1), Ok(2)));
    assert_eq!((ready(&mut first, &a), ready(&mut second, &b)), (Ok(()), Ok(())));
}

/// Catches: slots that are shown as if they were senders.
#[test]
fn debug_shows_how_many_senders_were_woken() {
    for fairness in [Barging { overtakes: 0 }, Unfair] {
        let (sender, receiver) = full(8, fairness);
        let bell = Bell::new();
        let mut several = queued(sender.reserve_many(5), &bell);
        assert!(format!("{sender:?}").contains("woken_senders: 0,"), "{sender:?}");
        (0..5).for_each(|n| assert_eq!(receiver.try_recv(), Ok(n)));
        assert!(format!("{sender:?}").contains("woken_senders: 1,"), "{sender:?}");
        assert_eq!(ready(&mut several, &bell).expect("it is open").len(), 5);
        assert!(format!("{sender:?}").contains("woken_senders: 0,"), "{sender:?}");
    }
}

/// What the documentation says in bold: a handle that was woken, and is abandoned, holds up a mailbox of one slot.
#[test]
fn an_abandoned_handle_holds_the_line_up_once_the_bound_is_used_up() {
    let (mut sink, receiver) = full(1, Barging { overtakes: 1 });
    let sender = sink.clone();
    let (a, b) = (Bell::new(), Bell::new());
    assert!(Pin::new(&mut sink).poll_ready(&mut a.context()).is_pending());
    assert_eq!(receiver.try_recv(), Ok(0));
    sender.try_send(8).expect("one may pass");
    assert_eq!(receiver.try_recv(), Ok(8));
    let mut second = queued(sender.send(9), &b);
    assert_eq!((sender.remaining(), b.wakes()), (1, 0));
    drop(sink);
    assert_eq!((b.wakes(), ready(&mut second, &b)), (1, Ok(())));
}
