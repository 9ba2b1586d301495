//! A snapshot as a picture, in the language of Graphviz.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt::{self, Write};
use core::panic::Location;

use super::shown::LONG;
use super::snapshot::{Snapshot, State};
use super::suspects::Why;

impl Snapshot {
    /// The snapshot as a graph in the language of Graphviz: `dot -Tsvg`.
    ///
    /// Boxes are primitives, ellipses are tasks and threads. An arrow leads from who waits to what it waits for, and
    /// from there to who holds it. It is dashed where it is a guess (≈), and red in a circle that is older than one
    /// second.
    #[must_use]
    pub fn to_dot(&self) -> String {
        let mut dot = String::new();
        // To write into a string does not fail.
        _ = self.write_dot(&mut dot);
        dot
    }

    fn write_dot(&self, out: &mut impl Write) -> fmt::Result {
        let suspects = self.suspects(LONG);
        let hops = || suspects.iter().flat_map(|suspect| suspect.hops());
        let waits: BTreeSet<_> = hops().map(|hop| core::ptr::from_ref(hop.waiter())).collect();
        let held: BTreeSet<_> =
            hops().map(|hop| (hop.primitive().id, hop.blocker().place(), hop.blocker().actor())).collect();
        writeln!(
            out,
            "digraph snapshot {{\n  rankdir=LR; node [fontname=monospace]; edge [fontname=monospace, fontsize=10];"
        )?;
        for primitive in &self.primitives {
            let (id, label) = (primitive.id, escaped(&primitive.to_string()));
            writeln!(out, "  p{id} [shape=box, label=\"{label}\"];")?;
            let arrow = |place, actor| {
                let red = if held.contains(&(id, place, actor)) { ", color=red" } else { "" };
                format!("p{id} -> \"{}\" [label=\"{}\"{red}", escaped(&actor.to_string()), at(place))
            };
            for holder in &primitive.holders {
                writeln!(out, "  {}];", arrow(holder.place, &holder.actor))?;
            }
            let received = hops().any(|hop| hop.primitive().id == id && hop.blocker().why() == Why::Received);
            if let Some(receiver) = primitive.received.as_ref().filter(|_| received) {
                writeln!(out, "  {}, style=dashed, xlabel=\"≈\"];", arrow(receiver.place, &receiver.actor))?;
            }
            for waiter in &primitive.waiters {
                if waiter.state == State::Granted {
                    writeln!(out, "  {}, style=bold, xlabel=\"granted\"];", arrow(waiter.place, &waiter.actor))?;
                    continue;
                }
                let red = if waits.contains(&core::ptr::from_ref(waiter)) { ", color=red" } else { "" };
                let to = waiter.door.filter(|_| waiter.state == State::Notified).unwrap_or(id);
                let (who, label) = (escaped(&waiter.actor.to_string()), at(waiter.place));
                writeln!(out, "  \"{who}\" -> p{to} [label=\"{label}\"{red}];")?;
            }
        }
        writeln!(out, "}}")
    }
}

/// The file without its folders, and the line.
fn at(place: &Location<'_>) -> String {
    let file = place.file().rsplit(['/', '\\']).next().unwrap_or_default();
    escaped(&format!("{file}:{}", place.line()))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
