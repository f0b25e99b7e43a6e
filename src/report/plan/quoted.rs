//! Plain data to YAML in which no text can steer a terminal: YAML takes marks that turn the direction of writing as they
//! are, so the texts that hold one are written between quotes, with escapes.

use serde::Serialize;
use yaml_serde::Value;

use crate::report::wording::{in_json, steers};

pub fn yaml(data: &impl Serialize) -> String {
    const PLAIN: &str = "plain data serialises";
    let text = yaml_serde::to_string(data).expect(PLAIN);
    if !text.contains(steers) {
        return text;
    }
    // Each such text is first a word that stands nowhere else, so that it can be found again.
    let mut word = "text".to_owned();
    while text.contains(&word) {
        word.push('x');
    }
    let mut texts = Vec::new();
    let mut data = yaml_serde::to_value(data).expect(PLAIN);
    take(&mut data, &word, &mut texts);
    let mut text = yaml_serde::to_string(&data).expect(PLAIN);
    // From the last, because the word of the first begins those of others.
    for (at, taken) in texts.iter().enumerate().rev() {
        let quoted = in_json(serde_json::to_string(taken).expect(PLAIN));
        text = text.replace(&format!("{word}{at}"), &quoted);
    }
    text
}

/// Puts words in the place of texts that steer.
fn take(data: &mut Value, word: &str, texts: &mut Vec<String>) {
    match data {
        Value::String(text) if text.contains(steers) => {
            let word = format!("{word}{}", texts.len());
            texts.push(std::mem::replace(text, word));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        Value::Sequence(items) => items.iter_mut().for_each(|item| take(item, word, texts)),
        Value::Mapping(map) => {
            let pairs = std::mem::take(map).into_iter();
            let pairs = pairs.map(|(mut key, mut value)| {
                take(&mut key, word, texts);
                take(&mut value, word, texts);
                (key, value)
            });
            *map = pairs.collect();
        }
        Value::Tagged(tagged) => take(&mut tagged.value, word, texts),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_that_steer_are_escaped_and_mean_the_same() {
        let mut list: Vec<String> = (0..12).map(|at| format!("{at} \u{202e}\"\\ \n é")).collect();
        list.push("text".to_owned());
        let data = json!({ "a\u{9b}b": list, "plain": ["text0", "\u{1b}[31m", 0.1, null] });
        let text = yaml(&data);
        assert!(!text.contains(|c: char| steers(c) || c == '\u{1b}'), "{text}");
        let read: serde_json::Value = yaml_serde::from_str(&text).unwrap();
        assert_eq!(read, data, "{text}");
        let plain = json!({ "a": ["b", "c d"] });
        assert_eq!(yaml(&plain), yaml_serde::to_string(&plain).unwrap());
    }
}
