//! The plain state of a barrier: who has arrived, and in which generation.
//!
//! - (G1) `arrived` is the number of waiters of the current generation. All of them are in the list, behind the waiters
//!   of earlier generations.
//! - (G2) A generation is complete in the one step that counts it up. Its waiters are granted in turns. Until its turn
//!   one of them may be polled, and then takes its grant itself, or leave, and then changes nothing for others.

use crate::wait::{Effects, Link, List, Stage, Wake};

/// What a waiter keeps in its node.
pub(crate) struct Arrival {
    generation: u64,
    /// It left after its generation was complete, so the others have counted it.
    pub(super) counted: bool,
}

impl Arrival {
    pub(super) const fn new() -> Self {
        Self { generation: 0, counted: false }
    }
}

pub(crate) struct BarrierState {
    pub(super) arrived: usize,
    pub(super) size: usize,
    generation: u64,
    list: List<Arrival>,
}

impl BarrierState {
    pub(super) const fn new(size: usize) -> Self {
        Self { arrived: 0, size, generation: 0, list: List::new() }
    }

    /// Whether the next to arrive is not the last.
    #[inline(always)]
    pub(super) fn is_early(&self) -> bool {
        self.arrived + 1 < self.size
    }

    /// The last one arrives where at most one other waits. Returns `false`, and changes nothing, if there are more.
    #[inline(always)]
    pub(super) fn complete_fast(&mut self, to_wake: &mut Option<Wake>) -> bool {
        let few = self.list.len() <= 1;
        if few {
            self.next_generation();
            self.list.end_front(Stage::Granted, to_wake);
        }
        few
    }

    /// The last one arrives.
    pub(super) fn complete<D>(&mut self, effects: &mut Effects<D>) {
        self.next_generation();
        self.settle(effects);
    }

    fn next_generation(&mut self) {
        self.generation += 1;
        self.arrived = 0;
    }

    pub(super) fn enqueue(&mut self, node: Link<Arrival>) {
        self.list.payload_of_unlinked(node).generation = self.generation;
        self.list.push_back(node);
        self.arrived += 1;
    }

    /// Grants the waiters of complete generations, until the batch of wakers is full.
    pub(super) fn settle<D>(&mut self, effects: &mut Effects<D>) {
        while !effects.wakes.is_full() {
            match self.list.front() {
                Some(arrival) if arrival.generation != self.generation => {}
                _ => return,
            }
            self.list.end_front_into(Stage::Granted, &mut effects.wakes);
        }
    }

    /// A waiter is polled before its turn. Returns whether it left the list, because its generation is complete.
    pub(super) fn let_go(&mut self, node: Link<Arrival>) -> bool {
        let complete = self.list.contents(node).0.generation != self.generation;
        if complete {
            self.list.withdraw(node);
        }
        complete
    }

    /// A waiter gives up. If its generation is not complete, it is not counted.
    pub(super) fn leave(&mut self, node: Link<Arrival>) {
        let arrival = self.list.contents(node).0;
        arrival.counted = arrival.generation != self.generation;
        self.arrived -= usize::from(!arrival.counted);
        self.list.withdraw(node);
    }
}
