//! JetStream: published messages are confirmed, consumed ones acknowledged.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use async_nats::jetstream::{self, consumer, stream};
use futures_util::StreamExt;
use futures_util::future::join_all;

use crate::Flow;

pub struct Broker {
    child: Child,
    folder: std::path::PathBuf,
    pub address: String,
}

impl Broker {
    pub fn start(memory: bool) -> Option<Broker> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = std::env::temp_dir().join(format!("peers-nats-{}", std::process::id()));
        let mut command = Command::new("nats-server");
        command.args(["-js", "-a", "127.0.0.1", "-p", &port.to_string(), "-sd"]).arg(&folder);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        std::thread::sleep(Duration::from_millis(800));
        let kind = if memory { "memory" } else { "file" };
        Some(Broker { child, folder, address: format!("{kind}|nats://127.0.0.1:{port}") })
    }
}

impl Broker {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub async fn flow(flow: Flow) {
    let (kind, address) = flow.address.split_once('|').unwrap();
    let storage = if kind == "memory" { stream::StorageType::Memory } else { stream::StorageType::File };
    let context = jetstream::new(async_nats::connect(address).await.unwrap());
    let _ = context.delete_stream("bench").await;
    let config = stream::Config {
        name: "bench".into(),
        subjects: vec!["bench".into()],
        retention: stream::RetentionPolicy::WorkQueue,
        storage,
        ..Default::default()
    };
    let stream = context.create_stream(config).await.unwrap();
    let durable =
        consumer::pull::Config { durable_name: Some("bench".into()), max_ack_pending: 10_000, ..Default::default() };
    stream.create_consumer(durable).await.unwrap();
    let mut tasks = Vec::new();
    for _ in 0..flow.pairs {
        let context = jetstream::new(async_nats::connect(address).await.unwrap());
        let sending = flow.clone();
        tasks.push(tokio::spawn(async move {
            for _ in 0..sending.each() / sending.batch as u64 {
                sending.pace().await;
                let mut acks = Vec::new();
                for _ in 0..sending.batch {
                    acks.push(context.publish("bench", sending.message().into()).await.unwrap());
                }
                let stored = join_all(acks.into_iter().map(|ack| async move { ack.await })).await;
                stored.into_iter().for_each(|stored| drop(stored.unwrap()));
            }
        }));
        let context = jetstream::new(async_nats::connect(address).await.unwrap());
        let flow = flow.clone();
        tasks.push(tokio::spawn(async move {
            let consumer: consumer::PullConsumer = context.get_consumer_from_stream("bench", "bench").await.unwrap();
            // It fetches ahead, which is JetStream's own way to a flow.
            let mut messages = consumer.stream().max_messages_per_batch(flow.batch.max(2)).messages().await.unwrap();
            loop {
                let next = tokio::select! {
                    next = messages.next() => next,
                    () = flow.until_done() => return,
                };
                let Some(Ok(message)) = next else { continue };
                flow.note(&message.payload);
                message.ack().await.unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}
