/** The options of `bluegreen failback`. */
import { parseArgs } from 'node:util';
import { runIdProblem } from '../core/identifiers';
import { UsageError } from './usage-error';

export const FAILBACK_USAGE = `bluegreen failback <run-id> --state-machine ARN [options]

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

export interface FailbackOptions {
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
export function parseFailbackOptions(args: readonly string[]): FailbackOptions | 'help' {
  const { values, positionals } = parse(args);
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

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'state-machine': { type: 'string' },
        'endpoint-url': { type: 'string' },
        json: { type: 'boolean' },
        verbose: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError([error instanceof Error ? error.message : String(error)]);
  }
}
