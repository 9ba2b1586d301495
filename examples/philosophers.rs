//! Five philosophers at one table, on tokio, async-std and smol, and how long each of them was hungry.
//!
//! Each waits for both forks at once, so there is no deadlock. That alone lets two neighbours take turns and starve the
//! one between them. So a neighbour that has been hungry for longer goes first, and each passes at most once.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

use sempost::Monitor;
use smol::Timer; // it runs on every runtime

const NAMES: [&str; SEATS] = ["Thales", "Hypatia", "Avicenna", "Kant", "Arendt"];
const SEATS: usize = 5;
const MEALS: usize = 50;
const A_WHILE: Duration = Duration::from_millis(1);

fn neighbours(seat: usize) -> [usize; 2] {
    [(seat + SEATS - 1) % SEATS, (seat + 1) % SEATS]
}

/// What the monitor protects.
#[derive(Default)]
struct Table {
    /// Who has the fork to the left of each seat. The one to its right is the left one of the next seat.
    forks: [Option<usize>; SEATS],
    /// Since which turn each is hungry.
    hungry: [Option<u64>; SEATS],
    turn: u64,
    meals: [usize; SEATS],
}

impl Table {
    /// Both forks of a seat are somebody's, or nobody's.
    fn give_forks(&mut self, seat: usize, to: Option<usize>) {
        self.forks[seat] = to;
        self.forks[(seat + 1) % SEATS] = to;
    }

    fn get_hungry(&mut self, seat: usize) {
        self.turn += 1;
        self.hungry[seat] = Some(self.turn);
    }

    /// The predicate: both forks are free, and no neighbour has been hungry for longer.
    fn may_eat(&self, seat: usize) -> bool {
        let free = self.forks[seat].is_none() && self.forks[(seat + 1) % SEATS].is_none();
        free && neighbours(seat).iter().all(|&n| self.hungry[n].is_none() || self.hungry[n] > self.hungry[seat])
    }
}

struct Room {
    table: Monitor<Table>,
    /// Who eats, noted outside the monitor: it checks what the monitor promises.
    eats: [AtomicBool; SEATS],
}

/// Thinks and eats. Returns the longest time that it was hungry.
async fn philosopher(room: Arc<Room>, seat: usize) -> Duration {
    let mut longest = Duration::ZERO;
    for _ in 0..MEALS {
        Timer::after(A_WHILE).await; // it thinks

        let since = Instant::now();
        let mut table = room.table.enter().await;
        table.get_hungry(seat);
        let before = neighbours(seat).map(|n| table.meals[n]);
        let mut table = table.wait_for(move |table| table.may_eat(seat)).await;
        longest = longest.max(since.elapsed());
        let meanwhile = neighbours(seat).map(|n| table.meals[n]);
        assert!(meanwhile[0] <= before[0] + 1 && meanwhile[1] <= before[1] + 1, "a neighbour passes at most once");
        table.hungry[seat] = None;
        table.meals[seat] += 1;
        table.give_forks(seat, Some(seat));
        drop(table); // it leaves the monitor, with both forks

        room.eats[seat].store(true, SeqCst);
        Timer::after(A_WHILE).await; // it eats
        assert!(neighbours(seat).iter().all(|&n| !room.eats[n].load(SeqCst)), "no two neighbours eat at once");
        room.eats[seat].store(false, SeqCst);

        room.table.enter().await.give_forks(seat, None); // and the next one is let in
    }
    longest
}

type Task = Pin<Box<dyn Future<Output = Duration>>>;

/// One row of the table that is printed: where, who, how many meals, and the longest wait for one.
pub(crate) type Row = (&'static str, &'static str, usize, Duration);

/// Seats all of them at one table, and checks that each has eaten.
pub(crate) fn run() -> Vec<Row> {
    let room = Arc::new(Room { table: Monitor::plain(Table::default()), eats: Default::default() });
    let tokio = tokio::runtime::Runtime::new().expect("tokio starts its threads");
    let mut tasks: Vec<(_, Task)> = Vec::new();
    for seat in 0..SEATS {
        let life = philosopher(Arc::clone(&room), seat);
        tasks.push(match seat % 3 {
            0 => {
                let join = tokio.spawn(life);
                ("tokio", Box::pin(async { join.await.expect("no panic") }))
            }
            1 => ("async-std", Box::pin(async_std::task::spawn(life))),
            _ => ("smol", Box::pin(smol::spawn(life))),
        });
    }
    let longest: Vec<_> = tasks.into_iter().map(|(runtime, task)| (runtime, tokio.block_on(task))).collect();
    let table = room.table.enter_blocking();
    assert_eq!(table.meals, [MEALS; SEATS], "each ate as often as it wanted");
    assert_eq!(table.forks, [None; SEATS], "and put its forks back");
    longest.into_iter().enumerate().map(|(i, (runtime, wait))| (runtime, NAMES[i], table.meals[i], wait)).collect()
}

fn main() {
    println!("{:<10} {:<10} {:>6} {:>13}", "runtime", "who", "meals", "longest wait");
    for (runtime, name, meals, longest) in run() {
        println!("{runtime:<10} {name:<10} {meals:>6} {longest:>13.1?}");
    }
    println!("{SEATS} philosophers on three runtimes: no deadlock, and nobody was passed twice by the same neighbour");
}
