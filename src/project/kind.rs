//! Kinds of files, by name alone.

use std::path::Path;

/// What a file is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum FileKind {
    /// Rust source.
    Rust,
    /// JavaScript and TypeScript source.
    JavaScript,
    /// Pages and components with scripts in them.
    Markup,
    /// Shell scripts.
    Shell,
    /// TOML.
    Toml,
    /// YAML.
    Yaml,
    /// JSON, with or without comments.
    Json,
    /// `NAME=value` lines.
    Dotenv,
    /// Sections with `key = value` lines, properties, systemd units, `.netrc`.
    Ini,
    /// XML configuration.
    Xml,
    /// HCL: Terraform and its kin.
    Hcl,
    /// How an image is built.
    Dockerfile,
    /// Documentation and templates of messages.
    Markdown,
    /// Requests as they were recorded or are sent by hand.
    Requests,
    /// Any other text: strings, comments and URLs are read.
    Text,
    /// Lock files, minified and generated files: nobody wrote them, nothing in them is reported.
    Generated,
    /// Pictures, archives and other formats that hold no text.
    Binary,
}

const BINARY_EXTENSIONS: &[&str] = &[
    "7z", "a", "avif", "bin", "bmp", "bz2", "class", "dll", "dylib", "eot", "exe", "gif", "gz", "ico", "jar", "jpeg",
    "jpg", "lib", "mov", "mp3", "mp4", "o", "obj", "otf", "parquet", "pdb", "pdf", "png", "pyc", "rlib", "rmeta", "so",
    "tar", "tgz", "tif", "tiff", "ttf", "wasm", "wav", "webm", "webp", "woff", "woff2", "xz", "zip", "zst",
];

const GENERATED_NAMES: &[&str] = &[
    "package-lock.json",
    "npm-shrinkwrap.json",
    "pnpm-lock.yaml",
    "packages.lock.json",
    "go.sum",
    "flake.lock",
    "deno.lock",
];

const GENERATED_ENDINGS: &[&str] = &[".lock", ".lockb", ".min.js", ".min.css", ".min.mjs", ".map", ".snap"];

const DECLARATION_ENDINGS: &[&str] = &[".d.ts", ".d.mts", ".d.cts"];
/// Declarations that people write: what a project adds to the types of its frameworks.
const OWN_DECLARATIONS: &[&str] =
    &["app.d.ts", "express.d.ts", "fastify.d.ts", "koa.d.ts", "global.d.ts", "globals.d.ts", "augment.d.ts"];
/// Folders of such declarations, where their names say nothing.
const DECLARATION_FOLDERS: &[&str] = &["express", "fastify", "koa", "@types"];
/// Names of files with sections and lines that have no telling ending.
const INI_NAMES: &[&str] = &[".npmrc", ".netrc", "_netrc", ".pypirc", ".yarnrc", ".s3cfg", ".my.cnf", "credentials"];

/// Collections of requests and recordings.
const REQUEST_ENDINGS: &[&str] =
    &[".har", ".http", ".rest", ".postman_collection.json", ".postman_environment.json", ".bru", ".ipynb"];

impl FileKind {
    /// The kind of a file, by its name.
    pub fn of(path: &Path) -> FileKind {
        let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        if GENERATED_NAMES.contains(&name.as_str()) || GENERATED_ENDINGS.iter().any(|ending| name.ends_with(ending)) {
            return FileKind::Generated;
        }
        if name == ".env" || name == ".envrc" || name.starts_with(".env.") || name.ends_with(".env") {
            return FileKind::Dotenv;
        }
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        if REQUEST_ENDINGS.iter().any(|ending| name.ends_with(ending)) || name.starts_with("insomnia") {
            return FileKind::Requests;
        }
        match extension {
            "md" | "markdown" | "mdx" | "rst" | "adoc" | "asciidoc" => FileKind::Markdown,
            "rs" => FileKind::Rust,
            // Declarations say what others wrote.
            _ if DECLARATION_ENDINGS.iter().any(|ending| name.ends_with(ending)) => {
                let folder = path.parent().and_then(Path::file_name).map(|folder| folder.to_string_lossy());
                let own = OWN_DECLARATIONS.contains(&name.as_str())
                    || folder.is_some_and(|folder| DECLARATION_FOLDERS.contains(&&*folder));
                if own { FileKind::JavaScript } else { FileKind::Generated }
            }
            "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" => FileKind::JavaScript,
            "htm" | "html" | "xhtml" | "vue" | "svelte" | "astro" | "ejs" | "hbs" | "njk" => FileKind::Markup,
            "sh" | "bash" | "zsh" | "ksh" | "bats" => FileKind::Shell,
            "toml" => FileKind::Toml,
            // Cargo still reads its configuration without an extension.
            _ if name == "config" && path.parent().is_some_and(|folder| folder.ends_with(".cargo")) => FileKind::Toml,
            "yaml" | "yml" => FileKind::Yaml,
            "ini" | "cfg" | "conf" | "cnf" | "properties" | "service" | "timer" | "npmrc" | "netrc"
            | "editorconfig" | "pypirc" | "s3cfg" | "my.cnf" => FileKind::Ini,
            _ if INI_NAMES.contains(&name.as_str()) => FileKind::Ini,
            "xml" | "config" | "plist" | "csproj" | "props" | "targets" | "xaml" | "pubxml" => FileKind::Xml,
            "tf" | "tfvars" | "hcl" | "nomad" => FileKind::Hcl,
            "dockerfile" | "containerfile" => FileKind::Dockerfile,
            _ if name.starts_with("dockerfile") || name.starts_with("containerfile") => FileKind::Dockerfile,
            "json" | "jsonc" | "json5" | "webmanifest" => FileKind::Json,
            _ if BINARY_EXTENSIONS.contains(&extension) => FileKind::Binary,
            _ => FileKind::Text,
        }
    }

    /// Whether it is the source of a program.
    pub fn is_code(self) -> bool {
        matches!(self, FileKind::Rust | FileKind::JavaScript | FileKind::Markup | FileKind::Shell)
    }

    /// Whether it is the source of a program in a language that is not followed.
    pub fn is_other_code(self, path: &Path) -> bool {
        const ENDINGS: &[&str] = &[
            "py", "go", "java", "kt", "kts", "scala", "rb", "php", "cs", "fs", "vb", "c", "cc", "cpp", "cxx", "m",
            "mm", "swift", "dart", "ex", "exs", "erl", "clj", "lua", "pl", "pm", "r", "jl", "ps1", "vue", "svelte",
            "astro", "html",
        ];
        self == FileKind::Text && path.extension().is_some_and(|end| ENDINGS.iter().any(|known| end == *known))
    }

    /// Whether such files are handed around when somebody asks for help.
    pub fn is_support_material(self) -> bool {
        matches!(self, FileKind::Markdown | FileKind::Requests)
    }

    /// Whether such files hold JavaScript.
    pub fn is_script(self) -> bool {
        matches!(self, FileKind::JavaScript | FileKind::Markup)
    }

    /// Whether values for programs are kept in such files.
    pub fn is_configuration(self) -> bool {
        matches!(
            self,
            FileKind::Toml
                | FileKind::Yaml
                | FileKind::Json
                | FileKind::Dotenv
                | FileKind::Ini
                | FileKind::Xml
                | FileKind::Hcl
                | FileKind::Dockerfile
        )
    }
}

/// Whether a file is a crontab, by its path.
pub fn is_crontab(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let inside = |folder: &str| path.parent().is_some_and(|parent| parent.ends_with(folder));
    name == "crontab"
        || [".crontab", ".cron", "-crontab", "_crontab", "crontab.txt"].iter().any(|end| name.ends_with(end))
        || ((inside("cron.d") || inside("crontabs")) && !name.contains(".y"))
}

/// Lines longer than this on average are no one's handwriting.
const MINIFIED_LINE: usize = 2_000;

/// Whether the text of a script looks minified.
pub fn looks_minified(path: &Path, bytes: &[u8]) -> bool {
    let script = path.extension().is_some_and(|e| e == "js" || e == "mjs" || e == "cjs" || e == "css");
    script
        && bytes.len() > MINIFIED_LINE
        && bytes.len() / (memchr::memchr_iter(b'\n', bytes).count() + 1) > MINIFIED_LINE
}

/// Bytes at the start of a file that decide whether it is text.
pub const HEAD: usize = 8 * 1024;

/// How a file's bytes are text, judged by its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, or any other that keeps ASCII.
    Bytes,
    /// UTF-16, little endian, with a byte-order mark.
    Utf16Little,
    /// UTF-16, big endian, with a byte-order mark.
    Utf16Big,
    /// No text.
    Binary,
}

impl Encoding {
    /// The encoding of a file that starts with `head`.
    pub fn of(head: &[u8]) -> Encoding {
        match head {
            [0xff, 0xfe, ..] => Encoding::Utf16Little,
            [0xfe, 0xff, ..] => Encoding::Utf16Big,
            _ if memchr::memchr(0, head.get(..HEAD).unwrap_or(head)).is_some() => Encoding::Binary,
            _ => Encoding::Bytes,
        }
    }

    /// The bytes as UTF-8 text where they are UTF-16, otherwise unchanged.
    pub fn decode(self, bytes: Vec<u8>) -> Vec<u8> {
        let unit: fn([u8; 2]) -> u16 = match self {
            Encoding::Utf16Little => u16::from_le_bytes,
            Encoding::Utf16Big => u16::from_be_bytes,
            Encoding::Bytes | Encoding::Binary => return bytes,
        };
        let units = bytes.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(unit);
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>().into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_kinds() {
        let kind = |path: &str| FileKind::of(Path::new(path));
        assert_eq!(kind("src/main.rs"), FileKind::Rust);
        for name in [".env", ".env.local", "prod.env", ".envrc", "a/.ENV.production"] {
            assert_eq!(kind(name), FileKind::Dotenv, "{name}");
        }
        assert_eq!(kind("environment"), FileKind::Text);
        assert_eq!(kind("a/.cargo/config"), FileKind::Toml);
        assert_eq!(kind("Dockerfile"), FileKind::Dockerfile);
        assert_eq!(kind("build/Dockerfile.prod"), FileKind::Dockerfile);
        for name in ["Cargo.lock", "package-lock.json", "yarn.lock", "x.min.js"] {
            assert_eq!(kind(name), FileKind::Generated, "{name}");
        }
        assert_eq!(kind("dist/index.d.ts"), FileKind::Generated);
        assert_eq!(kind("src/app.d.ts"), FileKind::JavaScript);
        assert_eq!(kind("types/express/index.d.ts"), FileKind::JavaScript);
        assert_eq!(kind("logo.PNG"), FileKind::Binary);
    }

    #[test]
    fn heads_tell_encodings() {
        assert_eq!(Encoding::of(b"abc"), Encoding::Bytes);
        assert_eq!(Encoding::of(b"\xef\xbb\xbfabc"), Encoding::Bytes);
        assert_eq!(Encoding::of(b"a\0c"), Encoding::Binary);
        assert_eq!(Encoding::of(b"\xff\xfea\0").decode(b"\xff\xfea\0".to_vec()), "\u{feff}a".as_bytes());
        assert_eq!(Encoding::of(b"\xfe\xff\0a").decode(b"\xfe\xff\0a".to_vec()), "\u{feff}a".as_bytes());
    }

    #[test]
    fn only_scripts_are_judged_minified() {
        let long = vec![b'a'; 5000];
        assert!(looks_minified(Path::new("a.js"), &long));
        assert!(!looks_minified(Path::new("a.rs"), &long));
    }
}
