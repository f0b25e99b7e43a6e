//! A file that is written beside its place, to be put there whole: who may read it is what it would be had it
//! been written in its place.

use std::io;
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

/// An empty file in the folder of a path. It has the permissions of the file that is there, or those that the system
/// gives to new files.
///
/// # Errors
/// What keeps a file from being made there.
pub fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = folder(path);
    let mut builder = Builder::new();
    builder.prefix(".mlspec-");
    #[cfg(unix)]
    {
        use std::fs::{Permissions, metadata};
        use std::os::unix::fs::PermissionsExt;
        // Temporary files are private by themselves; from this the system takes what its mask forbids.
        builder.permissions(Permissions::from_mode(0o666));
        let file = builder.tempfile_in(folder)?;
        if let Ok(there) = metadata(path) {
            file.as_file().set_permissions(there.permissions())?;
        }
        Ok(file)
    }
    #[cfg(not(unix))]
    builder.tempfile_in(folder)
}

/// The folder that a path lies in.
pub fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_keeps_the_permissions_of_the_one_whose_place_it_takes() {
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let (plain, new) = (folder.path().join("plain"), folder.path().join("new"));
        fs::write(&plain, "").unwrap();
        beside(&new).unwrap().persist(&new).unwrap();
        assert_eq!(mode(&new), mode(&plain), "a new file is like any other");
        for private in [0o600, 0o664] {
            fs::set_permissions(&new, Permissions::from_mode(private)).unwrap();
            beside(&new).unwrap().persist(&new).unwrap();
            assert_eq!(mode(&new), private);
        }
    }
}
