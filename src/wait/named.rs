//! Named futures. They are thin and all alike, so one macro writes them.

/// Declares a named future. Generics are in brackets: `pub struct Locking[H, T] where [...]`.
///
/// For a [`Wait`](super::waiting::Wait) it takes three expressions: what the future makes of its place, its payload and
/// the output; what `until` makes of that; and what it returns when the deadline came first. Any other wait defines
/// these itself.
macro_rules! named_future {
    (
        $(#[$meta:meta])*
        pub struct $Name:ident[$($gen:tt)*] where [$($bound:tt)*] = $wait:ty
            => $output:ty: $conclude:expr,
            until $timely:ty: $in_time:expr,
            elapsed: $elapsed:expr;
    ) => {
        $crate::wait::named_future! {
            @declare $(#[$meta])* $Name [$($gen)*] [$($bound)*] [$wait] [$output] [$timely]
            |wait, poller, name| wait.poll_as(poller, name, $conclude);
            |timely, poller| timely.poll_as(poller, $crate::wait::NAME, $conclude).map($in_time);
            |late, poller| late.poll_late(poller, $conclude, $in_time, $elapsed);
        }
    };
    (
        $(#[$meta:meta])*
        pub struct $Name:ident[$($gen:tt)*] where [$($bound:tt)*] = $wait:ty => $output:ty, until $timely:ty;
    ) => {
        $crate::wait::named_future! {
            @declare $(#[$meta])* $Name [$($gen)*] [$($bound)*] [$wait] [$output] [$timely]
            |wait, poller, name| wait.poll_as(poller, name);
            |timely, poller| timely.poll_timely(poller);
            |late, poller| late.poll_late(poller);
        }
    };
    (
        @declare $(#[$meta:meta])* $Name:ident [$($gen:tt)*] [$($bound:tt)*] [$wait:ty] [$output:ty] [$timely:ty]
        |$this:ident, $poller:ident, $as_name:ident| $poll:expr;
        |$timely_wait:ident, $timely_poller:ident| $poll_timely:expr;
        |$late_wait:ident, $late_poller:ident| $poll_late:expr;
    ) => {
        pin_project_lite::pin_project! {
            $(#[$meta])*
            ///
            /// # Panics
            /// If it is polled after its end, which `is_terminated` tells, and where the method that made it says so.
            #[must_use = "futures do nothing unless polled: add `.await`, or `.wait()` on a thread"]
            pub struct $Name<$($gen)*> where $($bound)* {
                #[pin]
                wait: $wait,
            }
        }

        impl<$($gen)*> $Name<$($gen)*> where $($bound)* {
            #[inline(always)]
            pub(crate) fn new(wait: $wait) -> Self {
                Self { wait }
            }

            #[inline(always)]
            fn poll_as(
                self: core::pin::Pin<&mut Self>,
                $poller: $crate::wait::Poller<'_>,
            ) -> core::task::Poll<$output> {
                let ($this, $as_name) = (self.project().wait, stringify!($Name));
                $poll
            }

            /// Waits on this thread, parked in the same queue as the tasks, until the result is there.
            ///
            /// Never call it inside a task. Meanwhile the thread runs no other task, and it may be waiting for one of
            /// them. This is not detected.
            #[cfg(feature = "std")]
            #[inline(always)]
            pub fn wait(self) -> $output {
                $crate::wait::block(core::pin::pin!(self), |wait, poller| wait.poll_as(poller), $crate::Timed::is_woken)
            }

            /// Gives up when `deadline`, which is any future, is ready first: see [`Until`](crate::Until).
            #[doc(alias("timeout", "deadline", "send_timeout", "recv_timeout"))]
            pub fn until<Deadline>(self, deadline: Deadline) -> $crate::Until<Self, Deadline>
            where
                Deadline: core::future::Future,
            {
                $crate::Until::new(self, deadline)
            }

            /// Like [`wait`](Self::wait), but gives up after `timeout`: see [`Until`](crate::Until).
            ///
            /// Never call it inside a task: there write `.until(sleep).await`. A timeout too large for `Instant` waits
            /// forever.
            #[doc(alias("recv_timeout", "send_timeout", "wait_timeout_while"))]
            #[cfg(feature = "std")]
            pub fn wait_timeout(self, timeout: core::time::Duration) -> $timely {
                $crate::wait::block_timeout(self, timeout)
            }
        }

        impl<$($gen)*> $crate::Timed for $Name<$($gen)*> where $($bound)* {
            type Timely = $timely;

            #[inline(always)]
            fn poll_timely(
                self: core::pin::Pin<&mut Self>,
                $timely_poller: $crate::wait::Poller<'_>,
            ) -> core::task::Poll<$timely> {
                let $timely_wait = self.project().wait;
                $poll_timely
            }

            fn poll_late(
                self: core::pin::Pin<&mut Self>,
                $late_poller: $crate::wait::Poller<'_>,
            ) -> core::task::Poll<$timely> {
                let $late_wait = self.project().wait;
                $poll_late
            }

            fn is_woken(&self) -> bool {
                self.wait.is_woken()
            }
        }

        impl<$($gen)*> core::future::Future for $Name<$($gen)*> where $($bound)* {
            type Output = $output;

            #[inline(always)]
            fn poll(
                self: core::pin::Pin<&mut Self>,
                cx: &mut core::task::Context<'_>,
            ) -> core::task::Poll<Self::Output> {
                self.poll_as($crate::wait::Poller::Task(cx.waker()))
            }
        }

        impl<$($gen)*> futures_core::FusedFuture for $Name<$($gen)*> where $($bound)* {
            fn is_terminated(&self) -> bool {
                self.wait.is_done()
            }
        }

        impl<$($gen)*> core::fmt::Debug for $Name<$($gen)*> where $($bound)* {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_tuple(stringify!($Name)).field(&self.wait).finish()
            }
        }
    };
}

pub(crate) use named_future;
