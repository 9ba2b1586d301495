//! H4: every history of three threads is that of some order of their operations.
//!
//! `lin [short|long] [--no-composed]` runs all scenarios, `lin selftest` shows that the checker sees faults, `lin replay
//! NAME SEED [RUNS]` runs one scenario again. With `RUSTFLAGS="--cfg sempost_inject"` threads also lose the processor inside the
//! primitives.

mod check;
mod history;
mod pool;
mod roll;
mod scenario;
mod selftest;

use std::env;
use std::process::ExitCode;

use hardening::Tier;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    roll::unsettle();
    let passed = match words[..] {
        ["selftest"] => selftest::run(),
        ["replay", name, seed, ref runs @ ..] => {
            let runs = runs.first().map_or(10_000, |runs| runs.parse().expect("a number of runs"));
            roll::replay(name, seed.parse().expect("a seed"), runs)
        }
        _ => roll::call(Tier::from_args()),
    };
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
