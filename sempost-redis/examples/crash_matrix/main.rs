//! Kills consumers and servers while messages flow, and counts what is lost, doubled, or out of order.
//!
//! ```text
//! cargo run --release --example crash_matrix [-- --quick]
//! ```
//!
//! Senders and consumers are processes of their own: this program again, with a role as its argument. A consumer writes
//! down each message before it acknowledges it. What was accepted and is in none of these files was lost.

#![allow(unreachable_pub, reason = "a program has no outside")]

mod roles;
#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/all/server.rs"]
mod server;
mod verdict;

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use sempost_redis::redis;
use server::Server;
use verdict::Verdict;

/// The bound of the mailbox.
const CAPACITY: u64 = 2000;
/// Messages that a sender sends in a step.
const STEP: u64 = 512;
const SENDERS: usize = 2;
const CONSUMERS: usize = 4;

struct Cell {
    name: &'static str,
    options: &'static [&'static str],
    steps: u64,
    /// A consumer is killed in each step; a server in each of so many.
    kills: bool,
    server_kills_every: Option<u64>,
    /// A consumer is stopped for three leases in each step instead, and its work takes a while.
    stalls: bool,
    may_lose: bool,
    must_lose: bool,
}

const ALWAYS: &[&str] = &["--appendonly", "yes", "--appendfsync", "always"];
const EVERYSEC: &[&str] = &["--appendonly", "yes", "--appendfsync", "everysec"];

fn cells(quick: bool) -> Vec<Cell> {
    let few = if quick { 10 } else { 1 };
    let cell = Cell {
        name: "",
        options: ALWAYS,
        steps: 110 / few,
        kills: true,
        server_kills_every: Some(5),
        stalls: false,
        may_lose: false,
        must_lose: false,
    };
    vec![
        Cell { name: "always", ..cell },
        Cell { name: "everysec", options: EVERYSEC, may_lose: true, ..cell },
        Cell {
            name: "always, stalled",
            steps: 10 / few.min(5),
            kills: false,
            server_kills_every: None,
            stalls: true,
            ..cell
        },
        Cell { name: "none", options: &[], steps: 20 / few.min(4), may_lose: true, must_lose: true, ..cell },
    ]
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["sender", port, number, log] => roles::sender(port, number, Path::new(log)),
        ["consumer", port, log, work] => roles::consumer(port, Path::new(log), work),
        [] | ["--quick"] => return matrix(!words.is_empty()),
        _ => {
            eprintln!("usage: crash_matrix [--quick]");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn matrix(quick: bool) -> ExitCode {
    println!("{SENDERS} senders, {CONSUMERS} consumers, a bound of {CAPACITY} messages; killed by SIGKILL");
    println!("{}", Verdict::HEAD);
    let mut good = true;
    for cell in cells(quick) {
        let Some(server) = Server::start(cell.options) else {
            eprintln!("redis-server is not installed");
            return ExitCode::from(2);
        };
        let verdict = Run::new(&cell, server).finish();
        println!("{verdict}");
        for complaint in verdict.complaints(&cell) {
            println!("  WRONG: {complaint}");
            good = false;
        }
    }
    println!("{}", if good { "all as promised" } else { "NOT as promised" });
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A cell at work.
struct Run<'a> {
    cell: &'a Cell,
    server: Server,
    folder: PathBuf,
    senders: Vec<(Child, ChildStdin)>,
    consumers: Vec<Child>,
    started: usize,
    consumer_kills: u64,
    server_kills: u64,
    begin: Instant,
}

impl<'a> Run<'a> {
    fn new(cell: &'a Cell, server: Server) -> Self {
        let folder = std::env::temp_dir().join(format!("crash-matrix-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("there is a folder for temporary files");
        let mut run = Run {
            cell,
            server,
            folder,
            senders: Vec::new(),
            consumers: Vec::new(),
            started: 0,
            consumer_kills: 0,
            server_kills: 0,
            begin: Instant::now(),
        };
        for number in 0..SENDERS {
            let log = run.folder.join(format!("sender-{number}"));
            let mut command = run.role("sender");
            let mut child = command.arg(number.to_string()).arg(log).stdin(Stdio::piped()).spawn().expect("it starts");
            let steps = child.stdin.take().expect("it is piped");
            run.senders.push((child, steps));
        }
        for _ in 0..CONSUMERS {
            run.start_consumer();
        }
        run
    }

    fn role(&self, role: &str) -> Command {
        let mut command = Command::new(std::env::current_exe().expect("a program knows its path"));
        command.arg(role).arg(self.server.port().to_string()).stdin(Stdio::null());
        command
    }

    fn start_consumer(&mut self) {
        let log = self.folder.join(format!("consumer-{}", self.started));
        self.started += 1;
        let work = if self.cell.stalls { "5" } else { "0" };
        self.consumers.push(self.role("consumer").arg(log).arg(work).spawn().expect("it starts"));
    }

    fn finish(mut self) -> Verdict {
        let (over, longest) = (AtomicBool::new(false), AtomicU64::new(0));
        let client = self.server.client();
        thread::scope(|threads| {
            threads.spawn(|| sample(&client, &over, &longest));
            for step in 0..self.cell.steps {
                self.step(step);
            }
            // The last senders close the mailbox between them; consumers end when all was acknowledged.
            for (mut sender, steps) in self.senders.drain(..) {
                drop(steps);
                assert!(sender.wait().expect("it was started").success(), "a sender failed");
            }
            self.close();
            for mut consumer in std::mem::take(&mut self.consumers) {
                assert!(consumer.wait().expect("it was started").success(), "a consumer failed");
            }
            over.store(true, SeqCst);
        });
        let mut verdict = verdict::read(&self.folder, SENDERS, self.started);
        verdict.name = self.cell.name;
        verdict.consumer_kills = self.consumer_kills;
        verdict.server_kills = self.server_kills;
        verdict.longest = longest.into_inner();
        verdict.time = self.begin.elapsed();
        let _ = std::fs::remove_dir_all(&self.folder);
        verdict
    }

    fn step(&mut self, step: u64) {
        for (_, steps) in &mut self.senders {
            steps.write_all(b"\n").expect("a sender listens");
        }
        // At another moment of the flow each time.
        thread::sleep(Duration::from_millis(20 + step * 37 % 100));
        if self.cell.kills {
            let mut consumer = self.consumers.remove(step as usize % CONSUMERS);
            consumer.kill().expect("it runs");
            let status = consumer.wait().expect("it was started");
            assert_eq!(status.signal(), Some(9), "the consumer had ended by itself");
            self.consumer_kills += 1;
            self.start_consumer();
        }
        if self.cell.server_kills_every.is_some_and(|every| step % every == every - 1) {
            // So that there is something to lose for a server that can.
            self.consumers.iter().filter(|_| self.cell.must_lose).for_each(|consumer| signal(consumer, "STOP"));
            thread::sleep(Duration::from_millis(50));
            // Asserts that it is the process that listens.
            self.server.kill();
            self.server_kills += 1;
            self.server.start_again();
            self.consumers.iter().filter(|_| self.cell.must_lose).for_each(|consumer| signal(consumer, "CONT"));
        }
        if self.cell.stalls {
            let consumer = &self.consumers[step as usize % CONSUMERS];
            signal(consumer, "STOP");
            thread::sleep(3 * roles::LEASE);
            signal(consumer, "CONT");
        }
    }

    fn close(&self) {
        let (mailbox, client) = (roles::mailbox(), self.server.client());
        smol::block_on(async {
            let (sender, _) = mailbox.open::<Vec<u8>>(client).await.expect("the server is up");
            sender.close_mailbox().await.expect("the server is up");
        });
    }
}

fn signal(process: &Child, name: &str) {
    let status = Command::new("kill").args(["-s", name, &process.id().to_string()]).status();
    assert!(status.expect("there is a `kill`").success());
}

/// Looks at the length again and again, with a connection of its own.
fn sample(client: &redis::Client, over: &AtomicBool, longest: &AtomicU64) {
    while !over.load(SeqCst) {
        let Ok(mut connection) = client.get_connection_with_timeout(Duration::from_secs(1)) else {
            thread::sleep(Duration::from_millis(5));
            continue;
        };
        while let Ok(length) = redis::cmd("XLEN").arg("sempost:{matrix}").query(&mut connection) {
            longest.fetch_max(length, SeqCst);
            if over.load(SeqCst) {
                return;
            }
            thread::sleep(Duration::from_millis(2));
        }
    }
}
