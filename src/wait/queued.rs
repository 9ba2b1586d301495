//! A waiter in its queue: polled again, or cancelled.

use core::pin::Pin;
use core::task::Poll;

use super::node::Waiter;
use super::operation::{Attempt, Waitable, award, award_dropping, make_room};
use super::panics::DropGuarded;
use super::primitive::{Effects, Primitive, carry_out};
use super::stage::Stage;
use super::wakes::Poller;

/// Checks whether the wait is over. If not, makes sure that the right task is woken.
#[inline(never)]
pub(super) fn poll_queued<W: Waitable>(
    on: &W::On,
    operation: &mut W,
    mut waiter: Pin<&mut Waiter<W::Payload>>,
    poller: Poller<'_>,
) -> Poll<W::Output> {
    if waiter.stage() == Some(Stage::Queued) {
        match look_again(on, operation, waiter.as_mut(), poller) {
            Look::Over => {}
            Look::Served(output) => return Poll::Ready(output),
            Look::Waits => return Poll::Pending,
        }
    }
    let stage = waiter.stage().unwrap_or(Stage::Withdrawn);
    // A waker that comes back was never woken.
    let _wake = DropGuarded::new(waiter.as_mut().retire());
    Poll::Ready(operation.redeem(on, stage, waiter.payload()))
}

/// The outcome of a poll in the queue.
enum Look<T> {
    /// The wait was ended meanwhile.
    Over,
    /// It tried again, and was served.
    Served(T),
    Waits,
}

#[cold]
fn look_again<W: Waitable>(
    on: &W::On,
    operation: &mut W,
    mut waiter: Pin<&mut Waiter<W::Payload>>,
    poller: Poller<'_>,
) -> Look<W::Output> {
    let mut spare = DropGuarded::new(None);
    let mut effects = Effects::new();
    loop {
        let mut state = on.lock().lock();
        // Only under the lock does a stage of `Queued` stay so.
        if waiter.stage() != Some(Stage::Queued) {
            return Look::Over;
        }
        let Some(node) = waiter.link() else { return Look::Over };
        let (woken, kept) = match waiter.waker_slot(&mut state) {
            Some(kept) => (false, poller.is_woken_by(kept)),
            None => (true, false),
        };
        match operation.retry(&mut state, node, woken, &mut effects) {
            Attempt::Done(output) => {
                drop(state);
                let kept = DropGuarded::new(waiter.as_mut().retire());
                let output = award::<W>(on, &mut effects, output);
                return Look::Served(award_dropping::<W>(on, (kept, spare), output));
            }
            Attempt::NeedsRoom => {
                drop(state);
                make_room(on, operation, &mut effects);
                continue;
            }
            Attempt::Wait => {}
        }
        if kept {
            drop(state);
            poller.may_park(true);
            return Look::Waits;
        }
        if let Some(wake) = spare.take() {
            let old = DropGuarded::new(waiter.waker_slot(&mut state).replace(wake));
            waiter.polled(poller.origin(waiter.born()));
            if woken {
                operation.rearm(&mut state, node, &mut effects);
            }
            drop(state);
            // What follows is foreign, and comes after the last look.
            poller.may_park(false);
            carry_out(on, &mut effects);
            drop(old);
            return Look::Waits;
        }
        drop(state);
        spare = DropGuarded::new(Some(poller.to_wake()));
    }
}

/// Ends a wait early (C2, C5), in O(1). What it was granted goes to the next waiter.
#[cold]
pub(crate) fn cancel<W: Waitable>(on: &W::On, operation: &mut W, mut waiter: Pin<&mut Waiter<W::Payload>>) {
    let Some(node) = waiter.link() else { return };
    let mut effects = Effects::new();
    let mut state = on.lock().lock();
    match waiter.stage() {
        Some(Stage::Queued) => operation.leave(&mut state, node, &mut effects),
        Some(Stage::Granted) => operation.hand_on(&mut state, waiter.as_mut().payload(), &mut effects),
        _ => {}
    }
    drop(state);
    // Retired first: if a waker panics, the grant must not be found here and handed on a second time.
    let _wake = DropGuarded::new(waiter.retire());
    carry_out(on, &mut effects);
}
