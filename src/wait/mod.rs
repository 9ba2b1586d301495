//! Layer 2: waiting. This page explains the crate; with it, any primitive can be read in one sitting.
//!
//! # The layers
//! Imports never look up, and no two files use each other in a circle. `tests/tidy.rs` checks both, and this picture.
//!
//! ```text
//!  L5  inspect
//!  L4  monitor   condvar   mailbox   oneshot   rwlock   latch   barrier   (blind to each other)
//!  L3  mutex   semaphore
//!  L2  wait   queue
//!  L1  lock   record
//!  L0  primitive
//! ```
//!
//! L0 is what the crate takes from its host: atomics, cells, parking. `queue` holds the messages of a mailbox. `record`
//! notes who holds and who waits, and `inspect` shows it; without the feature `inspect` there is nothing of either.
//!
//! # Words
//! A *waiter* is one wait; its *node* is what lists link. A [`List`] of nodes is intrusive. A [`Line`] is a list with a
//! [`Fairness`]. A *queue* is what waiters stand in, whatever it is made of. The *phase* of a waiter is its owner's
//! business, the *stage* of its node is written under the lock. To *grant* is to end a wait with a right in hand.
//!
//! # One acquire, from call to wake
//! Every primitive is a small monitor inside: one short lock, a plain state, and queues of waiters. (Only a oneshot is
//! a byte; see `oneshot/slot.rs`.) The state decides under the lock. What the decision asks for (wakes, drops, frees)
//! runs after the unlock, because all of it is foreign code.
//!
//! 1. `semaphore.acquire()` returns an `Acquiring`. It wraps a [`Wait`]: a place (the semaphore), an operation
//!    (`Acquire`), and a [`Waiter`] with the payload (how many permits). The waiter *is* the node: it lies in the
//!    future, so a wait allocates nothing. Nothing has happened yet.
//! 2. The future is polled. Its [`Poller`] is a task or a thread. `waiting.rs` takes the semaphore's `Lock` and calls
//!    [`Operation::try_fast`]. If there are permits and no waiters, that is all. `Fast::Wait` means that there are too
//!    few: it joins. `Fast::Slow` means all else – closed, no permit wanted, a waiter first. Then it is asked again, in
//!    a call of its own, and if it still says so, [`Operation::try_slow`] decides.
//! 3. `joining.rs` clones the waker while the lock is free, takes the lock, and tries once more. Under that same lock
//!    it calls [`Waitable::enqueue`], so a permit that is released later finds the waiter. The node, with the waker in
//!    it, is now in the semaphore's line. The future returns `Pending`. From now on it must not move: it is pinned, and
//!    `Pin` promises that its memory is not used again without a drop. A forgotten future leaks, and its node stays
//!    valid.
//! 4. Elsewhere a `Permit` is dropped. [`decide_fast`] takes the lock. The state takes the permit back and *grants* it
//!    to the first waiter: it unlinks the node, takes the waker out, and stores the [`Stage`] `Granted`. That store is
//!    the last touch, because the node may be freed right after it. The lock is released, and then the [`Wake`] is
//!    called. A decision with more to do collects it in [`Effects`], at most 64 wakes a turn; then the lock is taken
//!    again, and [`Primitive::settle`] goes on.
//! 5. The task is polled again. `queued.rs` reads the stage, without the lock: the wait is over. [`Waitable::redeem`]
//!    turns the grant into the output, and `Acquiring` makes a `Permit` of it.
//! 6. Or the future is dropped instead. The drop of [`Wait`] calls `cancel` in `queued.rs`. That calls
//!    [`Waitable::leave`] for a queued waiter and [`Waitable::hand_on`] for a granted one. Both serve the queue again
//!    before they return, because the next waiter may fit now.
//!
//! ```text
//!  Fresh ──poll──▶ Queued ──granted──▶ Granted ──poll──▶ Done        ∅: gone
//!    ╰─drop─▶ ∅      │  ╰─drop: unlink, serve the queue ─▶ ∅   (Granted ─drop: hand the grant on─▶ ∅)
//!                    ├──closed──▶ Closed ──poll──▶ Done
//!                    ╰──woken to retry──▶ Queued, without a waker ──poll──▶ Done, or asleep in its old place
//! ```
//!
//! A grant is a right: permits, a slot, a claim on the front message, or the mutex. It is never a value, so no
//! cancelled wait can lose or reorder a message. (At capacity 0 a granted sender's message was taken.) Nothing is
//! granted where newcomers may barge ([`Fairness`]), to handles of a mailbox that are polled, and to receivers at
//! capacity 0. These waiters are *woken to retry* ([`Waitable::retry`]).
//!
//! # One requeue, of a condition variable
//! A waiter for a condition waits twice, with one node (`mutex/waiting.rs`). First it joins the queue of the condition
//! and unlocks the mutex, in one step. `notify_all` moves it to the notified waiters (`mutex/condition.rs`) and wakes
//! only the first of them, the *leader*. When the leader is polled, it takes the mutex or joins the line of the mutex.
//! The other notified waiters are moved into that line behind it, asleep, under both locks. From then on each of them
//! waits for the mutex as a `lock` does. If it is dropped, its notification still goes on. (A monitor knows its
//! notified waiters, and keeps them where they are if the leader has entered: its next leave wakes the next leader.)
//!
//! # Which file to open
//! | topic | open |
//! |---|---|
//! | a new primitive | `primitive.rs`, `operation.rs`: the traits [`Primitive`], [`Operation`], [`Waitable`] |
//! | | then `mutex/enter.rs`, the smallest, and `semaphore/state.rs` with `acquiring.rs` |
//! | how wakers are replaced | `queued.rs`; for conditions `mutex/waiting.rs` |
//! | | of a oneshot `oneshot/slot.rs`, of `closed()` `event.rs` |
//! | a new kind of deadline | `until.rs`; on threads `blocking.rs`; `named.rs` gives each future its `until` |
//! | | what a late wait does: `poll_late` in `waiting.rs`, `mutex/waiting.rs`, `event.rs`, `oneshot/late.rs` |
//! | a thread that spins, yields or parks | `joining.rs`, `blocking.rs` |
//! | when a newcomer may pass a waiter | `fairness.rs`, `line.rs` |
//! | links, stages, the last touch | `node.rs`, `list.rs`: all `unsafe` code of waiters; `stamp.rs` checks callers |
//! | `closed()`, `drained()` of semaphore and mailbox | `event.rs` |
//! | what happens if a waker or a destructor panics | `panics.rs` |
//!
//! # Tempting, and wrong
//! - *Moving the message into the waiter's node* is 10 % faster in ping-pong. Receiver A holds message 1 in its node,
//!   receiver B message 2. B returns 2, then A is dropped, and 1 goes back: one sender's messages arrive in reverse.
//! - *Detaching the granted nodes as a list and waking from it*: when the first waiter has been woken, the second node
//!   may be gone.
//! - *Waking under the lock* saves a move of two words. A waker that polls inline then deadlocks.
//! - *Leaving, or handing a grant on, without serving the queue*: when a first waiter that wants many permits leaves,
//!   the waiters behind it that want fewer sleep on.

#[cfg(feature = "std")]
mod blocking;
mod event;
mod fairness;
mod joining;
mod line;
#[expect(unsafe_code, reason = "an intrusive list")]
mod list;
mod named;
#[expect(unsafe_code, reason = "the part of a waiting future that others write to")]
mod node;
mod operation;
mod panics;
mod primitive;
mod queued;
mod stage;
mod stamp;
mod ticket;
mod until;
mod waiting;
#[expect(unsafe_code, reason = "a batch of wakers that costs nothing while it is empty")]
mod wakes;

#[cfg(feature = "std")]
pub(crate) use blocking::{block, block_timeout};
pub use event::{AwaitingClosed, AwaitingDrained};
pub(crate) use event::{EventWait, Listener, OneTimeEvent};
pub use fairness::Fairness;
pub(crate) use line::{Demand, Line};
pub(crate) use list::List;
pub(crate) use named::named_future;
pub(crate) use node::{Link, Own, Waiter};
pub(crate) use operation::{Attempt, Fast, FxOf, Operation, StateOf, Waitable, attempt, award, award_fast};
pub(crate) use panics::{Defer, DropGuarded, run_all};
pub(crate) use primitive::{Effects, Primitive, carry_out, decide, decide_fast};
pub(crate) use queued::cancel;
pub(crate) use stage::{Phase, Stage};
pub(crate) use stamp::LockStamp;
pub(crate) use ticket::Ticket;
pub(crate) use until::NAME;
pub use until::{Elapsed, Timed, Until};
pub(crate) use waiting::{Wait, poll, polled_twice};
pub(crate) use wakes::{Poller, TURN, Wake, Wakes};
