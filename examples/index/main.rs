//! Builds an inverted index of a folder: walk → read → tokenise → merge.
//!
//! ```text
//! cargo run --release --example index -- [PATH] [--runtime tokio|async-std|smol]
//!     [--via semaphore|monitor|mailbox] [--workers N] [--budget BYTES]
//! ```
//!
//! Threads and tasks share bounded buffers, each kind of buffer on each runtime: nine cells, which
//! must all come to the same digest. Read `stages.rs` for the work, `via/` for the ways of
//! communicating, `budget.rs` and `merge.rs` for why it never holds more bytes than it may.

#![allow(unreachable_pub, reason = "a program has no outside")]

mod args;
mod budget;
mod digest;
mod files;
mod inverted;
mod merge;
mod piece;
mod pipeline;
mod postings;
mod report;
mod rt;
mod stages;
mod terms;
mod text;
mod via;

use std::collections::BTreeSet;
use std::process::{self, ExitCode};
use std::time::Duration;

use clap::Parser as _;
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::Args;
use crate::pipeline::{Job, Outcome};
use crate::report::{complain, say, size};

fn main() -> ExitCode {
    let args = Args::parse();
    if let Err(complaint) = files::check_root(&args.path) {
        complain(&complaint);
        return ExitCode::from(2);
    }
    end_with_the_first_panic();
    let (cells, workers) = (args.cells(), args.workers());
    say(format_args!(
        "index of {}: {} × {workers} workers, budget {}",
        args.path.display(),
        if cells.len() == 1 { "1 cell".into() } else { format!("{} cells", cells.len()) },
        size(args.budget as u64),
    ));
    report::head();

    let mut outcomes: Vec<Outcome> = Vec::new();
    let mut complaints = BTreeSet::new();
    for (runtime, via) in cells {
        let cell = args::cell_name(runtime, via);
        let progress = progress(&cell, outcomes.first());
        let job = Job { root: &args.path, workers, budget: args.budget, progress };
        let outcome = pipeline::run(runtime, via, &job);
        job.progress.finish_and_clear();
        for complaint in &outcome.complaints {
            if complaints.insert(complaint.clone()) {
                complain(&format!("skipped: {complaint}"));
            }
        }
        report::line(&cell, &outcome);
        outcomes.push(outcome);
    }
    conclude(&args, &outcomes, complaints.len())
}

fn conclude(args: &Args, outcomes: &[Outcome], unreadable: usize) -> ExitCode {
    if unreadable > 0 {
        say(format_args!("unreadable: {unreadable}, skipped"));
    }
    let peak = outcomes.iter().map(|outcome| outcome.peak_bytes).max().unwrap_or(0);
    let (peak, budget) = (size(peak as u64), size(args.budget as u64));
    say(format_args!("high-water mark: {peak} in flight, budget {budget}"));
    if let Some(memory) = report::peak_memory() {
        say(format_args!("peak memory: {}", size(memory)));
    }
    let digests: BTreeSet<&str> = outcomes.iter().map(|outcome| &*outcome.digest).collect();
    for digest in &digests {
        say(format_args!("digest: {digest}"));
    }
    if digests.len() > 1 {
        complain("the cells disagree");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// A bar on a terminal, nothing elsewhere. Only after the first cell is the end known.
fn progress(cell: &str, before: Option<&Outcome>) -> ProgressBar {
    let (bar, template) = match before {
        None => (ProgressBar::no_length(), "{msg:19} {spinner} {binary_bytes} {elapsed}"),
        Some(known) => (ProgressBar::new(known.bytes), "{msg:19} {wide_bar} {percent}% {elapsed}"),
    };
    let style = ProgressStyle::with_template(template).expect("the template is well-formed");
    let bar = bar.with_style(style).with_message(cell.to_owned());
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// A stage that panics would leave the others waiting for ever.
fn end_with_the_first_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        report(panic);
        process::exit(101);
    }));
}
