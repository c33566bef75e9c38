/** The prober against a real server: it must notice everything that can happen to a write, and invent nothing. */
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { EndpointFront } from '../../lib/local/front/endpoint-front';
import { POLL_MS, ProberFixture } from '../support/prober-fixture';
import { PASSWORD, ScratchServer } from '../support/scratch-server';

const WORKLOAD = {
  write: 'insert into writes (reference, amount) values ($1, $2)',
  read: 'select reference from writes',
};

let stage: ProberFixture;
const probe: ProberFixture['probe'] = (options) => stage.probe(options);
const until: ProberFixture['until'] = (prober, condition) => stage.until(prober, condition);
const sql: ProberFixture['sql'] = (...statements) => stage.sql(...statements);

beforeAll(async () => {
  stage = await ProberFixture.start(WORKLOAD);
});

afterAll(() => stage.remove());

beforeEach(() =>
  stage.begin('create table writes (reference text, amount integer)', 'grant insert, select on writes to app'),
);

afterEach(() => stage.end());

describe('the prober', () => {
  it('acknowledges exactly what is stored, and finds nothing wrong', async () => {
    const prober = await probe();
    await until(prober, ({ acknowledged }) => acknowledged >= 200);
    const { acknowledged } = await prober.stop();
    const verdict = await prober.verify();
    expect(verdict).toMatchObject({ acknowledged, lost: 0, duplicated: 0, unexpected: 0, refused: 0, unknown: 0 });
    expect(verdict).toMatchObject({ serving: true, writeDowntimeMs: 0, outages: [] });
    expect(await sql('select from writes')).toBe(acknowledged);
    expect(await sql('select distinct split_part(reference, $$-$$, 2) from writes')).toBe(4);
    expect(await sql('select from writes where amount < 0')).toBe(0);
  });

  it('finds an acknowledged write that is gone, and names it', async () => {
    const prober = await probe();
    await until(prober, ({ acknowledged }) => acknowledged >= 50);
    await prober.stop();
    expect(await sql("delete from writes where reference = 'w0-2-3'")).toBe(1);
    const verdict = await prober.verify();
    expect(verdict).toMatchObject({ lost: 1, lostKeys: ['w0-2-3'], duplicated: 0, unexpected: 0 });
  });

  it('finds a write that is stored twice, and names it', async () => {
    const prober = await probe();
    await until(prober, ({ acknowledged }) => acknowledged >= 50);
    await prober.stop();
    await sql("insert into writes select * from writes where reference = 'w0-1-5'");
    await sql("insert into writes select * from writes where reference = 'w0-1-5'");
    const verdict = await prober.verify();
    expect(verdict).toMatchObject({ lost: 0, duplicated: 1, duplicatedKeys: ['w0-1-5'], unexpected: 0 });
  });

  it('finds a write that is stored although the server refused it', async () => {
    await sql("alter table writes add constraint no_third check (reference <> 'w0-0-3')");
    const prober = await probe();
    await until(prober, ({ acknowledged, refused }) => acknowledged >= 50 && refused === 1);
    await prober.stop();
    await sql('alter table writes drop constraint no_third', "insert into writes values ('w0-0-3', 1)");
    const verdict = await prober.verify();
    expect(verdict).toMatchObject({ unexpected: 1, unexpectedKeys: ['w0-0-3'], refused: 1, lost: 0, duplicated: 0 });
  });

  it('judges the side it is told to judge', async () => {
    const prober = await probe();
    await until(prober, ({ acknowledged }) => acknowledged >= 10);
    const { acknowledged } = await prober.stop();
    const elsewhere = await ScratchServer.start();
    try {
      await elsewhere.server.asAdmin((admin) => admin.query(`create database ${stage.database} owner app`));
      await elsewhere.as('app', stage.database, (client) => client.query('create table writes (reference text)'));
      expect((await prober.verify({ host: '127.0.0.1', port: elsewhere.port })).lost).toBe(acknowledged);
      expect((await prober.verify()).lost).toBe(0);
    } finally {
      await elsewhere.remove();
    }
  });

  it('counts refusals while the database is read-only, and measures the outage from first to last', async () => {
    const prober = await probe();
    await until(prober, ({ acknowledged }) => acknowledged >= 50);
    const before = Date.now();
    await stage.setReadOnly('on');
    const frozen = await until(prober, ({ refused }) => refused >= 20);
    expect(frozen.serving).toBe(false);
    expect(frozen.lastRefusal).toBe('cannot execute INSERT in a read-only transaction');
    expect(frozen.outages.at(-1)?.ended).toBe(false);
    const refusedAt = Date.now();
    await stage.setReadOnly('off');
    await until(prober, ({ acknowledged, serving }) => serving && acknowledged > frozen.acknowledged + 50);
    await prober.stop();
    const verdict = await prober.verify();
    const longest = verdict.outages.reduce((a, b) => (a.durationMs > b.durationMs ? a : b));
    expect(longest.ended).toBe(true);
    expect(longest.startedAtMs).toBeGreaterThanOrEqual(before - 1);
    expect(longest.startedAtMs + longest.durationMs).toBeGreaterThan(refusedAt);
    expect(verdict.writeDowntimeMs).toBe(longest.durationMs);
    expect(verdict.longestGapMs).toBeGreaterThanOrEqual(verdict.writeDowntimeMs - 50);
    expect(verdict).toMatchObject({ lost: 0, duplicated: 0, unexpected: 0 });
  });

  it('tells what writers felt since it was asked last', async () => {
    const prober = await probe();
    await until(prober, ({ acknowledged }) => acknowledged >= 20);
    expect((await prober.window()).writeDowntimeMs).toBe(0);
    await stage.setReadOnly('on');
    await until(prober, ({ refused }) => refused >= 20);
    await stage.setReadOnly('off');
    const { writeDowntimeMs } = await until(prober, ({ serving }) => serving);
    const felt = await prober.window();
    expect(felt.writeDowntimeMs).toBe(writeDowntimeMs);
    expect(felt.longestGapMs).toBeGreaterThan(0);
    // a writer whose session is still read-only would be refused once more
    while ((await prober.window()).writeDowntimeMs > 0) await stage.untilMore(prober, 20);
    expect((await prober.counts()).writeDowntimeMs).toBeGreaterThanOrEqual(writeDowntimeMs);
  });

  it('replaces a connection that served until it was ended at once, however long it pauses after refusals', async () => {
    const prober = await probe({ pace: { refusalPauseMs: 10_000_000 } });
    for (let ended = 0; ended < 5; ended += 1) {
      await stage.untilMore(prober, 20);
      await stage.endSessions();
    }
    const lastOfEach =
      'select max(split_part(reference, $$-$$, 3)::int) as last from writes group by split_part(reference, $$-$$, 2)';
    const before = await stage.rows<{ last: number }>(lastOfEach);
    const slowest = Math.min(...before.map(({ last }) => last));
    // every one of the four writers goes on
    while ((await stage.rows<{ last: number }>(lastOfEach)).some(({ last }) => last <= slowest + 20))
      await pause(POLL_MS);
    expect(await prober.stop()).toMatchObject({ refused: 0 });
  });

  it('counts connections that nobody accepts as refused, and reconnects when somebody does', async () => {
    const closed = await EndpointFront.start({});
    const prober = await probe({ port: closed.port });
    const turnedAway = await until(prober, ({ refused }) => refused >= 8);
    expect(turnedAway).toMatchObject({ acknowledged: 0, unknown: 0, serving: false });
    await closed.setTarget({ host: '127.0.0.1', port: stage.scratch.port });
    await until(prober, ({ acknowledged }) => acknowledged >= 50);
    const { outages } = await prober.stop();
    expect(outages).toHaveLength(1);
    await closed.stop();
  });

  it('does not get stuck behind a lock: the write counts as refused', async () => {
    const prober = await probe({ timeoutMs: 200 });
    await until(prober, ({ acknowledged }) => acknowledged >= 20);
    await stage.scratch.as('master', stage.database, async (client) => {
      await client.query('begin');
      await client.query('lock table writes in access exclusive mode');
      await until(prober, ({ refused }) => refused >= 8);
      await client.query('rollback');
    });
    const { acknowledged } = await prober.counts();
    await until(prober, (counts) => counts.acknowledged > acknowledged + 20);
    await prober.stop();
    expect(await prober.verify()).toMatchObject({ lost: 0, duplicated: 0, unexpected: 0, unknown: 0 });
  });

  it('takes the outcome of a write whose session was terminated for unknown, because the commit may have come first', async () => {
    const prober = await probe();
    await until(prober, ({ acknowledged }) => acknowledged >= 20);
    await stage.scratch.as('master', stage.database, async (client) => {
      await client.query('begin');
      await client.query('lock table writes in access exclusive mode');
      await stage.scratch.server.asAdmin(async (admin) => {
        const waiting = "select pid from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'";
        while ((await admin.query(waiting, [stage.database])).rowCount !== 4) await pause(POLL_MS);
        await admin.query(`select pg_terminate_backend(pid) from (${waiting}) as waiting`, [stage.database]);
      });
      await until(prober, ({ unknown }) => unknown === 4);
      await client.query('rollback');
    });
    await until(prober, ({ serving }) => serving);
    expect(await prober.stop()).toMatchObject({ refused: 0, unknown: 4 });
  });

  it('does not get stuck on a server that hangs: what becomes of those writes is unknown, and held against nobody', async () => {
    const prober = await probe({ timeoutMs: 200 });
    await until(prober, ({ acknowledged }) => acknowledged >= 20);
    const backends = await stage.scratch.server.asAdmin((admin) =>
      admin.query<{ pid: number }>("select pid from pg_stat_activity where datname = $1 and usename = 'app'", [
        stage.database,
      ]),
    );
    for (const { pid } of backends.rows) process.kill(pid, 'SIGSTOP');
    const hanging = await until(prober, ({ unknown }) => unknown === 4);
    await until(prober, ({ acknowledged }) => acknowledged > hanging.acknowledged + 20);
    for (const { pid } of backends.rows) process.kill(pid, 'SIGCONT');
    await prober.stop();
    expect(await prober.verify()).toMatchObject({ lost: 0, duplicated: 0, unexpected: 0, unknown: 4 });
  });

  it('answers after SIGKILL and a new start for the acknowledgements of before', async () => {
    const first = await probe();
    const { acknowledged } = await until(first, (counts) => counts.acknowledged >= 100);
    process.kill(first.pid as number, 'SIGKILL');
    await expect(first.counts()).rejects.toThrow(/prober-process \(process \d+\) is gone: ended by SIGKILL/);
    const second = await probe();
    await until(second, (counts) => counts.acknowledged >= acknowledged + 100);
    await second.stop();
    expect(await second.verify()).toMatchObject({ lost: 0, duplicated: 0, unexpected: 0 });
    expect(await sql("delete from writes where reference in ('w0-3-1', 'w1-3-1')")).toBe(2);
    expect(await second.verify()).toMatchObject({ lost: 2, lostKeys: ['w0-3-1', 'w1-3-1'] });
  });

  it('reports no loss when the server is killed in the middle and recovers', async () => {
    const prober = await probe();
    const { acknowledged } = await until(prober, (counts) => counts.acknowledged >= 100);
    process.kill(stage.scratch.server.pid as number, 'SIGKILL');
    await until(prober, ({ refused }) => refused >= 8);
    await stage.scratch.start();
    await until(prober, (counts) => counts.acknowledged >= acknowledged + 100);
    await prober.stop();
    const verdict = await prober.verify();
    expect(verdict).toMatchObject({ lost: 0, duplicated: 0, unexpected: 0 });
    expect(verdict.writeDowntimeMs).toBeGreaterThan(0);
  });

  it('refuses to say anything about lost writes when the database does not answer', async () => {
    const prober = await probe();
    await until(prober, ({ acknowledged }) => acknowledged >= 10);
    await prober.stop();
    await sql('drop table writes');
    await expect(prober.verify()).rejects.toThrow(
      `the stored writes cannot be read at 127.0.0.1:${stage.front.port}: relation "writes" does not exist; nothing can be said`,
    );
  });

  it('gets the password where nobody else can read it', async () => {
    const { pid } = await probe();
    expect(await readFile(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(PASSWORD);
    expect(await readFile(`/proc/${pid}/environ`, 'utf8')).not.toContain(PASSWORD);
  });
});
