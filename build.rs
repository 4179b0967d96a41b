//! Makes of the files under `rules/` what the program carries: the same data as JSON, which is read at a fraction of what
//! reading TOML costs, because every run reads it before its first file. What is no TOML ends the build.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("rules");
    println!("cargo:rerun-if-changed=rules");
    println!("cargo:rerun-if-changed=build.rs");
    let mut text =
        String::from("/// Library models: language, library, data.\npub const LIBRARIES: &[(&str, &str, &str)] = &[\n");
    for language in sorted(&root.join("libraries"))? {
        for file in sorted(&language)? {
            let _ = writeln!(text, "    ({:?}, {:?}, {:?}),", stem(&language), stem(&file), json(&file)?);
        }
    }
    text.push_str("];\n/// Rule cards.\npub const CARDS: &[&str] = &[\n");
    for file in sorted(&root.join("cards"))? {
        let _ = writeln!(text, "    {:?},", json(&file)?);
    }
    text.push_str(
        "];\n/// Frameworks of JavaScript: name of the file, data.\npub const FRAMEWORKS: &[(&str, &str)] = &[\n",
    );
    for file in sorted(&root.join("frameworks/javascript"))? {
        let _ = writeln!(text, "    ({:?}, {:?}),", stem(&file), json(&file)?);
    }
    text.push_str("];\n");
    for (name, file) in SINGLE {
        let _ = writeln!(text, "/// `rules/{file}`.\npub const {name}: &str = {:?};", json(&root.join(file))?);
    }
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("bundled.rs"), text)
}

/// Files that stand alone, by the name under which the program finds them.
const SINGLE: &[(&str, &str)] = &[
    ("API", "api/cerbo.toml"),
    ("RUST_FRAMEWORKS", "frameworks/rust.toml"),
    ("PRACTICES", "practices.toml"),
    ("SERVED", "served.toml"),
    ("TIMETABLES", "timetables.toml"),
    ("WORDS", "words.toml"),
];

/// The data of a TOML file as JSON.
fn json(file: &Path) -> io::Result<String> {
    let wrong = |problem: String| io::Error::other(format!("{}: {problem}", file.display()));
    let table: toml::Table = toml::from_str(&fs::read_to_string(file)?).map_err(|error| wrong(error.to_string()))?;
    serde_json::to_string(&table).map_err(|error| wrong(error.to_string()))
}

fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut all: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
    all.retain(|path| path.is_dir() || path.extension().is_some_and(|extension| extension == "toml"));
    all.sort();
    Ok(all)
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}
