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

interface Result {
  readonly runs: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly writeDowntimeMs: Spread;
  readonly failbackWriteDowntimeMs: Spread;
  readonly fenceMs: Spread;
  readonly catchUp: CatchUp;
  /** Longest time any one writer went without an accepted write: also counts waiting that was no refusal. */
  readonly longestGapMs: { readonly switchover: Spread; readonly failback: Spread };
  /** Medians of what the milliseconds are spent on. */
  readonly steps: { readonly switchover: Record<string, number>; readonly failback: Record<string, number> };
}

async function main(): Promise<void> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const { values } = parseArgs({ options: { runs: { type: 'string', default: '10' }, json: { type: 'boolean' } } });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) {
    throw new Error(`--runs ${values.runs}: allowed is a whole number from 1 on`);
  }
  const measured: MeasuredRun[] = [];
  for (let run = 1; run <= runs; run += 1) {
    const one = await measuredRun();
    measured.push(one);
    process.stderr.write(
      `run ${run} of ${runs}: writers waited ${round(one.writeDowntimeMs)} ms, on the way back ${round(one.failbackWriteDowntimeMs)} ms; ${one.acknowledged} writes, ${one.lost} lost, ${one.duplicated} duplicated\n`,
    );
  }
  const result = summarize(measured, await measureCatchUp());
  process.stdout.write(values.json ? `${JSON.stringify(result, null, 2)}\n` : `${lines(result).join('\n')}\n`);
}

function summarize(measured: readonly MeasuredRun[], catchUp: CatchUp): Result {
  const spreadOf = (pick: (run: MeasuredRun) => number) => spread(measured.map(pick));
  const stepsOf = (pick: (run: MeasuredRun) => Readonly<Record<string, number>>) =>
    Object.fromEntries(
      Object.keys(pick(measured[0] as MeasuredRun)).map((name) => [
        name,
        spread(measured.map((run) => pick(run)[name] ?? 0)).median,
      ]),
    );
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
    steps: { switchover: stepsOf(({ steps }) => steps), failback: stepsOf(({ failbackSteps }) => failbackSteps) },
  };
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
  const { catchUp } = result;
  return [
    `${result.runs} runs, 1,000,000 rows, 4 writers at full speed; ${result.lost} writes lost, ${result.duplicated} duplicated`,
    `write downtime, ms:          ${show(result.writeDowntimeMs)}`,
    `  spent on (medians):        ${steps(result.steps.switchover)}`,
    `failback write downtime, ms: ${show(result.failbackWriteDowntimeMs)}`,
    `  spent on (medians):        ${steps(result.steps.failback)}`,
    `longest gap of a writer, ms: ${show(result.longestGapMs.switchover)}; failback: ${show(result.longestGapMs.failback)}`,
    `fence of the comparison, ms: ${show(result.fenceMs)}`,
    `catching up, transactions/s: ${catchUp.transactionsPerSecond}, a plain subscription ${catchUp.plainSubscriptionTransactionsPerSecond}, ratio ${catchUp.ratio}`,
  ];
}

main().then(
  () => process.exit(0), // no timer of a driver keeps the program alive
  (error: unknown) => {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
