//! Latches and barriers: those that go on together.

use hardening::spec::Answer::{Count, Ok, Pending};
use hardening::spec::{barrier, latch};
use sempost::{Barrier, Latch};

use super::{A, B, C, Story};

pub(super) fn latches() -> Vec<bool> {
    use latch::Op::{Block, CountDown, IsOpen, Poll, Start};
    let one_waits = |name| Story::<Latch>::of(2, name).then(0, Start { id: A }, Pending);
    let down = CountDown { n: 1 };
    vec![
        one_waits("a latch is open too early").then(1, down, Count(0)).then(0, Poll { id: A }, Ok).bad(),
        one_waits("a count is lost").then(1, down, Count(0)).then(2, down, Count(0)).bad(),
        one_waits("two have opened it").then(1, CountDown { n: 2 }, Count(1)).then(2, down, Count(1)).bad(),
        one_waits("it closes again").then(1, CountDown { n: 2 }, Count(1)).then(1, IsOpen, Count(0)).bad(),
        one_waits("one sleeps at an open latch").then(1, CountDown { n: 3 }, Count(1)).waits(A, false).bad(),
        one_waits("all are let go")
            .throughout(2, Block { id: C }, Ok)
            .then(1, CountDown { n: 2 }, Count(1))
            .waits(A, true)
            .good(),
    ]
}

pub(super) fn barriers() -> Vec<bool> {
    use barrier::Op::{Cancel, Poll, Start};
    let one_waits = |name| Story::<Barrier>::of(2, name).then(0, Start { id: A }, Pending);
    let led = |name| one_waits(name).then(1, Start { id: B }, Count(1));
    vec![
        led("two lead").then(0, Poll { id: A }, Count(1)).bad(),
        one_waits("nobody leads").then(1, Start { id: B }, Count(0)).bad(),
        led("one sleeps when all have come").waits(A, false).bad(),
        led("two meetings are one").then(2, Start { id: C }, Count(1)).bad(),
        one_waits("one that has left is counted")
            .then(0, Cancel { id: A }, Ok)
            .then(1, Start { id: B }, Count(1))
            .bad(),
        led("one goes late, and the next meeting has begun")
            .then(2, Start { id: C }, Pending)
            .then(0, Poll { id: A }, Count(0))
            .waits(C, false)
            .good(),
    ]
}
