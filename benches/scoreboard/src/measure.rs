//! Runs one cell, in a process of its own, and tells every step on standard output.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cell::{Cell, Contender, Pace, Paced, Run, Unit};
use crate::cells::TIMER;
use crate::peers::{self, is_ours};

/// How much of everything.
#[derive(Clone, Copy)]
pub struct Effort {
    pub rounds: usize,
    pub round: Duration,
    /// In each cell that measures ages, for each contender.
    pub messages: u64,
}

/// What is told. One line of JSON each.
#[derive(Serialize, Deserialize)]
pub enum Note {
    /// Whoever is named has the floor from now on, and is to blame for a silence.
    Begin {
        contender: String,
    },
    Figure {
        contender: String,
        value: f64,
    },
    /// Who does not take part in a paced cell.
    TooSlow {
        contenders: Vec<String>,
    },
    /// The pace of the others.
    Rate {
        messages_a_second: f64,
    },
    Ages {
        contender: String,
        ages: Ages,
    },
    /// The answer of a probe.
    Finding {
        fault: Option<String>,
    },
    /// The answer of a case of the faults.
    Answer {
        fault: Option<String>,
        remark: Option<String>,
    },
}

/// The distribution of the age of messages, in nanoseconds.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Ages {
    pub p50: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
}

impl Ages {
    fn of(mut ages: Vec<u64>) -> Self {
        ages.sort_unstable();
        let at = |share: f64| ages[((ages.len() - 1) as f64 * share) as usize] as f64;
        Self { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1.0) }
    }
}

pub fn tell(note: &Note) {
    println!("{}", serde_json::to_string(note).expect("notes are plain"));
}

fn begin(contender: &Contender) {
    tell(&Note::Begin { contender: contender.name.to_owned() });
}

/// Measures all contenders but those to `skip`.
pub fn run(cell: &Cell, skip: &[String], effort: Effort) {
    peers::prepare();
    let mut contenders = (cell.contenders)();
    contenders.retain(|contender| !skip.iter().any(|name| name == contender.name));
    match cell.unit {
        Unit::Nanos | Unit::Worst | Unit::Unfairness => times(contenders, effort),
        Unit::Bytes(_) => weights(contenders),
        Unit::Age(load) => ages(contenders, f64::from(load) / 100.0, effort),
    }
}

/// Round by round, so that a change of the machine's mood meets everybody.
fn times(mut contenders: Vec<Contender>, effort: Effort) {
    let counts: Vec<u64> = contenders
        .iter_mut()
        .map(|contender| {
            begin(contender);
            calibrate(contender, effort.round)
        })
        .collect();
    for round in 0..effort.rounds {
        for turn in 0..contenders.len() {
            let at = (turn + round) % contenders.len();
            let contender = &mut contenders[at];
            begin(contender);
            let value = figure(contender, counts[at], effort.round);
            tell(&Note::Figure { contender: contender.name.to_owned(), value });
        }
    }
}

fn figure(contender: &mut Contender, operations: u64, round: Duration) -> f64 {
    match &mut contender.run {
        Run::Timed(run) => run(operations).nanos_each(),
        Run::Limited(run) => run(round),
        Run::Weighed(_) | Run::Paced(_) => unreachable!("a cell that is timed has contenders that are timed"),
    }
}

/// How many operations fill a round. Who stops by the clock only warms up.
fn calibrate(contender: &mut Contender, round: Duration) -> u64 {
    const FIRST: u64 = 64;
    let run = match &mut contender.run {
        Run::Timed(run) => run,
        _ => {
            figure(contender, 0, round / 8);
            return 0;
        }
    };
    let mut operations = FIRST;
    loop {
        let lap = run(operations);
        if lap.time * 8 >= round {
            let fill = round.as_secs_f64() / lap.time.as_secs_f64();
            // Rounds up, because a round that is too short says less than one that is too long.
            return ((lap.operations as f64 * fill * 1.1) as u64).max(1);
        }
        operations *= 4;
    }
}

fn weights(contenders: Vec<Contender>) {
    for mut contender in contenders {
        begin(&contender);
        let Run::Weighed(weigh) = &mut contender.run else {
            unreachable!("a cell that is weighed has contenders that are weighed")
        };
        tell(&Note::Figure { contender: contender.name.to_owned(), value: weigh() });
    }
}

/// A peer that reaches less than this share of the fastest one's throughput does not take part.
const TOO_SLOW: f64 = 0.25;

/// A paced cell is run in so many turns, everybody taking part in each.
const TURNS: u64 = 3;

fn ages(mut contenders: Vec<Contender>, load: f64, effort: Effort) {
    let timer = contenders.iter().position(|one| one.name == TIMER).expect("a paced cell has a timer");
    let mut timer = contenders.remove(timer);
    let (mut contenders, slowest) = keep_fast(contenders, effort);
    let messages_a_second = load * slowest;

    let pace = Pace { messages_a_second: Some(messages_a_second), messages: effort.messages.div_ceil(TURNS) };
    let mut jitter = Vec::new();
    let mut all = vec![Vec::new(); contenders.len()];
    for _ in 0..TURNS {
        for (contender, ages) in contenders.iter_mut().zip(&mut all) {
            // Between any two, so that the timer sees the same moods of the machine as they do.
            jitter.append(&mut paced(&mut timer, pace).ages);
            ages.append(&mut paced(contender, pace).ages);
        }
    }
    tell(&Note::Rate { messages_a_second });
    for (contender, ages) in contenders.iter().chain([&timer]).zip(all.into_iter().chain([jitter])) {
        tell(&Note::Ages { contender: contender.name.to_owned(), ages: Ages::of(ages) });
    }
}

/// Who takes part, and the throughput of the slowest of them, which sets the pace. We always take part.
fn keep_fast(mut contenders: Vec<Contender>, effort: Effort) -> (Vec<Contender>, f64) {
    let throughputs: Vec<f64> = contenders.iter_mut().map(|one| throughput(one, effort.messages / 2)).collect();
    let fastest = throughputs.iter().copied().fold(0.0, f64::max);
    let (kept, left): (Vec<_>, Vec<_>) = contenders
        .into_iter()
        .zip(throughputs)
        .partition(|(one, throughput)| is_ours(one.name) || *throughput >= TOO_SLOW * fastest);
    tell(&Note::TooSlow { contenders: left.iter().map(|(one, _)| one.name.to_owned()).collect() });
    let slowest = kept.iter().map(|(_, throughput)| *throughput).fold(f64::INFINITY, f64::min);
    (kept.into_iter().map(|(one, _)| one).collect(), slowest)
}

/// Messages a second, as fast as they go: the median of three.
fn throughput(contender: &mut Contender, messages: u64) -> f64 {
    let trial = Pace { messages_a_second: None, messages };
    let mut laps: Vec<f64> = (0..3).map(|_| 1e9 / paced(contender, trial).lap.nanos_each()).collect();
    laps.sort_by(f64::total_cmp);
    laps[1]
}

fn paced(contender: &mut Contender, pace: Pace) -> Paced {
    begin(contender);
    match &mut contender.run {
        Run::Paced(run) => run(pace),
        Run::Timed(_) | Run::Limited(_) | Run::Weighed(_) => {
            unreachable!("a cell that is paced has contenders that are paced")
        }
    }
}
