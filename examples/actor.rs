//! An actor: a task that owns its state and answers requests, on three runtimes without a change.
//!
//! Each request brings the port for its reply. The client waits for nothing but this reply. If the actor ends first,
//! the port says so.

use std::collections::HashMap;

use sempost::mailbox::{self, Receiver, Sender};
use sempost::oneshot;

enum Request {
    Deposit { account: u32, amount: i64 },
    Balance { account: u32, reply: oneshot::Sender<i64> },
}

/// The actor itself: no lock, no shared state, a plain loop.
async fn bank(requests: Receiver<Request>) {
    let mut balances = HashMap::new();
    while let Some(request) = requests.recv().await {
        match request {
            Request::Deposit { account, amount } => *balances.entry(account).or_default() += amount,
            Request::Balance { account, reply } => {
                // Whoever asked may have given up meanwhile: that is their business.
                let _ = reply.send(balances.get(&account).copied().unwrap_or(0));
            }
        }
    }
}

/// Asks, and waits for the answer: `None` if the bank has closed.
async fn ask(bank: &Sender<Request>, account: u32) -> Option<i64> {
    let (reply, answer) = oneshot::channel();
    bank.send(Request::Balance { account, reply }).await.ok()?;
    answer.await.ok()
}

async fn customer(bank: Sender<Request>, account: u32) -> Option<i64> {
    for amount in 1..=100 {
        bank.send(Request::Deposit { account, amount }).await.ok()?;
    }
    ask(&bank, account).await
}

fn main() {
    let (requests, inbox) = mailbox::bounded(8);
    let tokio = tokio::runtime::Runtime::new().expect("tokio starts its threads");
    let bank = tokio.spawn(bank(inbox));
    let on_async_std = async_std::task::spawn(customer(requests.clone(), 1));
    let on_smol = smol::spawn(customer(requests.clone(), 2));
    let on_tokio = tokio.spawn(customer(requests, 3));

    // The bank closes when the last customer has left.
    let balances = tokio.block_on(async {
        let balances = [on_async_std.await, on_smol.await, on_tokio.await.expect("no panic")];
        bank.await.expect("no panic");
        balances
    });
    assert_eq!(balances, [Some(5050); 3]);
    println!("one actor, customers on async-std, smol and tokio, 100 deposits each: their balances are {balances:?}");
}
