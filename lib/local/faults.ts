/** Faults: makes a phase fail at a chosen moment, so that everybody can see what happens then. */
import { isPhaseName, PHASES, type PhaseName } from '../core/phases';
import type { Database } from '../ports/database';
import type { Phase } from '../ports/world';
import { killedAt } from './killed-at';
import type { Kill, Victim } from './victims';

/**
 * `before`: nothing of the phase is done. `after`: its work is done, its answer is lost. `opened`: switchover only, green
 * is open. `kill@N`: this process is killed with SIGKILL at the phase's N-th step: an invocation, or a call to the
 * outside; N may also be the name of a call. `blue@N`, `green@N`, `worker@N`: at that step a side's server crashes, or the apply workers are ended. `alarm`:
 * bake only, an alarm fires.
 */
export type FaultMoment = 'before' | 'after' | 'opened' | 'alarm' | `${Victim}@${string}`;

export interface Fault {
  readonly phase: PhaseName;
  readonly moment: FaultMoment;
  /** How often it strikes; for ever when undefined. */
  readonly times: number | undefined;
}

export class FaultUnknown extends Error {
  override readonly name = 'FaultUnknown';
  constructor(readonly text: string) {
    super(
      `fault "${text}" is not known; allowed: <phase>, <phase>:before or switchover:opened, each with *N to strike N times only, bake:alarm, or <phase>:kill@N, <phase>:blue@N, <phase>:green@N, <phase>:worker@N; phases are ${PHASES.join(', ')}`,
    );
  }
}

export class InjectedFault extends Error {
  override readonly name = 'InjectedFault';
  constructor(readonly fault: Fault) {
    super(`fault "${describeFault(fault)}", injected as asked`);
  }
}

/** @throws FaultUnknown */
export function parseFault(text: string): Fault {
  const [, phase = '', moment, times] =
    /^([a-z]+)(?::(before|opened|alarm|(?:kill|blue|green|worker)@(?:[1-9]\d*|[A-Za-z]+)))?(?:\*([1-9]\d*))?$/.exec(
      text,
    ) ?? [];
  if (
    !isPhaseName(phase) ||
    (moment === 'opened' && phase !== 'switchover') ||
    (moment === 'alarm' && phase !== 'bake')
  ) {
    throw new FaultUnknown(text);
  }
  return {
    phase,
    moment: moment === undefined ? 'after' : (moment as FaultMoment),
    times: times === undefined ? undefined : Number(times),
  };
}

function describeFault({ phase, moment, times }: Fault): string {
  return `${phase}${moment === 'after' ? '' : `:${moment}`}${times === undefined ? '' : `*${times}`}`;
}

/** The phase with every fault that was asked for it. */
export function withFaults<Result>(
  name: PhaseName,
  phase: Phase<Result>,
  { faults, kill }: { readonly faults: readonly Fault[]; readonly kill: Kill },
): Phase<Result> {
  return faults
    .filter((fault) => fault.phase === name)
    .reduce((before, fault) => withFault(before, fault, kill), phase);
}

function withFault<Result>(phase: Phase<Result>, fault: Fault, kill: Kill): Phase<Result> {
  let struck = 0;
  const strike = () => {
    if (fault.times === undefined || struck < fault.times) {
      struck += 1;
      throw new InjectedFault(fault);
    }
  };
  const [victim, nth] = fault.moment.split('@');
  if (nth !== undefined) {
    return killedAt(phase, nth, (run) => kill(victim as Victim, run));
  }
  if (fault.moment === 'alarm') {
    const alarms = { firing: async () => [`alarm "${describeFault(fault)}" fires, injected as asked`] };
    return (run, world) => phase(run, { ...world, alarms });
  }
  if (fault.moment === 'before') {
    return async (run, world) => {
      strike();
      return phase(run, world);
    };
  }
  if (fault.phase === 'switchover' && fault.moment === 'after') {
    // The last moment at which a switchover can be undone: everything is done but the opening of green.
    return (run, world) =>
      phase(run, { ...world, database: (...which) => beforeOpening(world.database(...which), strike) });
  }
  return async (run, world) => {
    const progress = await phase(run, world);
    if (progress.status === 'done') {
      strike();
    }
    return progress;
  };
}

function beforeOpening(database: Database, strike: () => void): Database {
  return Object.assign(Object.create(database) as Database, {
    open(runId: string) {
      strike();
      return database.open(runId);
    },
  });
}
