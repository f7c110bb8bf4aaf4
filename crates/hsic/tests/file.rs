//! A model out of its file is the model that went in; a file that is not whole is refused by name.

use std::process::Command;

use faer::{Mat, Par};
use hsic::{Error, Model};
use hsic_data::table::{Content, EncodeOptions, InferOptions, LabelRule, RowEncoder, SourceOptions, Table};
use hsic_kernels::features::Frequencies;
use hsic_layer::{Activation, ClosedForm, KernelFeatures, Spectral};
use hsic_net::{HeadKind, NetworkParams, SolverParams};
use proptest::prelude::*;

/// Numbers, ordered levels, categories with commas and quotes, a missing cell.
fn table() -> Table {
    let mut csv = String::from("size,weight,coat,kind\n");
    for i in 0..45 {
        let kind = ["cat", "dog", "größer Bär"][i % 3];
        let weight = [4.0, 25.0, 300.0][i % 3] + (i as f64).sin();
        let size = ["small", "medium", "big"][(i + i / 7) % 3];
        let coat = ["short", "\"long, curly\"", "\"so \"\"wild\"\"\""][i % 3];
        let weight = if i == 8 { String::new() } else { weight.to_string() };
        csv += &format!("{size},{weight},{coat},{kind}\n");
    }
    let infer = InferOptions {
        ordinal: vec![("size".into(), ["small", "medium", "big"].map(String::from).to_vec())],
        missing: hsic_data::table::MissingRule::Keep,
        ..InferOptions::default()
    };
    let content = Content::from_bytes(csv.into_bytes(), "pets.csv").unwrap();
    Table::read(&content, &SourceOptions::default(), &infer).unwrap()
}

fn params() -> Vec<NetworkParams> {
    let (m, frequencies) = (20, Frequencies::Independent);
    let spectral = |activation| NetworkParams {
        solver: SolverParams::Spectral(Spectral { activation, ..Spectral::default() }),
        max_layers: 3,
        ..NetworkParams::spectral()
    };
    let closed_form = |features| NetworkParams {
        solver: SolverParams::ClosedForm(ClosedForm { features, self_excluded: false }),
        max_layers: 3,
        ..NetworkParams::closed_form()
    };
    let heads = [HeadKind::Bayes, HeadKind::NearestMean, HeadKind::Knn { k: 3 }, HeadKind::Logistic];
    [
        spectral(Activation::Random { m, frequencies }),
        spectral(Activation::EXACT),
        closed_form(KernelFeatures::Exact),
        closed_form(KernelFeatures::Random { m, frequencies }),
    ]
    .into_iter()
    .flat_map(|params| heads.map(|head| NetworkParams { head, ..params }))
    .collect()
}

fn bits(matrix: &Mat<f64>) -> Vec<u64> {
    matrix.col_iter().flat_map(|column| column.iter().map(|value| value.to_bits())).collect()
}

#[test]
fn every_kind_of_model_predicts_the_same_bits_after_saving() {
    let (table, folder) = (table(), tempfile::tempdir().unwrap());
    let path = folder.path().join("m.safetensors");
    for params in params() {
        let model = Model::fit(&table, &params, Par::Seq).unwrap();
        model.save(&path).unwrap();
        let restored = Model::load(&path).unwrap();
        assert_eq!(restored, model);
        assert_eq!(restored.to_bytes().unwrap(), model.to_bytes().unwrap());
        let rows = table.features.as_ref();
        let proba = |model: &Model| bits(&model.predict_log_proba(rows, Par::Seq).unwrap());
        assert_eq!(proba(&restored), proba(&model));
        let layers = model.network().layers().len();
        let z = |model: &Model| bits(&model.activate(rows, layers, Par::Seq).unwrap());
        assert_eq!(z(&restored), z(&model));
    }
    // nothing is left of the temporary names
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn predictions_do_not_depend_on_how_many_rows_come_at_once() {
    let table = table();
    for params in params() {
        let model = Model::fit(&table, &params, Par::Seq).unwrap();
        let all = model.predict(table.features.as_ref(), Par::Seq).unwrap();
        let each: Vec<usize> = (0..table.features.nrows())
            .flat_map(|i| model.predict(table.features.subrows(i, 1), Par::Seq).unwrap())
            .collect();
        assert_eq!(each, all);
    }
}

#[test]
fn new_rows_come_in_any_order_of_columns_without_a_label() {
    let table = table();
    let model = Model::fit(&table, &NetworkParams::spectral(), Par::Seq).unwrap();
    let csv = "coat;weight;size\n\"long, curly\";26;big\n?;4;small\n";
    let content = Content::from_bytes(csv.into(), "new.csv").unwrap();
    let source = content.open(&SourceOptions::default()).unwrap();
    let options = EncodeOptions {
        label: LabelRule::Ignore,
        missing: hsic_data::table::MissingRule::Keep,
        ..EncodeOptions::default()
    };
    let chunk = RowEncoder::new(model.schema(), source, options).unwrap().next_chunk(10).unwrap().unwrap();
    let codes = model.predict(chunk.features.as_ref(), Par::Seq).unwrap();
    let classes: Vec<&str> = codes.iter().map(|&code| model.schema().classes()[code].as_str()).collect();
    assert_eq!((classes, chunk.codes), (vec!["dog", "cat"], None));
}

#[test]
fn a_thousand_classes_survive() {
    let rows =
        (0..3000).map(|i| format!("{},{},k{}\n", i % 40 * 10 + i / 1000, i % 1000 / 40 * 10, i % 1000));
    let content = Content::from_bytes(rows.collect::<String>().into_bytes(), "t.csv").unwrap();
    let source = SourceOptions { has_header: false, ..SourceOptions::default() };
    let table = Table::read(&content, &source, &InferOptions::default()).unwrap();
    let params = NetworkParams { max_layers: 1, bandwidth_scale: 0.05, ..NetworkParams::closed_form() };
    let model = Model::fit(&table, &params, hsic_kernels::all_threads()).unwrap();
    let again = Model::from_bytes(&model.to_bytes().unwrap(), "m").unwrap();
    assert_eq!(again, model);
    let codes = again.predict(table.features.as_ref(), hsic_kernels::all_threads()).unwrap();
    let right = codes.iter().zip(table.labels.codes()).filter(|(a, b)| a == b).count();
    assert!(right > 2700, "{right} of 3000");
}

fn refusal(bytes: &[u8]) -> String {
    Model::from_bytes(bytes, "m.safetensors").map_or_else(|error| error.to_string(), |_| "accepted".into())
}

/// The file with its header's text changed, the length before it set right.
fn with_header(bytes: &[u8], change: impl Fn(&str) -> String) -> Vec<u8> {
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header = change(std::str::from_utf8(&bytes[8..8 + length]).unwrap());
    let mut changed = (header.len() as u64).to_le_bytes().to_vec();
    changed.extend(header.as_bytes());
    changed.extend(&bytes[8 + length..]);
    changed
}

#[test]
fn what_is_wrong_with_a_file_is_said() {
    let model = Model::fit(&table(), &NetworkParams::closed_form(), Par::Seq).unwrap();
    let bytes = model.to_bytes().unwrap();
    assert_eq!(refusal(&bytes), "accepted");

    let not = "m.safetensors: it is no safetensors file, or was cut short: ";
    assert_eq!(refusal(b""), format!("{not}header too small"));
    assert_eq!(refusal(&bytes[..100]), format!("{not}invalid header length"));
    assert_eq!(
        refusal(&bytes[..bytes.len() - 1]),
        format!("{not}incomplete metadata, file not fully covered")
    );
    let mut huge = bytes.clone();
    huge[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    assert_eq!(refusal(&huge), format!("{not}header too large"));

    let other =
        safetensors::serialize(Vec::<(String, safetensors::tensor::TensorView<'_>)>::new(), None).unwrap();
    assert_eq!(
        refusal(&other),
        "m.safetensors: it is a safetensors file, but holds no model of hsic: its metadata have no `hsic`"
    );
    let newer =
        with_header(&bytes, |header| header.replace(r#"{\"format_version\":1"#, r#"{\"format_version\":7"#));
    assert_eq!(
        refusal(&newer),
        "m.safetensors: its format is version 7, this program reads 1: use the version of hsic that wrote it, or a newer one"
    );
    let altered = |bytes: &[u8]| {
        let message = refusal(bytes);
        let start = "m.safetensors: its checksum is ";
        let end = ": the file was altered after it was written";
        assert!(message.starts_with(start) && message.ends_with(end), "{message}");
    };
    let mut flipped = bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    altered(&flipped);
    altered(&with_header(&bytes, |header| header.replace("größer Bär", "großer Bär")));
    let damaged = with_header(&bytes, |header| header.replace(r#"\"sha256\":\""#, r#"\"sha\":\""#));
    assert_eq!(
        refusal(&damaged),
        "m.safetensors: its header is damaged: missing field `sha256` at line 1 column 13428".replace(
            "13428",
            &{
                let message = refusal(&damaged);
                message.rsplit(' ').next().unwrap_or_default().to_owned()
            }
        )
    );
    let missing = Model::load("absent.safetensors").unwrap_err();
    assert!(matches!(&missing, Error::Read { file, .. } if file == "absent.safetensors"), "{missing}");
}

/// A file with any part changed and the sum set right: what the checks behind the sum refuse.
#[test]
fn a_file_made_up_with_the_right_sum_is_refused_by_its_contents() {
    let model = Model::fit(&table(), &NetworkParams::closed_form(), Par::Seq).unwrap();
    let bytes = model.to_bytes().unwrap();
    let forged = |change: &dyn Fn(&str) -> String| {
        let changed = with_header(&bytes, change);
        // the message names the right sum
        let message = refusal(&changed);
        let right = message.split("its checksum is ").nth(1).and_then(|rest| rest.split(',').next());
        let Some(right) = right.map(str::to_owned) else { return message };
        let signed = with_header(&changed, |header| {
            let at = header.find(r#"\"sha256\":\""#).unwrap() + r#"\"sha256\":\""#.len();
            format!("{}{right}{}", &header[..at], &header[at + 64..])
        });
        refusal(&signed)
    };
    assert_eq!(forged(&str::to_owned), "accepted");
    assert_eq!(
        forged(&|header| header.replacen(r#"\"columns\":5"#, r#"\"columns\":6"#, 1)),
        "m.safetensors: the number of columns of the scaler is 6, expected 5"
    );
    assert_eq!(
        forged(&|header| header.replacen(r#"\"kind\":\"number\""#, r#"\"kind\":\"colour\""#, 1))
            .split(" at line")
            .next()
            .unwrap(),
        "m.safetensors: its header is damaged: unknown variant `colour`, expected one of `number`, `ordinal`, `one-hot`"
    );
    assert_eq!(
        forged(&|header| header.replacen(r#"\"solver\":\"closed-form\""#, r#"\"solver\":\"spectral\""#, 1)),
        "m.safetensors: tensor `layers.0.w` is missing"
    );
    assert_eq!(
        forged(&|header| header.replacen("layers.0.anchors", "layers.0.anchor", 1)),
        "m.safetensors: tensor `layers.0.anchors` is missing"
    );
    // NaN in place of the last number of the file
    let mut poisoned = bytes.clone();
    let end = poisoned.len();
    poisoned[end - 8..].copy_from_slice(&f64::NAN.to_le_bytes());
    let message = refusal(&poisoned);
    let right = message.split("its checksum is ").nth(1).and_then(|rest| rest.split(',').next()).unwrap();
    let signed = with_header(&poisoned, |header| {
        let at = header.find(r#"\"sha256\":\""#).unwrap() + r#"\"sha256\":\""#.len();
        format!("{}{right}{}", &header[..at], &header[at + 64..])
    });
    let message = refusal(&signed);
    assert!(
        message.starts_with("m.safetensors: tensor `layers.") && message.contains("` has NaN at row"),
        "{message}"
    );
}

/// Rows without columns take no bytes, however many are declared.
#[test]
fn a_tensor_of_no_values_is_refused() {
    use safetensors::tensor::{Dtype, TensorView};
    let bytes = Model::fit(&table(), &NetworkParams::closed_form(), Par::Seq).unwrap().to_bytes().unwrap();
    let (_, metadata) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    for shape in [vec![1 << 62, 0], vec![0, 1 << 62], vec![usize::MAX, 0]] {
        let view = TensorView::new(Dtype::F64, shape, &[]).unwrap();
        let file = safetensors::serialize([("layers.0.w", view)], metadata.metadata().clone()).unwrap();
        assert_eq!(refusal(&file), "m.safetensors: tensor `layers.0.w` has no values");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Bytes changed, cut off, repeated or put in anywhere: an error, or the very same model; never a panic.
    #[test]
    fn a_mutated_file_is_refused_or_the_same(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..6),
        in_header in any::<bool>(),
    ) {
        static MODEL: std::sync::LazyLock<(Model, Vec<u8>)> = std::sync::LazyLock::new(|| {
            let model = Model::fit(&table(), &NetworkParams::spectral(), Par::Seq).unwrap();
            let bytes = model.to_bytes().unwrap();
            (model, bytes)
        });
        let (model, original) = &*MODEL;
        let mut bytes = original.clone();
        for (index, byte, kind) in changes {
            let header = u64::from_le_bytes(original[..8].try_into().unwrap()) as usize + 8;
            let at = index.index(if in_header { header.min(bytes.len()) } else { bytes.len() });
            match kind {
                0 => bytes[at] ^= byte,
                1 => bytes.truncate(at.max(1)),
                2 => bytes.insert(at, byte),
                _ => {
                    let copy = bytes[at..(at + usize::from(byte)).min(bytes.len())].to_vec();
                    bytes.extend(copy);
                }
            }
        }
        if let Ok(read) = Model::from_bytes(&bytes, "m") {
            prop_assert_eq!(&read, model);
        }
    }

    #[test]
    fn arbitrary_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Model::from_bytes(&bytes, "m").is_err());
    }
}

/// The tensors in Python: needs `python3` (or the program that HSIC_PYTHON names) with safetensors and numpy.
#[test]
fn python_reads_the_tensors_and_the_header() {
    let python = std::env::var("HSIC_PYTHON").unwrap_or_else(|_| "python3".into());
    let found = Command::new(&python).args(["-c", "import numpy, safetensors"]).output();
    if !found.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: {python} has no numpy and safetensors; set HSIC_PYTHON to one that has");
        return;
    }
    let (table, folder) = (table(), tempfile::tempdir().unwrap());
    let path = folder.path().join("m.safetensors");
    let model = Model::fit(&table, &NetworkParams::spectral(), Par::Seq).unwrap();
    model.save(&path).unwrap();
    let program = "\
import json, sys
from safetensors import safe_open
with safe_open(sys.argv[1], framework='numpy') as file:
    header = json.loads(file.metadata()['hsic'])
    w = file.get_tensor('layers.0.w')
    print(header['format_version'], header['model']['preprocessing']['schema']['classes'][2])
    print(w.dtype, *w.shape, repr(float(w[1, 0])), len(file.keys()))
";
    let output = Command::new(&python).args(["-c", program]).arg(&path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let layer = model.network().layers()[0].downcast_ref::<hsic_layer::SpectralLayer>().expect("spectral");
    let w = layer.weights();
    let printed = String::from_utf8(output.stdout).unwrap();
    let mut words = printed.split_whitespace();
    assert_eq!(words.by_ref().take(3).collect::<Vec<_>>(), ["1", "größer", "Bär"]);
    assert_eq!(words.next(), Some("float64"));
    assert_eq!(words.next(), Some(w.nrows().to_string().as_str()));
    assert_eq!(words.next(), Some(w.ncols().to_string().as_str()));
    let value: f64 = words.next().unwrap().parse().unwrap();
    assert_eq!(value.to_bits(), w[(1, 0)].to_bits());
    assert_eq!(words.next(), Some(model.network().state().tensors.len().to_string().as_str()));
}
