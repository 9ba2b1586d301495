//! apalis-redis: tasks as JSON, a handler, a worker that polls.

use apalis::prelude::*;
use apalis_redis::{Config, RedisStorage};

use crate::Flow;

pub async fn flow(flow: Flow) {
    let queue = format!("bench-{}-{}-{}", flow.pairs, flow.batch, flow.paced);
    // A flow that takes too long is dropped, and so are its tasks.
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..flow.pairs {
        let config = || Config::default().queue(&queue).batch_size(flow.batch).persist_results(false);
        let connection = apalis_redis::connect(&*flow.address).await.unwrap();
        let mut storage = RedisStorage::<String, _>::new(connection).with_config(config());
        let sending = flow.clone();
        tasks.spawn(async move {
            for _ in 0..sending.each() / sending.batch as u64 {
                sending.pace().await;
                let message = || String::from_utf8(sending.message()).unwrap();
                if sending.batch == 1 {
                    storage.push(message()).await.unwrap();
                } else {
                    storage.push_bulk((0..sending.batch).map(|_| message()).collect()).await.unwrap();
                }
            }
        });
        let connection = apalis_redis::connect(&*flow.address).await.unwrap();
        let storage = RedisStorage::<String, _>::new(connection).with_config(config());
        let (noting, ending) = (flow.clone(), flow.clone());
        tasks.spawn(async move {
            let handler = move |message: String| {
                let flow = noting.clone();
                async move { flow.note(message.as_bytes()) }
            };
            let worker = WorkerBuilder::new(format!("worker-{number}")).backend(storage).build(handler);
            tokio::select! {
                _ = worker.run() => {}
                () = ending.until_done() => {}
            }
        });
    }
    tasks.join_all().await;
}
