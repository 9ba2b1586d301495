//! A crawler whose pages in memory stay within a budget of bytes, whatever sizes come.
//!
//! ```text
//! cargo run --release --example crawler -- [--budget BYTES] [--plot FILE]
//! ```
//!
//! A page is weighed by its bytes. Its credits are taken before it is fetched, and come back when it was parsed. What
//! was found and not fetched yet, the frontier, lies outside the credits: parsers fill it and never wait for it, so
//! fetchers that wait for credits cannot stop them.

#![allow(unreachable_pub, reason = "a program has no outside")]

pub(crate) mod memory;
pub(crate) mod plot;
mod web;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use clap::Parser;
use sempost::mailbox::credits::{CreditReceiver, CreditSender};
use sempost::mailbox::{self, Receiver, Sender};

use memory::{Buffer, Memory};
pub(crate) use web::Web;

/// A page that was found. It keeps the frontier open, which ends when the last page was parsed.
struct Link {
    url: u32,
    frontier: Sender<Link>,
}

struct Page {
    body: Buffer,
    link: Link,
}

async fn fetch(web: Web, memory: Arc<Memory>, links: Receiver<Link>, pages: CreditSender<Page>) {
    while let Some(link) = links.recv().await {
        let size = web.content_length(link.url);
        // First the credits, then the memory: a page that waits for its credits is not there yet.
        let credits = pages.reserve(size).await.expect("the parsers are there");
        let mut body = memory.buffer(size);
        for packet in web.body(link.url) {
            body.extend(&packet);
            tokio::task::yield_now().await; // the next packet is on its way
        }
        credits.send(Page { body, link }).expect("it is as long as was promised");
    }
}

/// Returns how many pages it parsed.
async fn parse(seen: Arc<Mutex<HashSet<u32>>>, pages: CreditReceiver<Page>) -> usize {
    let mut parsed = 0;
    while let Some(page) = pages.recv().await {
        for url in web::links(page.body.bytes()) {
            if seen.lock().unwrap().insert(url) {
                let frontier = page.link.frontier.clone();
                page.link.frontier.try_send(Link { url, frontier }).expect("the fetchers are there");
            }
        }
        parsed += 1;
        // The page is dropped, and its credits come back.
    }
    parsed
}

/// Crawls it all. Returns how many pages were parsed.
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn crawl(web: Web, budget: usize, memory: &Arc<Memory>) -> usize {
    let (pages_out, pages_in) = mailbox::credits(budget, |page: &Page| page.body.bytes().len());
    let (frontier, links) = mailbox::unbounded();
    let seen = Arc::new(Mutex::new(HashSet::from([0])));
    for _ in 0..16 {
        tokio::spawn(fetch(web, Arc::clone(memory), links.clone(), pages_out.clone()));
    }
    let parsers = (0..2).map(|_| tokio::spawn(parse(Arc::clone(&seen), pages_in.clone())));
    let parsers: Vec<_> = parsers.collect();
    drop((links, pages_out, pages_in));

    let first = Link { url: 0, frontier: frontier.clone() };
    frontier.try_send(first).expect("the fetchers are there");
    drop(frontier);
    let mut parsed = 0;
    for parser in parsers {
        parsed += parser.await.expect("no panic");
    }
    parsed
}

/// Crawls a simulated web within a budget of memory.
#[derive(Parser)]
struct Args {
    /// Bytes of pages that may be in memory; a larger page goes alone
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..), default_value = "5000000")]
    budget: u32,

    /// Where to write a plot of the bytes in memory [default: crawler.svg in the target folder]
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
}

fn main() {
    let args = Args::parse();
    let (web, memory, budget) = (Web { pages: 600 }, Arc::new(Memory::new()), args.budget as usize);
    let parsed = crawl(web, budget, &memory);
    let (history, largest) = (memory.history(), web.largest());
    let most = history.iter().map(|moment| moment.bytes).max().unwrap_or(0);

    println!(
        "{parsed} pages of {} to {largest} bytes, at most {most} bytes in memory, budget {budget}",
        web.smallest()
    );
    assert_eq!(parsed, web.pages as usize);
    assert!(most <= budget.max(largest), "memory stays within the budget, or is one page");

    let path = args.plot.unwrap_or_else(|| {
        let program = std::env::current_exe().expect("it has a path");
        program.ancestors().nth(3).expect("target/release/examples/crawler").join("crawler.svg")
    });
    plot::draw(&path, &history, budget).expect("the plot can be written");
    println!("plot: {}", path.display());
}
