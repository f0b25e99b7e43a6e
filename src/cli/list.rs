//! `mlspec list`: the catalogue of kinds.

use super::args::List;
use super::output::{Output, look, warn};
use crate::session::catalogue::{catalogues, list as render, page};
use crate::session::keys;
use crate::text::nearest;

/// What is no family: the keys of a spec itself.
const SPEC: &str = "spec";

pub fn list(args: &List) -> u8 {
    let output = Output::default();
    let width = look().width;
    let families = catalogues();
    let Some(what) = &args.what else {
        for (at, family) in families.iter().enumerate() {
            let gap = if at == 0 { "" } else { "\n" };
            output.print(&format!("{gap}{}\n{}", family.plural, render(family, width)));
        }
        return 0;
    };
    if what == SPEC {
        output.print(&keys::page());
        return 0;
    }
    if let Some(family) = families.iter().find(|family| family.plural == what) {
        output.print(&render(family, width));
        return 0;
    }
    for family in &families {
        if let Some(kind) = family.kinds.iter().find(|kind| kind.name == what) {
            output.print(&page(family, kind));
            return 0;
        }
    }
    let kinds = families.iter().flat_map(|family| {
        std::iter::once(family.plural).chain(family.kinds.iter().map(|k| k.name))
    });
    let hint = match nearest(what, kinds.chain([SPEC])) {
        Some(near) => near.question(),
        None => "`mlspec list` prints everything".to_owned(),
    };
    warn(&format!("there is no `{what}`; {hint}"));
    2
}
