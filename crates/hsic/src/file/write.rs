//! Writing a model.

use std::collections::HashMap;
use std::path::Path;

use hsic_data::output;
use hsic_net::state::{NetworkState, Tensor};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde_json::value::RawValue;

use super::{Description, FORMAT_VERSION, Header, KEY, bytes, checksum, shape};
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
        let stored: Vec<_> = tensors
            .iter()
            .map(|(name, tensor)| {
                let dtype = match tensor {
                    Tensor::Matrix(_) => Dtype::F64,
                    Tensor::Codes(_) => Dtype::I64,
                };
                (name, dtype, shape(tensor), bytes(tensor))
            })
            .collect();
        let views = stored
            .iter()
            .map(|(name, dtype, shape, bytes)| Ok((name, TensorView::new(*dtype, shape.clone(), bytes)?)))
            .collect::<std::result::Result<Vec<_>, safetensors::SafeTensorError>>()
            .map_err(|error| failed(&error))?;
        let metadata = HashMap::from([(KEY.to_owned(), header)]);
        safetensors::serialize(views, Some(metadata)).map_err(|error| failed(&error))
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
