/** What the prober remembers of each operation: journal, counts, outages and gaps. */
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal, type JournalEntry, JournalReader } from '../../lib/local/prober/journal';
import { seededRandom } from '../../lib/local/prober/seeded-random';
import { WriteHistory } from '../../lib/local/prober/write-history';
import { parseWriteKey } from '../../lib/local/prober/write-key';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bluegreen-journal-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function entriesIn(journal: JournalReader): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for await (const batch of journal.read()) entries.push(...batch);
  return entries;
}

const entriesOf = (generation: number) => entriesIn(new JournalReader(folder, generation));

describe('the journal', () => {
  it('gives back what was appended, one file per start', async () => {
    const entries: JournalEntry[] = [
      { kind: 'begun', operation: 'write', key: 'w0-0-1', value: 2_147_483_647 },
      { kind: 'begun', operation: 'update', key: 'w0-0-1', value: 0 },
      { kind: 'begun', operation: 'delete', key: 'w0-0-1', value: 1 },
      { kind: 'acknowledged', key: 'w0-0-1' },
      { kind: 'missed', key: 'w0-0-1' },
      { kind: 'refused', atMs: 1_700_000_000_000.25, key: 'w0-1-1' },
      { kind: 'refused', atMs: 1_700_000_000_001 },
      { kind: 'unknown', atMs: 1_700_000_000_002, key: 'w0-2-1' },
      { kind: 'recovered', atMs: 1_700_000_000_003.5 },
      { kind: 'gap', durationMs: 3.25 },
    ];
    const first = Journal.open(folder);
    for (const entry of entries) first.append(entry);
    const second = Journal.open(folder);
    second.append({ kind: 'acknowledged', key: 'w1-0-1' });
    expect([first.generation, second.generation]).toEqual([0, 1]);
    expect(await entriesOf(0)).toEqual(entries);
    expect(await entriesOf(1)).toEqual([{ kind: 'acknowledged', key: 'w1-0-1' }]);
  });

  it('is read on from where it was read to, and a line that is not complete yet is read later', async () => {
    const journal = Journal.open(folder);
    const reader = new JournalReader(folder, 0);
    journal.append({ kind: 'acknowledged', key: 'w0-0-1' });
    await appendFile(join(folder, 'writes-0.journal'), '+ w0-0-');
    expect(await entriesIn(reader)).toEqual([{ kind: 'acknowledged', key: 'w0-0-1' }]);
    await appendFile(join(folder, 'writes-0.journal'), '2\n+ w0-0-3\n');
    expect(await entriesIn(reader)).toEqual([
      { kind: 'acknowledged', key: 'w0-0-2' },
      { kind: 'acknowledged', key: 'w0-0-3' },
    ]);
    expect(await entriesIn(reader)).toEqual([]);
  });

  it('takes no notice of a line torn by a crash', async () => {
    Journal.open(folder).append({ kind: 'acknowledged', key: 'w0-0-1' });
    await appendFile(join(folder, 'writes-0.journal'), '+ w0-0-12');
    expect(await entriesOf(0)).toEqual([{ kind: 'acknowledged', key: 'w0-0-1' }]);
  });

  it('refuses a file that something else has written to', async () => {
    Journal.open(folder);
    await appendFile(join(folder, 'writes-0.journal'), 'hello\n');
    await expect(entriesOf(0)).rejects.toThrow('the prober\'s journal holds the line "hello"');
  });
});

describe('the history of writes', () => {
  let nowMs = 0;
  const history = () => WriteHistory.open(folder, () => nowMs);

  it('measures an outage from the first refused write to the next accepted one, whoever makes them', async () => {
    const writes = await history();
    nowMs = 100;
    writes.began(0);
    writes.began(1);
    nowMs = 110;
    writes.acknowledged(0, 'w0-0-1');
    nowMs = 120;
    writes.refused('read-only', 'w0-1-1');
    expect(writes.counts()).toMatchObject({ serving: false, writeDowntimeMs: 0 });
    nowMs = 125;
    writes.refused('nobody listens');
    nowMs = 150;
    expect(writes.counts().outages).toEqual([{ startedAtMs: 120, durationMs: 30, ended: false }]);
    writes.acknowledged(1, 'w0-1-2');
    nowMs = 170;
    writes.acknowledged(0, 'w0-0-2');
    expect(writes.counts()).toEqual({
      acknowledged: 3,
      refused: 2,
      unknown: 0,
      serving: true,
      writeDowntimeMs: 30,
      longestGapMs: 60,
      outages: [{ startedAtMs: 120, durationMs: 30, ended: true }],
      lastRefusal: 'nobody listens',
    });
  });

  it('counts a stall without refusals as a gap and not as downtime', async () => {
    const writes = await history();
    nowMs = 0;
    writes.began(0);
    nowMs = 900;
    expect(writes.counts()).toMatchObject({ longestGapMs: 900, writeDowntimeMs: 0 });
    writes.acknowledged(0, 'w0-0-1');
    nowMs = 1_000;
    writes.stopped();
    nowMs = 5_000;
    expect(writes.counts()).toMatchObject({ longestGapMs: 900, writeDowntimeMs: 0, outages: [] });
  });

  it('counts an operation once it has an outcome, also one that found no row', async () => {
    const writes = await history();
    writes.began(0);
    writes.begun('write', 'w0-0-1', 17);
    expect(writes.counts()).toMatchObject({ acknowledged: 0, serving: false });
    writes.acknowledged(0, 'w0-0-1');
    writes.begun('delete', 'w0-0-1', 18);
    writes.acknowledged(0, 'w0-0-1', { missed: true });
    expect(writes.counts()).toMatchObject({ acknowledged: 2, serving: true });
    expect((await entriesOf(0)).map(({ kind }) => kind)).toEqual(['begun', 'acknowledged', 'begun', 'missed']);
  });

  it('tells what was felt since it was asked last, and what goes on from its own beginning', async () => {
    const writes = await history();
    nowMs = 0;
    writes.began(0);
    writes.began(1);
    nowMs = 10.5;
    writes.acknowledged(0, 'w0-0-1');
    writes.refused('read-only', 'w0-1-1');
    nowMs = 40.75;
    expect(writes.window()).toEqual({ writeDowntimeMs: 30.25, longestGapMs: 40.75 });
    nowMs = 41;
    writes.acknowledged(0, 'w0-0-2');
    nowMs = 42;
    writes.acknowledged(1, 'w0-1-2');
    expect(writes.window()).toEqual({ writeDowntimeMs: 30.5, longestGapMs: 42 });
    nowMs = 45;
    writes.acknowledged(0, 'w0-0-3');
    nowMs = 46;
    expect(writes.window()).toEqual({ writeDowntimeMs: 0, longestGapMs: 4 });
    writes.refused('read-only', 'w0-0-4');
    nowMs = 48;
    writes.acknowledged(1, 'w0-1-3');
    expect(writes.window()).toEqual({ writeDowntimeMs: 2, longestGapMs: 6 });
    expect(writes.counts()).toMatchObject({ writeDowntimeMs: 30.5, longestGapMs: 42 });
  });

  it('does not count the outages of earlier starts to its window', async () => {
    const before = await history();
    nowMs = 0;
    before.refused('nobody listens');
    nowMs = 500;
    before.refused('nobody listens');
    expect((await history()).window()).toEqual({ writeDowntimeMs: 0, longestGapMs: 0 });
  });

  it('starts an outage with an unknown outcome too', async () => {
    const writes = await history();
    nowMs = 10;
    writes.unknown('connection lost', 'w0-0-1');
    nowMs = 15;
    writes.acknowledged(1, 'w0-1-1');
    expect(writes.counts()).toMatchObject({ unknown: 1, writeDowntimeMs: 5 });
  });

  it('counts on after a restart, and ends an outage nobody watched with its last refused write', async () => {
    const before = await history();
    nowMs = 0;
    before.began(0);
    nowMs = 40;
    before.acknowledged(0, 'w0-0-1');
    nowMs = 50;
    before.refused('nobody listens');
    nowMs = 80;
    before.refused('read-only', 'w0-0-2');
    nowMs = 10_000;
    const after = await history();
    expect(after.counts()).toEqual({
      acknowledged: 1,
      refused: 2,
      unknown: 0,
      serving: false,
      writeDowntimeMs: 30,
      longestGapMs: 40,
      outages: [{ startedAtMs: 50, durationMs: 30, ended: false }],
    });
    after.acknowledged(0, 'w1-0-1');
    expect(after.counts()).toMatchObject({ acknowledged: 2, serving: true });
  });
});

describe('a write key', () => {
  it('is told apart from the application’s own references', () => {
    expect(parseWriteKey('w12-3-45')).toEqual({ generation: 12, writer: 3, sequence: 45 });
    for (const other of ['PAY-1-1', 'w1-2', 'xw1-2-3', 'w1-2-3x', 'w-1-2-3', 'w1-2-99999999999']) {
      expect(parseWriteKey(other)).toBeUndefined();
    }
  });
});

describe('seeded random numbers', () => {
  it('repeat for one seed, differ between seeds, and stay below 1', () => {
    const draw = (seed: number) => Array.from({ length: 1_000 }, seededRandom(seed));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)[0]).not.toBe(draw(2)[0]);
    expect(Math.min(...draw(7))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draw(7))).toBeLessThan(1);
    expect(new Set(draw(7)).size).toBeGreaterThan(990);
  });
});
