/** The options of `bluegreen local`. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runIdProblem } from '../core/identifiers';
import type { Plan } from '../core/plan';
import { type Fault, parseFault } from '../local/faults';
import { packageFolder } from './package-folder';
import { UsageError } from './usage-error';

export const LOCAL_USAGE = `bluegreen local [plan-folder] [options]

Runs a plan on this machine, on real database servers, from the very state machine that is deployed, while an
application writes. Without a plan folder it runs examples/orders.

Options
  --fault NAME        make a phase fail: <phase> after its work is done, <phase>:before before it, switchover:opened
                      after green was opened; *N lets it fail N times only; <phase>:kill@N kills this program with
                      SIGKILL at the phase's N-th step, :blue@N and :green@N a side's server, :worker@N what
                      applies one side's changes to the other; bake:alarm lets an alarm fire. May be given several times
  --rehearse          stop after validate and remove what was made; with freeze blue refuses writes until then
  --report DIR        folder for report.json and report.md (default: report)
  --json              print report.json to standard output and nothing else there
  --run-id ID         name of the run; a run that was killed goes on when its id is given again (default: a new one)
  --sync MODE         replication: green follows blue online; freeze: blue refuses writes from before the snapshot until
                      the switchover (default: the plan's)
  --port N            port of the endpoint through which the application connects (default: 15432; 0: any free one)
  --rds-port N        port of the local RDS API (default: any free one)
  --states-port N     port of the local Step Functions API (default: any free one)
  --pace N            let waits pass N times as fast as on AWS (default: 100)
  --hold              keep the servers and APIs running after the run, until Ctrl-C
  --verbose           print stack traces of errors
  --help              print this

Exit codes: 0 migrated or rehearsed, 2 usage or plan error, 3 rolled back, 4 failed back, 5 needs attention`;

const SYNC_MODES: readonly Plan['sync'][] = ['replication', 'freeze'];

export interface LocalOptions {
  readonly planFolder: string;
  readonly faults: readonly Fault[];
  readonly rehearse: boolean;
  /** Undefined: as the plan says. */
  readonly sync: Plan['sync'] | undefined;
  readonly report: string;
  readonly json: boolean;
  readonly runId: string | undefined;
  readonly port: number;
  readonly rdsPort: number;
  readonly statesPort: number;
  readonly pace: number;
  readonly hold: boolean;
}

/** @throws UsageError with everything that is wrong */
export function parseLocalOptions(args: readonly string[]): LocalOptions | 'help' {
  const { values, positionals } = parse(args);
  if (values.help) {
    return 'help';
  }
  const problems: string[] = [];
  const attempt = <Value>(work: () => Value): Value | undefined => {
    try {
      return work();
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };
  const number = (name: string, text: string, least: number, most: number) =>
    attempt(() => {
      const value = Number(text);
      if (!/^\d+$/.test(text) || value < least || value > most) {
        throw new Error(`--${name} ${text}: allowed is a whole number from ${least} to ${most}`);
      }
      return value;
    }) ?? least;
  const faults = (values.fault ?? []).flatMap((text) => attempt(() => parseFault(text)) ?? []);
  const idProblem = values['run-id'] === undefined ? undefined : runIdProblem(values['run-id']);
  if (idProblem) {
    problems.push(`--run-id ${values['run-id']}: ${idProblem}`);
  }
  const sync = SYNC_MODES.find((mode) => mode === values.sync);
  if (values.sync !== undefined && sync === undefined) {
    problems.push(`--sync ${values.sync}: allowed are ${SYNC_MODES.join(' and ')}`);
  }
  if (positionals.length > 1) {
    problems.push(`${positionals.length} plan folders (${positionals.join(', ')}): allowed is one`);
  }
  const options: LocalOptions = {
    planFolder: positionals[0] ?? join(packageFolder(__dirname), 'examples', 'orders'),
    faults,
    rehearse: values.rehearse ?? false,
    sync,
    report: values.report ?? 'report',
    json: values.json ?? false,
    runId: values['run-id'],
    port: number('port', values.port ?? '15432', 0, 65_535),
    rdsPort: number('rds-port', values['rds-port'] ?? '0', 0, 65_535),
    statesPort: number('states-port', values['states-port'] ?? '0', 0, 65_535),
    pace: number('pace', values.pace ?? '100', 1, 100_000),
    hold: values.hold ?? false,
  };
  if (problems.length > 0) {
    throw new UsageError(problems);
  }
  return options;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        fault: { type: 'string', multiple: true },
        rehearse: { type: 'boolean' },
        report: { type: 'string' },
        json: { type: 'boolean' },
        'run-id': { type: 'string' },
        sync: { type: 'string' },
        port: { type: 'string' },
        'rds-port': { type: 'string' },
        'states-port': { type: 'string' },
        pace: { type: 'string' },
        hold: { type: 'boolean' },
        verbose: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError([error instanceof Error ? error.message : String(error)]);
  }
}
