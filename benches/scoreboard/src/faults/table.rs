//! What is printed of a matrix.

use std::fmt::Write;

use super::PROBES;
use super::matrix::{Matrix, Outcome, Score, Verdict};
use crate::peers::OURS_ALL;

pub fn print(matrix: &Matrix) {
    let rows = matrix.rows();
    print!("{}\n{}\n{}", legend(), table(matrix, &rows), faults(matrix));
    println!("\n{}", remarks(matrix));
    let [ours, barging, unfair] = OURS_ALL.map(|row| matrix.score(row, None));
    let (name, best) = matrix.best_peer().unwrap_or(("none", Score::default()));
    println!(
        "H26 matrix: probes={} crates={} sempost={}/{} barging={}/{} unfair={}/{} best_peer={name} passed={}/{}",
        PROBES.len(),
        // Ours has three rows.
        rows.len() + 1 - OURS_ALL.len(),
        ours.passed,
        ours.cases,
        barging.passed,
        barging.cases,
        unfair.passed,
        unfair.cases,
        best.passed,
        best.cases,
    );
}

fn legend() -> String {
    let mut text = String::new();
    for (probe, question) in PROBES {
        let _ = writeln!(text, "{probe}  {question}");
    }
    text
}

fn table(matrix: &Matrix, rows: &[&str]) -> String {
    let name = rows.iter().map(|row| row.len()).max().unwrap_or(0);
    let mut lines = vec![format!("{:name$}", "")];
    lines.extend(rows.iter().map(|row| format!("{row:name$}")));
    for (probe, _) in PROBES {
        let cells: Vec<_> = rows.iter().map(|row| matrix.cell(row, probe)).collect();
        let width = cells.iter().map(|cell| cell.chars().count()).max().unwrap_or(1);
        for (line, cell) in lines.iter_mut().zip([probe.to_string()].into_iter().chain(cells)) {
            let _ = write!(line, "  {cell:^width$}");
        }
    }
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// What does not pass: one line for the same fault of the same crate, and the cases that show it.
fn faults(matrix: &Matrix) -> String {
    let mut groups: Vec<(&Verdict, String, Vec<&str>)> = Vec::new();
    for verdict in &matrix.verdicts {
        let Some(fault) = fault(&verdict.outcome) else { continue };
        let same = |(first, what, _): &&mut (&Verdict, String, _)| {
            first.row == verdict.row && first.probe == verdict.probe && *what == fault
        };
        match groups.iter_mut().find(same) {
            Some((.., cases)) => cases.push(&verdict.case),
            None => groups.push((verdict, fault, vec![&verdict.case])),
        }
    }
    let line = |(first, fault, cases): &(&Verdict, String, Vec<&str>)| {
        format!("{} {}: {fault} ({} × {})\n", first.probe, first.row, cases.len(), cases.join(" | "))
    };
    groups.iter().map(line).collect()
}

fn fault(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Pass(_) | Outcome::ByDesign => None,
        Outcome::Fail(fault) => Some(fault.clone()),
        Outcome::Hang => Some("hang".to_owned()),
        Outcome::Abort => Some("abort".to_owned()),
    }
}

/// Figures of those who passed.
fn remarks(matrix: &Matrix) -> String {
    let remark = |verdict: &Verdict| match &verdict.outcome {
        Outcome::Pass(Some(remark)) => Some(format!("{} {} ({}) {remark}", verdict.probe, verdict.row, verdict.case)),
        _ => None,
    };
    matrix.verdicts.iter().filter_map(remark).collect::<Vec<_>>().join("\n")
}

/// The table for the front page.
pub fn markdown(matrix: &Matrix) -> String {
    let mut text = String::from("| |");
    for (probe, _) in PROBES {
        let _ = write!(text, " {probe} |");
    }
    let _ = write!(text, "\n|---|{}\n", ":-:|".repeat(PROBES.len()));
    for row in matrix.rows() {
        let _ = write!(text, "| {row} |");
        for (probe, _) in PROBES {
            let _ = write!(text, " {} |", matrix.cell(row, probe));
        }
        text.push('\n');
    }
    text
}
