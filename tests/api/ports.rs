//! Ports: which message comes next, from whom, and to whom.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::common::{Bell, Random, now, pending, queued, ready};
use sempost::mailbox::ports::{Order, PortReceiver, Ports};
use sempost::mailbox::{self, Sender, TryRecvError};

fn fair() -> (Ports<char, u32>, PortReceiver<char, u32>) {
    mailbox::ports(Order::fair())
}

/// A port with these messages.
fn filled(ports: &Ports<char, u32>, key: char, messages: Range<u32>) -> Sender<u32> {
    let tx = ports.open(key, 100).unwrap();
    messages.for_each(|message| tx.try_send(message).unwrap());
    tx
}

/// What can be received now, as runs of one source: `a8 b3`.
fn runs(keys: impl IntoIterator<Item = char>) -> String {
    let mut runs: Vec<(char, usize)> = Vec::new();
    for key in keys {
        match runs.last_mut() {
            Some((last, count)) if *last == key => *count += 1,
            _ => runs.push((key, 1)),
        }
    }
    runs.iter().map(|(key, count)| format!("{key}{count}")).collect::<Vec<_>>().join(" ")
}

fn drained(receiver: &PortReceiver<char, u32>) -> String {
    runs(std::iter::from_fn(|| receiver.try_recv().ok()).map(|(key, _)| key))
}

#[test]
fn each_source_is_received_in_its_own_order() {
    let (ports, receiver) = fair();
    let senders = ['a', 'b', 'c'].map(|key| ports.open(key, 100).unwrap());
    let mut random = Random::new(1);
    let mut sent = [0; 3];
    for _ in 0..150 {
        let at = random.below(3);
        senders[at].try_send(sent[at]).unwrap();
        sent[at] += 1;
    }
    assert_eq!(receiver.len(), 150);
    let mut got = [0; 3];
    for _ in 0..150 {
        let (key, message) = now(receiver.recv()).unwrap();
        let next = &mut got[key as usize - 'a' as usize];
        assert_eq!(message, *next, "of {key}");
        *next += 1;
    }
    assert_eq!((got, receiver.try_recv()), (sent, Err(TryRecvError::Empty)));
}

/// Catches a turn that is one too long or too short, and a port that is passed over.
#[test]
fn ports_take_turns_of_at_most_8_messages() {
    let (ports, receiver) = fair();
    let _senders = [('a', 20), ('b', 20), ('c', 3)].map(|(key, count)| filled(&ports, key, 0..count));
    assert_eq!(drained(&receiver), "a8 b8 c3 a8 b8 a4 b4");
}

/// Catches a turn that begins anew whenever the port gets a message.
#[test]
fn a_port_that_gets_more_in_its_turn_has_the_rest_of_the_turn() {
    let (ports, receiver) = fair();
    let a = filled(&ports, 'a', 0..3);
    let _b = filled(&ports, 'b', 0..1);
    (0..3).for_each(|i| assert_eq!(receiver.try_recv(), Ok(('a', i))));
    (3..13).for_each(|i| a.try_send(i).unwrap());
    assert_eq!(drained(&receiver), "a5 b1 a5");
}

#[test]
fn a_port_that_was_empty_has_a_whole_turn() {
    let (ports, receiver) = fair();
    let a = filled(&ports, 'a', 0..5);
    assert_eq!(drained(&receiver), "a5");
    (0..10).for_each(|i| a.try_send(i).unwrap());
    let _b = filled(&ports, 'b', 0..1);
    assert_eq!(drained(&receiver), "a8 b1 a2");
}

#[test]
fn a_smaller_class_goes_first_and_interrupts_a_turn() {
    let (ports, receiver) = mailbox::ports(Order::classes(|key: &char| u8::from(*key != 'c')));
    let _data = [filled(&ports, 'a', 0..20), filled(&ports, 'b', 0..9)];
    let control = ports.open('c', 100).unwrap();
    (0..3).for_each(|i| assert_eq!(receiver.try_recv(), Ok(('a', i))));
    (0..20).for_each(|i| control.try_send(i).unwrap());
    assert_eq!(drained(&receiver), "c20 a5 b8 a8 b1 a4");
}

/// Catches a mistake in the words of the set of classes.
#[test]
fn all_256_classes_are_told_apart() {
    let (ports, receiver) = mailbox::ports(Order::classes(|key: &u8| *key));
    let mut keys: Vec<_> = (0..=255).collect();
    Random::new(2).shuffle(&mut keys);
    let senders: Vec<_> = keys.iter().map(|key| (*key, ports.open(*key, 1).unwrap())).collect();
    senders.iter().for_each(|(key, tx)| tx.try_send(u32::from(*key)).unwrap());
    (0..=255).for_each(|key| assert_eq!(receiver.try_recv(), Ok((key, u32::from(key)))));
}

#[test]
fn the_class_is_asked_once_for_each_port() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let (ports, receiver) = mailbox::ports(Order::classes(|_: &u8| {
        ASKED.fetch_add(1, Ordering::Relaxed);
        7
    }));
    let senders = [1, 2, 3].map(|key| ports.open(key, 10).unwrap());
    senders.iter().for_each(|tx| (0..10).for_each(|i| tx.try_send(i).unwrap()));
    let mut buffer = Vec::new();
    assert_eq!((now(receiver.recv_many(&mut buffer, 30)), ASKED.load(Ordering::Relaxed)), (30, 3));
}

#[test]
fn a_receiver_is_woken_once_for_a_message() {
    let (ports, receiver) = fair();
    let a = filled(&ports, 'a', 0..0);
    let bell = Bell::new();
    let mut waiting = queued(receiver.recv(), &bell);
    assert_eq!(receiver.waiting_receivers(), 1);
    a.try_send(1).unwrap();
    a.try_send(2).unwrap();
    assert_eq!(bell.wakes(), 1);
    assert_eq!(ready(&mut waiting, &bell), Some(('a', 1)));
    assert_eq!((receiver.waiting_receivers(), now(receiver.recv())), (0, Some(('a', 2))));
}

#[test]
fn receivers_are_woken_in_the_order_in_which_they_wait() {
    let (ports, receiver) = fair();
    let [a, b] = ['a', 'b'].map(|key| filled(&ports, key, 0..0));
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let mut line = bells.each_ref().map(|bell| queued(receiver.recv(), bell));
    let wakes = || bells.each_ref().map(Bell::wakes);
    a.try_send(1).unwrap();
    assert_eq!(wakes(), [1, 0, 0]);
    b.try_send(2).unwrap();
    assert_eq!(wakes(), [1, 1, 0]);
    assert_eq!(ready(&mut line[1], &bells[1]), Some(('a', 1)), "whoever comes first takes from the first port");
    assert_eq!(ready(&mut line[0], &bells[0]), Some(('b', 2)));
    assert_eq!((wakes(), receiver.waiting_receivers()), ([1, 1, 0], 1));
}

/// Catches a port whose other messages lie until the same receiver comes again, and a wake-up for none.
#[test]
fn a_receiver_that_leaves_more_messages_wakes_the_next() {
    let (ports, receiver) = fair();
    let a = filled(&ports, 'a', 0..0);
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let mut line = bells.each_ref().map(|bell| queued(receiver.recv(), bell));
    a.try_send(1).unwrap();
    a.try_send(2).unwrap();
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 0, 0]);
    assert_eq!(ready(&mut line[0], &bells[0]), Some(('a', 1)));
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1, 0]);
    assert_eq!(ready(&mut line[1], &bells[1]), Some(('a', 2)));
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1, 0], "there is nothing for the third");
    a.try_send(3).unwrap();
    assert_eq!((bells[2].wakes(), ready(&mut line[2], &bells[2])), (1, Some(('a', 3))));
}

#[test]
fn recv_many_takes_turns_too() {
    let (ports, receiver) = fair();
    let _senders = [('a', 20), ('b', 20)].map(|(key, count)| filled(&ports, key, 0..count));
    let mut buffer = vec![('z', 0)];
    let keys = |buffer: &[(char, u32)]| runs(buffer.iter().map(|(key, _)| *key));
    assert_eq!(now(receiver.recv_many(&mut buffer, 10)), 10);
    assert_eq!(keys(&buffer), "z1 a8 b2");
    assert_eq!(now(receiver.recv_many(&mut buffer, 7)), 7);
    assert_eq!(keys(&buffer), "z1 a8 b8 a1");
    assert_eq!(now(receiver.recv_many(&mut buffer, usize::MAX)), 23);
    assert_eq!(keys(&buffer), "z1 a8 b8 a8 b8 a4 b4");
    assert_eq!(receiver.try_recv_many(&mut buffer, 9), Err(TryRecvError::Empty));
}

#[test]
fn recv_many_of_none_is_ready_and_takes_nothing() {
    let (ports, receiver) = fair();
    let a = filled(&ports, 'a', 0..2);
    let mut buffer = Vec::new();
    assert_eq!((now(receiver.recv_many(&mut buffer, 0)), receiver.try_recv_many(&mut buffer, 0)), (0, Ok(0)));
    drop((ports, a));
    assert_eq!((receiver.len(), now(receiver.recv_many(&mut buffer, 9))), (2, 2));
    assert_eq!(now(receiver.recv_many(&mut buffer, 9)), 0, "the end");
    assert_eq!(receiver.try_recv_many(&mut buffer, 9), Err(TryRecvError::Closed));
    assert_eq!((receiver.try_recv_many(&mut buffer, 0), buffer), (Ok(0), vec![('a', 0), ('a', 1)]));
}

#[test]
fn a_waiting_recv_many_takes_what_is_there_when_it_is_polled() {
    let (ports, receiver) = fair();
    let [a, b] = ['a', 'b'].map(|key| filled(&ports, key, 0..0));
    let (bell, mut buffer) = (Bell::new(), Vec::new());
    let mut waiting = queued(receiver.recv_many(&mut buffer, 3), &bell);
    a.try_send(1).unwrap();
    b.try_send(2).unwrap();
    a.try_send(3).unwrap();
    b.try_send(4).unwrap();
    assert_eq!((bell.wakes(), ready(&mut waiting, &bell)), (1, 3));
    drop(waiting);
    assert_eq!((buffer, receiver.try_recv()), (vec![('a', 1), ('a', 3), ('b', 2)], Ok(('b', 4))));
}

/// Catches a batch that goes on for as long as there are ports.
#[test]
fn recv_many_ends_after_65_turns() {
    let (ports, receiver) = mailbox::ports::<u32, u32>(Order::fair());
    let senders: Vec<_> = (0..1_000).map(|key| ports.open(key, 1).unwrap()).collect();
    senders.iter().for_each(|tx| tx.try_send(7).unwrap());
    let (mut buffer, mut batches) = (Vec::new(), 0);
    while let Ok(count) = receiver.try_recv_many(&mut buffer, usize::MAX) {
        assert!((1..=65).contains(&count), "{count} ports of one message each");
        batches += 1;
    }
    assert!(batches <= 20 && buffer.iter().map(|(key, _)| *key).eq(0..1_000), "{batches} batches");
}

/// Catches a poll that looks at thousands of ports in one go, and one that stops for good.
#[test]
fn a_poll_looks_at_64_ports_and_then_wakes_itself() {
    let (ports, receiver) = mailbox::ports::<u32, u32>(Order::fair());
    let senders: Vec<_> = (0..1_000).map(|key| ports.open(key, 1).unwrap()).collect();
    senders.iter().for_each(|tx| tx.try_send(7).unwrap());
    let (bell, mut buffer) = (Bell::new(), Vec::new());
    // Each is still in the list, for it may have more.
    for key in 0..1_000 {
        assert_eq!(receiver.try_recv_from(&key), Ok(7));
    }
    let mut waiting = queued(receiver.recv_many(&mut buffer, 1), &bell);
    let mut polls = 1;
    while bell.take_wakes() > 0 {
        pending(&mut waiting, &bell);
        polls += 1;
    }
    assert_eq!((polls, receiver.waiting_receivers()), (16, 1), "1,000 ports, 64 a poll");
    senders[999].try_send(8).unwrap();
    assert_eq!((bell.wakes(), ready(&mut waiting, &bell)), (1, 1));
}

#[test]
fn try_recv_tells_empty_from_the_end() {
    let (ports, receiver) = fair();
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    let a = filled(&ports, 'a', 1..2);
    assert_eq!((receiver.try_recv(), receiver.try_recv()), (Ok(('a', 1)), Err(TryRecvError::Empty)));
    drop((ports, a));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn several_receivers_share_the_messages() {
    let (ports, receiver) = fair();
    let _senders = [('a', 20), ('b', 20)].map(|(key, count)| filled(&ports, key, 0..count));
    let receivers = [receiver.clone(), receiver.clone(), receiver];
    let (mut random, mut got) = (Random::new(3), [Vec::new(), Vec::new(), Vec::new()]);
    for _ in 0..40 {
        let at = random.below(3);
        got[at].push(receivers[at].try_recv().unwrap());
    }
    let mut all = got.concat();
    for key in ['a', 'b'] {
        let of = |got: &[(char, u32)]| got.iter().filter(|(of, _)| *of == key).map(|(_, n)| *n).collect::<Vec<_>>();
        assert!(got.iter().all(|got| of(got).is_sorted()), "in order at each receiver");
    }
    all.sort_unstable();
    assert!(all.into_iter().eq(['a', 'b'].into_iter().flat_map(|key| (0..20).map(move |n| (key, n)))));
}

/// Catches a lookup that needs an owned key.
#[test]
fn a_port_is_found_by_a_borrowed_key() {
    let (ports, receiver) = mailbox::ports::<String, u32>(Order::default());
    let sender = ports.open("control".to_owned(), 4).unwrap();
    (0..4).for_each(|i| sender.try_send(i).unwrap());
    assert_eq!((receiver.port_len("control"), receiver.port_len("data")), (Some(4), None));
    assert_eq!(now(receiver.recv_from("control")), Some(0));
    assert_eq!(receiver.try_recv_from("control"), Ok(1));
    let (message, receiver) = now(receiver.recv_from_owned("control"));
    assert_eq!(message, Some(2));
    assert!(receiver.close_port("control") && !receiver.close_port("control"));
    assert_eq!(receiver.recv_blocking(), Some(("control".to_owned(), 3)));
    assert_eq!(receiver.try_recv_from("control"), Err(TryRecvError::Closed));
}
