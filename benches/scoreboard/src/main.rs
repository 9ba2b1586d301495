//! sempost beside its peers. `cargo run --release -- --quick` for an impression, without `--quick` for figures.

mod alloc;
mod board;
mod busy;
mod cell;
mod cells;
mod executors;
mod faults;
mod kinds;
mod machine;
mod measure;
mod peers;
mod poll;
mod probe;
mod report;
mod runner;
mod svg;
mod verdict;
mod watch;

use std::error::Error;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use board::Board;
use measure::{Effort, Note};

#[global_allocator]
static ALLOCATOR: alloc::Counting = alloc::Counting;

/// Compares sempost with its peers, cell by cell.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Arguments {
    /// Takes the cells that matter most, in short rounds: two minutes at most
    #[arg(long)]
    quick: bool,

    /// Writes all figures to a file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Draws about fifteen cells, our worst ones among them, into a file; a second one, `.link`, is for rustdoc
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,

    /// Writes the timed cells that matter most, or the matrix of faults, into a file, as a table in Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,

    /// Takes only the cells whose names contain this text
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,

    /// How many threads the executors with several threads have
    #[arg(long, value_name = "NUMBER", default_value_t = executors::THREADS)]
    threads: NonZeroUsize,

    /// How many processes spin beside every cell
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    busy: usize,

    /// Asks everybody the probes of faults, and measures nothing
    #[arg(long, conflicts_with_all = ["quick", "svg", "filter", "busy", "list", "median"])]
    faults: bool,

    /// Lists cells and contenders, and measures nothing
    #[arg(long, conflicts_with = "busy")]
    list: bool,

    /// Measures nothing, but reports the medians of runs that were recorded with `--json`; with `--json` it keeps them
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["quick", "list", "threads", "busy"])]
    median: Vec<PathBuf>,

    #[command(subcommand)]
    part: Option<Part>,
}

/// What the board starts itself for.
#[derive(Subcommand)]
enum Part {
    /// Measures one cell
    #[command(hide = true)]
    Cell {
        index: usize,
        rounds: usize,
        milliseconds: u64,
        #[arg(long)]
        skip: Vec<String>,
    },
    /// Answers one probe
    #[command(hide = true)]
    Probe { index: usize },
    /// Answers one case of the faults
    #[command(hide = true)]
    Fault { index: usize },
    /// Keeps a core busy until its standard input ends
    #[command(hide = true)]
    Busy,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments = Arguments::parse();
    match arguments.part {
        Some(Part::Cell { index, rounds, milliseconds, skip }) => {
            let effort = Effort { rounds, round: Duration::from_millis(milliseconds) };
            measure::run(&cells::all()[index], &skip, effort);
            return Ok(ExitCode::SUCCESS);
        }
        Some(Part::Probe { index }) => {
            measure::tell(&Note::Finding { fault: probe::all()[index].run().map(str::to_owned) });
            return Ok(ExitCode::SUCCESS);
        }
        Some(Part::Fault { index }) => {
            faults::answer(index);
            return Ok(ExitCode::SUCCESS);
        }
        Some(Part::Busy) => busy::spin(),
        None => {}
    }
    executors::choose_threads(arguments.threads);
    if arguments.faults {
        return faults(arguments.json.as_deref(), arguments.markdown.as_deref());
    }

    if arguments.list {
        runner::list(arguments.filter.as_deref());
        return Ok(ExitCode::SUCCESS);
    }
    let board = if arguments.median.is_empty() {
        runner::run(arguments.quick, arguments.filter.as_deref(), arguments.busy)
    } else {
        recorded(&arguments.median, arguments.filter.as_deref())?
    };
    print!("\n{}", report::summary(&board));
    if let Some(path) = arguments.json {
        fs::write(path, board.to_json()?)?;
    }
    if let Some(path) = arguments.svg {
        let picture = svg::draw(&board);
        fs::write(path.with_extension("link"), svg::link(&picture))?;
        fs::write(path, picture)?;
    }
    if let Some(path) = arguments.markdown {
        fs::write(path, report::markdown(&board))?;
    }
    Ok(if board.failed().is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn faults(json: Option<&Path>, markdown: Option<&Path>) -> Result<ExitCode, Box<dyn Error>> {
    let matrix = faults::run();
    if let Some(path) = json {
        fs::write(path, serde_json::to_string_pretty(&matrix)?)?;
    }
    if let Some(path) = markdown {
        fs::write(path, faults::markdown(&matrix))?;
    }
    faults::print(&matrix);
    Ok(if matrix.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn recorded(paths: &[PathBuf], filter: Option<&str>) -> Result<Board, Box<dyn Error>> {
    let read = |path: &PathBuf| -> Result<Board, Box<dyn Error>> { Ok(serde_json::from_str(&read_text(path)?)?) };
    let boards = paths.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    if boards.iter().any(|board| board.machine.busy != boards[0].machine.busy) {
        return Err("these runs did not have the same number of busy processes beside them".into());
    }
    let mut board = Board::median_of(&boards);
    board.rows.retain(|row| filter.is_none_or(|text| row.cell.contains(text)));
    print!("{}{}\n{}\n", report::machine(&board.machine), report::daggers(&board.daggers), report::heading());
    for row in &board.rows {
        println!("{}", report::row(row, &board.daggers));
    }
    Ok(board)
}

fn read_text(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
