//! What a mailbox tells about itself: open or closed, empty or not, how many messages, how much room.

use super::BOTH;
use crate::common::now;
use crate::open;
use sempost::mailbox::{self, Receiver, Sender};

/// Both kinds of mailbox, with `messages` messages in each.
fn filled(messages: usize) -> [(Sender<usize>, Receiver<usize>); 2] {
    BOTH.map(|capacity| {
        let (tx, rx) = open(capacity);
        (0..messages).for_each(|i| now(tx.send(i)).unwrap());
        (tx, rx)
    })
}

/// sync_mpsc: test_tx_capacity
#[test]
fn permits_and_messages_take_of_what_remains_and_the_capacity_stays() {
    let (tx, _rx) = mailbox::bounded(10);
    assert_eq!((tx.remaining(), tx.capacity()), (10, Some(10)));
    let _permit = now(tx.reserve()).unwrap();
    assert_eq!((tx.remaining(), tx.capacity()), (9, Some(10)));
    now(tx.send(())).unwrap();
    assert_eq!((tx.remaining(), tx.capacity()), (8, Some(10)));
}

/// sync_mpsc: test_rx_is_closed_when_calling_close_with_sender
/// sync_mpsc: test_rx_unbounded_is_closed_when_calling_close_with_sender
#[test]
fn close_closes_also_while_a_sender_is_left() {
    for (_tx, rx) in filled(0) {
        rx.close();
        assert!(rx.is_closed());
    }
}

runtime_matrix! {
    /// sync_mpsc: test_rx_is_closed_when_dropping_all_senders
    /// sync_mpsc: test_rx_unbounded_is_closed_when_dropping_all_senders
    async fn the_last_sender_closes_also_from_another_task(rt) {
        for (tx, rx) in filled(0) {
            let another = tx.clone();
            let task = rt.spawn(async move { drop(another) });
            drop(tx);
            task.await;
            assert!(rx.is_closed());
        }
    }
}

/// sync_mpsc: test_rx_is_not_closed_when_there_are_senders
/// sync_mpsc: test_rx_unbounded_is_not_closed_when_there_are_senders
#[test]
fn while_a_sender_is_left_it_is_open() {
    for (_tx, rx) in filled(0) {
        assert!(!rx.is_closed());
    }
}

/// sync_mpsc: test_rx_is_not_closed_when_there_are_senders_and_buffer_filled
#[test]
fn a_full_mailbox_is_open() {
    let (tx, rx) = mailbox::bounded(10);
    (0..10).for_each(|i| now(tx.send(i)).unwrap());
    assert!(rx.is_full() && !rx.is_closed());
}

/// sync_mpsc: test_rx_is_closed_when_there_are_no_senders_and_there_are_messages
/// sync_mpsc: test_rx_unbounded_is_closed_when_there_are_no_senders_and_there_are_messages
#[test]
fn the_last_sender_closes_also_when_messages_are_left() {
    for (tx, rx) in filled(10) {
        drop(tx);
        assert!(rx.is_closed());
    }
}

/// sync_mpsc: test_rx_is_closed_when_there_are_messages_and_close_is_called
/// sync_mpsc: test_rx_unbounded_is_closed_when_there_are_messages_and_close_is_called
#[test]
fn close_closes_also_when_messages_are_left() {
    for (_tx, rx) in filled(10) {
        rx.close();
        assert!(rx.is_closed());
    }
}

/// sync_mpsc: test_rx_is_not_closed_when_there_are_permits_but_not_senders
#[test]
fn an_owned_permit_counts_as_a_sender() {
    let (tx, rx) = mailbox::bounded::<()>(10);
    let _permit = now(tx.reserve_owned()).unwrap();
    assert!(!rx.is_closed());
}

/// sync_mpsc: test_rx_is_empty_when_no_messages_were_sent
/// sync_mpsc: test_rx_unbounded_is_empty_when_no_messages_were_sent
#[test]
fn a_new_mailbox_is_empty() {
    for (_tx, rx) in filled(0) {
        assert!(rx.is_empty());
    }
}

/// sync_mpsc: test_rx_is_not_empty_when_there_are_messages_in_the_buffer
/// sync_mpsc: test_rx_unbounded_is_not_empty_when_there_are_messages_in_the_buffer
#[test]
fn with_a_message_it_is_not_empty() {
    for (_tx, rx) in filled(1) {
        assert!(!rx.is_empty());
    }
}

/// sync_mpsc: test_rx_is_not_empty_when_the_buffer_is_full
#[test]
fn a_full_mailbox_is_not_empty() {
    for (_tx, rx) in filled(100) {
        assert!(!rx.is_empty());
    }
}

/// sync_mpsc: test_rx_is_not_empty_when_all_but_one_messages_are_consumed
/// sync_mpsc: test_rx_unbounded_is_not_empty_when_all_but_one_messages_are_consumed
#[test]
fn with_one_of_ten_messages_left_it_is_not_empty() {
    for (_tx, rx) in filled(10) {
        (0..9).for_each(|i| assert_eq!(now(rx.recv()), Some(i)));
        assert!(!rx.is_empty());
    }
}

/// sync_mpsc: test_rx_is_empty_when_all_messages_are_consumed
/// sync_mpsc: test_rx_unbounded_is_empty_when_all_messages_are_consumed
#[test]
fn when_all_were_taken_it_is_empty() {
    for (_tx, rx) in filled(10) {
        while rx.try_recv().is_ok() {}
        assert!(rx.is_empty());
    }
}

/// sync_mpsc: test_rx_is_empty_all_senders_are_dropped_and_messages_consumed
/// sync_mpsc: test_rx_unbounded_is_empty_all_senders_are_dropped_and_messages_consumed
#[test]
fn when_all_were_taken_after_the_last_sender_it_is_empty() {
    for (tx, rx) in filled(10) {
        drop(tx);
        (0..10).for_each(|i| assert_eq!(now(rx.recv()), Some(i)));
        assert!(rx.is_empty());
    }
}

/// sync_mpsc: test_rx_len_on_empty_channel
/// sync_mpsc: test_rx_unbounded_len_on_empty_channel
#[test]
fn a_new_mailbox_has_length_0() {
    for (_tx, rx) in filled(0) {
        assert_eq!(rx.len(), 0);
    }
}

/// sync_mpsc: test_rx_len_on_empty_channel_without_senders
/// sync_mpsc: test_rx_unbounded_len_on_empty_channel_without_senders
#[test]
fn the_end_is_no_message_and_does_not_count() {
    for (tx, rx) in filled(0) {
        drop(tx);
        assert_eq!(rx.len(), 0);
    }
}

/// sync_mpsc: test_rx_len_on_filled_channel
/// sync_mpsc: test_rx_unbounded_len_with_multiple_messages
#[test]
fn the_length_is_the_number_of_messages() {
    for (_tx, rx) in filled(100) {
        assert_eq!(rx.len(), 100);
    }
}

/// sync_mpsc: test_rx_len_on_filled_channel_without_senders
/// sync_mpsc: test_rx_unbounded_len_with_multiple_messages_and_dropped_senders
#[test]
fn the_last_sender_leaves_the_length_as_it_is() {
    for (tx, rx) in filled(100) {
        drop(tx);
        assert_eq!(rx.len(), 100);
    }
}

/// sync_mpsc: test_rx_len_when_consuming_all_messages
/// sync_mpsc: test_rx_unbounded_len_when_consuming_all_messages
#[test]
fn the_length_goes_up_and_down_with_each_message() {
    for (tx, rx) in filled(0) {
        for i in 0..100 {
            now(tx.send(i)).unwrap();
            assert_eq!(rx.len(), i + 1);
        }
        drop(tx);
        for left in (0..100).rev() {
            assert!(now(rx.recv()).is_some());
            assert_eq!(rx.len(), left);
        }
    }
}

/// sync_mpsc: test_rx_len_when_close_is_called
/// sync_mpsc: test_rx_unbounded_len_when_close_is_called
#[test]
fn close_leaves_the_length_as_it_is() {
    for (_tx, rx) in filled(1) {
        rx.close();
        assert_eq!(rx.len(), 1);
    }
}

/// sync_mpsc: test_rx_len_when_close_is_called_before_dropping_sender
/// sync_mpsc: test_rx_unbounded_len_when_close_is_called_before_dropping_sender
#[test]
fn so_does_the_last_sender_after_a_close() {
    for (tx, rx) in filled(1) {
        assert!(rx.close());
        drop(tx);
        assert_eq!(rx.len(), 1);
    }
}

/// sync_mpsc: test_rx_len_when_close_is_called_after_dropping_sender
/// sync_mpsc: test_rx_unbounded_len_when_close_is_called_after_dropping_sender
#[test]
fn so_does_a_close_after_the_last_sender() {
    for (tx, rx) in filled(1) {
        drop(tx);
        assert!(!rx.close(), "closed already");
        assert_eq!(rx.len(), 1);
    }
}

/// sync_mpsc: test_is_empty_32_msgs
#[test]
fn message_by_message_it_is_empty_again_over_many_blocks() {
    let (tx, rx) = mailbox::bounded(33);
    for message in 1..257 {
        now(tx.send(message)).unwrap();
        assert_eq!(now(rx.recv()), Some(message));
        assert!(rx.is_empty(), "after {message}: {}", rx.len());
    }
}
