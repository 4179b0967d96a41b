"""The worked example of docs/sweep.md: a few hundred repositories, scanned in shards, asked by SQL; the answers are held
against what was planted."""

import concurrent.futures
import os
import pathlib
import sys
import tempfile
import time

import duckdb

from support import ROOT, equal

sys.path.insert(0, str(ROOT / "examples/sweep"))
import generate  # noqa: E402
import sweep  # noqa: E402

NUMBER = 200
SHARDS = 3
# The rules that generate.py breaks on purpose; what else there is to say about its code is not asked here.
ARGUMENTS = ["--threads", "1", "--select", "embedded-credential,concurrent-requests,logged-credential"]


def scan(folder, output):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        shards = [f"{index + 1}/{SHARDS}" for index in range(SHARDS)]
        failed = pool.map(lambda shard: sweep.sweep(folder / "repos", folder / output, shard, ARGUMENTS), shards)
        equal([name for names in failed for name in names], [], "repositories that could not be scanned")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        planted = generate.generate(folder, NUMBER)
        start = time.monotonic()
        scan(folder, "last-week")
        # During the week one repository is mended and one gets worse.
        mended = next(repo for repo, rules in planted if rules == ["concurrent-requests"])
        worse = next(repo for repo, _ in planted if repo.endswith("node-clean"))
        for repo, code in ((mended, generate.NODE_CLEAN), (worse, generate.NODE_LOGGED)):
            (folder / "repos" / repo / "src/patients.js").write_text(code.format(clinic="elm"))
        scan(folder, "shards")
        took = time.monotonic() - start
        truth = {(repo, rule) for repo, rules in planted for rule in rules}
        truth = truth - {(mended, "concurrent-requests")} | {(worse, "logged-credential")}
        os.chdir(folder)
        table = duckdb.connect()
        table.execute((ROOT / "examples/sweep/questions.sql").read_text())
        ask = lambda question: table.execute(question).fetchall()

        equal(ask("select count(*), count(distinct repo) from runs"), [(NUMBER, NUMBER)], "runs")
        found = set(ask("select distinct repo, rule from findings"))
        equal(found - truth, set(), "findings that nobody planted")
        equal(truth - found, set(), "what was planted and not found")
        widest = {rule: repos for rule, _, _, repos, _ in ask("from broken_most")}
        equal(widest, {rule: sum(rule == other for _, other in truth) for _, rule in truth}, "repositories a rule")
        rotate = {repo for repo, *_ in ask("from to_rotate")}
        equal(rotate, {repo for repo, rule in truth if rule.endswith("-credential")}, "credentials to replace")
        unread = {repo for repo, *_ in ask("from not_really_clean")}
        equal(unread, {repo for repo, _ in planted if repo.endswith(("-empty", "-broken"))}, "repositories not read")
        equal(ask("from since_last_week"), [("concurrent-requests", 0, 1), ("logged-credential", 1, 0)], "changes")
        assert ask("select max(repos) from copied")[0][0] > 1
        print(f"{NUMBER} repositories swept twice in {took:.0f} s; {len(found)} findings answered five questions")


if __name__ == "__main__":
    main()
