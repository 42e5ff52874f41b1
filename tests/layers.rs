//! Layers point down: each room uses only what stands before it in [`ORDER`], through any number of steps, and the pure ones
//! stay pure.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a check that cannot go on should stop")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, lowest first. What belongs to the binary alone stands last.
const ORDER: [&str; 21] = [
    "ground", "math", "program", "explain", "kernels", "source", "study", "session", "report", "app", "ui", "compute",
    "engine", "runtime", "lib", "cli", "host", "manual", "load", "commands", "main",
];

/// Rooms that may touch the world: drivers, terminals, files, clocks, threads.
const IMPURE: [&str; 9] = ["compute", "engine", "runtime", "cli", "host", "manual", "load", "commands", "main"];

/// What pure rooms do without, so that they could run in a browser and tests need neither clock nor terminal.
const WORLD: [&str; 17] = [
    "std::thread",
    "std::fs",
    "std::net",
    "std::process",
    "std::env",
    "Instant",
    "SystemTime",
    "io::stdout",
    "io::stdin",
    "io::stderr",
    "crossterm",
    "wgpu",
    "pollster",
    "sysinfo",
    "rustix",
    "signal_hook",
    "supports_color",
];

/// A source file and the layer it belongs to.
struct Source {
    path: PathBuf,
    layer: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let inside = path.strip_prefix(&root).unwrap();
                let first = inside.components().next().unwrap();
                let layer = Path::new(first.as_os_str()).file_stem().unwrap().to_str().unwrap().to_owned();
                let text = without_comments(&fs::read_to_string(&path).unwrap());
                found.push(Source { path, layer, text });
            }
        }
    }
    found
}

/// The code alone: words about other layers are welcome anywhere.
fn without_comments(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The layers that a text names: `crate::x`, `qkv::x`, and every branch of `crate::{x, y::z}`.
fn named(text: &str) -> Vec<String> {
    let mut layers = Vec::new();
    for prefix in ["crate::", "qkv::"] {
        for (at, _) in text.match_indices(prefix) {
            let whole_word = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
            let rest = &text[at + prefix.len()..];
            if whole_word {
                match rest.strip_prefix('{') {
                    Some(group) => layers.extend(branches(group)),
                    None => layers.extend(word(rest)),
                }
            }
        }
    }
    layers
}

/// The first word of each branch of a group that has just been opened.
fn branches(group: &str) -> Vec<String> {
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                found.extend(word(group[start..at].trim()));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    found
}

/// The identifier at the start; names with a capital are the crate root's own items.
fn word(text: &str) -> Option<String> {
    let word: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    word.starts_with(|c: char| c.is_ascii_lowercase()).then_some(word)
}

fn height(layer: &str) -> usize {
    ORDER.iter().position(|&name| name == layer).unwrap_or_else(|| panic!("`{layer}` has no place in ORDER"))
}

/// The uses in a layer that point up.
fn upward(layer: &str, text: &str) -> Vec<String> {
    named(text).into_iter().filter(|used| height(used) > height(layer)).collect()
}

#[test]
fn layers_point_down() {
    let mut faults = Vec::new();
    for Source { path, layer, text } in sources() {
        faults.extend(upward(&layer, &text).into_iter().map(|up| format!("{}: uses crate::{up}", path.display())));
    }
    assert!(faults.is_empty(), "upward imports:\n{}", faults.join("\n"));
}

#[test]
fn every_room_has_its_place() {
    let found: BTreeSet<String> = sources().into_iter().map(|source| source.layer).collect();
    let placed: BTreeSet<String> = ORDER.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(found, placed);
}

/// What each room uses, by however many steps.
fn reached() -> BTreeMap<String, BTreeSet<String>> {
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for Source { layer, text, .. } in sources() {
        uses.entry(layer.clone()).or_default().extend(named(&text).into_iter().filter(|used| *used != layer));
    }
    let all = |from: &str| {
        let (mut seen, mut ahead) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(room) = ahead.pop() {
            for used in uses.get(&room).into_iter().flatten() {
                if seen.insert(used.clone()) {
                    ahead.push(used.clone());
                }
            }
        }
        seen
    };
    uses.keys().map(|room| (room.clone(), all(room))).collect()
}

#[test]
fn no_pure_room_reaches_a_machine_through_others() {
    for (room, reached) in reached() {
        if !IMPURE.contains(&room.as_str()) && room != "lib" {
            let machines: Vec<_> = reached.iter().filter(|used| IMPURE.contains(&used.as_str())).collect();
            assert!(machines.is_empty(), "{room} reaches {machines:?}");
        }
    }
    assert!(reached()["runtime"].contains("math"), "steps are followed");
}

#[test]
fn pure_modules_touch_nothing_of_the_world() {
    let mut faults = Vec::new();
    for Source { path, layer, text } in sources() {
        if !IMPURE.contains(&layer.as_str()) {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let found = WORLD.iter().filter(|&&thing| code.contains(thing));
            faults.extend(found.map(|thing| format!("{}: {thing}", path.display())));
        }
    }
    assert!(faults.is_empty(), "the world in pure modules:\n{}", faults.join("\n"));
}

#[test]
fn an_upward_import_is_found_however_it_is_written() {
    for text in [
        "use crate::engine::Engine;",
        "use crate::{\n    ground::lang::Lang,\n    engine::{self, Run},\n};",
        "fn f() { crate::engine::Engine::new(); }",
        "use crate::{math::{Axis, Cell}, engine};",
    ] {
        assert_eq!(upward("program", text), ["engine"], "{text}");
    }
    assert!(upward("program", "use crate::math::tensor::{Axis, Cell};\nuse crate::math::ops::Op;").is_empty());
    assert!(upward("program", &without_comments("// see crate::engine")).is_empty());
}
