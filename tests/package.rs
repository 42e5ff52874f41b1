//! The package that `cargo publish` would send: what it is built from and what its pages show, and nothing that only tests need.

#![expect(clippy::unwrap_used, reason = "a check that cannot go on should stop")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of the package, as cargo lists them.
fn listed() -> BTreeSet<String> {
    let args = ["package", "--list", "--allow-dirty", "--offline"];
    let output = Command::new(env!("CARGO")).current_dir(root()).args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let paths = String::from_utf8(output.stdout).unwrap();
    paths.lines().map(|path| path.replace('\\', "/")).collect()
}

/// Every file of a folder, from the root.
fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn ends_in(ending: &str, path: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == ending)
}

#[test]
fn the_package_holds_what_it_is_built_from_and_what_its_pages_show() {
    let listed = listed();
    let mut needed = vec!["build.rs".to_owned(), "README.md".into(), "CHANGELOG.md".into(), "Cargo.toml".into()];
    needed.extend(["LICENSE-MIT".into(), "LICENSE-APACHE".into(), "Cargo.lock".into()]);
    for folder in ["src", "shaders", "samples", "docs"] {
        needed.extend(files(folder));
    }
    let missing: Vec<_> = needed.iter().filter(|path| !listed.contains(*path)).collect();
    assert!(missing.is_empty(), "not in the package: {missing:?}");
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let shown: Vec<&str> = readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    let pictures: Vec<_> = shown.iter().filter(|link| ends_in("svg", link)).collect();
    assert!(pictures.len() >= 2 && pictures.iter().all(|path| listed.contains(**path)), "{pictures:?}");
    let needless =
        |path: &&String| ["tests/", "benches/", ".ci/", "target/"].iter().any(|folder| path.starts_with(folder));
    assert_eq!(listed.iter().find(needless), None, "only the repository needs it");
    assert_eq!(listed.iter().find(|path| ends_in("snap", path)), None);
}

#[test]
fn no_address_is_invented() {
    let manifest: toml::Table = fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    let package = manifest["package"].as_table().unwrap();
    for key in ["repository", "homepage", "documentation", "authors"] {
        assert!(!package.contains_key(key), "{key}: there is none yet");
    }
    assert!(package["description"].as_str().unwrap().ends_with("computed live and checked"));
}
