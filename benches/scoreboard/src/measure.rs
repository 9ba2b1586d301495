//! Runs one cell, in a process of its own, and tells every step on standard output.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cell::{Cell, Contender, Run, Unit};
use crate::peers;

/// How much of everything.
#[derive(Clone, Copy)]
pub struct Effort {
    pub rounds: usize,
    pub round: Duration,
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
        Run::Weighed(_) => unreachable!("a cell that is timed has contenders that are timed"),
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
