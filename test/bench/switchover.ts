/** `npm run bench:switchover`: how long writers wait for a switchover and a failback, and whether anything is ever lost. */
import { parseArgs } from 'node:util';
import { type CatchUp, measureCatchUp } from './catch-up';
import { type MeasuredRun, measuredRun } from './moves';

interface Spread {
  readonly min: number;
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

/** What writers wait for with many tables, beside what they wait for with few, measured in turns. */
interface ManyTables {
  readonly tables: number;
  readonly writeDowntimeMs: Spread;
  readonly steps: Record<string, number>;
  readonly fewTables: number;
  readonly writeDowntimeMsOfFew: Spread;
  readonly ratio: number;
}

/** What comparing until the last write costs: against the same runs without it, made in turns. */
interface ProvedUntilLastWrite {
  /** Of one run, before green was opened. */
  readonly rowsCompared: number;
  /** Of a switchover and of a failback against the one beside it: how fast a machine is changes more in half an hour than this. */
  readonly extraDowntimeMs: number;
  /** Accepted writes per second while one side follows and what changes is compared as often as that can be. */
  readonly writersThroughputRatio: number;
}

interface Result {
  readonly provedUntilLastWrite?: ProvedUntilLastWrite;
  readonly runs: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly writeDowntimeMs: Spread;
  readonly failbackWriteDowntimeMs: Spread;
  readonly fenceMs: Spread;
  readonly catchUp: CatchUp;
  /** With `--tables`. */
  readonly manyTables?: ManyTables;
  /** Longest time any one writer went without an accepted write: also counts waiting that was no refusal. */
  readonly longestGapMs: { readonly switchover: Spread; readonly failback: Spread };
  /** Medians of what the milliseconds are spent on. */
  readonly steps: { readonly switchover: Record<string, number>; readonly failback: Record<string, number> };
}

const FEW_TABLES = 5;
const TABLES_ROUNDS = 3;

async function main(): Promise<void> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '10' },
      tables: { type: 'string', default: '0' },
      json: { type: 'boolean' },
    },
  });
  const runs = wholeNumber('--runs', values.runs, 1);
  const tables = wholeNumber('--tables', values.tables, 0);
  const measured: MeasuredRun[] = [];
  const without: MeasuredRun[] = [];
  for (let run = 1; run <= runs; run += 1) {
    const one = await measuredRun();
    measured.push(one);
    without.push(await measuredRun({ provedUntilLastWrite: false }));
    process.stderr.write(
      `run ${run} of ${runs}: writers waited ${round(one.writeDowntimeMs)} ms, on the way back ${round(one.failbackWriteDowntimeMs)} ms; ${one.acknowledged} writes, ${one.lost} lost, ${one.duplicated} duplicated\n`,
    );
  }
  const manyTables = tables > 0 ? { manyTables: await measureManyTables(tables) } : {};
  const result = {
    ...summarize(measured, await measureCatchUp()),
    provedUntilLastWrite: proof(measured, without),
    ...manyTables,
  };
  process.stdout.write(values.json ? `${JSON.stringify(result, null, 2)}\n` : `${lines(result).join('\n')}\n`);
}

function wholeNumber(option: string, given: string, least: number): number {
  const number = Number(given);
  if (!Number.isInteger(number) || number < least) {
    throw new Error(`${option} ${given}: allowed is a whole number from ${least} on`);
  }
  return number;
}

async function measureManyTables(tables: number): Promise<ManyTables> {
  const many: MeasuredRun[] = [];
  const few: MeasuredRun[] = [];
  for (let turn = 1; turn <= TABLES_ROUNDS; turn += 1) {
    few.push(await measuredRun({ tables: FEW_TABLES }));
    many.push(await measuredRun({ tables }));
    process.stderr.write(
      `turn ${turn} of ${TABLES_ROUNDS}: writers waited ${round(few.at(-1)?.writeDowntimeMs ?? 0)} ms with ${FEW_TABLES} tables, ${round(many.at(-1)?.writeDowntimeMs ?? 0)} ms with ${tables}\n`,
    );
  }
  const [ofMany, ofFew] = [many, few].map((runs) => spread(runs.map(({ writeDowntimeMs }) => writeDowntimeMs)));
  return {
    tables,
    writeDowntimeMs: ofMany as Spread,
    steps: mediansOf(many, ({ steps }) => steps),
    fewTables: FEW_TABLES,
    writeDowntimeMsOfFew: ofFew as Spread,
    ratio: Math.round(((ofMany?.median ?? 0) / (ofFew?.median ?? 1)) * 100) / 100,
  };
}

function mediansOf(
  measured: readonly MeasuredRun[],
  pick: (run: MeasuredRun) => Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(
    Object.keys(pick(measured[0] as MeasuredRun)).map((name) => [
      name,
      spread(measured.map((run) => pick(run)[name] ?? 0)).median,
    ]),
  );
}

function summarize(measured: readonly MeasuredRun[], catchUp: CatchUp): Result {
  const spreadOf = (pick: (run: MeasuredRun) => number) => spread(measured.map(pick));
  return {
    runs: measured.length,
    lost: measured.reduce((sum, { lost }) => sum + lost, 0),
    duplicated: measured.reduce((sum, { duplicated }) => sum + duplicated, 0),
    writeDowntimeMs: spreadOf(({ writeDowntimeMs }) => writeDowntimeMs),
    failbackWriteDowntimeMs: spreadOf(({ failbackWriteDowntimeMs }) => failbackWriteDowntimeMs),
    fenceMs: spreadOf(({ fenceMs }) => fenceMs),
    catchUp,
    longestGapMs: {
      switchover: spreadOf(({ longestGapMs }) => longestGapMs),
      failback: spreadOf(({ failbackLongestGapMs }) => failbackLongestGapMs),
    },
    steps: {
      switchover: mediansOf(measured, ({ steps }) => steps),
      failback: mediansOf(measured, ({ failbackSteps }) => failbackSteps),
    },
  };
}

/** Ratios and differences of runs made in turns. */
function proof(measured: readonly MeasuredRun[], without: readonly MeasuredRun[]): ProvedUntilLastWrite {
  const inTurn = (pick: (run: MeasuredRun) => number, compare: (run: number, other: number) => number) =>
    measured.map((run, at) => compare(pick(run), pick(without[at] as MeasuredRun)));
  const more = (run: number, other: number) => run - other;
  const there = inTurn(({ writeDowntimeMs }) => writeDowntimeMs, more);
  const back = inTurn(({ failbackWriteDowntimeMs }) => failbackWriteDowntimeMs, more);
  const ratios = inTurn(
    ({ writesPerSecond }) => writesPerSecond,
    (run, other) => run / other,
  );
  return {
    rowsCompared: spread(measured.map(({ rowsCompared }) => rowsCompared)).median,
    extraDowntimeMs: round(middleOf([...there, ...back])),
    writersThroughputRatio: Math.round(middleOf(ratios) * 100) / 100,
  };
}

function middleOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
}

/** The p95 of few values is the largest. */
function spread(values: readonly number[]): Spread {
  const sorted = values.map(round).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { min: at(0.0001), median: at(0.5), p95: at(0.95), max: at(1) };
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}

function lines(result: Result): string[] {
  const show = ({ min, median, p95, max }: Spread) => `min ${min}, median ${median}, p95 ${p95}, max ${max}`;
  const steps = (of: Record<string, number>) =>
    Object.entries(of)
      .map(([name, ms]) => `${name} ${ms}`)
      .join(', ');
  const { catchUp, manyTables } = result;
  const ofTables = manyTables
    ? [
        `with ${manyTables.tables} tables, ms:        ${show(manyTables.writeDowntimeMs)}; with ${manyTables.fewTables} ${show(manyTables.writeDowntimeMsOfFew)}; ratio ${manyTables.ratio}`,
        `  spent on (medians):        ${steps(manyTables.steps)}`,
      ]
    : [];
  return [
    `${result.runs} runs, 1,000,000 rows, 4 writers at full speed; ${result.lost} writes lost, ${result.duplicated} duplicated`,
    `write downtime, ms:          ${show(result.writeDowntimeMs)}`,
    `  spent on (medians):        ${steps(result.steps.switchover)}`,
    `failback write downtime, ms: ${show(result.failbackWriteDowntimeMs)}`,
    `  spent on (medians):        ${steps(result.steps.failback)}`,
    `longest gap of a writer, ms: ${show(result.longestGapMs.switchover)}; failback: ${show(result.longestGapMs.failback)}`,
    `fence of the comparison, ms: ${show(result.fenceMs)}`,
    ...(result.provedUntilLastWrite ? [proofInWords(result.provedUntilLastWrite)] : []),
    `catching up, transactions/s: ${catchUp.transactionsPerSecond}, a plain subscription ${catchUp.plainSubscriptionTransactionsPerSecond}, ratio ${catchUp.ratio}`,
    ...ofTables,
  ];
}

function proofInWords({ rowsCompared, extraDowntimeMs, writersThroughputRatio }: ProvedUntilLastWrite): string {
  return `proved until the last write: ${rowsCompared} rows compared again; ${extraDowntimeMs} ms of write downtime more than without, ${writersThroughputRatio} times the writes a second`;
}

main().then(
  () => process.exit(0), // no timer of a driver keeps the program alive
  (error: unknown) => {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
