//! A run that stands still says in which state, and ends the process.
//!
//! Unlike the watchdog of the tests it asks for progress, since a round may be long, and it keeps to atomics.

use std::process::abort;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::thread;
use std::time::{Duration, Instant};

/// How long nothing may be received or acquired: generous, since it only ever ends a hang.
const PATIENCE: Duration = Duration::from_secs(60);

static PROGRESS: AtomicU64 = AtomicU64::new(0);

/// Something was received or acquired. Waits that are given up are no progress: they can go on for ever.
pub(super) fn progress() {
    PROGRESS.fetch_add(1, Relaxed);
}

/// Runs `body`; when nothing has happened for [`PATIENCE`] prints `state()`, and aborts.
pub(super) fn watch<R>(state: Box<dyn Fn() -> String + Send>, body: impl FnOnce() -> R) -> R {
    let over = &AtomicBool::new(false);
    thread::scope(|scope| {
        let watcher = scope.spawn(move || {
            let (mut seen, mut since) = (PROGRESS.load(Relaxed), Instant::now());
            // ORDERING: Acquire; pairs with the Release below.
            while !over.load(Acquire) {
                thread::sleep(Duration::from_millis(1));
                let now = PROGRESS.load(Relaxed);
                if now != seen {
                    (seen, since) = (now, Instant::now());
                }
                if since.elapsed() > PATIENCE {
                    complain(state);
                }
            }
        });
        let result = body();
        // ORDERING: Release; pairs with the Acquire above.
        over.store(true, Release);
        watcher.join().expect("it does not panic");
        result
    })
}

fn complain(state: Box<dyn Fn() -> String + Send>) -> ! {
    eprintln!("nothing has happened for {PATIENCE:?}");
    // The state may itself hang, behind a lock that is held for ever.
    thread::spawn(move || {
        eprintln!("{}", state());
        abort();
    });
    thread::sleep(Duration::from_secs(5));
    eprintln!("its state hangs, too");
    abort()
}
