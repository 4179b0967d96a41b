//! What configuration says about the folders that servers hand out: the data of `rules/served.toml`.

use serde::Deserialize;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The data.
#[derive(Debug, Default, Deserialize)]
pub struct Served {
    key: Vec<Keys>,
    line: Vec<Lines>,
    command: Vec<Command>,
    image: Vec<Image>,
    /// The names of all files that are told above.
    #[serde(skip)]
    names: Names,
}

/// Names of files, some with a `*` for any text. Every file of a run is asked about: whole names are looked up.
#[derive(Debug, Default)]
struct Names {
    whole: HashSet<String>,
    parts: Vec<(String, String)>,
}

impl Names {
    fn of<'n>(patterns: impl Iterator<Item = &'n String>) -> Self {
        let mut names = Self::default();
        for pattern in patterns {
            match pattern.split_once('*') {
                Some((start, end)) => names.parts.push((start.to_owned(), end.to_owned())),
                None => drop(names.whole.insert(pattern.clone())),
            }
        }
        names
    }

    fn holds(&self, name: &str) -> bool {
        let fits = |(start, end): &(String, String)| {
            name.len() >= start.len() + end.len() && name.starts_with(start.as_str()) && name.ends_with(end.as_str())
        };
        self.whole.contains(name) || self.parts.iter().any(fits)
    }
}

#[derive(Debug, Deserialize)]
struct Keys {
    files: Vec<String>,
    keys: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Lines {
    files: Vec<String>,
    words: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Command {
    words: Vec<String>,
    options: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Image {
    bases: Vec<String>,
    folders: Vec<String>,
}

/// The data that comes with the tool.
pub fn served() -> &'static Served {
    static SERVED: OnceLock<Served> = OnceLock::new();
    SERVED.get_or_init(|| {
        let mut served: Served = serde_json::from_str(crate::knowledge::bundled::SERVED).unwrap_or_default();
        let keys = served.key.iter().flat_map(|keys| &keys.files);
        served.names = Names::of(keys.chain(served.line.iter().flat_map(|lines| &lines.files)));
        served
    })
}

/// Whether a file of a name, in lower case, may name such folders.
pub fn names_roots(name: &str) -> bool {
    served().names.holds(name)
}

fn is_named(name: &str, patterns: &[String]) -> bool {
    patterns.iter().any(|pattern| match pattern.split_once('*') {
        Some((start, end)) => name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end),
        None => name == pattern,
    })
}

impl Served {
    /// Whether a key of a file, by its dotted path, holds such a folder.
    pub fn is_key(&self, file: &str, key: &str) -> bool {
        let of_file = self.key.iter().filter(|keys| is_named(file, &keys.files));
        of_file
            .flat_map(|keys| &keys.keys)
            .any(|known| known == key || key.strip_suffix(known.as_str()).is_some_and(|rest| rest.ends_with('.')))
    }

    /// The folders that a web server's file names, with their offsets.
    pub fn lines<'t>(&self, file: &str, text: &'t str) -> Vec<(usize, &'t str)> {
        let words: Vec<&String> =
            self.line.iter().filter(|lines| is_named(file, &lines.files)).flat_map(|lines| &lines.words).collect();
        let mut found = Vec::new();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            // Several directives can stand on one line.
            let mut start = at;
            for directive in line.split_inclusive([';', '{', '}']) {
                let trimmed = directive.trim_start();
                let begins = words.iter().find(|word| {
                    trimmed.strip_prefix(word.as_str()).is_some_and(|rest| rest.starts_with([' ', '\t', '=']))
                });
                if let Some(word) = begins {
                    let value = trimmed.get(word.len()..).unwrap_or("");
                    // Caddy names the requests it is about before the folder.
                    let value = value
                        .trim_matches([' ', '\t', '=', ';', '\n', '\r', '{', '}', '"', '\''])
                        .trim_start_matches("* ");
                    let value = value.trim().trim_matches(['"', '\'']);
                    if !value.is_empty() && !value.contains(char::is_whitespace) && !value.contains('$') {
                        found.push((start + directive.find(value).unwrap_or(0), value));
                    }
                }
                start += directive.len();
            }
            at += line.len();
        }
        found
    }

    /// The folders that a command line hands out, `.` where it says none.
    pub fn commands(&self, line: &str) -> Vec<String> {
        let mut found = Vec::new();
        for part in line.split(['&', '|', ';']) {
            let words: Vec<&str> = part.split_whitespace().collect();
            let first = words.iter().position(|word| {
                !matches!(*word, "npx" | "pnpm" | "yarn" | "dlx" | "exec" | "bunx" | "sudo")
                    && !word.contains('=')
                    && *word != "-y"
            });
            let Some(words) = first.and_then(|first| words.get(first..)) else { continue };
            for command in &self.command {
                let named = command.words.iter().map(|name| name.split(' ').collect::<Vec<_>>());
                let Some(name) = named.into_iter().find(|name| words.starts_with(name)) else { continue };
                found.push(folder_of(words.get(name.len()..).unwrap_or_default(), &command.options));
                break;
            }
        }
        found
    }

    /// The folders that an image built on another hands out.
    pub fn of_image(&self, base: &str) -> Vec<&str> {
        let name = base.split('@').next().unwrap_or("");
        let name = name.rsplit('/').next().unwrap_or("");
        let name = name.split(':').next().unwrap_or("");
        let known = self.image.iter().filter(|image| image.bases.iter().any(|known| known == name));
        known.flat_map(|image| &image.folders).map(String::as_str).collect()
    }

    /// Whether a path in a container is such a folder in any image.
    pub fn is_image_folder(&self, path: &str) -> bool {
        self.image.iter().flat_map(|image| &image.folders).any(|folder| folder == path.trim_end_matches('/'))
    }
}

fn folder_of(arguments: &[&str], options: &[String]) -> String {
    let mut plain = None;
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if options.iter().any(|option| option == argument) {
            if let Some(folder) = arguments.next().filter(|next| !next.starts_with('-')) {
                return (*folder).to_owned();
            }
        } else if argument.starts_with('-') {
            let joined = argument.split_once('=').filter(|(option, _)| options.iter().any(|known| known == option));
            if let Some((_, folder)) = joined {
                return folder.to_owned();
            }
            // Ports and addresses stand behind their option.
            if argument.len() == 2 || matches!(*argument, "--port" | "--host" | "--listen") {
                arguments.next();
            }
        } else if plain.is_none() && !argument.contains(':') && argument.parse::<u16>().is_err() {
            plain = Some((*argument).to_owned());
        }
    }
    plain.unwrap_or_else(|| ".".to_owned())
}

/// The folder of the project that a path of a machine or container stands for: the longest end of the path that is a folder
/// below `top`; `top` itself when the path ends with its name.
pub fn deployed(path: &str, top: &Path) -> Option<PathBuf> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != "..").collect();
    let ends = (0..parts.len()).filter_map(|start| parts.get(start..)).map(|end| end.join("/"));
    let folder = ends.map(|end| top.join(end)).find(|folder| super::disk::is_folder(folder));
    let own = || {
        let name = top.file_name()?.to_str()?;
        (parts.last() == Some(&name)).then(|| top.to_owned())
    };
    folder.or_else(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_hand_out_folders() {
        let of = |line: &str| served().commands(line).join(",");
        assert_eq!(of("http-server"), ".");
        assert_eq!(of("npx serve -s build -l 3000"), "build");
        assert_eq!(of("npm run build && live-server --port=8080 site"), "site");
        assert_eq!(of("python3 -m http.server 8000 --directory pages"), "pages");
        assert_eq!(of("php -S localhost:8000 -t web"), "web");
        assert_eq!(of("ng serve"), "");
        assert_eq!(of("node server.js"), "");
    }

    #[test]
    fn lines_of_web_servers_name_folders() {
        let of = |file: &str, text: &str| -> Vec<String> {
            served().lines(file, text).into_iter().map(|(_, folder)| folder.to_owned()).collect()
        };
        assert_eq!(
            of("nginx.conf", "server { root /srv/www;\n  location /a { alias \"/srv/a/\"; }\n"),
            ["/srv/www", "/srv/a/"]
        );
        assert_eq!(of("httpd.conf", "DocumentRoot \"/var/www/html\"\n"), ["/var/www/html"]);
        assert_eq!(of("caddyfile", "example.org {\n\troot * /srv/site\n\tfile_server\n}\n"), ["/srv/site"]);
        assert!(of("nginx.conf", "user root;\n# root /x;\nroot $document;\n").is_empty());
    }
}
