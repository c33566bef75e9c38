import { join } from 'node:path';
import { BASE_SETTINGS } from '../../../lib/local/servers/postgres/base-settings';
import { copyRunningDataDirectory } from '../../../lib/local/servers/postgres/copy-running-data-directory';
import { ask, ServerFixture } from './server-fixture';

let fixture: ServerFixture;
beforeAll(async () => {
  fixture = await ServerFixture.open();
});
afterAll(() => fixture.close());

const WRITERS = 4;
const PAIRS_PER_WRITER_AND_TRANSACTION = 3;

describe('a storage snapshot of a running server', () => {
  test('has all commits acknowledged before it, and of concurrent transactions each one whole or not at all', async () => {
    const blue = await fixture.started('blue');
    await ask(blue, 'CREATE TABLE left_side (w int, n int)');
    await ask(blue, 'CREATE TABLE right_side (w int, n int)');
    await ask(
      blue,
      'CREATE TABLE ballast AS SELECT n, repeat(md5(n::text), 8) AS filler FROM generate_series(1, 60000) AS n',
    );

    let writing = true;
    const acknowledged = Array.from({ length: WRITERS }, () => 0);
    const writers = acknowledged.map(async (_, writer) => {
      await blue.asAdmin(async (client) => {
        for (let n = 1; writing; n++) {
          await client.query('BEGIN');
          for (let i = 0; i < PAIRS_PER_WRITER_AND_TRANSACTION; i++) {
            await client.query('INSERT INTO left_side VALUES ($1, $2)', [writer, n]);
            await client.query('INSERT INTO right_side VALUES ($1, $2)', [writer, n]);
          }
          await client.query('COMMIT');
          acknowledged[writer] = n;
        }
      });
    });
    // A checkpoint in the middle of the copy is what makes files copied before and after it disagree.
    const checkpoints = blue.asAdmin(async (client) => {
      while (writing) await client.query('CHECKPOINT');
    });
    // Some writes have to be there before; the first checkpoints and WAL switches come on top of a busy server.
    await ask(blue, 'SELECT pg_sleep(0.3)');
    const acknowledgedBefore = [...acknowledged];
    await copyRunningDataDirectory(blue, {
      destination: join(fixture.folder, 'copy'),
      owner: fixture.binaries.user,
    });
    const acknowledgedAfter = [...acknowledged];
    writing = false;
    await Promise.all([...writers, checkpoints]);

    const copy = await fixture.server('copy');
    await copy.start(BASE_SETTINGS);
    const { rows } = await copy.asAdmin((client) =>
      client.query<{ w: number; top: number; left: number; right: number }>(
        `SELECT w, max(n) AS top, count(*)::int AS left, (SELECT count(*)::int FROM right_side r WHERE r.w = l.w) AS right
           FROM left_side l GROUP BY w ORDER BY w`,
      ),
    );
    expect(rows).toHaveLength(WRITERS);
    for (const { w, top, left, right } of rows) {
      expect(top).toBeGreaterThanOrEqual(acknowledgedBefore[w] as number);
      expect(left).toBe(top * PAIRS_PER_WRITER_AND_TRANSACTION);
      expect(right).toBe(left);
    }
    // The writers were not held up: they went on while the copy was being made.
    expect(acknowledgedAfter.some((n, writer) => n > (acknowledgedBefore[writer] as number))).toBe(true);
    expect(await ask(copy, 'SELECT count(*)::int FROM ballast')).toBe(60000);
    expect(await ask(copy, 'SELECT count(*)::int FROM pg_replication_slots')).toBe(0);
    expect(await ask(blue, 'SELECT count(*)::int FROM pg_replication_slots')).toBe(0);
  });

  test('recovers exactly to the position that was reported', async () => {
    const source = await fixture.started('source');
    await ask(source, 'CREATE TABLE t (n int)');
    const lsn = await copyRunningDataDirectory(source, {
      destination: join(fixture.folder, 'exact'),
      owner: fixture.binaries.user,
    });
    const copy = await fixture.server('exact');
    await copy.start(BASE_SETTINGS);
    expect(await ask(copy, `SELECT pg_last_wal_replay_lsn() >= '${lsn}'::pg_lsn`)).toBe(true);
    expect(
      await ask(copy, `SELECT pg_walfile_name(pg_last_wal_replay_lsn() - 1) = pg_walfile_name('${lsn}'::pg_lsn)`),
    ).toBe(true);
  });

  test('holds the logical replication slots of its source', async () => {
    const source = await fixture.started('slots');
    await source.stop();
    await source.start({ ...BASE_SETTINGS, wal_level: 'logical' });
    await ask(source, "SELECT pg_create_logical_replication_slot('follower', 'pgoutput')");
    await copyRunningDataDirectory(source, {
      destination: join(fixture.folder, 'slots-copy'),
      owner: fixture.binaries.user,
    });
    const copy = await fixture.server('slots-copy');
    await copy.start({ ...BASE_SETTINGS, wal_level: 'logical' });
    expect(await ask(copy, 'SELECT slot_name FROM pg_replication_slots')).toBe('follower');
  });

  test('stops copying when it is aborted', async () => {
    const source = await fixture.started('abort');
    await expect(
      copyRunningDataDirectory(source, {
        destination: join(fixture.folder, 'aborted'),
        owner: fixture.binaries.user,
        signal: AbortSignal.abort(new Error('the runtime is closing')),
      }),
    ).rejects.toThrow('the runtime is closing');
    expect(await ask(source, 'SELECT count(*)::int FROM pg_replication_slots')).toBe(0);
  });
});
