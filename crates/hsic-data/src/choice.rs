//! What a user can choose about how rows are read, where a message names it.

use std::fmt;
use std::sync::OnceLock;

/// A choice that a message names: one that was made, or one that is its remedy.
///
/// `Display` says it in the words of this library. A program whose users choose otherwise, by options of a command line or
/// by arguments of another language, gives its own words once, see [`Choice::set_words`]; every message of this library then
/// has those.
///
/// ```
/// use hsic_data::Choice;
/// assert_eq!(Choice::Text("age").to_string(), "`InferOptions::text`");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Choice<'a> {
    /// Which column holds the classes.
    Label,
    /// The columns that are left out.
    Ignored,
    /// To leave out this column.
    Ignore(&'a str),
    /// The columns that are taken as texts.
    Texts,
    /// To take this column as texts.
    Text(&'a str),
    /// The columns whose texts have an order.
    Ordinal,
    /// The classes in order of their codes.
    ClassOrder,
    /// Rows with missing cells are left out.
    DropMissing,
    /// Missing cells are filled with their column's mean.
    FillMissing,
    /// How many categories a column may have.
    MaxCategories,
    /// The first line is a row.
    NoHeader,
    /// The mark before the fraction of numbers.
    Decimal,
    /// How the characters of a text are stored, the likely one.
    Encoding(&'a str),
    /// Lines that start with this are passed over.
    Comment(char),
    /// So many lines before the header are passed over.
    Skip(usize),
    /// Categories that a schema does not know are none of those it knows.
    UnknownIgnored,
    /// Columns that a schema does not know are passed over.
    ExtraIgnored,
    /// Rows are encoded without classes.
    WithoutLabel,
    /// Columns of numbers, without a schema.
    Numbers,
    /// To cross-validate in this many folds.
    Folds(usize),
    /// To get this registered set.
    Fetch(&'a str),
    /// A folder that has the files of a set already.
    FetchFrom,
    /// To make this generated set.
    Generate(&'a str),
    /// To fit one fold at a time.
    OneFold,
}

/// The words of a program for a choice; `None` where it has none of its own.
pub type Words = fn(&Choice<'_>) -> Option<String>;

static WORDS: OnceLock<Words> = OnceLock::new();

impl Choice<'_> {
    /// From now on, every message of this process names choices in these words. They can be given once: whether these were
    /// the first.
    pub fn set_words(words: Words) -> bool {
        WORDS.set(words).is_ok()
    }
}

impl fmt::Display for Choice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(words) = WORDS.get().and_then(|words| words(self)) {
            return f.write_str(&words);
        }
        f.write_str(match self {
            Self::Label => "`InferOptions::label`",
            Self::Ignored | Self::Ignore(_) => "`InferOptions::ignore`",
            Self::Texts | Self::Text(_) => "`InferOptions::text`",
            Self::Ordinal => "`ordinal`",
            Self::ClassOrder => "`InferOptions::class_order`",
            Self::DropMissing => "`MissingRule::Drop`",
            Self::FillMissing => "`MissingRule::Keep` and `fill_missing`",
            Self::MaxCategories => "`InferOptions::max_categories`",
            Self::NoHeader => "`SourceOptions::has_header` false",
            Self::Decimal => "`SourceOptions::decimal`",
            Self::Encoding(name) => return write!(f, "`SourceOptions::encoding` {name}"),
            Self::Comment(mark) => return write!(f, "`SourceOptions::comment` `{mark}`"),
            Self::Skip(lines) => return write!(f, "`SourceOptions::skip` {lines}"),
            Self::UnknownIgnored => "`UnknownRule::Ignore`",
            Self::ExtraIgnored => "`ExtraRule::Ignore`",
            Self::WithoutLabel => "`LabelRule::Ignore`",
            Self::Numbers => "`Numbers`",
            Self::Folds(folds) => return write!(f, "{folds} folds"),
            Self::Fetch(_) => "`hsic_data::fetch`",
            Self::FetchFrom => "`FetchOptions::from`",
            Self::Generate(name) => return write!(f, "`generate(\"{name}\", seed)`"),
            Self::OneFold => "one fold at a time",
        })
    }
}
