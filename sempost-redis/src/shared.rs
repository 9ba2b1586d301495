//! What the handles of a mailbox share: its keys, limits, scripts, and how to connect.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use redis::Cmd;

use crate::connect::{Connect, Link, Script};

/// The consumer group. There is one for each mailbox.
pub(crate) const GROUP: &str = "sempost";

macro_rules! scripts {
    ($($name:ident $($file:literal)*;)*) => { $(
        pub(crate) static $name: Script = Script {
            code: concat!(include_str!("scripts/common.lua"), $(include_str!($file)),*),
            hash: OnceLock::new(),
        };
    )* };
}

scripts! {
    SEND "scripts/send.lua";
    RECEIVE "scripts/settling.lua" "scripts/receive.lua";
    SETTLE "scripts/settling.lua" "scripts/settle.lua";
    GIVE_BACK "scripts/settling.lua" "scripts/give_back.lua";
    CLOSE "scripts/close.lua";
    STATS "scripts/stats.lua";
    DEAD_LETTERS "scripts/dead_letters.lua";
    DELETE_DEAD_LETTER "scripts/delete_dead_letter.lua";
}

/// The keys of a mailbox. Braces make Redis Cluster keep all of them on one node.
pub(crate) struct Keys {
    pub(crate) main: String,
    pub(crate) bell: String,
    pub(crate) closed: String,
    pub(crate) dead: String,
    pub(crate) room: String,
    pub(crate) full: String,
}

impl Keys {
    pub(crate) fn new(name: &str) -> Self {
        let main = format!("sempost:{{{name}}}");
        let key = |end| format!("{main}:{end}");
        Keys { bell: key("bell"), closed: key("closed"), dead: key("dead"), room: key("room"), full: key("full"), main }
    }

    pub(crate) fn all(&self) -> [&str; 6] {
        [&self.main, &self.bell, &self.closed, &self.dead, &self.room, &self.full]
    }

    /// The key of what a sender has stored.
    pub(crate) fn sender(&self, id: &str) -> String {
        format!("{}:sender:{id}", self.main)
    }
}

/// The same for all handles of one `open`.
pub(crate) struct Shared {
    pub(crate) keys: Keys,
    pub(crate) capacity: u64,
    pub(crate) lease: Duration,
    pub(crate) batch: usize,
    pub(crate) max_attempts: u32,
    pub(crate) patience: Duration,
    pub(crate) connect: Arc<dyn Connect>,
}

impl Shared {
    pub(crate) fn link(&self) -> Link {
        Link::new(self.connect.clone())
    }

    /// The keys as the scripts expect them, and the first argument.
    pub(crate) fn begin(&self, command: &mut Cmd) {
        command.arg(6).arg(&self.keys.all()).arg(GROUP);
    }

    /// The same, for the script that receives.
    pub(crate) fn begin_looks(&self, command: &mut Cmd) {
        self.begin(command);
        command.arg(self.lease_ms()).arg(self.max_attempts);
    }

    fn lease_ms(&self) -> u64 {
        self.lease.as_millis() as u64
    }
}
