#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
use super::*;

/// The file that a specifier leads to, by its path; manifests are among the files.
fn leads(files: &[(&str, &str)], from: &str, specifier: &str) -> Option<String> {
    let read = |path: &Path| files.iter().find(|(name, _)| Path::new(name) == path).map(|(_, text)| (*text).to_owned());
    let paths: Vec<&Path> = files.iter().map(|(path, _)| Path::new(*path)).collect();
    let manifests = Manifests::read(paths.iter().copied(), &[], &read);
    let found = Resolver::new(paths.iter().copied(), &manifests).resolve(Path::new(from), specifier)?;
    Some(files[found].0.to_owned())
}

#[test]
fn relative_specifiers_leave_things_out() {
    let files = [("/p/a.ts", ""), ("/p/b/index.tsx", ""), ("/p/c.mts", ""), ("/p/d.vue", ""), ("/p/e.test.js", "")];
    for (specifier, expected) in [
        ("./a", "/p/a.ts"),
        ("./a.js", "/p/a.ts"),
        ("./b", "/p/b/index.tsx"),
        ("./b/", "/p/b/index.tsx"),
        ("./c.mjs", "/p/c.mts"),
        ("./d.vue?inline", "/p/d.vue"),
        ("./e.test", "/p/e.test.js"),
        ("../p/x/../a", "/p/a.ts"),
    ] {
        assert_eq!(leads(&files, "/p/main.ts", specifier).as_deref(), Some(expected), "{specifier}");
    }
    assert_eq!(leads(&files, "/p/main.ts", "./missing"), None);
    assert_eq!(leads(&files, "/p/main.ts", "a"), None);
}

#[test]
fn settings_map_paths_through_what_they_extend() {
    let files = [
        (
            "/w/tsconfig.base.json",
            "{ // shared\n \"compilerOptions\": { \"paths\": { \"@acme/*\": [\"./libs/*/src\"], } } }",
        ),
        ("/w/apps/web/tsconfig.json", "{ \"extends\": \"../../tsconfig.base\" }"),
        ("/w/apps/api/tsconfig.json", "{ \"files\": [], \"references\": [{ \"path\": \"./tsconfig.app.json\" }] }"),
        (
            "/w/apps/api/tsconfig.app.json",
            "{ \"compilerOptions\": { \"baseUrl\": \"src\", \"paths\": { \"~config\": [\"settings.ts\"] } } }",
        ),
        ("/w/libs/http/src/index.ts", ""),
        ("/w/apps/api/src/settings.ts", ""),
        ("/w/apps/api/src/util/log.ts", ""),
    ];
    let lead = |from, specifier| leads(&files, from, specifier);
    assert_eq!(lead("/w/apps/web/src/a.ts", "@acme/http").as_deref(), Some("/w/libs/http/src/index.ts"));
    assert_eq!(lead("/w/apps/api/src/a.ts", "~config").as_deref(), Some("/w/apps/api/src/settings.ts"));
    assert_eq!(lead("/w/apps/api/src/a.ts", "util/log").as_deref(), Some("/w/apps/api/src/util/log.ts"));
    assert_eq!(lead("/w/libs/http/src/b.ts", "util/log"), None);
}

#[test]
fn settings_that_extend_each_other_end() {
    let files = [
        ("/w/tsconfig.json", "{ \"extends\": \"./other.json\", \"compilerOptions\": { \"baseUrl\": \".\" } }"),
        ("/w/other.json", "{ \"extends\": \"./tsconfig.json\" }"),
        ("/w/lib/a.ts", ""),
    ];
    assert_eq!(leads(&files, "/w/b.ts", "lib/a").as_deref(), Some("/w/lib/a.ts"));
}

#[test]
fn packages_of_the_workspace_are_found_by_name() {
    let files = [
        ("/w/package.json", "{ \"workspaces\": [\"packages/*\"] }"),
        (
            "/w/packages/client/package.json",
            "{ \"name\": \"@acme/client\", \"exports\": { \".\": { \"types\": \"./dist/index.d.ts\", \"import\": \"./dist/index.mjs\" }, \"./auth/*\": \"./dist/auth/*.js\" } }",
        ),
        ("/w/packages/client/src/index.ts", ""),
        ("/w/packages/client/src/auth/basic.ts", ""),
        ("/w/packages/old/package.json", "{ \"name\": \"old\", \"main\": \"lib/main.js\" }"),
        ("/w/packages/old/lib/main.js", ""),
        ("/w/packages/old/extra.js", ""),
        (
            "/w/packages/app/package.json",
            "{ \"name\": \"app\", \"imports\": { \"#env\": { \"default\": \"./config/env.js\" }, \"#lib/*\": \"./lib/*.js\" } }",
        ),
        ("/w/packages/app/config/env.js", ""),
        ("/w/packages/app/lib/http.ts", ""),
    ];
    let lead = |specifier| leads(&files, "/w/packages/app/src/a.ts", specifier);
    for (specifier, expected) in [
        ("@acme/client", "/w/packages/client/src/index.ts"),
        ("@acme/client/auth/basic", "/w/packages/client/src/auth/basic.ts"),
        ("old", "/w/packages/old/lib/main.js"),
        ("old/extra", "/w/packages/old/extra.js"),
        ("#env", "/w/packages/app/config/env.js"),
        ("#lib/http", "/w/packages/app/lib/http.ts"),
    ] {
        assert_eq!(lead(specifier).as_deref(), Some(expected), "{specifier}");
    }
    // Inside itself a package's name is another package.
    assert_eq!(leads(&files, "/w/packages/old/lib/b.js", "old"), None);
}

#[test]
fn conventions_hold_when_nothing_else_is_said() {
    let files = [
        ("/p/package.json", "{}"),
        ("/p/src/lib/api.ts", ""),
        ("/p/src/store.ts", ""),
        ("/p/public/js/app.js", ""),
        ("/p/index.html", ""),
    ];
    let lead = |from, specifier| leads(&files, from, specifier);
    assert_eq!(lead("/p/src/routes/a.ts", "$lib/api").as_deref(), Some("/p/src/lib/api.ts"));
    assert_eq!(lead("/p/src/routes/a.ts", "@/store").as_deref(), Some("/p/src/store.ts"));
    assert_eq!(lead("/p/index.html", "/js/app.js").as_deref(), Some("/p/public/js/app.js"));
    assert_eq!(lead("/p/index.html", "src/store.ts").as_deref(), Some("/p/src/store.ts"));
    assert_eq!(lead("/p/src/routes/a.ts", "@vendor/store"), None);
}
