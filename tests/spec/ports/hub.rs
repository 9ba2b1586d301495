//! The specification of ports where one thread does everything: which port comes next, and who is woken.
//!
//! - Ports that may have messages stand in an order. A receive takes from the first of the smallest class.
//! - A port whose turn is not over goes back to the front, otherwise behind the others. A turn is eight messages.
//! - A port that those want who wait for it is kept for them, and goes behind the others afterwards.
//! - For each port that comes into the order one receiver that sleeps is told, by a token; who finds that others were
//!   faster sleeps again, behind the others. Tokens are a mailbox without bound. A close tells all of them.

use super::super::mailbox::{Mailbox, Op as Ask, Want};
use super::super::{Answer, Id, Spec};
use super::port::{Port, Stage, Stand};
use super::{Op, Setup, source};

const TURN: usize = 8;

/// For what one waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum For {
    /// To send into this port.
    Room(usize),
    Any {
        handle: bool,
    },
    Source(usize),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hub {
    setup: Setup,
    /// All that ever were: who waits stays with its port.
    pub(super) ports: Vec<Port>,
    /// The ports of the keys.
    pub(super) keys: Vec<Option<usize>>,
    /// Those that are ready.
    order: Vec<usize>,
    pub(super) tokens: Mailbox,
    /// Who sleeps for a token, or has one and did not look.
    pub(super) asleep: usize,
    pub(super) waits: Vec<(Id, For)>,
    closed: bool,
    pub(super) opener: bool,
}

impl From<Setup> for Hub {
    fn from(setup: Setup) -> Self {
        let ports = (0..setup.ports).map(|key| Port::new(key, setup.class(key), setup.capacity)).collect();
        let keys = (0..setup.ports).map(Some).collect();
        Self {
            setup,
            ports,
            keys,
            order: Vec::new(),
            tokens: Mailbox::new(None),
            asleep: 0,
            waits: Vec::new(),
            closed: false,
            opener: setup.opener,
        }
    }
}

/// What the first port has.
enum Found {
    Message(u32),
    Nothing,
    End,
}

impl Hub {
    fn is_over(&self) -> bool {
        let all_gone = self.ports.iter().all(|port| port.stand == Stand::Gone);
        all_gone && (self.closed || !self.opener)
    }

    /// Nothing will come any more: all learn of it.
    pub(super) fn note_end(&mut self) {
        if self.is_over() {
            self.tokens.apply(&Ask::Close);
        }
    }

    /// A port may have messages: for those who wait for it, or in the order.
    pub(super) fn offer(&mut self, at: usize, goes_on: bool) {
        let port = &mut self.ports[at];
        if let Some((_, first)) = port.line.first_mut() {
            port.stand = Stand::Kept;
            if *first == Stage::Looked {
                *first = Stage::Called;
            }
            return;
        }
        port.stand = Stand::Ready;
        if goes_on && port.turn > 0 {
            self.order.insert(0, at);
        } else {
            port.turn = TURN;
            self.order.push(at);
        }
        self.rouse();
    }

    /// Sends a token, if one sleeps without.
    fn rouse(&mut self) -> bool {
        self.asleep > self.tokens.len() && self.tokens.apply(&Ask::TrySend { message: 0 }) == Answer::Ok
    }

    /// Something has happened to a port.
    pub(super) fn announce(&mut self, at: usize) {
        let port = &mut self.ports[at];
        if port.stand == Stand::Idle && (!port.queue.is_empty() || port.is_over()) {
            self.offer(at, false);
        }
    }

    /// A port that was taken is put back.
    fn put_back(&mut self, at: usize, empty: bool, messages: usize, goes_on: bool) {
        if empty {
            self.ports[at].stand = Stand::Idle;
        } else {
            self.ports[at].turn = self.ports[at].turn.saturating_sub(messages);
            self.offer(at, goes_on);
        }
    }

    /// The end of a port was seen.
    fn remove(&mut self, at: usize) {
        let port = &mut self.ports[at];
        port.stand = Stand::Gone;
        port.line.iter_mut().for_each(|(_, stage)| *stage = Stage::Ended);
        port.queue.deafen();
        self.order.retain(|&other| other != at);
        self.keys.iter_mut().filter(|key| **key == Some(at)).for_each(|key| *key = None);
        self.note_end();
    }

    /// The port whose turn it is, taken out of the order.
    fn next(&mut self) -> Option<usize> {
        let class = self.order.iter().map(|&at| self.ports[at].class).min()?;
        let place = self.order.iter().position(|&at| self.ports[at].class == class)?;
        Some(self.order.remove(place))
    }

    fn receive(&mut self) -> Found {
        while let Some(at) = self.next() {
            let crowd = self.asleep > self.tokens.len();
            let port = &mut self.ports[at];
            if let Some(message) = port.pop() {
                // Where others sleep, one is told only if there is more.
                let empty = crowd && port.queue.is_empty() && !port.is_over();
                self.put_back(at, empty, 1, true);
                return Found::Message(message);
            }
            if port.is_over() { self.remove(at) } else { port.stand = Stand::Idle }
        }
        if self.is_over() { Found::End } else { Found::Nothing }
    }

    pub(super) fn try_receive(&mut self) -> Answer {
        match self.receive() {
            Found::Message(message) => Answer::Value(message),
            Found::Nothing => Answer::Refused,
            Found::End => Answer::Closed,
        }
    }

    /// After the first message, whole turns.
    pub(super) fn receive_many(&mut self, limit: usize) -> Answer {
        if limit == 0 {
            return Answer::Values(Vec::new());
        }
        let mut messages = match self.receive() {
            Found::Message(message) => vec![message],
            Found::Nothing => return Answer::Refused,
            Found::End => return Answer::Closed,
        };
        while messages.len() < limit {
            let Some(at) = self.next() else { break };
            let port = &mut self.ports[at];
            let most = port.turn.min(limit - messages.len());
            let taken: Vec<_> = std::iter::from_fn(|| port.pop()).take(most).collect();
            messages.extend(&taken);
            if taken.len() < most && port.is_over() {
                self.remove(at);
            } else {
                self.put_back(at, taken.len() < most, taken.len(), true);
            }
        }
        Answer::Values(messages)
    }

    /// One that waits for any port looks, and sleeps if there is nothing.
    pub(super) fn look(&mut self, id: Id, handle: bool) -> Answer {
        loop {
            match self.receive() {
                Found::Message(message) => return Answer::Value(message),
                Found::End => return Answer::Closed,
                Found::Nothing => {}
            }
            self.asleep += 1;
            if self.tokens.start(id, Want::Receive, handle) == Answer::Pending {
                self.waits.push((id, For::Any { handle }));
                return Answer::Pending;
            }
            // A token that another did not use.
            self.asleep -= 1;
        }
    }

    /// The first who waits for this source looks.
    fn look_for(&mut self, at: usize) -> Found {
        let port = &mut self.ports[at];
        if port.stand == Stand::Gone {
            return Found::End;
        }
        if port.stand == Stand::Idle {
            return Found::Nothing;
        }
        self.order.retain(|&other| other != at);
        if let Some(message) = port.pop() {
            return Found::Message(message);
        }
        if port.is_over() {
            self.remove(at);
            return Found::End;
        }
        port.stand = Stand::Idle;
        Found::Nothing
    }

    /// One that waits for this source is polled, and is the first.
    pub(super) fn seek(&mut self, id: Id, at: usize) -> Answer {
        let found = self.look_for(at);
        let line = &mut self.ports[at].line;
        if matches!(found, Found::Nothing) {
            line[0].1 = Stage::Looked;
            self.waits.push((id, For::Source(at)));
            return Answer::Pending;
        }
        line.retain(|other| other.0 != id);
        match found {
            Found::Message(message) => {
                self.put_back(at, false, 1, false);
                self.ports[at].advance();
                Answer::Value(message)
            }
            _ => Answer::Closed,
        }
    }

    pub(super) fn receive_from(&mut self, id: Id, key: usize) -> Answer {
        let Some(at) = self.keys[key] else { return Answer::Closed };
        let line = &mut self.ports[at].line;
        line.push((id, Stage::InLine));
        if line.len() > 1 {
            self.waits.push((id, For::Source(at)));
            return Answer::Pending;
        }
        self.seek(id, at)
    }

    pub(super) fn try_receive_from(&mut self, key: usize) -> Answer {
        let Some(at) = self.keys[key] else { return Answer::Closed };
        if !self.ports[at].line.is_empty() {
            return Answer::Refused;
        }
        match self.look_for(at) {
            Found::Message(message) => {
                self.put_back(at, false, 1, false);
                Answer::Value(message)
            }
            Found::Nothing => Answer::Refused,
            Found::End => Answer::Closed,
        }
    }

    pub(super) fn send(&mut self, id: Option<Id>, message: u32) -> Answer {
        let at = self.latest(source(message));
        let answer = match id {
            None => self.ports[at].queue.apply(&Ask::TrySend { message }),
            Some(id) => self.ports[at].queue.start(id, Want::Send(message), false),
        };
        if let (Some(id), Answer::Pending) = (id, &answer) {
            self.waits.push((id, For::Room(at)));
        }
        self.announce(at);
        answer
    }

    /// The latest port of this key, be it finished.
    pub(super) fn latest(&self, key: usize) -> usize {
        self.ports.iter().rposition(|port| port.key == key).expect("there was one")
    }

    pub(super) fn open(&mut self, key: usize) -> Answer {
        if self.closed {
            return Answer::Closed;
        }
        let old = self.keys[key];
        if let Some(at) = old {
            let port = &mut self.ports[at];
            if !port.queue.is_closed() {
                return Answer::Refused;
            }
            if !port.is_over() {
                return Answer::Late;
            }
        }
        self.keys[key] = Some(self.ports.len());
        self.ports.push(Port::new(key, self.setup.class(key), self.setup.capacity));
        if let Some(at) = old {
            self.remove(at);
        }
        Answer::Ok
    }

    pub(super) fn close_port(&mut self, at: usize) -> Answer {
        let answer = self.ports[at].queue.apply(&Ask::Close);
        self.announce(at);
        answer
    }

    pub(super) fn close(&mut self) -> Answer {
        let first = !std::mem::replace(&mut self.closed, true);
        for key in 0..self.keys.len() {
            self.keys[key].into_iter().for_each(|at| _ = self.close_port(at));
        }
        // All are woken, since one that was woken before may never come.
        while self.rouse() {}
        self.note_end();
        first.into()
    }
}
