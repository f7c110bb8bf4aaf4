//! Classes that may be one.

use std::collections::BTreeMap;

use super::DataWarning;

/// The classes that may be spellings of one: of a number, or of a text but for blanks and case.
pub(crate) fn alike(names: &[String], counts: &[usize]) -> Vec<DataWarning> {
    let mut groups: BTreeMap<(bool, String), Vec<(String, usize)>> = BTreeMap::new();
    for (name, &count) in names.iter().zip(counts) {
        let key = match decimal(name.trim()) {
            Some(number) => (true, number),
            None => (false, name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()),
        };
        groups.entry(key).or_default().push((name.clone(), count));
    }
    let several = groups.into_iter().filter(|(_, classes)| classes.len() > 1);
    several.map(|((number, _), classes)| DataWarning::AlikeClasses { classes, number }).collect()
}

/// A number in one spelling of all, exactly: sign, digits without zeros around them, and a power of ten.
fn decimal(text: &str) -> Option<String> {
    text.parse::<f64>().ok().filter(|number| number.is_finite())?;
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{}{fraction}", whole.trim_start_matches(['+', '-']));
    let significant = digits.trim_end_matches('0');
    let zeros = (digits.len() - significant.len()) as i64;
    let power = exponent.parse::<i64>().ok()?.checked_add(zeros - fraction.len() as i64)?;
    let significant = significant.trim_start_matches('0');
    if significant.is_empty() {
        return Some("0".into());
    }
    let sign = if text.starts_with('-') { "-" } else { "" };
    Some(format!("{sign}{significant}e{power}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_has_one_spelling() {
        for same in [
            &["1", "01", "1.0", "1e0", "+1", "10e-1", "0.1E1"][..],
            &["0", "-0", "0.0", "0e5", "000"],
            &["-2.50", "-25e-1"],
            &["9007199254740993", "9007199254740993.0"],
        ] {
            let all: Vec<_> = same.iter().map(|text| decimal(text)).collect();
            assert!(all[0].is_some() && all.iter().all(|other| *other == all[0]), "{same:?}: {all:?}");
        }
        let numbers = ["1", "-1", "10", "0.1", "9007199254740992", "9007199254740993"].map(decimal);
        for (i, number) in numbers.iter().enumerate() {
            assert!(number.is_some() && !numbers[..i].contains(number), "{number:?}");
        }
        for text in ["", "one", "nan", "inf", "1e", ".", "1e999"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    #[test]
    fn classes_that_may_be_one_are_named() {
        let names = ["0", "0.0", "1", "Cat", "cat", "dog\u{a0}", "dog", "cow"].map(String::from);
        let found: Vec<String> =
            alike(&names, &[3, 1, 9, 1, 2, 1, 5, 4]).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "the classes `Cat` (1 row), `cat` (2 rows) are one text but for blanks and case, and are taken as \
                 different; if they are one, write them alike",
                "the classes `dog\\u{a0}` (1 row), `dog` (5 rows) are one text but for blanks and case, and are taken as \
                 different; if they are one, write them alike",
                "the classes `0` (3 rows), `0.0` (1 row) are one number, and are taken as different; if they are one, write \
                 them alike",
            ]
        );
    }
}
