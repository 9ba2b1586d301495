//! A gateway: fifty clients on loopback TCP, and one of them floods.
//!
//! Each client is a port: what it sends waits in a queue of its own. The flood fills its own queue, and then TCP makes
//! it wait. The gateway takes from the queues in turns, and control goes before data.

use std::cell::Cell;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use Kind::{Control, Data};
use sempost::Semaphore;
use sempost::mailbox::ports::{Order, PortReceiver, Ports};
use sempost::mailbox::{self, SendError};
use smol::LocalExecutor;
use smol::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use smol::net::{TcpListener, TcpStream};

const CLIENTS: usize = 50;
/// The client that floods.
const FLOOD: usize = 0;
/// How many data messages each of the others sends. Each 20th is followed by a control message.
const MESSAGES: usize = 400;
const QUEUE: usize = 32;

/// The class of a message. The smaller one goes first.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Control,
    Data,
}

/// The key of a port: what it is, and of which client.
type Source = (Kind, usize);
type Frame = [u8; 16];

/// What the gateway saw until one of the peaceful clients had sent all its data. Up to then all had messages waiting.
#[derive(Debug)]
pub(crate) struct Report {
    served: [usize; CLIENTS],
    /// What the flood had written by then.
    flooded: usize,
    controls: usize,
    /// How many data messages were queued when a control message was received, on average.
    overtaken: usize,
    /// Data messages that were received while a control message waited that had been announced before.
    late: usize,
}

impl Report {
    /// What a client got, in fair shares.
    fn share(&self, client: usize) -> f64 {
        (self.served[client] * CLIENTS) as f64 / self.served.iter().sum::<usize>() as f64
    }

    pub(crate) fn check(&self) {
        let flood = self.share(FLOOD);
        assert!(flood <= 1.2, "the flood got {flood:.2} fair shares");
        let least = (0..CLIENTS).map(|client| self.share(client)).fold(1.0, f64::min);
        assert!(least >= 0.8, "a client got {least:.2} fair shares");
        assert_eq!(self.late, 0, "control overtakes all data that is queued when it is announced");
        // Otherwise there was nothing to be fair about, and nothing to overtake.
        assert!(self.flooded > 16 * MESSAGES * 10, "no flood: {self:?}");
        assert!(self.controls > CLIENTS && self.overtaken > CLIENTS, "nothing to overtake: {self:?}");
    }
}

async fn client(gateway: SocketAddr, id: usize, flooded: &Cell<usize>) -> io::Result<()> {
    let frame = |kind| [kind as u8; size_of::<Frame>()];
    let mut gateway = TcpStream::connect(gateway).await?;
    gateway.write_all(&[id as u8]).await?;
    if id == FLOOD {
        loop {
            // Until the gateway hangs up, which is an error.
            flooded.set(flooded.get() + gateway.write(&frame(Data).repeat(256)).await?);
        }
    }
    let mut frames = Vec::new();
    for n in 1..=MESSAGES {
        frames.extend(frame(Data));
        if n % 20 == 0 {
            frames.extend(frame(Control));
        }
    }
    gateway.write_all(&frames).await
}

/// What the connections have in common. They run on one thread.
#[derive(Default)]
struct Shared {
    /// Control messages that are queued, or were received.
    announced: Cell<usize>,
    flooded: Cell<usize>,
}

/// Reads what one client sends. Where its queue is full, it reads no more.
async fn connection(
    stream: TcpStream,
    ports: Ports<Source, Frame>,
    shared: &Shared,
    filled: &Semaphore,
) -> io::Result<()> {
    let gone = |SendError(_)| io::ErrorKind::BrokenPipe;
    let mut stream = BufReader::new(stream);
    let mut id = [0];
    stream.read_exact(&mut id).await?;
    let id = usize::from(id[0]);
    let [control, data] = [Control, Data].map(|kind| ports.open((kind, id), QUEUE).expect("a client connects once"));
    drop(ports);
    let mut was_full = false;
    loop {
        let mut frame = Frame::default();
        stream.read_exact(&mut frame).await?;
        if frame[0] == Control as u8 {
            control.send(frame).await.map_err(gone)?;
            shared.announced.set(shared.announced.get() + 1);
        } else {
            data.send(frame).await.map_err(gone)?;
            if data.is_full() && !std::mem::replace(&mut was_full, true) {
                filled.add_permits(1);
            }
        }
    }
}

/// Hands on what it receives, until the first of the peaceful clients has no more.
async fn serve(receiver: PortReceiver<Source, Frame>, shared: &Shared) -> Report {
    let mut report = Report { served: [0; CLIENTS], flooded: 0, controls: 0, overtaken: 0, late: 0 };
    loop {
        let (announced, queued) = (shared.announced.get(), receiver.len());
        let ((kind, client), _) = receiver.recv().await.expect("the flood goes on");
        if kind == Control {
            report.controls += 1;
            report.overtaken += queued - (announced + 1 - report.controls);
        } else {
            report.late += announced - report.controls.min(announced);
            report.served[client] += 1;
            // A flood that got twice as much shows that the turns are not fair.
            let end = if client == FLOOD { 2 * MESSAGES } else { MESSAGES };
            if report.served[client] == end {
                report.flooded = shared.flooded.get();
                report.overtaken /= report.controls.max(1);
                return report;
            }
        }
        smol::future::yield_now().await; // whatever is done with the message, the clients go on
    }
}

pub(crate) fn run() -> Report {
    let (shared, filled) = (Shared::default(), Semaphore::new(0));
    let executor = LocalExecutor::new();
    smol::block_on(executor.run(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let (ports, receiver) = mailbox::ports(Order::classes(|(kind, _): &Source| *kind as u8));
        let mut tasks = Vec::new();
        for id in 0..CLIENTS {
            tasks.push(executor.spawn(client(address, id, &shared.flooded)));
            let (stream, _) = listener.accept().await.expect("a client connects");
            tasks.push(executor.spawn(connection(stream, ports.clone(), &shared, &filled)));
        }
        filled.acquire_many(CLIENTS).await.expect("it is never closed").forget();
        executor.spawn(serve(receiver, &shared)).await
        // The connections are cut when their tasks are dropped.
    }))
}

fn main() {
    let report = run();
    println!("{CLIENTS} clients, of which {FLOOD} floods. What each got, in fair shares:");
    for row in 0..CLIENTS / 5 {
        for client in (row..CLIENTS).step_by(CLIENTS / 5) {
            let (share, mark) = (report.share(client), if client == FLOOD { '!' } else { ' ' });
            print!("{mark}{client:>2} {:12} {share:.2}  ", "█".repeat((share * 8.0).round() as usize));
        }
        println!();
    }
    let Report { flooded, controls, overtaken, .. } = report;
    println!("the flood had written {} KB, and TCP made it wait", flooded / 1000);
    println!("{controls} control messages overtook all data that was queued: {overtaken} messages on average");
    report.check();
}
