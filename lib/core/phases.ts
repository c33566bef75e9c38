/** The phases of a run, in order: a row for each, with everything that is known of it outside its code. */
import type { DatabaseUsers, Need } from './needs';

interface PhaseRow {
  /** The name of its state: a sentence, so that the graph in the Step Functions console reads as prose. */
  readonly sentence: string;
  /** The question after its task, and the wait that leads back to it. */
  readonly isDone: string;
  readonly wait: string;
  /**
   * What a failure leads to. `undo`: to the rollback, unless the world was only busy. `look`: green serves, so that it is tried
   * again for long, but for what it finds wrong by looking. `recover`: nobody comes after it.
   */
  readonly onFailure: 'undo' | 'look' | 'recover';
  /** How long one invocation may take: what Lambda gives, or about as long as production may wait. */
  readonly limit: 'longest' | 'move';
  /** Whether it knows itself how often to look; else looks grow rarer the longer it waits. */
  readonly ownPace?: boolean;
  /** Names of the states in which several invocations of it work at the same time, if it ever asks for that. */
  readonly workers?: { readonly map: string; readonly task: string };
  readonly users: DatabaseUsers;
  readonly needs: readonly Need[];
}

const ROWS = {
  prepare: {
    sentence: 'Check blue and take the lock',
    isDone: 'Is the lock taken?',
    wait: 'Wait for the lock',
    onFailure: 'undo',
    limit: 'longest',
    users: 'run-and-application',
    needs: ['describe', 'readSecurityGroups', 'readEndpoint', 'swapEndpoint'],
  },
  snapshot: {
    sentence: 'Take a snapshot of blue',
    isDone: 'Is the snapshot there?',
    wait: 'Wait for the snapshot',
    onFailure: 'undo',
    limit: 'longest',
    users: 'run-and-application',
    needs: ['describe', 'createSnapshot', 'deleteSnapshot'],
  },
  clone: {
    sentence: 'Clone green from the snapshot',
    isDone: 'Is green there?',
    wait: 'Wait for green',
    onFailure: 'undo',
    limit: 'longest',
    users: 'run',
    needs: ['describe', 'createGreen', 'settleGreen', 'deleteGreen', 'useEncryptionKey', 'spareBlue'],
  },
  migrate: {
    sentence: 'Apply the changes to green',
    isDone: 'Are the changes applied?',
    wait: 'Wait for the changes',
    onFailure: 'undo',
    limit: 'longest',
    users: 'run',
    needs: ['describe'],
  },
  follow: {
    sentence: 'Let green follow blue',
    isDone: 'Has green caught up?',
    wait: 'Wait for green to catch up',
    onFailure: 'undo',
    limit: 'longest',
    users: 'run',
    needs: ['describe', 'readServerLog'],
  },
  validate: {
    sentence: 'Prove that green equals blue',
    isDone: 'Is there a verdict?',
    wait: 'Wait for the verdict',
    onFailure: 'undo',
    limit: 'longest',
    workers: { map: 'Compare ranges of both sides', task: 'Compare the ranges nobody else is at' },
    users: 'run-and-application',
    needs: ['describe', 'readServerLog'],
  },
  switchover: {
    sentence: 'Move the application to green',
    isDone: 'Has the application moved?',
    wait: 'Wait for the switchover',
    onFailure: 'undo',
    limit: 'move',
    users: 'run-and-application',
    needs: ['describe', 'readServerLog', 'handGreenOver', 'protectGreen', 'readEndpoint', 'swapEndpoint', 'spareBlue'],
  },
  bake: {
    sentence: 'Watch green while blue is kept',
    isDone: 'Is the bake time over?',
    wait: 'Wait for the bake time',
    onFailure: 'look',
    limit: 'longest',
    ownPace: true,
    users: 'run',
    needs: ['describe', 'readServerLog', 'watchEndpoint'],
  },
  retire: {
    sentence: 'Retire blue',
    isDone: 'Is blue retired?',
    wait: 'Wait for the retirement',
    onFailure: 'look',
    limit: 'longest',
    users: 'run',
    needs: ['describe', 'readEndpoint', 'deleteSnapshot', 'deleteBlue'],
  },
  rollback: {
    sentence: 'Give blue back to the application',
    isDone: 'Is the rollback done?',
    wait: 'Wait for the rollback',
    onFailure: 'recover',
    limit: 'longest',
    users: 'run-and-application',
    needs: [
      'describe',
      'takeGreenBack',
      'protectGreen',
      'deleteGreen',
      'deleteSnapshot',
      'readEndpoint',
      'swapEndpoint',
      'spareBlue',
    ],
  },
  failback: {
    sentence: 'Move the application back to blue',
    isDone: 'Has the application moved back?',
    wait: 'Wait for the failback',
    onFailure: 'recover',
    limit: 'move',
    users: 'run-and-application',
    needs: ['describe', 'readServerLog', 'readEndpoint', 'swapEndpoint', 'watchEndpoint'],
  },
} as const satisfies Readonly<Record<string, PhaseRow>>;

export type PhaseName = keyof typeof ROWS;

export const PHASE_ROWS: Readonly<Record<PhaseName, PhaseRow>> = ROWS;

/** Every phase: the forward ones; rollback, which recovers from a failure in any of them; failback, which moves the application back. */
export const PHASES = Object.keys(ROWS) as readonly PhaseName[];

/** Phases in the order in which a run that meets no trouble passes through them. */
export const FORWARD_PHASES = PHASES.filter((phase) => ROWS[phase].onFailure !== 'recover');

export function isPhaseName(text: string): text is PhaseName {
  return (PHASES as readonly string[]).includes(text);
}
