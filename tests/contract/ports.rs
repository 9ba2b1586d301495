//! What only ports can show, clauses 2 to 6. The claims on their futures are in the tables.

use crate::common::lines::{Line, receiving_any, receiving_any_many, receiving_from, receiving_from_owned};
use crate::common::{Bell, Random, forget, now, pending, poll, queued, ready, watched};
use sempost::mailbox::ports::{Order, PortReceiver, Ports};
use sempost::mailbox::{self, Sender, TryRecvError};
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

pub(crate) type Hub = (Ports<char, u32>, PortReceiver<char, u32>, Sender<u32>, Sender<u32>);

/// Two idle sources.
pub(crate) fn two() -> Hub {
    let (ports, rx) = mailbox::ports(Order::fair());
    let [a, b] = ['a', 'b'].map(|key| ports.open(key, 100).unwrap());
    (ports, rx, a, b)
}

/// What is there, of one source.
pub(crate) fn rest(rx: &PortReceiver<char, u32>, key: char) -> Vec<u32> {
    std::iter::from_fn(|| rx.try_recv_from(&key).ok()).collect()
}

/// Each state of a wait for one source, given up: not polled, first in line, called, behind the first, and first after
/// it. Kills: a line that does not go on, and a message that is kept for one who is gone.
#[test]
fn c02_ports_a_recv_from_given_up_in_any_state_lets_the_next_have_the_message() {
    for state in 0..7 {
        let (_ports, rx, a, _b) = two();
        let bells = [Bell::new(), Bell::new(), Bell::new()];
        let [mut first, mut second] = [0, 1].map(|_| Some(Box::pin(rx.recv_from(&'a'))));
        let mut any = queued(rx.recv(), &bells[2]);
        let begin = |waiter: &mut Option<_>, bell| pending(waiter.as_mut().unwrap(), bell);
        match state {
            0 => first = None,
            1 => {
                begin(&mut first, &bells[0]);
                first = None;
            }
            2 => {
                begin(&mut first, &bells[0]);
                begin(&mut second, &bells[1]);
                first = None;
            }
            3 => {
                begin(&mut first, &bells[0]);
                begin(&mut second, &bells[1]);
                second = None;
            }
            // Called by a message, and not polled.
            4 | 5 => {
                begin(&mut first, &bells[0]);
                begin(&mut second, &bells[1]);
                a.try_send(1).unwrap();
                first = None;
                // The line has come to the second, which is not polled either.
                if state == 5 {
                    assert_eq!((bells[1].wakes(), bells[2].wakes()), (1, 0));
                    second = None;
                }
            }
            // Moved up, and asleep as the first.
            _ => {
                begin(&mut first, &bells[0]);
                begin(&mut second, &bells[1]);
                drop(first.take());
                begin(&mut second, &bells[1]);
                second = None;
            }
        }
        if rx.is_empty() {
            a.try_send(1).unwrap();
        }
        let from = [first, second].into_iter().zip(&bells).find_map(|(waiter, bell)| Some((waiter?, bell)));
        match from.filter(|_| state > 1) {
            Some((mut waiter, bell)) => {
                assert!(bell.wakes() > 0 && bells[2].wakes() == 0, "state {state}");
                assert_eq!(ready(&mut waiter, bell), Some(1), "state {state}");
                pending(&mut any, &bells[2]);
            }
            None => {
                assert_eq!((bells[2].wakes(), ready(&mut any, &bells[2])), (1, Some(('a', 1))), "state {state}")
            }
        }
        assert!(bells.iter().all(|bell| bell.held() <= 1), "state {state}");
    }
}

/// A batch that was woken, and is given up.
#[test]
fn c02_ports_a_recv_many_given_up_takes_nothing_along() {
    let (_ports, rx, a, b) = two();
    let (bells, mut buffer) = ([Bell::new(), Bell::new()], vec![('z', 9)]);
    let many = queued(rx.recv_many(&mut buffer, 9), &bells[0]);
    let mut any = queued(rx.recv(), &bells[1]);
    a.try_send(1).unwrap();
    a.try_send(2).unwrap();
    drop(many);
    assert_eq!((bells[1].wakes(), ready(&mut any, &bells[1])), (1, Some(('a', 1))));
    b.try_send(3).unwrap();
    assert_eq!((buffer, rx.try_recv(), rx.try_recv()), (vec![('z', 9)], Ok(('a', 2)), Ok(('b', 3))));
}

/// A forgotten receiver keeps one wake-up, one that waits for a source keeps the source; nothing else is held up.
#[test]
fn c02_ports_forgotten_waits_hold_up_no_more_than_is_documented() {
    let (_ports, rx, a, b) = two();
    let (ports, rx) = (_ports, crate::common::leak(rx));
    let bell = Bell::new();
    forget(queued(rx.recv(), &Bell::new()));
    let mut any = queued(rx.recv(), &bell);
    a.try_send(1).unwrap();
    assert_eq!((bell.wakes(), now(rx.recv())), (0, Some(('a', 1))), "a newcomer finds what is there");
    a.try_send(2).unwrap();
    b.try_send(3).unwrap();
    assert_eq!((bell.wakes(), ready(&mut any, &bell)), (1, Some(('a', 2))));
    assert_eq!(now(rx.recv()), Some(('b', 3)));
    forget(queued(rx.recv_from(&'a'), &Bell::new()));
    let mut behind = queued(rx.recv_from(&'a'), &bell);
    a.try_send(4).unwrap();
    b.try_send(5).unwrap();
    pending(&mut behind, &bell);
    assert_eq!((now(rx.recv()), rx.try_recv()), (Some(('b', 5)), Err(TryRecvError::Empty)));
    drop(behind);
    rx.close_port(&'a');
    assert!(ports.open('c', 1).is_ok() && rx.close());
    assert_eq!((rx.len(), now(rx.recv_from(&'b'))), (1, None));
}

/// A future that waits, what it waits for, and its task.
enum Walker<'a> {
    Any(std::pin::Pin<Box<sempost::mailbox::ports::ReceivingAny<'a, char, u32>>>),
    From(char, std::pin::Pin<Box<sempost::mailbox::ports::ReceivingFrom<'a, char, u32>>>),
    Handle(PortReceiver<char, u32>),
}

/// Kills: any wake-up that is lost, whatever is sent, polled, given up and used otherwise, in any order.
#[test]
fn c02_ports_nobody_sleeps_beside_a_message_after_any_walk() {
    for seed in 0..300 {
        let (_ports, rx, a, b) = two();
        let (mut random, mut walkers) = (Random::new(seed), Vec::<(Walker<'_>, Bell)>::new());
        let (mut sent, mut got) = ([0; 2], [0; 2]);
        let mut take = |key: char, message: u32| {
            let next = &mut got[usize::from(key == 'b')];
            assert_eq!(message, *next, "seed {seed}, of {key}");
            *next += 1;
        };
        // Polls one; says whether it is done.
        let poll_one = |walker: &mut Walker<'_>, bell: &Bell, take: &mut dyn FnMut(char, u32)| {
            bell.take_wakes();
            let found = match walker {
                Walker::Any(any) => poll(any, bell).map(Option::unwrap),
                Walker::From(key, from) => poll(from, bell).map(|message| (*key, message.unwrap())),
                Walker::Handle(handle) => handle.poll_recv(&mut bell.context()).map(Option::unwrap),
            };
            found.map(|(key, message)| take(key, message)).is_ready()
        };
        for _ in 0..200 {
            match random.below(9) {
                0..3 => {
                    let at = random.below(2);
                    [&a, &b][at].try_send(sent[at]).unwrap();
                    sent[at] += 1;
                }
                3..5 => {
                    let key = ['a', 'b'][random.below(2)];
                    let mut walker = match random.below(4) {
                        0 => Walker::Handle(rx.clone()),
                        1 => Walker::Any(Box::pin(rx.recv())),
                        _ => Walker::From(key, Box::pin(rx.recv_from(&key))),
                    };
                    let bell = Bell::new();
                    if !poll_one(&mut walker, &bell, &mut take) && walkers.len() < 6 {
                        walkers.push((walker, bell));
                    }
                }
                5 if !walkers.is_empty() => drop(walkers.swap_remove(random.below(walkers.len()))),
                6 => rx.try_recv().into_iter().for_each(|(key, message)| take(key, message)),
                7 => rx.try_recv_from(&'a').into_iter().for_each(|message| take('a', message)),
                _ => {
                    // Some of those that were woken are polled, or all of them.
                    let all = random.one_in(3);
                    walkers.retain_mut(|(walker, bell)| {
                        let due = bell.wakes() > 0 && (all || random.one_in(2));
                        !(due && poll_one(walker, bell, &mut take))
                    });
                }
            }
        }
        while walkers.iter().any(|(_, bell)| bell.wakes() > 0) {
            walkers.retain_mut(|(walker, bell)| !(bell.wakes() > 0 && poll_one(walker, bell, &mut take)));
        }
        for (walker, _) in &walkers {
            let beside = match walker {
                Walker::From('a', _) => a.len(),
                Walker::From(..) => b.len(),
                _ => a.len() + b.len(),
            };
            assert_eq!(beside, 0, "seed {seed}: somebody sleeps beside a message");
        }
        drop(walkers);
        rest(&rx, 'a').into_iter().for_each(|message| take('a', message));
        rest(&rx, 'b').into_iter().for_each(|message| take('b', message));
        assert_eq!((got, rx.waiting_receivers()), (sent, 0), "seed {seed}");
    }
}

#[test]
fn c03_ports_each_line_is_served_in_its_order() {
    let (_ports, rx, a, b) = two();
    let bells: Vec<_> = (0..6).map(|_| Bell::new()).collect();
    let mut from: Vec<_> = bells[..3].iter().map(|bell| queued(rx.recv_from(&'a'), bell)).collect();
    let mut any: Vec<_> = bells[3..].iter().map(|bell| queued(rx.recv(), bell)).collect();
    for i in 0..3 {
        a.try_send(i).unwrap();
        b.try_send(i).unwrap();
        let at = i as usize;
        assert!(bells[at + 1..3].iter().chain(&bells[at + 4..]).all(|bell| bell.wakes() == 0));
        assert_eq!(ready(&mut from[at], &bells[at]), Some(i));
        assert_eq!((bells[at + 3].wakes(), ready(&mut any[at], &bells[at + 3])), (1, Some(('b', i))));
    }
}

/// Those who wait for a source, given up in random order: the one who is then the first is woken, and nobody else.
#[test]
fn c05_ports_many_cancels_in_random_order() {
    const MANY: usize = 200_000;
    fn cancelled(line: fn() -> Line) {
        watched(String::new, || {
            let (line, bell) = (line(), Bell::new());
            let mut waiters: Vec<_> = (0..MANY).map(|_| line.queue(&bell)).collect();
            line.assert_waiters(MANY);
            Random::new(7).shuffle(&mut waiters);
            drop(waiters);
            line.assert_waiters(0);
            assert!(bell.held() == 0 && bell.wakes() <= if line.moves_up { MANY } else { 0 });
        });
    }
    [receiving_any, receiving_any_many, receiving_from, receiving_from_owned].into_iter().for_each(cancelled);
}

/// A key that counts what is asked of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Counted(u32);

static HASHES: AtomicUsize = AtomicUsize::new(0);

impl Hash for Counted {
    fn hash<H: Hasher>(&self, state: &mut H) {
        HASHES.fetch_add(1, Ordering::Relaxed);
        self.0.hash(state);
    }
}

/// Kills: a message, an end or a close that looks through all ports, of which there are 10,000.
#[test]
fn c05_ports_what_happens_to_one_port_asks_nothing_of_the_others() {
    const PORTS: usize = 10_000;
    let hashes = || HASHES.swap(0, Ordering::Relaxed);
    watched(String::new, move || {
        let (ports, rx) = mailbox::ports(Order::fair());
        let senders: Vec<_> = (0..PORTS as u32).map(|key| ports.open(Counted(key), 1).unwrap()).collect();
        assert!(hashes() <= 5 * PORTS, "one to look, one to enter, and the table grows");
        senders.iter().for_each(|tx| tx.try_send(7).unwrap());
        assert!((0..PORTS).all(|_| rx.try_recv().is_ok()) && rx.try_recv().is_err());
        assert_eq!(hashes(), 0, "of a message");
        let bell = Bell::new();
        let mut waiting = queued(rx.recv(), &bell);
        let mut senders = senders.into_iter();
        (0..PORTS / 2).for_each(|_| drop(senders.next()));
        assert!(bell.wakes() <= PORTS && poll(&mut waiting, &bell).is_pending());
        while bell.take_wakes() > 0 {
            pending(&mut waiting, &bell);
        }
        assert_eq!((rx.port_count(), hashes() <= 3 * PORTS / 2), (PORTS / 2, true));
        assert!(rx.close());
        assert_eq!(hashes(), 0, "of a close");
        drop(waiting);
        drop(rx);
        assert!(hashes() == 0 && senders.all(|tx| tx.receiver_count() == 0));
    });
}

/// A message whose drop uses the ports it came through.
struct Talkative(Ports<u8, Talkative>, Arc<AtomicUsize>);

impl Drop for Talkative {
    fn drop(&mut self) {
        self.1.fetch_add(1, Ordering::SeqCst);
        assert!(!format!("{:?} {}", self.0, self.0.port_count()).is_empty());
        drop(self.0.open(9, 1));
    }
}

#[test]
fn c06_ports_messages_dropped_with_the_last_receiver_come_back() {
    let drops = Arc::new(AtomicUsize::new(0));
    let (ports, rx) = mailbox::ports(Order::fair());
    let senders: Vec<_> = (0..3).map(|key| ports.open(key, 40).unwrap()).collect();
    for tx in &senders {
        (0..40).for_each(|_| assert!(tx.try_send(Talkative(ports.clone(), drops.clone())).is_ok()));
    }
    watched(String::new, || {
        drop(rx.try_recv());
        drop(rx);
    });
    assert_eq!(drops.load(Ordering::SeqCst), 120);
}

#[test]
fn c06_ports_the_class_is_asked_without_a_lock() {
    static HUB: OnceLock<(Ports<u8, u8>, PortReceiver<u8, u8>)> = OnceLock::new();
    let (ports, rx) = HUB.get_or_init(|| {
        mailbox::ports(Order::classes(|key: &u8| {
            let (ports, rx) = HUB.get().expect("it is made by now");
            assert!(*key > 0 || ports.open(1, 1).is_ok_and(|tx| !tx.is_closed()));
            rx.try_recv().map_or(0, |(key, _)| key)
        }))
    });
    watched(String::new, || assert!(ports.open(0, 1).is_ok()));
    assert_eq!(rx.port_count(), 1, "one that was opened inside of it has come and gone");
}

/// Kills: a waker that is called under the lock of the board, the table, a port or the tokens.
#[test]
fn c06_ports_a_waker_may_call_every_method_of_a_receiver() {
    for from in [false, true] {
        let (ports, rx, a, b) = two();
        let bell = Bell::new();
        let (again, opener) = (rx.clone(), ports.clone());
        bell.on_wake(move || {
            let mut other = again.clone();
            let shown = format!("{again:?} {:?} {} {}", again.keys(), again.len(), again.waiting_receivers());
            assert!(again.same_ports(&other) && again.port_count() >= 2 && shown.contains("ports: "));
            let _ = (again.try_recv(), again.try_recv_from(&'a'), again.try_recv_from(&'b'));
            let _ = again.try_recv_many(&mut Vec::new(), 9);
            let _ = poll(&mut Box::pin(again.recv()), &Bell::new());
            let _ = poll(&mut Box::pin(again.recv_from(&'b')), &Bell::new());
            drop(poll(&mut Box::pin(again.clone().recv_from_owned(&'a')), &Bell::new()));
            let _ = other.poll_recv(&mut Bell::new().context());
            drop(opener.open('c', 1));
            drop(opener.adopt('d', mailbox::bounded(1).1));
            assert!(again.close_port(&'a') && again.close() && again.is_closed());
        });
        let mut any = (!from).then(|| queued(rx.recv(), &bell));
        let mut seeking = from.then(|| queued(rx.recv_from(&'a'), &bell));
        watched(String::new, || assert!(a.try_send(1).is_ok()));
        bell.unhook();
        // A receiver's message was taken by the waker; that of one who waits for the source is kept.
        any.iter_mut().for_each(|any| assert_eq!(ready(any, &bell), None));
        seeking.iter_mut().for_each(|seeking| assert_eq!(ready(seeking, &bell), Some(1)));
        assert!(b.is_closed() && ports.is_closed());
        assert_eq!((now(rx.recv()), rx.port_count(), bell.held()), (None, 0, 0));
    }
}

/// A waker that takes the last receiver away, and one that takes what the other was woken for.
#[test]
fn c06_ports_a_waker_may_drop_the_last_receiver() {
    let (_ports, mut rx, a, _b) = two();
    let bell = Bell::new();
    assert!(rx.poll_recv(&mut bell.context()).is_pending());
    let slot = std::sync::Mutex::new(Some(rx));
    bell.on_wake(move || drop(slot.lock().unwrap().take()));
    watched(String::new, || assert!(a.try_send(1).is_ok()));
    assert_eq!((bell.wakes(), a.is_closed(), a.len()), (1, true, 0));
}
