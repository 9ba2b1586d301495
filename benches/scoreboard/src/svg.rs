//! The figures as one picture: for about fifteen cells our time divided by that of the best peer, once among the peers
//! that keep their promises and once among those marked †. Smaller is better. Our worst cells are there, too.
//!
//! The picture draws its own ground, so it can be read on any page; it follows the reader's choice of dark or light.

use std::fmt::Write;

use crate::board::{Board, Rival, Row};
use crate::peers::OURS;

/// One cell of each kind. Those that the board does not have are left out.
const TYPICAL: [&str; 11] = [
    "mailbox alone, capacity 16",
    "ping-pong · tokio multi",
    "mailbox 1→1, capacity 1 · tokio multi",
    "mailbox 1→1, capacity 128 · tokio multi",
    "mailbox 4→4, capacity 128 · tokio multi",
    "mailbox 64→1, capacity ∞ · tokio multi",
    "oneshot, request + reply · tokio multi",
    "semaphore alone",
    "mutex FIFO, 4 tasks, 100 ns · tokio multi",
    "monitor, buffer of 8, 1×1 · tokio multi",
    "condvar, buffer of 8, 4×4 · tokio multi",
];

/// So many of our worst cells, against each kind of peer.
const WORST: [(Ratio, usize); 2] =
    [(|pair| pair.marked.map(|rival| rival.ratio), 3), (|pair| pair.faithful.map(|rival| rival.ratio), 2)];

type Ratio = fn(&Pair) -> Option<f64>;

const WIDTH: f64 = 920.0;
const MARGIN: f64 = 24.0;
/// Where the column of our figures ends, and where the scale begins.
const FIGURES: f64 = 418.0;
const SCALE: f64 = 438.0;
/// Room for the label of the longest bar.
const LABEL: f64 = 104.0;
const HEAD: f64 = 138.0;
const LINE: f64 = 35.0;
const BAR: f64 = 10.0;
/// From one bar of a cell to the other.
const PITCH: f64 = 13.0;
const FOOT: f64 = 44.0;

/// The ends of the scale. A bar that is longer ends there.
const LEAST: f64 = 0.4;
const MOST: f64 = 16.0;
const TICKS: [(f64, &str); 6] = [(0.5, "½"), (1.0, "1"), (2.0, "2"), (4.0, "4"), (8.0, "8"), (16.0, "16")];

const STYLE: &str = "
  .sempost-figures { font-family: system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; font-size: 13px; }
  .ground { fill: #ffffff; stroke: #d1d9e0; }
  .text { fill: #1f2328; }
  .soft { fill: #59636e; }
  .small { font-size: 11.5px; }
  .label { font-size: 11px; stroke: #ffffff; stroke-width: 3px; paint-order: stroke; }
  .title { font-size: 18px; font-weight: 600; }
  .strong { font-weight: 600; }
  .faster { fill: #dafbe1; }
  .grid { stroke: #d1d9e0; }
  .level { stroke: #1f2328; stroke-width: 1.5; }
  .faithful { fill: #0969da; }
  .marked { fill: #d4770c; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #151b23; stroke: #3d444d; }
    .text { fill: #f0f6fc; }
    .soft { fill: #9198a1; }
    .label { stroke: #151b23; }
    .faster { fill: #12341f; }
    .grid { stroke: #3d444d; }
    .level { stroke: #f0f6fc; }
    .faithful { fill: #4493f8; }
    .marked { fill: #e0823d; }
  }
";

/// A cell, and the best peers of both kinds.
struct Pair<'a> {
    row: &'a Row,
    ours: f64,
    faithful: Option<Rival<'a>>,
    marked: Option<Rival<'a>>,
}

impl<'a> Pair<'a> {
    fn of(row: &'a Row, board: &Board) -> Option<Self> {
        let (faithful, marked) = (row.best_faithful(&board.daggers), row.best_marked(&board.daggers));
        Some(Self { row, ours: row.ours()?, faithful, marked })
    }
}

pub fn draw(board: &Board) -> String {
    let (typical, worst) = choose(board);
    let lines = typical.len() + worst.len() + 1;
    let bottom = HEAD + LINE * lines as f64;
    let height = bottom + FOOT;

    let mut svg = String::new();
    let _ = writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" class="sempost-figures" viewBox="0 0 {WIDTH} {height}" role="img">"#
    );
    let _ = writeln!(svg, "<title>{OURS} and the best peers, smaller is better</title>\n<style>{STYLE}</style>");
    let (inner_width, inner_height) = (WIDTH - 1.0, height - 1.0);
    let _ =
        writeln!(svg, r#"<rect class="ground" x="0.5" y="0.5" width="{inner_width}" height="{inner_height}" rx="8"/>"#);
    head(&mut svg, board);
    scale(&mut svg, bottom);
    let mut y = HEAD;
    for pair in &typical {
        line(&mut svg, pair, y);
        y += LINE;
    }
    text(&mut svg, MARGIN, y + LINE * 0.7, "soft strong", "start", &format!("Where {OURS} is worst"));
    y += LINE;
    for pair in &worst {
        line(&mut svg, pair, y);
        y += LINE;
    }
    foot(&mut svg, board, bottom);
    svg.push_str("</svg>\n");
    svg
}

/// The picture as the target of a link in Markdown, `[figures]`: a page of rustdoc cannot show a file beside it.
pub fn link(picture: &str) -> String {
    let mut link = "[figures]: data:image/svg+xml,".to_owned();
    for byte in picture.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/:=,;".contains(&byte) {
            link.push(byte.into());
        } else {
            let _ = write!(link, "%{byte:02X}");
        }
    }
    link.push('\n');
    link
}

/// The typical cells that are not among the worst, and the worst ones.
fn choose(board: &Board) -> (Vec<Pair<'_>>, Vec<Pair<'_>>) {
    let mut pairs: Vec<_> = board.timed().filter_map(|row| Pair::of(row, board)).collect();
    let mut worst: Vec<Pair> = Vec::new();
    for (ratio, count) in WORST {
        pairs.sort_by(|one, other| ratio(other).unwrap_or(0.0).total_cmp(&ratio(one).unwrap_or(0.0)));
        worst.extend(pairs.drain(..count.min(pairs.len())));
    }
    let mut typical = Vec::new();
    for name in TYPICAL {
        if let Some(at) = pairs.iter().position(|pair| pair.row.cell == name) {
            typical.push(pairs.swap_remove(at));
        }
    }
    (typical, worst)
}

fn head(svg: &mut String, board: &Board) {
    let title = format!("Time of {OURS} ÷ time of the best peer – smaller is better");
    text(svg, MARGIN, 36.0, "text title", "start", &title);
    let machine = &board.machine;
    let rustc = machine.rustc.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let runs = if board.runs == 1 { "one run".to_owned() } else { format!("medians of {} runs", board.runs) };
    let about = format!("{}, {} cores, {rustc}, {runs}; logarithmic scale", machine.processor, machine.cores);
    text(svg, MARGIN, 58.0, "soft", "start", &about);

    swatch(svg, MARGIN, 82.0, "faithful");
    text(svg, MARGIN + 20.0, 82.0, "text small", "start", "the best peer without †");
    swatch(svg, MARGIN + 180.0, 82.0, "marked");
    let marked = "the best peer with †: it loses a message when a receive is cancelled, or delivers a cancelled send";
    text(svg, MARGIN + 200.0, 82.0, "text small", "start", marked);
}

fn swatch(svg: &mut String, x: f64, y: f64, class: &str) {
    let y = y - 9.0;
    let _ = writeln!(svg, r#"<rect class="{class}" x="{x}" y="{y}" width="14" height="9" rx="1.5"/>"#);
}

fn scale(svg: &mut String, bottom: f64) {
    let (left, level, top) = (x(LEAST), x(1.0), HEAD - 6.0);
    let (width, height) = (level - left, bottom - top);
    let _ = writeln!(svg, r#"<rect class="faster" x="{left}" y="{top}" width="{width}" height="{height}"/>"#);
    for (tick, label) in TICKS {
        let x = x(tick);
        let class = if tick == 1.0 { "level" } else { "grid" };
        let _ = writeln!(svg, r#"<line class="{class}" x1="{x}" y1="{top}" x2="{x}" y2="{bottom}"/>"#);
        text(svg, x, top - 6.0, "soft small", "middle", label);
    }
    text(svg, level - 12.0, top - 24.0, "soft small", "end", &format!("◂ {OURS} faster"));
    text(svg, level + 12.0, top - 24.0, "soft small", "start", &format!("{OURS} slower ▸"));
    text(svg, FIGURES, top - 6.0, "soft small", "end", OURS);
}

fn line(svg: &mut String, pair: &Pair, y: f64) {
    let middle = y + LINE / 2.0;
    text(svg, MARGIN, middle + 4.5, "text", "start", &pair.row.cell);
    text(svg, FIGURES, middle + 4.5, "text", "end", &nanos(pair.ours));
    let bars = [pair.faithful.map(|rival| (rival, "faithful", "")), pair.marked.map(|rival| (rival, "marked", " †"))];
    let bars: Vec<_> = bars.into_iter().flatten().collect();
    let first = middle - (PITCH * (bars.len() as f64 - 1.0) + BAR) / 2.0;
    for (n, (rival, class, mark)) in bars.into_iter().enumerate() {
        bar(svg, rival, class, mark, first + PITCH * n as f64);
    }
}

/// From the line of 1 to the ratio; the label stands to the right of both.
fn bar(svg: &mut String, rival: Rival, class: &str, mark: &str, y: f64) {
    let (level, end) = (x(1.0), x(rival.ratio));
    let (left, right) = (level.min(end), level.max(end));
    let width = (right - left).max(1.5);
    let _ = writeln!(svg, r#"<rect class="{class}" x="{left}" y="{y}" width="{width}" height="{BAR}" rx="1.5"/>"#);
    let label = format!("{:.2} {}{mark}", rival.ratio, rival.name);
    text(svg, right + 6.0, y + BAR - 1.0, "text label", "start", &label);
}

fn foot(svg: &mut String, board: &Board, bottom: f64) {
    let cells = board.rows.len();
    let about =
        format!("{cells} cells were measured. To repeat it: cd benches/scoreboard &amp;&amp; cargo run --release");
    text(svg, MARGIN, bottom + 28.0, "soft small", "start", &about);
}

/// Where a ratio lies on the scale.
fn x(ratio: f64) -> f64 {
    let share = (ratio.clamp(LEAST, MOST) / LEAST).ln() / (MOST / LEAST).ln();
    (SCALE + share * (WIDTH - MARGIN - LABEL - SCALE)).round()
}

fn nanos(value: f64) -> String {
    if value < 1e3 { format!("{value:.1} ns") } else { format!("{:.1} µs", value / 1e3) }
}

fn text(svg: &mut String, x: f64, y: f64, class: &str, anchor: &str, text: &str) {
    let _ = writeln!(svg, r#"<text class="{class}" x="{x}" y="{y}" text-anchor="{anchor}">{text}</text>"#);
}
