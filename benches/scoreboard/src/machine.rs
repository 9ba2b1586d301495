//! Where and with what the figures were taken.

use std::{env, fs, thread};

use serde::{Deserialize, Serialize};

use crate::executors;
use crate::peers::CRATES;

#[derive(Clone, Serialize, Deserialize)]
pub struct Machine {
    pub processor: String,
    pub cores: usize,
    pub system: String,
    pub rustc: String,
    /// Threads of each executor.
    pub executors: String,
    /// Processes that spun beside the cells.
    #[serde(default)]
    pub busy: usize,
    pub versions: Vec<(String, String)>,
}

impl Machine {
    pub fn here(busy: usize) -> Self {
        Self {
            processor: processor().unwrap_or_else(|| "unknown processor".to_owned()),
            cores: thread::available_parallelism().map_or(1, usize::from),
            system: format!("{} {}", env::consts::OS, env::consts::ARCH),
            rustc: env!("SCOREBOARD_RUSTC").to_owned(),
            executors: executors::describe(),
            busy,
            versions: CRATES.iter().map(|&name| (name.to_owned(), version(name))).collect(),
        }
    }
}

fn processor() -> Option<String> {
    let all = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = all.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The version of a crate that this program was built with. Where the lock file has several, the peer is the newest:
/// the others belong to async-std.
fn version(name: &str) -> String {
    let lock = include_str!("../Cargo.lock");
    let entry = format!("name = \"{name}\"\nversion = \"");
    let newest = lock.rmatch_indices(&entry).next().and_then(|(at, _)| lock[at + entry.len()..].split('"').next());
    newest.unwrap_or("unknown").to_owned()
}
