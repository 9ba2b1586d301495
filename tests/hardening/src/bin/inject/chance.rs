//! Delays by chance.

use hardening::Random;
use hardening::stress::{Signalled, Tally, Unsignalled, Workload, credits, mailbox, ports, section, semaphore, shop};
use sempost::{Fairness, Mutex};

use crate::hook;

/// Runs a short form of every body under each seed.
pub(crate) fn run(seeds: u64) -> Tally {
    let mut tally = Tally::default();
    for seed in 0..seeds {
        hook::delay(seed);
        let mut random = Random::new(seed);
        for workload in bodies(&mut random) {
            tally += hardening::stress::run(workload, 2 + random.below(4));
        }
    }
    hook::calm();
    eprintln!("by chance: {tally:?}");
    tally
}

fn bodies(random: &mut Random) -> Vec<Workload> {
    let cancel = 10 + random.below(41);
    let fairness = [Fairness::Fifo, Fairness::Barging { overtakes: 2 }, Fairness::Unfair][random.below(3)];
    let ends = [mailbox::End::Drained, mailbox::End::Closed, mailbox::End::Left];
    let mut bodies = Vec::new();
    for capacity in [Some(0), Some(1), Some(2), Some(3), Some(7), Some(64), None] {
        let end = ends[random.below(3)];
        let (senders, receivers) = (1 + random.below(4) as u32, 1 + random.below(4) as u32);
        let shape = mailbox::Shape {
            capacity,
            senders,
            receivers,
            bystanders: 1,
            blockers: 1,
            quota: 150,
            cancel,
            end,
            onlooker: true,
        };
        bodies.push(mailbox::workload(shape, random.next_u64()));
    }
    let (permits, closes) = (1 + random.below(3), random.one_in(2));
    let shape =
        semaphore::Shape { permits, fairness, tasks: 4, bystanders: 1, blockers: 1, quota: 150, cancel, closes };
    bodies.push(semaphore::workload(shape, random.next_u64()));
    let (readers, writes) = (1, 1);
    let shape = section::Shape { fairness, readers, writes, tasks: 4, bystanders: 1, blockers: 1, quota: 150, cancel };
    bodies.push(section::workload::<Mutex<section::Counts>>(shape, random.next_u64()));
    let most = 1 + random.below(3);
    let shape = shop::Shape { most, fairness, putters: 2, getters: 2, bystanders: 1, blockers: 1, quota: 100, cancel };
    bodies.push(shop::workload::<Signalled>(shop::Shape { fairness: Fairness::Fifo, ..shape }, random.next_u64()));
    bodies.push(shop::workload::<Unsignalled>(shape, random.next_u64()));
    for capacity in [Some(1), None] {
        let (end, sources, receivers) = (ends[random.below(3)], 1 + random.below(4) as u32, 1 + random.below(3) as u32);
        let classes = random.one_in(2);
        let shape = ports::Shape { sources, capacity, classes, receivers, blockers: 1, quota: 150, cancel, end };
        bodies.push(ports::workload(shape, random.next_u64()));
    }
    let (end, limit) = (ends[random.below(3)], 1 + random.below(8));
    let shape = credits::Shape { limit, senders: 3, workers: 2, blockers: 1, quota: 150, cancel, end };
    bodies.push(credits::workload(shape, random.next_u64()));
    bodies
}
