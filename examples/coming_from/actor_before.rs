//! An actor on smol, with its async-channel and async-lock. The same with sempost: `actor_after.rs`.

use std::sync::Arc;

use smol::channel::{Receiver, Sender, bounded};
use smol::lock::Mutex;

/// What one can ask an account.
enum Message {
    Deposit(u64),
    Balance { reply: Sender<u64> },
}

async fn account(inbox: Receiver<Message>, journal: Arc<Mutex<Vec<String>>>) {
    let mut balance = 0;
    while let Ok(message) = inbox.recv().await {
        match message {
            Message::Deposit(amount) => {
                balance += amount;
                journal.lock_arc().await.push(format!("deposit {amount}"));
            }
            Message::Balance { reply } => {
                // Whoever asked may have left.
                let _ = reply.try_send(balance);
            }
        }
    }
    journal.lock().await.push("closed".to_owned());
}

async fn balance(account: &Sender<Message>) -> u64 {
    let (reply, answer) = bounded(1);
    account.send(Message::Balance { reply }).await.expect("the account is open");
    answer.recv().await.expect("there is an answer")
}

fn main() {
    let journal = Arc::new(Mutex::new(Vec::new()));
    let (sender, inbox) = bounded(4);
    let actor = smol::spawn(account(inbox, Arc::clone(&journal)));
    smol::block_on(async {
        for amount in [10, 20, 12] {
            sender.send(Message::Deposit(amount)).await.expect("the account is open");
        }
        println!("the balance is {}", balance(&sender).await);
        assert_eq!(balance(&sender).await, 42);
        drop(sender);
        actor.await;
    });
    assert_eq!(journal.lock_blocking().join(", "), "deposit 10, deposit 20, deposit 12, closed");
}
