//! What the hot paths cost in instructions, which callgrind counts to the last one: `benches/budget` runs this under it,
//! and compares with what is written down in `benches/instructions.txt`.
//!
//!     instructions CASE TIMES

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use sempost::{Mutex, Semaphore, mailbox};

type Case = (&'static str, fn(usize));

const CASES: [Case; 4] = [
    ("send+recv", send_and_receive),
    ("acquire+release", acquire_and_release),
    ("lock+unlock", lock_and_unlock),
    ("park+wake", park_and_wake),
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

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    match &args[..] {
        [] => CASES.iter().for_each(|(_, case)| case(1_000)),
        [name, times] => {
            let case = CASES.iter().find(|(case, _)| case == name).expect("a case's name");
            case.1(times.parse().expect("a number"));
        }
        _ => panic!("usage: instructions [CASE TIMES]"),
    }
}
