//! What the hot paths cost in instructions, which callgrind counts to the last one: `benches/budget` runs this under
//! it, and compares with what is written down in `benches/instructions.txt`.
//!
//!     instructions CASE TIMES

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use sempost::{Condvar, Fairness, Monitor, Mutex, RwLock, Semaphore, conditions, mailbox};

type Case = (&'static str, fn(usize));

conditions! { enum Cond { Come } }

const CASES: [Case; 19] = [
    ("send+recv", send_and_receive),
    ("acquire+release", acquire_and_release),
    ("lock+unlock", lock_and_unlock),
    ("enter+leave", enter_and_leave),
    ("park+wake", park_and_wake),
    ("hand over: lock", hand_a_mutex_over),
    ("hand over: acquire", hand_a_permit_over),
    ("retry: acquire", retry_an_acquire),
    ("notify: condvar", notify_a_condvar),
    ("notify: monitor", notify_a_monitor),
    ("signal: monitor", signal_a_monitor),
    ("wake: stream", wake_a_stream),
    ("pass+recv", pass_and_receive),
    ("read+drop", read_and_drop),
    ("write+drop", write_and_drop),
    ("256 bytes", send_and_receive_256_bytes),
    ("try: 256 bytes", try_256_bytes),
    ("create+drop", create_and_drop),
    ("clone+drop", clone_and_drop),
];

fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nobody else is there to wait for"),
    }
}

fn send_and_receive(times: usize) {
    let (sender, receiver) = mailbox::bounded(16);
    for n in 0..times {
        ready(black_box(&sender).send(n)).expect("the mailbox is open");
        black_box(ready(black_box(&receiver).recv()));
    }
}

/// Sends past a sender that waits. The messages are of a type of their own, so that no code is shared with the others.
fn pass_and_receive(times: usize) {
    let (sender, receiver) = mailbox::bounded_with(2, Fairness::Unfair);
    let mut cx = Context::from_waker(Waker::noop());
    (0..2).for_each(|n| sender.try_send(n).expect("there is room"));
    let mut waits = pin!(sender.send(2));
    assert!(waits.as_mut().poll(&mut cx).is_pending());
    for _ in 0..times {
        black_box(ready(black_box(&receiver).recv()));
        ready(black_box(&sender).send(3_u32)).expect("the mailbox is open");
    }
}

/// A message of 256 bytes: what is too much here are copies.
fn send_and_receive_256_bytes(times: usize) {
    let (sender, receiver) = mailbox::bounded(16);
    for n in 0..times {
        ready(black_box(&sender).send([n; 32])).expect("the mailbox is open");
        black_box(&ready(black_box(&receiver).recv()));
    }
}

fn try_256_bytes(times: usize) {
    let (sender, receiver) = mailbox::bounded(16);
    for n in 0..times {
        black_box(&sender).try_send([n; 32]).expect("there is room");
        black_box(&black_box(&receiver).try_recv());
    }
}

fn create_and_drop(times: usize) {
    for n in 0..times {
        drop(black_box(mailbox::bounded::<usize>(black_box(16 + n % 2))));
    }
}

fn clone_and_drop(times: usize) {
    let (sender, _receiver) = mailbox::bounded::<usize>(16);
    for _ in 0..times {
        drop(black_box(black_box(&sender).clone()));
    }
}

fn acquire_and_release(times: usize) {
    let semaphore = Semaphore::new(1);
    for _ in 0..times {
        drop(black_box(ready(black_box(&semaphore).acquire())));
    }
}

fn lock_and_unlock(times: usize) {
    let mutex = Mutex::new(0);
    for _ in 0..times {
        *ready(black_box(&mutex).lock()) += 1;
    }
}

fn read_and_drop(times: usize) {
    let lock = RwLock::new(0);
    for _ in 0..times {
        black_box(*ready(black_box(&lock).read()));
    }
}

fn write_and_drop(times: usize) {
    let lock = RwLock::new(0);
    for _ in 0..times {
        *ready(black_box(&lock).write()) += 1;
    }
}

fn park_and_wake(times: usize) {
    let (sender, receiver) = mailbox::bounded(1);
    let mut cx = Context::from_waker(Waker::noop());
    for n in 0..times {
        let mut waits = pin!(black_box(&receiver).recv());
        assert!(waits.as_mut().poll(&mut cx).is_pending());
        ready(black_box(&sender).send(n)).expect("the mailbox is open");
        assert!(waits.as_mut().poll(&mut cx).is_ready());
    }
}

fn enter_and_leave(times: usize) {
    let monitor = Monitor::<_, Cond>::new(0);
    for _ in 0..times {
        *ready(black_box(&monitor).enter()) += 1;
    }
}

/// Waits, lets another do its part, and finds the wait ended.
fn waits<F: Future>(wait: F, part: impl FnOnce()) {
    let mut cx = Context::from_waker(Waker::noop());
    let mut wait = pin!(wait);
    assert!(wait.as_mut().poll(&mut cx).is_pending());
    part();
    assert!(wait.as_mut().poll(&mut cx).is_ready());
}

fn hand_a_mutex_over(times: usize) {
    let mutex = Mutex::new(0);
    for _ in 0..times {
        let held = black_box(&mutex).try_lock();
        waits(black_box(&mutex).lock(), || drop(held));
    }
}

fn hand_a_permit_over(times: usize) {
    let semaphore = Semaphore::new(1);
    for _ in 0..times {
        let held = black_box(&semaphore).try_acquire();
        waits(black_box(&semaphore).acquire(), || drop(held));
    }
}

fn retry_an_acquire(times: usize) {
    let semaphore = Semaphore::with_fairness(1, Fairness::Barging { overtakes: 8 });
    for _ in 0..times {
        let held = black_box(&semaphore).try_acquire();
        waits(black_box(&semaphore).acquire(), || drop(held));
    }
}

fn notify_a_condvar(times: usize) {
    let (condvar, mutex) = (Condvar::new(), Mutex::new(0));
    for _ in 0..times {
        let guard = black_box(&mutex).try_lock().expect("it is free");
        waits(black_box(&condvar).wait(guard), || {
            let guard = black_box(&mutex).try_lock();
            black_box(&condvar).notify_one();
            drop(guard);
        });
    }
}

fn notify_a_monitor(times: usize) {
    let monitor = Monitor::<_, Cond>::new(0);
    for _ in 0..times {
        let inside = black_box(&monitor).try_enter().expect("it is free");
        waits(inside.wait(Cond::Come), || {
            _ = black_box(&monitor).try_enter().map(|inside| inside.notify_one(Cond::Come))
        });
    }
}

fn signal_a_monitor(times: usize) {
    let monitor = Monitor::<_, Cond>::new(0);
    for _ in 0..times {
        let inside = black_box(&monitor).try_enter().expect("it is free");
        let signal = || _ = black_box(&monitor).try_enter().map(|inside| inside.signal_and_leave(Cond::Come));
        waits(inside.wait(Cond::Come), signal);
    }
}

fn wake_a_stream(times: usize) {
    let (sender, mut receiver) = mailbox::bounded(1);
    let mut cx = Context::from_waker(Waker::noop());
    for n in 0..times {
        assert!(black_box(&mut receiver).poll_recv(&mut cx).is_pending());
        ready(black_box(&sender).send(n)).expect("the mailbox is open");
        assert!(black_box(&mut receiver).poll_recv(&mut cx).is_ready());
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    match &args[..] {
        [list] if list == "--list" => CASES.iter().for_each(|(case, _)| println!("{case}")),
        [] => CASES.iter().for_each(|(_, case)| case(1_000)),
        [name, times] => {
            let case = CASES.iter().find(|(case, _)| case == name).expect("a case's name");
            case.1(times.parse().expect("a number"));
        }
        _ => panic!("usage: instructions [CASE TIMES]"),
    }
}
