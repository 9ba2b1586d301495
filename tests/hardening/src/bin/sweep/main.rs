//! The exhaustive sweep (H5): every string of operations up to a length, on every primitive, beside a plain model of
//! it.
//!
//! After each operation the answer, the counts and the wakes must be the model's: nothing is lost or doubled, and
//! nobody sleeps who could proceed. A forgotten waiter stays in its line, and what it was granted counts as held.
//!
//! ```text
//! sweep [short|long] [PRIMITIVE]  all of them, or one
//! sweep replay SCENE op.op.op…    one string, with the state after each operation
//! ```

mod fault;
mod letter;
mod op;
mod scene;
#[expect(unsafe_code, reason = "the memory of what was forgotten is freed")]
mod strings;
#[expect(unsafe_code, reason = "a waker is made of a table of functions")]
mod task;
mod world;

use std::env;
use std::process::exit;
use std::time::Instant;

use fault::Kind;
use hardening::Tier;
use op::Op;
use strings::{Sweep, replay};
use world::Scene;

fn main() {
    let args: Vec<_> = env::args().collect();
    if let [_, what, scene, string] = &args[..]
        && what == "replay"
    {
        return replay_one(scene, string);
    }
    sweep_all(Tier::from_args());
}

fn sweep_all(tier: Tier) {
    let (mut total, mut least, mut faults) = (0, u64::MAX, Vec::new());
    let only = env::args().nth(2);
    let mut primitives = scene::all();
    primitives.retain(|primitive| only.as_ref().is_none_or(|only| only == primitive.name));
    for primitive in &primitives {
        let begin = Instant::now();
        let length = tier.pick(primitive.lengths.0, primitive.lengths.1);
        let (mut strings, mut operations) = (0, 0);
        for scene in &primitive.scenes {
            let mut sweep = Sweep::new(&**scene, length);
            faults.extend(sweep.run().err());
            strings += sweep.strings;
            operations += sweep.operations;
        }
        println!(
            "{}: scenes={} length={length} strings={strings} operations={operations} seconds={:.1}",
            primitive.name,
            primitive.scenes.len(),
            begin.elapsed().as_secs_f64()
        );
        total += strings;
        least = least.min(strings);
    }
    let count = |kind: Kind| faults.iter().filter(|fault: &&fault::Fault| fault.kind == kind).count();
    println!(
        "H5 sweep: primitives={} strings={total} least={least} lost={} dup={} asleep={} wrong={}",
        primitives.len(),
        count(Kind::Lost),
        count(Kind::Doubled),
        count(Kind::Asleep),
        count(Kind::Wrong)
    );
    exit(i32::from(!faults.is_empty()));
}

fn replay_one(name: &str, string: &str) {
    let primitives = scene::all();
    let scene: &dyn Scene = primitives
        .iter()
        .flat_map(|primitive| &primitive.scenes)
        .find(|scene| scene.name() == name)
        .unwrap_or_else(|| panic!("no scene is called {name}"))
        .as_ref();
    let alphabet = scene.alphabet();
    let letter = |word: &str| *alphabet.iter().find(|op| op.to_string() == word).unwrap_or_else(|| panic!("no {word}"));
    let string: Vec<Op> = string.split('.').map(letter).collect();
    exit(i32::from(replay(scene, &string).is_err()));
}
