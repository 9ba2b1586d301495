//! What both kinds of handle point to.

use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};

use super::state::{Fx, Post, UNBOUNDED};
use crate::lock::Lock;
use crate::queue::{Block, Queue};
use crate::wait::{Core, Finally, Onlookers, decide};

#[repr(C)]
pub(crate) struct Shared<T> {
    post: Lock<Post<T>>,
    pub(super) capacity: usize,
    pub(super) closing: Onlookers,
    pub(super) draining: Onlookers,
}

// A panic never leaves a mailbox half-changed, for nothing foreign runs under its lock; and nobody reaches a message in it:
// messages are moved in and out.
impl<T> UnwindSafe for Shared<T> {}
impl<T> RefUnwindSafe for Shared<T> {}

impl<T> Core for Shared<T> {
    type State = Post<T>;

    #[inline(always)]
    fn lock(&self) -> &Lock<Post<T>> {
        &self.post
    }

    #[inline(never)]
    fn carry_out_all(&self, effects: &mut Fx<T>) {
        let _told = effects.litter.drained.then(|| Finally(|| self.draining.announce()));
        effects.wake_all(&self.post);
    }
}

impl<T> Shared<T> {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            post: Lock::new(Post::new(capacity, Block::<T>::slots_for(capacity))),
            capacity,
            closing: Onlookers::new(),
            draining: Onlookers::new(),
        }
    }

    /// Makes a block and brings it, so that a push or a put-back finds room. No lock is held meanwhile.
    #[cold]
    pub(super) fn stock(&self) {
        let block = Block::new(Block::<T>::slots_for(self.capacity));
        let surplus = self.post.lock().queue.stock(block);
        drop(surplus);
    }

    /// Closes by `decision`, which answers whether it did, and tells the onlookers even if a waker panics.
    pub(super) fn close_by(&self, decision: impl FnOnce(&mut Post<T>, &mut Fx<T>) -> bool) -> bool {
        let closed = core::cell::Cell::new(false);
        let _told = Finally(|| {
            if closed.get() {
                self.closing.announce();
            }
        });
        decide(self, |post, effects| closed.set(decision(post, effects)));
        closed.get()
    }

    pub(super) fn close(&self) -> bool {
        self.close_by(Post::close)
    }

    /// A sender more.
    pub(super) fn add_sender(&self) {
        self.post.lock().sender_count += 1;
    }

    /// A sender less; the last one closes.
    pub(super) fn remove_sender(&self) {
        self.close_by(|post, effects| {
            post.sender_count -= 1;
            post.sender_count == 0 && post.close(effects)
        });
    }

    /// A receiver more.
    pub(super) fn add_receiver(&self) {
        self.post.lock().receiver_count += 1;
    }

    /// A receiver less; the last one closes and takes the queue along. Its messages are dropped out here.
    pub(super) fn remove_receiver(&self) {
        let mut messages = None;
        self.close_by(|post, effects| {
            post.receiver_count -= 1;
            if post.receiver_count > 0 {
                return false;
            }
            let empty = Queue::new(post.queue.slots());
            messages = Some(core::mem::replace(&mut post.queue, empty));
            post.claims = 0;
            post.close(effects)
        });
    }

    /// Takes back a slot that a handle held for its next message.
    pub(super) fn lapse(&self) {
        decide(self, |post, effects| {
            if !post.closed {
                post.unready(1);
                post.free_slots(1, effects);
            }
        });
    }

    /// Reads one snapshot.
    pub(super) fn read<R>(&self, look: impl FnOnce(&Post<T>) -> R) -> R {
        look(&self.post.lock())
    }
}

impl<T> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut post = self.post.lock();
        let (granted, ready, first_wants) = (post.granted(), post.ready, post.first_wants());
        let (len, claims, permits, closed) = (post.queue.len(), post.claims, post.permits, post.closed);
        let woken = (post.senders.woken(), post.receivers.woken());
        let handles = (post.sender_count, post.receiver_count);
        let waiting = (post.senders.waiters(), post.receivers.waiters());
        drop(post);
        f.debug_struct("Mailbox")
            .field("capacity", &(self.capacity != UNBOUNDED).then_some(self.capacity))
            .field("len", &len)
            .field("claimed", &claims)
            .field("granted_slots", &granted)
            .field("ready_slots", &ready)
            .field("reserved_slots", &permits)
            .field("closed", &closed)
            .field("sender_count", &handles.0)
            .field("receiver_count", &handles.1)
            .field("waiting_senders", &waiting.0)
            .field("first_wants", &first_wants)
            .field("waiting_receivers", &waiting.1)
            .field("woken_senders", &woken.0)
            .field("woken_receivers", &woken.1)
            .finish()
    }
}

/// What both handles tell about their mailbox, in the same words.
macro_rules! mailbox_face {
    ($Handle:ident) => {
        impl<T> $Handle<T> {
            /// Closes the mailbox for all handles: nothing is accepted any more, what was accepted can still be received.
            ///
            /// Parked senders get their messages back. Answers whether this call closed it.
            ///
            /// **It is not `SinkExt::close`, which finishes one sending handle**: with that in scope `tx.close().await` is
            /// `SinkExt`'s on a `&mut Sender`, and does not compile on a `Sender`; without the `.await` it closes for all.
            pub fn close(&self) -> bool {
                self.shared.close()
            }

            /// Whether it has been closed, by [`close`](Self::close), the last sender or the last receiver.
            pub fn is_closed(&self) -> bool {
                self.shared.read(|post| post.closed)
            }

            /// Completes once the mailbox has been closed.
            ///
            /// # Cancel safety
            /// Dropping the future forgets the onlooker.
            pub fn closed(&self) -> $crate::Closed<'_> {
                $crate::Closed::new($crate::wait::Onlooking::new(&self.shared.closing))
            }

            /// Polls whether the mailbox has been closed, for futures that are written by hand. The task that polled this
            /// handle last is woken. O(1); it watches beside whatever else the handle waits for.
            pub fn poll_closed(&mut self, cx: &mut core::task::Context<'_>) -> core::task::Poll<()> {
                let (shared, watch) = self.watch();
                watch.poll(&shared.closing, $crate::wait::Who::Task(cx.waker()))
            }

            /// How many messages are queued, those included that a woken receiver is about to take.
            pub fn len(&self) -> usize {
                self.shared.read(|post| post.queue.len())
            }

            /// Whether no message is queued.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// Whether every slot holds a message, is granted, or is reserved. Always so at capacity 0.
            pub fn is_full(&self) -> bool {
                self.remaining() == 0
            }

            /// How many slots are free: the capacity less messages, grants and permits. `usize::MAX` if unbounded.
            pub fn remaining(&self) -> usize {
                self.shared.read($crate::mailbox::state::Post::remaining)
            }

            /// How many messages it can hold; `None` if unbounded. Unlike in other crates this never changes.
            pub fn capacity(&self) -> Option<usize> {
                (self.shared.capacity != $crate::mailbox::state::UNBOUNDED).then_some(self.shared.capacity)
            }

            /// How many messages are promised to receivers that were woken and have not been polled since. They are queued,
            /// and nobody else gets them: **a future that nobody polls or drops keeps its message back.**
            pub fn claimed(&self) -> usize {
                self.shared.read(|post| post.claims)
            }

            /// How many slots were granted to senders that have not been polled since; at capacity 0, how many receivers
            /// are set aside for reservations. **A future that nobody polls or drops keeps its slot.** Once the mailbox is
            /// closed there are none: what was granted and not used by then is void.
            pub fn granted_slots(&self) -> usize {
                self.shared.read($crate::mailbox::state::Post::granted)
            }

            /// How many slots are held by sinks that said they were ready, for their next message.
            pub fn ready_slots(&self) -> usize {
                self.shared.read(|post| post.ready)
            }

            /// How many slots are held by permits.
            pub fn reserved_slots(&self) -> usize {
                self.shared.read(|post| post.permits)
            }

            /// How many senders there are, owned permits included.
            pub fn sender_count(&self) -> usize {
                self.shared.read(|post| post.sender_count)
            }

            /// How many receivers there are.
            pub fn receiver_count(&self) -> usize {
                self.shared.read(|post| post.receiver_count)
            }

            /// How many wait to send: futures, threads and polled handles.
            pub fn waiting_senders(&self) -> usize {
                self.shared.read(|post| post.senders.waiters())
            }

            /// How many wait to receive: futures, threads and polled handles.
            pub fn waiting_receivers(&self) -> usize {
                self.shared.read(|post| post.receivers.waiters())
            }

            /// Whether both are handles of one mailbox.
            pub fn same_mailbox(&self, other: &Self) -> bool {
                alloc::sync::Arc::ptr_eq(&self.shared, &other.shared)
            }
        }

        // As the mailbox is; and the waiter of a polled handle changes like all others, under the mailbox's lock.
        impl<T> core::panic::UnwindSafe for $Handle<T> {}
        impl<T> core::panic::RefUnwindSafe for $Handle<T> {}

        impl<T> core::fmt::Debug for $Handle<T> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_tuple(stringify!($Handle)).field(&self.shared).finish()
            }
        }
    };
}

pub(super) use mailbox_face;
