//! What texts look like that are no numbers here.

use serde::{Deserialize, Serialize};

/// What texts look like that are no numbers here, but are written for something like them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Look {
    /// `2020-01-17`, `17.1.2020 12:30`, `12:30`.
    Date,
    /// `0x1f`.
    Hexadecimal,
    /// `1_000`.
    Underscored,
    /// `12,34,567`.
    Grouped,
}

impl Look {
    /// What a text looks like.
    pub(super) fn of(text: &str) -> Option<Self> {
        // most texts are words
        let start = text.strip_prefix(['+', '-']).unwrap_or(text);
        if !start.bytes().next().is_some_and(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let hexadecimal = start.strip_prefix("0x").or_else(|| start.strip_prefix("0X"));
        if hexadecimal
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        {
            return Some(Self::Hexadecimal);
        }
        if is_date(text) {
            return Some(Self::Date);
        }
        let marked = |mark| start.contains(mark) && start.replace(mark, "").parse::<f64>().is_ok();
        if marked('_') { Some(Self::Underscored) } else { marked(',').then_some(Self::Grouped) }
    }
}

/// Whether a text is a day, a time, or both: three numbers with `-`, `/` or `.` between them of which one may be a year, and
/// hours and minutes.
fn is_date(text: &str) -> bool {
    let (day, time) = match text.split_once(['T', ' ']) {
        Some((day, time)) => (Some(day), Some(time)),
        None if text.contains(':') => (None, Some(text)),
        None => (Some(text), None),
    };
    day.is_none_or(is_day) && time.is_none_or(is_time)
}

fn is_day(text: &str) -> bool {
    ['-', '/', '.'].into_iter().any(|between| {
        let parts: Vec<&str> = text.split(between).collect();
        let [first, second, third] = parts[..] else { return false };
        let number = |text: &str, sizes: &[usize]| {
            sizes.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let of = |text: &str, most: u32| {
            number(text, &[1, 2]) && text.parse().is_ok_and(|part: u32| (1..=most).contains(&part))
        };
        let month = |month: &str, day: &str| of(month, 12) && of(day, 31);
        (number(first, &[4]) && month(second, third))
            || (number(third, &[2, 4]) && (month(first, second) || month(second, first)))
    })
}

fn is_time(text: &str) -> bool {
    let text = text.trim_end_matches('Z');
    let text = text.rsplit_once(['+', '-']).map_or(text, |(time, _)| time);
    let parts: Vec<&str> = text.split(':').collect();
    let number = |text: &str, most: f64| text.parse().is_ok_and(|part: f64| (0.0..most).contains(&part));
    match parts[..] {
        [hours, minutes] => number(hours, 24.0) && minutes.len() == 2 && number(minutes, 60.0),
        [hours, minutes, seconds] => number(hours, 24.0) && number(minutes, 60.0) && number(seconds, 61.0),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_numbers_of_programs_are_told_by_their_look() {
        for date in [
            "2020-01-17",
            "17.1.2020",
            "1/17/20",
            "2020-01-17T12:30:05.25Z",
            "2020/1/7 12:30",
            "12:30",
            "2020-01-17 12:30:00+01:00",
        ] {
            assert_eq!(Look::of(date), Some(Look::Date), "{date}");
        }
        for other in
            ["2020-13-17", "1.2", "1-2", "192.168.0.1", "12:75", "cat", "a-b-c", "1.2.3.4", "2020", "3 T"]
        {
            assert_eq!(Look::of(other), None, "{other}");
        }
        assert_eq!(Look::of("0x1F"), Some(Look::Hexadecimal));
        assert_eq!(Look::of("1_000"), Some(Look::Underscored));
        assert_eq!(Look::of("12,34,567"), Some(Look::Grouped));
    }
}
