//! The inverted index of `sempost`'s main job, by processes over Redis: walkers → workers → merger.
//!
//! ```text
//! cargo run --release --features smol --example index_processes -- [PATH] [--workers N] [--kill] [--check]
//!     [--server redis://127.0.0.1:7000]
//! ```
//!
//! `--kill` ends one worker by SIGKILL at its work. What it had leased comes to the others, and what it had sent on and
//! not acknowledged is tokenised twice and merged once: the digest stays the same. `--check` compares it with that of
//! one process without Redis. Without `--server` a server is started.

#![allow(unreachable_pub, reason = "a program has no outside")]

#[path = "../../../examples/index/digest.rs"]
mod digest;
#[allow(dead_code, reason = "the local index has a summary")]
#[path = "../../../examples/index/inverted.rs"]
mod inverted;
#[path = "../../../examples/index/merge.rs"]
mod merge;
mod piece;
#[path = "../../../examples/index/postings.rs"]
mod postings;
mod roles;
#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/all/server.rs"]
mod server;
#[path = "../../../examples/index/terms.rs"]
mod terms;
#[path = "../../../examples/index/text.rs"]
mod text;

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use sempost_redis::{Error, RemoteMailbox, redis};

const WALKERS: usize = 2;

struct Args {
    path: PathBuf,
    workers: usize,
    kill: bool,
    check: bool,
    server: Option<String>,
}

fn args(words: &[String]) -> Result<Args, String> {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let mut args = Args { path: ".".into(), workers: cores.max(2), kill: false, check: false, server: None };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value"));
        match word.as_str() {
            "--workers" => args.workers = value()?.parse().map_err(|_| "--workers needs a number")?,
            "--server" => args.server = Some(value()?.clone()),
            "--kill" => args.kill = true,
            "--check" => args.check = true,
            option if option.starts_with('-') => return Err(format!("there is no option {option}")),
            path => args.path = path.into(),
        }
    }
    if args.workers == 0 || (args.kill && args.workers == 1) {
        return Err("someone has to do the work".into());
    }
    if !args.path.is_dir() {
        return Err(format!("{} is not a folder", args.path.display()));
    }
    Ok(args)
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [role, address, rest @ ..] = &words[..]
        && let Some(role) = role.strip_prefix("role=")
    {
        let client = redis::Client::open(&**address).expect("an address");
        smol::block_on(roles::play(role, client, rest)).expect("the server is there");
        return ExitCode::SUCCESS;
    }
    match args(&words).map(|args| smol::block_on(run(&args))) {
        Ok(Ok(true)) => ExitCode::SUCCESS,
        Ok(Ok(false)) => ExitCode::FAILURE,
        Ok(Err(error)) => {
            eprintln!("index_processes: {error}");
            ExitCode::FAILURE
        }
        Err(complaint) => {
            eprintln!("index_processes: {complaint}");
            ExitCode::from(2)
        }
    }
}

#[expect(clippy::zombie_processes, reason = "on an error the program ends")]
async fn run(args: &Args) -> Result<bool, Error> {
    let (address, _server) = match &args.server {
        Some(address) => (address.clone(), None),
        None => {
            let server = server::Server::start(&[]).expect("redis-server is installed");
            (format!("redis://127.0.0.1:{}", server.port()), Some(server))
        }
    };
    let client = redis::Client::open(&*address).map_err(|_| Error::Config("the server's address makes no sense"))?;
    let (pieces, tallies) = (roles::pieces(), roles::tallies());
    for mailbox in [&pieces, &tallies] {
        mailbox.delete(client.clone()).await?;
    }
    let begin = Instant::now();
    let start = |role: &str, words: &[&str]| start(role, &address, words);
    let path = args.path.to_str().expect("a path that can be an argument");
    let merger = start("merger", &[]);
    let walkers: Vec<Child> =
        (0..WALKERS).map(|n| start("walker", &[path, &n.to_string(), &WALKERS.to_string()])).collect();
    let mut workers: Vec<Child> = (0..args.workers).map(|_| start("worker", &[])).collect();

    let mut rows = Vec::new();
    if args.kill {
        let killed = workers.remove(0);
        rows.push(format!("worker {} {}", killed.id(), kill(killed, &pieces, &client).await?));
    }
    rows.extend(walkers.into_iter().map(|walker| ended("walker", walker)));
    close(&pieces, &client).await?;
    rows.extend(workers.into_iter().map(|worker| ended("worker", worker)));
    close(&tallies, &client).await?;
    let merged = ended("merger", merger);
    let time = begin.elapsed();
    table(rows.iter().chain([&merged]));
    let number = |name: &str| merged.split(' ').skip_while(|word| *word != name).nth(1).unwrap_or("0").to_owned();
    let bytes: f64 = number("bytes").parse().expect("a number");
    println!("{:.1} MB/s in {:.1} s", bytes / 1e6 / time.as_secs_f64(), time.as_secs_f64());
    let digest = number("digest");
    println!("digest: {digest}");
    if args.check {
        let local = roles::local(&args.path);
        println!("without Redis: {local}");
        return Ok(local == digest);
    }
    Ok(true)
}

/// Who did how much.
fn table<'a>(rows: impl Iterator<Item = &'a String>) {
    println!("{:<7} {:>8} {:>8} {:>12} {:>11}", "role", "process", "items", "bytes", "redelivered");
    for row in rows {
        let words: Vec<&str> = row.split(' ').collect();
        let value = |names: &[&str]| words.iter().skip_while(|word| !names.contains(word)).nth(1).unwrap_or(&"");
        let items = if words.len() == 3 { &words[2] } else { value(&["files", "pieces"]) };
        let again = value(&["redelivered", "doubles"]);
        println!("{:<7} {:>8} {items:>8} {:>12} {again:>11}", words[0], words[1], value(&["bytes"]));
    }
}

fn start(role: &str, address: &str, words: &[&str]) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("a program knows its path"));
    command.arg(format!("role={role}")).arg(address).args(words).stdout(Stdio::piped()).stdin(Stdio::null());
    command.spawn().expect("it starts")
}

/// Waits for a process, and returns what it says that it did.
fn ended(role: &str, process: Child) -> String {
    let id = process.id();
    let output = process.wait_with_output().expect("it was started");
    assert!(output.status.success(), "{role} {id} failed");
    format!("{role} {id} {}", String::from_utf8_lossy(&output.stdout).trim_end())
}

/// SIGKILL, as soon as there is work in the hands of workers.
async fn kill(mut worker: Child, pieces: &RemoteMailbox, client: &redis::Client) -> Result<String, Error> {
    let (sender, _) = pieces.open::<Vec<u8>>(client.clone()).await?;
    while sender.stats().await?.leased == 0 {
        smol::Timer::after(Duration::from_millis(1)).await;
    }
    smol::Timer::after(Duration::from_millis(100)).await;
    worker.kill().expect("it was started");
    let status = worker.wait().expect("it was started");
    Ok(if status.signal() == Some(9) { "killed" } else { "ended" }.into())
}

async fn close(mailbox: &RemoteMailbox, client: &redis::Client) -> Result<(), Error> {
    let (sender, _) = mailbox.open::<Vec<u8>>(client.clone()).await?;
    sender.close_mailbox().await.map(drop)
}
