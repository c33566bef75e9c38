/** What a server has free for slots and workers: blue sends to green first, and applies what comes back later. */
import type { Guardrail } from './guardrail';

interface Resource {
  readonly setting: string;
  /** How many each database takes. @default 1 */
  readonly each?: number;
  /** SQL for how many are taken. */
  readonly taken: string;
}

/** Processes of the server that take none of max_worker_processes, or only what happens to be free. */
const NO_WORKERS = `('client backend', 'walsender', 'walreceiver', 'walwriter', 'autovacuum launcher', 'autovacuum worker', 'checkpointer',
  'background writer', 'startup', 'archiver', 'logger', 'io worker', 'walsummarizer', 'slotsync worker', 'parallel worker')`;

const RESOURCES: readonly Resource[] = [
  // one that sends to the other side, and one that says which rows change
  { setting: 'max_replication_slots', each: 2, taken: 'select count(*) from pg_replication_slots' },
  // from 18 on; before, origins are limited by max_replication_slots in the same way as slots
  { setting: 'max_active_replication_origins', taken: 'select count(*) from pg_replication_origin' },
  {
    setting: 'max_wal_senders',
    each: 2,
    taken: `select count(*) from pg_stat_activity where backend_type = 'walsender'`,
  },
  {
    setting: 'max_logical_replication_workers',
    taken: `select count(*) from pg_stat_activity where backend_type like 'logical replication%worker'`,
  },
  {
    setting: 'max_worker_processes',
    taken: `select count(*) from pg_stat_activity where backend_type not in ${NO_WORKERS}`,
  },
];

/** One more than needed: what is given back is not free at once. */
const SPARE = 1;

/** @param databases how many are followed */
export function replicationCapacity(databases: number): Guardrail[] {
  return RESOURCES.map(({ setting, each = 1, taken }) => ({
    sql: `select s.setting as "there", t.count::text as taken, (t.count + $2)::text as wanted
            from pg_settings s, (${taken}) t
           where s.name = $1 and s.setting::int - t.count < $2`,
    values: [setting, databases * each + SPARE],
    reason: ({ there, taken, wanted }) =>
      `${setting} is ${there}, and ${taken} of them are taken; set it to at least ${wanted} in the instance's parameter group and reboot it`,
  }));
}
