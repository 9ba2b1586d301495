//! Injected delays: threads are held up at every step that another thread can see.
//!
//! First by chance: the bodies of stress, by 32 seeds, where at every point a thread goes on, spins, yields or sleeps.
//! Then with intent: one thread is stopped at each point in turn, and those that never wait for long have to finish
//! meanwhile – unless it was stopped while it held a short lock, which is what the contract says: whoever needs that
//! lock waits for it to be left, and nothing else is ever waited for. Nobody loses anything in either case.
//!
//! Built with `RUSTFLAGS="--cfg sempost_inject"`; `inject [short|long]`.

#[cfg(sempost_inject)]
mod chance;
#[cfg(sempost_inject)]
mod contended;
#[cfg(sempost_inject)]
mod hook;
#[cfg(sempost_inject)]
mod points;
#[cfg(sempost_inject)]
mod scenes;
#[cfg(sempost_inject)]
mod stall;

#[cfg(sempost_inject)]
fn main() -> std::process::ExitCode {
    use hardening::Tier;

    let tier = Tier::from_args();
    sempost::inject::install(hook::hook);
    let seeds = tier.pick(32, 256);
    let mut tally = chance::run(seeds);
    let stalls = stall::run();
    tally += stalls.tally;
    let points = points::all().len();
    println!(
        "H10 inject: points={points} seeds={seeds} stalled={} blocked_under_locks={} blocked_outside_locks={} lost={} dup={} \
         reordered={} broken={}",
        stalls.stalled,
        stalls.blocked_under_locks,
        stalls.blocked_outside_locks,
        tally.lost,
        tally.dup,
        tally.reordered,
        tally.broken,
    );
    let enough = points >= 60;
    if !enough {
        eprintln!("only {points} points were reached, of at least 60");
    }
    let right = enough && stalls.surprises == 0 && tally.violations() == 0;
    if right { std::process::ExitCode::SUCCESS } else { std::process::ExitCode::FAILURE }
}

#[cfg(not(sempost_inject))]
fn main() -> std::process::ExitCode {
    eprintln!("there are no points without RUSTFLAGS=\"--cfg sempost_inject\"");
    std::process::ExitCode::FAILURE
}
