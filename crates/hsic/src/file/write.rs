//! Writing a model.

use std::path::Path;

use hsic_data::output;
use hsic_layer::state::to_bytes;
use hsic_net::state::NetworkState;
use serde_json::value::RawValue;

use super::{Description, FORMAT_VERSION, Header, KEY, checksum};
use crate::error::FileProblem;
use crate::{Error, Model, Result};

impl Model {
    /// The bytes of the model's file; the same model gives the same bytes.
    ///
    /// # Errors
    /// [`Error::File`] for settings that are no JSON.
    ///
    /// # Cost
    /// Three copies of the tensors.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let failed = |reason: &dyn std::fmt::Display| Error::File {
            file: "the model".into(),
            problem: Box::new(FileProblem::Header(reason.to_string())),
        };
        let NetworkState { description, tensors } = self.network.state();
        let description = Description {
            preprocessing: self.preprocessing.clone(),
            network: description,
            training: self.training.clone(),
        };
        let model = serde_json::to_string(&description).map_err(|error| failed(&error))?;
        let sha256 = checksum(&model, &tensors);
        let model = RawValue::from_string(model).map_err(|error| failed(&error))?;
        let header = Header { format_version: FORMAT_VERSION, sha256, model };
        let header = serde_json::to_string(&header).map_err(|error| failed(&error))?;
        to_bytes(KEY, header, &tensors).map_err(|error| failed(&error))
    }

    /// Writes the model as [`hsic_data::output`] does: a file is whole or not there, its permissions stay, a link is followed, and a
    /// pipe is written into.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        output::write(path, &self.to_bytes()?)
            .map_err(|source| Error::Write { file: path.display().to_string(), source })
    }
}
