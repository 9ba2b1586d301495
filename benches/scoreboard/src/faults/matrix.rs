//! Goes through all cases, each in a process of its own.

use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use std::{array, iter, thread};

use serde::Serialize;

use super::{Case, PROBES, cases};
use crate::machine::Machine;
use crate::measure::Note;
use crate::peers::{OURS_ALL, is_ours};
use crate::watch::{self, Fate};

/// How long a case may take; a few milliseconds are enough for all of them.
const PATIENCE: Duration = Duration::from_secs(5);

/// Cases that hang wait side by side.
const AT_ONCE: usize = 8;

#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Perhaps with a remark.
    Pass(Option<String>),
    Fail(String),
    Hang,
    Abort,
    /// Fails, as the price of what another probe asks.
    ByDesign,
}

/// A case and what came of it.
#[derive(Serialize)]
pub struct Verdict {
    pub probe: char,
    pub row: &'static str,
    pub case: String,
    pub outcome: Outcome,
}

#[derive(Serialize)]
pub struct Matrix {
    pub machine: Machine,
    pub verdicts: Vec<Verdict>,
}

/// Passed, and all that count: those by design do not.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Score {
    pub passed: usize,
    pub cases: usize,
}

pub fn run() -> Matrix {
    let cases = cases();
    let (all, next) = (cases.len(), AtomicUsize::new(0));
    let work = || {
        let take = || Some(next.fetch_add(1, Relaxed)).filter(|index| *index < all);
        iter::from_fn(take).map(|index| (index, attend(index))).collect::<Vec<_>>()
    };
    let mut outcomes: Vec<_> = thread::scope(|scope| {
        let workers: [_; AT_ONCE] = array::from_fn(|_| scope.spawn(work));
        workers.into_iter().flat_map(|worker| worker.join().expect("nobody panics")).collect()
    });
    outcomes.sort_by_key(|(index, _)| *index);

    let verdict = |(case, (_, outcome)): (Case, _)| Verdict {
        probe: case.probe,
        row: case.row,
        outcome: if case.has_price { paid(outcome) } else { outcome },
        case: case.name,
    };
    Matrix { machine: Machine::here(0), verdicts: cases.into_iter().zip(outcomes).map(verdict).collect() }
}

fn attend(index: usize) -> Outcome {
    let mut outcome = Outcome::Abort;
    let arguments = ["fault".to_owned(), index.to_string()];
    let fate = watch::attend(&arguments, PATIENCE, Stdio::null(), |note| {
        if let Note::Answer { fault, remark } = note {
            outcome = fault.map_or(Outcome::Pass(remark), Outcome::Fail);
        }
    });
    match fate {
        Ok(()) => outcome,
        Err(Fate::Hung) => Outcome::Hang,
        Err(Fate::Crashed) => Outcome::Abort,
    }
}

fn paid(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Fail(_) => Outcome::ByDesign,
        other => other,
    }
}

impl Matrix {
    /// Who answers: ours first.
    pub fn rows(&self) -> Vec<&'static str> {
        let mut rows: Vec<_> = self.verdicts.iter().map(|verdict| verdict.row).collect();
        rows.sort_by_key(|&row| (!is_ours(row), row));
        rows.dedup();
        rows
    }

    /// What came of the cases of a row, or of those of one probe.
    fn outcomes(&self, row: &str, probe: Option<char>) -> impl Iterator<Item = &Outcome> {
        let asked = move |verdict: &&Verdict| verdict.row == row && probe.is_none_or(|probe| probe == verdict.probe);
        self.verdicts.iter().filter(asked).map(|verdict| &verdict.outcome)
    }

    pub fn score(&self, row: &str, probe: Option<char>) -> Score {
        let mut score = Score::default();
        for outcome in self.outcomes(row, probe) {
            score.passed += usize::from(matches!(outcome, Outcome::Pass(_)));
            score.cases += usize::from(*outcome != Outcome::ByDesign);
        }
        score
    }

    /// `passed/cases`, and a word where nothing counts.
    pub fn cell(&self, row: &str, probe: char) -> String {
        let Score { passed, cases } = self.score(row, Some(probe));
        match (cases, self.outcomes(row, Some(probe)).next()) {
            (0, None) => "–".to_owned(),
            (0, Some(_)) => "by design".to_owned(),
            _ => format!("{passed}/{cases}"),
        }
    }

    /// How many probes a row has something to answer to, and how many of them it passes in all cases.
    pub fn probes(&self, row: &str) -> Score {
        let scores = PROBES.iter().map(|(probe, _)| self.score(row, Some(*probe))).filter(|score| score.cases > 0);
        scores.fold(Score::default(), |sum, score| Score {
            passed: sum.passed + usize::from(score.passed == score.cases),
            cases: sum.cases + 1,
        })
    }

    /// The peer with the greatest share of cases passed among those that at least half of the probes can be asked of.
    pub fn best_peer(&self) -> Option<(&'static str, Score)> {
        let asked = |row: &&str| !is_ours(row) && self.probes(row).cases * 2 >= PROBES.len();
        let scores = self.rows().into_iter().filter(asked).map(|row| (row, self.score(row, None)));
        scores.max_by_key(|(_, score)| score.passed * 10_000 / score.cases)
    }

    /// Whether ours pass whatever is not the price of the design.
    pub fn is_clean(&self) -> bool {
        OURS_ALL.map(|row| self.score(row, None)).iter().all(|score| score.cases > 0 && score.passed == score.cases)
    }
}
