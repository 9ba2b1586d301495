//! Giving up a receive: the message stays where it is, and its order with it.

use crate::common::{Bell, queued, ready};
use crate::spec::mailbox::{Ends, Room};
use crate::spec::story::stories;
use sempost::mailbox::{self};

stories! {
    Ends<u32>;

    a_dropped_claim_leaves_the_message_in_front(Room::of(4)):
        "recv a; try_send 1; try_send 2; len: 2; drop a; try_recv: 1; try_recv: 2"

    a_dropped_claim_goes_to_the_next_receiver(Room::of(4)):
        "recv a; recv b; recv c; try_send 1; drop a; poll c: waits; poll b: 1"

    of_two_claims_one_dropped_after_the_other_returned_keeps_the_order(Room::of(4)):
        "recv a; recv b; try_send 1; try_send 2; poll b: 1; drop a; try_recv: 2"

    a_claim_dropped_at_full_capacity_overfills_nothing(Room::of(1)):
        "recv a; try_send 1; try_send 2: no; drop a; try_send 2: no; len: 1; try_recv: 1"

    a_claim_made_before_close_may_still_be_dropped_and_taken_by_another(Room::of(1)):
        "recv a; recv b; try_send 1; close; drop a; poll b: 1; recv c: closed"

    a_recv_dropped_in_line_leaves_later_messages_to_others(Room::UNBOUNDED):
        "recv a; drop a; try_send 1; try_recv: 1; try_recv: no"

    at_capacity_0_a_matched_receiver_that_leaves_leaves_the_value_as_the_oldest(Room::of(0)):
        "recv a; try_send 1; len: 1; drop a; len: 1; send b 2: waits; try_recv: 1; try_recv: 2; poll b: ok"

    at_capacity_0_a_matched_receiver_that_leaves_passes_the_value_to_the_next(Room::of(0)):
        "recv a; recv b; try_send 1; drop a; poll b: 1"

    at_capacity_0_a_receiver_woken_by_a_sender_wakes_the_next_when_dropped(Room::of(0)):
        "recv a; recv b; send c 7: waits; drop a; poll b: 7; poll c: ok"

    dropping_every_waiting_recv_leaves_the_message_for_a_try(Room::of(8)):
        "recv a; recv b; recv c; recv d; try_send 1; drop a; drop b; drop c; drop d; try_recv: 1"
}

#[test]
fn a_dropped_recv_many_took_nothing() {
    let (tx, rx) = mailbox::bounded(4);
    let mut taken = vec![0];
    let claimed = queued(rx.recv_many(&mut taken, 3), &Bell::new());
    (1..=3).for_each(|i| tx.try_send(i).unwrap());
    drop(claimed);
    assert_eq!((taken, rx.len()), (vec![0], 3));
    assert_eq!((rx.try_recv(), rx.try_recv(), rx.try_recv()), (Ok(1), Ok(2), Ok(3)));
}

#[test]
fn a_dropped_recv_many_wakes_as_many_receivers_as_it_had_claims() {
    let (tx, rx) = mailbox::bounded(4);
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let mut taken = Vec::new();
    let many = queued(rx.recv_many(&mut taken, 2), &bells[0]);
    let mut one = queued(rx.recv(), &bells[1]);
    let mut two = queued(rx.recv(), &bells[2]);
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    drop(many);
    assert_eq!((bells[1].wakes(), bells[2].wakes()), (1, 1));
    assert_eq!((ready(&mut one, &bells[1]), ready(&mut two, &bells[2])), (Some(1), Some(2)));
}
