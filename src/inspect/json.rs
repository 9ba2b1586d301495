//! A snapshot for programs.

use alloc::string::{String, ToString};
use core::fmt::{self, Display, Write};
use core::panic::Location;
use core::time::Duration;

use super::actor::Actor;
use super::snapshot::Snapshot;
use crate::record::Counts;

impl Snapshot {
    /// The snapshot as JSON: an array of primitives, each with its holders and waiters. Times are in seconds.
    ///
    /// ```json
    /// [{"id":1,"kind":"Mutex","name":"ledger","made":"src/main.rs:3:30",
    ///   "free":0,"queued":0,"owed":0,"closed":false,"senders":0,"receivers":0,
    ///   "holders":[{"actor":"thread 1 \"main\"","place":"src/main.rs:6:20","age":0.1,"amount":1,"sent":false}],
    ///   "waiters":[{"actor":"task 0x5d1c0","place":"src/main.rs:9:20","age":0.1,"wants":"the lock",
    ///               "state":"Queued","unchanged":0.1}],
    ///   "last_receiver":null}]
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        // To write into a string does not fail.
        _ = self.write_json(&mut json);
        json
    }

    fn write_json(&self, out: &mut String) -> fmt::Result {
        list(out, &self.primitives, |out, one| {
            write!(out, "{{\"id\":{},\"kind\":{}", one.id, Text(one.kind))?;
            write!(out, ",\"name\":{}", OrNull(one.name.as_ref().map(Text)))?;
            write!(out, ",\"made\":{}", OrNull(one.made.map(Text)))?;
            let Counts { free, queued, owed, closed, senders, receivers } = one.counts;
            write!(out, ",\"free\":{free},\"queued\":{queued},\"owed\":{owed},\"closed\":{closed}")?;
            write!(out, ",\"senders\":{senders},\"receivers\":{receivers},\"holders\":")?;
            list(out, &one.holders, |out, holder| {
                who(out, &holder.actor, holder.place, holder.age)?;
                write!(out, ",\"amount\":{},\"sent\":{}}}", holder.amount, holder.sent)
            })?;
            out.push_str(",\"waiters\":");
            list(out, &one.waiters, |out, waiter| {
                who(out, &waiter.actor, waiter.place, waiter.age)?;
                let (wants, quiet) = (Text(&waiter.wants), waiter.quiet.as_secs_f64());
                write!(out, ",\"wants\":{wants},\"state\":\"{:?}\",\"unchanged\":{quiet:.6}}}", waiter.state)
            })?;
            out.push_str(",\"last_receiver\":");
            match &one.received {
                Some(receiver) => {
                    who(out, &receiver.actor, receiver.place, receiver.age)?;
                    out.push('}');
                }
                None => out.push_str("null"),
            }
            out.push('}');
            Ok(())
        })
    }
}

fn who(out: &mut String, actor: &Actor, place: &Location<'_>, age: Duration) -> fmt::Result {
    write!(out, "{{\"actor\":{},\"place\":{},\"age\":{:.6}", Text(actor), Text(place), age.as_secs_f64())
}

fn list<T>(out: &mut String, all: &[T], each: impl Fn(&mut String, &T) -> fmt::Result) -> fmt::Result {
    out.push('[');
    for (at, one) in all.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        each(out, one)?;
    }
    out.push(']');
    Ok(())
}

/// What is displayed, as a string of JSON.
struct Text<D>(D);

impl<D: Display> Display for Text<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.to_string().chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                c if c < ' ' => write!(f, "\\u{:04x}", u32::from(c))?,
                c => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}

struct OrNull<D>(Option<D>);

impl<D: Display> Display for OrNull<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(text) => text.fmt(f),
            None => f.write_str("null"),
        }
    }
}
