//! The lessons that are compiled in, and what `qkv --version` says: the version, which commit it was built from and of what day, and for which machine.
//!
//! Only a release asks git, so that a commit does not make everything be compiled anew while one works. A package has no
//! repository: there cargo has written down the commit. Where nothing is known, nothing is said.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

fn main() -> std::io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    let variable = |name: &str| env::var(name).unwrap_or_default();
    let root = variable("CARGO_MANIFEST_DIR");
    let release = variable("PROFILE") == "release";
    let packed = packed(Path::new(&root));
    let commit = match (packed, release) {
        (Some(commit), _) => vec![commit],
        (None, true) => committed(Path::new(&root)),
        (None, false) => vec!["debug".to_owned()],
    };
    lessons(Path::new(&root), Path::new(&variable("OUT_DIR")))?;
    let known = commit.into_iter().chain([variable("TARGET")]).collect::<Vec<_>>().join(", ");
    println!("cargo:rustc-env=QKV_VERSION={} ({known})", variable("CARGO_PKG_VERSION"));
    Ok(())
}

/// Lists the lessons, so that a file of `samples/lessons/` is all that a new one takes.
fn lessons(root: &Path, out: &Path) -> std::io::Result<()> {
    println!("cargo:rerun-if-changed=samples/lessons");
    let entries = fs::read_dir(root.join("samples/lessons"))?.collect::<Result<Vec<_>, _>>()?;
    let stem = |entry: fs::DirEntry| entry.file_name().into_string().ok()?.strip_suffix(".toml").map(str::to_owned);
    let numbered = |stem: &String| stem.starts_with(|c: char| c.is_ascii_digit());
    let mut stems: Vec<String> = entries.into_iter().filter_map(stem).filter(numbered).collect();
    stems.sort_unstable();
    let stored: Vec<String> = stems.iter().map(|stem| format!("    stored!({stem:?}),\n")).collect();
    let stored = stored.concat();
    fs::write(out.join("lessons.rs"), format!("&[\n{stored}]\n"))
}

/// The commit that a package was made from.
fn packed(root: &Path) -> Option<String> {
    let info = fs::read_to_string(root.join(".cargo_vcs_info.json")).ok()?;
    let (_, rest) = info.split_once("\"sha1\"")?;
    let sha = rest.split('"').nth(1)?;
    Some(sha.chars().take(9).collect()).filter(|sha: &String| !sha.is_empty())
}

/// The commit of the repository that this is the root of, with a mark where files differ from it, and its day.
fn committed(root: &Path) -> Vec<String> {
    let top = git(root, &["rev-parse", "--show-toplevel"]);
    let same = |top: &String| fs::canonicalize(top).ok() == fs::canonicalize(root).ok();
    if !top.as_ref().is_some_and(same) {
        return Vec::new(); // unpacked inside of somebody else's
    }
    for file in ["HEAD", "logs/HEAD", "index"] {
        let path = git(root, &["rev-parse", "--git-path", file]).map(|path| root.join(path));
        if let Some(path) = path.filter(|path| path.exists()) {
            println!("cargo:rerun-if-changed={}", path.display());
        }
    }
    let commit = git(root, &["describe", "--always", "--dirty", "--abbrev=9", "--exclude=*"]);
    let day = git(root, &["show", "--no-patch", "--format=%cs", "HEAD"]);
    commit.into_iter().chain(day).collect()
}

/// The first line of what git answers.
fn git(root: &Path, args: &[&str]) -> Option<String> {
    let output = Command::new("git").arg("-C").arg(root).args(args).output().ok()?;
    let line = String::from_utf8(output.stdout).ok()?.lines().next()?.trim().to_owned();
    (output.status.success() && !line.is_empty()).then_some(line)
}
