//! The figures of a run, and what they come to.

use serde::{Deserialize, Serialize};

use crate::cell::{Group, Unit};
use crate::machine::Machine;
use crate::peers::is_ours;
use crate::watch::Fate;

#[derive(Clone, Serialize, Deserialize)]
pub struct Board {
    pub machine: Machine,
    pub quick: bool,
    /// How many runs the figures are medians of.
    #[serde(default = "one")]
    pub runs: usize,
    pub seconds: f64,
    pub daggers: Vec<Dagger>,
    /// The last field: see [`Board::to_json`].
    pub rows: Vec<Row>,
}

fn one() -> usize {
    1
}

/// A peer that loses a message or delivers a cancelled send.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Dagger {
    pub peer: String,
    pub faults: Vec<Fault>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    pub what: String,
    /// Where the probes found it.
    pub lines: Vec<String>,
}

impl Dagger {
    pub fn add(&mut self, what: String, line: String) {
        match self.faults.iter_mut().find(|fault| fault.what == what) {
            Some(fault) => fault.lines.push(line),
            None => self.faults.push(Fault { what, lines: vec![line] }),
        }
    }
}

/// A cell with its figures.
#[derive(Clone, Serialize, Deserialize)]
pub struct Row {
    pub cell: String,
    pub group: Group,
    #[serde(default, skip_serializing_if = "Unit::is_nanos")]
    pub unit: Unit,
    pub entries: Vec<Entry>,
    /// Contenders that did not come to an end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<(String, Fate)>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Entry {
    pub contender: String,
    pub rounds: Vec<f64>,
}

/// An entry in a file: a name with one figure, or with those of all rounds.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    One(String, f64),
    Rounds(String, Vec<f64>),
}

impl From<Written> for Entry {
    fn from(written: Written) -> Self {
        match written {
            Written::One(contender, figure) => Self { contender, rounds: vec![figure] },
            Written::Rounds(contender, rounds) => Self { contender, rounds },
        }
    }
}

impl From<Entry> for Written {
    fn from(entry: Entry) -> Self {
        match entry.rounds[..] {
            [figure] => Self::One(entry.contender, figure),
            _ => Self::Rounds(entry.contender, entry.rounds),
        }
    }
}

impl Entry {
    /// The median of the rounds.
    pub fn value(&self) -> f64 {
        median(&self.rounds)
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

/// To five digits: two runs differ by more.
fn rounded(value: f64) -> f64 {
    format!("{value:.4e}").parse().expect("it has just been printed")
}

/// Somebody to compare with.
#[derive(Clone, Copy)]
pub struct Rival<'a> {
    pub name: &'a str,
    pub value: f64,
    /// Ours by theirs: smaller is better.
    pub ratio: f64,
}

impl Row {
    pub fn ours(&self) -> Option<f64> {
        self.entries.iter().find(|entry| is_ours(&entry.contender)).map(Entry::value)
    }

    pub fn value(&self, contender: &str) -> Option<f64> {
        self.entries.iter().find(|entry| entry.contender == contender).map(Entry::value)
    }

    pub fn ratio(&self, theirs: f64) -> Option<f64> {
        let ours = self.ours()?;
        Some(match self.unit {
            Unit::Bytes(least) => ours.max(least.into()) / theirs.max(least.into()),
            Unit::Nanos | Unit::Worst | Unit::Unfairness => ours / theirs,
        })
    }

    /// The best peer, of those that the cell's ratio is about: where a slot is scarce, a peer that drops its promises
    /// with it is no measure, see [`Self::best_dagger`].
    pub fn best<'a>(&'a self, daggers: &[Dagger]) -> Option<Rival<'a>> {
        let apart = self.daggers_are_apart();
        self.best_of(|peer| !(apart && is_dagger(peer, daggers)))
    }

    /// The best peer marked †, in the cells that report it apart.
    pub fn best_dagger<'a>(&'a self, daggers: &[Dagger]) -> Option<Rival<'a>> {
        if self.daggers_are_apart() { self.best_marked(daggers) } else { None }
    }

    /// The best peer that keeps what it was given.
    pub fn best_faithful<'a>(&'a self, daggers: &[Dagger]) -> Option<Rival<'a>> {
        self.best_of(|peer| !is_dagger(peer, daggers))
    }

    /// The best peer marked †, in any cell.
    pub fn best_marked<'a>(&'a self, daggers: &[Dagger]) -> Option<Rival<'a>> {
        self.best_of(|peer| is_dagger(peer, daggers))
    }

    fn daggers_are_apart(&self) -> bool {
        matches!(self.group, Group::CapacityZero | Group::CapacityOne)
    }

    fn best_of(&self, counts: impl Fn(&str) -> bool) -> Option<Rival<'_>> {
        let peers = self.entries.iter().filter(|entry| !is_ours(&entry.contender));
        let best = peers
            .filter(|entry| counts(&entry.contender))
            .min_by(|one, other| one.value().total_cmp(&other.value()))?;
        let value = best.value();
        Some(Rival { name: &best.contender, value, ratio: self.ratio(value)? })
    }

    /// Our ratio to the best peer.
    pub fn verdict(&self, daggers: &[Dagger]) -> Option<f64> {
        Some(self.best(daggers)?.ratio)
    }
}

/// Whether a contender is of a marked crate: `futures-intrusive (unfair)` is futures-intrusive.
pub fn is_dagger(peer: &str, daggers: &[Dagger]) -> bool {
    let name = peer.split(" (").next().unwrap_or(peer);
    daggers.iter().any(|dagger| dagger.peer == name)
}

pub fn geometric_mean(ratios: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (sum, count) = ratios.into_iter().fold((0.0, 0), |(sum, count), ratio| (sum + ratio.ln(), count + 1));
    (count > 0).then(|| (sum / f64::from(count)).exp())
}

impl Board {
    /// The cells in which we did not come to an end.
    pub fn failed(&self) -> Vec<&Row> {
        self.rows.iter().filter(|row| row.ours().is_none()).collect()
    }

    /// A file: a line for each row, so that two files can be compared by `diff`.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let head = serde_json::to_string(&Self { rows: Vec::new(), ..self.clone() })?;
        let head = head.strip_suffix("]}").expect("the rows are last, and there are none");
        let rows = self.rows.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
        Ok(format!("{head}\n{}\n]}}\n", rows.join(",\n")))
    }

    /// One board from several: of every figure the median, and nothing else.
    pub fn median_of(boards: &[Self]) -> Self {
        let first = boards.first().expect("at least one board");
        let rows = first.rows.iter().map(|row| {
            let same: Vec<_> =
                boards.iter().filter_map(|board| board.rows.iter().find(|other| other.cell == row.cell)).collect();
            row.median_of(&same)
        });
        let mut daggers: Vec<Dagger> = Vec::new();
        for dagger in boards.iter().flat_map(|board| &board.daggers) {
            if !is_dagger(&dagger.peer, &daggers) {
                daggers.push(dagger.clone());
            }
        }
        Self {
            machine: first.machine.clone(),
            quick: boards.iter().any(|board| board.quick),
            runs: boards.iter().map(|board| board.runs).sum(),
            seconds: boards.iter().map(|board| board.seconds).sum(),
            daggers,
            rows: rows.collect(),
        }
    }
}

impl Row {
    fn median_of(&self, same: &[&Self]) -> Self {
        let entries = self.entries.iter().map(|entry| {
            let others: Vec<_> = same
                .iter()
                .filter_map(|row| row.entries.iter().find(|other| other.contender == entry.contender))
                .collect();
            let middle = median(&others.iter().map(|other| other.value()).collect::<Vec<_>>());
            Entry { contender: entry.contender.clone(), rounds: vec![rounded(middle)] }
        });
        Self {
            entries: entries.collect(),
            failures: same.iter().flat_map(|row| row.failures.clone()).collect(),
            ..self.clone()
        }
    }
}
