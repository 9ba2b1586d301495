//! Layer 2: waiting. This page is the whole crate in small; with it any primitive can be read in one sitting.
//!
//! # One machine
//! Every primitive is, inside, a tiny monitor of its own: **one short lock, a plain state, lines of waiters.**
//!
//! ```text
//!  poll ──▶ lock ▸ decide on plain state ▸ unlock ──▶ act on what is ours: return the value, wake, drop
//! ```
//!
//! Most of the time there is nothing to decide: it is there, nobody waits for it, and at most one other has to be told. That
//! is the *quick half*, [`Ask::quick`], inlined into the caller; it touches nothing before it knows that it is enough.
//!
//! Nothing foreign runs between lock and unlock: no waker is cloned, woken or dropped there, no message dropped, no memory
//! allocated. A decision *returns* what is to be done – its [`Effects`] – and the caller does it with no lock held.
//!
//! # One waiter
//! A waiter lives inside the future that waits (or in the box of a polled handle), and its node is what lines link.
//!
//! ```text
//!  Fresh ──poll──▶ Queued ──granted──▶ Granted ──poll──▶ Done
//!    ╰─drop─▶ ∅      │  ╰─drop: unlink, look at the line ─▶ ∅   (Granted ─drop: hand the grant on─▶ ∅)
//!                    ├──closed──▶ Closed ──poll──▶ Done
//!                    ├──nudged──▶ Queued, woken: looks again, keeps its place
//!                    ╰──moved───▶ Moved: in the line of another lock; Queued again when its owner has noticed
//! ```
//!
//! - `Fresh` and `Done` are the owner's own business ([`Phase`]); a fresh waiter's links are not even written.
//! - `Queued`: linked. Whoever holds the lock may read and write the node.
//! - `Granted`: unlinked and the owner of a *right* – permits, a slot, a claim on the front message, the exclusion – never
//!   of a value. A message stays in the queue until its receiver takes it, so no cancel can lose or reorder one.
//! - `Closed`: unlinked, nothing to be had any more.
//! - nudged: still linked, but its waker is gone. It was told to look, and nothing is withheld for it. Handles are nudged,
//!   and whoever waits where newcomers may pass ([`Fairness`]).
//! - moved: from a condition variable's line to its mutex's, by somebody who holds both locks.
//!
//! # The rules that make it safe
//! Numbered in the files that uphold them: (L…) `lock::short`, (W…) `wait::node`, (I…) `wait::list`, (F…) `wait::line`,
//! (B…) `wait::wakes`, (Q…) `queue`, (G…) `mutex::held`. The one to remember is (W3), **the last touch**: to grant is to unlink, take the
//! waker out, write the grant, store the stage – and then never to look at the node again, because its owner may already
//! have freed it without asking for the lock.
//!
//! # The rules that make it live
//! - Whoever joins a line has looked under the same lock: nothing can arrive between the look and the joining.
//! - Between two critical sections nobody who waits could be served, unless it has been nudged. `settle` restores that after every change, so *every*
//!   path that frees something calls it: release, receive, cancel of a grant, cancel at the head, debt repaid, close.
//! - A turn grants at most [`TURN`] waiters. If a batch came out full, [`Effects::wake_all`] comes back for more.
//!
//! # Tempting, and wrong
//! - *Moving the message into the waiter's node* is 10 % faster in ping-pong. Two receivers, two such messages, one
//!   cancelled after the other returned: a sender's messages arrive backwards.
//! - *Detaching the granted nodes as a list and waking from it*: the second node may be gone when the first was woken.
//! - *Waking under the lock* saves a move of two words. A waker that polls inline then waits for itself.
//! - *Passing a grant on in `Drop` without settling*: a waiter who stood at the head and wanted much leaves, and those who
//!   want less sleep on.

#[cfg(feature = "std")]
mod blocking;
mod decision;
mod fairness;
mod joining;
mod line;
#[expect(unsafe_code, reason = "an intrusive list")]
mod list;
mod named;
#[expect(unsafe_code, reason = "the part of a waiting future that others write to")]
mod node;
mod onlookers;
mod panics;
mod request;
mod until;
mod waiting;
#[expect(unsafe_code, reason = "a stack of wakers that costs nothing while it is empty")]
mod wakes;

#[cfg(feature = "std")]
pub(crate) use blocking::{block, block_timeout};
pub(crate) use decision::{Core, Effects, Litter, State, decide, decide_quickly};
pub use fairness::Fairness;
pub(crate) use line::{Line, Mark, Marked};
pub(crate) use list::List;
pub(crate) use named::named_future;
pub(crate) use node::{Link, Own, Phase, Stage, Waiter};
pub use onlookers::{Closed, Drained};
pub(crate) use onlookers::{Onlookers, Onlooking, Watch};
pub(crate) use panics::{Finally, Foreign, each};
pub(crate) use request::{
    Ask, Attempt, Conclude, FxOf, Outlook, Quick, Request, StateOf, attempt, award, award_quickly,
};
pub use until::{Elapsed, Timed, Until};
pub(crate) use until::{Expire, Late, NAME};
pub(crate) use waiting::{Look, Wait, cancel, look_again, poll, polled_twice};
pub(crate) use wakes::{TURN, Wake, Wakes, Who};
