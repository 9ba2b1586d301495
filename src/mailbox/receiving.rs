//! Receiving messages, and what is taken: one, or many at a time (`receiving_many.rs`).

use core::cell::Cell;
use core::marker::PhantomData;

use super::error::TryRecvError;
use super::receiver::Receiver;
use super::shared::Shared;
use super::state::{Fx, MailboxState};
use crate::lock::LockGuard;
use crate::record::Origin;
use crate::wait::{
    Attempt, Defer, Effects, Elapsed, Fast, Link, Operation, Primitive, Stage, Ticket, Wait, Waitable, Wake, attempt,
    award, award_fast, carry_out, decide, named_future, run_all,
};

impl<T> Receiver<T> {
    /// Waits for a message. `None` means that no message will come any more: the mailbox is closed and empty, and no
    /// permit can send into it.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing. A message that it was woken for stays in its place for the next receiver.
    #[doc(alias("receive", "recv_async"))]
    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn recv(&self) -> Receiving<'_, T> {
        self.cancel_poll();
        Receiving::new(Wait::new(&*self.shared, Receive::new(OneMessage), Ticket::default()))
    }

    /// Takes a message, if one is queued that no other receiver has claimed. At capacity 0: if a sender is waiting.
    ///
    /// It never parks, unless the feature `os-lock` or `inspect` is on. It waits at most for another thread to leave a
    /// critical section, which moves a message. Do not call it in a signal handler.
    ///
    /// # Errors
    /// [`Empty`](TryRecvError::Empty) if there is none to take now, [`Closed`](TryRecvError::Closed) when no message
    /// will come any more. While a permit may still send it is `Empty`.
    #[doc(alias("try_receive", "try_next"))]
    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.cancel_poll();
        match attempt(&*self.shared, &mut Receive::new(OneMessage), &mut Ticket::default()) {
            Some(Some(message)) => {
                self.shared.note_received(true, Origin::here());
                Ok(message)
            }
            Some(None) => Err(TryRecvError::Closed),
            None => Err(TryRecvError::Empty),
        }
    }

    /// Waits for a message on this thread. Short for `recv().wait()`. Never call it inside a task.
    #[doc(alias = "blocking_recv")]
    #[cfg(feature = "std")]
    #[inline]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn recv_blocking(&self) -> Option<T> {
        self.recv().wait()
    }
}

/// What a receive takes.
pub(crate) trait Take<T> {
    type Output;

    /// Takes on the fast path. `claimed` means that it gives up a claim for the message.
    #[inline(always)]
    fn take_fast(&mut self, _: &mut MailboxState<T>, _claimed: bool, _wake: &mut Option<Wake>) -> Fast<Self::Output> {
        Fast::Slow
    }

    /// The same beside a line of senders, without a claim.
    #[inline(always)]
    fn take_beside(&mut self, _: &mut MailboxState<T>, _wake: &mut Option<Wake>) -> Fast<Self::Output> {
        Fast::Slow
    }

    /// Takes some of the `available` messages. There is at least one.
    fn take(&mut self, state: &mut MailboxState<T>, available: usize, effects: &mut Fx<T>) -> Attempt<Self::Output>;

    /// Whether there is room for at least one message.
    fn has_room(&mut self) -> bool {
        true
    }

    /// Makes room. No lock is held.
    fn make_room(&mut self, _shared: &Shared<T>) {}

    /// The output when no more messages are available. `None` means to wait.
    fn so_far(&mut self) -> Option<Self::Output>;

    /// The output at the end of the mailbox.
    fn end(&mut self) -> Self::Output;

    /// The message of an output that can be put back.
    fn message(output: Self::Output) -> Option<T>;
}

/// Takes one message.
pub(crate) struct OneMessage;

impl<T> Take<T> for OneMessage {
    type Output = Option<T>;

    #[inline(always)]
    fn take_fast(&mut self, state: &mut MailboxState<T>, claimed: bool, to_wake: &mut Option<Wake>) -> Fast<Option<T>> {
        if claimed { state.use_claim_fast(to_wake) } else { state.receive_fast(to_wake) }
    }

    #[inline(always)]
    fn take_beside(&mut self, state: &mut MailboxState<T>, to_wake: &mut Option<Wake>) -> Fast<Option<T>> {
        state.receive_beside_fast(to_wake)
    }

    fn take(&mut self, state: &mut MailboxState<T>, _: usize, effects: &mut Fx<T>) -> Attempt<Option<T>> {
        Attempt::Done(state.take(effects))
    }

    fn so_far(&mut self) -> Option<Option<T>> {
        None
    }

    fn end(&mut self) -> Option<T> {
        None
    }

    fn message(output: Option<T>) -> Option<T> {
        output
    }
}

/// The operation of receiving messages.
pub(crate) struct Receive<T, M> {
    mode: M,
    _messages: PhantomData<fn() -> T>,
}

impl<T, M> Receive<T, M> {
    #[inline(always)]
    pub(super) fn new(mode: M) -> Self {
        Self { mode, _messages: PhantomData }
    }
}

impl<T, M: Take<T>> Operation for Receive<T, M> {
    type On = Shared<T>;
    type Output = M::Output;
    type Payload = Ticket;

    #[inline(always)]
    fn try_fast(
        &mut self,
        _: &mut Ticket,
        state: &mut MailboxState<T>,
        to_wake: &mut Option<Wake>,
        again: bool,
    ) -> Fast<M::Output> {
        if again { self.mode.take_beside(state, to_wake) } else { self.mode.take_fast(state, false, to_wake) }
    }

    fn try_slow(&mut self, _: &mut Ticket, state: &mut MailboxState<T>, effects: &mut Fx<T>) -> Attempt<M::Output> {
        let available = state.available();
        if available > 0 {
            return self.mode.take(state, available, effects);
        }
        match self.mode.so_far() {
            Some(output) => Attempt::Done(output),
            None if state.is_terminal() => Attempt::Done(self.mode.end()),
            None => Attempt::Wait,
        }
    }

    fn make_room(&mut self, shared: &Shared<T>) {
        self.mode.make_room(shared);
    }

    fn undo(shared: &Shared<T>, output: M::Output) {
        let Some(message) = M::message(output) else { return };
        loop {
            let mut state = shared.lock().lock();
            if !state.queue.has_room_in_front() {
                drop(state);
                shared.add_block();
                continue;
            }
            let mut effects = Effects::new();
            let mut back = state.put_back(message, &mut effects).err();
            drop(state);
            carry_out(shared, &mut effects);
            // After the end was announced, no receiver would take the message. It is dropped.
            return run_all(|| back.take().map(drop).is_some());
        }
    }
}

impl<T, M: Take<T>> Waitable for Receive<T, M> {
    fn enqueue(&mut self, state: &mut MailboxState<T>, node: Link<Ticket>, _: &mut Option<Wake>) {
        state.receivers.enqueue(node);
    }

    fn retry(
        &mut self,
        state: &mut MailboxState<T>,
        node: Link<Ticket>,
        woken: bool,
        effects: &mut Fx<T>,
    ) -> Attempt<M::Output> {
        if !woken {
            return Attempt::Wait;
        }
        let available = match state.capacity {
            0 => {
                let handle = state.receivers.payload(node).is_handle();
                usize::from(state.has_supply_for(handle))
            }
            _ => state.available(),
        };
        if available == 0 {
            return self.mode.so_far().map_or(Attempt::Wait, |output| {
                state.receivers.withdraw(node);
                state.settle(effects);
                Attempt::Done(output)
            });
        }
        if !self.mode.has_room() {
            return Attempt::NeedsRoom;
        }
        // It leaves the queue first: taking the last message of a closed mailbox ends all waits in the queue.
        state.receivers.withdraw(node);
        match self.mode.take(state, available, effects) {
            Attempt::Done(output) => Attempt::Done(output),
            // More messages are available, but one batch is enough for a waiter that was woken to retry.
            _ => self.mode.so_far().map_or(Attempt::Wait, Attempt::Done),
        }
    }

    fn rearm(&mut self, state: &mut MailboxState<T>, node: Link<Ticket>, effects: &mut Fx<T>) {
        state.receivers.rearm(node);
        if state.capacity == 0 {
            // It may have left a message because it is set aside. Another receiver may take that message.
            state.settle(effects);
        }
    }

    /// Gives up the claim, and takes the message that is now at the front.
    #[inline(always)]
    fn redeem(&mut self, shared: &Shared<T>, stage: Stage, ticket: &mut Ticket) -> M::Output {
        if stage != Stage::Granted {
            return self.mode.end();
        }
        if !self.mode.has_room() {
            make_room_for_claimed(&mut self.mode, shared);
        }
        let mut state = shared.lock().lock();
        let mut to_wake = None;
        if let Fast::Done(output) = self.mode.take_fast(&mut state, true, &mut to_wake) {
            // The lock is held until the output is in its place: see `poll`.
            if to_wake.is_none() {
                return output;
            }
            drop(state);
            return award_fast::<Self>(shared, &mut to_wake, output);
        }
        self.redeem_slow(shared, ticket, state)
    }

    fn leave(&mut self, state: &mut MailboxState<T>, node: Link<Ticket>, effects: &mut Fx<T>) {
        state.receivers.withdraw(node);
        state.settle(effects);
    }

    fn hand_on(&mut self, state: &mut MailboxState<T>, _: &mut Ticket, effects: &mut Fx<T>) {
        release_claim(state, effects);
    }
}

/// A claim is not used. The message goes to the next receiver.
fn release_claim<T>(state: &mut MailboxState<T>, effects: &mut Fx<T>) {
    state.claims -= 1;
    state.settle(effects);
}

/// Makes room for a claimed message. If the buffer cannot grow, and panics, the claim is released.
#[cold]
fn make_room_for_claimed<T, M: Take<T>>(mode: &mut M, shared: &Shared<T>) {
    let prepared = Cell::new(false);
    let _release = Defer(|| {
        if !prepared.get() {
            decide(shared, release_claim);
        }
    });
    mode.make_room(shared);
    prepared.set(true);
}

impl<T, M: Take<T>> Receive<T, M> {
    #[inline(never)]
    fn redeem_slow(
        &mut self,
        shared: &Shared<T>,
        ticket: &mut Ticket,
        mut state: LockGuard<'_, MailboxState<T>>,
    ) -> M::Output {
        let mut effects = Effects::new();
        state.claims -= 1;
        let available = state.available();
        let taken = self.mode.take(&mut state, available, &mut effects);
        drop(state);
        match taken {
            Attempt::Done(output) => award::<Self>(shared, &mut effects, output),
            _ => {
                carry_out(shared, &mut effects);
                attempt(shared, self, ticket).unwrap_or_else(|| self.mode.end())
            }
        }
    }
}

named_future! {
    /// Waits for a message. Made by [`Receiver::recv`]. `None` means that no message will come any more.
    ///
    /// # Cancel safety
    /// Dropping it ends the wait. It never holds a message: one that it was woken for stays in its place, and the next
    /// receiver is woken for it.
    pub struct Receiving['a, T] where [] = Wait<&'a Shared<T>, Receive<T, OneMessage>>
        => Option<T>: |shared, _, message, origin| {
            shared.note_received(message.is_some(), origin);
            message
        },
        until Result<Option<T>, Elapsed>: Ok,
        elapsed: |_, _| Err(Elapsed);
}
