//! What a real browser makes of the HTML report: `tests/page/check.mjs` drives it.
//! It takes node, axe-core (`npm ci` in `tests/page`), a Chromium and some time, so it runs where
//! `MLSPEC_PAGE_TESTS` asks for it, as `.ci/run` does where there is a Chromium.

use std::path::Path;

use super::support::passes_in_node;

#[test]
fn a_browser_shows_finds_and_prints_what_specs_came_to() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/page");
    if std::env::var_os("MLSPEC_PAGE_TESTS").is_none() {
        return;
    }
    passes_in_node(&folder.join("check.mjs"));
}
