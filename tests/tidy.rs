//! The house rules, read off the source: layers, sizes, `unsafe`, orderings, names, and that no
//! clause of the contract is without a test.

#[path = "common/graph.rs"]
mod graph;
#[path = "common/source.rs"]
mod source;

use graph::uses;
use source::{File, comment_above, files_under, has_tag, words};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

#[path = "tidy/clauses.rs"]
mod clauses;

/// From the bottom up. Imports go downward only; the primitives on top are blind to each other.
const LAYERS: [(&str, u8); 15] = [
    ("primitive", 0),
    ("lock", 1),
    ("record", 1),
    ("wait", 2),
    ("queue", 2),
    ("mutex", 3),
    ("semaphore", 3),
    ("monitor", 4),
    ("condvar", 4),
    ("mailbox", 4),
    ("oneshot", 4),
    ("rwlock", 4),
    ("latch", 4),
    ("barrier", 4),
    ("inspect", 5),
];

fn rank(layer: &str) -> Option<u8> {
    LAYERS.iter().find(|(name, _)| *name == layer).map(|(_, rank)| *rank)
}

/// Fails with all findings at once.
#[track_caller]
fn expect_none(rule: &str, findings: Vec<String>) {
    assert!(findings.is_empty(), "{rule}:\n  {}", findings.join("\n  "));
}

#[test]
fn imports_go_downward_only() {
    let mut findings = Vec::new();
    for (module, used) in uses() {
        let layer = module.split("::").next().unwrap();
        let Some(own) = rank(layer) else { continue };
        for target in used {
            let Some(rank) = rank(target.split("::").next().unwrap()) else { continue };
            let blind = rank == 4 && own == 4 && !target.starts_with(layer);
            if rank > own || blind {
                findings.push(format!("{module} sees {target}"));
            }
        }
    }
    expect_none("a layer sees only what is below it", findings);
}

/// Kills: two files that can only be read together. A `mod.rs` is the face of its folder, and what stands in it is used
/// by nobody below it.
#[test]
fn no_files_use_each_other_in_a_circle() {
    let uses = uses();
    assert!(uses["wait::list"].contains("wait::node"), "nothing is seen: {uses:?}");
    let reaches = |from: &String| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(module) = next.pop() {
            next.extend(uses.get(&module).into_iter().flatten().filter(|used| seen.insert((*used).clone())).cloned());
        }
        seen
    };
    let reached: BTreeMap<_, _> = uses.keys().map(|module| (module, reaches(module))).collect();
    let mut findings = Vec::new();
    for (module, used) in &uses {
        for other in used {
            if reached[other].contains(module) {
                findings.push(format!("{module} uses {other}, which leads back"));
            }
        }
    }
    expect_none("no circles between files", findings);
}

/// Kills: a picture of the layers that does not tell the truth.
#[test]
fn the_page_that_explains_waiting_shows_the_layers() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/wait/mod.rs")).unwrap();
    let mut shown = BTreeSet::new();
    for line in page.lines().filter_map(|line| line.strip_prefix("//!  L")) {
        let (rank, names) = line.split_at(1);
        let names = names.split('(').next().unwrap();
        shown.extend(words(names).map(|name| (name.to_owned(), rank.parse::<u8>().unwrap())));
    }
    let layers: BTreeSet<_> = LAYERS.iter().map(|(name, rank)| ((*name).to_owned(), *rank)).collect();
    assert_eq!(shown, layers);
}

#[test]
fn every_file_belongs_to_a_layer() {
    let stray = files_under("src").into_iter().filter(|file| file.layer().is_none());
    // The one is the face of all layers, the other holds no code.
    let outside = ["src/lib.rs", "src/coming_from/mod.rs"];
    let stray: Vec<_> = stray.map(|f| f.name()).filter(|name| !outside.contains(&name.as_str())).collect();
    expect_none("only these stand outside the layers", stray);
}

#[test]
fn no_file_is_longer_than_400_lines() {
    let long = ["src", "tests"].into_iter().flat_map(files_under).filter(|file| file.lines.len() > 400);
    expect_none("at most 400 lines", long.map(|f| f.name()).collect());
}

#[test]
fn no_line_is_longer_than_120_columns() {
    let mut findings = Vec::new();
    for file in ["src", "tests", "benches", "examples"].into_iter().flat_map(files_under) {
        // Rows of the tables that a test reads cannot be wrapped.
        let row = |line: &str| line.starts_with("//! |") && file.path.starts_with("tests");
        let long = |line: &str| line.chars().count() > 120 && !row(line);
        for (i, line) in file.lines.iter().enumerate().filter(|(_, line)| long(line)) {
            findings.push(format!("{}:{}: {} columns", file.name(), i + 1, line.chars().count()));
        }
    }
    expect_none("at most 120 columns", findings);
}

/// The lines of a file on which an unsafe item begins, and what is said above it and on it.
fn unsafe_items(file: &File) -> Vec<(usize, &str, String)> {
    let begins =
        |code: &str| ["unsafe {", "unsafe impl", "unsafe fn", "unsafe trait"].iter().any(|item| code.contains(item));
    let items = file.code().filter(|(_, code)| begins(code));
    let near = |number: usize| {
        let comment = comment_above(&file.lines, statement_start(&file.lines, number - 1));
        format!("{comment} {}", file.lines[number - 1])
    };
    items.map(|(number, code)| (number, code, near(number))).collect()
}

#[test]
fn every_unsafe_item_is_noted_and_they_are_few_in_ten_files() {
    let (mut findings, mut items, mut files) = (Vec::new(), 0, 0);
    for file in files_under("src") {
        let found = unsafe_items(&file);
        files += usize::from(!found.is_empty());
        items += found.len();
        for (number, code, near) in found {
            // An `unsafe fn` states what it asks for; its callers cite.
            let cites = near.contains("// SAFETY:") && has_tag(&near);
            let asks = code.contains("unsafe fn") && near.contains("# Safety");
            if !cites && !asks {
                findings.push(format!("{}:{number}", file.name()));
            }
        }
    }
    println!("H22 unsafe: items={items} noted={} files={files}", items - findings.len());
    expect_none(
        "`// SAFETY:` with a tag like (W1) stands above each unsafe block, `# Safety` above each function",
        findings,
    );
    assert!((1..=90).contains(&items) && files <= 10, "{items} unsafe items in {files} files");
}

/// The first line of the statement that line `i` is part of, or `i` if a comment stands above it.
fn statement_start(lines: &[String], i: usize) -> usize {
    let mut start = i;
    while start > 0 {
        let above = lines[start - 1].trim();
        let ends = [';', '{', '}', ','].iter().any(|end| above.ends_with(*end));
        if above.is_empty() || above.starts_with("//") || above.starts_with("#[") || ends {
            break;
        }
        start -= 1;
    }
    start
}

#[test]
fn every_cited_invariant_is_stated() {
    let sources = files_under("src");
    let all: Vec<_> = sources.iter().flat_map(|file| &file.lines).map(|l| l.trim()).collect();
    let mut missing = BTreeSet::new();
    for line in all.iter().filter(|line| line.contains("// SAFETY:")) {
        for tag in line.split('(').skip(1).filter_map(|rest| rest.split(')').next()) {
            let tag = format!("({tag})");
            let stated = |l: &&str| l.starts_with("//! ") && l.contains(&format!("- {tag} "));
            if has_tag(&tag) && !all.iter().any(stated) {
                missing.insert(tag);
            }
        }
    }
    expect_none("each tag is numbered in a module header", missing.into_iter().collect());
}

#[test]
fn event_listener_stays_out_of_public_signatures() {
    let mut findings = Vec::new();
    for file in files_under("src") {
        let mut signature = None;
        for (number, code) in file.code() {
            let code = code.trim();
            if code.starts_with("pub ") {
                signature = Some(String::new());
            }
            let Some(text) = &mut signature else { continue };
            text.push_str(code);
            if code.ends_with(['{', ';', '}', ',']) {
                let foreign = ["event_listener", "EventListener", "Event"];
                if words(text).any(|word| foreign.contains(&word)) {
                    findings.push(format!("{}:{number}: {text}", file.name()));
                }
                signature = None;
            }
        }
    }
    expect_none("no type of event-listener is public", findings);
}

/// Panics whose place is no caller's: where, and why.
const PANICS_OF_FUTURES: [(&str, &str); 5] = [
    ("src/condvar", "a future panics that is polled with another mutex than others wait with"),
    ("src/monitor/entering_when.rs", "a future panics whose predicate does"),
    ("src/monitor/waiting_for.rs", "a future panics whose predicate does"),
    ("src/oneshot/receiver.rs", "a future panics that is polled after its result"),
    ("src/oneshot/late.rs", "a future panics that is polled after its result"),
];

#[test]
fn a_panic_about_arguments_names_the_line_of_the_caller() {
    let table = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/places.rs")).unwrap();
    let (mut findings, mut excused) = (Vec::new(), BTreeSet::new());
    for file in files_under("src") {
        for (number, code) in file.code() {
            // What others can call: `pub`, or of a trait. Who calls `pub(crate)` functions is in this crate.
            let code = code.trim_start();
            let header = ["pub fn ", "pub const fn ", "fn "].iter().find_map(|head| code.strip_prefix(head));
            let Some(name) = header.and_then(|rest| words(rest).next()) else { continue };
            let above = comment_above(&file.lines, number - 1);
            if !above.contains("/// # Panics") {
                continue;
            }
            if let Some((place, _)) = PANICS_OF_FUTURES.iter().find(|(place, _)| file.path.starts_with(place)) {
                excused.insert(place);
                continue;
            }
            if !above.contains("track_caller") {
                findings.push(format!("{}:{number}: `{name}` has no `#[track_caller]`", file.name()));
            }
            // The hook of the hardening tools is no part of the API.
            if !table.contains(&format!("::{name}\", ||")) && !file.path.starts_with("src/primitive") {
                findings.push(format!("{}:{number}: `{name}` has no row in tests/api/places.rs", file.name()));
            }
        }
    }
    assert_eq!(excused.len(), PANICS_OF_FUTURES.len(), "only {excused:?} need an excuse");
    expect_none("`# Panics` goes with `#[track_caller]`", findings);
}

#[test]
fn c01_no_runtime_is_named_in_code() {
    let runtimes = ["tokio", "async_std", "smol", "async_io", "async_global_executor", "glommio"];
    let mut findings = Vec::new();
    // Whoever comes from a runtime looks for its name: that page is documentation.
    for file in files_under("src").iter().filter(|file| !file.path.starts_with("src/coming_from")) {
        for (number, code) in file.code() {
            if words(code).any(|word| runtimes.contains(&word)) {
                findings.push(format!("{}:{number}", file.name()));
            }
        }
    }
    expect_none("runtimes are named in comments only", findings);
}

#[test]
fn c01_no_spawn_no_reactor_no_thread_local() {
    let forbidden = ["thread_local", "spawn", "TcpStream", "UdpSocket", "reactor"];
    let mut findings = Vec::new();
    for file in files_under("src") {
        // What exists under a model checker or with injected delays only is no part of anybody's program.
        let checked = ["modelled.rs", "scheduled.rs", "delayed.rs"].map(|name| Path::new("src/primitive").join(name));
        let models = file.path.ends_with("models.rs") || checked.contains(&file.path);
        let tests = |i: usize| file.lines[..i].iter().any(|line| line.contains("#[cfg(test)]"));
        for (number, code) in file.code() {
            let is_test = models || tests(number);
            if !is_test && words(code).any(|word| forbidden.contains(&word)) {
                findings.push(format!("{}:{number}: {}", file.name(), code.trim()));
            }
        }
    }
    expect_none("only core, alloc, std, and the traits of futures", findings);
}

#[test]
fn every_atomic_ordering_names_its_partner() {
    let orderings = ["Relaxed", "Acquire", "Release", "AcqRel", "SeqCst"];
    let calls = ["load", "store", "swap", "compare_exchange", "compare_exchange_weak", "fence"];
    let mut findings = Vec::new();
    for file in files_under("src") {
        let is_atomic = |code: &str| {
            let ordered = words(code).any(|word| orderings.contains(&word));
            ordered && words(code).any(|word| calls.contains(&word) || word.starts_with("fetch_"))
        };
        // One note may speak for a whole file: "ORDERING: all …".
        if file.lines.iter().any(|line| line.contains("ORDERING: all")) {
            continue;
        }
        for (number, code) in file.code() {
            let near = &file.lines[number.saturating_sub(7)..number];
            let noted = near.iter().any(|line| line.contains("ORDERING:"));
            if is_atomic(code) && !noted && !file.path.starts_with("src/primitive") {
                findings.push(format!("{}:{number}: {}", file.name(), code.trim()));
            }
        }
    }
    expect_none("`// ORDERING:` stands near each atomic access", findings);
}

#[test]
fn only_the_bottom_layer_knows_loom() {
    let mut findings = Vec::new();
    for file in files_under("src") {
        for (i, line) in file.lines.iter().enumerate() {
            if file.layer() != Some("primitive") && words(line).any(|word| word == "loom") {
                findings.push(format!("{}:{}", file.name(), i + 1));
            }
        }
    }
    expect_none("`loom` is a word of src/primitive", findings);
}

#[test]
fn no_test_is_ignored_and_none_sleeps() {
    let mut findings = Vec::new();
    for file in files_under("tests").into_iter().chain(files_under("src")) {
        // `index.rs` waits for another process, which offers nothing better than to ask again.
        let exempt = file.path.ends_with("tidy.rs") || file.path.ends_with("index.rs");
        let in_tests = file.path.starts_with("tests") && !exempt;
        for (number, code) in file.code() {
            let ignored = code.trim_start().starts_with("#[ignore");
            if ignored || in_tests && code.contains("sleep(") {
                findings.push(format!("{}:{number}", file.name()));
            }
        }
    }
    expect_none("tests wait for conditions, not for clocks", findings);
}
