//! The probes of those who wait: A, B, C, E and I, asked at every door.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use super::doors::{Crowd, Door};
use super::task::{Bell, Task};
use super::{Answer, Case, pass_if};

type Question<D> = fn(&D) -> Answer;

/// Everything that can be asked at a door.
pub fn ask<D: Door>(door: D) -> Vec<Case> {
    let crowd = D::CROWD.filter(|_| door.seats() >= 3);
    let questions: [(char, bool, Question<D>); 5] = [
        ('A', door.has_visitors(), reenter_from_wake),
        ('B', door.has_visitors() && D::NEW_WAIT, reenter_from_drop),
        ('C', crowd.is_some(), panic_in_wake),
        ('E', door.has_heirs(), drop_the_woken),
        ('I', D::NEW_WAIT, keep_no_waker),
    ];
    let (name, peer, door) = (door.name(), door.crate_name(), Arc::new(door));
    let asked = questions.into_iter().filter(|(_, applies, _)| *applies);
    asked
        .map(|(probe, _, question)| {
            let door = door.clone();
            Case::new(probe, peer, &name, move || question(&door))
        })
        .collect()
}

/// A: whoever is woken uses the same primitive before its waker returns.
fn reenter_from_wake<D: Door>(door: &D) -> Answer {
    let (place, mut seats) = door.open();
    let bell = Bell::at_wake(door.visitor(&place, &seats[0]));
    let mut task = Task::new(D::wait(&place, &mut seats[0]));
    task.move_to(bell);
    let mut task = task.wait()?;
    D::let_go(&place, 1);
    if !task.run() && task.bell().is_robbed() {
        D::let_go(&place, 1);
    }
    pass_if(task.run(), "does not let the waiter go")
}

/// B: a waker that is replaced uses the same primitive when it is dropped.
fn reenter_from_drop<D: Door>(door: &D) -> Answer {
    let (place, mut seats) = door.open();
    let bell = Bell::at_drop(door.visitor(&place, &seats[0]));
    let mut task = Task::new(D::wait(&place, &mut seats[0]));
    task.move_to(bell);
    let mut task = task.wait()?;
    task.move_to(Bell::default());
    // The visitor may have brought what the task waits for.
    if task.poll() {
        return Ok(None);
    }
    D::let_go(&place, 1);
    pass_if(task.run(), "does not let the waiter go")
}

/// C: one operation lets three go, and the first waker that is called panics.
fn panic_in_wake<D: Door>(door: &D) -> Answer {
    let (place, mut seats) = door.open();
    let victim = Arc::new(OnceLock::new());
    let mut tasks = Vec::new();
    for (n, seat) in seats.iter_mut().take(3).enumerate() {
        let mut task = Task::new(D::wait(&place, seat));
        let victim = victim.clone();
        task.move_to(Bell::at_wake(Box::new(move || match victim.set(n) {
            Ok(()) => panic!("a hostile waker"),
            Err(_) => false,
        })));
        tasks.push(task.wait()?);
    }
    drop(catch_unwind(AssertUnwindSafe(|| D::let_go(&place, 3))));
    let mut victim = tasks.remove(*victim.get().ok_or("wakes nobody")?);
    if D::CROWD == Some(Crowd::InTurn) {
        // It would be the victim's turn, and it gives up.
        victim.leave();
        for task in &mut tasks {
            task.run();
        }
    }
    let asleep = tasks.iter().filter(|task| !task.is_done() && !task.bell().is_rung()).count();
    if asleep > 0 {
        // Some panic when they are dropped now. One by one, because two at a time would abort the process.
        tasks.into_iter().chain([victim]).for_each(|task| drop(catch_unwind(AssertUnwindSafe(|| drop(task)))));
        return Err(format!("leaves {asleep} of 2 others asleep"));
    }
    let stuck = tasks.iter_mut().map(Task::run).filter(|done| !done).count();
    pass_if(stuck == 0, "wakes the others, and does not let them go")
}

/// E: two wait, one is let go and leaves before it has looked. The other must get what that one was given.
fn drop_the_woken<D: Door>(door: &D) -> Answer {
    let (place, mut seats) = door.open();
    let mut tasks = Vec::new();
    for seat in seats.iter_mut().take(2) {
        tasks.push(Task::new(D::wait(&place, seat)).wait()?);
    }
    D::let_go(&place, 1);
    let woken = tasks.iter().position(|task| task.bell().is_rung()).ok_or("wakes nobody")?;
    tasks.remove(woken).leave();
    pass_if(tasks[0].run(), "leaves the next one asleep")
}

/// I: a future that has waited is dropped, and its waker with it.
fn keep_no_waker<D: Door>(door: &D) -> Answer {
    let (place, mut seats) = door.open();
    let mut task = Task::new(D::wait(&place, &mut seats[0])).wait()?;
    task.leave();
    let kept = Arc::strong_count(task.bell()) - 1;
    if kept > 0 { Err(format!("keeps {kept} waker")) } else { Ok(None) }
}
