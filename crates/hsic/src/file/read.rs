//! Reading a model; nothing in the file is believed.

use std::fs;
use std::path::Path;

use faer::Mat;
use hsic_net::Network;
use hsic_net::state::{LayerRegistry, NetworkState, Tensor, Tensors};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

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
    let container = |error: safetensors::SafeTensorError| FileProblem::Container(error.to_string());
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(container)?;
    let header = metadata.metadata().as_ref().and_then(|metadata| metadata.get(KEY));
    let header = header.ok_or(FileProblem::NoModel)?;
    let damaged = |error: serde_json::Error| FileProblem::Header(error.to_string());
    let version: Version = serde_json::from_str(header).map_err(damaged)?;
    if version.format_version != FORMAT_VERSION {
        return Err(FileProblem::Version { found: version.format_version, known: FORMAT_VERSION });
    }
    let header: Header = serde_json::from_str(header).map_err(damaged)?;
    let tensors = SafeTensors::deserialize(bytes)
        .map_err(container)?
        .iter()
        .map(|(name, view)| Ok((name.to_owned(), tensor(name, &view)?)))
        .collect::<Read<Tensors>>()?;
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

fn tensor(name: &str, view: &TensorView<'_>) -> Read<Tensor> {
    let values = view.data().chunks_exact(8).map(|bytes| bytes.try_into().unwrap_or_default());
    match (view.dtype(), view.shape()) {
        // rows or columns of no values take no bytes, however many are declared
        (_, shape) if shape.contains(&0) => Err(FileProblem::EmptyTensor { name: name.into() }),
        (Dtype::F64, &[rows, columns]) => {
            let values: Vec<f64> = values.map(f64::from_le_bytes).collect();
            // the container has checked that as many values are there as the shape says
            Ok(Tensor::Matrix(Mat::from_fn(rows, columns, |i, j| values[i * columns + j])))
        }
        (Dtype::I64, &[_]) => {
            let code = |(index, value): (usize, i64)| {
                let problem = FileProblem::Code { name: name.into(), index, value };
                usize::try_from(value).map_err(|_| problem)
            };
            Ok(Tensor::Codes(values.map(i64::from_le_bytes).enumerate().map(code).collect::<Read<_>>()?))
        }
        (dtype, shape) => {
            let (name, dtype, dimensions) = (name.into(), format!("{dtype:?}"), shape.len());
            Err(FileProblem::TensorType { name, dtype, dimensions })
        }
    }
}
