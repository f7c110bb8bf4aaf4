//! The generated sets: sizes, seeds, formulas, and `car` against the UCI file's sum.

use hsic_data::generate::{NAMES, generate, generate_csv};
use hsic_data::table::{Content, InferOptions, SourceOptions};
use hsic_data::{Dataset, registry};

const CAR_SHA256: &str = "0023b86e0dd3502aaa0e4a610ef4d8aebbba7ff40f53fa7c2f0543c68bee5114";

fn column(data: &Dataset, j: usize) -> Vec<f64> {
    data.features().col(j).iter().copied().collect()
}

fn mean_and_std(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt())
}

#[test]
fn sizes_and_counts() {
    let expected: [(&str, usize, &[usize]); 4] = [
        ("random", 3, &[30, 30]),
        ("adversarial", 2, &[40, 40]),
        ("spiral", 2, &[400, 400, 400]),
        ("car", 6, &[1210, 384, 69, 65]),
    ];
    for ((name, d, counts), known) in expected.into_iter().zip(NAMES) {
        assert_eq!(name, known);
        let data = generate(name, 0).unwrap();
        assert_eq!((data.name(), data.d(), data.labels().counts()), (name, d, counts));
    }
}

#[test]
fn a_seed_gives_one_set_and_another_seed_another() {
    for name in ["random", "adversarial", "spiral"] {
        let first = generate(name, 3).unwrap();
        assert_eq!(first, generate(name, 3).unwrap());
        let other = generate(name, 4).unwrap();
        assert_ne!(first.features(), other.features());
        assert_ne!(first.sha256(), other.sha256());
        assert_eq!(first.labels(), other.labels());
    }
    assert_eq!(generate("car", 0).unwrap(), generate("car", 1).unwrap());
}

#[test]
fn the_text_reads_back_as_the_set() {
    for name in NAMES {
        let data = generate(name, 5).unwrap();
        let mut text = Vec::new();
        generate_csv(name, 5, &mut text).unwrap();
        let options = registry::entry(name).unwrap().infer_options();
        let content = Content::from_bytes(text, name).unwrap();
        assert_eq!(Dataset::of(&content, &SourceOptions::default(), &options).unwrap(), data);
    }
}

#[test]
fn names_without_a_generator_are_refused() {
    let message = "there is no data set `wine`; the sets are `random`, `adversarial`, `spiral`, `car`";
    assert_eq!(generate("wine", 0).unwrap_err().to_string(), message);
    assert_eq!(generate_csv("wine", 0, std::io::sink()).unwrap_err().to_string(), message);
}

#[test]
fn random_is_standard_normal() {
    let values: Vec<f64> = (0..50)
        .flat_map(|seed| {
            let data = generate("random", seed).unwrap();
            (0..3).flat_map(|j| column(&data, j)).collect::<Vec<_>>()
        })
        .collect();
    // 9000 draws: five standard errors of the mean and of the deviation
    let (mean, std) = mean_and_std(&values);
    let n = values.len() as f64;
    assert!(mean.abs() < 5.0 / n.sqrt(), "{mean}");
    assert!((std - 1.0).abs() < 5.0 / (2.0 * n).sqrt(), "{std}");
}

#[test]
fn adversarial_points_have_a_twin_of_the_other_class() {
    let mut deviations = Vec::new();
    for seed in 0..20 {
        let data = generate("adversarial", seed).unwrap();
        let x = data.features();
        for i in 0..40 {
            assert_eq!((data.labels().codes()[i], data.labels().codes()[i + 40]), (0, 1));
            for j in 0..2 {
                assert!((0.0..1.0).contains(&x[(i, j)]));
                deviations.push(x[(i + 40, j)] - x[(i, j)]);
            }
        }
    }
    let (mean, std) = mean_and_std(&deviations);
    let n = deviations.len() as f64;
    assert!(mean.abs() < 0.05 / n.sqrt(), "{mean}");
    assert!((std - 0.01).abs() < 0.05 / (2.0 * n).sqrt(), "{std}");
    assert!(deviations.iter().all(|deviation| deviation.abs() < 0.06));
}

#[test]
fn spiral_follows_its_formula() {
    let data = generate("spiral", 1).unwrap();
    let (x, y) = (column(&data, 0), column(&data, 1));
    let mut deviations = Vec::new();
    for row in 0..1200 {
        let (arm, share) = ((row / 400) as f64, (row % 400) as f64 / 399.0);
        assert_eq!(data.labels().codes()[row], row / 400);
        let radius = x[row].hypot(y[row]);
        assert!((radius - (0.3 + 1.7 * share)).abs() < 1e-14, "row {row}: {radius}");
        // the angle is known up to whole turns; the noise is far less than half a turn
        let turn = std::f64::consts::TAU;
        let noise =
            (x[row].atan2(y[row]) - (4.0 * arm + 2.4 * share) + turn / 2.0).rem_euclid(turn) - turn / 2.0;
        deviations.push(noise);
    }
    let (mean, std) = mean_and_std(&deviations);
    assert!(mean.abs() < 5.0 * 0.16 / 1200_f64.sqrt(), "{mean}");
    assert!((std - 0.16).abs() < 5.0 * 0.16 / 2400_f64.sqrt(), "{std}");
}

#[test]
fn car_is_the_uci_file() {
    let data = generate("car", 0).unwrap();
    assert_eq!(data.sha256(), CAR_SHA256);
    assert_eq!(data.class_names(), ["unacc", "acc", "good", "vgood"]);
    assert_eq!(data.feature_names(), ["buying", "maint", "doors", "persons", "lug_boot", "safety"]);
    assert_eq!(data.features().row(1).iter().copied().collect::<Vec<_>>(), [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    assert_eq!(data.features().row(1727).iter().copied().collect::<Vec<_>>(), [3.0, 3.0, 3.0, 2.0, 2.0, 2.0]);
    // every combination once
    assert!(data.warnings().is_empty());

    // through a file: the text is the set
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("car.csv");
    generate_csv("car", 0, std::fs::File::create(&path).unwrap()).unwrap();
    let levels = |list: &str| list.split(' ').map(String::from).collect::<Vec<_>>();
    let options = InferOptions {
        ordinal: [
            ("buying", "vhigh high med low"),
            ("maint", "vhigh high med low"),
            ("doors", "2 3 4 5more"),
            ("persons", "2 4 more"),
            ("lug_boot", "small med big"),
            ("safety", "low med high"),
        ]
        .map(|(column, list)| (column.to_string(), levels(list)))
        .to_vec(),
        class_order: Some(levels("unacc acc good vgood")),
        ..InferOptions::default()
    };
    assert_eq!(Dataset::read(&path, &SourceOptions::default(), &options).unwrap(), data);
}

#[test]
fn car_equals_the_downloaded_file() {
    let Some(dir) = registry::data_dir_from_env() else {
        eprintln!("skipped: HSIC_DATA_DIR is not set, car is compared by its sha256 only");
        return;
    };
    let path = dir.join("car.csv");
    if !path.exists() {
        eprintln!("skipped: {} does not exist, car is compared by its sha256 only", path.display());
        return;
    }
    let mut text = Vec::new();
    generate_csv("car", 0, &mut text).unwrap();
    assert!(text == std::fs::read(path).unwrap());
}
