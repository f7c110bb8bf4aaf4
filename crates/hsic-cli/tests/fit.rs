//! `fit` and the keys of a configuration.

mod common;

use std::fs;

use common::{Outcome, folder, names, run};

#[test]
fn a_model_is_not_fitted_in_blocks() -> Outcome {
    let folder = folder()?;
    let config = "name = \"b\"\nmethods = [\"closed-form\"]\n\n[closed-form]\nfeatures = \"random\"\nin_blocks = true\n";
    fs::write(folder.path().join("b.toml"), config)?;
    for (more, method) in
        [(["--config", "b.toml"], "closed-form"), (["--set", "spectral.in_blocks=true"], "spectral")]
    {
        let arguments = [&["fit", "t.csv", "--label", "kind", "--model", "m"][..], &more].concat();
        let message =
            format!("error: {method}.in_blocks is of experiments alone: a model is fitted in memory\n");
        assert_eq!(run(&folder, &arguments)?, (Some(2), String::new(), message));
    }
    assert_eq!(names(folder.path())?, ["b.toml", "t.csv", "x.toml"]);
    Ok(())
}
