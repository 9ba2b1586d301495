//! H20: walks of up to sixty operations, chosen at random, agree with the specifications.
//!
//! `props [short|long]`; a failing walk is shortened before it is shown. What a sweep over all short walks of three
//! waiters cannot reach: many permits and waiters, demands of all sizes, batches, capacities across the boundaries of
//! blocks, messages of all sizes, handles that come and go. The fuzzer's targets in `tests/hardening/fuzz` take the
//! same walks.

use std::panic::{self, PanicHookInfo};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use hardening::spec::machines::{MACHINES, Machine};
use hardening::spec::walk::{Bytes, random_bytes};
use hardening::{Tier, watched};

fn main() -> ExitCode {
    let cases = Tier::from_args().pick(30_000, 1_000_000);
    panic::set_hook(Box::new(hush));
    let (mut failures, mut operations) = (0, 0);
    for (machine, name) in MACHINES.iter().zip(0..) {
        let (walked, failure) = run(machine, name, cases);
        operations += walked;
        failures += usize::from(failure.is_some());
        println!("{:<24} cases={cases} operations={walked} failures={}", machine.name, usize::from(failure.is_some()));
        failure.into_iter().for_each(|failure| println!("{failure}"));
    }
    let machines = MACHINES.len();
    println!(
        "H20 props: machines={machines} cases={} operations={operations} failures={failures}",
        machines as u64 * cases
    );
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The walk that is being taken.
static SEED: AtomicU64 = AtomicU64::new(0);

/// Panics are part of the walks: what is beyond the limits has to panic. One that ends the process says where.
fn hush(info: &PanicHookInfo<'_>) {
    let is_last = |message: &str| message.contains("cannot unwind") || message.contains("during cleanup");
    if info.payload_as_str().is_some_and(is_last) {
        eprintln!("{info}, in the walk of seed {} of the machine after those above", SEED.load(Ordering::Relaxed));
    }
}

/// Takes walks of one machine until one fails.
fn run(machine: &Machine, number: u64, cases: u64) -> (usize, Option<String>) {
    const CHUNK: u64 = 10_000;
    let mut operations = 0;
    for from in (0..cases).step_by(CHUNK as usize) {
        let state = format!("hangs in {} between the seeds {from} and {}", machine.name, from + CHUNK);
        let (walked, failure) = watched(
            move || state.clone(),
            || {
                let mut walked = 0;
                for seed in from..cases.min(from + CHUNK) {
                    SEED.store(seed, Ordering::Relaxed);
                    let mut bytes = random_bytes(number, seed);
                    match (machine.walk)(&mut Bytes::new(&bytes)) {
                        Ok(length) => walked += length,
                        Err(_) => {
                            shorten(machine, &mut bytes);
                            let failure = (machine.walk)(&mut Bytes::new(&bytes)).err();
                            return (walked, failure.map(|failure| format!("seed {seed}: {failure}")));
                        }
                    }
                }
                (walked, None)
            },
        );
        operations += walked;
        if failure.is_some() {
            return (operations, failure);
        }
    }
    (operations, None)
}

/// Leaves out what is not needed for the failure, in ever smaller pieces.
fn shorten(machine: &Machine, bytes: &mut Vec<u8>) {
    let mut piece = bytes.len() / 2;
    while piece > 0 {
        let mut at = 0;
        while at + piece <= bytes.len() {
            let mut fewer = bytes.clone();
            fewer.drain(at..at + piece);
            if (machine.walk)(&mut Bytes::new(&fewer)).is_err() {
                *bytes = fewer;
            } else {
                at += piece;
            }
        }
        piece /= 2;
    }
}
