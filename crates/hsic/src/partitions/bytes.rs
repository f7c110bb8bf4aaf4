//! Passes over partitions and their partials as bytes, and back: a line of JSON, and what follows it.

use hsic_data::table::{InferOptions, Schema};
use hsic_net::passes::{Partial, Pass};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::PartitionError;
use super::pass::{Sums, TablePartial, TablePass, Task};
use crate::{Preprocessing, Result};

/// The start of the sha256, in hexadecimal.
pub(super) fn identifier(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "hsic-table-pass", rename_all = "kebab-case")]
enum PassHeader {
    Scan { options: InferOptions },
    Columns { schema: Schema },
    Rows { preprocessing: Preprocessing },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartialHeader {
    #[serde(rename = "hsic-table-partial")]
    pass: String,
    rows: usize,
}

impl TablePass {
    /// The bytes of the pass. The same pass gives the same bytes.
    ///
    /// # Errors
    /// [`Error::Network`](crate::Error::Network) for what the container of tensors refuses.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let (header, body) = match &self.task {
            Task::Scan(options) => (PassHeader::Scan { options: options.clone() }, Vec::new()),
            Task::Columns(schema) => (PassHeader::Columns { schema: schema.clone() }, Vec::new()),
            Task::Rows(preprocessing, pass) => {
                (PassHeader::Rows { preprocessing: (**preprocessing).clone() }, pass.to_bytes()?)
            }
        };
        written(&header, body)
    }

    /// The pass of its bytes.
    ///
    /// # Errors
    /// [`PartitionError::Bytes`], and those of [`Pass::from_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let (header, body) = read(bytes)?;
        let task = match header {
            PassHeader::Scan { options } => Task::Scan(options),
            PassHeader::Columns { schema } => Task::Columns(schema),
            PassHeader::Rows { preprocessing } => {
                let pass = Pass::from_bytes(body)?;
                let found = preprocessing.scaler().kept().len();
                if preprocessing.check().is_err() || found != pass.width() {
                    let what =
                        format!("standardised rows of {found} columns, and a pass of {}", pass.width());
                    return Err(PartitionError::Bytes(what).into());
                }
                Task::Rows(Box::new(preprocessing), Box::new(pass))
            }
        };
        Ok(Self { id: identifier(bytes), task })
    }
}

impl TablePartial {
    /// The bytes of the partial.
    ///
    /// # Errors
    /// As [`TablePass::to_bytes`].
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let header = PartialHeader { pass: self.pass.clone(), rows: self.rows };
        let body = match &self.sums {
            Sums::Nothing => Vec::new(),
            Sums::Scan(counted) => json(counted)?,
            Sums::Columns(known) => json(known)?,
            Sums::Rows(partial) => partial.to_bytes()?,
        };
        written(&header, body)
    }

    /// The partial of its bytes, which must be of this pass.
    ///
    /// # Errors
    /// [`PartitionError::OtherPass`], [`PartitionError::Bytes`], and those of [`Partial::from_bytes`].
    pub fn from_bytes(bytes: &[u8], pass: &TablePass) -> Result<Self> {
        let (header, body): (PartialHeader, _) = read(bytes)?;
        let mut partial = pass.empty();
        (partial.pass, partial.rows) = (header.pass, header.rows);
        pass.check(&partial)?;
        partial.sums = match &pass.task {
            Task::Scan(_) if body.is_empty() => Sums::Nothing,
            Task::Scan(_) => Sums::Scan(Box::new(of_json(body)?)),
            Task::Columns(_) => Sums::Columns(Box::new(of_json(body)?)),
            Task::Rows(_, pass) => Sums::Rows(Box::new(Partial::from_bytes(body, pass)?)),
        };
        Ok(partial)
    }
}

fn damaged(error: impl ToString) -> PartitionError {
    PartitionError::Bytes(error.to_string())
}

fn json(value: &impl Serialize) -> Result<Vec<u8>> {
    Ok(serde_json::to_vec(value).map_err(damaged)?)
}

fn of_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    Ok(serde_json::from_slice(bytes).map_err(damaged)?)
}

fn written(header: &impl Serialize, body: Vec<u8>) -> Result<Vec<u8>> {
    let mut bytes = json(header)?;
    bytes.push(b'\n');
    bytes.extend(body);
    Ok(bytes)
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, &[u8])> {
    let end = bytes.iter().position(|&byte| byte == b'\n');
    let end = end.ok_or_else(|| damaged("there is no line at their start"))?;
    Ok((of_json(&bytes[..end])?, &bytes[end + 1..]))
}
