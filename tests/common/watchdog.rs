//! A test that hangs says who it is and in what state, and ends the process.
//!
//! It keeps to atomics and joins, so that a race detector which does not see into the host's locks sees no race here.

use std::process::abort;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::thread;
use std::time::{Duration, Instant};

/// How long a test may take: generous, since it only ever ends a hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs `body`; after [`PATIENCE`] prints the name of the test and `state()`, and aborts.
pub fn watched<R>(state: impl Fn() -> String + Send + 'static, body: impl FnOnce() -> R) -> R {
    let name = thread::current().name().unwrap_or("a thread without a name").to_owned();
    let over = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&over);
    let watcher = thread::spawn(move || {
        let begin = Instant::now();
        // ORDERING: Acquire; pairs with the Release below.
        while !seen.load(Acquire) {
            match PATIENCE.checked_sub(begin.elapsed()) {
                Some(rest) => thread::park_timeout(rest),
                None => complain(&name, state),
            }
        }
    });
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
    // ORDERING: Release; pairs with the Acquire above.
    over.store(true, Release);
    watcher.thread().unpark();
    watcher.join().unwrap();
    result.unwrap_or_else(|payload| std::panic::resume_unwind(payload))
}

fn complain(name: &str, state: impl Fn() -> String + Send + 'static) -> ! {
    eprintln!("{name}: hangs after {PATIENCE:?}");
    let teller = name.to_owned();
    // The state may itself hang, behind a lock that is held for ever.
    thread::spawn(move || {
        eprintln!("{teller}: {}", state());
        abort();
    });
    thread::park_timeout(Duration::from_secs(5));
    eprintln!("{name}: its state hangs, too");
    abort()
}
