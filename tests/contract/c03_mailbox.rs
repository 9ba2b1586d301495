//! C3 on the mailbox: senders and receivers in their order, and messages, too.

use crate::spec::mailbox::{Ends, Room};
use crate::spec::story::stories;
use sempost::mailbox::{self};

stories! {
    Ends<u32>;

    c03_mailbox_receivers_are_served_in_their_order(Room::of(8)):
        "recv a; recv b; recv c; recv d; try_send 0; try_send 1; try_send 2; try_send 3; poll a: 0; poll b: 1; \
         poll c: 2; poll d: 3"

    c03_mailbox_senders_are_served_in_their_order(Room::of(1)):
        "try_send 9; send a 0; send b 1; send c 2; try_recv: 9; poll a: ok; try_recv: 0; poll b: ok; try_recv: 1; \
         poll c: ok; try_recv: 2"

    c03_mailbox_a_try_send_does_not_pass_a_waiting_sender(Room::of(1)):
        "try_send 1; send a 2; try_recv: 1; try_send 3: no; try_reserve: no; send b 4: waits; poll a: ok"

    c03_mailbox_a_small_demand_does_not_pass_a_large_one(Room::of(2)):
        "try_send 1; reserve a 2; remaining: 1; try_send 2: no; reserve b: waits; drop a; poll b: ok"

    c03_mailbox_a_try_recv_takes_no_claimed_message(Room::of(4)):
        "recv a; try_send 1; len: 1; try_recv: no; recv b: waits; poll a: 1"

    c03_mailbox_at_capacity_0_senders_and_receivers_meet_in_their_order(Room::of(0)):
        "send a 0; send b 1; send c 2; try_recv: 0; try_recv: 1; try_recv: 2; poll a: ok; poll b: ok; poll c: ok"

    c03_mailbox_force_send_is_the_exception_that_passes_waiting_senders(Room::of(1)):
        "try_send 1; send a 2; force_send 3: 1; try_recv: 3"

    c03_mailbox_a_handle_in_line_is_nudged_in_its_turn(Room::of(4)):
        "recv a; poll_recv b: waits; recv c; try_send 1; try_send 2; try_send 3; poll c: 1; poll b: 2; poll a: 3"

    c03_mailbox_at_capacity_0_a_try_send_does_not_pass_a_sender_who_waits_to_be_met(Room::of(0)):
        "recv a; send b 1; try_send 2: no; force_send 3: no; try_reserve: no; poll a: 1; poll b: ok"

    c03_mailbox_at_capacity_0_a_try_recv_does_not_pass_a_called_receiver(Room::of(0)):
        "recv a; send b 1; try_recv: no; poll a: 1"
}

#[test]
fn c03_mailbox_messages_leave_in_the_order_they_came() {
    let (tx, rx) = mailbox::unbounded();
    (0..1_000).for_each(|i| tx.try_send(i).unwrap());
    (0..1_000).for_each(|i| assert_eq!(rx.try_recv(), Ok(i)));
}
