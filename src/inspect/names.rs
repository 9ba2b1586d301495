//! What can be given a name.

use alloc::sync::Arc;

use crate::mailbox::credits::{CreditReceiver, CreditSender};
use crate::mailbox::ports::PortReceiver;
use crate::mailbox::{Receiver, Sender};
use crate::record::Tag;
use crate::wait::Primitive;
use crate::{Barrier, Conditions, Condvar, Latch, Monitor, Mutex, RwLock, Semaphore, oneshot};

/// What [`name`](super::name) can give a name: all primitives, and the handles of mailboxes. Not to be implemented
/// elsewhere.
pub trait Inspect {
    #[doc(hidden)]
    fn tag(&self) -> &Tag;
}

/// `kind [generics] = where the lock is`.
macro_rules! inspect {
    ($([$($generics:tt)*] $Type:ty = |$this:ident| $tag:expr;)*) => {$(
        impl<$($generics)*> Inspect for $Type {
            fn tag(&self) -> &Tag {
                let $this = self;
                $tag
            }
        }
    )*};
}

inspect! {
    [] Semaphore = |this| this.lock().tag();
    [] Latch = |this| this.lock().tag();
    [] Barrier = |this| this.lock().tag();
    [] Condvar = |this| this.tag();
    [T: ?Sized] Mutex<T> = |this| Primitive::lock(this).tag();
    [T: ?Sized, C: Conditions] Monitor<T, C> = |this| this.lock().tag();
    [T: ?Sized] RwLock<T> = |this| this.tag();
    [T] Sender<T> = |this| this.shared().lock().tag();
    [T] Receiver<T> = |this| this.shared().lock().tag();
    [T] CreditSender<T> = |this| this.tag();
    [T] CreditReceiver<T> = |this| this.tag();
    [K, T] PortReceiver<K, T> = |this| this.tag();
    [T] oneshot::Sender<T> = |this| this.tag();
    [T] oneshot::Receiver<T> = |this| this.tag();
    [I: Inspect + ?Sized] Arc<I> = |this| (**this).tag();
}
