//! The machines: a primitive, set up by the first bytes of a walk.

use std::sync::Once;
use std::{panic, process};

use sempost::{Barrier, Fairness, Latch, Mutex, RwLock, Semaphore};

use super::gate::semaphore::Pool;
use super::mailbox::{Ends, Room, Wide};
use super::monitor::Hall;
use super::ports::{Hub, Setup, Sources};
use super::walk::{Bytes, walk};
use super::{credits, handles};

/// Takes a walk, and answers how many operations that were, or what went wrong.
type Walk = fn(&mut Bytes<'_>) -> Result<usize, String>;

pub struct Machine {
    pub name: &'static str,
    pub walk: Walk,
}

pub const MACHINES: [Machine; 19] = [
    Machine { name: "semaphore", walk: |bytes| semaphore(Fairness::Fifo, bytes) },
    Machine { name: "semaphore-huge", walk: huge },
    Machine {
        name: "semaphore-barging",
        walk: |bytes| semaphore(Fairness::Barging { overtakes: bytes.below(4) }, bytes),
    },
    Machine { name: "semaphore-unbounded", walk: |bytes| semaphore(Fairness::Unfair, bytes) },
    Machine { name: "mutex", walk: mutex },
    Machine { name: "monitor", walk: |bytes| walk::<Hall>(false, bytes) },
    Machine { name: "mailbox", walk: |bytes| walk::<Ends<u32>>(Room::of(1 + bytes.below(6)), bytes) },
    Machine { name: "mailbox-barging", walk: barging },
    Machine { name: "mailbox-blocks", walk: blocks },
    Machine { name: "mailbox-unbounded", walk: |bytes| walk::<Ends<Wide<60>>>(Room::UNBOUNDED, bytes) },
    Machine { name: "rendezvous", walk: |bytes| walk::<Ends<Wide<1>>>(Room::of(0), bytes) },
    Machine { name: "handles", walk: handles::walk },
    Machine { name: "ports", walk: ports },
    Machine { name: "credits", walk: |bytes| walk::<credits::Ends>(1 + bytes.below(8), bytes) },
    Machine { name: "semaphore-limited", walk: limited },
    Machine { name: "rwlock", walk: |bytes| walk::<RwLock<u32>>(1 + bytes.below(6), bytes) },
    Machine { name: "monitor-predicates", walk: |bytes| walk::<Hall>(true, bytes) },
    Machine { name: "latch", walk: |bytes| walk::<Latch>(bytes.below(16), bytes) },
    Machine { name: "barrier", walk: |bytes| walk::<Barrier>(bytes.below(8), bytes) },
];

fn semaphore(fairness: Fairness, bytes: &mut Bytes<'_>) -> Result<usize, String> {
    // Few, so that they are scarce, or more.
    let permits = if bytes.below(2) == 0 { bytes.below(4) } else { bytes.below(12) };
    walk::<Semaphore>(Pool::fair(permits, fairness), bytes)
}

/// As many permits as there can be, or nearly.
fn huge(bytes: &mut Bytes<'_>) -> Result<usize, String> {
    let most = Semaphore::MAX_PERMITS;
    let permits = most - bytes.below(3);
    walk::<Semaphore>(Pool { permits, most, fairness: Fairness::Fifo, limit: None }, bytes)
}

/// As many as a limit allows, or fewer: one is a signal.
fn limited(bytes: &mut Bytes<'_>) -> Result<usize, String> {
    let limit = 1 + bytes.below(4);
    walk::<Semaphore>(Pool::limited(bytes.below(limit + 1), limit), bytes)
}

fn mutex(bytes: &mut Bytes<'_>) -> Result<usize, String> {
    let fairness = match bytes.below(3) {
        0 => Fairness::Fifo,
        1 => Fairness::Barging { overtakes: bytes.below(4) },
        _ => Fairness::Unfair,
    };
    walk::<Mutex<u32>>(fairness, bytes)
}

/// Senders that may pass those that wait.
fn barging(bytes: &mut Bytes<'_>) -> Result<usize, String> {
    let fairness = match bytes.below(5) {
        4 => Fairness::Unfair,
        overtakes => Fairness::Barging { overtakes },
    };
    walk::<Ends<u32>>(Room::of(1 + bytes.below(8)).with(fairness), bytes)
}

/// Blocks of about a kilobyte hold eight of these messages, or two, or one.
fn blocks(bytes: &mut Bytes<'_>) -> Result<usize, String> {
    let room = Room::of(3 + bytes.below(68));
    match bytes.below(3) {
        0 => walk::<Ends<Wide<30>>>(room, bytes),
        1 => walk::<Ends<Wide<120>>>(room, bytes),
        _ => walk::<Ends<Wide<300>>>(room, bytes),
    }
}

fn ports(bytes: &mut Bytes<'_>) -> Result<usize, String> {
    let (classes, opener) = (bytes.below(2) == 1, bytes.below(4) > 0);
    walk::<Sources<Hub>>(Setup { ports: 1 + bytes.below(4), capacity: 1 + bytes.below(20), classes, opener }, bytes)
}

/// What a fuzzer calls: the first byte chooses one of the machines of these names.
///
/// # Panics
/// Aborts the process when the walk goes wrong. Panics on the way are part of the walk, so that they must not.
pub fn fuzz(names: &[&str], bytes: &[u8]) {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| panic::set_hook(Box::new(|_| {})));
    let mut bytes = Bytes::new(bytes);
    let name = names[bytes.below(names.len())];
    let machine = MACHINES.iter().find(|machine| machine.name == name).expect("there is such a machine");
    if let Err(failure) = (machine.walk)(&mut bytes) {
        eprintln!("{name}: {failure}");
        process::abort();
    }
}
