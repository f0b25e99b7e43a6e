//! What a result hangs on to the key that it is kept under.

use std::fmt;

/// What stands for the bytes of a file: two files with one digest have the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(blake3::Hash);

/// Names a result by all that it hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(blake3::Hash);

impl Digest {
    pub(super) fn new(hash: blake3::Hash) -> Self {
        Self(hash)
    }

    pub(super) fn from_hex(text: &str) -> Option<Self> {
        blake3::Hash::from_hex(text).ok().map(Self)
    }

    pub(super) fn hex(self) -> String {
        self.0.to_hex().to_string()
    }
}

impl Key {
    /// The key of what this build of mlspec makes of `plan` and of files with these names and contents.
    pub fn of(plan: &str, files: &[(String, Digest)]) -> Self {
        Self::for_build(&format!("{} {}", env!("MLSPEC_BUILD"), machine()), plan, files)
    }

    fn for_build(build: &str, plan: &str, files: &[(String, Digest)]) -> Self {
        let mut hasher = blake3::Hasher::new();
        // Each part says its length, so that nothing can move from one into the next.
        let mut part = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        part(env!("CARGO_PKG_VERSION").as_bytes());
        part(build.as_bytes());
        part(plan.as_bytes());
        for (name, digest) in files {
            part(name.as_bytes());
            part(digest.0.as_bytes());
        }
        Self(hasher.finalize())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// What of the processor decides how products are summed, and with it the last bits of a result: machines that share
/// a cache may differ in it.
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
fn machine() -> String {
    let has = [
        ("sse4.1", is_x86_feature_detected!("sse4.1")),
        ("avx", is_x86_feature_detected!("avx")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
    ];
    has.iter().filter(|(_, has)| *has).map(|(name, _)| *name).collect::<Vec<_>>().join(" ")
}

#[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
fn machine() -> String {
    String::new()
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_counts_and_none_runs_into_the_next() {
        let digest = |text: &str| Digest::new(blake3::hash(text.as_bytes()));
        let file = |name: &str, text: &str| (name.to_owned(), digest(text));
        let keys = [
            Key::for_build("a", "plan", &[]),
            Key::for_build("b", "plan", &[]),
            Key::for_build("a", "plant", &[]),
            Key::for_build("ap", "lan", &[]),
            Key::for_build("a", "plan", &[file("x", "1")]),
            Key::for_build("a", "plan", &[file("y", "1")]),
            Key::for_build("a", "plan", &[file("x", "2")]),
            Key::for_build("a", "plan", &[file("x", "1"), file("x", "1")]),
        ];
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(key), "{at}");
        }
        assert_eq!(keys[0], Key::for_build("a", "plan", &[]));
    }
}
