/** In which order checks ask the sides, and how often, with sides that only say how long they took. */
import { runChecks } from '../../../lambdas/steps/checks';
import type { Mismatch } from '../../../lib/core/verdict';
import type { Reader } from '../../../lib/ports/reader';
import { planFixture } from '../../support/plan-fixture';

/** Milliseconds of a side's runs, one after the other, the last of them for all that follow; undefined when a run is ended. */
type Script = readonly (number | undefined)[];

async function faster(blue: Script, green: Script) {
  const asked: [side: string, limitMs: number][] = [];
  const side = (name: string, script: Script) => {
    let runs = 0;
    const time = async (_sql: string, limitMs: number) => {
      asked.push([name, limitMs]);
      const ms = script[Math.min(runs++, script.length - 1)];
      return ms === undefined ? undefined : { ms, plan: 'Result' };
    };
    return { time } as unknown as Reader;
  };
  const checks = [{ file: 'q.faster-than-blue.sql', kind: 'faster-than-blue' as const, sql: 'select 1' }];
  const mismatches: Mismatch[] = [];
  const [result] = await runChecks(
    { plan: planFixture({ checks }) },
    { blue: side('blue', blue), green: side('green', green) },
    mismatches,
  );
  return { asked, result, messages: mismatches.map(({ message }) => message) };
}

const slowFor = (runs: number): Script => [...Array(runs).fill(2_000), 200];

it('measures the sides in turns, after one run of each that warms it and does not count', async () => {
  const { asked, result } = await faster([9_000, 200], [55_000, 200]);
  expect(asked.map(([side]) => side)).toEqual(Array(6).fill(['blue', 'green']).flat());
  expect(asked.map(([, limitMs]) => limitMs)).toEqual([60_000, 60_000, ...Array(10).fill(10_000)]);
  expect(result).toMatchObject({ passed: true, speed: { runs: 5, blueMs: 200, greenMs: 200 } });
});

it('passes what is slow at the first measurement only', async () => {
  const { asked, result, messages } = await faster([200], slowFor(6));
  expect(asked).toHaveLength(24);
  expect(result).toMatchObject({ passed: true, speed: { greenMs: 200 } });
  expect(messages).toEqual([]);
});

it('fails what is slow twice, once', async () => {
  const { asked, result, messages } = await faster([200], slowFor(12));
  expect(asked).toHaveLength(24);
  expect(result).toMatchObject({ passed: false, speed: { runs: 5, blueMs: 200, greenMs: 2_000 } });
  expect(messages).toHaveLength(1);
});

it('ends a measurement at the first run that takes too long, and tries once more', async () => {
  const late = await faster([200], [200, 200, undefined, 200]);
  expect(late.asked).toHaveLength(6 + 12);
  expect(late.result?.passed).toBe(true);
  const never = await faster([200], [undefined]);
  expect(never.asked).toHaveLength(4);
  expect(never.messages).toEqual(['takes longer than 60 s on green, and less on blue']);
});
