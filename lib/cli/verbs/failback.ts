/** `bluegreen failback`: moves the application of a run back to blue, by an execution of the deployed state machine. */

import { runIdProblem } from '../../core/identifiers';
import { RealClock } from '../../local/clock/real-clock';
import { EXIT_CODES } from '../../report/report';
import { StateMachineExecutions } from '../../runs/state-machine-executions';
import { beginFailback, watchExecution } from '../failback-execution';
import { failbackLines, failbackResult } from '../failback-result';
import { EXIT_CODE_INTERRUPTED, Interrupts } from '../interrupts';
import { readOptions } from '../options';
import { progressLines } from '../progress-lines';
import { UsageError } from '../usage-error';
import type { Terminal, Verb } from '../verb';

const USAGE = `bluegreen failback <run-id> --state-machine ARN [options]

Moves the application of a run back from green to blue, which has followed green since the switchover, and watches until
that is over. Ctrl-C stops the watching only; the same command goes on with it.

Options
  --state-machine ARN  the deployed state machine: the output StateMachineArn of its stack. It is asked in its own region,
                       with the credentials the AWS SDK finds
  --endpoint-url URL   where the Step Functions API is, if not at AWS; "bluegreen local" prints the address of its own. With
                       an address of this machine no credentials are needed, and no ARN if there is one state machine only
  --json               print {runId, outcome, serving, reason, leftovers} to standard output and nothing else there
  --verbose            print stack traces of errors
  --help               print this

Exit codes: 4 failed back, 5 needs attention, 2 usage error or refused by Step Functions, 1 bug, 130 Ctrl-C`;

const OPTIONS = {
  'state-machine': { type: 'string' },
  'endpoint-url': { type: 'string' },
  json: { type: 'boolean' },
} as const;

export const failbackVerb: Verb = {
  name: 'failback',
  summary: 'move the application of a run back to blue, on AWS or on this machine',
  usage: USAGE,
  run: failback,
};

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
    stdout.write(`${USAGE}\n`);
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

interface FailbackOptions {
  readonly runId: string;
  /** Undefined: the only one at the endpoint. */
  readonly stateMachineArn: string | undefined;
  /** Undefined: AWS. */
  readonly endpointUrl: string | undefined;
  /** Whether the endpoint is on this machine. */
  readonly local: boolean;
  readonly json: boolean;
}

const STATE_MACHINE_ARN = /^arn:aws[a-z-]*:states:[a-z0-9-]+:\d{12}:stateMachine:[^:/\s]{1,80}$/;

/** @throws UsageError with everything that is wrong */
function parseFailbackOptions(args: readonly string[]): FailbackOptions | 'help' {
  const { values, positionals } = readOptions(args, OPTIONS);
  if (values.help) {
    return 'help';
  }
  const problems: string[] = [];
  const [runId = ''] = positionals;
  if (positionals.length !== 1) {
    problems.push(
      positionals.length === 0
        ? 'the run id is missing; it is in the report, in the cause of the execution, and often its name'
        : `${positionals.length} run ids (${positionals.join(', ')}): allowed is one`,
    );
  } else if (runIdProblem(runId)) {
    problems.push(`run id "${runId}": ${runIdProblem(runId)}`);
  }
  const { 'state-machine': stateMachineArn, 'endpoint-url': endpointUrl } = values;
  const endpointProblem = endpointUrl === undefined ? undefined : problemOfEndpoint(endpointUrl);
  if (endpointProblem) {
    problems.push(`--endpoint-url ${endpointUrl}: ${endpointProblem}`);
  }
  const local = endpointUrl !== undefined && !endpointProblem && isLoopback(new URL(endpointUrl));
  if (stateMachineArn === undefined ? !local && !endpointProblem : !STATE_MACHINE_ARN.test(stateMachineArn)) {
    problems.push(
      `--state-machine ${stateMachineArn ?? 'is missing'}: allowed is the ARN of a state machine, such as arn:aws:states:eu-central-1:111122223333:stateMachine:Migration; the stack's output StateMachineArn shows it`,
    );
  }
  if (problems.length > 0) {
    throw new UsageError(problems);
  }
  return { runId, stateMachineArn, endpointUrl, local, json: values.json ?? false };
}

/** Plain HTTP would show the caller's session token to everybody on the way. */
function problemOfEndpoint(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)))
    ? undefined
    : 'allowed is an address such as http://127.0.0.1:8083; one that is not on this machine begins with https://';
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
