//! Which port comes next.

use core::fmt;

/// The most messages that one turn of a port has.
///
/// With one, senders and receiver go in lockstep, a switch for each message.
pub(super) const TURN: u32 = 8;

/// The order in which [`PortReceiver::recv`](super::PortReceiver::recv) takes from ports that have messages.
///
/// Within one source the order is always that of sending.
pub struct Order<K>(Option<fn(&K) -> u8>);

impl<K> Order<K> {
    /// All ports take turns: at most 8 messages, then the next port that has some.
    #[must_use]
    pub fn fair() -> Self {
        Self(None)
    }

    /// Ports of a smaller class go first: control before data. Within a class they take turns, as in
    /// [`fair`](Self::fair). **A class that always has messages starves those behind it.**
    ///
    /// `class` is called once for each port, when it is opened, with no lock held. If it panics, nothing was opened. It
    /// captures nothing: what decides the class belongs into the key, as in `(u8, Id)`.
    ///
    /// # Examples
    /// ```
    /// use sempost::mailbox::{self, ports::Order};
    ///
    /// # futures::executor::block_on(async {
    /// let (ports, receiver) = mailbox::ports(Order::classes(|key: &&str| if *key == "control" { 0 } else { 1 }));
    /// let data = ports.open("data", 8).unwrap();
    /// let control = ports.open("control", 8).unwrap();
    /// data.send(1).await.unwrap();
    /// control.send(2).await.unwrap();
    /// assert_eq!(receiver.recv().await, Some(("control", 2)));
    /// assert_eq!(receiver.recv().await, Some(("data", 1)));
    /// # });
    /// ```
    #[must_use]
    pub fn classes(class: fn(&K) -> u8) -> Self {
        Self(Some(class))
    }

    pub(super) fn class(&self, key: &K) -> u8 {
        self.0.map_or(0, |class| class(key))
    }
}

impl<K> Clone for Order<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Order<K> {}

/// [`fair`](Order::fair).
impl<K> Default for Order<K> {
    fn default() -> Self {
        Self::fair()
    }
}

impl<K> fmt::Debug for Order<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Classes" } else { "Fair" })
    }
}
