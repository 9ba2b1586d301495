//! Names for waits: the public futures are thin, and alike to the letter, so one macro writes them.

/// Declares a named future around a wait. Generics stand in brackets: `pub struct Locking[H, T] where [...]`.
macro_rules! named_future {
    (
        $(#[$meta:meta])*
        pub struct $Name:ident[$($gen:tt)*] where [$($bound:tt)*] = $wait:ty => $output:ty, until $timely:ty;
    ) => {
        pin_project_lite::pin_project! {
            $(#[$meta])*
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

            /// Waits on this thread, parked in the same line as the tasks, until the answer is there.
            ///
            /// Never call it inside a task: the thread would not run its other tasks meanwhile, perhaps the one that is
            /// waited for. This is not detected.
            #[cfg(feature = "std")]
            #[inline(always)]
            pub fn wait(self) -> $output {
                $crate::wait::block(
                    core::pin::pin!(self),
                    |wait, who| wait.project().wait.poll_as(who, stringify!($Name)),
                    $crate::Timed::is_woken,
                )
            }

            /// Gives up when `deadline`, which is any future, is ready first: see [`Until`](crate::Until).
            pub fn until<Deadline>(self, deadline: Deadline) -> $crate::Until<Self, Deadline>
            where
                Deadline: core::future::Future,
            {
                $crate::Until::new(self, deadline)
            }

            /// Like [`wait`](Self::wait), but gives up after `timeout`: see [`Until`](crate::Until). A timeout that is too
            /// large for the clock waits forever.
            #[cfg(feature = "std")]
            pub fn wait_timeout(self, timeout: core::time::Duration) -> $timely {
                $crate::wait::block_timeout(self, timeout)
            }
        }

        impl<$($gen)*> $crate::Timed for $Name<$($gen)*> where $($bound)* {
            type Timely = $timely;

            #[inline(always)]
            fn poll_timely(self: core::pin::Pin<&mut Self>, who: $crate::wait::Who<'_>) -> core::task::Poll<$timely> {
                $crate::wait::Late::poll_timely(self.project().wait, who)
            }

            fn poll_late(self: core::pin::Pin<&mut Self>, who: $crate::wait::Who<'_>) -> core::task::Poll<$timely> {
                $crate::wait::Late::poll_late(self.project().wait, who)
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
                self.project().wait.poll_as($crate::wait::Who::Task(cx.waker()), stringify!($Name))
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
