//! The board as a picture. One line per cell; a dot per contender, the further right the slower, on a logarithmic scale
//! on which we are always in the middle. A line is green when everybody else is to the right of us, red when not.

use std::fmt::Write;

use crate::board::{Board, Row};
use crate::cells::TIMER;
use crate::peers::{OURS, is_ours};

const LABELS: f64 = 400.0;
const SCALE: f64 = 620.0;
const MARGIN: f64 = 20.0;
const LINE: f64 = 17.0;

/// Factors at the ends of the scale; whoever is beyond them is drawn at the end, as a triangle.
const FASTEST: f64 = 1.0 / 8.0;
const SLOWEST: f64 = 32.0;
const TICKS: [f64; 9] = [0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0];

const COLOURS: [&str; 14] = [
    "#e6194b", "#3cb44b", "#f58231", "#911eb4", "#9a6324", "#f032e6", "#00b5b8", "#b8a000", "#1f5fff", "#808080",
    "#7ec8ff", "#ff9da7", "#556b2f", "#c8a2ff",
];

pub fn draw(board: &Board) -> String {
    let peers = peers(board);
    let legend_lines = peers.len().div_ceil(LEGEND_COLUMNS) as f64;
    let top = MARGIN + LINE * (legend_lines + 2.5);
    let width = LABELS + SCALE + 2.0 * MARGIN;
    let height = top + LINE * board.rows.len() as f64 + MARGIN;

    let mut svg = String::new();
    let _ = writeln!(
        svg,
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11" fill="#222">
<rect width="{width}" height="{height}" fill="#fff"/>"##
    );
    legend(&mut svg, &peers);
    for (at, row) in board.rows.iter().enumerate() {
        band(&mut svg, board, row, top + LINE * at as f64);
    }
    scale(&mut svg, top, height - MARGIN);
    for (at, row) in board.rows.iter().enumerate() {
        line(&mut svg, row, &peers, top + LINE * (at as f64 + 0.5));
    }
    svg.push_str("</svg>\n");
    svg
}

/// Everybody but us, in the order of their first cells.
fn peers(board: &Board) -> Vec<&str> {
    let mut peers = Vec::new();
    for entry in board.rows.iter().flat_map(|row| &row.entries) {
        let name = entry.contender.as_str();
        if !is_ours(name) && name != TIMER && !peers.contains(&name) {
            peers.push(name);
        }
    }
    peers
}

const LEGEND_COLUMNS: usize = 5;

fn legend(svg: &mut String, peers: &[&str]) {
    let y = MARGIN;
    diamond(svg, MARGIN + 6.0, y);
    text(svg, MARGIN + 16.0, y, "start", OURS);
    text(svg, LABELS + MARGIN + x(FASTEST), y, "start", "◀ faster than sempost");
    text(svg, LABELS + MARGIN + x(SLOWEST), y, "end", "slower than sempost ▶");
    let column = (LABELS + SCALE) / LEGEND_COLUMNS as f64;
    for (at, peer) in peers.iter().enumerate() {
        let x = MARGIN + 6.0 + column * (at % LEGEND_COLUMNS) as f64;
        let y = MARGIN + LINE * (1 + at / LEGEND_COLUMNS) as f64;
        dot(svg, x, y, COLOURS[at % COLOURS.len()]);
        text(svg, x + 10.0, y, "start", peer);
    }
}

/// The ground of a cell's line.
fn band(svg: &mut String, board: &Board, row: &Row, y: f64) {
    let colour = match row.verdict(&board.daggers) {
        Some(ratio) if ratio <= 1.0 => "#e2f4e2",
        Some(_) => "#fbe0de",
        None => "#eee",
    };
    let (width, height) = (LABELS + SCALE, LINE - 1.0);
    let _ = writeln!(svg, r#"<rect x="{MARGIN}" y="{y}" width="{width}" height="{height}" fill="{colour}"/>"#);
}

fn scale(svg: &mut String, top: f64, bottom: f64) {
    for tick in TICKS {
        let x = LABELS + MARGIN + x(tick);
        let (colour, weight) = if tick == 1.0 { ("#222", 1.5) } else { ("#fff", 1.0) };
        let _ = writeln!(
            svg,
            r#"<line x1="{x}" y1="{top}" x2="{x}" y2="{bottom}" stroke="{colour}" stroke-width="{weight}"/>"#
        );
        let label = if tick < 1.0 { format!("1/{}", 1.0 / tick) } else { format!("{tick}×") };
        text(svg, x, top - LINE / 2.0, "middle", &label);
    }
}

fn line(svg: &mut String, row: &Row, peers: &[&str], y: f64) {
    text(svg, MARGIN + 4.0, y, "start", &row.cell);
    for entry in &row.entries {
        let Some(at) = peers.iter().position(|peer| *peer == entry.contender) else { continue };
        let Some(ratio) = row.ratio(entry.value()) else { continue };
        let colour = COLOURS[at % COLOURS.len()];
        let factor = 1.0 / ratio;
        let x = LABELS + MARGIN + x(factor);
        if factor < FASTEST {
            triangle(svg, x, y, -5.0, colour);
        } else if factor > SLOWEST {
            triangle(svg, x, y, 5.0, colour);
        } else {
            dot(svg, x, y, colour);
        }
    }
    if row.ours().is_some() {
        diamond(svg, LABELS + MARGIN + x(1.0), y);
    }
}

/// Where a factor lies on the scale.
fn x(factor: f64) -> f64 {
    let share = (factor.clamp(FASTEST, SLOWEST) / FASTEST).ln() / (SLOWEST / FASTEST).ln();
    let inset = 8.0;
    (inset + share * (SCALE - 2.0 * inset)).round()
}

fn dot(svg: &mut String, x: f64, y: f64, colour: &str) {
    let _ = writeln!(svg, r#"<circle cx="{x}" cy="{y}" r="4" fill="{colour}" fill-opacity="0.85"/>"#);
}

fn triangle(svg: &mut String, x: f64, y: f64, length: f64, colour: &str) {
    let (tip, high, low) = (x + length, y - 4.0, y + 4.0);
    let _ = writeln!(svg, r#"<path d="M{x} {high}L{tip} {y}L{x} {low}Z" fill="{colour}"/>"#);
}

fn diamond(svg: &mut String, x: f64, y: f64) {
    let (left, right, high, low) = (x - 5.5, x + 5.5, y - 5.5, y + 5.5);
    let _ = writeln!(svg, r##"<path d="M{left} {y}L{x} {high}L{right} {y}L{x} {low}Z" fill="#111"/>"##);
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, text: &str) {
    let y = y + 4.0;
    let _ = writeln!(svg, r#"<text x="{x}" y="{y}" text-anchor="{anchor}">{text}</text>"#);
}
