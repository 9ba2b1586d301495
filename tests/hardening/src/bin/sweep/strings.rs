//! Every string of a length over an alphabet, depth first.
//!
//! Each string is played from a fresh primitive to its end and then wound up. What is compared after an operation
//! depends only on the string up to it, so only what is new since the string before is compared again. A letter without
//! an object is no operation: a string with it is one of those that are shorter, and not counted.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use hardening::{Arena, watched};

use crate::fault::{Fault, Kind};
use crate::op::Op;
use crate::world::{Scene, World};

/// Strings that are played between two looks at the clock of the watchdog.
const SPELL: usize = 1 << 16;

/// The string that is played: a letter a byte, the first the highest. It is there for the watchdog.
static CURRENT: AtomicU64 = AtomicU64::new(0);

pub struct Sweep<'a> {
    scene: &'a dyn Scene,
    alphabet: Vec<Op>,
    arena: Arena,
    string: Vec<usize>,
    /// How many letters stand as in the string before.
    old: usize,
    pub strings: u64,
    pub operations: u64,
}

enum Played {
    Whole,
    /// No letter from here on has an object.
    Spent(usize),
}

impl<'a> Sweep<'a> {
    pub fn new(scene: &'a dyn Scene, length: usize) -> Self {
        assert!(length <= 8, "a string is kept in eight bytes");
        let string = vec![0; length];
        Self { scene, alphabet: scene.alphabet(), arena: Arena::new(), string, old: 0, strings: 0, operations: 0 }
    }

    /// Plays them all, or up to the first fault.
    pub fn run(&mut self) -> Result<(), Fault> {
        let mut more = true;
        while more {
            let (name, alphabet) = (self.scene.name(), self.alphabet.clone());
            let state = move || {
                let letters = CURRENT.load(Relaxed).to_be_bytes();
                let letter = |&letter: &u8| alphabet.get(usize::from(letter).checked_sub(1)?).copied();
                let string: Vec<_> = letters.iter().filter_map(letter).collect();
                format!("sweep replay {name} {}", words(&string))
            };
            more = watched(state, || self.spell())?;
        }
        Ok(())
    }

    /// Plays some; answers whether there are more.
    fn spell(&mut self) -> Result<bool, Fault> {
        for _ in 0..SPELL {
            let at = match self.play()? {
                Played::Whole => {
                    self.strings += 1;
                    self.operations += self.string.len() as u64;
                    self.string.len()
                }
                Played::Spent(at) => at,
            };
            if !self.advance(at) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The next string that differs before `at`.
    fn advance(&mut self, at: usize) -> bool {
        for at in (0..at).rev() {
            self.string[at] += 1;
            if self.string[at] < self.alphabet.len() {
                self.string[at + 1..].fill(0);
                self.old = at;
                return true;
            }
        }
        false
    }

    fn play(&mut self) -> Result<Played, Fault> {
        let Self { scene, alphabet, arena, string, old, .. } = self;
        let mut result = Ok(Played::Whole);
        set(*scene, arena, &mut |world| {
            let mut at = 0;
            let played = catch_unwind(AssertUnwindSafe(|| {
                while at < string.len() {
                    note(string);
                    while !world.step(alphabet[string[at]]) {
                        string[at] += 1;
                        if string[at] == alphabet.len() {
                            return Played::Spent(at);
                        }
                    }
                    world.observe();
                    if at >= *old {
                        world.check();
                    }
                    at += 1;
                }
                while world.wind_up() {
                    world.observe();
                    world.check();
                }
                Played::Whole
            }));
            result = played.map_err(|payload| {
                let string: Vec<_> = string.iter().take(at + 1).map(|&letter| alphabet[letter]).collect();
                report(*scene, payload, &string, world)
            });
        });
        result
    }
}

/// Plays one string, and shows the state after each operation.
pub fn replay(scene: &dyn Scene, string: &[Op]) -> Result<(), Fault> {
    let mut arena = Arena::new();
    let mut result = Ok(());
    set(scene, &mut arena, &mut |world| {
        let played = catch_unwind(AssertUnwindSafe(|| {
            for op in string {
                let done = world.step(*op);
                println!("{op}{}: {}", if done { "" } else { " (has no object)" }, world.state());
                world.observe();
                world.check();
            }
            while world.wind_up() {
                println!("winding up: {}", world.state());
                world.observe();
                world.check();
            }
        }));
        result = played.map_err(|payload| report(scene, payload, string, world));
    });
    result
}

/// Plays in a fresh primitive, and frees what was forgotten in it.
fn set(scene: &dyn Scene, arena: &mut Arena, body: &mut dyn FnMut(&mut dyn World)) {
    scene.play(arena, body);
    // SAFETY: the scene has ended its primitive.
    unsafe { arena.clear() };
}

fn note(string: &[usize]) {
    let letters = string.iter().fold(0, |letters, &letter| letters << 8 | (letter as u64 + 1));
    CURRENT.store(letters, Relaxed);
}

/// Reports at once: what is wrong may end the process when the primitive is dropped.
fn report(scene: &dyn Scene, payload: Box<dyn Any + Send>, string: &[Op], world: &dyn World) -> Fault {
    let fault = payload.downcast::<Fault>().map_or_else(
        |payload| {
            let text = payload.downcast_ref::<&str>().map(ToString::to_string);
            let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
            Fault { kind: Kind::Wrong, text: format!("panic: {}", text.unwrap_or_default()) }
        },
        |fault| *fault,
    );
    println!("{:?}: {}", fault.kind, fault.text);
    println!("  in the state {}", world.state());
    println!("  sweep replay {} {}", scene.name(), words(string));
    fault
}

fn words(string: &[Op]) -> String {
    string.iter().map(Op::to_string).collect::<Vec<_>>().join(".")
}
