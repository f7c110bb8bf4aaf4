//! The model file: safetensors, with a JSON header in its metadata (`docs/model-file.md`).

mod read;
mod write;

use hsic_net::state::{NetworkDescription, Tensors};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::{Preprocessing, Training};

/// Version of the format that is written; it rises when an older reader would misread a file.
pub const FORMAT_VERSION: u64 = 1;

/// Key of the header in the metadata.
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
        for size in tensor.shape() {
            part(&(size as u64).to_le_bytes());
        }
        part(&tensor.values());
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
