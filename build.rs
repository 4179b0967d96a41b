//! Makes of the files under `rules/` what the program carries: the same data as JSON, which is read at a fraction of what
//! reading TOML costs, because every run reads it before its first file. What is no TOML ends the build.
//!
//! It also gives the program a name for all that it was built from: what another program has put into a cache counts for
//! nothing.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher as _};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut built_from = DefaultHasher::new();
    for name in BUILT_FROM {
        println!("cargo:rerun-if-changed={name}");
        add(&package.join(name), &mut built_from)?;
    }
    println!("cargo:rustc-env=CERBO_LINT_BUILT_FROM={:016x}", built_from.finish());
    let root = package.join("rules");
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
    ("SHELL_FRAMEWORKS", "frameworks/shell.toml"),
    ("EMBEDDED", "embedded.toml"),
    ("FILE_MODES", "file_modes.toml"),
    ("FIXES", "fixes.toml"),
    ("PRACTICES", "practices.toml"),
    ("REPEATS", "repeats.toml"),
    ("SERVED", "served.toml"),
    ("TIMETABLES", "timetables.toml"),
    ("WORDS", "words.toml"),
];

/// Everything that decides what the program finds.
const BUILT_FROM: &[&str] = &["Cargo.lock", "Cargo.toml", "build.rs", "rules", "src"];

/// Adds a file, or all files of a folder, with their names.
fn add(path: &Path, all: &mut DefaultHasher) -> io::Result<()> {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> =
            fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
        entries.sort();
        return entries.iter().try_for_each(|entry| add(entry, all));
    }
    // Where the package is a dependency, there is no lock file.
    let bytes = if path.exists() { fs::read(path)? } else { Vec::new() };
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    for part in [name.as_bytes(), &bytes] {
        all.write_usize(part.len());
        all.write(part);
    }
    Ok(())
}

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
