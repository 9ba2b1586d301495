//! This crate.

use futures_util::{SinkExt, StreamExt};
use sempost_redis::{RemoteMailbox, redis};

use crate::Flow;

pub async fn flow(flow: Flow) {
    let client = redis::Client::open(&*flow.address).unwrap();
    let mailbox = RemoteMailbox::new("bench", 4096).batch(flow.batch);
    mailbox.delete(client.clone()).await.unwrap();
    let (sender, receiver) = mailbox.open::<Vec<u8>>(client).await.unwrap();
    let mut tasks = Vec::new();
    for _ in 0..flow.pairs {
        let (mut sender, flow) = (sender.clone(), flow.clone());
        tasks.push(tokio::spawn(async move {
            for _ in 0..flow.each() {
                flow.pace().await;
                if flow.batch == 1 {
                    sender.send(flow.message()).await.unwrap();
                } else {
                    sender.feed(flow.message()).await.unwrap();
                }
            }
            sender.flush().await.unwrap();
        }));
    }
    let mut receivers = Vec::new();
    for _ in 0..flow.pairs {
        let (mut receiver, flow) = (receiver.clone().auto_ack(), flow.clone());
        receivers.push(tokio::spawn(async move {
            while let Some(message) = receiver.next().await {
                flow.note(&message.unwrap());
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    // Not before all was acknowledged.
    sender.close_mailbox().await.unwrap();
    for task in receivers {
        task.await.unwrap();
    }
}
