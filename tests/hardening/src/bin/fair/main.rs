//! Fairness and complexity (H23).
//!
//! - [`order`]: 64 waiters, random cancels: where it is first come, first served nobody is overtaken; where newcomers
//!   may pass, nobody more often than that.
//! - [`cancel`]: to cancel one of 100,000 waiters costs at most three times as much as one of 1,000.
//! - [`flat`]: 100,000 waiters are woken, and closed, by a thread with 64 KiB of stack, in turns of at most 64.
//!
//! ```text
//! fair [short|long]
//! ```

mod cancel;
mod flat;
mod lines;
mod order;

use std::process::exit;

use hardening::Tier;

/// How much more a cancel may cost in the longer line.
const LIMIT: f64 = 3.0;

fn main() {
    let operations = Tier::from_args().pick(1_000_000, 10_000_000);
    let order = lines::all(operations);
    let ratio = cancel::worst_ratio(LIMIT);
    let flat = flat::all();
    println!(
        "H23 fair: operations={} overtakes={} beyond={} ratio={ratio:.2} stack_kib={} waiters={} turn={}",
        order.operations,
        order.overtakes,
        order.beyond,
        flat::STACK >> 10,
        flat::WAITERS,
        flat.turn,
    );
    let fair = order.overtakes == 0 && order.beyond == 0 && ratio <= LIMIT && flat.turn <= flat::TURN && flat.lost == 0;
    exit(i32::from(!fair));
}
