//! Goes through probes and cells, each in a process of its own.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::board::{Board, Dagger, Entry, Row, is_dagger};
use crate::busy::Busy;
use crate::cell::Cell;
use crate::machine::Machine;
use crate::measure::{Effort, Note};
use crate::peers::is_ours;
use crate::watch::{self, Fate};
use crate::{cells, probe, report};

const QUICK: Effort = Effort { rounds: 3, round: Duration::from_millis(40) };
const FULL: Effort = Effort { rounds: 5, round: Duration::from_millis(110) };

/// How long a contender may be silent before it counts as hung.
const PATIENCE: Duration = Duration::from_secs(20);
const QUICK_PATIENCE: Duration = Duration::from_secs(8);

/// Prints the cells that a run would take, and who takes part.
pub fn list(filter: Option<&str>) {
    let chosen = choose(false, filter);
    for (_, cell) in &chosen {
        let names: Vec<_> = (cell.contenders)().iter().map(|contender| contender.name).collect();
        println!("{}{}\n    {}", cell.name, if cell.quick { " (quick)" } else { "" }, names.join(", "));
    }
    println!("{} cells", chosen.len());
}

/// The cells of a run, with their places in the list of all. A cell that has nothing of ours yet waits for it.
fn choose(quick: bool, filter: Option<&str>) -> Vec<(usize, Cell)> {
    let wanted = |cell: &Cell| filter.map_or(cell.quick || !quick, |text| cell.name.contains(text));
    let has_ours = |cell: &Cell| (cell.contenders)().iter().any(|contender| is_ours(contender.name));
    cells::all().into_iter().enumerate().filter(|(_, cell)| wanted(cell) && has_ours(cell)).collect()
}

pub fn run(quick: bool, filter: Option<&str>, busy: usize) -> Board {
    let start = Instant::now();
    let (effort, patience) = if quick { (QUICK, QUICK_PATIENCE) } else { (FULL, PATIENCE) };
    let machine = Machine::here(busy);
    print!("{}", report::machine(&machine));
    let daggers = probe_all();
    println!("{}\n{}", report::daggers(&daggers), report::heading());

    let busy = Busy::start(busy);
    let mut rows = Vec::new();
    for (index, cell) in choose(quick, filter) {
        let row = measure(index, &cell, effort, patience);
        println!("{}", report::row(&row, &daggers));
        rows.push(row);
    }
    drop(busy);
    Board { machine, quick, runs: 1, seconds: start.elapsed().as_secs_f64(), daggers, rows }
}

fn probe_all() -> Vec<Dagger> {
    let mut daggers: Vec<Dagger> = Vec::new();
    for (index, probe) in probe::all().into_iter().enumerate() {
        let mut fault = None;
        let fate = watch::attend(&["probe".to_owned(), index.to_string()], QUICK_PATIENCE, Stdio::inherit(), |note| {
            if let Note::Finding { fault: found } = note {
                fault = found;
            }
        });
        let fault = match fate {
            Ok(()) => fault,
            Err(fate) => Some(fate.to_string()),
        };
        let Some(fault) = fault else { continue };
        if !is_dagger(probe.peer, &daggers) {
            daggers.push(Dagger { peer: probe.peer.to_owned(), faults: Vec::new() });
        }
        if let Some(dagger) = daggers.iter_mut().find(|dagger| dagger.peer == probe.peer) {
            dagger.add(fault, probe.line.to_string());
        }
    }
    daggers
}

/// Measures a cell, anew without them when contenders hang or crash.
fn measure(index: usize, cell: &Cell, effort: Effort, patience: Duration) -> Row {
    let mut failures: Vec<(String, Fate)> = Vec::new();
    loop {
        let mut arguments = vec!["cell".to_owned(), index.to_string(), effort.rounds.to_string()];
        arguments.push(effort.round.as_millis().to_string());
        for (contender, _) in &failures {
            arguments.extend(["--skip".to_owned(), contender.clone()]);
        }

        let mut row = Row {
            cell: cell.name.clone(),
            group: cell.group,
            unit: cell.unit,
            entries: Vec::new(),
            failures: Vec::new(),
        };
        let mut floor = None;
        let fate = watch::attend(&arguments, patience, Stdio::inherit(), |note| match note {
            Note::Begin { contender } => floor = Some(contender),
            Note::Figure { contender, value } => row.entry(contender).rounds.push(value),
            Note::Finding { .. } | Note::Answer { .. } => {}
        });
        match (fate, floor) {
            (Err(fate), Some(contender)) if !failures.iter().any(|(name, _)| *name == contender) => {
                failures.push((contender, fate));
            }
            (Err(fate), _) => {
                failures.push(("the cell itself".to_owned(), fate));
                row.entries.clear();
                return Row { failures, ..row };
            }
            (Ok(()), _) => return Row { failures, ..row },
        }
    }
}

impl Row {
    fn entry(&mut self, contender: String) -> &mut Entry {
        let at = self.entries.iter().position(|entry| entry.contender == contender).unwrap_or_else(|| {
            self.entries.push(Entry { contender, rounds: Vec::new() });
            self.entries.len() - 1
        });
        &mut self.entries[at]
    }
}
