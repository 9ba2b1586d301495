//! What many wait for in one line, beside its specification: permits, a lock, an opening, each other.

use hardening::spec::gate::semaphore::Pool;
use hardening::spec::gate::{mutex, rwlock, semaphore};
use hardening::spec::subject::Hand;
use hardening::spec::{Id, barrier, latch};
use sempost::{Barrier, Fairness, Latch, Mutex, RwLock, Semaphore};

use super::lent::{Asks, Lent};
use crate::op::Op;
use crate::world::Scene;

/// A semaphore of one permit, and waiters for 1, 2 and 1.
pub fn semaphore(name: &'static str, pool: Pool) -> Box<dyn Scene> {
    use semaphore::Op as Ask;
    let one = |id: Id| Ask::Start { id, need: 1 };
    Box::new(Lent::<Semaphore> {
        name,
        setup: pool,
        cast: [one, |id| Ask::Start { id, need: 2 }, one],
        more: &[Op::Try, Op::TryTwo, Op::Release, Op::Add, Op::Reduce, Op::Lose, Op::Close],
        letters: |op, _, pool| {
            Some(Asks::Now(match op {
                Op::Try => Ask::Try { need: 1 },
                Op::TryTwo => Ask::Try { need: 2 },
                // One more than the line may want.
                Op::Add if pool.limit.is_some() => Ask::AddWithinLimit { permits: 2 },
                Op::Add => Ask::Add { permits: 1 },
                Op::Reduce => Ask::Reduce { permits: 1 },
                Op::Lose => Ask::ForgetFree { most: 1 },
                _ => Ask::Close,
            }))
        },
        alone: false,
        forgets: true,
        before: &[],
    })
}

/// A mutex, and three who want it.
pub fn mutex(name: &'static str, fairness: Fairness) -> Box<dyn Scene> {
    use mutex::Op as Ask;
    Box::new(Lent::<Mutex<u32>> {
        name,
        setup: fairness,
        cast: [|id| Ask::Start { id }; 3],
        more: &[Op::Try, Op::Release],
        letters: |_, _, _| Some(Asks::Now(Ask::Try)),
        alone: true,
        forgets: true,
        before: &[],
    })
}

/// A readers-writer lock for two readers, and three who want it: a writer among readers, or a reader among writers.
pub fn rwlock(name: &'static str, writes: [bool; 3]) -> Box<dyn Scene> {
    use rwlock::Op as Ask;
    let read: fn(Id) -> Ask = |id| Ask::Read { id };
    Box::new(Lent::<RwLock<u32>> {
        name,
        setup: 2,
        cast: writes.map(|writes| if writes { |id| Ask::Write { id } } else { read }),
        more: &[Op::Try, Op::TryTwo, Op::Release, Op::Lose],
        letters: |op, hand, _| {
            Some(Asks::Now(match op {
                Op::Try => Ask::TryRead,
                Op::TryTwo => Ask::TryWrite,
                // What a writer loses here is the right to write.
                _ if matches!(hand.let_go(), Some(Ask::EndWrite)) => Ask::Downgrade,
                _ => return None,
            }))
        },
        alone: true,
        forgets: true,
        before: &[],
    })
}

/// A latch for so many, and three who wait for it.
pub fn latch(name: &'static str, count: usize) -> Box<dyn Scene> {
    use latch::Op as Ask;
    Box::new(Lent::<Latch> {
        name,
        setup: count,
        cast: [|id| Ask::Start { id }; 3],
        more: &[Op::Lose, Op::Two],
        letters: |op, _, _| Some(Asks::Now(Ask::CountDown { n: if op == Op::Two { 2 } else { 1 } })),
        alone: false,
        forgets: true,
        before: &[],
    })
}

/// A barrier for so many, and three who come.
pub fn barrier(name: &'static str, size: usize) -> Box<dyn Scene> {
    use barrier::Op as Ask;
    Box::new(Lent::<Barrier> {
        name,
        setup: size,
        cast: [|id| Ask::Start { id }; 3],
        more: &[],
        letters: |_, _, _| None,
        alone: false,
        forgets: true,
        before: &[],
    })
}
