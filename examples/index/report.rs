//! What the program prints.

use std::fmt::{Arguments, Display};
use std::io::{self, ErrorKind, Write as _};
use std::process;

use crate::pipeline::Outcome;

/// Prints a line. When nobody listens any more (`… | head -1`), the program ends quietly.
pub fn say(line: Arguments<'_>) {
    match writeln!(io::stdout(), "{line}") {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => process::exit(0),
        Err(error) => {
            complain(&format!("cannot print: {error}"));
            process::exit(1);
        }
    }
}

/// Prints a line beside the results; there is nobody to tell if that fails.
pub fn complain(line: &str) {
    let _ = writeln!(io::stderr(), "index: {line}");
}

/// A row of the table. The last column is as wide as it likes.
fn row(columns: [&dyn Display; 9]) {
    let [cell, files, bytes, terms, postings, speed, peak, queue, digest] = columns;
    say(format_args!(
        "{cell:<19} {files:>7} {bytes:>11} {terms:>9} {postings:>10} {speed:>7} {peak:>10} \
         {queue:>10}  {digest}"
    ));
}

pub fn head() {
    row([&"cell", &"files", &"bytes", &"terms", &"postings", &"MB/s", &"peak bytes", &"peak queue", &"digest"]);
}

pub fn line(cell: &str, outcome: &Outcome) {
    let speed = outcome.bytes as f64 / 1e6 / outcome.time.as_secs_f64();
    let [found, pieces, tallies] = outcome.peak_queues;
    row([
        &cell,
        &outcome.files,
        &outcome.bytes,
        &outcome.terms,
        &outcome.postings,
        &format_args!("{speed:.1}").to_string(),
        &size(outcome.peak_bytes as u64),
        &format!("{found}/{pieces}/{tallies}"),
        &&outcome.digest[..16],
    ]);
}

/// Bytes for people.
pub fn size(bytes: u64) -> String {
    let (mut value, mut unit) = (bytes as f64, "B");
    for next in ["KiB", "MiB", "GiB"] {
        if value < 1024.0 {
            break;
        }
        (value, unit) = (value / 1024.0, next);
    }
    if unit == "B" { format!("{bytes} B") } else { format!("{value:.1} {unit}") }
}

/// The most memory this process has had, where the system tells.
pub fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}
