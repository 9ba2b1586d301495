//! A test that hangs says who it is and in what state, and ends the process.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// How long a test may take: generous, since it only ever ends a hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs `body`; after [`PATIENCE`] prints the name of the test and `state()`, and aborts.
pub fn watched<R>(state: impl Fn() -> String + Send + 'static, body: impl FnOnce() -> R) -> R {
    let name = thread::current().name().unwrap_or("a thread without a name").to_owned();
    let (done, over) = channel::<()>();
    let watcher = thread::spawn(move || {
        if over.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
            return;
        }
        eprintln!("{name}: hangs after {PATIENCE:?}");
        // The state may itself hang, behind a lock that is held for ever.
        let (said, heard) = channel();
        thread::spawn(move || said.send(state()));
        let state = heard.recv_timeout(Duration::from_secs(5));
        eprintln!("{name}: {}", state.unwrap_or_else(|_| "its state hangs, too".to_owned()));
        std::process::abort();
    });
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
    drop(done);
    watcher.join().unwrap();
    result.unwrap_or_else(|payload| std::panic::resume_unwind(payload))
}
