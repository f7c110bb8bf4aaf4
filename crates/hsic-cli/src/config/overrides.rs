//! Values given on the command line, `--set spectral.sigma=0.5`, laid over the file.

use toml::{Table, Value};

use super::error::ConfigError;

/// One value from the command line.
#[derive(Debug, Clone, PartialEq)]
pub struct Override {
    flag: String,
    path: Vec<String>,
    value: Value,
}

impl Override {
    /// The argument of a `--set`: a dotted key, `=`, a TOML value; a bare word is a string.
    ///
    /// # Errors
    /// [`ConfigError::Flag`] if it is not of that form.
    pub fn parse(argument: &str) -> Result<Self, ConfigError> {
        let flag = format!("--set {argument}");
        let error = |message: String| ConfigError::Flag { flag: flag.clone(), message };
        let (key, text) = argument.split_once('=').ok_or_else(|| error("expected KEY=VALUE".into()))?;
        let (key, text) = (key.trim(), text.trim());
        let path = key_path(key).ok_or_else(|| error(format!("`{key}` is not a key")))?;
        let value = match text.parse::<Value>() {
            Ok(value) => value,
            // quotes and brackets say that TOML was meant
            Err(parse_error) if text.is_empty() || text.contains(['"', '\'', '[', ']', '{', '}', '\n']) => {
                return Err(error(format!("`{text}` is not a value: {}", parse_error.message())));
            }
            Err(_) => Value::String(text.into()),
        };
        Ok(Self { path, value, flag })
    }

    /// A value with an option of its own, such as `--folds 5`.
    pub fn option(option: &str, key: &[&str], number: i64) -> Self {
        Self { flag: format!("{option} {number}"), path: owned(key), value: Value::Integer(number) }
    }

    /// A list of words with an option of its own, such as `--methods spectral,knn`.
    pub fn words<W: ToString>(option: &str, key: &[&str], words: &[W]) -> Self {
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        let flag = format!("{option} {}", words.join(","));
        Self { flag, path: owned(key), value: Value::Array(words.into_iter().map(Value::String).collect()) }
    }

    /// A word with an option of its own, such as `--label kind`.
    pub fn word(option: &str, key: &[&str], word: &str) -> Self {
        Self { flag: format!("{option} {word}"), path: owned(key), value: Value::String(word.into()) }
    }

    /// What an option without a value stands for, such as `--no-header`.
    pub fn switch(option: &str, key: &[&str], value: bool) -> Self {
        Self { flag: option.into(), path: owned(key), value: Value::Boolean(value) }
    }

    /// The argument as typed.
    pub fn flag(&self) -> &str {
        &self.flag
    }

    /// Whether it sets this key, a table around it or a part of it.
    pub fn touches(&self, key: &[&str]) -> bool {
        self.path.iter().zip(key).all(|(mine, other)| mine == other)
    }

    /// Whether it gives this key a value: it, a part of it, or a table around it that has it.
    pub fn gives(&self, key: &[&str]) -> bool {
        let within = key.get(self.path.len()..).unwrap_or_default();
        let value = within.iter().try_fold(&self.value, |value, part| value.get(part));
        self.touches(key) && value.is_some()
    }

    /// Sets the value in `document`, making the tables on the way to it.
    pub fn apply(&self, document: &mut Table) {
        let Some((last, parents)) = self.path.split_last() else { return };
        let mut table = document;
        for parent in parents {
            let slot = table.entry(parent).or_insert_with(|| Value::Table(Table::new()));
            if !slot.is_table() {
                *slot = Value::Table(Table::new());
            }
            let Value::Table(inner) = slot else { return };
            table = inner;
        }
        table.insert(last.clone(), self.value.clone());
    }
}

fn owned(key: &[&str]) -> Vec<String> {
    key.iter().map(|part| (*part).to_owned()).collect()
}

/// The parts of a dotted TOML key; quoted parts may hold dots.
fn key_path(key: &str) -> Option<Vec<String>> {
    if key.contains('\n') {
        return None;
    }
    let mut table = toml::from_str::<Table>(&format!("{key} = 0")).ok()?;
    let mut path = Vec::new();
    loop {
        let (part, value) = std::mem::take(&mut table).into_iter().next()?;
        path.push(part);
        match value {
            Value::Table(inner) => table = inner,
            _ => return Some(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(argument: &str) -> String {
        Override::parse(argument).map_or_else(|error| error.to_string(), |set| format!("accepted: {set:?}"))
    }

    #[test]
    fn values_are_toml_or_bare_words() -> Result<(), ConfigError> {
        for (argument, path, value) in [
            ("folds=5", vec!["folds"], Value::Integer(5)),
            ("spectral.sigma = 1e-1", vec!["spectral", "sigma"], Value::Float(0.1)),
            (
                "closed-form.selection=max-hsic",
                vec!["closed-form", "selection"],
                Value::String("max-hsic".into()),
            ),
            ("dataset.path=my data.csv", vec!["dataset", "path"], Value::String("my data.csv".into())),
            ("dataset.label='1'", vec!["dataset", "label"], Value::String("1".into())),
            ("dataset.ordinal.\"a.b\"=[]", vec!["dataset", "ordinal", "a.b"], Value::Array(Vec::new())),
            ("dataset.delimiter=;", vec!["dataset", "delimiter"], Value::String(";".into())),
        ] {
            let set = Override::parse(argument)?;
            assert_eq!(
                (set.path, set.value),
                (path.into_iter().map(String::from).collect(), value),
                "{argument}"
            );
        }
        Ok(())
    }

    #[test]
    fn malformed_arguments_say_what_is_expected() {
        assert_eq!(message("folds"), "--set folds: expected KEY=VALUE");
        assert_eq!(message("=3"), "--set =3: `` is not a key");
        assert_eq!(message("a b=3"), "--set a b=3: `a b` is not a key");
        assert_eq!(
            message("name="),
            "--set name=: `` is not a value: string values must be quoted, expected literal string"
        );
        assert_eq!(
            message("methods=[1"),
            "--set methods=[1: `[1` is not a value: unclosed array, expected `]`"
        );
    }

    #[test]
    fn a_value_replaces_what_is_in_its_way() -> Result<(), Box<dyn std::error::Error>> {
        let mut document: Table = toml::from_str("[spectral]\nwidth = 3\nhead = \"knn\"")?;
        Override::parse("spectral.width.share=0.2")?.apply(&mut document);
        Override::parse("closed-form.candidates=7")?.apply(&mut document);
        let expected: Table =
            toml::from_str("[spectral]\nwidth.share = 0.2\nhead = \"knn\"\n[closed-form]\ncandidates = 7")?;
        assert_eq!(document, expected);
        Ok(())
    }

    #[test]
    fn a_key_is_touched_by_itself_its_table_and_its_parts() -> Result<(), ConfigError> {
        let width = ["spectral", "width"];
        for argument in ["spectral.width=3", "spectral={}", "spectral.width.share=0.1"] {
            assert!(Override::parse(argument)?.touches(&width), "{argument}");
        }
        assert!(!Override::parse("spectral.head=knn")?.touches(&width));
        for (argument, gives) in [
            ("spectral.width=3", true),
            ("spectral.width.share=0.1", true),
            ("spectral={ width = 3 }", true),
            ("spectral={ head = \"knn\" }", false),
            ("spectral={}", false),
            ("spectral.head=knn", false),
        ] {
            assert_eq!(Override::parse(argument)?.gives(&width), gives, "{argument}");
        }
        assert!(!Override::parse("closed-form={}")?.touches(&width));
        Ok(())
    }
}
