//! README is short, its links lead somewhere, and no file is long.

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs" || end == "lua") {
            found.push(path);
        }
    }
}

#[test]
fn readme_is_short() {
    let bytes = read("README.md").len();
    assert!(bytes <= 7 * 1024, "{bytes} bytes");
}

#[test]
fn each_page_is_in_the_documentation_and_in_readme() {
    let (readme, links, lib) = (read("README.md"), read("src/links.md"), read("src/lib.rs"));
    for page in std::fs::read_dir(root().join("docs")).unwrap() {
        let name = page.unwrap().file_name().into_string().unwrap();
        let stem = name.strip_suffix(".md").expect("a page");
        assert!(readme.contains(&format!("[{stem}]: docs/{name}\n")), "{name} in README");
        assert!(readme.matches(&format!("[{stem}]")).count() > 1, "{name} in README's text");
        assert!(links.contains(&format!("[{stem}]: crate::docs::{stem}\n")), "{name} in links.md");
        assert!(lib.contains(&format!("../docs/{name}")), "{name} in lib.rs");
    }
}

#[test]
fn no_file_is_long_or_wide() {
    let mut found = Vec::new();
    for folder in ["src", "tests", "examples"] {
        let folder = root().join(folder);
        // Not all are in the package.
        if folder.exists() {
            files(&folder, &mut found);
        }
    }
    assert!(found.len() > 30);
    for path in found {
        let text = read(&path);
        assert!(text.lines().count() <= 400, "{}", path.display());
        for line in text.lines().filter(|line| !line.starts_with("/// |")) {
            assert!(line.chars().count() <= 120, "{}: {line}", path.display());
        }
    }
}
