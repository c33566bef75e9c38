/** The failures of a run that follow from following: the slot, the seed, replication itself, and the way back. */
import { BlueGreenError } from './errors';
import { listed } from './listed';
import { type Mismatch, mismatchLines, notEqual } from './verdict';

/** What keeps blue's writes for green is gone, or was made again: a copy made before misses writes. */
export class LineageLost extends BlueGreenError {
  readonly policy = 'stop';
  constructor(
    readonly database: string,
    readonly why: string,
  ) {
    super(`green cannot follow database "${database}" without a gap: ${why}; start the run again`);
  }
}

/** Green cannot say at which position of blue's WAL it was copied, or says something that cannot be. */
export class SeedUnusable extends BlueGreenError {
  readonly policy = 'stop';
  constructor(
    readonly identifier: string,
    readonly why: string,
  ) {
    super(`green "${identifier}" cannot follow blue: ${why}`);
  }
}

/** A verdict that did not hold: what changed since its moment is not the same on both sides. */
export class ValidationFailed extends BlueGreenError {
  readonly policy = 'stop';
  constructor(readonly mismatches: readonly Mismatch[]) {
    super(`${notEqual(mismatches)}\nthese rows changed after both sides were compared`);
  }
}

/** While green serves, blue follows it: and lacks or changed what it should have. */
export class WayBackDiffers extends BlueGreenError {
  readonly policy = 'stop';
  constructor(readonly mismatches: readonly Mismatch[]) {
    super(
      `blue does not hold what was written to green, so that the application cannot move back without loss:\n${mismatchLines(mismatches).join('\n')}\ngreen serves on, and the way back is given up`,
    );
  }
}

/** Why a change could not be applied on the side that follows. */
export interface ApplyFailure {
  /** In the server's own words, with the table and the function where it names them. */
  readonly said: string;
  /** Undefined where nothing but the server's words is known. */
  readonly means: string | undefined;
}

/** What is known of following that broke. */
export interface BrokenBy {
  /** How often applying has failed in a row. */
  readonly failed: number;
  /** What was not found, or found, where it should not have been, in words. */
  readonly conflicts: readonly string[];
  readonly cause: ApplyFailure | undefined;
}

export class FollowingBroken extends BlueGreenError {
  readonly policy = 'stop';
  constructor(
    readonly database: string,
    readonly by: BrokenBy,
  ) {
    const { failed, conflicts, cause } = by;
    const what = conflicts.length > 0 ? conflicts.join(', ') : `applying a change failed ${failed} times in a row`;
    const said = cause
      ? `the server that follows said: ${cause.said}${cause.means === undefined ? '' : `: ${cause.means}`}`
      : 'the log of the server that follows says why (often a row that is there already, or a change that does not fit what is replicated)';
    super(`database "${database}" is not followed any more: ${what}; ${said}`);
  }
}

/** Changes have given columns of green types in which replication does not make the same of a value as they did. */
export class TypesNotFollowed extends BlueGreenError {
  readonly policy = 'stop';
  constructor(readonly reasons: readonly string[]) {
    super(`green cannot follow blue after its changes:\n${listed(reasons)}`);
  }
}

/** DDL is not replicated. */
export class SchemaDrifted extends BlueGreenError {
  readonly policy = 'stop';
  constructor(
    readonly database: string,
    readonly tables: readonly string[],
  ) {
    super(
      `blue's schema was changed while green follows it, which is not replicated: in database "${database}" ${tables.join(', ')}; make the change before the run or in the plan, and start the run again`,
    );
  }
}

export class TooMuchWalKept extends BlueGreenError {
  readonly policy = 'stop';
  constructor(
    readonly database: string,
    readonly keptMiB: number,
    readonly allowedMiB: number,
  ) {
    super(
      `blue keeps ${keptMiB} MiB of WAL for green (database "${database}"), allowed are ${allowedMiB} MiB (follow.maxWalKeptMiB); raise it if blue has the storage, or run when less is written`,
    );
  }
}

export class FollowingTooSlow extends BlueGreenError {
  readonly policy = 'stop';
  constructor(
    readonly timeoutSeconds: number,
    readonly lag: string,
  ) {
    super(
      `green did not catch up within ${timeoutSeconds} s (follow.timeoutSeconds), ${lag}; raise it, give green a larger instance class, or run when less is written`,
    );
  }
}

export class ComparisonTooSlow extends BlueGreenError {
  readonly policy = 'stop';
  constructor(readonly timeoutSeconds: number) {
    super(
      `both sides could not be compared within ${timeoutSeconds} s (validation.timeoutSeconds), after which neither keeps the moment any more; raise it, or raise validation.parallelism`,
    );
  }
}

/** The plan's own word that the application must not stay on green. */
export class AlarmFired extends BlueGreenError {
  readonly policy = 'stop';
  constructor(readonly reasons: readonly string[]) {
    super(`while green served:\n${listed(reasons)}`);
  }
}
