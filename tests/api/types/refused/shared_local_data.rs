//! A mutex of what is not `Send` is not `Sync`.

use sempost::{Monitor, Mutex};
use std::rc::Rc;

sempost::conditions! { enum Any { Change } }

static FINE: Mutex<u32> = Mutex::new(1);
static LOCAL: Mutex<Option<Rc<u32>>> = Mutex::new(None); //~ E0277
static INSIDE: Monitor<Option<Rc<u32>>, Any> = Monitor::new(None); //~ E0277

fn main() {
    let _ = (&FINE, &LOCAL, &INSIDE, Any::Change);
}
