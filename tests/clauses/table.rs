//! Claims that hold for every future, on the lines of each primitive.
//!
//! One macro per claim, so that the name of a failing test names clause, primitive and claim.

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
