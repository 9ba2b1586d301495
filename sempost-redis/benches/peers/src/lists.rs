//! Lists of Redis by hand: LPUSH, BLMOVE to a list of one's own, LREM from it. No bound, no redelivery, no order of
//! what a dead consumer had.

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, pipe};

use crate::Flow;

async fn connect(flow: &Flow) -> MultiplexedConnection {
    let config = AsyncConnectionConfig::new().set_response_timeout(None);
    let client = redis::Client::open(&*flow.address).unwrap();
    client.get_multiplexed_async_connection_with_config(&config).await.unwrap()
}

pub async fn flow(flow: Flow) {
    let mut setup = connect(&flow).await;
    let _: () = redis::cmd("DEL").arg("bench").query_async(&mut setup).await.unwrap();
    let mut tasks = Vec::new();
    for number in 0..flow.pairs {
        let (mut connection, sending) = (connect(&flow).await, flow.clone());
        tasks.push(tokio::spawn(async move {
            for _ in 0..sending.each() / sending.batch as u64 {
                sending.pace().await;
                let mut push = redis::cmd("LPUSH");
                push.arg("bench");
                for _ in 0..sending.batch {
                    push.arg(sending.message());
                }
                let _: () = push.query_async(&mut connection).await.unwrap();
            }
        }));
        let (mut connection, flow) = (connect(&flow).await, flow.clone());
        tasks.push(tokio::spawn(async move {
            let own = format!("bench:{number}");
            while !flow.done() {
                let mut moves = pipe();
                let one = flow.batch == 1;
                for _ in 0..flow.batch {
                    let command = moves.cmd(if one { "BLMOVE" } else { "LMOVE" });
                    command.arg("bench").arg(&own).arg("RIGHT").arg("LEFT");
                    if one {
                        command.arg(0.2);
                    }
                }
                let messages: Vec<Option<Vec<u8>>> = moves.query_async(&mut connection).await.unwrap();
                let mut removes = pipe();
                for message in messages.iter().flatten() {
                    flow.note(message);
                    removes.cmd("LREM").arg(&own).arg(-1).arg(message);
                }
                if messages.iter().any(Option::is_some) {
                    let _: Vec<u64> = removes.query_async(&mut connection).await.unwrap();
                }
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}
