/** `npm run bench:validate`: how long it takes to compare 6,000,000 rows on two servers, beside the bare SQL run by hand. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { clone } from '../../lambdas/clone';
import { follow } from '../../lambdas/follow';
import { migrate } from '../../lambdas/migrate';
import { prepare } from '../../lambdas/prepare';
import { snapshot } from '../../lambdas/snapshot';
import { validate } from '../../lambdas/validate';
import type { ComparedTable } from '../../lib/core/comparison';
import { runNames } from '../../lib/core/identifiers';
import type { Address } from '../../lib/core/run';
import { digestStatement } from '../../lib/engines/postgres/comparison/digest';
import { PhaseWorld } from '../support/phase-world';

const PLAN = join(__dirname, 'plans', 'six-million');
const RUN = 'bench';
const ROUNDS = 7;

/** As the comparison reads them; by hand it is written once for each. */
const TABLES: readonly ComparedTable[] = [
  table('payment', { id: 'bigint', amount: 'numeric', payer: 'text', paid_at: 'timestamp with time zone' }),
  table('reading', { id: 'bigint', facts: 'jsonb', value: 'double precision' }),
];

function table(name: string, columns: Readonly<Record<string, string>>): ComparedTable {
  return {
    schema: 'public',
    name,
    key: ['id'],
    touched: false,
    columns: Object.entries(columns).map(([column, type]) => ({
      name: column,
      types: [type],
      altered: false,
      ...(type === 'text' && { collation: '"default"' }),
    })),
  };
}

interface Result {
  readonly rows: number;
  /** The phase validate as a whole: moment, ranges, schema, roles, statistics, verdict. */
  readonly ms: number;
  /** The same digests by hand: one statement per table, both servers at the same time. */
  readonly bareSqlMs: number;
  readonly ratio: number;
  readonly peakRssMb: number;
  readonly rowsPerSecond: number;
  /** By hand with `sum(hash_record_extended(t, 0))`, which is blind to the sign of numbers, to swapped values and more. */
  readonly hashRecordMs: number;
  readonly ratioToHashRecord: number;
  readonly fenceMs: number;
}

async function main(): Promise<void> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const { values } = parseArgs({ options: { json: { type: 'boolean' } } });
  const world = await PhaseWorld.open(PLAN);
  try {
    for (const phase of [prepare, snapshot, clone, migrate, follow]) {
      await world.complete<unknown>(phase, RUN);
      process.stderr.write(`${phase.name} is done\n`);
    }
    const result = await measured(world);
    process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${lines(result).join('\n')}\n`);
  } finally {
    await world.close();
  }
}

async function measured(world: PhaseWorld): Promise<Result> {
  const green = await world.addressOf(runNames(world.plan.name, RUN).green);
  const sides = [world.blue, green];
  const rounds: { ms: number; bareSqlMs: number; hashRecordMs: number; rows: number; fenceMs: number }[] = [];
  await byHand(world, sides, digestStatement); // whatever is not in memory yet
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    const verdict = await world.complete(validate, RUN);
    const ms = performance.now() - began;
    if (!verdict.pass) {
      throw new Error(verdict.summary);
    }
    const bareSqlMs = await byHand(world, sides, digestStatement);
    const hashRecordMs = await byHand(
      world,
      sides,
      ({ name }) => `select count(*), sum(hash_record_extended(${name}, 0)) from ${name}`,
    );
    rounds.push({ ms, bareSqlMs, hashRecordMs, rows: verdict.rows, fenceMs: verdict.fenceMs });
    process.stderr.write(
      `round ${round + 1} of ${ROUNDS}: validate ${ms.toFixed(0)} ms, by hand ${bareSqlMs.toFixed(0)} ms, hash_record_extended ${hashRecordMs.toFixed(0)} ms\n`,
    );
  }
  const [ms, bareSqlMs, hashRecordMs] = [
    median(rounds.map((round) => round.ms)),
    median(rounds.map((round) => round.bareSqlMs)),
    median(rounds.map((round) => round.hashRecordMs)),
  ];
  const rows = rounds[0]?.rows ?? 0;
  return {
    rows,
    ms: Math.round(ms),
    bareSqlMs: Math.round(bareSqlMs),
    // of each round for itself: a machine is not equally fast at all times
    ratio: round2(median(rounds.map((round) => round.ms / round.bareSqlMs))),
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
    rowsPerSecond: Math.round((rows / ms) * 1000),
    hashRecordMs: Math.round(hashRecordMs),
    ratioToHashRecord: round2(median(rounds.map((round) => round.ms / round.hashRecordMs))),
    fenceMs: median(rounds.map((round) => round.fenceMs)),
  };
}

/** One session per server and one statement per table, with the server's own settings. @returns milliseconds */
async function byHand(
  world: PhaseWorld,
  sides: readonly Address[],
  statement: (table: ComparedTable) => string,
): Promise<number> {
  const clients = sides.map((side) => new Client({ ...side, database: world.plan.blue.database, ...world.login }));
  await Promise.all(clients.map((client) => client.connect()));
  const began = performance.now();
  await Promise.all(
    clients.map(async (client) => {
      for (const one of TABLES) {
        await client.query(statement(one));
      }
    }),
  );
  const ms = performance.now() - began;
  await Promise.all(clients.map((client) => client.end()));
  return ms;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}

function lines(result: Result): string[] {
  return [
    `${result.rows} rows in ${TABLES.length} tables on two servers, medians of ${ROUNDS} rounds`,
    `validate                              ${result.ms} ms, ${result.rowsPerSecond} rows/s, writers kept out for ${result.fenceMs} ms`,
    `the same digests by hand              ${result.bareSqlMs} ms, ratio ${result.ratio}`,
    `sum(hash_record_extended) by hand     ${result.hashRecordMs} ms, ratio ${result.ratioToHashRecord}`,
    `peak memory of the comparing process  ${result.peakRssMb} MB`,
  ];
}

main();
