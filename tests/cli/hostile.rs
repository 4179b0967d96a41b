//! Files that nobody should have, but somebody has: the run goes on, says what it left out, and ends.

use crate::support::{CLIENT, MANIFEST, findings, project, run_in, texts};
use std::path::Path;
use std::time::{Duration, Instant};

/// Runs on a folder that holds one finding besides what is hostile: it is still found, in bounded time.
fn survives(folder: &Path) -> String {
    let clock = Instant::now();
    let (code, out, errors) = texts(&run_in(folder, &["--verbose", "."]));
    assert_eq!(code, 1, "{out}{errors}");
    assert!(out.contains("error[embedded-credential]"), "{out}");
    assert!(!errors.contains("panicked") && !out.contains("error in cerbo-lint itself"), "{out}{errors}");
    assert!(clock.elapsed() < Duration::from_secs(60), "{:?}", clock.elapsed());
    out
}

fn with(files: &[(&str, &str)]) -> tempfile::TempDir {
    let mut all = vec![("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)];
    all.extend(files);
    project(&all)
}

#[test]
fn brackets_nested_a_hundred_thousand_times() {
    let nested = |before: &str, open: &str, close: &str, after: &str| {
        // Lines of their own: what stands on one line is taken for minified.
        let (open, close) = (format!("{open}\n"), format!("{close}\n"));
        format!("{before}{}1{}{after}", open.repeat(100_000), close.repeat(100_000))
    };
    let script = nested("const cerbo = ", "(", ")", ";\n");
    let files = [
        ("src/deep.rs", nested("fn f() { let cerbo = ", "(", ")", "; }\n")),
        ("src/generic.rs", nested("type Cerbo = ", "Vec<", ">", ";\n")),
        ("web/deep.js", script.clone()),
        ("web/deep.ts", script.clone()),
        ("web/list.tsx", nested("const cerbo = ", "[", "]", ";\n")),
        ("web/element.jsx", nested("const cerbo = ", "<a>", "</a>", ";\n")),
        ("web/page.html", nested("<p>cerbo</p>", "<div>", "</div>", "\n")),
        ("web/App.vue", format!("<script>\n{script}</script>\n")),
        ("conf/deep.json", nested("{\"cerbo_secret\": ", "[", "]", "}\n")),
        ("conf/deep.yaml", nested("cerbo_secret: ", "[", "]", "\n")),
        ("conf/deep.toml", nested("cerbo_secret = ", "[", "]", "\n")),
        ("conf/indent.yml", (0..2000).map(|depth| format!("{}cerbo:\n", " ".repeat(depth))).collect()),
        ("deep.sh", nested("cerbo=", "$(", ")", "\n")),
        ("deep.env", nested("CERBO_SECRET=", "${", "}", "\n")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    survives(with(&files).path());
}

#[test]
fn chains_without_an_end() {
    let branches = |word: &str, tail: &str| {
        format!("if x == 0 {{ 0 }}{}", format!(" {word} if x == 1 {{ 1 }}\n").repeat(5_000)) + tail
    };
    let sum = vec!["1"; 20_000].join(" +\n");
    let files = [
        ("src/branches.rs", format!("fn cerbo(x: u32) -> u32 {{ {} }}\n", branches("else", " else { 2 }"))),
        ("src/sum.rs", format!("fn cerbo() -> u32 {{ {sum} }}\n")),
        ("src/methods.rs", format!("fn cerbo(x: S) -> S {{ x{} }}\n", ".next()\n".repeat(20_000))),
        ("web/branches.js", format!("function cerbo(x) {{ {} }}\n", branches("else", ""))),
        ("web/sum.js", format!("const cerbo = {sum};\n")),
        ("web/methods.ts", format!("const cerbo = x{};\n", ".next()\n".repeat(20_000))),
        ("web/ternaries.js", format!("const cerbo = {}0;\n", "x ? 1 :\n".repeat(20_000))),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    survives(with(&files).path());
}

#[test]
fn types_that_hold_each_other_many_times_over() {
    // Written out as a tree the first of them would have 6^12 leaves.
    let classes: String = (0..14)
        .map(|number| {
            let next = number + 1;
            let fields: String = ["a", "b", "c", "d", "e", "f"].map(|name| format!("  {name}!: C{next};\n")).concat();
            format!("export class C{number} {{\n{fields}}}\n")
        })
        .collect();
    let logs: String = (0..14).map(|number| format!("  console.log(c.x{number});\n")).collect();
    let fields: String = (0..14).map(|number| format!("  x{number}: C{number};\n")).collect();
    let source = format!(
        "// cerbo\n{classes}export class C14 {{ secret = process.env.CERBO_SECRET; }}\nexport interface All {{\n{fields}}}\nexport function show(c: All) {{\n{logs}}}\n"
    );
    survives(with(&[("web/package.json", "{}"), ("web/all.ts", &source)]).path());
}

#[test]
fn bytes_that_are_no_text() {
    let folder = with(&[
        ("src/crlf.rs", "\u{feff}// cerbo\r\nfn f() {}\r\n"),
        ("src/cr.rs", "// cerbo\rfn g() {}\r"),
        ("src/empty.rs", ""),
    ]);
    let utf16 = |text: &str| {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xff, 0xfe].into_iter().chain(units).collect::<Vec<u8>>()
    };
    std::fs::create_dir(folder.path().join("conf")).unwrap();
    std::fs::write(folder.path().join("src/bytes.rs"), b"// cerbo \xff\xfe\x80\nfn f() {}\n").unwrap();
    std::fs::write(folder.path().join("src/nul.rs"), b"\0\0\0cerbo").unwrap();
    std::fs::write(folder.path().join("src/wide.rs"), utf16("// cerbo\nfn h() {}\n")).unwrap();
    std::fs::write(folder.path().join("src/cut.js"), b"const cerbo = '\xf0\x9f").unwrap();
    std::fs::write(folder.path().join("conf/bytes.yaml"), b"cerbo: \xc3\x28\n").unwrap();
    std::fs::write(folder.path().join("conf/bytes.json"), b"{\"cerbo\": \"\xed\xa0\x80\"}").unwrap();
    let out = survives(folder.path());
    assert!(out.contains("skipped: src/nul.rs: binary"), "{out}");
}

#[test]
fn code_in_any_line_ending_and_encoding_has_its_findings() {
    let crlf = CLIENT.replace('\n', "\r\n");
    let (cr, marked) = (CLIENT.replace('\n', "\r"), format!("\u{feff}{CLIENT}"));
    for text in [CLIENT, &crlf, &marked] {
        let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", text)]);
        assert_eq!(findings(folder.path(), &[]).1, ["src/lib.rs:4 embedded-credential"], "{text:?}");
    }
    let mut wide = vec![0xfe, 0xff];
    wide.extend(CLIENT.encode_utf16().flat_map(u16::to_be_bytes));
    let folder = project(&[("Cargo.toml", MANIFEST)]);
    std::fs::create_dir(folder.path().join("src")).unwrap();
    std::fs::write(folder.path().join("src/lib.rs"), wide).unwrap();
    assert_eq!(findings(folder.path(), &[]).1, ["src/lib.rs:4 embedded-credential"]);
    // Rust itself takes no lone CR for a line break; whatever is found stands on the line an editor shows.
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", &cr)]);
    assert!(findings(folder.path(), &[]).1.iter().all(|found| found.starts_with("src/lib.rs:4 ")));
}

#[test]
fn enormous_files_and_lines() {
    let line = format!("const cerbo = \"{}\";\n", "x".repeat(1 << 20));
    let commas = format!("{{\"cerbo_secret\": [{}]}}\n", vec!["\"a\""; 250_000].join(","));
    let folder =
        with(&[("src/line.rs", &line), ("web/line.js", &line), ("conf/line.json", &commas), ("line.env", &line)]);
    let big = std::fs::File::create(folder.path().join("src/big.rs")).unwrap();
    big.set_len(100 * 1024 * 1024).unwrap();
    let mut text = b"// cerbo and more\n".repeat(1 << 20);
    text.truncate(12 << 20);
    std::fs::write(folder.path().join("src/long.rs"), text).unwrap();
    let out = survives(folder.path());
    assert!(out.contains("src/long.rs: left out: larger than"), "{out}");
}

#[cfg(unix)]
#[test]
fn links_pipes_and_folders_that_cannot_be_read() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = with(&[("closed/a.rs", "fn cerbo() {}"), ("src/shut.rs", "fn cerbo() {}")]);
    let at = |path: &str| folder.path().join(path);
    symlink(folder.path(), at("src/loop")).unwrap();
    symlink("nowhere", at("src/dangling.rs")).unwrap();
    symlink("self.rs", at("src/self.rs")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(at("src/pipe.rs")).status().unwrap().success());
    std::fs::set_permissions(at("closed"), std::fs::Permissions::from_mode(0o000)).unwrap();
    std::fs::set_permissions(at("src/shut.rs"), std::fs::Permissions::from_mode(0o000)).unwrap();
    // The superuser reads everything.
    let obeyed = std::fs::read(at("src/shut.rs")).is_err();
    let out = survives(folder.path());
    std::fs::set_permissions(at("closed"), std::fs::Permissions::from_mode(0o755)).unwrap();
    assert!(out.contains("skipped: src/pipe.rs: not a regular file"), "{out}");
    assert!(out.contains("skipped: src/dangling.rs: symbolic link"), "{out}");
    if obeyed {
        assert!(out.contains("src/shut.rs: cannot be read") && out.contains("closed: cannot be read"), "{out}");
    }
    let (code, _, errors) = texts(&run_in(folder.path(), &["src/dangling.rs"]));
    assert_eq!(code, 2);
    assert!(errors.contains("no such file"), "{errors}");
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_no_text() {
    use std::os::unix::ffi::OsStrExt;
    let folder = with(&[("src/two words\nand a line.rs", "fn cerbo() {}")]);
    let name = std::ffi::OsStr::from_bytes(b"src/\xff\xfe.rs");
    std::fs::write(folder.path().join(name), "fn cerbo( {").unwrap();
    let out = survives(folder.path());
    assert!(out.contains("\u{fffd}\u{fffd}.rs:1: not valid Rust"), "{out}");
}

#[test]
fn paths_given_twice_count_once() {
    let folder = with(&[]);
    let once = findings(folder.path(), &["."]);
    assert_eq!(once.1, ["src/lib.rs:4 embedded-credential"]);
    for paths in [&[".", "."][..], &[".", "src"], &["src", "."], &["src/lib.rs", "src/../src/lib.rs", "."]] {
        assert_eq!(findings(folder.path(), paths), once, "{paths:?}");
    }
    let scanned = |paths: &[&str]| {
        let out = texts(&run_in(folder.path(), paths)).1;
        out.lines().last().unwrap().split(':').next().unwrap().to_owned()
    };
    assert_eq!(scanned(&[".", "src", "."]), scanned(&["."]));
}

#[test]
fn files_that_vanish_while_they_are_read() {
    let names: Vec<String> = (0..400).map(|number| format!("gone/{number}.rs")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "fn cerbo() {}")).collect();
    let folder = with(&files);
    let gone = folder.path().join("gone");
    let remover = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(5));
        std::fs::remove_dir_all(gone)
    });
    survives(folder.path());
    remover.join().unwrap().unwrap();
}
