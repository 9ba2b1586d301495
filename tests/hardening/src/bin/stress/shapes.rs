//! Which shapes a pass goes through, and how much of the whole each gets.

use hardening::stress::{Condvars, Signalled, Unsignalled, credits, mailbox, ports, section, semaphore, shop};
use sempost::{Fairness, Mutex, RwLock};

use super::Rounds;

const THREADS: [usize; 5] = [1, 2, 4, 8, 16];
const FAIRNESS: [Fairness; 3] = [Fairness::Fifo, Fairness::Barging { overtakes: 3 }, Fairness::Unfair];

/// How many waits in a hundred are given up.
fn cancel(rounds: &mut Rounds) -> usize {
    10 + rounds.random.below(41)
}

/// Threads that block, of so many: they are dear, since each wait is a switch of threads.
fn blockers(threads: usize, rounds: &mut Rounds) -> u32 {
    u32::from(threads >= 4 && rounds.random.one_in(4))
}

/// Most go on until everything was sent.
fn end(rounds: &mut Rounds) -> mailbox::End {
    match rounds.random.below(8) {
        0 => mailbox::End::Closed,
        1 => mailbox::End::Left,
        _ => mailbox::End::Drained,
    }
}

/// Shares of a pass: small mailboxes and many threads cost a switch a message, so they get fewer.
fn share(capacity: Option<usize>, threads: usize) -> u64 {
    let ample = match capacity {
        Some(0..=3) => 1,
        Some(4..=7) => 2,
        _ => 8,
    };
    if threads == 1 { 2 * ample } else { ample }
}

pub(crate) fn mailboxes(rounds: &mut Rounds, messages: u64) {
    const CAPACITIES: [Option<usize>; 8] = [Some(0), Some(1), Some(2), Some(3), Some(7), Some(64), Some(1024), None];
    const MIXES: [(u32, u32); 5] = [(1, 1), (4, 1), (1, 4), (4, 4), (16, 16)];
    let shares: u64 = CAPACITIES.iter().flat_map(|&c| THREADS.map(|threads| share(c, threads))).sum();
    for threads in THREADS {
        for capacity in CAPACITIES {
            for (senders, receivers) in MIXES {
                let all = messages * share(capacity, threads) / (shares * MIXES.len() as u64);
                let blockers = blockers(threads, rounds);
                let quota = (all / u64::from(senders + blockers)).max(16) as u32;
                let (end, cancel) = (end(rounds), cancel(rounds));
                let bystanders = u32::from(rounds.random.one_in(4));
                let onlooker = rounds.onlookers;
                let shape =
                    mailbox::Shape { capacity, senders, receivers, bystanders, blockers, quota, cancel, end, onlooker };
                let seed = rounds.random.next_u64();
                rounds.run(mailbox::workload(shape, seed), threads);
            }
        }
    }
}

pub(crate) fn semaphores(rounds: &mut Rounds, acquires: u64) {
    const PERMITS: [usize; 5] = [1, 2, 3, 7, 64];
    let all = acquires / 2 / (THREADS.len() * PERMITS.len() * FAIRNESS.len()) as u64;
    for threads in THREADS {
        for permits in PERMITS {
            for fairness in FAIRNESS {
                let (tasks, blockers) = (2 * threads + rounds.random.below(8), blockers(threads, rounds) as usize);
                let quota = (all / (tasks + blockers) as u64).max(4) as u32;
                let (cancel, closes) = (cancel(rounds), rounds.random.one_in(8));
                let bystanders = rounds.random.below(2);
                let shape = semaphore::Shape { permits, fairness, tasks, bystanders, blockers, quota, cancel, closes };
                let seed = rounds.random.next_u64();
                rounds.run(semaphore::workload(shape, seed), threads);
            }
        }
    }
}

pub(crate) fn mutexes(rounds: &mut Rounds, acquires: u64) {
    let kinds: Vec<_> = FAIRNESS.map(|fairness| (fairness, 1, 1)).to_vec();
    sections::<Mutex<section::Counts>>(rounds, acquires / 4, &kinds);
}

pub(crate) fn rwlocks(rounds: &mut Rounds, acquires: u64) {
    let kinds = [(1, 2), (1, 16), (3, 2), (3, 16), (64, 2), (64, 16)];
    let kinds = kinds.map(|(readers, writes)| (Fairness::Fifo, readers, writes));
    sections::<RwLock<section::Counts>>(rounds, acquires / 8, &kinds);
}

/// Locks of these kinds: who may pass whom, how many read, and of how many one writes.
fn sections<S: section::Section>(rounds: &mut Rounds, all: u64, kinds: &[(Fairness, usize, usize)]) {
    let all = all / (THREADS.len() * kinds.len()) as u64;
    for threads in THREADS {
        for &(fairness, readers, writes) in kinds {
            let (tasks, blockers) = (2 * threads + rounds.random.below(8), blockers(threads, rounds) as usize);
            let quota = (all / (tasks + blockers) as u64).max(4) as u32;
            let (bystanders, cancel) = (rounds.random.below(2), cancel(rounds));
            let shape = section::Shape { fairness, readers, writes, tasks, bystanders, blockers, quota, cancel };
            let seed = rounds.random.next_u64();
            rounds.run(section::workload::<S>(shape, seed), threads);
        }
    }
}

pub(crate) fn monitors(rounds: &mut Rounds, acquires: u64) {
    let mixes = [(1, 1), (4, 2), (2, 4), (16, 16)];
    // Each item is put and got, so it is worth two entries, at least.
    shops::<Signalled>(rounds, acquires / 8, &[1, 3, 7, 64], &mixes, &[Fairness::Fifo]);
}

pub(crate) fn condvars(rounds: &mut Rounds, acquires: u64) {
    shops::<Condvars>(rounds, acquires / 16, &[1, 7], &[(4, 2), (16, 16)], &FAIRNESS);
}

pub(crate) fn predicates(rounds: &mut Rounds, acquires: u64) {
    shops::<Unsignalled>(rounds, acquires / 16, &[1, 7], &[(4, 2), (16, 16)], &FAIRNESS);
}

/// Bounded buffers of these sizes, for so many that put and get.
fn shops<S: shop::Shop>(rounds: &mut Rounds, all: u64, sizes: &[usize], mixes: &[(u32, u32)], fairnesses: &[Fairness]) {
    let all = all / (THREADS.len() * sizes.len() * mixes.len() * fairnesses.len()) as u64;
    for threads in THREADS {
        for &most in sizes {
            for &(putters, getters) in mixes {
                for &fairness in fairnesses {
                    let blockers = blockers(threads, rounds);
                    let quota = (all / u64::from(putters + blockers)).max(4) as u32;
                    let (bystanders, cancel) = (rounds.random.below(2) as u32, cancel(rounds));
                    let shape = shop::Shape { most, fairness, putters, getters, bystanders, blockers, quota, cancel };
                    let seed = rounds.random.next_u64();
                    rounds.run(shop::workload::<S>(shape, seed), threads);
                }
            }
        }
    }
}

pub(crate) fn ports(rounds: &mut Rounds, messages: u64) {
    const CAPACITIES: [Option<usize>; 4] = [Some(1), Some(3), Some(64), None];
    const MIXES: [(u32, u32); 4] = [(1, 1), (4, 1), (3, 4), (24, 8)];
    let shares: u64 = CAPACITIES.iter().flat_map(|&c| THREADS.map(|threads| share(c, threads))).sum();
    for threads in THREADS {
        for capacity in CAPACITIES {
            for (sources, receivers) in MIXES {
                let all = messages * share(capacity, threads) / (shares * MIXES.len() as u64);
                let blockers = blockers(threads, rounds);
                let quota = (all / u64::from(sources)).max(16) as u32;
                let (cancel, end, classes) = (cancel(rounds), end(rounds), rounds.random.one_in(2));
                let shape = ports::Shape { sources, capacity, classes, receivers, blockers, quota, cancel, end };
                let seed = rounds.random.next_u64();
                rounds.run(ports::workload(shape, seed), threads);
            }
        }
    }
}

pub(crate) fn credits(rounds: &mut Rounds, messages: u64) {
    const LIMITS: [usize; 4] = [1, 3, 7, 64];
    const MIXES: [(u32, u32); 4] = [(1, 1), (4, 1), (1, 4), (16, 8)];
    let shares: u64 = LIMITS.iter().flat_map(|&limit| THREADS.map(|threads| share(Some(limit), threads))).sum();
    for threads in THREADS {
        for limit in LIMITS {
            for (senders, workers) in MIXES {
                let all = messages * share(Some(limit), threads) / (shares * MIXES.len() as u64);
                let blockers = blockers(threads, rounds);
                let quota = (all / u64::from(senders + blockers)).max(16) as u32;
                let (cancel, end) = (cancel(rounds), end(rounds));
                let shape = credits::Shape { limit, senders, workers, blockers, quota, cancel, end };
                let seed = rounds.random.next_u64();
                rounds.run(credits::workload(shape, seed), threads);
            }
        }
    }
}
