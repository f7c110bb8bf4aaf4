//! A fit whose passes are run in other processes, from bytes to bytes, is that of one process; what is not of the pass is refused.

use std::path::Path;
use std::process::Command;

use faer::{Mat, Par};
use hsic_kernels::columns::ColumnMoments;
use hsic_kernels::features::Frequencies;
use hsic_kernels::random::stream;
use hsic_kernels::rows::{Block, Blocks, Deferred, RowBlocks, RowNumbers};
use hsic_layer::state::{Tensor, Tensors, header_of, tensors_of, to_bytes};
use hsic_layer::{Activation, ClosedForm, ClosedFormLayer, KernelFeatures, Layer, Spectral, SpectralLayer};
use hsic_net::passes::{FitMachine, Next, Partial, Pass};
use hsic_net::{HeadKind, Network, NetworkFit, NetworkParams, Result, SolverParams};
use rand::RngExt;
use rand_distr::StandardNormal;

/// Sums in another order, through an ascent or two.
const ROUNDING: f64 = 1e-10;

/// Blocks of rows of all sizes: what the parent cuts and every worker makes again.
struct Cut(Vec<Block>);

impl Cut {
    /// Three noisy rings, cut unevenly; the rows of block 4 are all of class 1.
    fn new() -> Self {
        let sizes = [400, 150, 1, 333, 120, 90, 500, 47, 260];
        let mut rng = stream(3, 99, 1);
        let block = |(number, &size): (usize, &usize)| {
            let codes: Vec<usize> =
                (0..size).map(|i| if number == 4 { 1 } else { (i * 7 + i / 11) % 3 }).collect();
            let rows = Mat::from_fn(size, 4, |i, k| {
                let (angle, noise): (f64, f64) = (i as f64 * 0.7, rng.sample(StandardNormal));
                let radius = 1.0 + codes[i] as f64;
                match k {
                    0 => radius * angle.sin() + 0.1 * noise,
                    1 => radius * angle.cos() + 0.1 * noise,
                    _ => 0.3 * noise,
                }
            });
            Block { rows, codes }
        };
        Self(sizes.iter().enumerate().map(block).collect())
    }

    /// All rows in one matrix.
    fn rows(&self) -> Mat<f64> {
        let all: Vec<_> =
            self.0.iter().flat_map(|block| (0..block.codes.len()).map(|i| block.rows.row(i))).collect();
        Mat::from_fn(all.len(), self.width(), |i, k| all[i][k])
    }
}

impl RowBlocks for Cut {
    fn width(&self) -> usize {
        4
    }

    fn n_classes(&self) -> usize {
        3
    }

    fn blocks(&self) -> hsic_kernels::rows::Result<Blocks<'_>> {
        Ok(Box::new(self.0.iter().map(|block| {
            let deferred: Deferred<'_> = Box::new(|| Ok(block.clone()));
            Ok(deferred)
        })))
    }
}

fn params() -> [NetworkParams; 2] {
    let (m, frequencies) = (48, Frequencies::Orthogonal);
    let spectral = Spectral { activation: Activation::Random { m, frequencies }, ..Spectral::default() };
    let closed_form =
        ClosedForm { features: KernelFeatures::Random { m, frequencies }, ..ClosedForm::default() };
    [
        NetworkParams { solver: SolverParams::Spectral(spectral), ..NetworkParams::spectral() },
        NetworkParams { solver: SolverParams::ClosedForm(closed_form), ..NetworkParams::closed_form() },
    ]
    .map(|params| NetworkParams { max_layers: 2, sample_rows: 200, target_silhouette: None, ..params })
}

/// Where a worker finds its pass and the numbers of its blocks, and leaves its partial.
const FOLDER: &str = "HSIC_TEST_PASS_FOLDER";
const WORKER: &str = "HSIC_TEST_PASS_WORKER";

/// The partial of some blocks, from bytes to bytes.
fn work(pass: &[u8], blocks: &[usize]) -> Result<Vec<u8>> {
    let (pass, cut) = (Pass::from_bytes(pass)?, Cut::new());
    let mut partial = pass.empty();
    for &number in blocks {
        partial.merge(pass.run(RowNumbers::of_block(number), cut.0[number].clone())?)?;
    }
    partial.to_bytes()
}

/// Run by the tests below in processes of their own, with a folder; alone it holds one partial against that of the pass itself.
#[test]
fn worker() {
    if let (Ok(folder), Ok(worker)) = (std::env::var(FOLDER), std::env::var(WORKER)) {
        let folder = Path::new(&folder);
        let blocks = std::fs::read_to_string(folder.join(format!("blocks-{worker}"))).unwrap();
        let blocks: Vec<usize> = blocks.split_whitespace().map(|number| number.parse().unwrap()).collect();
        let partial = work(&std::fs::read(folder.join("pass")).unwrap(), &blocks).unwrap();
        std::fs::write(folder.join(format!("partial-{worker}")), partial).unwrap();
        return;
    }
    let machine = FitMachine::new(&params()[0], 4, 3, Par::Seq).unwrap();
    let pass = asked(&machine);
    let partial = work(&pass.to_bytes().unwrap(), &[2]).unwrap();
    assert_eq!(
        Partial::from_bytes(&partial, pass).unwrap(),
        pass.run(RowNumbers::of_block(2), Cut::new().0[2].clone()).unwrap()
    );
}

/// The partials of a pass, one of each list of blocks, each made by a process of its own.
fn partials_of_processes(pass: &Pass, partition: &[&[usize]], folder: &Path) -> Vec<Partial> {
    std::fs::write(folder.join("pass"), pass.to_bytes().unwrap()).unwrap();
    let spawn = |(worker, blocks): (usize, &&[usize])| {
        let blocks: Vec<String> = blocks.iter().map(usize::to_string).collect();
        std::fs::write(folder.join(format!("blocks-{worker}")), blocks.join(" ")).unwrap();
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "worker", "--quiet"])
            .env(FOLDER, folder)
            .env(WORKER, worker.to_string())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap()
    };
    let children: Vec<_> = partition.iter().enumerate().map(spawn).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    (0..partition.len())
        .map(|worker| {
            let path = folder.join(format!("partial-{worker}"));
            let partial = Partial::from_bytes(&std::fs::read(&path).unwrap(), pass).unwrap();
            std::fs::remove_file(path).unwrap();
            partial
        })
        .collect()
}

fn asked<S: hsic_layer::LayerSolver>(machine: &FitMachine<S>) -> &Pass {
    match machine.next().unwrap() {
        Next::Pass(pass) => pass,
        Next::Done(_) => panic!("the fit is done"),
    }
}

/// A fit whose passes others carry out.
fn carried(params: &NetworkParams, merged: impl Fn(&Pass) -> Partial) -> NetworkFit {
    let mut machine = FitMachine::new(params, 4, 3, Par::Seq).unwrap();
    while let Next::Pass(pass) = machine.next().unwrap() {
        let partial = merged(pass);
        machine.advance(partial).unwrap();
    }
    machine.into_fit().unwrap()
}

fn weights(layer: &Layer) -> Mat<f64> {
    match layer.downcast_ref::<SpectralLayer>() {
        Some(layer) => layer.weights().to_owned(),
        None => layer.downcast_ref::<ClosedFormLayer>().unwrap().explicit_weights().unwrap().to_owned(),
    }
}

fn near(a: &Mat<f64>, b: &Mat<f64>) {
    let difference = (a - b).norm_max();
    assert!(difference <= ROUNDING * (1.0 + b.norm_max()), "{difference}");
}

fn agree(network: &Network, reference: &Network, x: &Mat<f64>) {
    assert_eq!(network.layers().len(), reference.layers().len());
    for (a, b) in network.layers().iter().zip(reference.layers()) {
        near(&weights(a), &weights(b));
    }
    let z = |network: &Network| network.transform(x.as_ref(), Par::Seq).unwrap();
    near(&z(network), &z(reference));
    let log_proba = |network: &Network| network.predict_log_proba(x.as_ref(), Par::Seq).unwrap();
    near(&log_proba(network), &log_proba(reference));
    let classes = |network: &Network| network.predict(x.as_ref(), Par::Seq).unwrap();
    assert_eq!(classes(network), classes(reference));
}

#[test]
fn passes_in_other_processes_are_those_of_one() {
    let cut = Cut::new();
    let x = cut.rows();
    let partitions: [&[&[usize]]; 3] = [
        &[&[0, 1, 2, 3, 4, 5, 6, 7, 8]],
        &[&[8, 6, 0], &[1, 2, 3, 5, 7], &[4]],
        &[&[3], &[], &[4], &[0, 8], &[7, 5, 2], &[1], &[6]],
    ];
    for params in params() {
        let reference = Network::fit_rows(&params, &cut, Par::Seq, &mut ()).unwrap().network;
        let folder = tempfile::tempdir().unwrap();
        for partition in partitions {
            let merged = |pass: &Pass| {
                let mut partials = partials_of_processes(pass, partition, folder.path());
                // backwards on every other pass
                if pass.id().number % 2 == 1 {
                    partials.reverse();
                }
                let mut all = pass.empty();
                partials.into_iter().for_each(|partial| all.merge(partial).unwrap());
                all
            };
            agree(&carried(&params, merged).network, &reference, &x);
        }
    }
}

#[test]
fn every_head_comes_through_bytes_with_the_same_bits() {
    let cut = Cut::new();
    for params in params() {
        for head in [HeadKind::Bayes, HeadKind::NearestMean, HeadKind::Knn { k: 3 }, HeadKind::Logistic] {
            let params = NetworkParams { head, ..params };
            let reference = Network::fit_rows(&params, &cut, Par::rayon(2), &mut ()).unwrap();
            let through_bytes = |pass: &Pass| {
                let bytes = pass.to_bytes().unwrap();
                let read = Pass::from_bytes(&bytes).unwrap();
                assert!(read == *pass && read.to_bytes().unwrap() == bytes);
                let partial = read.over(&cut, Par::Seq).unwrap();
                let bytes = partial.to_bytes().unwrap();
                let read = Partial::from_bytes(&bytes, pass).unwrap();
                assert!(read == partial && read.to_bytes().unwrap() == bytes);
                read
            };
            let fit = carried(&params, through_bytes);
            assert!(fit.network.layers() == reference.network.layers());
            assert!(fit.network.output() == reference.network.output());
            assert!(fit.trace.iter().zip(&reference.trace).all(|(a, b)| a.z == b.z));
        }
    }
}

#[test]
fn a_fit_goes_on_from_the_partials_it_was_given() {
    let cut = Cut::new();
    for params in params() {
        let mut log = Vec::new();
        let mut machine = FitMachine::new(&params, 4, 3, Par::Seq).unwrap();
        while let Next::Pass(pass) = machine.next().unwrap() {
            let partial = pass.over(&cut, Par::Seq).unwrap();
            log.push(partial.to_bytes().unwrap());
            machine.advance(partial).unwrap();
        }
        let whole = machine.into_fit().unwrap().network;
        for kept in [1, log.len() / 2, log.len()] {
            let mut machine = FitMachine::new(&params, 4, 3, Par::Seq).unwrap();
            for bytes in &log[..kept] {
                let partial = Partial::from_bytes(bytes, asked(&machine)).unwrap();
                machine.advance(partial).unwrap();
            }
            while let Next::Pass(pass) = machine.next().unwrap() {
                let partial = pass.over(&cut, Par::Seq).unwrap();
                machine.advance(partial).unwrap();
            }
            let resumed = machine.into_fit().unwrap().network;
            assert!(resumed.layers() == whole.layers() && resumed.output() == whole.output());
        }
    }
}

#[test]
fn a_closed_form_takes_two_passes_a_layer_and_no_sum_is_asked_for_twice() {
    let cut = Cut::new();
    for (params, closed) in params().into_iter().zip([false, true]) {
        let kinds = std::cell::RefCell::new(Vec::new());
        let sums = std::cell::RefCell::new(Vec::new());
        let head = HeadKind::Knn { k: 1 };
        let fit = carried(&NetworkParams { head, ..params }, |pass| {
            kinds.borrow_mut().push(pass.kind());
            sums.borrow_mut().push(tensors_of(&pass.to_bytes().unwrap()).unwrap());
            pass.over(&cut, Par::Seq).unwrap()
        });
        let (kinds, sums) = (kinds.into_inner(), sums.into_inner());
        let count = |kind| kinds.iter().filter(|&&found| found == kind).count();
        let depth = fit.trace.len();
        assert_eq!((count("sample"), count("measure"), count("head")), (1, depth, 1));
        if closed {
            assert_eq!((count("totals"), kinds.len()), (depth, 2 + 2 * depth));
        } else {
            assert!(count("laplacian") > 0 && count("gradient") == count("products"), "{kinds:?}");
        }
        for (i, one) in sums.iter().enumerate() {
            assert!(sums[..i].iter().zip(&kinds).all(|(other, &kind)| kind != kinds[i] || other != one));
        }
    }
}

#[test]
fn an_evaluation_counts_what_the_network_predicts() {
    let cut = Cut::new();
    let network = Network::fit_rows(&params()[0], &cut, Par::Seq, &mut ()).unwrap().network;
    let (predicted, log_proba) = {
        let x = cut.rows();
        let log_proba = network.predict_log_proba(x.as_ref(), Par::Seq).unwrap();
        (network.predict(x.as_ref(), Par::Seq).unwrap(), log_proba)
    };
    let codes: Vec<usize> = cut.0.iter().flat_map(|block| block.codes.clone()).collect();
    let mut confusion = vec![vec![0; 3]; 3];
    let mut log_loss = 0.0;
    for (i, (&code, &class)) in codes.iter().zip(&predicted).enumerate() {
        confusion[code][class] += 1;
        log_loss -= log_proba[(i, code)];
    }
    let evaluation = network.evaluate_rows(&cut, Par::Seq).unwrap();
    assert_eq!((&evaluation.confusion, evaluation.n()), (&confusion, codes.len()));
    assert!((evaluation.log_loss - log_loss).abs() <= ROUNDING * log_loss);
    assert!(evaluation.accuracy() > Some(0.95));

    let pass = Pass::evaluation(&network);
    let partial = work(&pass.to_bytes().unwrap(), &[0, 1, 2, 3, 4, 5, 6, 7, 8]).unwrap();
    assert_eq!(Partial::from_bytes(&partial, &pass).unwrap().into_evaluation().unwrap(), evaluation);
}

#[test]
fn rows_of_more_classes_than_the_network_knows_are_refused() {
    struct More(Cut);
    impl RowBlocks for More {
        fn width(&self) -> usize {
            4
        }
        fn n_classes(&self) -> usize {
            5
        }
        fn blocks(&self) -> hsic_kernels::rows::Result<Blocks<'_>> {
            self.0.blocks()
        }
    }
    let mut cut = Cut::new();
    let network = Network::fit_rows(&params()[1], &cut, Par::Seq, &mut ()).unwrap().network;
    cut.0[1].codes[7] = 4;
    let error = network.evaluate_rows(&More(cut), Par::Seq).unwrap_err().to_string();
    assert_eq!(error, "class code 4 of row 2055 is not below the number of classes, 3");
}

#[test]
fn columns_are_those_of_all_rows_however_they_are_cut() {
    let cut = Cut::new();
    let (x, pass) = (cut.rows(), Pass::columns(4, 3));
    let mut merged = pass.empty();
    for blocks in [&[7, 3][..], &[], &[4, 0, 1], &[8, 2, 6, 5]] {
        let partial = work(&pass.to_bytes().unwrap(), blocks).unwrap();
        merged.merge(Partial::from_bytes(&partial, &pass).unwrap()).unwrap();
    }
    for (column, merged) in x.col_iter().zip(merged.into_columns().unwrap()) {
        let whole = ColumnMoments::of(column);
        assert_eq!((merged.count(), merged.range()), (whole.count(), whole.range()));
        assert!((merged.mean() - whole.mean()).abs() <= ROUNDING);
        assert!((merged.std() - whole.std()).abs() <= ROUNDING * whole.std());
    }
    let error = pass.empty().into_evaluation().unwrap_err().to_string();
    let expected = "a partial holds moments of 4 columns, its pass asks for an evaluation: give back what the pass itself summed";
    assert_eq!(error, expected);
}

/// Every pass of a fit with its partial.
fn all_passes(params: &NetworkParams) -> Vec<(Pass, Partial)> {
    let (cut, passes) = (Cut::new(), std::cell::RefCell::new(Vec::new()));
    let network = carried(params, |pass| {
        let partial = pass.over(&cut, Par::Seq).unwrap();
        passes.borrow_mut().push((pass.clone(), partial.clone()));
        partial
    });
    let mut passes = passes.into_inner();
    for pass in [Pass::columns(4, 3), Pass::evaluation(&network.network)] {
        let partial = pass.over(&cut, Par::Seq).unwrap();
        passes.push((pass, partial));
    }
    passes
}

/// The formulas of docs/passes.md.
#[test]
fn a_partial_has_the_bytes_that_are_told() {
    let (d, c, m) = (4, 3, 48);
    let moments = |columns: usize| columns * columns + c * (columns + 1);
    for (params, closed) in params().into_iter().zip([false, true]) {
        let params = NetworkParams { head: HeadKind::Knn { k: 1 }, ..params };
        let mut seen = std::collections::BTreeSet::new();
        for (pass, partial) in all_passes(&params) {
            let tensors = tensors_of(&partial.to_bytes().unwrap()).unwrap();
            let numbers: usize =
                tensors.values().map(|tensor| tensor.shape().iter().product::<usize>()).sum();
            let shape = |name: &str| tensors[name].shape();
            let expected = match pass.kind() {
                "columns" => 8 * d,
                "sample" => shape("sample.rows")[0] * (d + 3) + if closed { 0 } else { moments(d) },
                "totals" => c * (m + 1),
                "laplacian" => {
                    let r = shape("diagonal")[0];
                    c * m * r + r * r
                }
                "products" => c * m * shape("products.0")[1],
                "gradient" => shape("gradient").iter().product(),
                "measure" if closed => moments(m) + moments(c),
                "measure" => moments(m),
                "head" => {
                    let rows = shape("sample.rows");
                    rows[0] * (rows[1] + 3)
                }
                "evaluation" => c * c + 1,
                other => panic!("{other} is not in docs/passes.md"),
            };
            assert_eq!(numbers, expected, "{}", pass.kind());
            seen.insert(pass.kind());
        }
        assert!(seen.len() >= 6, "{seen:?}");
    }
}

#[test]
fn a_partial_of_another_pass_is_refused() {
    let passes = all_passes(&params()[1]);
    let ((first, first_partial), (second, second_partial)) = (&passes[0], &passes[1]);
    let expected = format!(
        "a partial of pass {} was given for pass {}: merge partials of one pass alone",
        first.id(),
        second.id()
    );
    let mut merged = second_partial.clone();
    assert_eq!(merged.merge(first_partial.clone()).unwrap_err().to_string(), expected);
    assert_eq!(merged, *second_partial, "nothing was added");
    let bytes = first_partial.to_bytes().unwrap();
    assert_eq!(Partial::from_bytes(&bytes, second).unwrap_err().to_string(), expected);

    // a fit of other settings, or of other rows from the second pass on
    let other = NetworkParams { seed: 1, ..params()[1] };
    let mut machine = FitMachine::new(&other, 4, 3, Par::Seq).unwrap();
    let error = machine.advance(first_partial.clone()).unwrap_err();
    assert!(error.to_string().starts_with("a partial of pass 0 of "), "{error}");
    // a solver's own settings count, whether or not it names them
    let of_tolerance = |tolerance| {
        let solver = hsic_layer::Spectral { tolerance, ..hsic_layer::Spectral::default() };
        let params = params()[1].with_solver(solver);
        asked(&FitMachine::new(&params, 4, 3, Par::Seq).unwrap()).id()
    };
    assert_ne!(of_tolerance(1e-4), of_tolerance(1e-3));
    let mut machine = FitMachine::new(&params()[1], 4, 3, Par::Seq).unwrap();
    let (pass, cut) = (asked(&machine).clone(), Cut::new());
    let mut fewer = pass.empty();
    (0..7).for_each(|number| {
        fewer.merge(pass.run(RowNumbers::of_block(number), cut.0[number].clone()).unwrap()).unwrap()
    });
    machine.advance(fewer).unwrap();
    assert_ne!(asked(&machine).id(), second.id());
    let error = machine.advance(second_partial.clone()).unwrap_err();
    assert!(error.to_string().starts_with("a partial of pass 1 of "), "{error}");
    // and it still waits for the right one
    let right = asked(&machine).over(&cut, Par::Seq).unwrap();
    machine.advance(right).unwrap();

    let unfinished = machine.into_fit().unwrap_err().to_string();
    assert!(unfinished.starts_with("the fit is not done: it asks for pass 2 of "), "{unfinished}");
}

#[test]
fn hostile_bytes_are_errors() {
    for params in params() {
        let params = NetworkParams { head: HeadKind::Knn { k: 2 }, ..params };
        let mut rng = stream(3, 99, 2);
        let mut seen = std::collections::BTreeSet::new();
        for (pass, partial) in all_passes(&params) {
            if !seen.insert(pass.kind()) {
                continue;
            }
            let (pass_bytes, bytes) = (pass.to_bytes().unwrap(), partial.to_bytes().unwrap());
            for length in (0..bytes.len()).step_by(1 + bytes.len() / 60) {
                assert!(Partial::from_bytes(&bytes[..length], &pass).is_err());
            }
            for length in (0..pass_bytes.len()).step_by(1 + pass_bytes.len() / 60) {
                assert!(Pass::from_bytes(&pass_bytes[..length]).is_err());
            }
            assert!(Pass::from_bytes(&bytes).is_err() && Partial::from_bytes(&pass_bytes, &pass).is_err());
            // whatever a changed byte makes of it, it is read or refused; and what is read can be merged or is refused
            for _ in 0..150 {
                let flip = |bytes: &[u8], rng: &mut hsic_kernels::random::Rng| {
                    let mut flipped = bytes.to_vec();
                    let place = rng.random_range(0..flipped.len().min(600));
                    flipped[place] = rng.random();
                    flipped
                };
                if let Ok(mut read) = Partial::from_bytes(&flip(&bytes, &mut rng), &pass) {
                    let _ = read.merge(partial.clone());
                }
                if let Ok(read) = Pass::from_bytes(&flip(&pass_bytes, &mut rng)) {
                    let _ = read
                        .run(RowNumbers::of_block(0), Block { rows: Mat::zeros(2, 4), codes: vec![0, 2] });
                }
            }
            refuses_changed_tensors(&pass, &bytes);
        }
        assert!(seen.len() >= 4, "{seen:?}");
    }
}

/// Every tensor of a partial, one after the other: left out, of another shape, of another type, not finite; and one too many.
fn refuses_changed_tensors(pass: &Pass, bytes: &[u8]) {
    let key = "hsic-partial";
    let header = header_of(key, bytes).unwrap().unwrap();
    let tensors = tensors_of(bytes).unwrap();
    let refused = |tensors: &Tensors| {
        Partial::from_bytes(&to_bytes(key, header.clone(), tensors).unwrap(), pass).is_err()
    };
    assert!(!refused(&tensors));
    for (name, tensor) in &tensors {
        // a class may have no rows, and a partial no sample
        let optional = name.starts_with("moments.") && pass.kind() == "laplacian"
            || name.starts_with("products.")
            || name == "sample.rows";
        let mut without = tensors.clone();
        without.remove(name);
        assert!(refused(&without) || optional, "{name}");
        let changed: &[Tensor] = match tensor {
            Tensor::Matrix(matrix) => {
                let (rows, columns) = matrix.shape();
                &[
                    Tensor::Matrix(Mat::zeros(rows + 1, columns)),
                    Tensor::Matrix(Mat::zeros(rows, columns + 1)),
                    Tensor::Matrix(Mat::full(rows, columns, f64::NAN)),
                    Tensor::Codes(vec![0; rows]),
                ]
            }
            Tensor::Codes(codes) => {
                &[Tensor::Codes(vec![0; codes.len() + 1]), Tensor::Matrix(Mat::zeros(codes.len(), 1))]
            }
        };
        for changed in changed {
            let mut with = tensors.clone();
            with.insert(name.clone(), changed.clone());
            assert!(refused(&with), "{name}");
        }
    }
    let mut more = tensors.clone();
    more.insert("stray".into(), Tensor::Codes(vec![1]));
    assert!(refused(&more));
}

#[test]
fn a_block_that_is_not_of_the_fit_is_refused() {
    let machine = FitMachine::new(&params()[0], 4, 3, Par::Seq).unwrap();
    let run = |rows: Mat<f64>, codes: Vec<usize>| {
        asked(&machine).run(RowNumbers::of_block(0), Block { rows, codes }).unwrap_err().to_string()
    };
    assert!(run(Mat::zeros(2, 5), vec![0, 1]).ends_with("the block is 2x5, what the source promises is 2x4"));
    assert!(run(Mat::zeros(2, 4), vec![0, 3]).contains('3'));
    let message = run(Mat::full(2, 4, f64::NAN), vec![0, 1]);
    assert_eq!(message, "a row of the source must be finite, got NaN at row 0, column 0");
}
