//! What the libraries name as a choice, in the words of this program: its options.

use hsic_data::Choice;

/// Every message of a library names options from now on.
pub fn set() {
    Choice::set_words(option);
}

/// The option by which a choice is made.
fn option(choice: &Choice<'_>) -> Option<String> {
    Some(match choice {
        Choice::Label => "--label".into(),
        Choice::Ignored => "--ignore".into(),
        Choice::Ignore(column) => format!("--ignore {}", shell_word(column)),
        Choice::Texts => "--text".into(),
        Choice::Text(column) => format!("--text {}", shell_word(column)),
        // keys of an experiment file, without an option
        Choice::Ordinal => "`ordinal`".into(),
        Choice::ClassOrder => "dataset.class_order".into(),
        Choice::DropMissing => "--missing drop".into(),
        Choice::FillMissing => "--missing mean".into(),
        Choice::MaxCategories => "--max-categories".into(),
        Choice::NoHeader => "--no-header".into(),
        Choice::Decimal => "--decimal . or --decimal ,".into(),
        Choice::Encoding(name) => format!("--encoding {name}"),
        Choice::Comment(mark) => format!("--comment '{mark}'"),
        Choice::Skip(lines) => format!("--skip {lines}"),
        Choice::UnknownIgnored => "--unknown ignore".into(),
        Choice::ExtraIgnored => "--extra ignore".into(),
        Choice::WithoutLabel => "predict".into(),
        Choice::Numbers => "--x and --y".into(),
        Choice::Folds(folds) => format!("--folds {folds}"),
        Choice::Fetch(name) => format!("`hsic-cli data fetch {name}`"),
        Choice::FetchFrom => "--from".into(),
        Choice::Generate(name) => format!("`hsic-cli data generate {name}`"),
        Choice::OneFold => "--threads 1".into(),
        _ => return None,
    })
}

/// A text as a word of a command line, in single quotes where it needs them.
fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./+:@%,=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.into();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_command_line_are_quoted_where_they_must_be() {
        for (text, word) in [
            ("weight", "weight"),
            ("weight (kg, dry)", "'weight (kg, dry)'"),
            ("größe", "größe"),
            ("it's", "'it'\\''s'"),
            ("", "''"),
        ] {
            assert_eq!(shell_word(text), word);
        }
    }
}
