//! One pipeline, over mailboxes of this process and over Redis; on tokio, on smol, and in two processes.
//!
//! ```text
//! cargo run --features smol --example pipeline [-- redis://127.0.0.1:7000]
//! ```
//!
//! Without an address it starts a server for itself. The three stages in `stages.rs` know of no mailbox and no runtime.

#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/all/server.rs"]
mod server;
mod stages;

use std::process::Command;

use futures_util::StreamExt;
use futures_util::future::join3;
use sempost::mailbox;
use sempost_redis::{Error, RemoteMailbox, redis};
use stages::{consume, produce, work};

const NUMBERS: u64 = 10_000;

/// Errors of a receiver are told, and the stream goes on.
async fn good(item: Result<u64, Error>) -> Option<u64> {
    item.inspect_err(|error| eprintln!("{error}")).ok()
}

async fn local() -> u64 {
    let (numbers, to_square) = mailbox::bounded(64);
    let (squares, to_sum) = mailbox::bounded(64);
    join3(produce(NUMBERS, numbers), work(to_square, squares), consume(to_sum)).await.2
}

fn mailboxes() -> [RemoteMailbox; 2] {
    ["numbers", "squares"].map(|name| RemoteMailbox::new(name, 1000).batch(64))
}

async fn remote(client: redis::Client) -> Result<u64, Error> {
    let [numbers, squares] = mailboxes();
    let (numbers, to_square) = numbers.open(client.clone()).await?;
    let (squares, to_sum) = squares.open(client).await?;
    let (to_square, to_sum) = (to_square.auto_ack().filter_map(good), to_sum.auto_ack().filter_map(good));
    Ok(join3(produce(NUMBERS, numbers.closing()), work(to_square, squares.closing()), consume(to_sum)).await.2)
}

/// The first and the last stage here, and the middle one in another process, on another runtime.
async fn two_processes(client: redis::Client, address: &str) -> Result<u64, Error> {
    let [numbers, squares] = mailboxes();
    let (numbers, _) = numbers.open(client.clone()).await?;
    let (_, to_sum) = squares.open(client).await?;
    let program = std::env::current_exe().expect("a program knows its path");
    let mut worker = Command::new(program).args(["worker", address]).spawn().expect("it starts");
    println!("  the worker is process {}", worker.id());
    let stages = join3(produce(NUMBERS, numbers.closing()), async {}, consume(to_sum.auto_ack().filter_map(good)));
    let sum = stages.await.2;
    assert!(worker.wait().expect("it was started").success());
    Ok(sum)
}

async fn worker(client: redis::Client) -> Result<(), Error> {
    let [numbers, squares] = mailboxes();
    let (_, to_square) = numbers.open(client.clone()).await?;
    let (squares, _) = squares.open(client).await?;
    work(to_square.auto_ack().filter_map(good), squares.closing()).await;
    Ok(())
}

async fn clear(client: &redis::Client) -> Result<(), Error> {
    for mailbox in mailboxes() {
        mailbox.delete(client.clone()).await?;
    }
    Ok(())
}

fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [role, address] = &arguments[..] {
        assert_eq!(role, "worker", "usage: pipeline [ADDRESS]");
        return smol::block_on(worker(redis::Client::open(&**address).expect("an address")));
    }
    let (address, server) = match arguments.first() {
        Some(address) => (address.clone(), None),
        None => {
            let server = server::Server::start(&[]).expect("redis-server is installed");
            (format!("redis://127.0.0.1:{}", server.port()), Some(server))
        }
    };
    let client = redis::Client::open(&*address).expect("an address, as in redis://127.0.0.1:7000");
    let tokio = tokio::runtime::Runtime::new().expect("tokio starts its threads");

    let expected: u64 = (1..=NUMBERS).map(|n| n * n).sum();
    let show = |what: &str, sum: u64| {
        println!("{what}: the sum of {NUMBERS} squares is {sum}");
        assert_eq!(sum, expected);
    };
    show("mailboxes of this process", smol::block_on(local()));
    tokio.block_on(clear(&client))?;
    show("Redis, on tokio", tokio.block_on(remote(client.clone()))?);
    smol::block_on(clear(&client))?;
    show("Redis, on smol", smol::block_on(remote(client.clone()))?);
    tokio.block_on(clear(&client))?;
    show("Redis, two processes", tokio.block_on(two_processes(client.clone(), &address))?);
    tokio.block_on(clear(&client))?;
    drop(server);
    Ok(())
}
