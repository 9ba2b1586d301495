//! Processes that keep the cores busy while cells run.

use std::hint::black_box;
use std::io::{self, Read};
use std::process::{self, Child, Command, Stdio};
use std::{env, thread};

/// They end when this is dropped. Should this program be killed, they end too: they see the end of their pipes.
pub struct Busy(Vec<Child>);

impl Busy {
    pub fn start(count: usize) -> Self {
        let mut busy = Self(Vec::with_capacity(count));
        for _ in 0..count {
            let child = Command::new(env::current_exe().expect("this program has a path"))
                .arg("busy")
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .spawn()
                .expect("this program can be started");
            busy.0.push(child);
        }
        busy
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // One that has ended already is fine as well.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What such a process does.
pub fn spin() -> ! {
    thread::spawn(|| {
        // Nobody writes: this returns when the other end of the pipe is gone.
        let _ = io::stdin().read_exact(&mut [0]);
        process::exit(0);
    });
    let mut step = 0_u64;
    loop {
        step = black_box(step.wrapping_add(1));
    }
}
