use super::*;

/// The site at the mark: the route, what is asked for, the word, and the keys that are there.
fn at(marked: &str) -> String {
    let offset = marked.find('§').expect("a mark");
    let text = marked.replacen('§', "", 1);
    let sketch = Sketch::around(&text, offset);
    let Some(site) = sketch.site(offset) else { return "nothing".to_owned() };
    let keys: Vec<&str> =
        sketch.children(site.node).filter_map(|child| sketch.key(child)).collect();
    let quote = match site.quote {
        Quote::Plain => "",
        Quote::Single => "'",
        Quote::Double => "\"",
        Quote::Block => "|",
    };
    let form = if site.form == Form::Flow { " in brackets" } else { "" };
    let open = if site.closed { "" } else { " open" };
    let word = &text[site.word.clone()];
    let keys = if keys.is_empty() { String::new() } else { format!(" of {}", keys.join(" ")) };
    format!("{} {:?} {quote}{word}{quote}{keys}{form}{open}", sketch.route(site.node), site.ask)
}

#[test]
fn keys_in_block_maps() {
    assert_eq!(at("data:\n  path: a\n  tar§\n"), "data Key { colon: false } tar of path tar");
    assert_eq!(at("data:\n  path: a\n  §\n"), "data Key { colon: false }  of path");
    assert_eq!(at("data:\n  pa§th: a\n"), "data Key { colon: true } path of path");
    assert_eq!(
        at("data:\n  path: a\n  §\n  target: b\n"),
        "data Key { colon: false }  of path target"
    );
    assert_eq!(at("data:\n  §\n"), "data Opening { dash: false } ");
    assert_eq!(at("data:\n  tar§\n"), "data Opening { dash: false } tar");
    assert_eq!(at("data:\n§\n"), "(the whole spec) Key { colon: false }  of data");
    assert_eq!(at("§"), "(the whole spec) Opening { dash: false } ");
    assert_eq!(at("ver§"), "(the whole spec) Opening { dash: false } ver");
    assert_eq!(at("version: 1\n\nda§\n"), "(the whole spec) Opening { dash: false } da");
    assert_eq!(at("data:\n  \"a b\": 1\n  §"), "data Key { colon: false }  of a b");
}

#[test]
fn values_behind_their_keys() {
    assert_eq!(at("data:\n  task: §\n"), "data.task Value { blank: false } ");
    assert_eq!(at("data:\n  task:§\n"), "data.task Value { blank: true } ");
    assert_eq!(at("data:\n  task: cl§as\n"), "data.task Value { blank: false } clas");
    assert_eq!(at("data:\n  path: \"da§ta/x\"\n"), "data.path Value { blank: false } \"data/x\"");
    assert_eq!(
        at("data:\n  path: \"da§\n  a: 1\n"),
        "data.path Value { blank: false } \"da\" open"
    );
    assert_eq!(at("data:\n  path: 'it''s §'\n"), "data.path Value { blank: false } 'it''s '");
    assert_eq!(at("data:\n  path: § # c\n"), "data.path Value { blank: false } ");
    assert_eq!(at("data:\n  path: a # c§\n"), "nothing");
    assert_eq!(at("# c §\n"), "nothing");
    assert_eq!(at("data:\n  task: &a §\n"), "nothing", "behind an anchor");
    assert_eq!(at("data: §\n  path: a\n"), "nothing");
}

#[test]
fn items_of_block_lists() {
    assert_eq!(at("metrics:\n  - acc§\n"), "metrics[0] Opening { dash: true } acc");
    assert_eq!(at("metrics:\n  - §\n"), "metrics[0] Opening { dash: true } ");
    assert_eq!(at("metrics:\n  -§\n"), "nothing");
    assert_eq!(at("metrics:\n- a\n- §\n"), "metrics[1] Opening { dash: true } ");
    assert_eq!(at("metrics:\n  - a\n  §\n"), "metrics Item ");
    assert_eq!(at("metrics:\n- a\n§\n"), "(the whole spec) Key { colon: false }  of metrics");
    assert_eq!(at("metrics:\n  §\n"), "metrics Opening { dash: false } ");
    assert_eq!(at("metrics:\n  - f1:\n      §\n"), "metrics[0].f1 Opening { dash: false } ");
    assert_eq!(
        at("metrics:\n  - f1:\n      average: macro\n      §\n  - b\n"),
        "metrics[0].f1 Key { colon: false }  of average"
    );
    assert_eq!(at("metrics:\n  - f1:\n    §\n"), "metrics[0] Key { colon: false }  of f1");
    assert_eq!(at("a:\n- - - §\n"), "a[0][0][0] Opening { dash: true } ");
}

#[test]
fn places_between_brackets() {
    assert_eq!(
        at("model: { ridge: { al§ } }\n"),
        "model.ridge Key { colon: false } al of al in brackets"
    );
    assert_eq!(
        at("model: { ridge: { alpha: § } }\n"),
        "model.ridge.alpha Value { blank: false }  in brackets"
    );
    assert_eq!(
        at("model: { ridge: { alpha:§"),
        "model.ridge.alpha Value { blank: true }  in brackets"
    );
    assert_eq!(
        at("model: { ridge: { alpha: 1, § } }\n"),
        "model.ridge Key { colon: false }  of alpha in brackets"
    );
    assert_eq!(at("model: {§}\n"), "model Key { colon: false }  in brackets");
    assert_eq!(at("tags: [a, §]\n"), "tags[1] Value { blank: false }  in brackets");
    assert_eq!(at("tags: [a, b§]\n"), "tags[1] Value { blank: false } b in brackets");
    assert_eq!(
        at("metrics: [f1: { average: § }]\n"),
        "metrics[0].f1.average Value { blank: false }  in brackets"
    );
    assert_eq!(at("metrics: [f1: §]\n"), "metrics[0].f1 Value { blank: false }  in brackets");
    assert_eq!(
        at("a: { because: \"x: y, z\", § }\n"),
        "a Key { colon: false }  of because in brackets"
    );
    assert_eq!(at("a: { b: x:y, c: 12:30, § }\n"), "a Key { colon: false }  of b c in brackets");
    assert_eq!(at("a: {\n  b: 1,\n  §\n}\n"), "a Key { colon: false }  of b in brackets");
    assert_eq!(
        at("data: {\n# c\n  path: d.csv, §\n}\n"),
        "data Key { colon: false }  of path in brackets"
    );
    assert_eq!(
        at("a:\n  b: {\n\n  # c\n# d\n    e: [§\n# f"),
        "a.b.e[0] Value { blank: false }  in brackets"
    );
    assert_eq!(at("a: {\n# c\nb: §\n"), "b Value { blank: false } ");
    assert_eq!(at("a:\n  b: '\n# c\n  d: §\n"), "a.d Value { blank: false } ", "no comment");
    assert_eq!(at("{ data: { path: §"), "data.path Value { blank: false }  in brackets");
    assert_eq!(
        at("a: { b: 1 § }\n"),
        "a.b Value { blank: false } 1  in brackets",
        "plain text may go on"
    );
    assert_eq!(at("a: { b: 1 } §\n"), "nothing");
}

#[test]
fn what_is_never_closed_spoils_nothing_else() {
    let text =
        "data:\n  path: \"x\n  split: { holdout: { test:\n  target: y\nmodel:\n  §\nmetrics: [\n";
    assert_eq!(at(text), "model Opening { dash: false } ");
    assert_eq!(
        at("data:\n  path: \"x\n  split: { holdout: { test:\n  tar§\nmodel:\n"),
        "data Key { colon: false } tar of path split tar"
    );
    assert_eq!(
        at("data:\n  split: { holdout: { § \n  target: y\n"),
        "data.split.holdout Key { colon: false }  in brackets"
    );
    assert_eq!(
        at("prepare:\n  - impute: { §\n  - one_hot\n"),
        "prepare[0].impute Key { colon: false }  in brackets"
    );
    assert_eq!(at("model: { ridge: {\n§\n"), "(the whole spec) Key { colon: false }  of model");
}

#[test]
fn half_typed_keys_hold_what_is_below_them() {
    assert_eq!(
        at("data:\n  path: x\n  spl\n    holdout: { § }\n"),
        "data.spl.holdout Key { colon: false }  in brackets"
    );
}

#[test]
fn blocks_of_text_are_text() {
    assert_eq!(
        at("data:\n  where: >\n    a > §1\n    b\n  target: y\n"),
        "data.where Value { blank: false } |>\n    a > 1\n    b|"
    );
    assert_eq!(at("data:\n  where: >\n    a: 1\n  §\n"), "data Key { colon: false }  of where");
    assert_eq!(at("a:\n  b: > 0.8\n  §\n"), "a Key { colon: false }  of b", "a bound");
}

#[test]
fn line_ends_and_letters_of_all_kinds() {
    assert_eq!(at("data:\r\n  é: 'ü'\r\n  §\r\n"), "data Key { colon: false }  of é");
    assert_eq!(at("\tdata:\n\t\t§\n"), "data Opening { dash: false } ");
    assert_eq!(at("--- # c\ndata:\n  §\n...\n"), "data Opening { dash: false } ");
}

#[test]
fn no_text_and_no_offset_is_too_much() {
    let pieces = [
        "a", ":", " ", "- ", "{", "}", "[", "]", ",", "\"", "'", "\n", "  ", "é", "#", "|", "&x",
        "*", "\r",
    ];
    // A fixed walk through combinations, without chance.
    for seed in 0..4000_usize {
        let mut state = seed;
        let mut text = String::new();
        for _ in 0..12 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            text.push_str(pieces[(state >> 33) % pieces.len()]);
        }
        for offset in 0..=text.len() + 1 {
            let sketch = Sketch::around(&text, offset);
            if let Some(site) = sketch.site(offset) {
                assert!(text.get(site.word.clone()).is_some(), "{text:?} {offset}");
            }
            let _ = sketch.touched(offset);
        }
    }
}

#[test]
fn deep_nesting_is_no_recursion() {
    let text = format!("a: {}§", "[".repeat(50_000)).replace('§', "");
    let sketch = Sketch::around(&text, text.len());
    assert!(sketch.site(text.len()).is_some());
    let text = "- ".repeat(50_000);
    let _ = Sketch::around(&text, text.len()).site(text.len());
}
