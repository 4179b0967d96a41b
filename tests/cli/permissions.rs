//! The operations of every whole project, one by one: which are called, where, how, and by what.

use crate::support::{fixtures, project, run_in, texts};
use std::collections::BTreeSet;
use std::path::Path;

/// Each project with the operations its code can reach, read from its source: verb and path, access, once or in bulk, the side
/// its code runs on, and the place.
const PROJECTS: &[(&str, &[&str])] = &[
    (
        "appointments-express",
        &[
            "GET /patients/{patient_id}, read once, server, lib/ehr.js:34",
            "PATCH /patients/{patient_id}, write once, server, lib/ehr.js:35",
        ],
    ),
    (
        "birthday-greeter",
        &[
            "GET /patients/{id}/extended_details, read in bulk, unknown, src/birthdays.js:8",
            "GET /patients/{patient_id}, read in bulk, unknown, src/birthdays.js:16",
        ],
    ),
    (
        "chart-export",
        &[
            "GET /patients/{patient_id}, read once, server, src/cerbo.rs:21",
            "PATCH /patients/{patient_id}, write once, server, src/cerbo.rs:29",
            "PATCH /patients/{patient_id}, write once, server, src/cerbo.rs:36",
            "GET /patients/{patient_id}/encounters, read once, server, src/cerbo.rs:25",
        ],
    ),
    ("functional-names", &["GET /patients/{patient_id}, read in bulk, unknown, src/index.ts:10"]),
    (
        "generated-axios",
        &[
            "GET /patients/{patient_id}, read once, server, src/jobs/rename.ts:12",
            "GET /patients/{patient_id}, read once, server, src/jobs/rename.ts:19",
            "PATCH /patients/{patient_id}, write in bulk, server, src/jobs/rename.ts:9",
            "PATCH /patients/{patient_id}, write once, server, src/jobs/rename.ts:14",
        ],
    ),
    (
        "generated-rust",
        &[
            "GET /patients/{patient_id}, read in bulk, server, src/apis/patients_api.rs:17",
            "PATCH /patients/{patient_id}, write once, server, src/apis/patients_api.rs:35",
        ],
    ),
    (
        "intake-portal",
        &[
            "GET /appointments/availability, read once, client, src/components/Availability.tsx:11",
            "GET /patients/{id}/extended_details, read once, server, src/lib/patients.ts:30",
            "GET /patients/{patient_id}, read once, server, src/lib/patients.ts:13",
            "PATCH /patients/{patient_id}, write once, server, src/lib/patients.ts:25",
            "GET /patients/{patient_id}/rxs, read in bulk, server, src/app/api/cerbo/medications/route.ts:24",
        ],
    ),
    (
        "kiosk-fastify",
        &[
            "GET /patients/{patient_id}, read once, server, src/server.js:13",
            "GET /patients/{patient_id}/tags, read once, server, src/server.js:13",
        ],
    ),
    (
        "note-worker",
        &[
            "GET /patients/{patient_id}, read in bulk, server, src/cerbo.ts:9",
            "POST /patients/{patient_id}/pt_notes/{pt_note_type_id}, write in bulk, server, src/cerbo.ts:12",
            "GET /patients/{pt_id}/lab_results, read once, server, src/cerbo.ts:10",
        ],
    ),
    (
        "portal-bridge",
        &[
            "GET /appointments, read in bulk, server, src/ehr/client.rs:48",
            "GET /appointments/{appointment_id}, read once, server, src/ehr/client.rs:53",
            "PATCH /appointments/{appointment_id}, write in bulk, server, src/ehr/client.rs:73",
            "GET /patients/{id}/extended_details, read in bulk, server, src/ehr/client.rs:58",
            "GET /patients/{patient_id}, read once, server, src/ehr/client.rs:41",
            "PATCH /patients/{patient_id}, write once, server, src/ehr/client.rs:65",
        ],
    ),
    (
        "recall-list",
        &[
            "GET /appointments/{appointment_id}, read in bulk, server, crates/cerbo-client/src/operations.rs:47",
            "PATCH /appointments/{appointment_id}, write in bulk, server, crates/cerbo-client/src/operations.rs:43",
            "GET /delta/patients, read once, server, crates/cerbo-client/src/operations.rs:18",
            "GET /patients/{patient_id}, read in bulk, server, crates/cerbo-client/src/operations.rs:22",
            "GET /patients/{patient_id}/tags, read in bulk, server, crates/cerbo-client/src/operations.rs:29",
        ],
    ),
    (
        "typed-sdk",
        &[
            "GET /patients/{patient_id}, read in bulk, unknown, src/base-client.ts:37",
            "PATCH /patients/{patient_id}, write once, unknown, src/resources.ts:7",
            "GET /task, read in bulk, unknown, src/base-client.ts:44",
        ],
    ),
    (
        "visit-bridge",
        &[
            "GET /appointments, read in bulk, server, src/cerbo/cerbo.service.ts:23",
            "GET /appointments/{appointment_id}, read in bulk, server, src/cerbo/cerbo.service.ts:18",
            "GET /patients/{patient_id}, read in bulk, server, src/cerbo/cerbo.service.ts:14",
            "PATCH /patients/{patient_id}, write in bulk, server, src/cerbo/cerbo.service.ts:38",
        ],
    ),
    ("webhook-lambda", &["GET /appointments/{appointment_id}, read in bulk, server, handler.mjs:26"]),
    (
        "weights-by-tenant",
        &[
            "GET /patients/{patient_id}, read once, unknown, src/sync.ts:18",
            "GET /patients/{patient_id}, read once, unknown, src/sync.ts:19",
            "GET /patients/{patient_id}/vitals/weight, read in bulk, unknown, src/sync.ts:8",
            "POST /patients/{patient_id}/vitals/weight, write in bulk, unknown, src/sync.ts:11",
        ],
    ),
    (
        "front-desk",
        &[
            "GET /patients/{patient_id}, read once, server, src/ehr.rs:42",
            "PATCH /patients/{patient_id}, write once, server, src/ehr.rs:44",
        ],
    ),
    ("chart-delta", &["GET /delta/patients, read in bulk, server, src/main.rs:23"]),
    (
        "visit-confirmations",
        &[
            "GET /appointments, read in bulk, server, src/cerbo.js:13",
            "GET /appointments/{appointment_id}, read once, server+test, src/cerbo.js:10",
            "PATCH /appointments/{appointment_id}, write once, server+test, src/cerbo.js:21",
        ],
    ),
    ("charge-ledger", &["GET /charges, read in bulk, server, src/ledger.service.ts:14"]),
    ("tag-board", &["GET /patients/{patient_id}/tags, read once, server, app/tags/[id]/page.tsx:4"]),
    ("intake-tasks", &["POST /task, write once, server, src/main.rs:9"]),
    (
        "tag-export",
        &[
            "GET /patients/{id}/extended_details, read in bulk, server, src/main.rs:6",
            "GET /patients/{patient_id}/documents, read once, server, src/main.rs:10",
        ],
    ),
    (
        "patient-sweep",
        &[
            "GET /patients, read in bulk, unknown, src/index.js:3",
            "PATCH /patients/{patient_id}, write in bulk, unknown, src/index.js:9",
        ],
    ),
    (
        "appointment-watch",
        &[
            "GET /appointments, read once, server, index.js:5",
            "GET /patients/{patient_id}, read once, server, index.js:12",
        ],
    ),
    (
        "status-check",
        &[
            "PUT /patients/7, write once, server, src/main.rs:13",
            "GET /patients/{patient_id}, read once, server, src/main.rs:5",
            "POST /users/validate_credentials, read in bulk, server, src/main.rs:10",
        ],
    ),
    (
        "delta-sync",
        &[
            "GET /delta/patients, read once, server, src/sync.ts:9",
            "GET /patients/{patient_id}, read in bulk, server, src/sync.ts:13",
        ],
    ),
    (
        "night-charts",
        &[
            "GET /patients, read in bulk, unknown, bin/mirror.sh:11",
            "GET /patients/{id}/extended_details, read in bulk, unknown, bin/chart.sh:6",
            "GET /patients/{patient_id}, read once, test, test/mirror.bats:9",
            "GET /users/{id}, read once, unknown, .github/workflows/charts.yml:17",
            "GET /users/{id}, read once, unknown, Makefile:13",
            "PATCH /appointments/{appointment_id}, write in bulk, unknown, bin/confirm.sh:7",
        ],
    ),
    (
        "night-charts-kept",
        &[
            "GET /appointments/{appointment_id}, read in bulk, unknown, bin/confirm.sh:7",
            "GET /delta/patients, read once, unknown, bin/mirror.sh:9",
            "GET /patients/{patient_id}, read in bulk, unknown, bin/chart.sh:7",
            "GET /users/{id}, read once, unknown, Makefile:13",
            "PATCH /appointments/{appointment_id}, write in bulk, unknown, bin/confirm.sh:9",
        ],
    ),
    // Infrastructure only: no code of theirs calls the API.
    ("clinic-platform", &[]),
    ("clinic-platform-kept", &[]),
];

/// Each operation at each of its places, in words.
fn operations(folder: &Path) -> BTreeSet<String> {
    let (_, out, errors) = texts(&run_in(folder, &["permissions", "--no-config", "--format", "json", "."]));
    let needs: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{errors}"));
    let shown =
        folder.strip_prefix(env!("CARGO_MANIFEST_DIR")).map_or(String::new(), |path| format!("{}/", path.display()));
    let mut all = BTreeSet::new();
    for one in needs["operations"].as_array().unwrap() {
        for place in one["places"].as_array().unwrap() {
            let bulk = if place["bulk"].as_bool().unwrap() { "in bulk" } else { "once" };
            let runs: Vec<&str> = place["runs"].as_array().unwrap().iter().map(|side| side.as_str().unwrap()).collect();
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            let path = text(&place["path"]);
            all.insert(format!(
                "{} {}, {} {bulk}, {}, {}:{}",
                text(&one["method"]),
                text(&one["path"]),
                text(&one["access"]),
                runs.join("+"),
                path.strip_prefix(&shown).unwrap_or(&path),
                place["line"]
            ));
        }
    }
    all
}

#[test]
fn every_project_needs_exactly_what_it_uses() {
    let folders = std::fs::read_dir(fixtures().join("projects")).unwrap();
    let there: BTreeSet<String> = folders.map(|one| one.unwrap().file_name().to_string_lossy().into_owned()).collect();
    let told: BTreeSet<String> = PROJECTS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(there, told, "every project is in the list");
    for (name, expected) in PROJECTS {
        let expected: BTreeSet<String> = expected.iter().map(|line| (*line).to_owned()).collect();
        assert_eq!(operations(&fixtures().join("projects").join(name)), expected, "{name}");
    }
}

#[test]
fn what_only_tests_call_so_far_is_no_part_of_the_tests() {
    let folder = project(&[
        (
            "src/task.ts",
            "export async function due(id: number) {\n  const reply = await fetch(`${process.env.CERBO_URL}/api/v1/task/${id}`, { headers: { Authorization: process.env.CERBO_BASIC! } });\n  return (await reply.json()).due_date;\n}\n",
        ),
        (
            "test/task.test.ts",
            "import { expect, it } from 'vitest';\nimport { due } from '../src/task';\nit('tells the day', async () => expect(await due(1)).toBe('2026-01-05'));\n",
        ),
    ]);
    let found = operations(folder.path());
    assert_eq!(found, BTreeSet::from(["GET /task/{task_id}, read once, test+unknown, src/task.ts:2".to_owned()]));
    let (_, toml, _) = texts(&run_in(folder.path(), &["permissions", "--format", "toml", "."]));
    assert!(toml.contains("read = [\"task\"]"), "{toml}");
}

#[test]
fn sides_and_tests_are_told_apart() {
    let folder = project(&[
        (
            "package.json",
            r#"{ "name": "desk", "dependencies": { "next": "15.0.0", "react": "19.0.0" }, "devDependencies": { "vitest": "3.0.0" } }"#,
        ),
        (
            "app/actions.ts",
            "'use server';\nimport { cerbo } from '../lib/cerbo';\nexport const tags = async (id: string) => cerbo('GET', `/patients/${id}/tags`);\n",
        ),
        (
            "lib/cerbo.ts",
            "export const cerbo = async (method: string, path: string) => {\n  const reply = await fetch(process.env.CERBO_API_URL + path, { method });\n  console.info(method, path, reply.status);\n  return reply.json();\n};\n",
        ),
        (
            "app/board.tsx",
            "'use client';\nimport { useEffect } from 'react';\nexport default function Board() {\n  useEffect(() => { void fetch('https://harborview.md-hq.com/api/v1/task'); }, []);\n  return <p>board</p>;\n}\n",
        ),
        (
            "tests/tags.test.ts",
            "import { expect, it } from 'vitest';\nimport { cerbo } from '../lib/cerbo';\nit('reads a patient', async () => {\n  expect(await cerbo('GET', '/patients/1')).toBeTruthy();\n});\n",
        ),
    ]);
    let expected = [
        "GET /patients/{patient_id}, read once, test, tests/tags.test.ts:4",
        "GET /patients/{patient_id}/tags, read once, server, app/actions.ts:3",
        "GET /task, read once, client, app/board.tsx:4",
    ];
    assert_eq!(operations(folder.path()), expected.map(str::to_owned).into());
    // What only tests call is nothing to ask for; what a client calls is needed where it will be moved to.
    let (_, text, _) = texts(&run_in(folder.path(), &["permissions", "--format", "text", "."]));
    assert!(
        text.contains("/tags") && !text.contains("GET /patients/{patient_id}\n") && text.contains("/task"),
        "{text}"
    );
    let (_, section, _) = texts(&run_in(folder.path(), &["permissions", "--format", "toml", "."]));
    assert_eq!(section, "[permissions]\nread_only = true\nread = [\"tags\", \"task\"]\n");
}
