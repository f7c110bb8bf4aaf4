//! Fitting a network and predicting with it, on the data sets of the published table with the settings of `configs/`, on
//! all rows and one thread. Sets that are not here (`HSIC_DATA_DIR`) are named and left out.
//!
//! Ids: `fit/spiral/spectral`, `predict/spiral/spectral`. Throughput is in rows.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use faer::Par;
use hsic_data::{Scaler, registry};
use hsic_kernels::ClassWeight;
use hsic_layer::{ClosedForm, Spectral, WidthRule};
use hsic_net::{Network, NetworkParams, OutputKind, Selection, SolverParams};

const SETS: [&str; 8] = ["random", "adversarial", "spiral", "wine", "cancer", "divorce", "face", "car"];

/// As in `configs/`.
fn params(set: &str) -> [(&'static str, NetworkParams); 2] {
    let (mut spectral, mut closed_form) = (NetworkParams::spectral(), NetworkParams::closed_form());
    match set {
        "random" => {
            spectral.solver = SolverParams::Spectral(Spectral {
                width: WidthRule::SingularShare(0.7),
                ..Spectral::default()
            });
            closed_form.selection = Selection::MaxHsic;
        }
        "car" => {
            (spectral.class_weight, spectral.bandwidth_scale) = (ClassWeight::Balanced, 0.4);
            (spectral.max_layers, spectral.output) = (2, OutputKind::Kernel);
            spectral.solver = SolverParams::Spectral(Spectral {
                width: WidthRule::SingularShare(0.8),
                ..Spectral::default()
            });
            (closed_form.class_weight, closed_form.bandwidth_scale) = (ClassWeight::Balanced, 0.5);
            closed_form.solver =
                SolverParams::ClosedForm(ClosedForm { self_excluded: true, ..ClosedForm::default() });
        }
        _ => {}
    }
    [("spectral", spectral), ("closed-form", closed_form)]
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    let folder = registry::data_dir_from_env();
    for set in SETS {
        let data = match registry::load(set, 0, folder.as_deref()) {
            Ok(data) => data,
            Err(error) => {
                eprintln!("left out: {error}");
                continue;
            }
        };
        let scaler = Scaler::fit(data.features()).expect("the sets vary");
        let x = scaler.transform(data.features()).expect("the scaler's own rows");
        for (method, params) in params(set) {
            let fit =
                || Network::fit(&params, x.as_ref(), data.labels(), Par::Seq, &mut ()).expect("a valid set");
            let mut group = criterion.benchmark_group("fit");
            group.throughput(Throughput::Elements(data.n() as u64));
            group.bench_function(format!("{set}/{method}"), |bencher| bencher.iter(|| black_box(fit())));
            group.finish();
            let network = fit().network;
            let mut group = criterion.benchmark_group("predict");
            group.throughput(Throughput::Elements(data.n() as u64));
            group.bench_function(format!("{set}/{method}"), |bencher| {
                bencher.iter(|| network.predict(black_box(x.as_ref()), Par::Seq));
            });
            group.finish();
        }
    }
    criterion.final_summary();
}
