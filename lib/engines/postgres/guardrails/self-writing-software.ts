/** Extensions and schedulers that write by themselves: on green they would write what is replicated from blue as well. */
import type { Guardrail } from './guardrail';

interface Software {
  readonly name: string;
  /** SQL that is true in a database it works in. */
  readonly found: string;
  readonly why: string;
  readonly remedy: string;
}

const extension = (name: string) => `exists (select from pg_extension where extname = '${name}')`;
/** Not `to_regclass`, which fails in a schema the run's user may not enter. */
const table = (schema: string, name: string) =>
  `exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = '${schema}' and c.relname = '${name}')`;

const TWICE = 'would run on green as well, and write once more what is replicated from blue';
const OWN_REPLICATION = 'replicates by itself, and would do so from blue and from green';

const SOFTWARE: readonly Software[] = [
  {
    name: 'the background worker of pg_partman',
    found: `${extension('pg_partman')} and current_database() = any (regexp_split_to_array(current_setting('pg_partman_bgw.dbname', true), '\\s*,\\s*'))`,
    why: 'makes and drops partitions on either side, which is not replicated',
    remedy: 'take the database out of pg_partman_bgw.dbname for the time of the run',
  },
  {
    name: 'extension timescaledb',
    found: extension('timescaledb'),
    why: 'makes tables for its chunks while it runs, which is not replicated',
    remedy: 'use sync "freeze"',
  },
  {
    name: 'extension citus',
    found: extension('citus'),
    why: 'keeps its rows on other servers, which are no part of the copy',
    remedy: 'migrate the nodes by its own means',
  },
  {
    name: 'extension pglogical',
    found: extension('pglogical'),
    why: OWN_REPLICATION,
    remedy: 'drop its nodes and the extension',
  },
  {
    name: 'extension bdr',
    found: extension('bdr'),
    why: OWN_REPLICATION,
    remedy: 'take the database out of its group',
  },
  {
    name: 'Slony',
    found: `exists (select from pg_class c where c.relname = 'sl_subscribe' and c.relkind = 'r')`,
    why: OWN_REPLICATION,
    remedy: 'drop its cluster',
  },
  {
    name: 'PgQ',
    found: `${extension('pgq')} or ${table('pgq', 'queue')}`,
    why: 'rotates its tables by a ticker, and its consumers would miss or see events twice',
    remedy: 'stop ticker and consumers and drop it for the time of the run, or use sync "freeze"',
  },
  {
    name: 'pgAgent',
    found: `${extension('pgagent')} or ${table('pgagent', 'pga_job')}`,
    why: TWICE,
    remedy: 'stop its agent and drop it, or move its jobs to pg_cron, which the run pauses on green',
  },
  {
    name: 'pg_timetable',
    found: table('timetable', 'chain'),
    why: TWICE,
    remedy: 'stop it and drop its schema, or move its jobs to pg_cron, which the run pauses on green',
  },
];

export const SELF_WRITING_SOFTWARE: readonly Guardrail[] = SOFTWARE.map(({ name, found, why, remedy }) => ({
  sql: `select where ${found}`,
  reason: () => `${name} ${why}; ${remedy}`,
}));
