/** `bluegreen failback`: moves the application of a run back to blue, by an execution of the deployed state machine. */

import { RealClock } from '../../local/clock/real-clock';
import { EXIT_CODES } from '../../report/report';
import { StateMachineExecutions } from '../../runs/state-machine-executions';
import { beginFailback, watchExecution } from '../failback-execution';
import { FAILBACK_USAGE, type FailbackOptions, parseFailbackOptions } from '../failback-options';
import { failbackLines, failbackResult } from '../failback-result';
import { EXIT_CODE_INTERRUPTED, Interrupts } from '../interrupts';
import { progressLines } from '../progress-lines';
import { UsageError } from '../usage-error';
import type { Terminal } from './local';

/** Far below what Step Functions allows one account per second. */
const LOOK_EVERY_MS = 1_000;
/** A local runtime may be gone soon after its run is over. */
const LOOK_LOCALLY_EVERY_MS = 200;

/** Any key will do: the local endpoint checks no signature. */
const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
/** Where no ARN says one; the local endpoint does not look at it. */
const LOCAL_REGION = 'us-east-1';

/** @returns the exit code */
export async function failback(
  args: readonly string[],
  { stdout, stderr }: Terminal,
  clock: Pick<RealClock, 'sleep'> = new RealClock(),
): Promise<number> {
  const options = parseFailbackOptions(args);
  if (options === 'help') {
    stdout.write(`${FAILBACK_USAGE}\n`);
    return 0;
  }
  const out = options.json ? stderr : stdout;
  const interrupts = new Interrupts(out, () => performance.now());
  const stop = new AbortController();
  interrupts.next().then(() => stop.abort());
  const executions = new StateMachineExecutions({ ...connection(options), signal: stop.signal });
  let arn: string | undefined;
  try {
    const stateMachineArn = options.stateMachineArn ?? (await onlyStateMachine(executions));
    arn = await beginFailback(executions, stateMachineArn, options.runId);
    out.write(`run ${options.runId} moves back to blue, by execution ${arn}\n`);
    const result = failbackResult(
      options.runId,
      await watch({ executions, arn, out, pause: () => clock.sleep(pauseMs(options), stop.signal) }),
    );
    out.write(`${failbackLines(result).join('\n')}\n`);
    if (options.json) {
      stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    }
    return EXIT_CODES[result.outcome];
  } catch (error) {
    out.write(stop.signal.aborted || arn !== undefined ? goesOn(arn, options, args) : '');
    if (!stop.signal.aborted) {
      throw error;
    }
    return EXIT_CODE_INTERRUPTED;
  } finally {
    interrupts.end();
    executions.close();
  }
}

function connection({ stateMachineArn, endpointUrl, local }: FailbackOptions) {
  return {
    region: stateMachineArn?.split(':')[3] ?? LOCAL_REGION,
    ...(endpointUrl !== undefined && { endpoint: endpointUrl }),
    ...(local && { credentials: LOCAL_CREDENTIALS }),
  };
}

function pauseMs({ local }: FailbackOptions): number {
  return local ? LOOK_LOCALLY_EVERY_MS : LOOK_EVERY_MS;
}

/** @throws UsageError */
async function onlyStateMachine(executions: StateMachineExecutions): Promise<string> {
  const found = await executions.stateMachines();
  if (found.length !== 1 || found[0] === undefined) {
    throw new UsageError([
      `--state-machine is missing, and the endpoint has ${found.length === 0 ? 'no state machine' : `several state machines: ${found.join(', ')}`}`,
    ]);
  }
  return found[0];
}

interface Watched {
  readonly executions: StateMachineExecutions;
  readonly arn: string;
  readonly out: NodeJS.WriteStream;
  readonly pause: () => Promise<void>;
}

async function watch({ executions, arn, out, pause }: Watched) {
  let latestMs = 0; // the execution's own time: a local one runs ahead of this machine's
  const progress = progressLines(out, () => latestMs);
  try {
    return await watchExecution(executions, arn, {
      pause,
      onProgress: (events) => {
        latestMs = events.at(-1)?.atMs ?? latestMs;
        progress.update(events);
      },
    });
  } finally {
    progress.end();
  }
}

/** What whoever stops watching has to know. */
function goesOn(arn: string | undefined, { endpointUrl }: FailbackOptions, args: readonly string[]): string {
  const again = `bluegreen failback ${args.join(' ')}`;
  if (arn === undefined) {
    return `\nstopped; whether the failback has begun is not known. This begins it, or watches it if it has:\n  ${again}\n`;
  }
  const endpoint = endpointUrl === undefined ? '' : ` --endpoint-url ${endpointUrl}`;
  return `\nnot watching any more; the failback goes on. To watch it:\n  ${again}\n  aws stepfunctions describe-execution --execution-arn ${arn}${endpoint}\n`;
}
