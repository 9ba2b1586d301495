//! The house rules, read off the source: layers, sizes, `unsafe`, orderings, names, and that no
//! clause of the contract is without a test.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// From the bottom up. Imports go downward only; those on top are blind to each other.
const LAYERS: [(&str, u8); 10] = [
    ("primitive", 0),
    ("lock", 1),
    ("wait", 2),
    ("queue", 2),
    ("mutex", 3),
    ("semaphore", 3),
    ("monitor", 4),
    ("condvar", 4),
    ("mailbox", 4),
    ("oneshot", 4),
];

const PRIMITIVES: [&str; 6] = ["semaphore", "mutex", "monitor", "condvar", "mailbox", "oneshot"];

/// Cells of clause × primitive that have no test, and why.
const NOT_APPLICABLE: [(u32, &str, &str); 17] = [
    (3, "oneshot", "has one waiter at each end"),
    (5, "oneshot", "has one waiter at each end"),
    (8, "condvar", "has no `try_` form"),
    (11, "mutex", "cannot be closed"),
    (11, "monitor", "cannot be closed"),
    (11, "condvar", "cannot be closed"),
    (12, "semaphore", "has no receivers and no queue"),
    (12, "mutex", "has no receivers and no queue"),
    (12, "monitor", "has no receivers and no queue"),
    (12, "condvar", "has no receivers and no queue"),
    (13, "semaphore", "keeps nothing on the heap"),
    (13, "mutex", "keeps nothing on the heap"),
    (13, "monitor", "keeps nothing on the heap"),
    (13, "condvar", "keeps nothing on the heap"),
    (14, "mutex", "has no count that a caller can raise"),
    (14, "monitor", "has no count that a caller can raise"),
    (14, "oneshot", "has no count"),
];

struct File {
    /// Relative to the root of the package.
    path: PathBuf,
    lines: Vec<String>,
}

impl File {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// `src/wait/node.rs` is in `wait`; `src/lib.rs` is in no layer.
    fn layer(&self) -> Option<&str> {
        let mut parts = self.path.iter().skip(1).map(|part| part.to_str().unwrap());
        let first = parts.next()?;
        Some(first.strip_suffix(".rs").unwrap_or(first)).filter(|name| rank(name).is_some())
    }

    /// How many modules the file is below the root of the crate.
    fn depth(&self) -> usize {
        self.path.iter().count() - 1 - usize::from(self.path.ends_with("mod.rs"))
    }

    /// Line numbers and what they hold beside comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines.iter().enumerate().map(|(i, line)| (i + 1, code_of(line)))
    }
}

/// A line without its comment. A `//` in a string ends it, too, which these rules can bear.
fn code_of(line: &str) -> &str {
    line.split("//").next().unwrap()
}

fn rank(layer: &str) -> Option<u8> {
    LAYERS.iter().find(|(name, _)| *name == layer).map(|(_, rank)| *rank)
}

fn files_under(folder: &str) -> Vec<File> {
    fn walk(at: &Path, root: &Path, files: &mut Vec<File>) {
        let mut entries: Vec<_> = fs::read_dir(at).unwrap().map(|e| e.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                walk(&path, root, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let lines = fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
                files.push(File { path: path.strip_prefix(root).unwrap().to_owned(), lines });
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    walk(&root.join(folder), root, &mut files);
    assert!(!files.is_empty());
    files
}

/// Identifiers, keywords and numbers of a line, in order.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// Fails with all findings at once.
#[track_caller]
fn expect_none(rule: &str, findings: Vec<String>) {
    assert!(findings.is_empty(), "{rule}:\n  {}", findings.join("\n  "));
}

/// The names that follow each `crate::` of `code`, groups included, and those that a chain of
/// `super::` reaches at the root.
fn reached_at_the_root(code: &str, depth: usize) -> Vec<String> {
    let mut reached = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        reached.extend(heads(&code[at + "crate::".len()..]));
    }
    let mut rest = code;
    while let Some(at) = rest.find("super::") {
        rest = &rest[at..];
        let mut chain = 0;
        while let Some(after) = rest.strip_prefix("super::") {
            (rest, chain) = (after, chain + 1);
        }
        if chain >= depth {
            reached.extend(heads(rest));
        }
    }
    reached
}

/// The first name of a path, or of each path of a `{group}`.
fn heads(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else {
        return words(path).next().map(str::to_owned).into_iter().collect();
    };
    let (mut depth, mut names, mut fresh) = (0, Vec::new(), true);
    let mut word = String::new();
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(std::mem::take(&mut word));
                fresh = true;
            }
            ':' => fresh = false,
            c if depth == 0 && fresh && !c.is_whitespace() => word.push(c),
            _ => {}
        }
    }
    names.push(word);
    names
}

#[test]
fn imports_go_downward_only() {
    let mut findings = Vec::new();
    for file in files_under("src") {
        let Some(layer) = file.layer() else { continue };
        // A `use` may run over lines, so the file is read as one.
        let code: String = file.code().map(|(_, code)| format!("{} ", code.trim())).collect();
        for name in reached_at_the_root(&code.replace("{ ", "{"), file.depth()) {
            let Some(target) = rank(&name) else { continue };
            let blind = target == 4 && name != layer;
            if target > rank(layer).unwrap() || blind {
                findings.push(format!("{} sees `{name}`", file.name()));
            }
        }
    }
    expect_none("a layer sees only what is below it", findings);
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
fn no_source_file_is_longer_than_400_lines() {
    let long = files_under("src").into_iter().filter(|file| file.lines.len() > 400);
    expect_none("at most 400 lines", long.map(|f| f.name()).collect());
}

/// Whether `text` has a tag like (W1) or (G12).
fn has_tag(text: &str) -> bool {
    text.split('(').skip(1).any(|rest| {
        let tag = rest.split(')').next().unwrap();
        let digits = tag.trim_start_matches(|c: char| c.is_ascii_uppercase());
        tag.len() == digits.len() + 1 && !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
    })
}

/// The comment lines and attributes right above line `i` (counted from 0), joined.
fn comment_above(lines: &[String], i: usize) -> String {
    let above = lines[..i].iter().rev().map(|line| line.trim());
    let mut comment: Vec<_> = above.take_while(|line| line.starts_with("//") || line.starts_with("#[")).collect();
    comment.reverse();
    comment.join(" ")
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
fn every_unsafe_item_is_noted_and_they_are_few_in_seven_files() {
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
    assert!((1..=80).contains(&items) && files <= 7, "{items} unsafe items in {files} files");
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
const PANICS_OF_FUTURES: [(&str, &str); 2] = [
    ("src/condvar", "a future panics that is polled with another mutex than others wait with"),
    ("src/oneshot/receiver.rs", "a future panics that is polled after its answer"),
];

#[test]
fn a_panic_about_arguments_names_the_line_of_the_caller() {
    let table = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules/places.rs")).unwrap();
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
                findings.push(format!("{}:{number}: `{name}` has no row in tests/rules/places.rs", file.name()));
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
fn every_clause_has_a_test_for_every_primitive() {
    let tests = files_under("tests");
    let names: BTreeSet<_> = tests
        .iter()
        .filter(|file| !file.path.ends_with("tidy.rs"))
        .flat_map(|file| file.code().flat_map(|(_, code)| words(code)))
        .collect();
    let mut findings = Vec::new();
    for clause in 2..=17 {
        for primitive in PRIMITIVES {
            let prefix = format!("c{clause:02}_{primitive}_");
            let tested = names.iter().any(|name| name.starts_with(&prefix));
            let excused = NOT_APPLICABLE.iter().find(|(c, p, _)| (*c, *p) == (clause, primitive));
            match (tested, excused) {
                (false, None) => findings.push(format!("{prefix}… is missing")),
                (true, Some(_)) => findings.push(format!("{prefix}… exists and is excused")),
                _ => {}
            }
        }
    }
    expect_none("clause × primitive", findings);
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
