//! The model file: safetensors, with a JSON header in its metadata (`docs/model-file.md`).

mod read;
mod write;

use hsic_net::state::{NetworkDescription, Tensor, Tensors};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::{Preprocessing, Training};

/// Version of the format that is written; it rises when an older reader would misread a file.
pub const FORMAT_VERSION: u64 = 1;

/// Key of the header in the metadata. There is one key: the order of several would not be fixed.
const KEY: &str = "hsic";

/// What stands under [`KEY`].
#[derive(Serialize, Deserialize)]
struct Header {
    format_version: u64,
    /// Of the text of `model` and of every tensor.
    sha256: String,
    model: Box<RawValue>,
}

/// The model without its tensors.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    preprocessing: Preprocessing,
    network: NetworkDescription,
    training: Training,
}

/// The sum of a header's text and of every tensor's name, shape and bytes, in order of the names.
fn checksum(model: &str, tensors: &Tensors) -> String {
    let mut hasher = Sha256::new();
    let mut part = |bytes: &[u8]| {
        // with its length, so that nothing can move from one part to the next
        hasher.update((bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    part(model.as_bytes());
    for (name, tensor) in tensors {
        part(name.as_bytes());
        for size in shape(tensor) {
            part(&(size as u64).to_le_bytes());
        }
        part(&bytes(tensor));
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn shape(tensor: &Tensor) -> Vec<usize> {
    match tensor {
        Tensor::Matrix(matrix) => vec![matrix.nrows(), matrix.ncols()],
        Tensor::Codes(codes) => vec![codes.len()],
    }
}

/// The values, row by row, little-endian.
fn bytes(tensor: &Tensor) -> Vec<u8> {
    match tensor {
        Tensor::Matrix(matrix) => {
            let rows = (0..matrix.nrows()).flat_map(|i| (0..matrix.ncols()).map(move |j| matrix[(i, j)]));
            rows.flat_map(f64::to_le_bytes).collect()
        }
        Tensor::Codes(codes) => codes.iter().flat_map(|&code| (code as i64).to_le_bytes()).collect(),
    }
}
