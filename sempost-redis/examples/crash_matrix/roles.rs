//! What the processes do.

use std::fs::File;
use std::io::{BufRead, Write};
use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use sempost_redis::{Error, RemoteMailbox, redis};

use crate::{CAPACITY, STEP};

pub const LEASE: Duration = Duration::from_millis(500);

pub fn mailbox() -> RemoteMailbox {
    // A consumer that is killed takes its batch along each time: that is no reason to give a message up.
    RemoteMailbox::new("matrix", CAPACITY).lease(LEASE).batch(16).max_attempts(1000)
}

fn client(port: &str) -> redis::Client {
    redis::Client::open(format!("redis://127.0.0.1:{port}")).expect("a port")
}

/// Sends some messages for each line of its input. Writes down what became of each.
pub fn sender(port: &str, number: &str, log: &Path) {
    smol::block_on(async {
        let (sender, _) = mailbox().open::<String>(client(port)).await.expect("the server is up");
        let mut log = File::create(log).expect("the folder is there");
        // The messages that the server has taken, in order.
        let mut accepted: Vec<u64> = Vec::new();
        let (mut forgotten, mut next) = (Vec::new(), 0);
        for line in std::io::stdin().lock().lines() {
            line.expect("a pipe");
            for _ in 0..STEP / 64 {
                let batch = next..next + 64;
                next += 64;
                let sent = join_all(batch.clone().map(|n| sender.send(format!("{number} {n}")))).await;
                for (n, sent) in batch.zip(sent) {
                    match sent.map_err(|refused| refused.error) {
                        Ok(()) => accepted.push(n),
                        // The last so many before this one, and this one was not sent.
                        Err(Error::Forgotten { messages }) => {
                            let kept = accepted.len().saturating_sub(messages as usize);
                            forgotten.extend(accepted.drain(kept..));
                        }
                        Err(error) => panic!("{error}"),
                    }
                }
            }
        }
        // Servers may have been killed since.
        if let Err(Error::Forgotten { messages }) = sender.check().await {
            let kept = accepted.len().saturating_sub(messages as usize);
            forgotten.extend(accepted.drain(kept..));
        }
        for (what, numbers) in [("accepted", accepted), ("forgotten", forgotten)] {
            numbers.into_iter().for_each(|n| writeln!(log, "{what} {n}").expect("a file"));
        }
    });
}

/// Receives until the end. Writes each message down, works on it for some milliseconds, and then acknowledges it.
pub fn consumer(port: &str, log: &Path, work: &str) {
    let work = Duration::from_millis(work.parse().expect("a number"));
    smol::block_on(async {
        let client = client(port);
        // It may have been started beside a server that is down.
        let mut receiver = loop {
            match mailbox().open::<String>(client.clone()).await {
                Ok((_, receiver)) => break receiver,
                Err(Error::Unreachable(_)) => smol::Timer::after(Duration::from_millis(20)).await,
                Err(error) => panic!("{error}"),
            };
        };
        let mut log = File::create(log).expect("the folder is there");
        while let Some(delivery) = receiver.recv().await {
            let delivery = delivery.expect("the server comes back");
            // One write: it is there when the process is killed, or it is not.
            let line = format!("got {} {} {}\n", *delivery, delivery.attempts(), delivery.id());
            log.write_all(line.as_bytes()).expect("a file");
            if !work.is_zero() {
                smol::Timer::after(work).await;
            }
            match delivery.ack().await {
                Ok(()) => {}
                Err(Error::LeaseLost) => log.write_all(b"late\n").expect("a file"),
                Err(error) => panic!("{error}"),
            }
        }
    });
}
