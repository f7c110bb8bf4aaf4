//! Passes and partials as bytes, and back.

use hsic_kernels::columns::ColumnMoments;
use hsic_kernels::features::RandomFeatures;
use hsic_kernels::rows::{RowSample, SampledRow};
use hsic_layer::Layer;
use hsic_layer::sums::{RowSum, RowSums, put_moments, read_moments};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::partial::{Measured, Sums};
use super::{Evaluation, Partial, Pass, PassError, PassId, Task, fingerprint};
use crate::Result;
use crate::head::Output;
use crate::state::{
    HeadDescription, LayerParts, LayerRegistry, LayerState, StateError, Tensor, Tensors, bandwidth, of_layer,
};
use hsic_layer::state::{header_of, take, take_any, take_codes, tensors_of, to_bytes};

/// Keys of the headers in the metadata.
const PASS: &str = "hsic-pass";
const PARTIAL: &str = "hsic-partial";

/// More columns or classes than any rows have: what is declared beyond is an error, not a request for memory.
const LARGEST: usize = 1 << 20;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PassHeader {
    id: PassId,
    width: usize,
    n_classes: usize,
    layers: Vec<LayerHeader>,
    task: TaskHeader,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LayerHeader {
    solver: String,
    features: String,
    sigma: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
enum TaskHeader {
    Columns {},
    Sample { rows: usize, seed: u64, moments: bool },
    Layer { sum: String },
    Measure { z: bool, r: bool },
    Head { rows: usize, seed: u64 },
    Evaluation { head: HeadDescription },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartialHeader {
    id: PassId,
}

impl Pass {
    /// The bytes of the pass: its tensors as safetensors, the rest as JSON in their metadata. The same pass gives the same bytes.
    ///
    /// # Errors
    /// [`PassError::Container`] for what the container refuses.
    ///
    /// # Cost
    /// A few copies of the layers before it and of the pass's own tensors; the table above has their sizes.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut tensors = Tensors::new();
        let layers = self.layers.iter().enumerate().map(|(index, layer)| {
            let LayerState { solver, features, tensors: of_layer } = layer.state();
            let named = |(name, tensor)| (format!("layers.{index}.{name}"), tensor);
            tensors.extend(of_layer.into_iter().map(named));
            LayerHeader { solver: solver.into(), features: features.into(), sigma: layer.sigma().get() }
        });
        let layers = layers.collect();
        let mut put = |name: &str, matrix: faer::Mat<f64>| {
            tensors.insert(name.into(), Tensor::Matrix(matrix));
        };
        let task = match &self.task {
            Task::Columns => TaskHeader::Columns {},
            &Task::Sample { rows, seed, moments } => TaskHeader::Sample { rows, seed, moments },
            Task::Layer(sum) => {
                sum.put(&mut tensors);
                TaskHeader::Layer { sum: sum.kind().into() }
            }
            Task::Measure { map, z, r } => {
                if let Some(map) = map {
                    put("frequencies", map.frequencies().to_owned());
                }
                TaskHeader::Measure { z: *z, r: *r }
            }
            Task::Head { rows, seed, directions } => {
                if let Some(directions) = directions {
                    put("directions", directions.clone());
                }
                TaskHeader::Head { rows: *rows, seed: *seed }
            }
            Task::Evaluation(output) => TaskHeader::Evaluation { head: output.put(&mut tensors) },
        };
        let (width, n_classes) = (self.width, self.n_classes);
        written(PASS, &PassHeader { id: self.id, width, n_classes, layers, task }, &tensors)
    }

    /// The pass of its bytes. Nothing is believed: every shape is held against the others.
    ///
    /// # Errors
    /// [`Error::Pass`](crate::Error::Pass) for bytes that are no pass, [`Error::State`](crate::Error::State) with the first tensor that
    /// does not fit.
    ///
    /// # Cost
    /// A few copies of the tensors.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Self::from_bytes_with(bytes, &LayerRegistry::default())
    }

    /// As [`Pass::from_bytes`], its layers read by `registry`: for solvers that are not of this project.
    ///
    /// # Errors
    /// As [`Pass::from_bytes`].
    pub fn from_bytes_with(bytes: &[u8], registry: &LayerRegistry) -> Result<Self> {
        let (header, mut tensors): (PassHeader, _) = read(PASS, "pass", bytes)?;
        let PassHeader { id, width, n_classes, layers: stored, task } = header;
        within("the number of columns", width)?;
        within("the number of classes", n_classes)?;
        let mut layers: Vec<Layer> = Vec::new();
        let mut input_width = width;
        for (index, layer) in stored.iter().enumerate() {
            let sigma = bandwidth(format!("sigma of layer {}", index + 1), layer.sigma)?;
            let mut parts = LayerParts::new(index, &layer.features, sigma, Some(input_width), &mut tensors);
            let layer = registry.read(&layer.solver, &mut parts).map_err(of_layer)?;
            input_width = layer.activation_width();
            layers.push(layer);
        }
        let last = || layers.last().ok_or(StateError::NoLayers);
        let task = match task {
            TaskHeader::Columns {} => Task::Columns,
            TaskHeader::Sample { rows, seed, moments } => Task::Sample { rows, seed, moments },
            TaskHeader::Layer { sum } => {
                Task::Layer(RowSum::read(&sum, &mut tensors, input_width, n_classes).map_err(of_layer)?)
            }
            TaskHeader::Measure { z, r } => {
                let width = last()?.width();
                let map = if tensors.contains_key("frequencies") {
                    let frequencies = take(&mut tensors, "frequencies", (Some(width), None))?;
                    Some(RandomFeatures::from_frequencies(frequencies)?)
                } else {
                    None
                };
                Task::Measure { map, z, r }
            }
            TaskHeader::Head { rows, seed } => {
                let width = last()?.activation_width();
                let directions = if tensors.contains_key("directions") {
                    Some(take(&mut tensors, "directions", (Some(width), None))?)
                } else {
                    None
                };
                Task::Head { rows, seed, directions }
            }
            TaskHeader::Evaluation { head } => {
                Task::Evaluation(Box::new(Output::read(&head, last()?, n_classes, &mut tensors)?))
            }
        };
        nothing_left(tensors)?;
        Ok(Self { id, width, n_classes, layers, task })
    }
}

impl Partial {
    fn tensors(&self) -> Tensors {
        let mut tensors = Tensors::new();
        match &self.sums {
            Sums::Columns(columns) => {
                let numbers: Vec<_> = columns.iter().map(ColumnMoments::to_numbers).collect();
                let numbers = faer::Mat::from_fn(numbers.len(), 8, |column, k| numbers[column][k]);
                tensors.insert("columns".into(), Tensor::Matrix(numbers));
            }
            Sums::Sample { sample, moments } => {
                put_sample(sample, &mut tensors);
                if let Some(moments) = moments {
                    put_moments(moments, "moments.", &mut tensors);
                }
            }
            Sums::Layer(sums) => sums.put(&mut tensors),
            Sums::Measure(measured) => {
                let Measured { psi, z, r } = measured.as_ref();
                let named = [("psi.", Some(psi)), ("z.", z.as_ref()), ("r.", r.as_ref())];
                for (prefix, moments) in named {
                    if let Some(moments) = moments {
                        put_moments(moments, prefix, &mut tensors);
                    }
                }
            }
            Sums::Head(sample) => put_sample(sample, &mut tensors),
            Sums::Evaluation(evaluation) => {
                let counts = evaluation.confusion.concat();
                tensors.insert("confusion".into(), Tensor::Codes(counts));
                let log_loss = faer::Mat::full(1, 1, evaluation.log_loss);
                tensors.insert("log_loss".into(), Tensor::Matrix(log_loss));
            }
        }
        tensors
    }

    /// The bytes of the partial: its sums as safetensors, with the pass they are of. The same partial gives the same bytes.
    ///
    /// # Errors
    /// [`PassError::Container`] for what the container refuses.
    ///
    /// # Cost
    /// A few copies of the sums; the table above has their sizes.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        written(PARTIAL, &PartialHeader { id: self.id }, &self.tensors())
    }

    /// The partial of its bytes, which must be of this pass. Nothing is believed: every shape is held against the pass.
    ///
    /// # Errors
    /// [`Error::Pass`](crate::Error::Pass) for bytes that are no partial or one of another pass, [`Error::State`](crate::Error::State)
    /// with the first tensor that does not fit.
    ///
    /// # Cost
    /// A few copies of the sums.
    pub fn from_bytes(bytes: &[u8], pass: &Pass) -> Result<Self> {
        let (PartialHeader { id }, mut tensors): (PartialHeader, _) = read(PARTIAL, "partial", bytes)?;
        if id != pass.id {
            return Err(PassError::OtherPass { expected: pass.id, found: id }.into());
        }
        let (tensors_left, c) = (&mut tensors, pass.n_classes);
        let sums = match (pass.empty().sums, &pass.task) {
            (Sums::Columns(columns), _) => Sums::Columns(read_columns(tensors_left, columns.len())?),
            (Sums::Sample { sample, moments }, _) => Sums::Sample {
                sample: read_sample(sample, tensors_left)?,
                moments: moments
                    .map(|of| read_moments("moments.", tensors_left, of.totals().sums().nrows(), c))
                    .transpose()
                    .map_err(of_layer)?,
            },
            (Sums::Layer(_), Task::Layer(sum)) => {
                Sums::Layer(RowSums::read(sum, tensors_left, c).map_err(of_layer)?)
            }
            (Sums::Measure(measured), _) => {
                let Measured { psi, z, r } = *measured;
                let mut moments = |prefix, of: hsic_kernels::class_moments::ClassMoments| {
                    read_moments(prefix, tensors_left, of.totals().sums().nrows(), c).map_err(of_layer)
                };
                Sums::Measure(Box::new(Measured {
                    psi: moments("psi.", psi)?,
                    z: z.map(|z| moments("z.", z)).transpose()?,
                    r: r.map(|r| moments("r.", r)).transpose()?,
                }))
            }
            (Sums::Head(sample), _) => Sums::Head(read_sample(sample, tensors_left)?),
            (Sums::Evaluation(_), _) => Sums::Evaluation(read_evaluation(tensors_left, c)?),
            (Sums::Layer(_), _) => unreachable!("the empty sums are those of the task"),
        };
        nothing_left(tensors)?;
        Ok(Self { id, sums })
    }

    /// Of the pass and every number.
    pub(super) fn fingerprint(&self) -> u64 {
        fingerprint::of_tensors(self.id.fit, &self.tensors())
    }
}

fn read_columns(tensors: &mut Tensors, width: usize) -> Result<Vec<ColumnMoments>> {
    let numbers = take(tensors, "columns", (Some(width), Some(8)))?;
    let column = |row: usize| {
        let column = ColumnMoments::from_numbers(std::array::from_fn(|k| numbers[(row, k)]));
        let (bound, value) = ("those of some numbers", numbers[(row, 0)]);
        column.ok_or(StateError::Entry { name: "columns".into(), row, column: 0, value, bound }.into())
    };
    (0..width).map(column).collect()
}

fn read_evaluation(tensors: &mut Tensors, n_classes: usize) -> Result<Evaluation> {
    let counts = take_codes(tensors, "confusion", n_classes * n_classes)?;
    let log_loss = take_any(tensors, "log_loss", (Some(1), Some(1)))?;
    let bound = "at least 0";
    hsic_layer::state::check_entries(&log_loss, "log_loss", bound, |value| value >= 0.0)?;
    let confusion = counts.chunks_exact(n_classes).map(<[usize]>::to_vec).collect();
    Ok(Evaluation { confusion, log_loss: log_loss[(0, 0)] })
}

/// Half of the bits of a row's number: a code is less than 2⁶³.
const HALF: u64 = (1 << 32) - 1;

fn put_sample(sample: &RowSample, tensors: &mut Tensors) {
    let rows: Vec<&SampledRow> = sample.rows().collect();
    if rows.is_empty() {
        return;
    }
    let mut codes = |name: &str, of: fn(&SampledRow) -> usize| {
        tensors.insert(format!("sample.{name}"), Tensor::Codes(rows.iter().map(|row| of(row)).collect()));
    };
    // what a row draws follows from its number
    codes("numbers_high", |row| (row.number >> 32) as usize);
    codes("numbers_low", |row| (row.number & HALF) as usize);
    codes("codes", |row| row.code);
    let values = faer::Mat::from_fn(rows.len(), sample.width(), |i, k| rows[i].row[k]);
    tensors.insert("sample.rows".into(), Tensor::Matrix(values));
}

fn read_sample(empty: RowSample, tensors: &mut Tensors) -> Result<RowSample> {
    if !tensors.contains_key("sample.rows") {
        return Ok(empty);
    }
    let values = take(tensors, "sample.rows", (None, Some(empty.width())))?;
    let mut codes = |name: &str| take_codes(tensors, &format!("sample.{name}"), values.nrows());
    let (high, low, classes) = (codes("numbers_high")?, codes("numbers_low")?, codes("codes")?);
    let rows = (0..values.nrows()).map(|i| SampledRow {
        number: ((high[i] as u64) << 32) | (low[i] as u64 & HALF),
        code: classes[i],
        row: values.row(i).iter().copied().collect(),
    });
    Ok(empty.with_rows(rows.collect())?)
}

fn within(name: &str, value: usize) -> Result<()> {
    if (1..=LARGEST).contains(&value) {
        return Ok(());
    }
    Err(StateError::Value { name: name.into(), bound: "from 1 to 2^20", value: value as f64 }.into())
}

fn nothing_left(tensors: Tensors) -> Result<()> {
    tensors.into_keys().next().map_or(Ok(()), |name| Err(StateError::Unexpected { name }.into()))
}

fn written(key: &str, header: &impl Serialize, tensors: &Tensors) -> Result<Vec<u8>> {
    let header = serde_json::to_string(header).map_err(|error| PassError::Header(error.to_string()))?;
    Ok(to_bytes(key, header, tensors).map_err(PassError::from)?)
}

fn read<T: DeserializeOwned>(
    key: &'static str,
    expected: &'static str,
    bytes: &[u8],
) -> Result<(T, Tensors)> {
    let header = header_of(key, bytes).map_err(PassError::from)?;
    let header = header.ok_or(PassError::Kind { expected, key })?;
    let header = serde_json::from_str(&header).map_err(|error| PassError::Header(error.to_string()))?;
    Ok((header, tensors_of(bytes).map_err(PassError::from)?))
}
