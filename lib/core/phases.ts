/** The phases of a run, in order, and the sentence each shows in the state graph. */

/** Phases in the order in which a run that meets no trouble passes through them. */
export const FORWARD_PHASES = [
  'prepare',
  'snapshot',
  'clone',
  'migrate',
  'follow',
  'validate',
  'switchover',
  'bake',
  'retire',
] as const;

/** Every phase: the forward ones; rollback, which recovers from a failure in any of them; failback, which moves the application back. */
export const PHASES = [...FORWARD_PHASES, 'rollback', 'failback'] as const;

export type PhaseName = (typeof PHASES)[number];

/**
 * Phases that run after green may have accepted writes. What a failure there means is for the rollback to decide: blue
 * has green's writes only where it follows green.
 */
export const AFTER_POINT_OF_NO_RETURN: readonly PhaseName[] = ['bake', 'retire'];

/** State names are sentences, so that the graph in the Step Functions console reads as prose. */
export const PHASE_SENTENCES: Readonly<Record<PhaseName, string>> = {
  prepare: 'Check blue and take the lock',
  snapshot: 'Take a snapshot of blue',
  clone: 'Clone green from the snapshot',
  migrate: 'Apply the changes to green',
  follow: 'Let green follow blue',
  validate: 'Prove that green equals blue',
  switchover: 'Move the application to green',
  bake: 'Watch green while blue is kept',
  retire: 'Retire blue',
  rollback: 'Give blue back to the application',
  failback: 'Move the application back to blue',
};

export function isPhaseName(text: string): text is PhaseName {
  return (PHASES as readonly string[]).includes(text);
}
