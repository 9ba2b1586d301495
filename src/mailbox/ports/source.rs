//! How a future waits for one source: in the line of its port, and as the first there for a call.

use alloc::sync::Arc;
use core::hash::Hash;
use core::pin::Pin;
use core::task::{Poll, ready};

use pin_project_lite::pin_project;

use super::answers::{Call, Next};
use super::hub::Hub;
use super::port::{Port, award};
use super::searching::Search;
use super::turn::{Polled, Turn};
use crate::Semaphore;
use crate::record::{Origin, Place};
use crate::semaphore::{Acquiring, OwnedPermit};
use crate::wait::{Defer, Poller, Timed};

pin_project! {
    /// A wait for one source.
    pub(crate) struct Source<K, T> {
        // `None` if the key is unknown.
        port: Option<Arc<Port<K, T>>>,
        // Counted as a seeker.
        joined: bool,
        born: Place,
        #[pin]
        line: Option<Acquiring<Arc<Semaphore>>>,
        // The first in line.
        right: Option<OwnedPermit>,
        #[pin]
        call: Option<Acquiring<Arc<Semaphore>>>,
    }
}

/// What a seeker finds in its port.
enum Taking<T> {
    /// A message, and who is to be told.
    Message(T, Call),
    Nothing,
    End,
}

/// Takes a message as the first seeker of a port. If it `waits`, it is called when there may be one.
fn take<K: Eq + Hash, T>(hub: &Hub<K, T>, port: &Port<K, T>, waits: bool) -> Taking<T> {
    loop {
        let sought = hub.ready.board.lock().seek(port.id, waits);
        let mut turn = match sought {
            Next::Port(taken) => Turn::new(&hub.ready, taken),
            Next::Nothing => return Taking::Nothing,
            Next::End => return Taking::End,
        };
        match turn.poll() {
            Polled::Message(message) => return Taking::Message(message, turn.end_as_seeker()),
            Polled::Nothing => {}
            Polled::End => {
                hub.remove(turn.remove());
                return Taking::End;
            }
        }
    }
}

/// Ends the wait of the first in line with a message: tells whom the board named, and lets the next one be the first.
fn hand_out<K, T>(port: &Port<K, T>, message: T, call: Call, right: Option<OwnedPermit>) -> T {
    award(&port.mailbox, message, || {
        // Dropped last, and even if a waker panics.
        let _right = right;
        port.ready.tell(call, &port.calls);
    })
}

/// Takes a message of one source without waiting, unless others wait for it.
pub(super) fn try_take<K: Eq + Hash, T>(hub: &Hub<K, T>, port: &Port<K, T>, origin: Origin<'_>) -> Poll<Option<T>> {
    let Ok(right) = port.line.try_acquire_by(1, Origin::none()) else {
        return if port.line.is_closed() { Poll::Ready(None) } else { Poll::Pending };
    };
    if !hub.ready.board.lock().join(port.id) {
        return Poll::Ready(None);
    }
    let mut joined = Joined(Some(port));
    match take(hub, port, false) {
        Taking::Message(message, call) => {
            joined.0 = None;
            port.mailbox.note_received(true, origin);
            Poll::Ready(Some(hand_out(port, message, call, Some(right))))
        }
        Taking::Nothing => Poll::Pending,
        Taking::End => {
            joined.0 = None;
            Poll::Ready(None)
        }
    }
}

/// Is counted as a seeker until this is dropped.
struct Joined<'a, K, T>(Option<&'a Port<K, T>>);

impl<K, T> Drop for Joined<'_, K, T> {
    fn drop(&mut self) {
        if let Some(port) = self.0 {
            port.leave(true);
        }
    }
}

impl<K, T> Source<K, T> {
    #[cfg_attr(feature = "inspect", track_caller)]
    pub(super) fn new(port: Option<Arc<Port<K, T>>>) -> Self {
        Self { port, joined: false, born: Place::here(), line: None, right: None, call: None }
    }
}

impl<K: Eq + Hash, T> Search<K, T> for Source<K, T> {
    type Found = T;

    fn poll(self: Pin<&mut Self>, hub: &Arc<Hub<K, T>>, poller: Poller<'_>) -> Poll<Option<T>> {
        let mut this = self.project();
        let Some(port) = this.port else { return Poll::Ready(None) };
        if !*this.joined {
            if !hub.ready.board.lock().join(port.id) {
                return Poll::Ready(None);
            }
            *this.joined = true;
            this.line.set(Some(port.line.acquire_at(1, *this.born)));
        }
        if let Some(line) = this.line.as_mut().as_pin_mut() {
            let acquired = ready!(line.poll_timely(poller));
            this.line.set(None);
            // Closed: the port is gone, and the board says so.
            *this.right = acquired.ok();
        }
        loop {
            if let Some(call) = this.call.as_mut().as_pin_mut() {
                if let Ok(call) = ready!(call.poll_timely(poller)) {
                    call.forget();
                }
                this.call.set(None);
            }
            match take(hub, port, true) {
                Taking::Message(message, call) => {
                    port.mailbox.note_received(true, poller.origin(*this.born));
                    *this.joined = false;
                    return Poll::Ready(Some(hand_out(port, message, call, this.right.take())));
                }
                Taking::Nothing => this.call.set(Some(port.calls.acquire_at(1, *this.born))),
                Taking::End => {
                    *this.joined = false;
                    return Poll::Ready(None);
                }
            }
        }
    }

    fn stop(self: Pin<&mut Self>, _: &Hub<K, T>) {
        let this = self.project();
        let (mut line, right, mut call) = (this.line, this.right, this.call);
        let first = right.is_some();
        let joined = core::mem::take(this.joined).then_some(this.port.as_ref()).flatten();
        // Even if a waker panics, it is counted out, and then the line goes on.
        let _next = Defer(|| {
            line.set(None);
            drop(right.take());
        });
        let _left = Defer(|| joined.into_iter().for_each(|port| port.leave(first)));
        call.set(None);
    }

    fn look(self: Pin<&mut Self>, hub: &Hub<K, T>) -> Poll<Option<T>> {
        self.port.as_ref().map_or(Poll::Ready(None), |port| try_take(hub, port, Origin::thread(self.born)))
    }

    fn is_woken(&self) -> bool {
        match (&self.line, &self.call) {
            (Some(line), _) => line.is_woken(),
            (None, Some(call)) => call.is_woken(),
            (None, None) => true,
        }
    }
}
