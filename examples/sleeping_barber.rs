//! The sleeping barber: one chair, a few more to wait on, and customers from tokio, async-std and smol.
//!
//! The barber and a customer meet four times a haircut. In the textbook that takes four semaphores. Here each of them
//! names the state that it waits for, and nobody has to wake anybody.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

use sempost::Monitor;
use smol::Timer; // it runs on every runtime

const CHAIRS: usize = 3;
const CUSTOMERS: usize = 12;
const VISITS: usize = 30;
const HAIRCUT: Duration = Duration::from_millis(1);

/// The barber's chair, and the name of the customer that it is about.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Chair {
    #[default]
    Free,
    For(usize),
    Taken(usize),
    Done(usize),
}
use Chair::{Done, For, Free, Taken};

/// What the monitor protects.
#[derive(Default)]
struct Shop {
    chair: Chair,
    /// Who waits, in order of arrival.
    waiting: VecDeque<usize>,
    most: usize,
    closed: bool,
}

#[derive(Default)]
struct Barbershop {
    shop: Monitor<Shop>,
    /// Whether somebody sits in the chair, noted outside the monitor: it checks what the monitor promises.
    in_chair: AtomicBool,
}

/// Cuts hair until the shop is closed. Returns how often.
async fn barber(place: Arc<Barbershop>) -> usize {
    let mut haircuts = 0;
    loop {
        // The barber sleeps until the chair is free and somebody comes, or it is time to go home.
        let woken = |shop: &Shop| shop.chair == Free && (shop.closed || !shop.waiting.is_empty());
        let mut shop = place.shop.enter_when(woken).await;
        let Some(customer) = shop.waiting.pop_front() else { return haircuts };
        shop.chair = For(customer);
        drop(shop.wait_for(move |shop| shop.chair == Taken(customer)).await);
        Timer::after(HAIRCUT).await; // it cuts, outside the monitor
        haircuts += 1;
        place.shop.enter().await.chair = Done(customer);
    }
}

/// One visit. Returns how long the customer waited, or `None` if it was turned away.
async fn visit(place: &Barbershop, me: usize) -> Option<Duration> {
    let since = Instant::now();
    let mut shop = place.shop.enter().await;
    if shop.waiting.len() == CHAIRS {
        return None;
    }
    shop.waiting.push_back(me);
    shop.most = shop.most.max(shop.waiting.len());
    let mut shop = shop.wait_for(move |shop| shop.chair == For(me)).await;
    let waited = since.elapsed();
    shop.chair = Taken(me);
    assert!(!place.in_chair.swap(true, SeqCst), "the barber serves one at a time");
    let mut shop = shop.wait_for(move |shop| shop.chair == Done(me)).await;
    place.in_chair.store(false, SeqCst);
    shop.chair = Free;
    Some(waited)
}

/// What customers met: how often they were served and turned away, and their waits.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Visits {
    pub(crate) served: usize,
    pub(crate) turned_away: usize,
    longest: Duration,
    total: Duration,
}

async fn customer(place: Arc<Barbershop>, me: usize) -> Visits {
    let mut visits = Visits::default();
    for _ in 0..VISITS {
        Timer::after(HAIRCUT * (4 + me as u32)).await; // its hair grows
        match visit(&place, me).await {
            Some(waited) => {
                visits.served += 1;
                (visits.longest, visits.total) = (visits.longest.max(waited), visits.total + waited);
            }
            None => visits.turned_away += 1,
        }
    }
    visits
}

type Task = Pin<Box<dyn Future<Output = Visits>>>;

/// Opens the shop, sends all customers, closes it, and checks the counts. Returns what each customer met, and where.
pub(crate) fn run() -> Vec<(&'static str, Visits)> {
    let place = Arc::new(Barbershop::default());
    let tokio = tokio::runtime::Runtime::new().expect("tokio starts its threads");
    let barber = smol::spawn(barber(Arc::clone(&place)));
    let mut tasks: Vec<(_, Task)> = Vec::new();
    for me in 0..CUSTOMERS {
        let life = customer(Arc::clone(&place), me);
        tasks.push(match me % 3 {
            0 => {
                let join = tokio.spawn(life);
                ("tokio", Box::pin(async { join.await.expect("no panic") }))
            }
            1 => ("async-std", Box::pin(async_std::task::spawn(life))),
            _ => ("smol", Box::pin(smol::spawn(life))),
        });
    }
    let rows: Vec<_> = tasks.into_iter().map(|(runtime, task)| (runtime, tokio.block_on(task))).collect();
    place.shop.enter_blocking().closed = true;
    let haircuts = smol::block_on(barber);

    let served: usize = rows.iter().map(|(_, visits)| visits.served).sum();
    let turned_away: usize = rows.iter().map(|(_, visits)| visits.turned_away).sum();
    assert_eq!(served + turned_away, CUSTOMERS * VISITS, "each visit ends in one of two ways");
    assert_eq!(served, haircuts, "each who was served got a haircut, and nobody else");
    let shop = place.shop.enter_blocking();
    assert!(shop.most <= CHAIRS && shop.waiting.is_empty(), "no more wait than there are chairs");
    rows
}

fn main() {
    let rows = run();
    println!("{:<10} {:>7} {:>12} {:>10} {:>10}", "runtime", "served", "turned away", "mean wait", "longest");
    for (runtime, Visits { served, turned_away, longest, total }) in rows {
        let mean = total.checked_div(served as u32).unwrap_or_default();
        println!("{runtime:<10} {served:>7} {turned_away:>12} {mean:>10.1?} {longest:>10.1?}");
    }
    println!("{CUSTOMERS} customers from three runtimes, {VISITS} visits each, {CHAIRS} chairs: one haircut at a time");
}
