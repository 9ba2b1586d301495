//! Section 2.1 of mailboxes: a permit that is given up is the last thing that receivers wait for.

use crate::common::{Bell, queued, ready, with};
use crate::open;
use sempost::mailbox::{self, Sender};

type GiveUp<'a> = Box<dyn FnOnce() + 'a>;

/// Closes over what `take` holds. Everybody who waits for the end sleeps until it is given up, and is told once.
fn the_end_waits_for(take: impl for<'a> Fn(&'a Sender<u32>) -> GiveUp<'a>) {
    for capacity in [Some(3), Some(7), None] {
        let (tx, rx) = open(capacity);
        let give_up = take(&tx);
        let bells = [Bell::new(), Bell::new(), Bell::new(), Bell::new()];
        let mut buffer = Vec::new();
        let mut one = queued(rx.recv(), &bells[0]);
        let mut many = queued(rx.recv_many(&mut buffer, 2), &bells[1]);
        let mut drained = queued(rx.drained(), &bells[2]);
        let mut stream = rx.clone();
        assert!(with(&bells[3], |cx| stream.poll_recv(cx)).is_pending());
        assert!(tx.close_mailbox());
        assert_eq!(bells.each_ref().map(Bell::wakes), [0, 0, 0, 0], "it may still be used");
        give_up();
        assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1, 1, 1]);
        assert_eq!((ready(&mut one, &bells[0]), ready(&mut many, &bells[1])), (None, 0));
        ready(&mut drained, &bells[2]);
        assert!(with(&bells[3], |cx| stream.poll_recv(cx)).is_ready());
    }
}

/// tokio#2854: a sender that had reserved was dropped unsent, and the closed receiver was not woken; here it is, once.
#[test]
fn b003_a_reservation_dropped_after_close_wakes_the_receivers() {
    the_end_waits_for(|tx| {
        let permit = tx.try_reserve().unwrap();
        Box::new(move || drop(permit))
    });
}

/// tokio#8260: a cancelled `reserve_many` kept a receiver that waits for the end; here it is told with the last permit,
/// and a batch that was granted but never polled is void at close.
#[test]
fn b004_a_cancelled_batch_keeps_no_receiver_waiting() {
    the_end_waits_for(|tx| {
        let mut held = tx.try_reserve_many(2).unwrap();
        let last = held.next().unwrap();
        Box::new(move || {
            drop(held);
            drop(last);
        })
    });
    let (tx, rx) = mailbox::bounded::<u32>(3);
    let (sender, receiver) = (Bell::new(), Bell::new());
    let held = tx.try_reserve_many(2).unwrap();
    let batch = queued(tx.reserve_many(3), &sender);
    let mut receiving = queued(rx.recv(), &receiver);
    drop(held);
    assert_eq!((sender.wakes(), tx.remaining()), (1, 0), "granted");
    tx.close_mailbox();
    assert_eq!(
        (receiver.wakes(), ready(&mut receiving, &receiver)),
        (1, None),
        "what was granted and not used is void"
    );
    drop(batch);

    let (tx, rx) = mailbox::bounded::<u32>(3);
    let held = tx.try_reserve_many(2).unwrap();
    let batch = queued(tx.reserve_many(3), &sender);
    let mut receiving = queued(rx.recv(), &receiver);
    receiver.take_wakes();
    tx.close_mailbox();
    drop(batch);
    assert_eq!(receiver.wakes(), 0, "two permits are out");
    drop(held);
    assert_eq!((receiver.wakes(), ready(&mut receiving, &receiver)), (1, None));
}

/// tokio#8075: `OwnedPermit::release()` did not notify a receiver that waits for the end; here every kind of permit
/// does, in every way to give it up.
#[test]
fn b005_every_kind_of_permit_tells_the_receivers_when_it_goes() {
    the_end_waits_for(|tx| {
        let permits = tx.try_reserve_many(3).unwrap();
        Box::new(move || drop(permits))
    });
    the_end_waits_for(|tx| {
        let permits: Vec<_> = tx.try_reserve_many(3).unwrap().collect();
        Box::new(move || drop(permits))
    });
    the_end_waits_for(|tx| {
        let permit = tx.clone().try_reserve_owned().unwrap();
        Box::new(move || drop(permit))
    });
    the_end_waits_for(|tx| {
        let permit = tx.clone().try_reserve_owned().unwrap();
        Box::new(move || assert!(permit.release().is_closed()))
    });
}
