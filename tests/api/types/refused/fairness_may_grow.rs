//! There may be more ways to be fair; errors are exhaustive (`exhaustive.rs`).

use sempost::Fairness;

fn main() {
    match Fairness::Fifo { //~ E0004
        Fairness::Fifo => {}
        Fairness::Barging { .. } => {}
        Fairness::Unfair => {}
    }
}
