//! What a message costs: processor time, which says more than speed on a machine with other things to do.

use std::time::Duration;

/// The processor time that a process has used, by /proc: exact to 10 ms.
pub fn cpu(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split(' ');
    let ticks: u64 = fields.skip(12).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// How often a Redis server has read from its sockets: round trips, if nothing is pipelined. 0 for others.
pub fn reads(address: &str) -> u64 {
    let info = || -> redis::RedisResult<String> {
        let mut connection = redis::Client::open(address)?.get_connection()?;
        redis::cmd("INFO").arg("stats").query(&mut connection)
    };
    let info = info().unwrap_or_default();
    let reads = info.lines().find_map(|line| line.strip_prefix("total_reads_processed:"));
    reads.and_then(|reads| reads.parse().ok()).unwrap_or(0)
}
