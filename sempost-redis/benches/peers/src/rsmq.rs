//! rsmq_async. It has no waiting receive: an empty queue is asked again after a millisecond.

use std::time::Duration;

use futures_util::future::join_all;
use rsmq_async::{Rsmq, RsmqConnection};

use crate::Flow;

async fn connect(flow: &Flow) -> Rsmq {
    let client = redis::Client::open(&*flow.address).unwrap();
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    Rsmq::new_with_connection(connection, false, None).await.unwrap()
}

pub async fn flow(flow: Flow) {
    let mut setup = connect(&flow).await;
    let _ = setup.delete_queue("bench").await;
    setup.create_queue("bench", None, None, None).await.unwrap();
    let mut tasks = Vec::new();
    for _ in 0..flow.pairs {
        let (mut rsmq, sending) = (connect(&flow).await, flow.clone());
        tasks.push(tokio::spawn(async move {
            for _ in 0..sending.each() / sending.batch as u64 {
                sending.pace().await;
                if sending.batch == 1 {
                    rsmq.send_message("bench", sending.message(), None).await.unwrap();
                } else {
                    let messages = (0..sending.batch).map(|_| sending.message()).collect();
                    rsmq.send_message_batch("bench", messages, None).await.unwrap();
                }
            }
        }));
        let (mut rsmq, flow) = (connect(&flow).await, flow.clone());
        tasks.push(tokio::spawn(async move {
            while !flow.done() {
                let messages = if flow.batch == 1 {
                    Vec::from_iter(rsmq.receive_message::<Vec<u8>>("bench", None).await.unwrap())
                } else {
                    rsmq.receive_message_batch::<Vec<u8>>("bench", None, flow.batch as u32).await.unwrap()
                };
                if messages.is_empty() {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                for message in &messages {
                    flow.note(&message.message);
                }
                let deletes = messages.iter().map(|message| {
                    let mut rsmq = rsmq.clone();
                    async move { rsmq.delete_message("bench", &message.id).await.unwrap() }
                });
                join_all(deletes).await;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}
