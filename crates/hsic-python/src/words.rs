//! What the libraries name as a choice, in the words of Python: parameters of the package, and what is done to a frame.

use hsic::data::Choice;

/// Every message of a library speaks of Python from now on.
pub fn set() {
    Choice::set_words(word);
}

/// What a user of Python writes for a choice. Those of how a file is read are parameters of `inspect_table` and, but for `skip`, of
/// pandas' `read_csv`.
fn word(choice: &Choice<'_>) -> Option<String> {
    Some(match choice {
        Choice::Label => "`label`".into(),
        Choice::Ignored => "`ignore`".into(),
        Choice::Ignore(column) => format!("`drop(columns=[{column:?}])`"),
        Choice::Texts => "`text`".into(),
        Choice::Text(column) => format!("`astype({{{column:?}: str}})`"),
        Choice::DropMissing => "`dropna()`".into(),
        Choice::FillMissing => "`missing=\"mean\"`".into(),
        Choice::NoHeader => "`header=None` of pandas' read_csv".into(),
        Choice::Decimal => "`decimal=\".\"` or `decimal=\",\"` where the file is read".into(),
        Choice::Encoding(name) => format!("`encoding={name:?}`"),
        Choice::Comment(mark) => format!("`comment={:?}`", mark.to_string()),
        Choice::Skip(lines) => format!("`skip={lines}`"),
        Choice::UnknownIgnored => "`OneHotEncoder(handle_unknown=\"ignore\")` before the classifier".into(),
        Choice::WithoutLabel => "`predict`".into(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_quoted_as_python_reads_it() {
        let said = |choice| word(&choice).unwrap_or_default();
        assert_eq!(said(Choice::Ignore("weight (\"kg\")")), r#"`drop(columns=["weight (\"kg\")"])`"#);
        assert_eq!(said(Choice::Text("größe")), "`astype({\"größe\": str})`");
        assert_eq!(said(Choice::Comment('#')), "`comment=\"#\"`");
    }
}
