//! Ports: receiving from one source, beside those who receive from any.

use crate::common::{Bell, now, pending, queued, ready};
use sempost::mailbox::ports::{Order, PortReceiver, Ports};
use sempost::mailbox::{self, Sender, TryRecvError};

type Two = (Ports<char, u32>, PortReceiver<char, u32>, Sender<u32>, Sender<u32>);

/// Two sources with nothing in them.
fn two() -> Two {
    let (ports, receiver) = mailbox::ports(Order::fair());
    let [a, b] = ['a', 'b'].map(|key| ports.open(key, 100).unwrap());
    (ports, receiver, a, b)
}

#[test]
fn it_takes_from_its_source_past_the_messages_of_others() {
    let (_ports, receiver, a, b) = two();
    (0..3).for_each(|i| a.try_send(i).unwrap());
    b.try_send(7).unwrap();
    assert_eq!(now(receiver.recv_from(&'b')), Some(7));
    assert_eq!(now(receiver.recv_from(&'a')), Some(0));
    assert_eq!((receiver.try_recv(), receiver.try_recv_from(&'a')), (Ok(('a', 1)), Ok(2)));
}

/// Catches a wait for one source that ends at, or is woken by, a message of another.
#[test]
fn it_waits_while_its_source_is_idle() {
    let (_ports, receiver, a, b) = two();
    let bell = Bell::new();
    let mut waiting = queued(receiver.recv_from(&'a'), &bell);
    b.try_send(7).unwrap();
    pending(&mut waiting, &bell);
    assert_eq!(bell.wakes(), 0);
    a.try_send(1).unwrap();
    assert_eq!((bell.wakes(), ready(&mut waiting, &bell)), (1, Some(1)));
    assert_eq!(receiver.try_recv(), Ok(('b', 7)));
}

#[test]
fn a_source_that_is_finished_or_unknown_is_told_from_an_idle_one() {
    let (_ports, receiver, a, _b) = two();
    a.try_send(1).unwrap();
    drop(a);
    assert_eq!((now(receiver.recv_from(&'a')), now(receiver.recv_from(&'a'))), (Some(1), None));
    assert_eq!((now(receiver.recv_from(&'a')), now(receiver.recv_from(&'z'))), (None, None));
    assert_eq!(receiver.try_recv_from(&'a'), Err(TryRecvError::Closed));
    assert_eq!(receiver.try_recv_from(&'z'), Err(TryRecvError::Closed));
    assert_eq!(receiver.try_recv_from(&'b'), Err(TryRecvError::Empty));
    pending(&mut Box::pin(receiver.recv_from(&'b')), &Bell::new());
}

#[test]
fn those_who_wait_for_a_source_are_told_of_its_end() {
    let (_ports, receiver, a, _b) = two();
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let mut line = bells.each_ref().map(|bell| queued(receiver.recv_from(&'a'), bell));
    let elsewhere = Bell::new();
    let _other = queued(receiver.recv_from(&'b'), &elsewhere);
    drop(a);
    for (waiter, bell) in line.iter_mut().zip(&bells) {
        assert_eq!((bell.wakes(), ready(waiter, bell)), (1, None));
    }
    assert_eq!((elsewhere.wakes(), receiver.keys()), (0, vec!['b']));
}

/// Catches a plain `recv` that takes what another waits for, whoever asked first.
#[test]
fn it_is_served_before_recv() {
    let (_ports, receiver, a, b) = two();
    let (any, from) = (Bell::new(), Bell::new());
    let mut receiving = queued(receiver.recv(), &any);
    let mut seeking = queued(receiver.recv_from(&'a'), &from);
    a.try_send(1).unwrap();
    assert_eq!((any.wakes(), from.wakes()), (0, 1));
    pending(&mut receiving, &any);
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty), "it is kept for the one who waits for it");
    b.try_send(2).unwrap();
    assert_eq!((any.wakes(), ready(&mut receiving, &any)), (1, Some(('b', 2))));
    assert_eq!(ready(&mut seeking, &from), Some(1));
}

#[test]
fn it_takes_a_message_for_which_a_receiver_was_woken() {
    let (_ports, receiver, a, _b) = two();
    let bell = Bell::new();
    let mut receiving = queued(receiver.recv(), &bell);
    a.try_send(1).unwrap();
    assert_eq!((bell.take_wakes(), now(receiver.recv_from(&'a'))), (1, Some(1)));
    pending(&mut receiving, &bell);
    a.try_send(2).unwrap();
    assert_eq!((bell.wakes(), ready(&mut receiving, &bell)), (1, Some(('a', 2))));
}

#[test]
fn two_who_wait_for_one_source_are_served_in_the_order_of_asking() {
    let (_ports, receiver, a, _b) = two();
    let bells = [Bell::new(), Bell::new()];
    let [mut first, mut second] = bells.each_ref().map(|bell| queued(receiver.recv_from(&'a'), bell));
    a.try_send(1).unwrap();
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 0]);
    pending(&mut second, &bells[1]);
    a.try_send(2).unwrap();
    assert_eq!(ready(&mut first, &bells[0]), Some(1));
    assert_eq!((bells[1].wakes(), ready(&mut second, &bells[1])), (1, Some(2)));
}

/// Catches a newcomer that passes the line because a message is there.
#[test]
fn newcomers_do_not_pass_those_who_wait_for_a_source() {
    let (_ports, receiver, a, _b) = two();
    let (bell, newcomer) = (Bell::new(), Bell::new());
    let mut waiting = queued(receiver.recv_from(&'a'), &bell);
    a.try_send(1).unwrap();
    assert_eq!(receiver.try_recv_from(&'a'), Err(TryRecvError::Empty), "another waits for it");
    let mut late = queued(receiver.recv_from(&'a'), &newcomer);
    a.try_send(2).unwrap();
    assert_eq!(ready(&mut waiting, &bell), Some(1));
    assert_eq!((newcomer.wakes(), ready(&mut late, &newcomer)), (1, Some(2)));
    a.try_send(3).unwrap();
    assert_eq!(receiver.try_recv_from(&'a'), Ok(3));
}

#[test]
fn the_rest_of_a_source_goes_to_the_receivers_once_nobody_waits_for_it() {
    let (_ports, receiver, a, _b) = two();
    let (any, from) = (Bell::new(), Bell::new());
    let mut receiving = queued(receiver.recv(), &any);
    let mut seeking = queued(receiver.recv_from(&'a'), &from);
    (1..=3).for_each(|i| a.try_send(i).unwrap());
    assert_eq!((any.wakes(), ready(&mut seeking, &from)), (0, Some(1)));
    assert_eq!((any.wakes(), ready(&mut receiving, &any)), (1, Some(('a', 2))));
    assert_eq!(receiver.try_recv(), Ok(('a', 3)));
}

/// Catches waits that share one place: each source has a line of its own.
#[test]
fn waits_for_different_sources_do_not_disturb_each_other() {
    let (ports, receiver) = mailbox::ports::<u32, u32>(Order::fair());
    let senders: Vec<_> = (0..100).map(|key| ports.open(key, 4).unwrap()).collect();
    let bells: Vec<_> = (0..100).map(|_| Bell::new()).collect();
    let line = bells.iter().zip(0..).map(|(bell, key)| queued(receiver.recv_from(&key), bell));
    let mut line: Vec<_> = line.collect();
    for key in (0..100).rev() {
        senders[key].try_send(7).unwrap();
        assert!(bells.iter().enumerate().all(|(at, bell)| bell.wakes() == usize::from(at >= key)));
    }
    assert!(line.iter_mut().zip(&bells).all(|(waiter, bell)| ready(waiter, bell) == Some(7)));
}

/// Catches a source that has more than its turns because it is asked by name, too.
#[test]
fn a_source_that_was_asked_had_its_turn() {
    let (_ports, receiver, a, b) = two();
    (0..10).for_each(|i| a.try_send(i).unwrap());
    (0..10).for_each(|i| b.try_send(i).unwrap());
    assert_eq!((receiver.try_recv(), receiver.try_recv_from(&'a')), (Ok(('a', 0)), Ok(1)));
    let turn: Vec<_> = (0..9).map(|_| receiver.try_recv().unwrap().0).collect();
    assert_eq!(turn, ['b', 'b', 'b', 'b', 'b', 'b', 'b', 'b', 'a']);
}

#[test]
fn one_that_was_woken_holds_up_its_source_until_it_is_polled_or_dropped() {
    let (_ports, receiver, a, b) = two();
    let (any, from) = (Bell::new(), Bell::new());
    let seeking = queued(receiver.recv_from(&'a'), &from);
    a.try_send(1).unwrap();
    b.try_send(2).unwrap();
    assert_eq!(receiver.try_recv(), Ok(('b', 2)), "no other source is held up");
    let mut receiving = queued(receiver.recv(), &any);
    drop(seeking);
    assert_eq!((any.wakes(), ready(&mut receiving, &any)), (1, Some(('a', 1))));
}

/// Catches a future that looks its key up again, and one that hangs on a port that is gone.
#[test]
fn it_stays_with_its_port_when_the_key_is_opened_again() {
    let (ports, receiver, a, _b) = two();
    let bells = [Bell::new(), Bell::new()];
    let mut line = bells.each_ref().map(|bell| queued(receiver.recv_from(&'a'), bell));
    let unpolled = receiver.recv_from(&'a');
    drop(a);
    let again = ports.open('a', 1).unwrap();
    again.try_send(7).unwrap();
    for (waiter, bell) in line.iter_mut().zip(&bells) {
        assert_eq!((bell.wakes(), ready(waiter, bell)), (1, None));
    }
    assert_eq!((now(unpolled), now(receiver.recv_from(&'a'))), (None, Some(7)));
}

#[test]
fn try_recv_from_leaves_no_trace_of_itself() {
    let (_ports, receiver, a, _b) = two();
    assert_eq!(receiver.try_recv_from(&'a'), Err(TryRecvError::Empty));
    let bell = Bell::new();
    let mut receiving = queued(receiver.recv(), &bell);
    assert_eq!(receiver.try_recv_from(&'a'), Err(TryRecvError::Empty));
    a.try_send(1).unwrap();
    assert_eq!((bell.wakes(), ready(&mut receiving, &bell)), (1, Some(('a', 1))));
}
