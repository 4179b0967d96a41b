#!/usr/bin/env node
// Starts the program of this platform, which npm has installed as an optional dependency, in place of this one: the same
// input and output, the same exit code, the same signals.
"use strict";
const { spawn } = require("node:child_process");
const os = require("node:os");
const platforms = require("../platforms.json");

// Which C library this Node.js runs with; only Linux has a choice.
function libc() {
  if (process.platform !== "linux") return undefined;
  return process.report.getReport().header.glibcVersionRuntime ? "glibc" : "musl";
}

function find() {
  const wanted = libc();
  const known = platforms.find(
    (one) => one.os === process.platform && one.cpu === process.arch && (!one.libc || one.libc === wanted),
  );
  if (!known) {
    throw new Error(`there is no program for ${process.platform} on ${process.arch}; build it with cargo install cerbo-lint`);
  }
  const name = `@cerbo-lint/${known.npm}`;
  try {
    return require.resolve(`${name}/bin/cerbo-lint${process.platform === "win32" ? ".exe" : ""}`);
  } catch {
    throw new Error(`the package ${name} is not installed; install again, with optional dependencies`);
  }
}

function fail(error) {
  process.stderr.write(`cerbo-lint: error: ${error.message}\n`);
  process.exit(2);
}

let program;
try {
  program = find();
} catch (error) {
  fail(error);
}
const child = spawn(program, process.argv.slice(2), { stdio: "inherit" });
const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
for (const signal of signals) process.on(signal, () => child.kill(signal));
child.on("error", fail);
child.on("exit", (code, signal) => {
  if (signal === null) {
    process.exit(code);
  }
  // Ended by a signal: end by the same one, so that whoever started this one sees it.
  for (const each of signals) process.removeAllListeners(each);
  process.kill(process.pid, signal);
  // Where a signal does not end a process, its number tells.
  setTimeout(() => process.exit(128 + (os.constants.signals[signal] ?? 0)), 100);
});
