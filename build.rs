//! Digests the sources into `MLSPEC_BUILD`, so that results which one build kept are never taken for those of
//! another: a version stays the same while its code is written.

use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

/// All that a result can depend on, beside what cargo says of the build.
const SOURCES: &[&str] = &["build.rs", "Cargo.toml", "Cargo.lock", "src"];

/// What cargo says of the build.
const SAID: &[&str] =
    &["TARGET", "PROFILE", "OPT_LEVEL", "CARGO_CFG_TARGET_FEATURE", "CARGO_ENCODED_RUSTFLAGS"];

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut files = Vec::new();
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
        collect(&root.join(source), &mut files);
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.strip_prefix(&root).unwrap_or(&file).hash(&mut hasher);
        fs::read(&file).unwrap_or_default().hash(&mut hasher);
    }
    for name in SAID {
        env::var_os(name).hash(&mut hasher);
    }
    // The same sources come to other bits with another compiler, and its name says nothing of its version.
    let compiler = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    if let Ok(version) = Command::new(compiler).arg("-vV").output() {
        version.stdout.hash(&mut hasher);
    }
    println!("cargo::rustc-env=MLSPEC_BUILD={:016x}", hasher.finish());
}

/// The file, or all files of the folder.
fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().for_each(|entry| collect(&entry.path(), files)),
        Err(_) => files.push(path.to_owned()),
    }
}
