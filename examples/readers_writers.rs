//! Readers and writers on tokio, async-std and smol, at one catalogue, and how long each waited for it.
//!
//! The order is that of arrival: no reader starves behind writers, and no writer behind readers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sempost::{RwLock, RwLockWriteGuard};

const READERS: usize = 4;
const ROUNDS: u64 = 200;

/// Two fields that are the same whenever nobody writes.
#[derive(Default)]
struct Catalogue {
    books: u64,
    cards: u64,
}

/// The longest wait, and all of them together.
#[derive(Clone, Copy, Default)]
struct Waits {
    longest: Duration,
    total: Duration,
}

impl Waits {
    fn note(&mut self, since: Instant) {
        let waited = since.elapsed();
        (self.longest, self.total) = (self.longest.max(waited), self.total + waited);
    }
}

async fn reader(catalogue: Arc<RwLock<Catalogue>>) -> Waits {
    let mut waits = Waits::default();
    for _ in 0..ROUNDS {
        let since = Instant::now();
        let shelf = catalogue.read().await;
        waits.note(since);
        smol::future::yield_now().await; // it reads for a while, across an await
        assert_eq!(shelf.books, shelf.cards, "nobody reads while another writes");
    }
    waits
}

async fn writer(catalogue: Arc<RwLock<Catalogue>>) -> Waits {
    let mut waits = Waits::default();
    for _ in 0..ROUNDS {
        let since = Instant::now();
        let mut shelf = catalogue.write().await;
        waits.note(since);
        shelf.books += 1;
        smol::future::yield_now().await;
        shelf.cards += 1;
        let mine = shelf.books;
        let shelf = RwLockWriteGuard::downgrade(shelf); // others may read now, and nobody writes before it has looked
        assert_eq!((shelf.books, shelf.cards), (mine, mine));
    }
    waits
}

fn main() {
    let catalogue = Arc::new(RwLock::new(Catalogue::default()));
    let tokio = tokio::runtime::Runtime::new().expect("tokio starts its threads");
    let opening = catalogue.write_blocking(); // all of them wait in one line until it opens
    let mut tasks: Vec<(&str, &str, std::pin::Pin<Box<dyn Future<Output = Waits>>>)> = Vec::new();
    for task in 0..=READERS {
        let catalogue = || Arc::clone(&catalogue);
        if task == 0 {
            let join = tokio.spawn(writer(catalogue()));
            tasks.push(("tokio", "writes", Box::pin(async { join.await.expect("no panic") })));
            tasks.push(("async-std", "writes", Box::pin(async_std::task::spawn(writer(catalogue())))));
            tasks.push(("smol", "writes", Box::pin(smol::spawn(writer(catalogue())))));
        } else {
            let join = tokio.spawn(reader(catalogue()));
            tasks.push(("tokio", "reads", Box::pin(async { join.await.expect("no panic") })));
            tasks.push(("async-std", "reads", Box::pin(async_std::task::spawn(reader(catalogue())))));
            tasks.push(("smol", "reads", Box::pin(smol::spawn(reader(catalogue())))));
        }
    }
    drop(opening);
    println!("{:<10} {:<7} {:>12} {:>12}", "runtime", "task", "mean wait", "longest");
    for (runtime, what, task) in tasks {
        let waits = tokio.block_on(task);
        println!("{runtime:<10} {what:<7} {:>12.1?} {:>12.1?}", waits.total / ROUNDS as u32, waits.longest);
    }
    let catalogue = Arc::into_inner(catalogue).expect("all tasks are done").into_inner();
    assert_eq!((catalogue.books, catalogue.cards), (3 * ROUNDS, 3 * ROUNDS));
    println!(
        "3 writers and {} readers on three runtimes: {} books, {} cards",
        3 * READERS,
        catalogue.books,
        catalogue.cards
    );
}
