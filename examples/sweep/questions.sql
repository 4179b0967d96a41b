-- Questions to the reports of a sweep, for DuckDB: duckdb -c ".read examples/sweep/questions.sql" in the folder that holds
-- shards/ and, for the last question, last-week/. Every line has every column, so a plain list of types is enough; do not
-- use union_by_name over many files, which needs much memory.

create or replace macro report(files) as table
  select * from read_json(files, format = 'newline_delimited', columns = {
    schema: 'INTEGER', kind: 'VARCHAR', repo: 'VARCHAR', rev: 'VARCHAR', rule: 'VARCHAR', severity: 'VARCHAR',
    confidence: 'VARCHAR', path: 'VARCHAR', line: 'INTEGER', col: 'INTEGER', end_line: 'INTEGER', end_col: 'INTEGER',
    message: 'VARCHAR', help: 'VARCHAR', cwe: 'INTEGER', fingerprint: 'VARCHAR', baseline: 'VARCHAR',
    suppressed: 'BOOLEAN', suppression: 'VARCHAR', tool_version: 'VARCHAR', files_scanned: 'INTEGER',
    files_skipped: 'INTEGER', incomplete: 'BOOLEAN'});

create or replace view findings as select * from report('shards/*.jsonl') where kind = 'finding' and not suppressed;
create or replace view runs as select * from report('shards/*.jsonl') where kind = 'run';
create or replace view notes as select * from report('shards/*.jsonl') where kind = 'note';

-- 1. Which practices are broken most widely?
create or replace view broken_most as
  select rule, severity, count(*) as findings, count(distinct repo) as repos,
         round(100.0 * count(distinct repo) / (select count(*) from runs), 1) as percent
  from findings group by all order by repos desc, rule;
from broken_most;

-- 2. Whose credentials have to be replaced today? (CWE-798 hard-coded, CWE-532 in logs)
create or replace view to_rotate as
  select repo, list(distinct rule order by rule) as rules, min(path || ':' || line) as first_place
  from findings where severity = 'error' and cwe in (798, 532) group by repo order by repo;
from to_rotate;

-- 3. Which repositories look clean because nothing was read?
create or replace view not_really_clean as
  select runs.repo, runs.files_scanned, list(notes.message) filter (notes.message is not null) as why
  from runs left join notes using (repo)
  where runs.files_scanned = 0 or runs.incomplete or notes.repo is not null
  group by all order by runs.repo;
from not_really_clean;

-- 4. Which code was copied together with its mistake? The same fingerprint is the same rule, path and code.
create or replace view copied as
  select fingerprint, any_value(rule) as rule, any_value(path) as path, count(distinct repo) as repos
  from findings group by fingerprint having count(distinct repo) > 1 order by repos desc, fingerprint;
from copied;

-- 5. What came and what went since last week?
create or replace view since_last_week as
  with before as (select repo, rule, fingerprint from report('last-week/*.jsonl') where kind = 'finding' and not suppressed),
       now as (select repo, rule, fingerprint from findings)
  select coalesce(now.rule, before.rule) as rule,
         count(*) filter (before.rule is null) as came,
         count(*) filter (now.rule is null) as went
  from now full join before using (repo, rule, fingerprint) group by 1 having came + went > 0 order by 1;
from since_last_week;
