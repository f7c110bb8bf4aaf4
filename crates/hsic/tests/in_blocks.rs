//! A model of a file that is never in memory, beside the model of the same rows in memory.

use faer::{Mat, Par};
use hsic::{Model, Preprocessing, Training};
use hsic_data::rows::{BlockHoldout, FileRows, TableRows};
use hsic_data::table::{Content, InferOptions, MissingRule, SourceOptions, Table};
use hsic_kernels::Labels;
use hsic_kernels::all_threads;
use hsic_kernels::features::Frequencies;
use hsic_kernels::random::stream;
use hsic_kernels::rows::{Block, MatrixRows, RowBlocks, reduce_blocks};
use hsic_layer::{Activation, Spectral};
use hsic_net::{Network, NetworkParams, SolverParams};
use rand::RngExt as _;

const ROWS: usize = 9000;

/// Means and deviations of sums in another order.
const ROUNDING: f64 = 1e-10;

/// Two rings in a plane, a category that says nothing, and a cell of twenty that is missing.
fn rings() -> String {
    let mut rng = stream(3, 90, 0);
    let mut text = String::from("x,y,colour,ring\n");
    for i in 0..ROWS {
        let (angle, ring) = (rng.random_range(0.0..6.3f64), i % 2);
        let radius = 1.0 + 2.0 * ring as f64 + rng.random_range(-0.3..0.3);
        let mut cell = |value: String| if rng.random_range(0..20) == 0 { String::new() } else { value };
        let (x, y) = (cell((radius * angle.cos()).to_string()), cell((radius * angle.sin()).to_string()));
        let colour = ["red", "green", "blue"][i % 3];
        text += &format!("{x},{y},{colour},{}\n", ["inner", "outer"][ring]);
    }
    text
}

fn params() -> NetworkParams {
    let activation = Activation::Random { m: 100, frequencies: Frequencies::Orthogonal };
    let solver = SolverParams::Spectral(Spectral { activation, ..Spectral::default() });
    NetworkParams { solver, sample_rows: 500, max_layers: 2, ..NetworkParams::spectral() }
}

/// All rows of a source, in order.
fn all(rows: &dyn RowBlocks) -> (Mat<f64>, Labels) {
    let (mut values, mut codes) = (Vec::new(), Vec::new());
    reduce_blocks::<_, hsic_kernels::rows::Error>(
        rows,
        Par::Seq,
        |_, block: Block| Ok(block),
        |block| {
            for i in 0..block.rows.nrows() {
                values.push(block.rows.row(i).iter().copied().collect::<Vec<f64>>());
            }
            codes.extend(block.codes);
        },
    )
    .unwrap();
    let labels = Labels::with_classes(codes, rows.n_classes()).unwrap();
    (Mat::from_fn(values.len(), rows.width(), |i, j| values[i][j]), labels)
}

fn near(blocks: &[f64], memory: &[f64]) {
    assert_eq!(blocks.len(), memory.len());
    for (blocks, memory) in blocks.iter().zip(memory) {
        assert!((blocks - memory).abs() <= ROUNDING * (1.0 + memory.abs()), "{blocks} {memory}");
    }
}

#[test]
fn a_file_in_blocks_is_split_fitted_evaluated_and_saved() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("rings.csv");
    std::fs::write(&path, rings())?;
    let (source, par) = (SourceOptions::default(), all_threads());
    let infer = InferOptions { missing: MissingRule::Keep, ..InferOptions::default() };
    let content = Content::read(&path, None)?;

    // in blocks, from the file to the file of the model
    let rows = TableRows::open(&content, &source, &infer, par)?;
    let split = BlockHoldout::new(&rows, 0.2, 5, par)?;
    let (train, test) = (split.train(&rows), split.test(&rows));
    let preprocessing =
        Preprocessing::fit_rows(rows.schema().clone(), &train, rows.missing().cells > 0, par)?;
    let params = params();
    let fit = Network::fit_rows(&params, &preprocessing.rows(&train)?, par, &mut ())?;
    let evaluation = fit.network.evaluate_rows(&preprocessing.rows(&test)?, par)?;
    let n_train = split.train_counts().iter().sum();
    let training = Training::in_blocks(&rows, n_train, &params);
    let model = Model::new(preprocessing, fit.network, training)?;
    let saved = folder.path().join("rings.safetensors");
    model.save(&saved)?;

    // the same rows in memory
    let (train_rows, train_labels) = all(&train);
    let (test_rows, test_labels) = all(&test);
    let table = Table::read(&content, &source, &infer)?;
    assert_eq!((rows.n(), train_rows.nrows() + test_rows.nrows()), (ROWS, ROWS));
    assert_eq!((n_train, test_labels.counts()), (7200, &[900, 900][..]));
    let in_memory = Preprocessing::fit(table.schema.clone(), train_rows.as_ref(), true)?;
    near(model.preprocessing().fill().unwrap(), in_memory.fill().unwrap());
    near(model.preprocessing().scaler().means(), in_memory.scaler().means());
    near(model.preprocessing().scaler().stds(), in_memory.scaler().stds());
    let x = in_memory.transform(train_rows.as_ref())?;
    let reference =
        Network::fit_rows(&params, &MatrixRows::new(x.as_ref(), &train_labels)?, par, &mut ())?.network;
    let of_reference = reference.predict(in_memory.transform(test_rows.as_ref())?.as_ref(), par)?;
    let right = |codes: &[usize]| codes.iter().zip(test_labels.codes()).filter(|(a, b)| a == b).count();
    let (in_blocks, in_memory) =
        (evaluation.confusion[0][0] + evaluation.confusion[1][1], right(&of_reference));
    // the sample is another, the rows are the same
    assert!(in_blocks.abs_diff(in_memory) <= 36 && in_blocks > 1550, "{in_blocks} {in_memory}");

    // the model of the file is the model that was evaluated
    let again = Model::load(&saved)?;
    assert_eq!(again, model);
    assert_eq!(right(&again.predict(test_rows.as_ref(), par)?), in_blocks);
    assert_eq!((again.training().rows, &again.training().sha256), (7200, &table.sha256));
    Ok(())
}
