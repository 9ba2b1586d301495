//! What holds for both kinds alike: counts, ends, handles.

use crate::common::{Bell, now, queued, ready};
use crate::open;
use sempost::mailbox::{self, Receiver, SendError, Sender, TryRecvError, TrySendError};

/// Capacities of the two kinds.
const KINDS: [Option<usize>; 2] = [Some(100), None];

/// bounded: smoke
#[test]
fn one_slot_takes_one_message_after_the_other() {
    let (tx, rx) = mailbox::bounded(1);
    now(tx.send(7)).unwrap();
    assert_eq!(rx.try_recv(), Ok(7));
    now(tx.send(8)).unwrap();
    assert_eq!(now(rx.recv()), Some(8));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
}

/// unbounded: smoke
#[test]
fn tried_and_awaited_are_mixed_at_will() {
    let (tx, rx) = mailbox::unbounded();
    tx.try_send(7).unwrap();
    assert_eq!(rx.try_recv(), Ok(7));
    now(tx.send(8)).unwrap();
    assert_eq!(now(rx.recv()), Some(8));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
}

/// bounded: smoke_blocking
/// unbounded: smoke_blocking
#[test]
fn blocking_and_awaited_are_mixed_at_will() {
    for kind in [Some(1), None] {
        let (tx, rx) = open(kind);
        tx.send_blocking(7).unwrap();
        assert_eq!(rx.try_recv(), Ok(7));
        tx.send_blocking(8).unwrap();
        assert_eq!(now(rx.recv()), Some(8));
        now(tx.send(9)).unwrap();
        assert_eq!(rx.recv_blocking(), Some(9));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    }
}

/// bounded: capacity
/// unbounded: capacity
#[test]
fn both_handles_tell_the_capacity() {
    for capacity in (1..10).map(Some).chain([None]) {
        let (tx, rx) = open::<()>(capacity);
        assert_eq!((tx.capacity(), rx.capacity()), (capacity, capacity));
    }
}

/// Insists that both handles tell the same, and this.
#[track_caller]
fn tells<T>((tx, rx): &(Sender<T>, Receiver<T>), len: usize, full: bool) {
    assert_eq!((tx.len(), tx.is_empty(), tx.is_full()), (len, len == 0, full));
    assert_eq!((rx.len(), rx.is_empty(), rx.is_full()), (len, len == 0, full));
}

/// bounded: len_empty_full
#[test]
fn both_handles_tell_how_full_it_is() {
    let pair = mailbox::bounded(2);
    tells(&pair, 0, false);
    now(pair.0.send(())).unwrap();
    tells(&pair, 1, false);
    now(pair.0.send(())).unwrap();
    tells(&pair, 2, true);
    now(pair.1.recv()).unwrap();
    tells(&pair, 1, false);
}

/// unbounded: len_empty_full
#[test]
fn without_a_limit_it_is_never_full() {
    let pair = mailbox::unbounded();
    tells(&pair, 0, false);
    now(pair.0.send(())).unwrap();
    tells(&pair, 1, false);
    now(pair.1.recv()).unwrap();
    tells(&pair, 0, false);
}

/// bounded: try_recv
/// unbounded: try_recv
#[test]
fn to_try_finds_nothing_then_the_message_then_the_end() {
    for kind in KINDS {
        let (tx, rx) = open(kind);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        now(tx.send(7)).unwrap();
        assert_eq!(rx.try_recv(), Ok(7));
        drop(tx);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    }
}

/// bounded: recv
/// unbounded: recv
#[test]
fn who_waits_gets_the_first_message_and_the_others_are_there() {
    for kind in KINDS {
        let (tx, rx) = open(kind);
        let bell = Bell::new();
        let mut waiting = queued(rx.recv(), &bell);
        [7, 8, 9].into_iter().for_each(|message| now(tx.send(message)).unwrap());
        drop(tx);
        assert_eq!((bell.wakes(), ready(&mut waiting, &bell)), (1, Some(7)));
        drop(waiting);
        assert_eq!([now(rx.recv()), now(rx.recv()), now(rx.recv())], [Some(8), Some(9), None]);
    }
}

/// unbounded: try_send
#[test]
fn without_a_limit_to_try_succeeds_until_the_receiver_is_gone() {
    let (tx, rx) = mailbox::unbounded();
    (0..1000).for_each(|i| tx.try_send(i).unwrap());
    drop(rx);
    assert_eq!(tx.try_send(777), Err(TrySendError::Closed(777)));
}

/// unbounded: send
#[test]
fn without_a_limit_a_send_is_done_at_its_first_poll() {
    let (tx, rx) = mailbox::unbounded();
    (0..1000).for_each(|i| now(tx.send(i)).unwrap());
    drop(rx);
    assert_eq!(now(tx.send(777)), Err(SendError(777)));
}

/// bounded: send_after_close
/// unbounded: send_after_close
#[test]
fn after_the_last_receiver_messages_come_back() {
    for kind in KINDS {
        let (tx, rx) = open(kind);
        [1, 2, 3].into_iter().for_each(|message| now(tx.send(message)).unwrap());
        drop(rx);
        assert_eq!(now(tx.send(4)), Err(SendError(4)));
        assert_eq!(tx.try_send(5), Err(TrySendError::Closed(5)));
        assert_eq!(now(tx.send(6)), Err(SendError(6)));
    }
}

/// bounded: recv_after_close
/// unbounded: recv_after_close
#[test]
fn after_the_last_sender_what_was_sent_arrives_and_then_the_end() {
    for kind in KINDS {
        let (tx, rx) = open(kind);
        [1, 2, 3].into_iter().for_each(|message| now(tx.send(message)).unwrap());
        drop(tx);
        assert_eq!([(); 4].map(|()| now(rx.recv())), [Some(1), Some(2), Some(3), None]);
    }
}

/// bounded: receiver_count
/// unbounded: receiver_count
#[test]
fn both_handles_count_the_receivers() {
    for kind in KINDS {
        let (tx, rx) = open::<()>(kind);
        let clones = vec![rx.clone(); 20];
        assert_eq!((tx.receiver_count(), rx.receiver_count()), (21, 21));
        drop(clones);
        assert_eq!((tx.receiver_count(), rx.receiver_count()), (1, 1));
    }
}

/// bounded: sender_count
/// unbounded: sender_count
#[test]
fn both_handles_count_the_senders() {
    for kind in KINDS {
        let (tx, rx) = open::<()>(kind);
        let clones = vec![tx.clone(); 20];
        assert_eq!((tx.sender_count(), rx.sender_count()), (21, 21));
        drop(clones);
        assert_eq!((tx.sender_count(), rx.sender_count()), (1, 1));
    }
}

/// bounded: close_wakes_receiver
/// unbounded: close_wakes_receiver
#[test]
fn the_last_sender_wakes_the_receiver_who_waits() {
    for kind in [Some(1), None] {
        let (tx, rx) = open::<()>(kind);
        let bell = Bell::new();
        let mut waiting = queued(rx.recv(), &bell);
        drop(tx);
        assert_eq!((bell.wakes(), ready(&mut waiting, &bell)), (1, None));
    }
}

/// bounded: weak
/// unbounded: weak
#[test]
fn weak_handles_come_back_to_life_while_a_strong_one_is_left() {
    for kind in [Some(3), None] {
        let (tx, rx) = open(kind);
        let weak = (tx.downgrade(), rx.downgrade());
        weak.0.upgrade().unwrap().send_blocking(3).unwrap();
        assert_eq!(weak.1.upgrade().unwrap().recv_blocking(), Some(3));
        drop((tx, rx));
        assert!(weak.0.upgrade().is_none() && weak.1.upgrade().is_none());
    }
}
