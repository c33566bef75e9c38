/** The phases of a run, in order, and the sentence each shows in the state graph. */

/** Phases in the order in which a run that meets no trouble passes through them. */
export const FORWARD_PHASES = [
  'prepare',
  'snapshot',
  'clone',
  'migrate',
  'validate',
  'switchover',
  'bake',
  'retire',
] as const;

/** Every phase: the forward ones, and rollback, which recovers from a failure in any of them. */
export const PHASES = [...FORWARD_PHASES, 'rollback'] as const;

export type PhaseName = (typeof PHASES)[number];

/**
 * Phases that run after green may have accepted writes. A failure there never moves the application back to blue
 * in a run with `sync: "freeze"`: blue does not have green's writes.
 */
export const AFTER_POINT_OF_NO_RETURN: readonly PhaseName[] = ['bake', 'retire'];

/** State names are sentences, so that the graph in the Step Functions console reads as prose. */
export const PHASE_SENTENCES: Readonly<Record<PhaseName, string>> = {
  prepare: 'Check blue and take the lock',
  snapshot: 'Freeze blue and take a snapshot',
  clone: 'Clone green from the snapshot',
  migrate: 'Apply the changes to green',
  validate: 'Prove that green equals blue',
  switchover: 'Move the application to green',
  bake: 'Watch green while blue is kept',
  retire: 'Retire blue',
  rollback: 'Give blue back to the application',
};

export function isPhaseName(text: string): text is PhaseName {
  return (PHASES as readonly string[]).includes(text);
}
