//! The shell of docs/guide.md, as a reader would paste it; its Rust is compiled as a doctest of hsic.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn the_shell_of_the_guide_runs() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let guide = fs::read_to_string(root.join("docs/guide.md"))?;
    let blocks: Vec<&str> =
        guide.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let (install, script) = blocks[0].split_once('\n').ok_or("a block of lines")?;
    assert_eq!(install, "cargo install --path crates/hsic-cli");
    for command in ["fit", "inspect", "predict", "evaluate", "transform", "hsic"] {
        assert!(script.contains(&format!("hsic-cli {command} ")), "{command}");
    }

    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("datasets"))?;
    let wine = fs::read_to_string(root.join("datasets/wine.csv"))?;
    fs::write(folder.path().join("datasets/wine.csv"), &wine)?;
    let rows: String = wine.lines().take(5).map(|line| format!("{line}\n")).collect();
    fs::write(folder.path().join("new.csv"), rows)?;
    let program = assert_cmd::cargo::cargo_bin("hsic-cli");
    let path = format!(
        "{}:{}",
        program.parent().ok_or("a folder of the program")?.display(),
        std::env::var("PATH").unwrap_or_default()
    );
    for line in script.lines() {
        let output =
            Command::new("sh").args(["-euc", line]).current_dir(&folder).env("PATH", &path).output()?;
        let (stdout, stderr) = (String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?);
        assert!(output.status.success() && !stderr.contains("error"), "{line}\n{stderr}");
        assert!(!stdout.is_empty(), "{line}");
        if line.starts_with("cat new.csv") {
            assert_eq!(stdout.lines().count(), 5, "{stdout}");
        }
    }
    assert!(folder.path().join("wine.safetensors").exists());
    Ok(())
}
