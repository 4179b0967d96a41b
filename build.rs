//! Lists the texts under `rules/` for the program to carry: library models by language, rule cards.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("rules");
    println!("cargo:rerun-if-changed=rules");
    let mut text =
        String::from("/// Library models: language, library, text.\npub const LIBRARIES: &[(&str, &str, &str)] = &[\n");
    for language in sorted(&root.join("libraries"))? {
        for file in sorted(&language)? {
            let (language, library) = (stem(&language), stem(&file));
            let _ = writeln!(text, "    ({language:?}, {library:?}, include_str!({file:?})),");
        }
    }
    text.push_str("];\n/// Rule cards.\npub const CARDS: &[&str] = &[\n");
    for file in sorted(&root.join("cards"))? {
        let _ = writeln!(text, "    include_str!({file:?}),");
    }
    text.push_str(
        "];\n/// Frameworks of JavaScript: name of the file, text.\npub const FRAMEWORKS: &[(&str, &str)] = &[\n",
    );
    for file in sorted(&root.join("frameworks/javascript"))? {
        let _ = writeln!(text, "    ({:?}, include_str!({file:?})),", stem(&file));
    }
    text.push_str("];\n");
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("bundled.rs"), text)
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
