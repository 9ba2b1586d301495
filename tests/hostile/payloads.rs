//! H8: hostile messages. Types × paths on which messages are dropped × which of them panics in its drop: each value is
//! dropped exactly once, whatever happens on the way.

use std::panic::resume_unwind;
use std::thread;

use crate::calm::{calm, hush, in_a_panic};
use crate::common::watched;
use crate::loads::{self, Load, Tally};
use crate::paths::{PATHS, Path, Paths};

/// In bytes.
const STACK: usize = 128 << 20;

/// Which of the drops of a case panic.
#[derive(Clone, Copy, Debug)]
enum Rage {
    One(usize),
    /// Two in a row.
    Two(usize),
    /// The first, and another.
    FirstAnd(usize),
}

impl Rage {
    fn drops(self) -> Vec<usize> {
        match self {
            Self::One(k) => vec![k],
            Self::Two(k) => vec![k, k + 1],
            Self::FirstAnd(k) => vec![0, k],
        }
    }
}

/// The figures of all cases.
#[derive(Default)]
struct Sum {
    cases: usize,
    sent: usize,
    dropped: usize,
}

impl Sum {
    /// Plays one case and insists that all that was made is gone.
    fn play(&mut self, what: impl Fn() -> String, rage: &[usize], path: impl FnOnce()) {
        loads::begin(rage);
        path();
        let Tally { made, dropped, twice } = loads::end();
        assert!(made == dropped && twice == 0, "{}: made {made}, dropped {dropped}, twice {twice}", what());
        self.cases += 1;
        self.sent += made;
        self.dropped += dropped;
    }
}

/// All that may happen on one path, to up to `most` messages.
fn all_rages(sum: &mut Sum, name: &str, path: Path, most: usize) {
    let Path { name: path, ours, twice, run } = path;
    let what = |rage: Rage| format!("{name}, {path}, {rage:?}");
    for k in 0..most {
        for rage in [Rage::One(k), Rage::Two(k), Rage::FirstAnd(k)].into_iter().take(if twice { 3 } else { 1 }) {
            sum.play(|| what(rage), &rage.drops(), || _ = calm(|| run(most)));
            if ours {
                sum.play(|| format!("{} in a panic", what(rage)), &rage.drops(), || in_a_panic(|| run(most)));
            }
        }
    }
    sum.play(|| format!("{name}, {path}, calm"), &[], || run(most));
}

/// All paths for one type, each under a watchdog of its own.
fn all_paths<T: Load>(sum: &mut Sum, name: &'static str, most: usize) {
    for &path in <() as Paths<T>>::PATHS {
        watched(move || format!("{name}: {}", path.name), || all_rages(sum, name, path, most));
    }
}

#[test]
fn h8_every_message_is_dropped_once() {
    hush();
    let mut sum = Sum::default();
    let mut types = 0;
    let all = || {
        loads::for_each_type!(|T, name, most| {
            all_paths::<T>(&mut sum, name, most);
            types += 1;
        });
    };
    // The largest is moved through the stack, many times over.
    thread::scope(|scope| {
        let roomy = thread::Builder::new().name("messages of all sizes".to_owned()).stack_size(STACK);
        let player = roomy.spawn_scoped(scope, all).expect("a thread");
        player.join().unwrap_or_else(|panic| resume_unwind(panic));
    });
    println!();
    println!(
        "H8 payloads: types={types} paths={PATHS} k=40 cases={} sent={} dropped={}",
        sum.cases, sum.sent, sum.dropped
    );
    assert_eq!(sum.sent, sum.dropped);
}
