//! A snapshot as a picture, in the language of Graphviz.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt::{self, Write};
use core::panic::Location;

use super::actor::Actor;
use super::shown::{LONG, Seconds};
use super::snapshot::{Snapshot, State};
use super::suspects::Why;

impl Snapshot {
    /// The snapshot as a graph in the language of Graphviz: `dot -Tsvg`.
    ///
    /// Boxes are primitives, ellipses are tasks and threads. An arrow leads from who waits to what it waits for, and
    /// from there to who holds it; each says at which line. It is bold to who was granted it and does not poll, dashed
    /// where it is a guess (≈), and red in a circle that is older than one second.
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
        let guessed = hops().filter(|hop| hop.blocker().why() == Why::Received);
        let guessed: BTreeSet<_> = guessed.map(|hop| hop.primitive().id).collect();
        writeln!(out, "digraph snapshot {{")?;
        writeln!(out, "  rankdir=LR; node [fontname=monospace]; edge [fontname=monospace, fontsize=10];")?;
        let mut actors = BTreeMap::new();
        for primitive in &self.primitives {
            let (id, label) = (primitive.id, escaped(&primitive.to_string()));
            let made = primitive.made.map(|made| format!("\\nmade at {}", at(made))).unwrap_or_default();
            writeln!(out, "  p{id} [shape=box, label=\"{label}{made}\"];")?;
            let mut arrow = |place, actor, how: &str, style: &str| {
                let red = if held.contains(&(id, place, actor)) { ", color=red" } else { "" };
                let (who, at) = (node(&mut actors, actor), at(place));
                writeln!(out, "  p{id} -> {who} [label=\"{how} {at}\"{red}{style}];")
            };
            for holder in &primitive.holders {
                let how = if holder.sent { "sent at" } else { "held since" };
                arrow(holder.place, &holder.actor, how, "")?;
            }
            for waiter in primitive.waiters.iter().filter(|waiter| waiter.state == State::Granted) {
                arrow(waiter.place, &waiter.actor, "granted at", ", style=bold")?;
            }
            if let Some(receiver) = primitive.received.as_ref().filter(|_| guessed.contains(&id)) {
                arrow(receiver.place, &receiver.actor, "≈ received last at", ", style=dashed")?;
            }
            for waiter in primitive.waiters.iter().filter(|waiter| waiter.state != State::Granted) {
                let red = if waits.contains(&core::ptr::from_ref(waiter)) { ", color=red" } else { "" };
                // Of a mutex that is free there is no node.
                let door = waiter.door.filter(|door| waiter.state == State::Notified && self.find(*door).is_some());
                let to = door.unwrap_or(id);
                let (who, at) = (node(&mut actors, &waiter.actor), at(waiter.place));
                let age = Seconds(waiter.waits_for_it());
                writeln!(out, "  {who} -> p{to} [label=\"waits at {at} for {age}\"{red}];")?;
            }
        }
        for (actor, number) in actors {
            writeln!(out, "  a{number} [label=\"{}\"];", escaped(&actor.to_string()))?;
        }
        writeln!(out, "}}")
    }
}

/// The name of the node of a task or thread.
fn node<'a>(actors: &mut BTreeMap<&'a Actor, usize>, actor: &'a Actor) -> String {
    let number = actors.len() + 1;
    format!("a{}", actors.entry(actor).or_insert(number))
}

/// The file without its folders, and the line.
fn at(place: &Location<'_>) -> String {
    let file = place.file().rsplit(['/', '\\']).next().unwrap_or_default();
    escaped(&format!("{file}:{}", place.line()))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
