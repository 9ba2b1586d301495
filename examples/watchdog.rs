//! A thread that watches: it prints who is stuck, and on SIGUSR1 all that is held and waited for.
//!
//! `cargo run --features inspect --example watchdog`

use std::collections::BTreeSet;
use std::time::Duration;

use sempost::inspect::{self, Snapshot};
use sempost::{Mutex, MutexGuard};

/// Prints a snapshot whenever something has been stuck for `long`, once for each circle.
fn watch(long: Duration, print: impl Fn(&Snapshot) + Send + 'static) {
    std::thread::spawn(move || {
        let mut known = BTreeSet::new();
        loop {
            std::thread::sleep(long / 2);
            let snapshot = inspect::snapshot();
            let suspects = snapshot.suspects(long);
            let circles =
                suspects.iter().map(|one| one.hops().iter().map(|hop| hop.primitive().id()).collect::<Vec<_>>());
            let futurelocks = snapshot.futurelocks(long).map(|(primitive, _)| vec![primitive.id()]);
            let stuck: BTreeSet<_> = circles.chain(futurelocks).collect();
            if !stuck.is_subset(&known) {
                print(&snapshot);
            }
            known = stuck;
        }
    });
}

/// Prints a snapshot for each SIGUSR1. A signal handler must not lock: this is a thread that is told of the signal.
#[cfg(unix)]
fn print_on_signal() -> std::io::Result<()> {
    use signal_hook::consts::SIGUSR1;

    let mut signals = signal_hook::iterator::Signals::new([SIGUSR1])?;
    std::thread::spawn(move || {
        for _ in &mut signals {
            eprintln!("on SIGUSR1: {}", inspect::snapshot());
        }
    });
    Ok(())
}

static FROM: Mutex<u32> = Mutex::new(10);
static TO: Mutex<u32> = Mutex::new(0);

/// Moves money, and so locks both. Whoever moves it the other way at the same time is stuck.
fn transfer(from: &'static Mutex<u32>, to: &'static Mutex<u32>, met: &std::sync::Barrier) {
    let mut from: MutexGuard<'_, u32> = from.lock_blocking();
    met.wait();
    let mut to = to.lock_blocking();
    (*from, *to) = (*from - 1, *to + 1);
}

fn main() {
    inspect::name(&FROM, "from");
    inspect::name(&TO, "to");
    let (said, heard) = std::sync::mpsc::channel();
    watch(Duration::from_secs(1), move |snapshot| said.send(snapshot.to_string()).expect("`main` listens"));
    let met = std::sync::Arc::new(std::sync::Barrier::new(2));
    for (name, one, other) in [("pays", &FROM, &TO), ("pays back", &TO, &FROM)] {
        let met = std::sync::Arc::clone(&met);
        let thread = std::thread::Builder::new().name(name.to_owned());
        thread.spawn(move || transfer(one, other, &met)).expect("it starts");
    }
    println!("the watchdog: {}", heard.recv().expect("it is stuck"));

    #[cfg(unix)]
    {
        print_on_signal().expect("the signal can be had");
        signal_hook::low_level::raise(signal_hook::consts::SIGUSR1).expect("it is sent");
        std::thread::sleep(Duration::from_millis(100));
    }
}
