//! The floors and goals that the figures are held against.

use crate::board::{Board, Row, geometric_mean};
use crate::cell::{Group, Unit};
use crate::cells::{CALLS, SIGNALS};
use crate::peers::{TOKIO, leased, merged};

/// The rivals that the floors of fair and of barging semaphores and mutexes are about. (futures-intrusive has both
/// kinds, and is shown in the table.)
const FAIR: &[&str] = &[TOKIO, "asyncband"];
const BARGING: &[&str] = &["futures", "async-lock"];

/// Those that floors between threads are about.
const THREADED: &[&str] = &["crossbeam-channel", "crossfire"];

/// One line of the table of floors and goals.
pub struct Verdict {
    pub about: &'static str,
    /// `None`: reported only.
    pub floor: Option<f64>,
    pub goal: f64,
    /// `None`: nothing to judge in this run.
    pub figure: Option<f64>,
}

pub fn all(board: &Board) -> Vec<Verdict> {
    let worst = |groups: &[Group]| board.ratios(groups).into_iter().reduce(f64::max);
    let line = |about, floor: f64, goal, figure| Verdict { about, floor: Some(floor), goal, figure };
    let reported = |about, goal, figure| Verdict { about, floor: None, goal, figure };
    let all_flows = geometric_mean(board.ratios(&[Group::Flow]));
    let faithful = |group| board.faithful_ratios(group);
    let worst_faithful = |group| faithful(group).into_iter().reduce(f64::max);
    let flows = geometric_mean(faithful(Group::Flow));
    let is_busy = board.machine.busy > 0;
    vec![
        line("alone, send + recv: worst cell", 1.05, 0.9, worst(&[Group::AloneMailbox])),
        line("alone, acquire + release, lock + unlock: worst cell", 0.95, 0.8, worst(&[Group::AloneGate])),
        line("ping-pong, against peers without †: worst cell", 1.1, 1.0, worst_faithful(Group::PingPong)),
        line("flow, capacity ≥ 16 and ∞, against peers without †: worst cell", 1.5, 1.0, worst_faithful(Group::Flow)),
        line("… geometric mean", 0.85, 0.75, flows.filter(|_| !is_busy)),
        line("… geometric mean beside busy processes", 1.0, 0.8, flows.filter(|_| is_busy)),
        reported("… against all: geometric mean", 1.0, all_flows),
        line("flow where senders may pass, against all: worst cell", 1.5, 1.2, worst(&[Group::BargingFlow])),
        line("… geometric mean", 1.05, 0.9, geometric_mean(board.ratios(&[Group::BargingFlow]))),
        line("256 bytes, against peers without †: worst cell", 1.3, 1.0, worst_faithful(Group::LargeFlow)),
        reported("capacity 1, against peers without †: worst cell", 1.0, worst(&[Group::CapacityOne])),
        reported("capacity 0 and 1, against peers with †: worst cell", 1.0, board.worst_against_daggers()),
        line("create + drop: worst cell", 1.2, 1.0, worst(&[Group::Life])),
        line(
            "threads, against crossbeam-channel, crossfire: worst cell",
            1.5,
            1.0,
            board.worst_against(Group::Threads, THREADED),
        ),
        line(
            "semaphore, mutex, FIFO against tokio, asyncband: worst cell",
            0.85,
            0.7,
            board.worst_against(Group::Fifo, FAIR),
        ),
        reported("… against all that are fair: worst cell", 0.7, worst(&[Group::Fifo])),
        line(
            "semaphore, mutex, barging against futures, async-lock: worst cell",
            1.25,
            1.0,
            board.worst_against(Group::Barging, BARGING),
        ),
        reported("… against all that barge: worst cell", 1.0, worst(&[Group::Barging])),
        line("monitor: worst cell", 0.7, 0.5, worst(&[Group::Monitor])),
        line("condvar, against asyncband's: worst cell", 1.0, 0.8, worst(&[Group::Condvar])),
        reported("readers-writer lock: worst cell", 0.9, worst(&[Group::Library])),
        line("recv_many of 64: ns a message", 6.0, 4.0, board.receive_many()),
        line("oneshot, alone and as a reply: worst cell", 1.0, 0.8, worst(&[Group::Reply])),
        line("1 port, against select_all over tokio", 0.6, 0.3, board.worst_against(Group::OnePort, &[merged::ALL])),
        line("… against StreamMap over tokio", 0.9, 0.6, board.worst_against(Group::OnePort, &[merged::MAP])),
        line("… against one mailbox of ours", 3.0, 2.0, board.worst_against(Group::OnePort, &[merged::PLAIN])),
        line("64 ports, against select_all over tokio", 0.6, 0.35, board.worst_against(Group::Ports, &[merged::ALL])),
        line("… against StreamMap over tokio", 0.6, 0.3, board.worst_against(Group::Ports, &[merged::MAP])),
        line("… against StreamMap over ours", 1.0, 0.7, board.worst_against(Group::Ports, &[merged::MAP_OF_OURS])),
        line(
            "64 ports among 100,000 idle, against StreamMap",
            0.01,
            0.01,
            board.worst_against(Group::IdlePorts, &[merged::MAP]),
        ),
        line("… against none idle", 1.1, 1.1, board.worst_against(Group::IdlePorts, &[merged::WITHOUT_IDLE])),
        line(
            "credits, against tokio's mpsc + Semaphore by hand",
            0.5,
            0.35,
            board.worst_against(Group::Credits, &[leased::TOKIO_BY_HAND]),
        ),
        line(
            "… against async-channel + async-lock by hand",
            0.6,
            0.4,
            board.worst_against(Group::Credits, &[leased::ASYNC_BY_HAND]),
        ),
        line("… against our bounded mailbox", 4.5, 3.0, board.worst_against(Group::Credits, &[leased::PLAIN])),
        line(
            "buffer without signals, against our own with signals",
            1.4,
            1.2,
            board.worst_against(Group::Predicates, &[SIGNALS]),
        ),
        line("a turn for one of 1,000, against notify_all", 0.02, 0.01, board.worst_against(Group::Turns, &[CALLS])),
        reported("starvation of a short lock: worst cell", 1.0, worst(&[Group::Starvation])),
        reported("starvation of a short lock: geometric mean", 1.0, geometric_mean(board.ratios(&[Group::Starvation]))),
        line("against tokio: geometric mean", 0.45, 0.4, board.against_tokio()),
    ]
}

impl Board {
    /// Our ratios to the best peers in the cells of some groups.
    fn ratios(&self, groups: &[Group]) -> Vec<f64> {
        let rows = self.rows.iter().filter(|row| groups.contains(&row.group));
        rows.filter_map(|row| row.verdict(&self.daggers)).collect()
    }

    /// Our ratios, in the cells of a group, to the best of the peers that keep what they were given.
    fn faithful_ratios(&self, group: Group) -> Vec<f64> {
        let rows = self.rows.iter().filter(|row| row.group == group);
        rows.filter_map(|row| Some(row.best_faithful(&self.daggers)?.ratio)).collect()
    }

    /// Our worst ratio, over the cells of a group, to the best of the named peers.
    fn worst_against(&self, group: Group, peers: &[&str]) -> Option<f64> {
        let rows = self.rows.iter().filter(|row| row.group == group);
        let best = |row: &Row| peers.iter().filter_map(|peer| row.value(peer)).reduce(f64::min);
        rows.filter_map(|row| row.ratio(best(row)?)).reduce(f64::max)
    }

    fn worst_against_daggers(&self) -> Option<f64> {
        let rivals = self.rows.iter().filter_map(|row| row.best_dagger(&self.daggers));
        rivals.map(|rival| rival.ratio).reduce(f64::max)
    }

    fn receive_many(&self) -> Option<f64> {
        self.rows.iter().find(|row| row.group == Group::ReceiveMany)?.ours()
    }

    /// All cells that are timed, but for those that are about starvation, and those that have lines of their own.
    pub fn timed(&self) -> impl Iterator<Item = &Row> {
        const APART: [Group; 8] = [
            Group::OnePort,
            Group::Ports,
            Group::IdlePorts,
            Group::Credits,
            Group::Library,
            Group::Predicates,
            Group::Turns,
            Group::Starvation,
        ];
        self.rows.iter().filter(|row| row.unit == Unit::Nanos && !APART.contains(&row.group))
    }

    /// The geometric mean over all of them that tokio takes part in.
    pub fn against_tokio(&self) -> Option<f64> {
        geometric_mean(self.timed().filter_map(|row| row.ratio(row.value(TOKIO)?)))
    }

    /// The geometric mean over all of them.
    pub fn mean(&self) -> Option<f64> {
        geometric_mean(self.timed().filter_map(|row| row.verdict(&self.daggers)))
    }
}
