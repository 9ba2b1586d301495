//! A message that was received, with the credits that it holds.

use core::fmt;
use core::ops::{Deref, DerefMut};

use crate::semaphore::OwnedPermit;
use crate::wait::DropGuarded;

/// A message, and the credits that it holds until the lease ends. Made by
/// [`CreditReceiver::recv`](super::CreditReceiver::recv) and its siblings.
///
/// The credits come back when the lease is dropped: by a worker that is done, that panics, or whose task is cancelled.
/// The message is dropped first, then the credits come back. [`into_inner`](Self::into_inner) gives them back at once
/// and keeps the message. A lease borrows nothing: it may move to another task or thread, and outlive all handles.
///
/// Changing the message through `DerefMut` does not change how many credits it holds.
///
/// **A lease that is forgotten (`mem::forget`) keeps its credits forever.** If all credits are lost in that way, no
/// message can be sent any more.
///
/// # Examples
/// ```
/// use sempost::mailbox;
///
/// let (sender, receiver) = mailbox::credits(10, Vec::<u8>::len);
/// sender.try_send(vec![0; 8]).unwrap();
/// let lease = receiver.try_recv().unwrap();
/// assert_eq!((lease.len(), lease.weight(), sender.available_credits()), (8, 8, 2));
/// drop(lease); // the message was processed
/// assert_eq!(sender.available_credits(), 10);
/// ```
#[must_use = "a lease that is dropped at once loses its message"]
pub struct Lease<T> {
    // The message is dropped before its credits come back.
    value: T,
    credits: OwnedPermit,
}

impl<T> Lease<T> {
    #[inline(always)]
    pub(super) fn new(value: T, credits: OwnedPermit) -> Self {
        credits.travel();
        Self { value, credits }
    }

    /// Takes it apart. The credits come back when the permit is dropped.
    pub(super) fn into_parts(self) -> (T, OwnedPermit) {
        (self.value, self.credits)
    }

    /// Returns how many credits it holds: the message's weight when it was sent (at least 1, at most the limit). After
    /// [`split`](Self::split), its part of that, which may be 0.
    pub fn weight(&self) -> usize {
        self.credits.num_permits()
    }

    /// Gives the credits back at once, and returns the message.
    ///
    /// If a waker of a sender panics as the credits come back, the message is dropped.
    ///
    /// In the textbook's flow control this is `send(Producer, &empty)` *before* `Consume(item)`.
    ///
    /// # Examples
    /// ```
    /// let (sender, receiver) = sempost::mailbox::credits(1, |_: &&str| 1);
    /// sender.try_send("one").unwrap();
    /// let item = receiver.try_recv().unwrap().into_inner();
    /// sender.try_send("two").unwrap();
    /// assert_eq!(item, "one");
    /// ```
    pub fn into_inner(self) -> T {
        // The senders that are woken are foreign. If one panics, the message is dropped.
        let mut value = DropGuarded::new(Some(self.value));
        drop(self.credits);
        value.take().expect("it was put there above")
    }

    /// Takes the message out. Its credits stay in the second part, until that is dropped.
    ///
    /// It is for work that needs the message by value. **`let (message, _) = lease.take()` gives the credits back at
    /// once**: name the second part.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// # async fn upload(bytes: Vec<u8>) { drop(bytes) }
    /// let (sender, receiver) = sempost::mailbox::credits(10, Vec::<u8>::len);
    /// sender.send(vec![0; 8]).await.unwrap();
    /// let (bytes, credits) = receiver.recv().await.unwrap().take();
    /// upload(bytes).await; // meanwhile they count as work
    /// assert_eq!((credits.weight(), sender.available_credits()), (8, 2));
    /// drop(credits);
    /// assert_eq!(sender.available_credits(), 10);
    /// # });
    /// ```
    pub fn take(self) -> (T, Lease<()>) {
        let (value, credits) = self.into_parts();
        (value, Lease::new((), credits))
    }

    /// Turns the message into another one. The credits stay with it.
    ///
    /// If `f` panics, the credits come back.
    ///
    /// # Examples
    /// ```
    /// let (sender, receiver) = sempost::mailbox::credits(10, String::len);
    /// sender.try_send("12".to_owned()).unwrap();
    /// let parsed = receiver.try_recv().unwrap().map(|text| text.parse::<u32>().unwrap());
    /// assert_eq!((*parsed, parsed.weight()), (12, 2));
    /// ```
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Lease<U> {
        let (value, credits) = self.into_parts();
        Lease::new(f(value), credits)
    }

    /// Splits the message in two, for two workers. The second part gets `n` of the credits, the first part the rest.
    /// `n` may be 0, or all.
    ///
    /// Each part gives its own credits back. If `f` panics, all of them come back.
    ///
    /// # Errors
    /// Returns the lease unchanged if it has fewer than `n` credits. Then `f` is not called. The error is the lease, so
    /// `?` does not convert it.
    ///
    /// # Examples
    /// ```
    /// let (sender, receiver) = sempost::mailbox::credits(10, Vec::<u8>::len);
    /// sender.try_send(vec![1, 2, 3]).unwrap();
    /// let lease = receiver.try_recv().unwrap();
    /// let (head, tail) = lease.split(2, |mut bytes| { let tail = bytes.split_off(1); (bytes, tail) }).unwrap();
    /// assert_eq!((&*head, head.weight()), (&vec![1], 1));
    /// assert_eq!((&*tail, tail.weight()), (&vec![2, 3], 2));
    /// drop(tail);
    /// assert_eq!(sender.available_credits(), 9);
    /// ```
    pub fn split<A, B>(mut self, n: usize, f: impl FnOnce(T) -> (A, B)) -> Result<(Lease<A>, Lease<B>), Self> {
        let Some(split) = self.credits.split(n) else { return Err(self) };
        let (value, rest) = self.into_parts();
        let (first, second) = f(value);
        Ok((Lease::new(first, rest), Lease::new(second, split)))
    }
}

impl<T> Deref for Lease<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Lease<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Lease<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("value", &self.value).field("weight", &self.weight()).finish()
    }
}
