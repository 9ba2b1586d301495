//! One process, three runtimes: a number is passed from tokio to async-std to smol, and back.
//!
//! A mailbox wakes whoever waits, on whatever executor that may be. There is nothing to set up.

use sempost::mailbox::{self, Receiver, Sender};

const ROUNDS: u64 = 1000;

/// Takes what arrives, adds its own mark and passes it on, until the mailbox is closed.
async fn station(mark: u64, from: Receiver<u64>, to: Sender<u64>) -> u64 {
    let mut passed = 0;
    while let Some(value) = from.recv().await {
        passed += 1;
        if to.send(value + mark).await.is_err() {
            break;
        }
    }
    passed
}

fn main() {
    let (to_tokio, at_tokio) = mailbox::bounded(4);
    let (to_async_std, at_async_std) = mailbox::bounded(4);
    let (to_smol, at_smol) = mailbox::bounded(4);
    let (home, arrived) = mailbox::bounded(4);

    let tokio = tokio::runtime::Runtime::new().expect("tokio starts its threads");
    let first = tokio.spawn(station(1, at_tokio, to_async_std));
    let second = async_std::task::spawn(station(10, at_async_std, to_smol));
    let third = smol::spawn(station(100, at_smol, home));

    // And a plain thread at each end: the same mailboxes have blocking doors.
    let feeder = std::thread::spawn(move || {
        for round in 0..ROUNDS {
            to_tokio.send_blocking(round * 1000).expect("tokio listens");
        }
    });
    let mut expected = (0..ROUNDS).map(|round| round * 1000 + 111);
    while let Some(value) = arrived.recv_blocking() {
        assert_eq!(Some(value), expected.next(), "they arrive in the order in which they left");
    }
    assert_eq!(expected.next(), None, "all have arrived");

    // Each station ended when the one before it did: closing runs down the chain.
    feeder.join().expect("the feeder fed");
    let passed = tokio.block_on(async { (first.await.expect("no panic"), second.await, third.await) });
    assert_eq!(passed, (ROUNDS, ROUNDS, ROUNDS));
    println!("{ROUNDS} numbers went from a thread by tokio, async-std and smol to a thread, in order, none lost");
}
