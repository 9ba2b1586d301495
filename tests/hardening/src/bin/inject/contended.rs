//! What a thread does that is not alone, step by step: it finds a short lock taken, and it wakes a parked thread.

use std::thread;

use sempost::Semaphore;

use crate::hook::{self, Role, Target};
use crate::stall::{Stalls, watch};

/// Stops a victim at each of its points in turn, until it has no more.
pub(crate) fn run(stalls: &mut Stalls) {
    for scene in [lock_taken, thread_parked] {
        for call in 0.. {
            hook::aim(Target::Call(call));
            let semaphore = Semaphore::new(0);
            let blocked = hardening::watched(|| "a victim of contention".to_owned(), || scene(&semaphore));
            let Some(spot) = hook::stopped() else { break };
            stalls.note(spot, blocked);
        }
    }
}

/// Somebody else holds the lock, until the victim has looked for it in vain.
fn lock_taken(semaphore: &Semaphore) -> bool {
    thread::scope(|scope| {
        scope.spawn(|| {
            hook::play(Role::Holder);
            semaphore.available_permits();
        });
        while !hook::is_holding() {
            thread::yield_now();
        }
        stop(scope, semaphore, || drop(semaphore.try_acquire()))
    })
}

/// A thread is parked in line, and the victim wakes it.
fn thread_parked(semaphore: &Semaphore) -> bool {
    thread::scope(|scope| {
        scope.spawn(|| semaphore.acquire_blocking().expect("nobody closes it"));
        while semaphore.waiters() == 0 {
            thread::yield_now();
        }
        stop(scope, semaphore, || _ = semaphore.add_permits(1))
    })
}

fn stop<'scope, 'a>(
    scope: &'scope thread::Scope<'scope, 'a>,
    semaphore: &'scope Semaphore,
    act: impl FnOnce() + Send + 'scope,
) -> bool {
    let victim = scope.spawn(|| {
        hook::play(Role::Victim);
        act();
    });
    while hook::stopped().is_none() && !victim.is_finished() {
        thread::yield_now();
    }
    let others = [(); 2].map(|()| scope.spawn(|| (0..100).for_each(|_| drop(semaphore.try_acquire()))));
    watch(|| others.iter().all(thread::ScopedJoinHandle::is_finished))
}
