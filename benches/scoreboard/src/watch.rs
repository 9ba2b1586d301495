//! Starts a process for a cell or a probe, listens, and ends it when it falls silent.

use std::env;
use std::fmt::{self, Display};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::executors;
use crate::measure::Note;

/// How a process ended before its time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Fate {
    Hung,
    Crashed,
}

impl Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hung => "hung",
            Self::Crashed => "crashed",
        })
    }
}

/// Runs this program with `arguments`. Every note must come within `patience` of the one before.
/// What it writes to standard error goes to `errors`.
pub fn attend(arguments: &[String], patience: Duration, errors: Stdio, mut hear: impl FnMut(Note)) -> Result<(), Fate> {
    let mut child = Command::new(env::current_exe().expect("this program has a path"))
        .args(arguments)
        .envs(executors::limit_pools())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(errors)
        .spawn()
        .expect("this program can be started");
    let output = BufReader::new(child.stdout.take().expect("it is piped"));

    let (sender, notes) = mpsc::channel();
    thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            let Ok(note) = serde_json::from_str(&line) else { continue };
            if sender.send(note).is_err() {
                break;
            }
        }
    });

    loop {
        match notes.recv_timeout(patience) {
            Ok(note) => hear(note),
            Err(RecvTimeoutError::Timeout) => {
                child.kill().expect("it is ours");
                child.wait().expect("it has been started");
                return Err(Fate::Hung);
            }
            Err(RecvTimeoutError::Disconnected) => {
                let status = child.wait().expect("it has been started");
                return if status.success() { Ok(()) } else { Err(Fate::Crashed) };
            }
        }
    }
}
