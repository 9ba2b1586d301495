//! Every cell of the board: ninety at most for semaphores, monitors and mailboxes, four each for what stands beside
//! them, eleven about starvation, and eight about sources and credits.

use crate::cell::{Cell, Contender, Group, Unit};
use crate::cells::alone::{EnterAndLeave, EnterManyAndLeave, SendAndReceive};
use crate::cells::batch::{BATCH, Batches};
use crate::cells::flow::{Flow, Threads};
use crate::cells::library::{Alone, Crowd, READERS};
use crate::cells::life::{CloneSender, Create};
use crate::cells::meeting::{MEMBERS, Openings, Rounds, WAITERS};
use crate::cells::memory::{Burst, Idle};
use crate::cells::monitor::{Buffer, CALLED, CAPACITY, CallAll};
use crate::cells::ping_pong::PingPong;
use crate::cells::predicates::{self, TURNS};
use crate::cells::reply::{Answer, Ask};
use crate::cells::section::{Contended, ContendedMany, Section};
use crate::cells::shares::Shares;
use crate::cells::sources::{LIMIT, Lend, Merge, SHARERS, SLOTS};
use crate::cells::starvation::{Close, Figure, Restless, Starved};
use crate::cells::waiters::{ForPermit, ForSlot, Question};
use crate::executors::{AsyncStd, Executor, Smol, SmolLocal, TokioCurrent, TokioMulti};
use crate::kinds::{Line, Message, Order};
use crate::peers::{self, MeetMonitors};

/// In the order in which they are run and printed.
pub fn all() -> Vec<Cell> {
    let mut cells = Vec::new();
    mailboxes(&mut cells);
    replies(&mut cells);
    gates(&mut cells);
    libraries(&mut cells);
    monitors(&mut cells);
    predicates::<TokioCurrent>(&mut cells);
    predicates::<TokioMulti>(&mut cells);
    meetings::<TokioCurrent>(&mut cells);
    meetings::<TokioMulti>(&mut cells);
    meetings::<Smol>(&mut cells);
    meetings::<AsyncStd>(&mut cells);
    life(&mut cells);
    sources::<TokioCurrent>(&mut cells);
    sources::<TokioMulti>(&mut cells);
    starvation(&mut cells);
    cells
}

fn mailboxes(cells: &mut Vec<Cell>) {
    for line in [Line::bounded(1, 1, 16), Line::unbounded(1, 1)] {
        cells.push(
            Cell::new(Group::AloneMailbox, format!("mailbox alone, {}", capacity(line)), move || {
                peers::mailboxes(&SendAndReceive(line))
            })
            .quick(),
        );
    }
    cells.extend([ping_pong::<TokioCurrent>().quick(), ping_pong::<TokioMulti>().quick(), ping_pong::<Smol>()]);

    const ENDS: [(usize, usize); 4] = [(1, 1), (4, 1), (4, 4), (64, 1)];
    for (senders, receivers) in ENDS {
        cells.push(flow::<TokioMulti, u64>(Line::bounded(senders, receivers, 1)).quick());
        // Of these our worst one is in every table.
        let few_slots = flow::<TokioMulti, u64>(Line::bounded(senders, receivers, 16));
        cells.push(if senders == 64 { few_slots.quick() } else { few_slots });
        cells.push(flow::<TokioMulti, u64>(Line::bounded(senders, receivers, 128)).quick());
        cells.push(flow::<TokioMulti, u64>(Line::unbounded(senders, receivers)).quick());
    }
    // On one thread a line has little to add to another of the same capacity.
    cells.extend([
        flow::<TokioCurrent, u64>(Line::bounded(1, 1, 1)).quick(),
        flow::<TokioCurrent, u64>(Line::bounded(1, 1, 128)).quick(),
        flow::<TokioCurrent, u64>(Line::bounded(4, 1, 1)),
        flow::<TokioCurrent, u64>(Line::bounded(4, 1, 16)),
        flow::<TokioCurrent, u64>(Line::bounded(4, 4, 16)),
        flow::<TokioCurrent, u64>(Line::bounded(64, 1, 128)),
        flow::<TokioCurrent, u64>(Line::unbounded(64, 1)),
        flow::<Smol, u64>(Line::bounded(1, 1, 1)),
        flow::<Smol, u64>(Line::bounded(1, 1, 128)).quick(),
        flow::<Smol, u64>(Line::unbounded(1, 1)),
        flow::<Smol, u64>(Line::bounded(4, 1, 16)),
        flow::<Smol, u64>(Line::bounded(4, 4, 128)).quick(),
        flow::<Smol, u64>(Line::bounded(64, 1, 128)),
        flow::<SmolLocal, u64>(Line::bounded(1, 1, 128)),
        flow::<AsyncStd, u64>(Line::bounded(4, 4, 128)),
        flow::<TokioMulti, [u64; 32]>(Line::bounded(1, 1, 128)).quick(),
        flow::<TokioMulti, [u64; 32]>(Line::bounded(4, 4, 128)),
    ]);
    cells.extend([
        flow::<TokioMulti, u64>(Line::barging(4, 1, 16)),
        flow::<TokioMulti, u64>(Line::barging(4, 4, 16)).quick(),
        flow::<TokioMulti, u64>(Line::barging(4, 4, 128)),
        flow::<TokioMulti, u64>(Line::barging(64, 1, 16)).quick(),
        flow::<TokioMulti, u64>(Line::barging(64, 1, 128)),
        flow::<TokioCurrent, u64>(Line::barging(64, 1, 128)),
        flow::<Smol, u64>(Line::barging(4, 1, 16)),
        flow::<Smol, u64>(Line::barging(64, 1, 128)),
    ]);
    cells.extend([
        flow::<TokioCurrent, u64>(Line::bounded(1, 1, 0)).quick(),
        flow::<TokioMulti, u64>(Line::bounded(1, 1, 0)),
        flow::<TokioMulti, u64>(Line::bounded(4, 4, 0)).quick(),
    ]);
    cells.extend([
        threads(Line::bounded(1, 1, 1)),
        threads(Line::bounded(1, 1, 128)).quick(),
        threads(Line::bounded(4, 4, 128)),
        threads(Line::unbounded(1, 1)),
    ]);
    cells.extend([
        Cell::new(Group::ReceiveMany, format!("recv_many of {BATCH}, a message"), || peers::batches(&Batches::Receive))
            .quick(),
        Cell::new(Group::Other, format!("reserve_many of {BATCH}, a message"), || peers::batches(&Batches::Send))
            .quick(),
    ]);
}

fn replies(cells: &mut Vec<Cell>) {
    cells.extend([
        Cell::new(Group::Reply, "oneshot alone, create + send + recv", || peers::replies(&Answer)).quick(),
        ask::<TokioCurrent>().quick(),
        ask::<TokioMulti>().quick(),
        ask::<Smol>().quick(),
    ]);
}

fn ask<E: Executor>() -> Cell {
    Cell::new(Group::Reply, format!("oneshot, request + reply · {}", E::NAME), || peers::replies(&Ask::<E>::new()))
}

fn ping_pong<E: Executor>() -> Cell {
    Cell::new(Group::PingPong, format!("ping-pong · {}", E::NAME), || peers::mailboxes(&PingPong::<E>::new()))
}

fn flow<E: Executor, T: Message>(line: Line) -> Cell {
    let (how, size) = (if line.barging { "barging " } else { "" }, size_of::<T>());
    let group = match line.capacity {
        Some(0) => Group::CapacityZero,
        Some(1) if !line.barging => Group::CapacityOne,
        _ if line.barging => Group::BargingFlow,
        _ if size > size_of::<u64>() => Group::LargeFlow,
        _ => Group::Flow,
    };
    let size = if size > size_of::<u64>() { format!(", {size} bytes") } else { String::new() };
    Cell::new(group, format!("mailbox {how}{line}{size} · {}", E::NAME), move || {
        peers::mailboxes(&Flow::<E, T>::new(line))
    })
}

fn threads(line: Line) -> Cell {
    Cell::new(Group::Threads, format!("mailbox {line} · threads"), move || peers::blocking(&Threads(line)))
}

fn capacity(line: Line) -> String {
    line.capacity.map_or("∞".to_owned(), |capacity| format!("capacity {capacity}"))
}

fn gates(cells: &mut Vec<Cell>) {
    cells.extend([
        Cell::new(Group::AloneGate, "semaphore alone", || peers::semaphores(&EnterAndLeave)).quick(),
        Cell::new(Group::AloneGate, "mutex alone", || peers::mutexes(&EnterAndLeave)).quick(),
        Cell::new(Group::Other, "acquire_many alone", || peers::weighted(&EnterManyAndLeave)).quick(),
        Cell::new(Group::Fifo, format!("acquire_many, 4 tasks, yield · {}", TokioMulti::NAME), || {
            peers::weighted(&ContendedMany::<TokioMulti>::new())
        }),
    ]);
    for kind in [Kind::Semaphore, Kind::Mutex] {
        cells.extend([
            contended::<TokioCurrent>(kind, Order::Fifo, 4, Section::Yield).quick(),
            contended::<TokioCurrent>(kind, Order::Fifo, 64, Section::Yield),
            contended::<TokioMulti>(kind, Order::Fifo, 2, Section::Empty),
            contended::<TokioMulti>(kind, Order::Fifo, 4, Section::Work).quick(),
            contended::<TokioMulti>(kind, Order::Fifo, 4, Section::Yield).quick(),
            contended::<TokioMulti>(kind, Order::Fifo, 64, Section::Empty),
            contended::<TokioCurrent>(kind, Order::Barging, 4, Section::Yield),
            contended::<TokioMulti>(kind, Order::Barging, 4, Section::Empty),
            contended::<TokioMulti>(kind, Order::Barging, 4, Section::Work).quick(),
        ]);
    }
}

fn libraries(cells: &mut Vec<Cell>) {
    cells.extend([
        Cell::new(Group::Library, "rwlock alone, read", || peers::libraries(&Alone::Read)).quick(),
        Cell::new(Group::Library, "rwlock alone, write", || peers::libraries(&Alone::Write)).quick(),
    ]);
    crowds::<TokioCurrent>(cells);
    crowds::<TokioMulti>(cells);
    crowds::<AsyncStd>(cells);
    crowds::<Smol>(cells);
}

fn crowds<E: Executor>(cells: &mut Vec<Cell>) {
    for (writers, about) in [(0, ""), (1, " and 1 writer")] {
        cells.push(
            Cell::new(Group::Library, format!("rwlock, {READERS} readers{about}, yield · {}", E::NAME), move || {
                peers::libraries(&Crowd::<E>::new(writers))
            })
            .quick(),
        );
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Semaphore,
    Mutex,
}

fn contended<E: Executor>(kind: Kind, order: Order, tasks: usize, section: Section) -> Cell {
    let (group, order_name) = match order {
        Order::Fifo => (Group::Fifo, "FIFO"),
        Order::Barging => (Group::Barging, "barging"),
    };
    let kind_name = match kind {
        Kind::Semaphore => "semaphore",
        Kind::Mutex => "mutex",
    };
    let section_name = match section {
        Section::Empty => "empty",
        Section::Work => "100 ns",
        Section::Yield => "yield",
    };
    let name = format!("{kind_name} {order_name}, {tasks} tasks, {section_name} · {}", E::NAME);
    Cell::new(group, name, move || {
        let contended = Contended::<E>::new(order, tasks, section);
        match kind {
            Kind::Semaphore => peers::semaphores(&contended),
            Kind::Mutex => peers::mutexes(&contended),
        }
    })
}

fn monitors(cells: &mut Vec<Cell>) {
    for kind in [Exchange::Monitor, Exchange::Condvar] {
        cells.extend([
            buffer::<TokioCurrent>(kind, 1).quick(),
            buffer::<TokioMulti>(kind, 1).quick(),
            buffer::<TokioMulti>(kind, 4).quick(),
            exchange(kind, format!("notify_all of {CALLED} · {}", TokioCurrent::NAME), CallAll::<TokioCurrent>::new())
                .quick(),
        ]);
    }
}

/// What surrounds the shared data: a monitor of any kind, or a mutex with condition variables.
#[derive(Clone, Copy)]
enum Exchange {
    Monitor,
    Condvar,
}

fn buffer<E: Executor>(kind: Exchange, pairs: usize) -> Cell {
    let about = format!("buffer of {CAPACITY}, {pairs}×{pairs} · {}", E::NAME);
    exchange(kind, about, Buffer::<E>::new(pairs))
}

fn exchange(kind: Exchange, about: String, guest: impl MeetMonitors<Made = Contender> + 'static) -> Cell {
    match kind {
        Exchange::Monitor => Cell::new(Group::Monitor, format!("monitor, {about}"), move || peers::monitors(&guest)),
        Exchange::Condvar => Cell::new(Group::Condvar, format!("condvar, {about}"), move || peers::condvars(&guest)),
    }
}

fn predicates<E: Executor>(cells: &mut Vec<Cell>) {
    for pairs in [1, 4] {
        let name = format!("predicates, buffer of {CAPACITY}, {pairs}×{pairs} · {}", E::NAME);
        cells.push(Cell::new(Group::Predicates, name, move || predicates::buffer::<E>(pairs)).quick());
    }
    let name = format!("predicates, turns of {TURNS} · {}", E::NAME);
    cells.push(Cell::new(Group::Turns, name, predicates::turns::<E>).quick());
}

fn meetings<E: Executor>(cells: &mut Vec<Cell>) {
    cells.extend([
        Cell::new(Group::Other, format!("barrier of {MEMBERS} · {}", E::NAME), || peers::barriers(&Rounds::<E>::new())),
        Cell::new(Group::Other, format!("latch, {WAITERS} waiters · {}", E::NAME), || {
            peers::latches(&Openings::<E>::new())
        }),
    ]);
}

fn life(cells: &mut Vec<Cell>) {
    for line in [Line::bounded(1, 1, 16), Line::unbounded(1, 1)] {
        cells.push(
            Cell::new(Group::Life, format!("mailbox, create + drop, {}", capacity(line)), move || {
                peers::mailboxes(&Create(line))
            })
            .quick(),
        );
    }
    cells.push(Cell::new(Group::Other, "sender, clone + drop", || {
        peers::mailboxes(&CloneSender(Line::bounded(2, 1, 16)))
    }));
    for waiters in [1, 1_000, 100_000] {
        cells.push(Cell::new(Group::Other, format!("semaphore, cancel + rejoin, {waiters} in line"), move || {
            peers::semaphores(&ForPermit { waiters, question: Question::Cancel })
        }));
    }
    cells.extend([
        Cell::new(Group::Other, "send, cancel + rejoin, 1000 in line", || {
            peers::mailboxes(&ForSlot { waiters: 1_000, question: Question::Cancel })
        })
        .quick(),
        bytes("burst of 10^6: peak", || peers::mailboxes(&Burst::Peak)),
        // A block that is kept for the next message is nobody's fault.
        bytes("burst of 10^6: kept", || peers::mailboxes(&Burst::Kept)).unit(Unit::Bytes(1024)),
        bytes("idle mailbox, capacity 16", || peers::mailboxes(&Idle(Line::bounded(1, 1, 16)))),
        bytes("waiter for a permit", || peers::semaphores(&ForPermit { waiters: 1_000, question: Question::Bytes })),
        bytes("waiter for a slot", || peers::mailboxes(&ForSlot { waiters: 1_000, question: Question::Bytes })),
    ]);
}

fn bytes(name: &str, contenders: impl Fn() -> Vec<Contender> + 'static) -> Cell {
    Cell::new(Group::Other, format!("bytes: {name}"), contenders).unit(Unit::Bytes(64)).quick()
}

/// How many ports have messages, and how many have none.
const BUSY: usize = 64;
const IDLE: usize = 100_000;

fn sources<E: Executor>(cells: &mut Vec<Cell>) {
    cells.extend([
        Cell::new(Group::OnePort, format!("ports, 1 of {SLOTS} slots · {}", E::NAME), || {
            peers::one_source(&Merge::<E>::new(1, 0))
        })
        .quick(),
        Cell::new(Group::Ports, format!("ports, {BUSY} of {SLOTS} slots · {}", E::NAME), || {
            peers::sources(&Merge::<E>::new(BUSY, 0))
        })
        .quick(),
        Cell::new(Group::IdlePorts, format!("ports, {BUSY} busy among {IDLE} idle · {}", E::NAME), || {
            peers::idle_sources(&Merge::<E>::new(BUSY, IDLE))
        }),
        Cell::new(Group::Credits, format!("credits, {SHARERS}→{SHARERS}, limit {LIMIT} · {}", E::NAME), || {
            peers::leases(&Lend::<E>::new())
        })
        .quick(),
    ]);
}

fn starvation(cells: &mut Vec<Cell>) {
    let (some, one, all) = (Line::bounded(1, 1, 16), Line::bounded(1, 1, 1), Line::unbounded(1, 1));
    let situations = [
        ("a: a spinning try_send, 16 slots, a blocking receive", some, Restless::TrySend),
        ("b: a blocking send, a spinning try_recv, 16 slots", some, Restless::TryReceive),
        ("c: a spinning try_send, 1 slot, a blocking receive", one, Restless::TrySend),
        ("d: an unbounded send without pauses, a blocking receive", all, Restless::Send),
    ];
    for (name, line, restless) in situations {
        let starved = move |figure| move || peers::trying(&Starved { line, restless, figure });
        cells.push(Cell::new(Group::Starvation, format!("starv {name}"), starved(Figure::Each)));
        let wait = match restless {
            Restless::TryReceive => "send",
            Restless::TrySend | Restless::Send => "receive",
        };
        let worst = format!("starv {}: worst wait of the blocking {wait}", &name[..1]);
        cells.push(Cell::new(Group::Starvation, worst, starved(Figure::Worst)).unit(Unit::Worst));
    }
    cells.extend([
        Cell::new(Group::Starvation, "starv closing: close under such stress, worst", || {
            peers::blocking_closing(&Close)
        })
        .unit(Unit::Worst),
        Cell::new(Group::Starvation, "starv lock: lock and unlock by three threads, p99.9", || {
            peers::locks(&Shares::Tail)
        })
        .unit(Unit::Worst),
        Cell::new(Group::Starvation, "starv lock: fair share by least share of three threads", || {
            peers::locks(&Shares::Unfairness)
        })
        .unit(Unit::Unfairness),
    ]);
}
