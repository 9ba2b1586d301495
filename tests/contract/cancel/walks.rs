//! Random walks of each primitive beside its specification: every answer, every count, and who is woken.
//!
//! `tests/hardening` takes the same walks, many more of them, and shortens one that fails.

use crate::common::watched;
use crate::spec::machines::MACHINES;
use crate::spec::walk::{Bytes, random_bytes};

/// Takes walks of the machine of this name.
fn walk(name: &str) {
    let at = MACHINES.iter().position(|machine| machine.name == name).expect("there is such a machine");
    watched(
        || "a walk hangs".to_owned(),
        || {
            for seed in 0..3_000 {
                let bytes = random_bytes(at as u64, seed);
                if let Err(failure) = (MACHINES[at].walk)(&mut Bytes::new(&bytes)) {
                    panic!("seed {seed}: {failure}");
                }
            }
        },
    );
}

macro_rules! walks {
    ($($test:ident: $name:literal)*) => {$(
        #[test]
        fn $test() {
            walk($name);
        }
    )*};
}

walks! {
    a_semaphore_does_what_its_specification_does: "semaphore"
    a_semaphore_of_as_many_permits_as_there_can_be: "semaphore-huge"
    a_semaphore_whose_waiters_may_be_overtaken_so_often: "semaphore-barging"
    a_semaphore_whose_waiters_may_be_overtaken: "semaphore-unbounded"
    a_semaphore_with_a_limit: "semaphore-limited"
    a_mutex_does_what_its_specification_does: "mutex"
    a_readers_writer_lock_does_what_its_specification_does: "rwlock"
    a_monitor_does_what_its_specification_does: "monitor"
    a_monitor_in_which_nobody_signals: "monitor-predicates"
    a_latch_does_what_its_specification_does: "latch"
    a_barrier_does_what_its_specification_does: "barrier"
    a_mailbox_of_few_slots: "mailbox"
    a_mailbox_of_several_blocks: "mailbox-blocks"
    a_mailbox_without_bound: "mailbox-unbounded"
    a_mailbox_without_slots: "rendezvous"
    handles_that_come_and_go: "handles"
    ports_do_what_their_specification_does: "ports"
    credits_do_what_their_specification_does: "credits"
}
