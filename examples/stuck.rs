//! Four ways to hang on purpose, and what `inspect` says: who waits where, for what, and who holds it since where.
//!
//! `cargo run --features inspect --example stuck [-- --dot] [tokio | smol | async-std]`

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::future::{AbortHandle, Either, abortable, ready, select};
use sempost::inspect::{self, Snapshot};
use sempost::mailbox::{self, Receiver, Sender};
use sempost::{Barrier, Latch, Mutex, Semaphore};

/// Where the tasks run. No primitive knows.
#[derive(Clone, Copy, Debug)]
pub enum Runtime {
    /// Tokio, with its default number of threads.
    Tokio,
    /// Smol's global executor.
    Smol,
    /// That of async-std.
    AsyncStd,
}

impl Runtime {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Tokio, Self::Smol, Self::AsyncStd];

    fn spawn(self, task: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        static TOKIO: OnceLock<tokio::runtime::Runtime> = OnceLock::new();

        let (task, abort) = abortable(task);
        match self {
            Self::Tokio => drop(TOKIO.get_or_init(|| tokio::runtime::Runtime::new().expect("it starts")).spawn(task)),
            Self::Smol => smol::spawn(task).detach(),
            Self::AsyncStd => drop(async_std::task::spawn(task)),
        }
        abort
    }
}

/// A hang: it starts tasks that wait for one another.
pub type Hang = fn(Runtime) -> Vec<AbortHandle>;

/// All of them, by name.
pub const HANGS: [(&str, Hang); 4] =
    [("mutexes", mutexes), ("permits", permits), ("futurelock", futurelock), ("mailboxes", mailboxes)];

/// Two mutexes, locked in opposite orders.
fn mutexes(runtime: Runtime) -> Vec<AbortHandle> {
    let (from, to, both) = (Arc::new(Mutex::new(10)), Arc::new(Mutex::new(0)), Arc::new(Barrier::new(2)));
    inspect::name(&from, "from");
    inspect::name(&to, "to");
    let (a, b, met) = (Arc::clone(&from), Arc::clone(&to), Arc::clone(&both));
    let pays = runtime.spawn(async move {
        let _a = a.lock().await; // mutexes: held
        met.wait().await;
        let _b = b.lock().await; // mutexes: waits
    });
    let pays_back = runtime.spawn(async move {
        let _b = to.lock().await; // mutexes: held
        both.wait().await;
        let _a = from.lock().await; // mutexes: waits
    });
    vec![pays, pays_back]
}

/// A pool whose users need a second connection while they hold the first.
fn permits(runtime: Runtime) -> Vec<AbortHandle> {
    let (pool, both) = (Arc::new(Semaphore::new(2)), Arc::new(Barrier::new(2)));
    inspect::name(&pool, "pool");
    let (pool2, both2) = (Arc::clone(&pool), Arc::clone(&both));
    let reads = runtime.spawn(async move {
        let _first = pool.acquire().await; // permits: held
        both.wait().await;
        let _second = pool.acquire().await; // permits: waits
    });
    let writes = runtime.spawn(async move {
        let _first = pool2.acquire().await; // permits: held
        both2.wait().await;
        let _second = pool2.acquire().await; // permits: waits
    });
    vec![reads, writes]
}

/// A `lock()` that lost in a `select` and was kept is given the mutex. Its task waits for another one.
fn futurelock(runtime: Runtime) -> Vec<AbortHandle> {
    let (cache, queued) = (Arc::new(Mutex::new(())), Arc::new(Latch::new(1)));
    inspect::name(&cache, "cache");
    let (cache2, queued2) = (Arc::clone(&cache), Arc::clone(&queued));
    let locked = Arc::new(Latch::new(1));
    let locked2 = Arc::clone(&locked);
    let uses = runtime.spawn(async move {
        let guard = cache.lock().await;
        locked.count_down();
        queued.wait().await;
        drop(guard);
    });
    let waits = runtime.spawn(async move {
        locked2.wait().await;
        let first = pin!(cache2.lock()); // futurelock: held
        if let Either::Right(((), _kept)) = select(first, ready(())).await {
            queued2.count_down();
            let _second = cache2.lock().await; // futurelock: waits
        }
    });
    vec![uses, waits]
}

/// Two actors that answer each message with two, and have one slot each.
fn mailboxes(runtime: Runtime) -> Vec<AbortHandle> {
    let ((to_pong, at_pong), (to_ping, at_ping)) = (mailbox::bounded(1), mailbox::bounded(1));
    inspect::name(&to_pong, "pong's");
    inspect::name(&to_ping, "ping's");
    to_ping.try_send(0).expect("there is room");
    vec![runtime.spawn(ping(at_ping, to_pong)), runtime.spawn(pong(at_pong, to_ping))]
}

async fn ping(inbox: Receiver<u32>, pong: Sender<u32>) {
    // mailboxes: held
    while let Some(n) = inbox.recv().await {
        for more in 1..=2 {
            let _ = pong.send(n + more).await; // mailboxes: waits
        }
    }
}

async fn pong(inbox: Receiver<u32>, ping: Sender<u32>) {
    // mailboxes: held
    while let Some(n) = inbox.recv().await {
        for more in 1..=2 {
            let _ = ping.send(n + more).await; // mailboxes: waits
        }
    }
}

/// Waits until something has been stuck for `long`.
pub fn stuck(long: Duration) -> Snapshot {
    loop {
        let snapshot = inspect::snapshot();
        if !snapshot.suspects(long).is_empty() {
            return snapshot;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Aborts the tasks, and waits until they have left all that has a name.
pub fn end(tasks: Vec<AbortHandle>) {
    tasks.iter().for_each(AbortHandle::abort);
    while inspect::snapshot().primitives().any(|primitive| primitive.name().is_some()) {
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |name: &str| args.iter().any(|arg| arg == name);
    let runtimes = [("tokio", Runtime::Tokio), ("smol", Runtime::Smol), ("async-std", Runtime::AsyncStd)];
    let all = !runtimes.iter().any(|(name, _)| wanted(name));
    for (runtime, spawner) in runtimes.into_iter().filter(|(name, _)| all || wanted(name)) {
        for (name, hang) in HANGS {
            let tasks = hang(spawner);
            let snapshot = stuck(Duration::from_secs(1));
            if wanted("--dot") {
                println!("// {name} on {runtime}\n{}", snapshot.to_dot());
            } else {
                println!("--- {name} on {runtime}: {snapshot}");
            }
            end(tasks);
        }
    }
}
