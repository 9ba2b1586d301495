//! Readers and writers on tokio, async-std and smol, at one catalogue, and how long each waited for it.
//!
//! The order is that of arrival: no reader starves behind writers, and no writer behind readers.

use std::pin::Pin;
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
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Waits {
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

type Task = Pin<Box<dyn Future<Output = Waits>>>;

/// One row of the table that is printed: where, what, and how long it waited.
pub(crate) type Row = (&'static str, &'static str, Waits);

/// Runs all of them at one catalogue, and checks that no write was lost.
pub(crate) fn run() -> Vec<Row> {
    let catalogue = Arc::new(RwLock::new(Catalogue::default()));
    let tokio = tokio::runtime::Runtime::new().expect("tokio starts its threads");
    // All of them wait in one line until it opens.
    let opening = catalogue.write_blocking();
    let mut tasks: Vec<(_, _, Task)> = Vec::new();
    for task in 0..3 * (1 + READERS) {
        let (catalogue, what) = (Arc::clone(&catalogue), if task < 3 { "writes" } else { "reads" });
        let work = async move { if task < 3 { writer(catalogue).await } else { reader(catalogue).await } };
        tasks.push(match task % 3 {
            0 => {
                let join = tokio.spawn(work);
                ("tokio", what, Box::pin(async { join.await.expect("no panic") }))
            }
            1 => ("async-std", what, Box::pin(async_std::task::spawn(work))),
            _ => ("smol", what, Box::pin(smol::spawn(work))),
        });
    }
    drop(opening);
    let rows = tasks.into_iter().map(|(runtime, what, task)| (runtime, what, tokio.block_on(task))).collect();
    let catalogue = Arc::into_inner(catalogue).expect("all tasks are done").into_inner();
    assert_eq!((catalogue.books, catalogue.cards), (3 * ROUNDS, 3 * ROUNDS));
    rows
}

fn main() {
    let rows = run();
    println!("{:<10} {:<7} {:>12} {:>12}", "runtime", "task", "mean wait", "longest");
    for (runtime, what, waits) in rows {
        println!("{runtime:<10} {what:<7} {:>12.1?} {:>12.1?}", waits.total / ROUNDS as u32, waits.longest);
    }
    println!("3 writers and {} readers on three runtimes, {ROUNDS} rounds each: no write was lost", 3 * READERS);
}
