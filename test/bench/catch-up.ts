/** How fast a side that fell behind catches up: ours beside a plain subscription, on the same servers in the same run. */
import { join } from 'node:path';
import { channelName } from '../../lib/core/identifiers';
import { PostgresDatabase } from '../../lib/engines/postgres/postgres-database';
import type { Reaper } from '../../lib/local/reaper/reaper';
import { findFreePort } from '../../lib/local/servers/free-port';
import { BASE_SETTINGS } from '../../lib/local/servers/postgres/base-settings';
import { ADMIN_USER } from '../../lib/local/servers/postgres/cluster-template';
import { initDataDirectory } from '../../lib/local/servers/postgres/data-directory';
import { PostgresBinaries } from '../../lib/local/servers/postgres/postgres-binaries';
import { PostgresServer } from '../../lib/local/servers/postgres/postgres-server';
import { serverHome } from '../support/lifetime/of-test';

const PASSWORD = 'not-a-secret';
const TRANSACTIONS = 100_000;
/** Each way is measured so often, in turns; the medians are compared. */
const ROUNDS = 3;

const SEED = `
  create table entry (id bigint generated always as identity primary key, account_id bigint not null, amount integer not null, note text);
  insert into entry (account_id, amount, note) select n % 1000, n, 'entry number ' || n from generate_series(1, 10000) n`;

/** One commit each, as an application's writes. */
const WRITE = `
  do $$ begin
    for i in 1..${TRANSACTIONS} loop
      insert into entry (account_id, amount, note) values (i % 1000, i, 'written');
      commit;
    end loop;
  end $$`;

export interface CatchUp {
  readonly transactionsPerSecond: number;
  readonly plainSubscriptionTransactionsPerSecond: number;
  readonly ratio: number;
}

export async function measureCatchUp(): Promise<CatchUp> {
  const { folder, reaper, close } = await serverHome('bluegreen-bench-');
  const servers: PostgresServer[] = [];
  try {
    for (const name of ['blue', 'green']) {
      servers.push(await startServer(join(folder, name), reaper));
    }
    const [blue, green] = servers as [PostgresServer, PostgresServer];
    const rates: Record<'ours' | 'plain', number[]> = { ours: [], plain: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.plain.push(await rate(blue, green, `plain_${round}`, followPlainly));
      rates.ours.push(await rate(blue, green, `ours_${round}`, followAsARun));
    }
    const transactionsPerSecond = median(rates.ours);
    const plainSubscriptionTransactionsPerSecond = median(rates.plain);
    const ratio = Math.round((transactionsPerSecond / plainSubscriptionTransactionsPerSecond) * 100) / 100;
    return { transactionsPerSecond, plainSubscriptionTransactionsPerSecond, ratio };
  } finally {
    await close();
  }
}

async function startServer(dataDirectory: string, reaper: Reaper): Promise<PostgresServer> {
  const binaries = await PostgresBinaries.find();
  await initDataDirectory({ binaries, dataDirectory, adminPassword: PASSWORD });
  const port = await findFreePort();
  const server = new PostgresServer({ binaries, dataDirectory, port, adminPassword: PASSWORD, reaper });
  await server.start({ ...BASE_SETTINGS, wal_level: 'logical' });
  return server;
}

interface Followed {
  readonly blue: PostgresServer;
  readonly green: PostgresServer;
  readonly database: string;
  /** Called when everything to be caught up with has been written. */
  readonly begin: () => Promise<void>;
}

type Follow = (blue: PostgresServer, green: PostgresServer, database: string) => Promise<Followed['begin']>;

/** @returns transactions per second from the moment following begins until the last one is there */
async function rate(blue: PostgresServer, green: PostgresServer, database: string, follow: Follow): Promise<number> {
  for (const server of [blue, green]) {
    await server.asAdmin((admin) => admin.query(`create database ${database}`));
  }
  await blue.asAdmin((admin) => admin.query(SEED), database);
  // a copy by hand: both sides start with the same rows
  await green.asAdmin((admin) => admin.query(SEED), database);
  const begin = await follow(blue, green, database);
  await blue.asAdmin((admin) => admin.query(WRITE), database);
  return green.asAdmin(async (admin) => {
    const began = performance.now();
    await begin();
    for (;;) {
      const { rows } = await admin.query<{ arrived: boolean }>(
        'select count(*) = $1 as arrived from entry where note = $2',
        [TRANSACTIONS, 'written'],
      );
      if (rows[0]?.arrived) {
        return Math.round((TRANSACTIONS * 1000) / (performance.now() - began));
      }
      await admin.query('select pg_sleep(0.02)');
    }
  }, database);
}

const followPlainly: Follow = async (blue, green, database) => {
  await blue.asAdmin(async (admin) => {
    await admin.query(`create publication ${database} for all tables`);
    await admin.query(`select pg_create_logical_replication_slot('${database}', 'pgoutput')`);
  }, database);
  const conninfo = `host=127.0.0.1 port=${blue.port} dbname=${database} user=${ADMIN_USER} password=${PASSWORD}`;
  await green.asAdmin(
    (admin) =>
      admin.query(`create subscription ${database} connection '${conninfo}' publication ${database}
                   with (copy_data = false, create_slot = false, enabled = false, slot_name = '${database}')`),
    database,
  );
  return () =>
    green.asAdmin(async (admin) => {
      await admin.query(`alter subscription ${database} enable`);
    }, database);
};

const followAsARun: Follow = async (blue, green, database) => {
  const channel = channelName('plan', 'run', database, 'forward');
  const at = (server: PostgresServer) =>
    new PostgresDatabase({
      address: { host: '127.0.0.1', port: server.port },
      database,
      credentials: async () => ({ username: ADMIN_USER, password: PASSWORD }),
      tls: false,
      applicationName: 'bluegreen',
    });
  const [onBlue, onGreen] = [at(blue), at(green)];
  try {
    for (const side of [onBlue, onGreen]) {
      await side.takeLock('bench', 'bench');
    }
    await onBlue.publish('bench', channel);
    await onGreen.publish('bench', `${channel}_unused`); // what a copy of blue carries: marker, record, remembered tables
    await onGreen.closeChannel(`${channel}_unused`);
    await green.asAdmin((admin) => admin.query(`update bluegreen.run set seed = '0/1'`), database);
    await onGreen.adopt('bench');
    await onGreen.subscribe(channel, { host: '127.0.0.1', port: blue.port });
  } finally {
    await onBlue.close();
    await onGreen.close();
  }
  return async () => {
    const following = at(green);
    await following.follow(channel, { host: '127.0.0.1', port: blue.port });
    await following.close();
  };
};

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
