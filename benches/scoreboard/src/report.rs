//! What is printed.

use std::fmt::Write;

use crate::board::{Board, Dagger, Row, is_dagger};
use crate::cell::Unit;
use crate::cells;
use crate::machine::Machine;
use crate::peers::OURS;
use crate::verdict::{self, Verdict};

/// The columns of the table: cell, ours, best peer, its figure, ratio.
const CELL: usize = 62;
const FIGURE: usize = 10;
const PEER: usize = 27;

pub fn machine(machine: &Machine) -> String {
    let versions: Vec<_> = machine.versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
    format!(
        "{}, {} cores, {}, {}\nexecutors and their threads: {}\nprocesses that keep the cores busy: {}\n{}\n",
        machine.processor,
        machine.cores,
        machine.system,
        machine.rustc,
        machine.executors,
        machine.busy,
        versions.join(", ")
    )
}

pub fn daggers(daggers: &[Dagger]) -> String {
    let mut text = String::new();
    for dagger in daggers {
        for fault in &dagger.faults {
            let _ = writeln!(text, "† {} {} ({})", dagger.peer, fault.what, fault.lines.join("; "));
        }
    }
    text
}

pub fn heading() -> String {
    let heading = format!("{:CELL$} {OURS:>FIGURE$}   {:PEER$} {:>FIGURE$} {:>7}", "cell", "best peer", "", "ratio");
    format!("{heading}\n{}", "─".repeat(heading.chars().count()))
}

pub fn row(row: &Row, daggers: &[Dagger]) -> String {
    let mut text = format!("{:CELL$} {:>FIGURE$}", row.cell, row.ours().map_or("–".to_owned(), |it| figure(row, it)));
    match row.best(daggers) {
        Some(best) => {
            let name = marked(best.name, daggers);
            let _ = write!(text, "   {name:PEER$} {:>FIGURE$}", figure(row, best.value));
            let _ = write!(text, " {:>7.2}{}", best.ratio, if best.ratio > 1.0 { " ✗" } else { "" });
        }
        None => text.push_str("   (nobody to compare with)"),
    }
    if let Some(dagger) = row.best_dagger(daggers) {
        let name = marked(dagger.name, daggers);
        let (label, value) = ("  against †", figure(row, dagger.value));
        let _ = write!(text, "\n{label:CELL$} {:FIGURE$}   {name:PEER$} {value:>FIGURE$} {:>7.2}", "", dagger.ratio);
    }
    for (contender, fate) in &row.failures {
        let _ = write!(text, "\n  {contender} {fate} here and is left out");
    }
    text
}

/// The timed cells of `--quick`.
pub fn markdown(board: &Board) -> String {
    let shown: Vec<_> = cells::all().into_iter().filter(|cell| cell.quick).map(|cell| cell.name).collect();
    let rows = board.rows.iter().filter(|row| row.unit == Unit::Nanos && shown.contains(&row.cell));
    let mut text = format!("| cell | {OURS} | best peer | | ratio |\n|---|---:|---|---:|---:|\n");
    for row in rows {
        let Some(ours) = row.ours() else { continue };
        let rivals = [row.best(&board.daggers), row.best_dagger(&board.daggers)];
        for (n, best) in rivals.into_iter().flatten().enumerate() {
            let (cell, ours) = if n == 0 { (&*row.cell, figure(row, ours)) } else { ("", String::new()) };
            let (name, value) = (marked(best.name, &board.daggers), figure(row, best.value));
            let _ = writeln!(text, "| {cell} | {ours} | {name} | {value} | {:.2} |", best.ratio);
        }
    }
    text
}

pub fn summary(board: &Board) -> String {
    let mut text = String::new();
    let mut ratios: Vec<_> = board.rows.iter().filter_map(|row| Some((row.verdict(&board.daggers)?, row))).collect();
    ratios.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    if let Some((ratio, row)) = ratios.first() {
        let _ = writeln!(text, "worst cell: {} ({ratio:.2})", row.cell);
    }
    let failed = board.failed();
    let lost: Vec<_> = ratios.iter().filter(|(ratio, _)| *ratio > 1.0).collect();
    let _ = writeln!(text, "cells lost: {} of {}", failed.len() + lost.len(), failed.len() + ratios.len());
    for row in failed {
        let _ = writeln!(text, "  failed  {}", row.cell);
    }
    for (ratio, row) in lost {
        let best = row.best(&board.daggers).map_or("", |best| best.name);
        let _ = writeln!(text, "  {ratio:6.2}  {} ({best})", row.cell);
    }
    for (about, mean) in [("the best peer of each timed cell", board.mean()), ("tokio", board.against_tokio())] {
        if let Some(mean) = mean {
            let _ = writeln!(text, "geometric mean against {about}: {mean:.3}");
        }
    }
    let _ = writeln!(text, "\n{:56} {:>8} {:>8} {:>8}", "floors and goals", "figure", "floor", "goal");
    for line in verdict::all(board) {
        let _ = writeln!(text, "{}", verdict(&line));
    }
    let _ = writeln!(text, "\n{} cells in {:.0} s", board.rows.len(), board.seconds);
    text
}

fn verdict(line: &Verdict) -> String {
    let floor = line.floor.map_or("–".to_owned(), |floor| format!("{floor:.2}"));
    let Some(figure) = line.figure else {
        return format!("{:56} {:>8} {floor:>8} {:>8.2}  not measured", line.about, "–", line.goal);
    };
    let met = |bar: f64| if figure <= bar { "met" } else { "missed" };
    let floor_met = line.floor.map_or(String::new(), |floor| format!("floor {}, ", met(floor)));
    format!("{:56} {figure:>8.2} {floor:>8} {:>8.2}  {floor_met}goal {}", line.about, line.goal, met(line.goal))
}

fn marked(name: &str, daggers: &[Dagger]) -> String {
    format!("{name}{}", if is_dagger(name, daggers) { " †" } else { "" })
}

fn figure(row: &Row, value: f64) -> String {
    match row.unit {
        Unit::Nanos | Unit::Worst => nanos(value),
        Unit::Unfairness if value >= 1e3 => format!("{value:.0} ×"),
        Unit::Unfairness => format!("{value:.2} ×"),
        Unit::Bytes(_) if value >= 1e5 => format!("{:.2} MB", value / 1e6),
        Unit::Bytes(_) => format!("{value:.0} B"),
    }
}

fn nanos(value: f64) -> String {
    match value {
        ..1e3 => format!("{value:.1} ns"),
        1e3..1e6 => format!("{:.1} µs", value / 1e3),
        _ => format!("{:.1} ms", value / 1e6),
    }
}
