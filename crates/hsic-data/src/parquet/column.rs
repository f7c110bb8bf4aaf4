//! A column: what its type means, and its values in step with the other columns.

use ::parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as Physical};
use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use ::parquet::data_type::{ByteArray, DataType};
use ::parquet::errors::Result;
use ::parquet::file::metadata::ColumnChunkMetaData;
use ::parquet::schema::types::Type;
use half::f16;

use super::ParquetProblem;
use super::batch::Value;

/// Integers up to here are numbers of their own among the 64-bit floats.
const EXACT: u128 = 1 << 53;

/// The largest power of ten that a 64-bit float holds exactly.
const EXACT_POWER: u32 = 22;

/// Digits of a decimal that fit 16 bytes.
const MOST_DIGITS: i32 = 38;

/// Values that memory is taken for ahead.
const AHEAD: usize = 1 << 16;

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    Signed,
    Unsigned,
    Float,
    Half,
    /// A whole number and how many of its digits are behind the point.
    Decimal(u32),
    Text,
}

impl Kind {
    /// What a field is, or why it is no column of a table.
    pub(super) fn of(field: &Type) -> std::result::Result<Self, ParquetProblem> {
        let info = field.get_basic_info();
        let (logical, converted) = (info.logical_type_ref(), info.converted_type());
        let refused = |what, remedy| Err(ParquetProblem::Column { name: field.name().into(), what, remedy });
        let nested = "write its parts as columns of their own";
        let list = matches!(logical, Some(LogicalType::List)) || converted == ConvertedType::LIST;
        let map = matches!(logical, Some(LogicalType::Map))
            || matches!(converted, ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE);
        if !field.is_primitive() {
            return match (list, map) {
                (true, _) => refused("lists", nested),
                (_, true) => refused("maps", nested),
                _ => refused("structs", nested),
            };
        }
        if info.has_repetition() && info.repetition() == Repetition::REPEATED {
            return refused("lists", nested);
        }
        let physical = field.get_physical_type();
        let time = "write it as a number, such as the days since a first date";
        match (logical, converted) {
            (Some(LogicalType::Date), _) | (None, ConvertedType::DATE) => return refused("dates", time),
            (Some(LogicalType::Time(_)), _)
            | (None, ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS) => {
                return refused("times of day", time);
            }
            (Some(LogicalType::Timestamp(_)), _)
            | (None, ConvertedType::TIMESTAMP_MILLIS | ConvertedType::TIMESTAMP_MICROS) => {
                return refused("timestamps", time);
            }
            (None, ConvertedType::INTERVAL) => return refused("intervals of time", time),
            _ if physical == Physical::INT96 => return refused("timestamps", time),
            _ => {}
        }
        let digits = match (logical, converted) {
            (Some(LogicalType::Decimal(decimal)), _) => Some((decimal.precision, decimal.scale)),
            (None, ConvertedType::DECIMAL) => Some((field.get_precision(), field.get_scale())),
            _ => None,
        };
        let unsigned = match (logical, converted) {
            (Some(LogicalType::Integer(integer)), _) => !integer.is_signed,
            (
                None,
                ConvertedType::UINT_8
                | ConvertedType::UINT_16
                | ConvertedType::UINT_32
                | ConvertedType::UINT_64,
            ) => true,
            _ => false,
        };
        let text = match (logical, converted) {
            (Some(logical), _) => {
                matches!(logical, LogicalType::String | LogicalType::Enum | LogicalType::Json)
            }
            (None, converted) => {
                matches!(converted, ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON)
            }
        };
        if let Some((precision, scale)) = digits {
            return match u32::try_from(scale) {
                Ok(scale) if precision <= MOST_DIGITS => Ok(Self::Decimal(scale)),
                _ => refused("decimals of more than 38 digits", "write it as floats or integers"),
            };
        }
        match physical {
            Physical::BOOLEAN => Ok(Self::Boolean),
            Physical::FLOAT | Physical::DOUBLE => Ok(Self::Float),
            Physical::FIXED_LEN_BYTE_ARRAY if matches!(logical, Some(LogicalType::Float16)) => Ok(Self::Half),
            Physical::INT32 | Physical::INT64 if unsigned => Ok(Self::Unsigned),
            Physical::INT32 | Physical::INT64 => Ok(Self::Signed),
            Physical::BYTE_ARRAY if text => Ok(Self::Text),
            _ => refused("bytes", "write it as text (UTF-8) or as numbers"),
        }
    }

    /// The value of an integer, as it is stored: sign-extended.
    fn integer(self, value: i64, bits: u32) -> Value {
        match self {
            Self::Unsigned => whole(i128::from(value as u64 & (u64::MAX >> (64 - bits)))),
            Self::Decimal(scale) => decimal(i128::from(value), scale),
            _ => whole(i128::from(value)),
        }
    }

    /// The value of some bytes, `None` where they are none of this kind.
    fn bytes(self, bytes: &ByteArray) -> Option<Value> {
        match self {
            Self::Half => Some(Value::Number(f16::from_le_bytes(bytes.data().try_into().ok()?).to_f64())),
            Self::Decimal(scale) => Some(decimal(big_endian(bytes.data())?, scale)),
            _ => Some(Value::Text(bytes.clone())),
        }
    }
}

/// An integer: a number where it is one of its own, else its digits.
fn whole(value: i128) -> Value {
    if value.unsigned_abs() <= EXACT {
        Value::Number(value as f64)
    } else {
        Value::Digits(value.to_string().into())
    }
}

/// value/10^scale, rounded once.
fn decimal(value: i128, scale: u32) -> Value {
    if scale == 0 {
        return whole(value);
    }
    if value.unsigned_abs() <= EXACT && scale <= EXACT_POWER {
        // both are exact, so the quotient is rounded as the digits would be
        return Value::Number(value as f64 / 10_f64.powi(scale as i32));
    }
    let digits = format!("{:0>1$}", value.unsigned_abs().to_string(), scale as usize + 1);
    let (front, back) = digits.split_at(digits.len() - scale as usize);
    let sign = if value < 0 { "-" } else { "" };
    let text = format!("{sign}{front}.{back}");
    Value::Digits(text.trim_end_matches('0').trim_end_matches('.').into())
}

/// A two's complement number of up to 16 bytes.
fn big_endian(bytes: &[u8]) -> Option<i128> {
    if bytes.is_empty() || bytes.len() > 16 {
        return None;
    }
    let sign = if bytes[0] >= 0x80 { -1 } else { 0 };
    Some(bytes.iter().fold(sign, |value, &byte| value << 8 | i128::from(byte)))
}

/// Refuses a compression that this program is built without.
pub(super) fn check_codec(
    name: &str,
    chunk: &ColumnChunkMetaData,
) -> std::result::Result<(), ParquetProblem> {
    let codec = match chunk.compression() {
        Compression::LZO => "LZO",
        Compression::BROTLI(_) => "Brotli",
        _ => return Ok(()),
    };
    Err(ParquetProblem::Codec { name: name.into(), codec })
}

/// The values of a column within a group of rows.
pub(super) struct Reader {
    reader: ColumnReader,
    kind: Kind,
    levels: Vec<i16>,
}

impl Reader {
    pub(super) fn new(reader: ColumnReader, kind: Kind) -> Self {
        Self { reader, kind, levels: Vec::new() }
    }

    /// Appends the next values, up to `wanted`; how many there were.
    pub(super) fn read(&mut self, wanted: usize, values: &mut Vec<Value>) -> Result<usize> {
        let (kind, levels) = (self.kind, &mut self.levels);
        match &mut self.reader {
            ColumnReader::BoolColumnReader(reader) => {
                decode(reader, wanted, levels, values, |&value| Ok(Value::Number(f64::from(u8::from(value)))))
            }
            ColumnReader::Int32ColumnReader(reader) => {
                decode(reader, wanted, levels, values, |&value| Ok(kind.integer(i64::from(value), 32)))
            }
            ColumnReader::Int64ColumnReader(reader) => {
                decode(reader, wanted, levels, values, |&value| Ok(kind.integer(value, 64)))
            }
            ColumnReader::FloatColumnReader(reader) => {
                decode(reader, wanted, levels, values, |&value| Ok(Value::Number(f64::from(value))))
            }
            ColumnReader::DoubleColumnReader(reader) => {
                decode(reader, wanted, levels, values, |&value| Ok(Value::Number(value)))
            }
            ColumnReader::ByteArrayColumnReader(reader) => {
                decode(reader, wanted, levels, values, |value| of_bytes(kind, value))
            }
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                decode(reader, wanted, levels, values, |value| of_bytes(kind, value))
            }
            // such a column is refused
            ColumnReader::Int96ColumnReader(_) => Ok(0),
        }
    }

    /// Whether values are left.
    pub(super) fn has_more(&mut self) -> Result<bool> {
        Ok(self.read(1, &mut Vec::new())? > 0)
    }
}

fn of_bytes(kind: Kind, bytes: &ByteArray) -> Result<Value> {
    kind.bytes(bytes)
        .ok_or_else(|| ::parquet::errors::ParquetError::General(format!("a number of {} bytes", bytes.len())))
}

fn decode<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    wanted: usize,
    levels: &mut Vec<i16>,
    values: &mut Vec<Value>,
    value: impl Fn(&T::T) -> Result<Value>,
) -> Result<usize> {
    levels.clear();
    let mut known = Vec::with_capacity(wanted.min(AHEAD));
    let (rows, _, _) = reader.read_records(wanted, Some(levels), None, &mut known)?;
    let mut known = known.iter();
    if levels.is_empty() {
        // a column without nulls has no levels
        for one in known {
            values.push(value(one)?);
        }
        return Ok(rows);
    }
    for &level in levels.iter() {
        let one = if level > 0 { known.next() } else { None };
        values.push(one.map_or(Ok(Value::Null), &value)?);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_rounded_as_their_digits_are() {
        for (value, scale, expected) in [
            (110, 1, 11.0),
            (1, 1, 0.1),
            (-12_345, 2, -123.45),
            (9_007_199_254_740_991, 22, 9.007_199_254_740_991e-7),
        ] {
            assert_eq!(decimal(value, scale), Value::Number(expected));
        }
        for (value, scale, digits) in [
            (9_007_199_254_740_993, 0, "9007199254740993"),
            (-90_071_992_547_409_930, 1, "-9007199254740993"),
            (90_071_992_547_409_931, 3, "90071992547409.931"),
            (5, 24, "0.000000000000000000000005"),
        ] {
            assert_eq!(decimal(value, scale), Value::Digits(digits.into()));
        }
    }

    #[test]
    fn bytes_of_a_decimal_have_a_sign() {
        assert_eq!(big_endian(&[0xff, 0x38]), Some(-200));
        assert_eq!(big_endian(&[0x00, 0xc8]), Some(200));
        assert_eq!((big_endian(&[]), big_endian(&[0; 17])), (None, None));
    }
}
