//! The messages, word for word, and the template.

use std::collections::BTreeSet;
use std::path::Path;

use hsic_layer::WidthRule;
use hsic_net::HeadKind;
use hsic_net::settings::{ClosedFormSettings, Features, Field, SelectionRule, SpectralSettings};
use toml::{Table, Value};

use super::*;

const TEMPLATE: &str = include_str!("../../../../configs/own-data.toml");
const MINIMAL: &str = "name = \"t\"\ndataset.name = \"wine\"\n";

fn load(text: &str, sets: &[&str]) -> Result<Config, ConfigError> {
    let overrides = sets.iter().map(|set| Override::parse(set)).collect::<Result<Vec<_>, _>>()?;
    Config::from_source(
        &Document::new("configs/x.toml".into(), text.into(), &overrides),
        Path::new("configs"),
    )
}

fn message(text: &str, sets: &[&str]) -> String {
    load(text, sets).map_or_else(|error| error.to_string(), |config| format!("accepted: {config:?}"))
}

/// The minimal file with more lines; the first of them is line 3.
fn with(lines: &str) -> String {
    format!("{MINIMAL}{lines}")
}

#[test]
fn a_minimal_file_has_every_default() -> Result<(), ConfigError> {
    let dataset = DatasetConfig { name: Some("wine".into()), ..DatasetConfig::default() };
    assert_eq!(load(MINIMAL, &[])?, Config { name: "t".into(), dataset, ..Config::default() });
    Ok(())
}

#[test]
fn every_form_of_a_value_is_read() -> Result<(), ConfigError> {
    let text = with("[spectral]\nwidth = 4\nhead = \"knn\"\nfeatures = \"orthogonal\"\nsigma = 2\n");
    let config = load(&text, &["closed-form.selection=leave-one-out"])?;
    assert_eq!(config.spectral.width, WidthRule::Fixed(4));
    assert_eq!(config.spectral.head, HeadKind::Knn { k: 5 });
    assert_eq!(config.spectral.features, Features::Orthogonal);
    assert_eq!(config.spectral.sigma, Some(2.0));
    assert_eq!(config.closed_form.selection, SelectionRule::LeaveOneOut);
    let positive = load(&with("spectral.width = \"positive-eigenvalues\""), &[])?;
    assert_eq!(positive.spectral.width, WidthRule::PositiveEigenvalues);
    Ok(())
}

#[test]
fn a_value_out_of_bounds_names_line_key_bound_and_value() {
    for (lines, expected) in [
        ("folds = 1", "configs/x.toml:3: folds must be at least 2, got 1"),
        (
            "methods = []",
            "configs/x.toml:3: methods must name at least one of `spectral`, `closed-form`, `mlp-ce`, `mlp-mse`, `knn`, \
             `kernel-ridge`",
        ),
        ("methods = [\"spectral\", \"spectral\"]", "configs/x.toml:3: methods names `spectral` twice"),
        (
            "dataset.split = \"given\"",
            "configs/x.toml:3: dataset.split `given` needs a registered data set with test rows of its own: mnist",
        ),
        (
            "[closed-form]\nin_blocks = true",
            "configs/x.toml:4: closed-form.in_blocks needs features `random` or `orthogonal`: an exact layer keeps every \
             row",
        ),
        ("[spectral]\n\nsigma = 0", "configs/x.toml:5: spectral.sigma must be positive and finite, got 0"),
        ("[spectral]\nsigma = nan", "configs/x.toml:4: spectral.sigma must be positive and finite, got NaN"),
        (
            "closed-form.sigma = inf",
            "configs/x.toml:3: closed-form.sigma must be positive and finite, got inf",
        ),
        (
            "closed-form.selection = \"leave-one-out\"\nclosed-form.features = \"random\"",
            "configs/x.toml:3: closed-form.selection has no meaning here: leave-one-out selection needs the closed form with \
             exact features: only there is a row's own term known",
        ),
        ("spectral.head = { knn = 0 }", "configs/x.toml:3: spectral.head.knn must be at least 1, got 0"),
        (
            "spectral.width = { share = 1.0 }",
            "configs/x.toml:3: spectral.width.share must be above 0 and below 1, got 1",
        ),
        ("spectral.width = 0", "configs/x.toml:3: spectral.width must be at least 1, got 0"),
        (
            "spectral.n_features = 301",
            "configs/x.toml:3: spectral.n_features must be even and at least 2, got 301",
        ),
        (
            "closed-form.n_features = 0",
            "configs/x.toml:3: closed-form.n_features must be even and at least 2, got 0",
        ),
        ("spectral.candidates = 1", "configs/x.toml:3: spectral.candidates must be at least 2, got 1"),
        (
            "spectral = { max_layers = 0, in_blocks = true }",
            "configs/x.toml:3: spectral.in_blocks needs max_layers of at least 1: the head alone is fitted in memory",
        ),
        (
            "spectral.target_hsic = 1.5",
            "configs/x.toml:3: spectral.target_hsic must be above 0 and at most 1, got 1.5",
        ),
        (
            "spectral.target_silhouette = -1",
            "configs/x.toml:3: spectral.target_silhouette must be above -1 and at most 1, got -1",
        ),
        (
            "spectral.min_gain = -1e-3",
            "configs/x.toml:3: spectral.min_gain must be at least 0 and below 1, got -0.001",
        ),
        ("spectral.patience = 0", "configs/x.toml:3: spectral.patience must be at least 1, got 0"),
        ("spectral.tolerance = 1", "configs/x.toml:3: spectral.tolerance must be above 0 and below 1, got 1"),
        (
            "spectral.max_iterations = 0",
            "configs/x.toml:3: spectral.max_iterations must be at least 1, got 0",
        ),
        ("closed-form.candidates = 0", "configs/x.toml:3: closed-form.candidates must be at least 2, got 0"),
        (
            "spectral.selection = \"cv\"\nspectral.sigma = 1",
            "configs/x.toml:4: spectral.sigma cannot stand beside selection = \"cv\", which chooses the bandwidth",
        ),
        (
            "spectral.selection = \"cv\"\nspectral.in_blocks = true",
            "configs/x.toml:4: spectral.in_blocks cannot stand beside selection = \"cv\": candidates are fitted in memory",
        ),
        (
            "closed-form.selection = \"cv\"\nclosed-form.features = \"random\"\nclosed-form.in_blocks = true",
            "configs/x.toml:5: closed-form.in_blocks cannot stand beside selection = \"cv\": candidates are fitted in \
             memory",
        ),
        (
            "spectral.cv.inner_folds = 1",
            "configs/x.toml:3: spectral.cv.inner_folds must be at least 2, got 1",
        ),
        (
            "spectral.output = \"kernel\"\nspectral.features = \"random\"\nspectral.in_blocks = true",
            "configs/x.toml:3: spectral.output must be `features` or `projection` where rows come in blocks: the kernel's own output keeps \
             every row",
        ),
        (
            "spectral.cv.widths = [{ share = 0.5 }, { share = 1.5 }]",
            "configs/x.toml:3: spectral.cv.widths must be above 0 and below 1, got 1.5",
        ),
        (
            "spectral.cv.heads = [\"knn\", \"bayes\", \"knn\"]",
            "configs/x.toml:3: spectral.cv.heads names a value twice",
        ),
        (
            "closed-form.cv.max_layers = [1, 1]",
            "configs/x.toml:3: closed-form.cv.max_layers names a value twice",
        ),
        (
            "closed-form.cv.self_excluded = [true, true]",
            "configs/x.toml:3: closed-form.cv.self_excluded names a value twice",
        ),
        ("mlp.depth = 0", "configs/x.toml:3: mlp.depth must be at least 1, got 0"),
        ("mlp.width = 0", "configs/x.toml:3: mlp.width must be at least 1, got 0"),
        ("mlp.learning_rate = 0", "configs/x.toml:3: mlp.learning_rate must be positive and finite, got 0"),
        ("mlp.batch_size = 0", "configs/x.toml:3: mlp.batch_size must be at least 1, got 0"),
        ("mlp.max_updates = 0", "configs/x.toml:3: mlp.max_updates must be at least 1, got 0"),
        ("mlp.patience = 0", "configs/x.toml:3: mlp.patience must be at least 1, got 0"),
        ("mlp.tolerance = inf", "configs/x.toml:3: mlp.tolerance must be positive and finite, got inf"),
        ("knn.k = 0", "configs/x.toml:3: knn.k must be at least 1, got 0"),
    ] {
        assert_eq!(message(&with(lines), &[]), expected, "{lines}");
    }
}

#[test]
fn the_name_is_fit_for_a_folder() {
    let data = "dataset.name = \"wine\"";
    assert_eq!(
        message(data, &[]),
        "configs/x.toml: name is missing or empty: results go to a folder of that name"
    );
    assert_eq!(
        message(&format!("name = \"a/../b\"\n{data}"), &[]),
        "configs/x.toml:1: name must be of letters a-z and A-Z, digits, - and _, got `a/../b`"
    );
    assert_eq!(
        message(data, &["name=ü"]),
        "--set name=ü: name must be of letters a-z and A-Z, digits, - and _, got `ü`"
    );
}

#[test]
fn the_data_set_is_named_or_a_file_and_its_keys_fit() {
    let of = |lines: &str| message(&format!("name = \"t\"\n[dataset]\n{lines}"), &[]);
    let file = |lines: &str| of(&format!("path = \"a.csv\"\n{lines}"));
    assert_eq!(
        message("name = \"t\"", &[]),
        "configs/x.toml: dataset needs `name`, a registered data set, or `path`, a table"
    );
    assert_eq!(of(""), "configs/x.toml:2: dataset needs `name`, a registered data set, or `path`, a table");
    assert_eq!(
        file("name = \"wine\""),
        "configs/x.toml:3: dataset.path cannot stand beside dataset.name: give one of them"
    );
    assert_eq!(
        of("name = \"wine\"\nheader = false"),
        "configs/x.toml:4: dataset.header belongs to dataset.path: a registered data set knows its own"
    );
    assert_eq!(
        file("seed = 3"),
        "configs/x.toml:4: dataset.seed belongs to dataset.name: a table is not generated"
    );
    assert_eq!(
        of("name = \"wine\"\nmissing = \"drop\""),
        "configs/x.toml:4: dataset.missing belongs to dataset.path: a registered data set knows its own"
    );
    assert_eq!(
        file("max_categories = 0"),
        "configs/x.toml:4: dataset.max_categories must be at least 1, got 0"
    );
    assert_eq!(
        file("delimiter = \"||\""),
        "configs/x.toml:4:13: expected one ASCII character or `tab`, got `||`\n  |\n4 | delimiter = \"||\"\n  |             ^^^^"
    );
    assert_eq!(
        file("class_order = [\"a\"]"),
        "configs/x.toml:4: dataset.class_order must name at least 2 classes, got 1"
    );
    assert_eq!(
        file("class_order = [\"a\", \"b\", \"a\"]"),
        "configs/x.toml:4: dataset.class_order names `a` twice"
    );
    assert_eq!(
        file("ordinal.size = []"),
        "configs/x.toml:4: dataset.ordinal.size must name at least 2 levels, got 0"
    );
    assert_eq!(
        file("[dataset.ordinal]\ncolour = [\"a\", \"b\"]\nsize = [\"s\", \"s\"]"),
        "configs/x.toml:6: dataset.ordinal.size names `s` twice"
    );
}

/// The keys of a network's table, as a message lists them; hsic-net's own tests have them one by one.
fn listed(fields: &[Field]) -> String {
    let names: Vec<String> = fields.iter().map(|field| format!("`{}`", field.name)).collect();
    names.join(", ") + ", `cv`"
}

#[test]
fn an_unknown_key_shows_the_line_and_the_valid_names() {
    assert_eq!(
        message(&with("folds = 5\nsead = 3"), &[]),
        "configs/x.toml:4:1: unknown key `sead`, expected one of `name`, `seed`, `fold_seed`, `solver_seed`, `folds`, \
         `in_blocks`, `methods`, `dataset`, `spectral`, `closed-form`, `mlp`, `knn`\n  |\n4 | sead = 3\n  | ^^^^"
    );
    assert_eq!(
        message(&with("[closed-form]\n  max_layer = 1 # é"), &[]),
        format!(
            "configs/x.toml:4:3: unknown key `max_layer`, expected one of {}\n  |\n4 |   max_layer = 1 # é\n  |   ^^^^^^^^^",
            listed(&ClosedFormSettings::fields())
        )
    );
    assert_eq!(
        message(&with("spectral.width = { shore = 0.5 }"), &[]),
        "configs/x.toml:3:20: unknown key `shore`, expected `share`\n  |\n3 | spectral.width = { shore = 0.5 }\n  |                    \
         ^^^^^"
    );
}

#[test]
fn a_wrong_type_or_value_shows_the_line_and_what_is_valid() {
    let width = "{ share = 0.5 }, a whole number or \"positive-eigenvalues\"";
    for (lines, column, carets, expected) in [
        ("folds = \"ten\"", 9, 5, "invalid type: string \"ten\", expected a whole number from 0".into()),
        ("seed = -1", 8, 2, "invalid value: integer `-1`, expected a whole number from 0".into()),
        ("spectral = 3", 12, 1, "invalid type: integer `3`, expected a table".into()),
        ("spectral.sigma = \"1\"", 18, 3, "invalid type: string \"1\", expected a number".into()),
        ("methods = \"spectral\"", 11, 10, "invalid type: string \"spectral\", expected a list".into()),
        (
            "methods = [\"é\"]",
            12,
            3,
            "unknown value `é`, expected one of `spectral`, `closed-form`, `mlp-ce`, `mlp-mse`, `knn`, `kernel-ridge`"
                .into(),
        ),
        (
            "spectral.selection = \"ml\"",
            22,
            4,
            "unknown value `ml`, expected one of `max-trace`, `smoothest-gain`, `max-hsic`, `leave-one-out`, `beam`, \
             `construction`, `cv`"
                .into(),
        ),
        (
            "spectral.head = \"tree\"",
            17,
            6,
            "unknown value `tree`, expected one of `bayes`, `nearest-mean`, `knn`, `nearest-neighbour`, `logistic`, `ridge`, `balanced-ridge`, `metric-ridge`".into(),
        ),
        ("spectral.head = 3", 17, 1, "invalid type: integer `3`, expected the name of a head, { knn = 3 } or { ridge = 4000 }".into()),
        ("spectral.target_silhouette = \"no\"", 30, 4, "invalid value: string \"no\", expected a number or \"none\"".into()),
        ("spectral.width = true", 18, 4, format!("invalid type: boolean `true`, expected {width}")),
        ("spectral.width = -2", 18, 2, format!("invalid value: integer `-2`, expected {width}")),
        ("spectral.width = \"all\"", 18, 5, format!("invalid value: string \"all\", expected {width}")),
        ("closed-form.self_excluded = 1", 29, 1, "invalid type: integer `1`, expected true or false".into()),
        ("folds = ", 9, 1, "string values must be quoted, expected literal string".into()),
        ("folds = 3\nfolds = 4", 1, 5, "duplicate key".into()),
    ] {
        let number = 2 + lines.lines().count();
        let last = lines.lines().last().unwrap_or_default();
        let marker = " ".repeat(column - 1) + &"^".repeat(carets);
        let expected =
            format!("configs/x.toml:{number}:{column}: {expected}\n  |\n{number} | {last}\n  | {marker}");
        assert_eq!(message(&with(lines), &[]), expected, "{lines}");
    }
}

#[test]
fn the_command_line_wins_and_is_named_in_messages() -> Result<(), ConfigError> {
    let text = with("[spectral]\nsigma = -1\nwidth = { share = 0.5 }");
    let config = load(&text, &["spectral.sigma=0.5", "spectral.width=7", "folds=3", "spectral.sigma=0.25"])?;
    assert_eq!(
        (config.spectral.sigma, config.spectral.width, config.folds),
        (Some(0.25), WidthRule::Fixed(7), 3)
    );
    assert_eq!(
        message(MINIMAL, &["spectral.sigma=0"]),
        "--set spectral.sigma=0: spectral.sigma must be positive and finite, got 0"
    );
    assert_eq!(
        message(MINIMAL, &["spectral.sead=0"]),
        format!(
            "--set spectral.sead=0: unknown key `sead`, expected one of {}",
            listed(&SpectralSettings::fields())
        )
    );
    assert_eq!(
        message(MINIMAL, &["folds=many"]),
        "--set folds=many: invalid type: string \"many\", expected a whole number from 0"
    );
    assert_eq!(message(MINIMAL, &["folds"]), "--set folds: expected KEY=VALUE");
    Ok(())
}

#[test]
fn an_option_of_its_own_is_named_as_typed() {
    let overrides = [Override::option("--folds", &["folds"], 1)];
    let source = Document::new("configs/x.toml".into(), MINIMAL.into(), &overrides);
    let error = Config::from_source(&source, Path::new("configs")).map_err(|error| error.to_string());
    assert_eq!(error, Err("--folds 1: folds must be at least 2, got 1".into()));
}

#[test]
fn a_path_is_taken_from_the_file_s_folder_or_the_current_one() -> Result<(), Box<dyn std::error::Error>> {
    let here = std::env::current_dir()?;
    let text = "name = \"t\"\ndataset.path = \"data/a.csv\"";
    assert_eq!(load(text, &[])?.dataset.path, Some(here.join("configs/data/a.csv")));
    assert_eq!(load(text, &["dataset.path=b.csv"])?.dataset.path, Some(here.join("b.csv")));
    Ok(())
}

#[test]
fn a_missing_file_is_named_with_its_cause() -> Result<(), std::io::Error> {
    let path = tempfile::tempdir()?.path().join("none.toml");
    let error = Config::load(&path, &[]).map_err(|error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        (error.to_string(), cause)
    });
    let expected = format!("{}: cannot read the configuration", path.display());
    assert_eq!(error, Err((expected, Some("No such file or directory (os error 2)".into()))));
    Ok(())
}

/// Takes the `# ` off the optional keys.
fn with_optional_keys(template: &str) -> String {
    let is_key = |line: &str| {
        line.split_once(" = ")
            .is_some_and(|(key, _)| key.chars().all(|c| c.is_ascii_lowercase() || "._".contains(c)))
    };
    template
        .lines()
        .map(|line| line.strip_prefix("# ").filter(|rest| is_key(rest)).unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n")
}

fn keys(table: &Table, prefix: &str, found: &mut BTreeSet<String>) {
    for (name, value) in table {
        match value {
            Value::Table(inner) => keys(inner, &format!("{prefix}{name}."), found),
            _ => drop(found.insert(format!("{prefix}{name}"))),
        }
    }
}

#[test]
fn the_template_is_valid_and_holds_the_defaults() -> Result<(), Box<dyn std::error::Error>> {
    let config = load(TEMPLATE, &[])?;
    let path = Some(std::env::current_dir()?.join("configs/my-data.csv"));
    let dataset = DatasetConfig { path, ..DatasetConfig::default() };
    assert_eq!(config, Config { name: "own-data".into(), dataset, ..Config::default() });
    Ok(())
}

#[test]
fn the_template_shows_every_key() -> Result<(), Box<dyn std::error::Error>> {
    let text = with_optional_keys(TEMPLATE);
    let config = load(&text, &[])?;
    let (mut shown, mut known) = (BTreeSet::new(), BTreeSet::new());
    keys(&toml::from_str(&text)?, "", &mut shown);
    keys(&toml::from_str(&config.to_toml()?)?, "", &mut known);
    assert_eq!(shown, known);
    // name and seed of a data set exclude the path, every other option is set
    let unset = [
        config.fold_seed.is_none(),
        config.dataset.label.is_none(),
        config.dataset.labels.is_none(),
        config.dataset.class_order.is_none(),
        config.dataset.ordinal.is_empty(),
        config.dataset.missing.is_none(),
        config.dataset.ignore.is_empty(),
        config.dataset.text.is_empty(),
        config.dataset.max_categories.is_none(),
        config.spectral.sigma.is_none(),
        config.closed_form.sigma.is_none(),
        config.mlp.depth.is_none(),
        config.mlp.width.is_none(),
    ];
    assert_eq!(unset, [false; 13]);
    Ok(())
}

#[test]
fn the_resolved_configuration_reads_back() -> Result<(), Box<dyn std::error::Error>> {
    for text in [MINIMAL.to_owned(), with_optional_keys(TEMPLATE)] {
        let config = load(&text, &[])?;
        assert_eq!(load(&config.to_toml()?, &[])?, config);
    }
    Ok(())
}

#[test]
fn settings_have_the_names_of_the_file() -> Result<(), Box<dyn std::error::Error>> {
    let config = load(MINIMAL, &[])?;
    assert_eq!(config.settings(MethodName::ClosedForm)?, ClosedFormSettings::default().to_json());
    let spectral = config.settings(MethodName::Spectral)?;
    assert_eq!(spectral["width"], serde_json::json!({ "share": 0.5 }));
    // the grid is a setting where something is chosen from it
    assert_eq!(spectral.get("cv"), None);
    let chosen = load(MINIMAL, &["spectral.selection=cv", "spectral.cv.max_layers=[2]"])?;
    assert_eq!(chosen.settings(MethodName::Spectral)?["cv"]["max_layers"], serde_json::json!([2]));
    Ok(())
}
