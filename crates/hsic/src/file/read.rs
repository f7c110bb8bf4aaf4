//! Reading a model; nothing in the file is believed.

use std::fs;
use std::path::Path;

use hsic_layer::state::{header_of, tensors_of};
use hsic_net::Network;
use hsic_net::state::{LayerRegistry, NetworkState};

use super::{Description, FORMAT_VERSION, Header, KEY, checksum};
use crate::error::FileProblem;
use crate::{Error, Model, Result};

type Read<T> = std::result::Result<T, FileProblem>;

impl Model {
    /// Reads a model from its file.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::File`] with what is wrong with the contents.
    ///
    /// # Cost
    /// Memory for the file and its tensors; a size that is declared and not there costs none.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        Self::load_with(path, &LayerRegistry::default())
    }

    /// Reads a model from its file, its layers by `registry`: for solvers that are not of this project.
    ///
    /// # Errors
    /// As [`Model::load`].
    ///
    /// # Cost
    /// As [`Model::load`].
    pub fn load_with(path: impl AsRef<Path>, registry: &LayerRegistry) -> Result<Self> {
        let file = path.as_ref().display().to_string();
        let bytes = fs::read(path).map_err(|source| Error::Read { file: file.clone(), source })?;
        Self::from_bytes_with(&bytes, &file, registry)
    }

    /// Reads a model from the bytes of its file; `file` stands for it in messages.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn from_bytes(bytes: &[u8], file: &str) -> Result<Self> {
        Self::from_bytes_with(bytes, file, &LayerRegistry::default())
    }

    /// As [`Model::from_bytes`], its layers read by `registry`.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn from_bytes_with(bytes: &[u8], file: &str, registry: &LayerRegistry) -> Result<Self> {
        read(bytes, registry).map_err(|problem| Error::File { file: file.into(), problem: Box::new(problem) })
    }
}

fn read(bytes: &[u8], registry: &LayerRegistry) -> Read<Model> {
    let header = header_of(KEY, bytes)?.ok_or(FileProblem::NoModel)?;
    let header = header.as_str();
    let damaged = |error: serde_json::Error| FileProblem::Header(error.to_string());
    let version: Version = serde_json::from_str(header).map_err(damaged)?;
    if version.format_version != FORMAT_VERSION {
        return Err(FileProblem::Version { found: version.format_version, known: FORMAT_VERSION });
    }
    let header: Header = serde_json::from_str(header).map_err(damaged)?;
    let tensors = tensors_of(bytes)?;
    let found = checksum(header.model.get(), &tensors);
    if found != header.sha256 {
        return Err(FileProblem::Checksum { found, expected: header.sha256 });
    }
    // a file made up with the right sum gets this far
    let Description { preprocessing, network: description, training } =
        serde_json::from_str(header.model.get()).map_err(damaged)?;
    preprocessing.check()?;
    let classes = preprocessing.schema().classes().len();
    let network = Network::from_state_with(NetworkState { description, tensors }, classes, registry)?;
    let (found, expected) = (network.input_width(), preprocessing.scaler().kept().len());
    if found != expected {
        return Err(FileProblem::Size { what: "the input width of the network", found, expected });
    }
    Ok(Model { preprocessing, network, training })
}

/// What must be there in any version.
#[derive(serde::Deserialize)]
struct Version {
    format_version: u64,
}
