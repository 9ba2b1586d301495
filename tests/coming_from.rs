//! The pages for newcomers keep their word: every name of a table is in the page's code, the programs that exist twice
//! differ in lines that the tables name alone, and no link leads to a file that the documentation does not have.

use std::collections::BTreeSet;
use std::path::Path;

const PAGES: [&str; 6] = ["tokio", "async_channel", "flume", "kanal", "futures_channel", "futures_intrusive"];
/// Pages about the crate as a whole.
const DOCS: [&str; 5] = ["benchmarks", "hangs", "probes", "soundness", "textbook"];
/// A program, and the page that it was ported by.
const PROGRAMS: [(&str, &str); 3] =
    [("worker_pool", "tokio"), ("actor", "async_channel"), ("pipeline", "futures_channel")];

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn page(name: &str) -> String {
    read(&format!("src/coming_from/{name}.md"))
}

/// The two columns of names of each row.
fn rows(page: &str) -> Vec<[String; 2]> {
    let cells = |line: &str| {
        // A bar inside a cell is escaped.
        let line = line.replace("\\|", "\u{1}");
        let mut cells = line.trim_matches('|').split('|').map(|cell| cell.trim().replace('\u{1}', "|"));
        [cells.next().unwrap_or_default(), cells.next().unwrap_or_default()]
    };
    let is_row = |line: &&str| line.starts_with("| ") && !line.starts_with("| there");
    page.lines().filter(is_row).map(cells).collect()
}

/// What stands between backticks.
fn spans(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// The names in a piece of code, without those of variables.
fn names(code: &str) -> BTreeSet<&str> {
    const VARIABLES: [&str; 22] = [
        "tx", "rx", "x", "s", "m", "g", "f", "n", "v", "d", "cx", "other", "mut", "move", "await", "buffer", "guard",
        "permit", "sleep", "future", "mutex", "condvar",
    ];
    let words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with(char::is_alphabetic) && !VARIABLES.contains(word)).collect()
}

/// The lines that are in one of the two alone: neither order nor repetition matters for them.
fn only_in<'a>(one: &'a str, other: &str) -> Vec<&'a str> {
    // Whether a handle is `mut` follows from what is called on it.
    let plain = |line: &str| line.replace("mut ", "");
    let others: BTreeSet<_> = other.lines().map(plain).collect();
    let is_code = |line: &&str| !line.starts_with("//") && !line.starts_with("use ");
    one.lines().filter(is_code).filter(|line| !others.contains(&plain(line))).collect()
}

#[test]
fn every_name_of_a_table_is_in_the_code_of_its_page() {
    let (mut checked, mut missing) = (0, Vec::new());
    for name in PAGES {
        let page = page(name);
        let code: String = page.split("```").skip(1).step_by(2).collect();
        let used = names(&code);
        for [there, here] in rows(&page) {
            let unused = spans(&here).flat_map(names).filter(|name| !used.contains(name));
            missing.extend(unused.map(|unused| format!("{name}: `{unused}`, here for {there}")));
            checked += 1;
        }
    }
    assert!(missing.is_empty(), "in no code of its page:\n  {}", missing.join("\n  "));
    assert!(checked > 100, "{checked} rows");
}

/// The pages are those of rustdoc, too, where a path to another file leads nowhere. A heading, or an item, is no file,
/// and a link by name has a second target in `src/links.md`, which `.ci/links` follows.
#[test]
fn no_page_of_the_documentation_links_to_a_file() {
    let recipes = ["recipes", "recipes_of_limits", "recipes_of_sources"];
    let pages = PAGES.iter().chain(&recipes).map(|name| format!("src/coming_from/{name}.md"));
    for path in pages.chain(pages_with_names()) {
        // What stands between backticks is code.
        let text: String = read(&path).split('`').step_by(2).collect();
        for link in text.split("](").skip(1) {
            let target = link.split(')').next().unwrap();
            let leads = ["#", "recipes#", "crate::"].iter().any(|start| target.starts_with(start));
            assert!(leads, "{path}: `{target}` leads nowhere in the documentation");
        }
    }
}

/// The pages that are read in the repository, too, and whose links have names.
fn pages_with_names() -> impl Iterator<Item = String> {
    DOCS.iter().map(|name| format!("docs/{name}.md")).chain(["README.md".to_owned()])
}

#[test]
fn every_link_by_name_leads_to_a_file_of_the_repository() {
    let (in_rustdoc, mut found) = (read("src/links.md"), 0);
    for path in pages_with_names() {
        for line in read(&path).lines().filter(|line| line.starts_with('[')) {
            let Some((name, target)) = line.split_once("]: ").filter(|(name, _)| !name.contains(']')) else { continue };
            let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(&path);
            assert!(page.parent().unwrap().join(target).exists(), "{path}: there is no `{target}`");
            // Pictures are in a file of their own.
            assert!(
                ["[figures", "[hang"].contains(&name) || in_rustdoc.contains(&format!("{name}]: crate::")),
                "{path}: {name}] in rustdoc"
            );
            found += 1;
        }
    }
    assert!(found > 20, "{found} links");
}

#[test]
fn readme_is_short() {
    let bytes = read("README.md").len();
    assert!(bytes <= 7 * 1024, "{bytes} bytes");
}

#[test]
fn programs_differ_only_in_what_the_tables_name() {
    for (program, page_name) in PROGRAMS {
        let [before, after] =
            ["before", "after"].map(|when| read(&format!("examples/coming_from/{program}_{when}.rs")));
        let page = page(page_name);
        let rows = rows(&page);
        for (column, lines) in [only_in(&before, &after), only_in(&after, &before)].into_iter().enumerate() {
            let named: BTreeSet<_> = rows.iter().flat_map(|row| spans(&row[column])).flat_map(names).collect();
            for line in lines {
                assert!(!names(line).is_disjoint(&named), "{program}: no table names what is in `{}`", line.trim());
            }
        }
        assert_eq!(before.lines().count(), after.lines().count(), "{program}: line by line");
    }
}
