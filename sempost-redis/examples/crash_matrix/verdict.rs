//! What the files of all processes say together.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::Path;
use std::time::Duration;

use crate::Cell;

#[derive(Default)]
pub struct Verdict {
    pub name: &'static str,
    pub consumer_kills: u64,
    pub server_kills: u64,
    /// Messages that a sender was told are stored.
    accepted: usize,
    /// Of these, what no consumer got.
    lost: usize,
    /// Of these, what the sender was not told of.
    unreported: usize,
    /// Messages that a sender was told are forgotten.
    reported: usize,
    /// Deliveries of a message beyond its first.
    doubles: usize,
    /// Messages that are in the stream twice.
    stored_twice: usize,
    /// First deliveries to one consumer out of the order of their sender.
    disordered: usize,
    /// Messages that are in the stream out of the order of their sender.
    misplaced: usize,
    /// Acknowledgements after the lease was lost.
    late: usize,
    pub longest: u64,
    pub time: Duration,
}

type Message = (usize, u64);

pub fn read(folder: &Path, senders: usize, consumers: usize) -> Verdict {
    let mut verdict = Verdict::default();
    let (mut accepted, mut reported): (HashSet<Message>, HashSet<Message>) = Default::default();
    for sender in 0..senders {
        let log = std::fs::read_to_string(folder.join(format!("sender-{sender}"))).expect("it has ended");
        for line in log.lines() {
            let (what, number) = line.split_once(' ').expect("what and number");
            let message = (sender, number.parse().expect("a number"));
            if what == "forgotten" {
                reported.insert(message)
            } else {
                accepted.insert(message)
            };
        }
    }
    let mut got: HashMap<Message, (u64, u64)> = HashMap::new();
    for consumer in 0..consumers {
        // One that was killed at once has none.
        let log = std::fs::read_to_string(folder.join(format!("consumer-{consumer}"))).unwrap_or_default();
        let mut last: HashMap<usize, u64> = HashMap::new();
        for line in log.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            let ["got", sender, number, attempts, id] = words[..] else {
                verdict.late += 1;
                continue;
            };
            let message = (sender.parse().expect("a number"), number.parse().expect("a number"));
            let (time, place) = id.split_once('-').expect("two numbers");
            let id = (time.parse().expect("a number"), place.parse().expect("a number"));
            match got.insert(message, id) {
                None => {}
                Some(before) if before == id => verdict.doubles += 1,
                Some(_) => verdict.stored_twice += 1,
            }
            if attempts == "1" && last.insert(message.0, message.1).is_some_and(|before| before >= message.1) {
                verdict.disordered += 1;
            }
        }
    }
    // The order in the stream, over all consumers.
    let mut entries: Vec<_> = got.iter().map(|(&(sender, number), &id)| (sender, id, number)).collect();
    entries.sort_unstable();
    let swapped = |pair: &&[(usize, (u64, u64), u64)]| pair[0].0 == pair[1].0 && pair[0].2 > pair[1].2;
    verdict.misplaced = entries.windows(2).filter(swapped).count();
    // A message may be forgotten after it was received.
    verdict.lost = accepted.union(&reported).filter(|message| !got.contains_key(message)).count();
    verdict.unreported = accepted.iter().filter(|message| !got.contains_key(message)).count();
    (verdict.accepted, verdict.reported) = (accepted.len() + reported.len(), reported.len());
    verdict
}

impl Verdict {
    pub const HEAD: &str = "| log | accepted | consumers killed | servers killed | lost | reported | unreported \
                            | delivered again | late acks | stored twice | misplaced | out of order | longest | s |\n\
                            |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|";

    pub fn complaints(&self, cell: &Cell) -> Vec<&'static str> {
        let rules = [
            (self.lost > 0 && !cell.may_lose, "messages were lost"),
            (self.unreported > 0, "messages were lost, and nobody was told"),
            (self.lost == 0 && cell.must_lose, "nothing was lost without a log: this harness proves nothing"),
            (self.stored_twice > 0, "a message was stored twice"),
            (self.misplaced > 0, "messages were stored out of order"),
            // A server that has forgotten deliveries takes the next ones for the first.
            (self.disordered > 0 && !cell.may_lose, "first deliveries were out of order"),
            (self.longest > crate::CAPACITY, "there were more messages than the bound"),
            (cell.stalls && self.late == 0, "no stalled consumer was late: it was not stalled"),
        ];
        rules.into_iter().filter(|(broken, _)| *broken).map(|(_, rule)| rule).collect()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| {} | {} | {} | {} |", self.name, self.accepted, self.consumer_kills, self.server_kills)?;
        write!(f, " {} | {} | {} | {} |", self.lost, self.reported, self.unreported, self.doubles)?;
        write!(f, " {} | {} | {} | {} |", self.late, self.stored_twice, self.misplaced, self.disordered)?;
        write!(f, " {} | {:.0} |", self.longest, self.time.as_secs_f64())
    }
}
