//! What a victim does before it is stopped: the tasks of a body, all on its one thread. The bystanders come later.

use hardening::stress::{Signalled, Workload, mailbox, section, semaphore, shop};
use sempost::{Fairness, Mutex};

const QUOTA: u32 = 60;
const SEED: u64 = 0x1f;
const CANCEL: usize = 30;

/// A scene can be had any number of times; each time it is the same, as long as its victim is alone.
pub(crate) type Scene = Box<dyn Fn() -> Workload>;

/// All of them.
pub(crate) fn all() -> Vec<Scene> {
    let mut scenes = Vec::<Scene>::new();
    for capacity in [Some(0), Some(1), Some(3), None] {
        for end in [mailbox::End::Drained, mailbox::End::Closed, mailbox::End::Left] {
            let shape = mailbox::Shape {
                capacity,
                senders: 3,
                receivers: 3,
                bystanders: 4,
                blockers: 0,
                quota: QUOTA,
                cancel: CANCEL,
                end,
                onlooker: true,
            };
            scenes.push(Box::new(move || mailbox::workload(shape, SEED)));
        }
    }
    for fairness in [Fairness::Fifo, Fairness::Barging { overtakes: 2 }, Fairness::Unfair] {
        let shape = semaphore::Shape {
            permits: 2,
            fairness,
            tasks: 4,
            bystanders: 4,
            blockers: 0,
            quota: QUOTA,
            cancel: CANCEL,
            closes: fairness == Fairness::Fifo,
        };
        scenes.push(Box::new(move || semaphore::workload(shape, SEED)));
        let shape = section::Shape {
            fairness,
            readers: 1,
            writes: 1,
            tasks: 4,
            bystanders: 4,
            blockers: 0,
            quota: QUOTA,
            cancel: CANCEL,
        };
        scenes.push(Box::new(move || section::workload::<Mutex<section::Counts>>(shape, SEED)));
    }
    for most in [1, 3] {
        let shape = shop::Shape {
            most,
            fairness: Fairness::Fifo,
            putters: 3,
            getters: 3,
            bystanders: 4,
            blockers: 0,
            quota: QUOTA,
            cancel: CANCEL,
        };
        scenes.push(Box::new(move || shop::workload::<Signalled>(shape, SEED)));
    }
    scenes
}
