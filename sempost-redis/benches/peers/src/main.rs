//! `sempost-redis` beside what one would take instead: the same servers, the same durability, one run.
//!
//! ```text
//! cargo run --release [-- none|everysec|always [CONTENDER [CELL]]]
//! ```
//!
//! The last three columns are of single messages, 4→4: processor time of the server and of the clients for each, in µs,
//! and how often Redis read from a socket for each.
//!
//! Messages of 100 bytes, each acknowledged (or deleted, or removed) after it was received. JetStream has a server of
//! its own, with streams in memory beside Redis without a log, and in files beside `everysec`; its Debian server cannot
//! sync at each message. Only `sempost-redis` has a bound (4096 here).

mod apalis_peer;
mod cost;
mod lists;
mod nats;
mod ours;
mod rsmq;
#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../../../tests/all/server.rs"]
mod server;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use server::Server;

/// One flow: so many senders and receivers, so many messages at once, so many in all.
#[derive(Clone)]
struct Flow {
    address: String,
    pairs: u64,
    batch: usize,
    total: u64,
    /// The latency of each message is noted, and the sender pauses between them.
    paced: bool,
    begin: Instant,
    received: Arc<AtomicU64>,
    latencies: Arc<std::sync::Mutex<Vec<Duration>>>,
}

impl Flow {
    fn message(&self) -> Vec<u8> {
        let mut message = format!("{:020}", self.begin.elapsed().as_nanos()).into_bytes();
        message.resize(100, b'.');
        message
    }

    async fn pace(&self) {
        if self.paced {
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    }

    /// Notes a message, and returns whether it was the last.
    fn note(&self, message: &[u8]) -> bool {
        if self.paced {
            let sent: u64 = std::str::from_utf8(&message[..20]).unwrap().parse().unwrap();
            self.latencies.lock().unwrap().push(self.begin.elapsed() - Duration::from_nanos(sent));
        }
        self.received.fetch_add(1, Relaxed) + 1 >= self.total
    }

    fn done(&self) -> bool {
        self.received.load(Relaxed) >= self.total
    }

    fn each(&self) -> u64 {
        self.total / self.pairs
    }

    async fn until_done(&self) {
        while !self.done() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Messages a second.
    async fn run<F: Future<Output = ()>>(self, contender: impl FnOnce(Flow) -> F) -> Option<f64> {
        let begin = Instant::now();
        let flow = self.clone();
        tokio::time::timeout(Duration::from_secs(30), contender(self)).await.ok()?;
        Some(flow.total as f64 / begin.elapsed().as_secs_f64())
    }
}

const CONTENDERS: [&str; 5] = ["sempost-redis", "rsmq_async", "apalis-redis", "JetStream", "LPUSH/BLMOVE/LREM"];

async fn play(name: &str, flow: Flow) -> Option<f64> {
    match name {
        "sempost-redis" => flow.run(ours::flow).await,
        "rsmq_async" => flow.run(rsmq::flow).await,
        "apalis-redis" => flow.run(apalis_peer::flow).await,
        "JetStream" => flow.run(nats::flow).await,
        _ => flow.run(lists::flow).await,
    }
}

#[tokio::main]
async fn main() {
    let mode = std::env::args().nth(1).unwrap_or("none".into());
    let options: &[&str] = match mode.as_str() {
        "none" => &[],
        "everysec" => &["--appendonly", "yes", "--appendfsync", "everysec"],
        "always" => &["--appendonly", "yes", "--appendfsync", "always"],
        _ => panic!("none, everysec or always"),
    };
    let slower = if mode == "always" { 10 } else { 1 };
    println!("log: {mode}; messages a second, latency to a waiting receiver in µs");
    println!("| | 1→1 | 4→4 | 1→1, 64 at once | 4→4, 64 at once | p50 | p99 | server | clients | reads |");
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    let (only, cell) = (std::env::args().nth(2), std::env::args().nth(3));
    let cell: Option<usize> = cell.map(|cell| cell.parse().expect("a cell is a number from 0 to 4"));
    for name in CONTENDERS.into_iter().filter(|name| only.as_ref().is_none_or(|only| name.contains(&**only))) {
        let nats = name == "JetStream";
        if nats && mode == "always" {
            continue;
        }
        let server = Server::start(options).expect("redis-server is installed");
        let broker = nats.then(|| nats::Broker::start(mode == "none"));
        let address = match &broker {
            Some(Some(broker)) => broker.address.clone(),
            Some(None) => {
                println!("| {name} | nats-server is not installed |");
                continue;
            }
            None => format!("redis://127.0.0.1:{}", server.port()),
        };
        let flow = |pairs, batch, total, paced| Flow {
            address: address.clone(),
            pairs,
            batch,
            total,
            paced,
            begin: Instant::now(),
            received: Arc::default(),
            latencies: Arc::default(),
        };
        let pid = match &broker {
            Some(Some(broker)) => broker.pid(),
            _ => server.pid(),
        };
        let usage = || (cost::cpu(pid), cost::cpu(std::process::id()), cost::reads(&address));
        let (mut row, mut costs) = (format!("| {name} |"), String::new());
        let cells = [(1, 1, 10_000), (4, 1, 20_000), (1, 64, 128_000), (4, 64, 128_000)];
        for (number, (pairs, batch, total)) in cells.into_iter().enumerate() {
            if cell.is_some_and(|cell| cell != number) {
                row += " – |";
                continue;
            }
            let slower = if name == "apalis-redis" { 10 } else { slower };
            let before = usage();
            let speed = play(name, flow(pairs, batch, total / slower, false)).await;
            row += &speed.map_or(" – |".into(), |speed| format!(" {speed:.0} |"));
            if (pairs, batch) == (4, 1) || cell.is_some() {
                let (after, each) = (usage(), (total / slower) as f64);
                let (server, clients) = ((after.0 - before.0).as_secs_f64(), (after.1 - before.1).as_secs_f64());
                let reads = (after.2 - before.2) as f64;
                costs = format!(" {:.0} | {:.0} | {:.1} |", server * 1e6 / each, clients * 1e6 / each, reads / each);
            }
        }
        let paced = flow(1, 1, if cell.is_some_and(|cell| cell < 4) { 0 } else { 300 }, true);
        let latencies = paced.latencies.clone();
        play(name, paced).await;
        let mut latencies = std::mem::take(&mut *latencies.lock().unwrap());
        latencies.sort_unstable();
        for percent in [50, 99] {
            let latency = latencies.get(latencies.len() * percent / 100).map(Duration::as_micros);
            row += &latency.map_or(" – |".into(), |latency| format!(" {latency} |"));
        }
        println!("{row}{costs}");
    }
}
