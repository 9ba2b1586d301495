//! Which file of the crate uses which, read off its paths.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::source::{File, files_under};

/// The name of a file's module: `wait::node` of `src/wait/node.rs`, `wait` of `src/wait/mod.rs`.
fn module_of(path: &Path) -> String {
    let parts: Vec<_> = path.iter().skip(1).map(|part| part.to_str().unwrap().trim_end_matches(".rs")).collect();
    parts.join("::").trim_end_matches("::mod").to_owned()
}

/// All paths of a text that begin with `start`, groups taken apart: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn paths_from(code: &str, start: &str) -> Vec<String> {
    fn take_apart(prefix: &str, rest: &str, paths: &mut Vec<String>) {
        let (mut depth, mut from) = (0, 0);
        let group = rest.strip_prefix('{');
        let Some(group) = group else {
            let end = rest.find(|c: char| !c.is_alphanumeric() && !"_:".contains(c)).unwrap_or(rest.len());
            let (path, after) = rest.split_at(end);
            match path.strip_suffix("::") {
                Some(path) if after.starts_with('{') => take_apart(&format!("{prefix}{path}::"), after, paths),
                _ => paths.push(format!("{prefix}{path}")),
            }
            return;
        };
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' | ',' if depth == 0 => {
                    take_apart(prefix, group[from..at].trim(), paths);
                    from = at + 1;
                    if c == '}' {
                        return;
                    }
                }
                '}' => depth -= 1,
                _ => {}
            }
        }
    }
    let mut paths = Vec::new();
    for (at, _) in code.match_indices(start) {
        let begins = !code[..at].ends_with(|c: char| c.is_alphanumeric() || "_:$".contains(c));
        if begins {
            take_apart("", &code[at..], &mut paths);
        }
    }
    paths
}

/// What each file uses: the module that defines it, as far as the `mod.rs` in between says so.
pub(crate) fn uses() -> BTreeMap<String, BTreeSet<String>> {
    let files = files_under("src");
    let text = |file: &File| file.code().map(|(_, code)| format!("{} ", code.trim())).collect::<String>();
    let modules: BTreeMap<_, _> = files.iter().map(|file| (module_of(&file.path), text(file))).collect();
    // `wait`, `Wake` is defined in `wait::wakes`: its `mod.rs` has `use wakes::Wake`.
    let mut origins = BTreeMap::new();
    for (module, code) in &modules {
        for child in modules.keys().filter(|child| child.strip_prefix(&format!("{module}::")).is_some()) {
            let name = &child[module.len() + 2..];
            for path in paths_from(&code.replace("use ", "use  "), &format!("{name}::")) {
                let item = path.rsplit("::").next().unwrap().to_owned();
                origins.insert((module.clone(), item), child.clone());
            }
        }
    }
    let resolve = |path: &str| {
        let mut module = String::new();
        for part in path.split("::") {
            let deeper = if module.is_empty() { part.to_owned() } else { format!("{module}::{part}") };
            match (modules.contains_key(&deeper), origins.get(&(module.clone(), part.to_owned()))) {
                (true, _) => module = deeper,
                (false, Some(origin)) => return Some(origin.clone()),
                (false, None) => return Some(module).filter(|module| !module.is_empty()),
            }
        }
        Some(module)
    };
    let of = |module: &String, code: &String| {
        let mut used: BTreeSet<_> = BTreeSet::new();
        for path in paths_from(code, "crate::") {
            used.extend(resolve(path.strip_prefix("crate::").unwrap()));
        }
        for path in paths_from(code, "super::") {
            let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
            used.extend(resolve(&format!("{parent}::{}", path.strip_prefix("super::").unwrap())));
        }
        used.remove(module);
        used
    };
    modules.iter().map(|(module, code)| (module.clone(), of(module, code))).collect()
}
