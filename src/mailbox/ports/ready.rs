//! The board under its lock, and how receivers that sleep are told of it.

use super::answers::Call;
use super::board::Board;
use super::slot::PortId;
use crate::Semaphore;
use crate::lock::Lock;
use crate::mailbox::open;
use crate::mailbox::receiver::Receiver;
use crate::mailbox::sender::Sender;
use crate::mailbox::state::UNBOUNDED;
use crate::record::Kind;

pub(super) struct Ready<H> {
    pub(super) board: Lock<Board<H>>,
    /// Receivers that sleep wait for a token. All of them are told of the end by closing this mailbox.
    pub(super) tokens: Receiver<()>,
    teller: Sender<()>,
}

impl<H> Ready<H> {
    #[cfg_attr(feature = "inspect", track_caller)]
    pub(super) fn new() -> Self {
        let (teller, tokens) = open(Kind::Ports, UNBOUNDED);
        Self { board: Lock::new(Board::new()), tokens, teller }
    }

    /// Wakes whom a decision of the board names. `calls` are those of the port. Called with no lock held.
    #[inline(always)]
    pub(super) fn tell(&self, call: Call, calls: &Semaphore) {
        match call {
            Call::Nobody => {}
            // It fails only after the end, when nobody sleeps.
            Call::Receiver => drop(self.teller.try_send(())),
            Call::Seeker => drop(calls.try_add_permits(1)),
        }
    }

    /// Wakes a receiver that sleeps, if there is one without a token.
    pub(super) fn rouse(&self) -> bool {
        let called = self.board.lock().rouse() == Call::Receiver;
        if called {
            _ = self.teller.try_send(());
        }
        called
    }

    /// A slot for a new port.
    pub(super) fn add(&self, class: u8) -> PortId {
        loop {
            let mut board = self.board.lock();
            if let Some(id) = board.add(class) {
                return id;
            }
            let missing = board.missing();
            drop(board);
            let chunk = Board::chunk(missing);
            let surplus = self.board.lock().stock(chunk);
            drop(surplus);
        }
    }

    /// A receiver that slept is awake: it `got` a token, or it gave up.
    pub(super) fn wake(&self, got: bool) {
        self.board.lock().wake(got);
    }

    /// A change that may be the end.
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut Board<H>) -> R) -> R {
        let mut board = self.board.lock();
        let result = change(&mut board);
        let ended = board.has_ended();
        drop(board);
        if ended {
            self.end();
        }
        result
    }

    /// Nothing will come any more.
    pub(super) fn end(&self) {
        self.teller.close_mailbox();
    }
}
