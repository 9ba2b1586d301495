//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use sempost::Semaphore;

/// Builds an inverted index of a folder, with three runtimes and three ways of communicating.
#[derive(Parser)]
#[command(name = "index")]
pub struct Args {
    /// The folder
    #[arg(default_value = ".")]
    pub path: PathBuf,

    /// Only on this runtime
    #[arg(long)]
    runtime: Option<RuntimeName>,

    /// Only by this way of communicating
    #[arg(long)]
    via: Option<ViaName>,

    /// All nine cells, as without --runtime and --via
    #[arg(long, conflicts_with_all = ["runtime", "via"])]
    matrix: bool,

    /// Tokenising tasks, from 1 to 1024 [default: one for each core]
    #[arg(long, value_name = "N", value_parser = workers, allow_hyphen_values = true)]
    workers: Option<usize>,

    /// Bytes that may be read but not yet merged; K, M and G are understood
    #[arg(long, value_name = "BYTES", value_parser = budget, default_value = "64M")]
    pub budget: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RuntimeName {
    Tokio,
    AsyncStd,
    Smol,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ViaName {
    Semaphore,
    Monitor,
    Mailbox,
}

impl Args {
    /// The cells of the matrix that are asked for.
    pub fn cells(&self) -> Vec<(RuntimeName, ViaName)> {
        let chosen = |runtime: &RuntimeName, via: &ViaName| {
            self.runtime.is_none_or(|only| only == *runtime) && self.via.is_none_or(|only| only == *via)
        };
        let runtimes = RuntimeName::value_variants().iter();
        runtimes
            .flat_map(|&runtime| ViaName::value_variants().iter().map(move |&via| (runtime, via)))
            .filter(|(runtime, via)| chosen(runtime, via))
            .collect()
    }

    pub fn workers(&self) -> usize {
        self.workers.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
    }
}

/// The name of a cell, in the words of the command line.
pub fn cell_name(runtime: RuntimeName, via: ViaName) -> String {
    let name = |value: Option<clap::builder::PossibleValue>| value.map(|v| v.get_name().to_owned());
    [name(runtime.to_possible_value()), name(via.to_possible_value())]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
}

fn workers(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("without a worker nothing is ever tokenised".into()),
        Ok(workers @ 1..=1024) => Ok(workers),
        _ => Err("a number from 1 to 1024 is wanted".into()),
    }
}

fn budget(text: &str) -> Result<usize, String> {
    let (digits, unit) = match text.as_bytes().last() {
        Some(b'K' | b'k') => (&text[..text.len() - 1], 1 << 10),
        Some(b'M' | b'm') => (&text[..text.len() - 1], 1 << 20),
        Some(b'G' | b'g') => (&text[..text.len() - 1], 1 << 30),
        _ => (text, 1),
    };
    let number: u128 = digits.parse().map_err(|_| "bytes are wanted, as in 500, 64K, 64M or 1G")?;
    match number.checked_mul(unit).and_then(|bytes| usize::try_from(bytes).ok()) {
        Some(0) => Err("without a budget nothing can be read".into()),
        Some(bytes) if bytes <= Semaphore::MAX_PERMITS => Ok(bytes),
        _ => Err(format!("the most a semaphore can count is {}", Semaphore::MAX_PERMITS)),
    }
}
