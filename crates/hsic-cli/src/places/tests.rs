//! Every output of every command against every input and every other output, as the definition of the arguments has them.

use std::collections::BTreeMap;
use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use clap::FromArgMatches;
use tempfile::TempDir;

use super::*;
use crate::cli::{self, Cli};

type Outcome = Result<(), Box<dyn Error>>;

/// Runs a command as `main` does.
fn run(arguments: &[OsString]) -> Result<(), CliError> {
    let mut definition = cli::definition();
    let usage = |error: clap::Error| CliError::Usage(error.to_string());
    let words = [OsString::from("hsic-cli")].into_iter().chain(arguments.iter().cloned());
    let matches = definition.try_get_matches_from_mut(words).map_err(usage)?;
    let cli = Cli::from_arg_matches(&matches).map_err(usage)?;
    crate::execute(cli, Places::of(&definition, &matches))
}

/// Every command that does something, by its words.
fn commands() -> Vec<(Vec<String>, Command)> {
    fn collect(command: &Command, words: &[String], found: &mut Vec<(Vec<String>, Command)>) {
        if !command.has_subcommands() {
            found.push((words.to_vec(), command.clone()));
        }
        for command in command.get_subcommands() {
            collect(command, &[words, &[command.get_name().to_owned()]].concat(), found);
        }
    }
    let mut found = Vec::new();
    collect(&cli::definition(), &[], &mut found);
    found
}

fn table() -> Vec<u8> {
    let row = |i: usize| format!("{}.{},{}\n", [4, 25][i % 2] + i % 3, i * 7 % 10, ["cat", "dog"][i % 2]);
    (String::from("weight,kind\n") + &(0..40).map(row).collect::<String>()).into_bytes()
}

/// What a command needs beside its paths.
fn words(command: &str) -> &'static [&'static str] {
    match command {
        "run" => &["--quiet"],
        "reproduce" => &["--datasets", "wine", "--methods", "knn", "--folds", "2", "--quiet"],
        "fit" => &["--label", "kind", "--no-search", "--solver", "closed-form", "--quiet"],
        "predict" | "transform" => &[],
        "data generate" => &["spiral"],
        _ => panic!("`{command}` writes files: say here what it needs beside its paths"),
    }
}

/// What is in the file of an input, such that the command would do its work.
fn content(command: &str, argument: &str, model: &[u8]) -> Vec<u8> {
    match (command, argument) {
        (_, "data" | "test_file") => table(),
        (_, "model") => model.to_vec(),
        ("run", "config") => {
            b"name = \"x\"\nfolds = 2\nmethods = [\"knn\"]\ndataset.name = \"wine\"\n".to_vec()
        }
        ("fit", "config") => b"spectral.max_layers = 1\n".to_vec(),
        (_, "labels" | "test_labels") => b"\x00\x00\x08\x01\x00\x00\x00\x01\x00".to_vec(),
        _ => panic!("`{command}` reads a file for the argument `{argument}`: say here what is in it"),
    }
}

/// The argument without which this one may not stand.
fn needed(argument: &Arg) -> Option<&'static str> {
    (argument.get_id() == "test_labels").then_some("test_file")
}

/// Paths below a folder: what a link says, or the bytes of a file.
fn snapshot(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>, std::io::Error> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_symlink() {
            found.insert(path.clone(), fs::read_link(&path)?.into_os_string().into_encoded_bytes());
        } else if path.is_dir() {
            found.insert(path.clone(), Vec::new());
            found.extend(snapshot(&path)?);
        } else {
            found.insert(path.clone(), fs::read(&path)?);
        }
    }
    Ok(found)
}

/// How one file is called twice.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Spelling {
    Same,
    Dot,
    Folder,
    Symbolic,
    Hard,
}

const SPELLINGS: &[Spelling] =
    &[Spelling::Same, Spelling::Dot, Spelling::Folder, Spelling::Symbolic, Spelling::Hard];

/// Another name of a file; none where a file that is not there cannot have it.
fn respelled(folder: &Path, file: &str, spelling: Spelling) -> Result<Option<PathBuf>, std::io::Error> {
    let (path, other) = (folder.join(file), folder.join("other-name"));
    Ok(match spelling {
        Spelling::Same => Some(path),
        Spelling::Dot => Some(folder.join(".").join(file)),
        Spelling::Folder => {
            fs::create_dir(folder.join("sub"))?;
            Some(folder.join("sub").join("..").join(file))
        }
        Spelling::Symbolic => {
            std::os::unix::fs::symlink(file, &other)?;
            Some(other)
        }
        Spelling::Hard if path.exists() => {
            fs::hard_link(&path, &other)?;
            Some(other)
        }
        Spelling::Hard => None,
    })
}

/// The words that give an argument a value.
fn given(argument: &Arg, value: &Path) -> Vec<OsString> {
    let option = argument.get_long().map(|long| OsString::from(format!("--{long}")));
    option.into_iter().chain([value.as_os_str().to_owned()]).collect()
}

/// Gives a command one file twice, and asserts that it refuses and that nothing has changed.
fn assert_refused(
    words_of: &[String],
    command: &Command,
    (output, other): (&Arg, &Arg),
    spelling: Spelling,
    is_there: bool,
    model: &[u8],
) -> Outcome {
    let folder = TempDir::new()?;
    let title = words_of.join(" ");
    let role = |argument: &Arg| Role::of(argument).ok_or("no role");
    let (of_output, of_other) = (role(output)?, role(other)?);
    // in a folder of results a file that is certainly replaced
    let in_folder = |role: Role| match role {
        Role::RunFolder => Some("folds.csv"),
        Role::ReproductionFolder => Some("wine/folds.csv"),
        _ => None,
    };
    let shared = "shared";
    let old = if of_other.is_output() {
        b"old\n".to_vec()
    } else {
        content(&title, other.get_id().as_str(), model)
    };
    if is_there {
        fs::write(folder.path().join(shared), old)?;
    }
    let Some(spelled) = respelled(folder.path(), shared, spelling)? else { return Ok(()) };
    let mut paths = (spelled, folder.path().join(shared));
    for (role, path) in [(of_output, &mut paths.0), (of_other, &mut paths.1)] {
        if let Some(file) = in_folder(role) {
            let (dir, name) = (folder.path().join("results"), folder.path().join("results").join(file));
            fs::create_dir_all(name.parent().ok_or("no folder")?)?;
            // the folder has the file under a name of its own
            std::os::unix::fs::symlink(&*path, name)?;
            *path = dir;
        }
    }
    let mut arguments: Vec<OsString> = words_of.iter().map(OsString::from).collect();
    arguments.extend(words(&title).iter().map(OsString::from));
    for argument in command.get_arguments() {
        let id = argument.get_id();
        if id == output.get_id() {
            arguments.extend(given(argument, &paths.0));
        } else if id == other.get_id() {
            arguments.extend(given(argument, &paths.1));
        } else if let Some(role) = Role::of(argument)
            && (argument.is_required_set()
                || id == "data"
                || [output, other].into_iter().filter_map(needed).any(|needed| id == needed))
        {
            let path = folder.path().join(id.as_str());
            if !role.is_output() {
                fs::write(&path, content(&title, id.as_str(), model))?;
            }
            arguments.extend(given(argument, &path));
        }
    }
    let before = snapshot(folder.path())?;
    let outcome = run(&arguments);
    let case = format!("{arguments:?}, {spelling:?}");
    let Err(error) = outcome else { return Err(format!("{case}: not refused").into()) };
    let message = error.to_string();
    assert_eq!((error.code(), message.lines().count()), (2, 1), "{case}: {message}");
    for (argument, path) in [(output, &paths.0), (other, &paths.1)] {
        assert!(message.contains(&format!("{} {}", name(argument), path.display())), "{case}: {message}");
    }
    assert_eq!(snapshot(folder.path())?, before, "{case}");
    Ok(())
}

#[test]
fn no_output_replaces_an_input_or_another_output() -> Outcome {
    let folder = TempDir::new()?;
    let (data, model) = (folder.path().join("t.csv"), folder.path().join("m"));
    fs::write(&data, table())?;
    let fit = ["fit", "--label", "kind", "--no-search", "--solver", "closed-form", "--quiet", "--model"];
    let fit: Vec<OsString> =
        fit.map(OsString::from).into_iter().chain([model.clone().into(), data.into()]).collect();
    run(&fit)?;
    let model = fs::read(model)?;

    let mut pairs = 0;
    for (words, command) in commands() {
        let places: Vec<(&Arg, Role)> =
            command.get_arguments().filter_map(|argument| Some((argument, Role::of(argument)?))).collect();
        for (at, (output, _)) in places.iter().enumerate().filter(|(_, (_, role))| role.is_output()) {
            for (other_at, (other, role)) in places.iter().enumerate() {
                // two outputs are one pair, and what cannot stand together is none
                let excludes = |one, other| command.get_arg_conflicts_with(one).contains(&other);
                let exclude = excludes(*output, *other) || excludes(*other, *output);
                if other_at == at || role.is_output() && other_at < at || exclude {
                    continue;
                }
                pairs += 1;
                for spelling in SPELLINGS {
                    assert_refused(&words, &command, (output, other), *spelling, true, &model)?;
                    if role.is_output() {
                        assert_refused(&words, &command, (output, other), *spelling, false, &model)?;
                    }
                }
            }
        }
    }
    // run and reproduce: --out, --log; fit: --model, --log; predict and transform: --out; each against what the command reads
    assert!(pairs >= 18, "only {pairs} pairs");
    Ok(())
}

#[test]
fn every_argument_that_is_a_path_says_what_is_done_with_it() {
    let mut seen = Vec::new();
    for (words, command) in commands() {
        for argument in command.get_arguments() {
            let parser = argument.get_value_parser().type_id();
            let is_plain =
                parser == std::any::TypeId::of::<PathBuf>() || parser == std::any::TypeId::of::<OsString>();
            let names = argument.get_value_names().unwrap_or_default();
            let is_called = |name: &str| {
                ["FILE", "DIR", "DATA", "CONFIG", "MODEL", "PATH", "FOLDER"]
                    .iter()
                    .any(|path| name.contains(path))
            };
            let is_path = is_plain || names.iter().any(|name| is_called(name));
            let role = Role::of(argument);
            assert_eq!(role.is_some(), is_path, "{} {}", words.join(" "), name(argument));
            seen.extend(role);
        }
    }
    for role in [
        Role::Input,
        Role::Config,
        Role::InputFolder,
        Role::Output,
        Role::Rows,
        Role::Log,
        Role::RunFolder,
        Role::ReproductionFolder,
    ] {
        assert!(seen.contains(&role), "{role:?}");
    }
}

/// Names in a folder and in the folders within it.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let files = snapshot(folder)?.into_keys().filter(|path| !path.is_dir());
    Ok(files
        .map(|path| Ok(path.strip_prefix(folder)?.to_owned()))
        .collect::<Result<_, std::path::StripPrefixError>>()?)
}

#[test]
fn all_that_is_written_into_a_folder_is_known() -> Outcome {
    let folder = TempDir::new()?;
    let config = folder.path().join("x.toml");
    let out = folder.path().join("out");
    fs::write(
        &config,
        "name = \"x\"\nfolds = 2\ndataset.name = \"wine\"\n[spectral]\nmax_layers = 1\n[closed-form]\nmax_layers = 1\n",
    )?;
    let arguments = |words: &[&str], rest: [&Path; 2]| -> Vec<OsString> {
        words.iter().map(OsString::from).chain(rest.map(|path| path.as_os_str().to_owned())).collect()
    };
    run(&arguments(&["run", config.to_str().ok_or("text")?, "--quiet"], [Path::new("--out"), &out]))?;
    let (found, known) = (files(&out)?, written::run(&MethodName::names()));
    assert!(found.len() >= 15 && found.iter().all(|file| known.contains(file)), "{found:?}");

    let out = folder.path().join("table");
    let sets =
        ["reproduce", "--datasets", "random,wine", "--methods", "spectral,knn", "--folds", "2", "--quiet"];
    run(&arguments(&[&sets[..], &["--set", "spectral.max_layers=1"]].concat(), [Path::new("--out"), &out]))?;
    let (found, known) = (files(&out)?, written::reproduction(NAMES, &MethodName::names()));
    assert!(found.len() >= 20 && found.iter().all(|file| known.contains(file)), "{found:?}");
    Ok(())
}

#[test]
fn a_stream_is_no_file_to_replace() {
    let mut places = Places::default();
    places.add("--out", Path::new("-"), Role::Rows);
    places.add("DATA", Path::new("/dev/null"), Role::Input);
    places.add("--log", Path::new("/dev/null"), Role::Log);
    places.add("--model", Path::new("/dev/null"), Role::Output);
    assert_eq!(places.check(), Ok(()));
    places.add("--log", Path::new("-"), Role::Log);
    let expected = "--log - is no file: name one, or ./- for one of that name";
    assert_eq!(places.check(), Err(CliError::Usage(expected.into())));
}
