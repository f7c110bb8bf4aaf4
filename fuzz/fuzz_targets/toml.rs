//! Experiment files and `--set`: what is accepted is written and read back as itself. The reader is part of the program, not
//! of a library, so its sources are included.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code, missing_docs, unused_imports)]
#[path = "../../crates/hsic-cli/src/config/mod.rs"]
mod config;
#[allow(dead_code, missing_docs)]
#[path = "../../crates/hsic-cli/src/input.rs"]
mod input;

use config::{Config, Override};

fuzz_target!(|input: (Option<&str>, &str)| {
    let (set, text) = input;
    let overrides: Vec<_> = set.into_iter().filter_map(|set| Override::parse(set).ok()).collect();
    for text in [text.to_owned(), format!("name = \"t\"\ndataset.name = \"wine\"\n{text}")] {
        let Ok(config) = Config::parse("x.toml", &text, &overrides) else { continue };
        let written = config.to_toml().unwrap();
        assert_eq!(Config::parse("x.toml", &written, &[]).unwrap(), config);
    }
});
