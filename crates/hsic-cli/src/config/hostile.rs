//! The reader of experiment files over arbitrary text: an error or a valid configuration, never a panic.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

const TEMPLATE: &str = include_str!("../../../../configs/own-data.toml");
const MINIMAL: &str = "name = \"t\"\ndataset.name = \"wine\"\n";

/// What is accepted can be written, and is read back as itself.
fn read(text: &str, sets: &[&str]) {
    let overrides: Result<Vec<_>, _> = sets.iter().map(|set| Override::parse(set)).collect();
    let Ok(overrides) = overrides else { return };
    if let Ok(config) = Config::parse("x.toml", text, &overrides) {
        let written = config.to_toml().unwrap();
        let again =
            Config::parse("x.toml", &written, &[]).unwrap_or_else(|error| panic!("{error}: {written}"));
        assert_eq!(again, config);
    }
}

fn key() -> impl Strategy<Value = String> {
    let words = "name dataset path ordinal spectral closed-form cv width head sigma folds methods mlp knn k seed min_gain \
                 target_silhouette max_layers features m label delimiter";
    let words: Vec<&str> = words.split(' ').collect();
    prop::collection::vec(prop::sample::select(words), 1..4).prop_map(|words| words.join("."))
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<f64>().prop_map(|value| format!("{value:?}")),
        any::<i64>().prop_map(|value| value.to_string()),
        (0..20_i64).prop_map(|value| value.to_string()),
        "\"[a-z;, ]{0,12}\"",
        "\\[(1|\"a\"|, ){0,6}\\]",
        "(\\[|\\{|true|nan|-inf|1979-05-27|'|\"){0,4}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn arbitrary_text(text in any::<String>(), set in any::<String>()) {
        read(&text, &[]);
        read(&format!("{MINIMAL}{text}"), &[]);
        read(MINIMAL, &[&set]);
    }

    #[test]
    fn keys_and_values(pairs in prop::collection::vec((key(), value()), 1..4)) {
        let lines: String = pairs.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
        read(&lines, &[]);
        read(&format!("{MINIMAL}{lines}"), &[]);
        let sets: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
        read(MINIMAL, &sets.iter().map(String::as_str).collect::<Vec<_>>());
    }

    #[test]
    fn the_template_changed(changes in prop::collection::vec((any::<Index>(), any::<char>(), 0..4_u8), 1..5)) {
        let mut text: Vec<char> = TEMPLATE.chars().collect();
        for (index, char, kind) in changes {
            let at = index.index(text.len());
            match kind {
                0 => text[at] = char,
                1 => text.insert(at, char),
                2 => drop(text.remove(at)),
                // a line's comment sign falls: another key is set
                _ => if let Some(at) = text[at..].iter().position(|&char| char == '#').map(|found| at + found) {
                    text.remove(at);
                }
            }
        }
        read(&text.into_iter().collect::<String>(), &[]);
    }
}

/// Nesting is bounded: a stack overflow would end the process.
#[test]
fn deep_nesting_is_refused() {
    for text in [
        "[".repeat(200_000),
        format!("a = {}", "[".repeat(200_000)),
        format!("a = {}", "{a=".repeat(200_000)),
        format!("{} = 1", ["a"; 100_000].join(".")),
    ] {
        assert!(Config::parse("x.toml", &text, &[]).is_err());
        if let Ok(set) = Override::parse(&text) {
            assert!(Config::parse("x.toml", MINIMAL, &[set]).is_err());
        }
    }
}
