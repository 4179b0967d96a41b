//! Folders that servers are configured to hand out.

use super::{Settings, plain};
use crate::project::disk;
use crate::project::image::Recipe;
use crate::project::kind::FileKind;
use crate::project::served::{deployed, served};
use crate::span::{FileId, Span};
use std::path::{Path, PathBuf};

/// A folder that is handed out, and what says so.
#[derive(Clone, Debug)]
pub struct ServedRoot {
    /// The folder, or one file of it.
    pub folder: PathBuf,
    /// Where that is said.
    pub said: Span,
}

impl Settings {
    /// The folder that was asked for around a file.
    pub fn top(&self, place: &Path) -> Option<&Path> {
        self.roots.iter().find(|root| place.starts_with(root)).map(PathBuf::as_path)
    }

    /// The folder that a path stands for which a program or a configuration names: below the file that names it, or below
    /// one of the folders around it.
    pub fn folder_named(&self, path: &str, from: &Path) -> Option<PathBuf> {
        let top = self.top(from)?;
        if path.starts_with('/') {
            return deployed(path, top);
        }
        let around = from.ancestors().skip(1).take_while(|folder| folder.starts_with(top));
        // Programs are run in the folder with their manifest.
        let manifest = |folder: &&Path| {
            ["package.json", "Cargo.toml", "deno.json"].iter().any(|name| disk::is_file(&folder.join(name)))
        };
        let home = around.clone().find(manifest).unwrap_or(top);
        if matches!(path.trim_end_matches('/'), "" | ".") {
            return Some(home.to_owned());
        }
        let mut candidates = std::iter::once(home).chain(around);
        candidates.find_map(|folder| {
            let named = plain(&folder.join(path));
            (named.starts_with(top) && disk::exists(&named)).then_some(named)
        })
    }

    /// The folders that configuration names.
    pub(super) fn configured_roots<'t>(&self, text: &impl Fn(FileId) -> &'t str) -> Vec<ServedRoot> {
        let mut roots = Vec::new();
        for setting in self.all.iter().filter(|setting| !setting.commented) {
            let Some(file) = self.file(setting.span) else { continue };
            let value = setting.value.trim();
            let folder = match name(&file.place).as_str() {
                "package.json" if setting.path.last().is_some_and(|key| key == "scripts") => {
                    let folders = served().commands(value);
                    folders.into_iter().find_map(|folder| self.folder_named(&folder, &file.place))
                }
                own if served().is_key(own, &setting.key_path()) => self.folder_named(value, &file.place),
                // What is mounted where a web server's image looks for its files.
                _ if file.kind == FileKind::Yaml => {
                    mounted(value).and_then(|folder| self.folder_named(folder, &file.place))
                }
                _ => None,
            };
            roots.extend(folder.map(|folder| ServedRoot { folder, said: setting.span }));
        }
        let mut in_containers: Vec<String> = Vec::new();
        for (number, file) in self.files.iter().enumerate() {
            let id = super::id(number);
            for (offset, folder) in served().lines(&name(&file.place), text(id)) {
                let said = Span::new(id, offset, offset + folder.len());
                in_containers.push(folder.to_owned());
                roots.extend(self.folder_named(folder, &file.place).map(|folder| ServedRoot { folder, said }));
            }
        }
        self.add_images(&in_containers, text, &mut roots);
        roots
    }

    /// The files that end up where a web server in an image looks for them.
    fn add_images<'t>(&self, named: &[String], text: &impl Fn(FileId) -> &'t str, roots: &mut Vec<ServedRoot>) {
        let places: Vec<PathBuf> = self.files.iter().map(|file| file.place.clone()).collect();
        for (number, file) in self.files.iter().enumerate().filter(|(_, file)| file.kind == FileKind::Dockerfile) {
            let id = super::id(number);
            let recipe = Recipe::read(text(id));
            let mut folders = served().of_image(recipe.base());
            folders.extend(named.iter().map(String::as_str));
            for context in self.contexts(&file.place, &places) {
                let ignored = crate::project::image::BuildIgnore::of(&file.place, &context);
                for place in &places {
                    let Ok(inside) = place.strip_prefix(&context) else { continue };
                    let below = crate::project::walk::show(inside, Path::new(""));
                    let Some((range, target)) = recipe.takes(&below).filter(|_| !ignored.hides(&below)) else {
                        continue;
                    };
                    if folders.iter().any(|folder| Path::new(&target).starts_with(folder)) {
                        roots.push(ServedRoot { folder: place.clone(), said: Span::new(id, range.start, range.end) });
                    }
                }
            }
        }
    }
}

fn mounted(value: &str) -> Option<&str> {
    let (folder, rest) = value.split_once(':')?;
    let target = rest.split(':').next().unwrap_or("");
    (folder.starts_with('.') && served().is_image_folder(target)).then_some(folder)
}

fn name(place: &Path) -> String {
    place.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default()
}
