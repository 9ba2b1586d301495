//! Claims that hold for every future, on the lines of each primitive.
//!
//! The name of a failing test names clause, primitive and claim.

#![allow(unused_macros, unused_imports)] // another binary takes `on_each` alone

use crate::common::lines::Line;

/// Runs `claim` on each of `lines`, and says on which it failed.
pub(crate) fn on_each(lines: &[fn() -> Line], claim: impl Fn(Line)) {
    for (i, line) in lines.iter().enumerate() {
        let line = line();
        let name = line.name;
        let run = std::panic::AssertUnwindSafe(|| claim(line));
        if let Err(payload) = std::panic::catch_unwind(run) {
            let message = crate::common::message_of(&*payload);
            panic!("line {i} of this primitive ({name}): {message}");
        }
    }
}

/// One module a clause and primitive, named in the first list, and in it one test a claim.
macro_rules! on_each_primitive {
    ([$semaphore:ident $mutex:ident $monitor:ident $mailbox:ident $condvar:ident $oneshot:ident
      $credits:ident $ports:ident $rwlock:ident $latch:ident $barrier:ident] $($claim:ident)*) => {
        on_each_primitive!(@ $semaphore SEMAPHORE $($claim)*);
        on_each_primitive!(@ $mutex MUTEX $($claim)*);
        on_each_primitive!(@ $monitor MONITOR $($claim)*);
        on_each_primitive!(@ $mailbox MAILBOX $($claim)*);
        on_each_primitive!(@ $condvar CONDVAR $($claim)*);
        on_each_primitive!(@ $oneshot ONESHOT $($claim)*);
        on_each_primitive!(@ $credits CREDITS $($claim)*);
        on_each_primitive!(@ $ports PORTS $($claim)*);
        on_each_primitive!(@ $rwlock RWLOCK $($claim)*);
        on_each_primitive!(@ $latch LATCH $($claim)*);
        on_each_primitive!(@ $barrier BARRIER $($claim)*);
    };
    (@ $clause:ident $lines:ident $($claim:ident)*) => {
        mod $clause {
            $(#[test]
            fn $claim() {
                crate::table::on_each(crate::common::lines::$lines, super::$claim);
            })*
        }
    };
}
pub(crate) use on_each_primitive;
