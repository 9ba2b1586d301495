//! Examples that promise something about a load, as tests: the same code, and what it asserts.

#![cfg(all(feature = "std", not(miri)))]

#[allow(unreachable_pub, reason = "all tests share it")]
#[path = "common/watchdog.rs"]
mod watchdog;

#[allow(dead_code, reason = "its `main` prints")]
#[path = "../examples/crawler/main.rs"]
mod crawler;

#[allow(dead_code, reason = "its `main` prints")]
#[path = "../examples/gateway.rs"]
mod gateway;

#[allow(dead_code, reason = "its `main` prints")]
#[path = "../examples/philosophers.rs"]
mod philosophers;

#[allow(dead_code, reason = "its `main` prints")]
#[path = "../examples/readers_writers.rs"]
mod readers_writers;

#[allow(dead_code, reason = "its `main` prints")]
#[path = "../examples/sleeping_barber.rs"]
mod sleeping_barber;

use std::path::Path;
use std::sync::Arc;

use crawler::memory::Memory;
use watchdog::watched;

fn no_state() -> String {
    "it has no state to show".to_owned()
}

/// Kills: a port that has turn after turn while others have messages, and control that waits behind queued data.
#[test]
fn a_flood_gets_its_fair_share_and_control_overtakes_data() {
    watched(no_state, gateway::run).check();
}

/// Kills: a writer that starves among readers, a reader beside a writer, and a downgrade with a gap.
#[test]
fn readers_and_writers_on_three_runtimes_come_to_an_end() {
    assert_eq!(watched(no_state, readers_writers::run).len(), 15);
}

/// Kills: a leave that asks no predicate, one that lets in two for the same change, and a wait that is over too soon.
#[test]
fn philosophers_on_three_runtimes_eat_and_none_starves() {
    assert_eq!(watched(no_state, philosophers::run).len(), 5);
}

/// Kills: a change that is lost between the question and the wait, and a predicate that is asked for the wrong waiter.
#[test]
fn a_barber_serves_customers_of_three_runtimes_one_at_a_time() {
    let customers = watched(no_state, sleeping_barber::run);
    let visits: usize = customers.iter().map(|(_, visits)| visits.served + visits.turned_away).sum();
    assert_eq!((customers.len(), visits), (12, 12 * 30));
}

/// Kills: credits that come back before the message is gone, or a heavy message beside others.
#[test]
fn pages_in_memory_stay_within_the_budget_or_are_one_page() {
    let web = crawler::Web { pages: 150 };
    for budget in [1, 20_000, 1_000_000, 30_000_000] {
        let memory = Arc::new(Memory::new());
        let parsed = watched(no_state, || crawler::crawl(web, budget, &memory));
        assert_eq!(parsed, 150, "budget {budget}: all pages are found");
        let history = memory.history();
        for moment in &history {
            assert!(moment.bytes <= budget || moment.pages == 1, "budget {budget}: {moment:?}");
        }
        assert_eq!(history.last().map(|last| (last.bytes, last.pages)), Some((0, 0)));
        let room_for_two = budget >= 2 * web.largest();
        assert!(!room_for_two || history.iter().any(|moment| moment.pages > 1), "it never fetched two at once");
    }
}

#[test]
fn the_crawler_draws_what_it_held() {
    let (memory, path) = (Arc::new(Memory::new()), Path::new(env!("CARGO_TARGET_TMPDIR")).join("crawler.svg"));
    drop([memory.buffer(1000), memory.buffer(3000)]);
    crawler::plot::draw(&path, &memory.history(), 5000).unwrap();
    let svg = std::fs::read_to_string(&path).unwrap();
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{svg}");
}
