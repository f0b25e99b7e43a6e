//! What a real YAML language server makes of the schema: `tests/editor/check.mjs` drives it.
//! Runs where node and the package are (`npm ci` in `tests/editor`); `.ci/run` installs it and
//! demands it by `MLSPEC_EDITOR_TESTS`.

use std::path::Path;

use super::support::passes_in_node;

#[test]
fn a_yaml_server_shows_completes_and_explains_specs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/editor");
    let installed = folder.join("node_modules/yaml-language-server").is_dir();
    if !installed && std::env::var_os("MLSPEC_EDITOR_TESTS").is_none() {
        return;
    }
    passes_in_node(&folder.join("check.mjs"));
}
