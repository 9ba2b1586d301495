//! What is asked for on the command line.

use std::env;

use hardening::Tier;

/// How much, and from which seed.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) messages: u64,
    pub(crate) acquires: u64,
    pub(crate) seed: u64,
    /// Whether onlookers take part: not where a race detector would find races of the host's locks.
    pub(crate) onlookers: bool,
    /// Whether ports, credits and waits for predicates take part. Their parts are counted by `Arc`s, which several threads drop with nothing
    /// else between them: a race detector that does not know the host's fences would find races of these counts.
    pub(crate) composed: bool,
}

impl Options {
    /// The tier's figures, or what `--messages`, `--acquires` and `--seed` say.
    pub(crate) fn from_args() -> Self {
        let count = Tier::from_args().pick(20_000_000, 200_000_000);
        let option = |name, default| {
            let mut args = env::args().skip_while(|arg| arg != name).skip(1);
            args.next().map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name} {value}: no number")))
        };
        Self {
            messages: option("--messages", count),
            acquires: option("--acquires", count),
            seed: option("--seed", 0x5e39_0571),
            onlookers: !env::args().any(|arg| arg == "--no-onlookers"),
            composed: !env::args().any(|arg| arg == "--no-composed"),
        }
    }
}
