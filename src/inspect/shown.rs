//! A snapshot for people.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use core::fmt;
use core::panic::Location;
use core::time::Duration;

use super::snapshot::{Holder, Primitive, READER, Snapshot, State, Waiter, Wants};
use super::suspects::{Suspect, Why};
use crate::record::{Counts, Kind};

/// Circles that are younger are not printed.
pub(super) const LONG: Duration = Duration::from_secs(1);

/// So many, and of what.
struct Count(usize, &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(count, what) = self;
        write!(f, "{count} {what}{}", if *count == 1 { "" } else { "s" })
    }
}

/// A time in seconds, to a tenth.
pub(super) struct Seconds(pub(super) Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} s", self.0.as_secs_f64())
    }
}

/// Of many that are alike so many are printed, and the others are counted.
const FEW: usize = 10;

/// Lists all primitives with their holders and waiters, and then the circles and futurelocks that are older than one
/// second. Of each only the first ten are printed, and the rest is counted by line: [`to_json`](Snapshot::to_json) has
/// all of it.
impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (primitives, holders) =
            (Count(self.primitives.len(), "primitive"), Count(self.holders().count(), "holder"));
        writeln!(f, "{primitives}, {holders}, {}", Count(self.waiters().count(), "waiter"))?;
        for primitive in &self.primitives {
            write!(f, "{primitive}")?;
            primitive.made.map_or(Ok(()), |made| write!(f, ", made at {made}"))?;
            write!(f, "{}", Counted(primitive))?;
            writeln!(f)?;
            for holder in primitive.holders.iter().take(FEW) {
                let Holder { actor, place, age, .. } = holder;
                writeln!(f, "  {} by {actor} for {}, since {place}", Held(primitive, holder), Seconds(*age))?;
            }
            let rest = primitive.holders.iter().skip(FEW);
            count(f, rest.map(|holder| (holder.place, format!("{}, since", Held(primitive, holder)))))?;
            for waiter in primitive.waiters.iter().take(FEW) {
                writeln!(f, "  {waiter}")?;
            }
            let rest = primitive.waiters.iter().skip(FEW);
            count(f, rest.map(|waiter| (waiter.place, format!("{} for {}, at", waiter.state, waiter.wants))))?;
            if let Some(Holder { actor, place, age, .. }) = &primitive.received {
                writeln!(f, "  {actor} received last, {} ago, at {place}", Seconds(*age))?;
            }
        }
        for suspect in self.suspects(LONG) {
            write!(f, "{suspect}")?;
        }
        for (primitive, Waiter { actor, place, quiet, .. }) in self.futurelocks(LONG).take(FEW) {
            writeln!(f, "FUTURELOCK for {}: {primitive} was granted at {place}", Seconds(*quiet))?;
            writeln!(f, "  to {actor}, which has not polled that future since")?;
        }
        Ok(())
    }
}

/// Counts those that are alike, and prints a line for each kind.
fn count<'a>(f: &mut fmt::Formatter<'_>, all: impl Iterator<Item = (&'a Location<'a>, String)>) -> fmt::Result {
    let mut kinds = BTreeMap::new();
    all.for_each(|kind| *kinds.entry(kind).or_insert(0_usize) += 1);
    kinds.into_iter().try_for_each(|((place, what), count)| writeln!(f, "  and {count} more: {what} {place}"))
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Queued => "waits",
            Self::Woken => "WOKEN AND NOT POLLED, waits",
            Self::Notified => "notified, waits",
            Self::Granted => "GRANTED AND NOT POLLED, waited",
            Self::Ended => "closed, waited",
        })
    }
}

/// Kind, number and name.
impl fmt::Display for Primitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} #{}", self.kind, self.id)?;
        self.name.as_ref().map_or(Ok(()), |name| write!(f, " {name:?}"))
    }
}

/// What is free, and what is queued, as far as there is such a thing.
struct Counted<'a>(&'a Primitive);

impl fmt::Display for Counted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { free, queued, owed, closed, senders, receivers } = self.0.counts;
        match self.0.kind {
            Kind::Semaphore | Kind::Credits => write!(f, "; {free} free")?,
            Kind::Mailbox => {
                write!(f, "; {}", Count(queued, "message"))?;
                if free < UNBOUNDED {
                    write!(f, ", {}", Count(free, "free slot"))?;
                }
                write!(f, ", {}, {}", Count(senders, "sender"), Count(receivers, "receiver"))?;
            }
            Kind::Barrier => write!(f, "; {queued} arrived, {free} to come")?,
            _ => {}
        }
        if owed > 0 {
            write!(f, ", {owed} owed")?;
        }
        f.write_str(if closed { ", closed" } else { "" })
    }
}

/// More slots are free than any bounded mailbox has.
const UNBOUNDED: usize = usize::MAX >> 2;

/// What somebody holds of a primitive.
struct Held<'a>(&'a Primitive, &'a Holder);

impl fmt::Display for Held<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(primitive, Holder { amount, sent, .. }) = self;
        match primitive.kind {
            Kind::Credits if *sent => write!(f, "{} sent", Count(*amount, "credit")),
            Kind::Semaphore => write!(f, "{} held", Count(*amount, "permit")),
            Kind::Credits => write!(f, "{} held", Count(*amount, "credit")),
            Kind::Mailbox => write!(f, "{} reserved", Count(*amount, "slot")),
            Kind::RwLock if *amount == READER => f.write_str("read"),
            Kind::RwLock => f.write_str("written"),
            _ => f.write_str("held"),
        }
    }
}

impl fmt::Display for Wants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Permits(n) => Count(*n, "permit").fmt(f),
            Self::Lock => f.write_str("the lock"),
            Self::Read => f.write_str("a reader's place"),
            Self::Write => f.write_str("the writer's place"),
            Self::Slots(n) => Count(*n, "slot").fmt(f),
            Self::Message => f.write_str("a message"),
            Self::Value => f.write_str("the value"),
            Self::Close => f.write_str("the close"),
            Self::Condition(Some(name)) => write!(f, "condition {name}"),
            Self::Condition(None) => f.write_str("a condition"),
            Self::Others => f.write_str("the others"),
        }
    }
}

impl fmt::Display for Waiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { actor, place, age, wants, state, quiet, .. } = self;
        write!(f, "{actor} waits for {wants} for {}, at {place}", Seconds(*age))?;
        let since = Seconds(*quiet);
        match state {
            State::Queued => Ok(()),
            State::Woken => write!(f, "; woken {since} ago, NOT POLLED SINCE"),
            State::Notified => write!(f, "; notified {since} ago"),
            State::Granted => write!(f, "; granted {since} ago, NOT POLLED SINCE"),
            State::Ended => write!(f, "; closed {since} ago, not polled since"),
        }
    }
}

/// The circle, a line for each step.
impl fmt::Display for Suspect<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "STUCK for {}: a circle of {}", Seconds(self.age()), Count(self.hops().len(), "wait"))?;
        for hop in self.hops().iter().take(FEW) {
            let (Waiter { actor, place, wants, .. }, blocker) = (hop.waiter(), hop.blocker());
            writeln!(f, "  {actor} waits at {place} for {wants} of {}", hop.primitive())?;
            let (who, at) = (blocker.actor(), blocker.place());
            match blocker.why() {
                Why::Holds => writeln!(f, "    which {who} acquired at {at}")?,
                Why::Granted => writeln!(f, "    which {who} was granted at {at}, and does not poll")?,
                Why::Ahead => writeln!(f, "    behind {who}, which waits at {at}")?,
                Why::Received => writeln!(f, "    ≈ from which {who} received last, at {at}")?,
            }
        }
        let rest = self.hops().iter().skip(FEW);
        count(f, rest.map(|hop| (hop.waiter().place(), format!("{} for {}, at", State::Queued, hop.waiter().wants()))))
    }
}
