/** The failures of a run: one class each, its facts as fields, and its policy, from which the state machine's Retry lists are generated. */
import { ExpectedError } from './expected-error';
import { listed } from './listed';
import type { Leftover } from './run';

/**
 * What the state machine does about a failure.
 * - `retry`: the world is busy; the same invocation may succeed later.
 * - `refuse`: the request is wrong; nothing was touched, and trying again changes nothing.
 * - `stop`: the run cannot go on; undo it.
 */
export type Policy = 'retry' | 'refuse' | 'stop';

export abstract class BlueGreenError extends ExpectedError {
  abstract readonly policy: Policy;
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A file or value of the plan that cannot be used; all problems of a plan are reported together. */
export class PlanInvalid extends BlueGreenError {
  readonly policy = 'refuse';
  constructor(
    readonly source: string,
    readonly problems: readonly string[],
  ) {
    super(`${source} cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

export class BlueNotFound extends BlueGreenError {
  readonly policy = 'refuse';
  /** @param migrated what earlier runs of the plan made of it, where that is known */
  constructor(
    readonly identifier: string,
    readonly migrated: readonly { readonly runId: string; readonly to: string }[] = [],
  ) {
    const moves = migrated.map(({ runId, to }) => `run "${runId}" moved the application to "${to}"`);
    const serves = migrated.length === 1 ? `"${migrated[0]?.to}"` : 'the instance that serves production';
    super(
      `blue does not exist: there is no DB instance "${identifier}" in this account and region${moves.length > 0 ? `, since ${moves.join(', ')}` : ''}; set blue.identifier in plan.json to ${serves}`,
    );
  }
}

export class BlueNotAvailable extends BlueGreenError {
  readonly policy = 'refuse';
  constructor(
    readonly identifier: string,
    readonly status: string,
  ) {
    super(
      `blue "${identifier}" has status "${status}"; a run starts only while it serves ("available", "backing-up", "storage-optimization"); wait until it is there, then start the run again`,
    );
  }
}

export class BlueIsReadReplica extends BlueGreenError {
  readonly policy = 'refuse';
  constructor(
    readonly identifier: string,
    readonly source: string,
  ) {
    super(
      `blue "${identifier}" is a read replica of "${source}"; a run needs the instance that takes the writes; set blue.identifier to "${source}", or promote the replica first`,
    );
  }
}

export class RunLocked extends BlueGreenError {
  readonly policy = 'refuse';
  constructor(
    readonly holder: string,
    readonly since: string,
  ) {
    super(
      `run "${holder}" holds the lock on blue since ${since}; one run at a time; let it end, or finish it by starting run id "${holder}" again`,
    );
  }
}

export class ChangeAltered extends BlueGreenError {
  readonly policy = 'refuse';
  constructor(
    readonly file: string,
    /** The file under whose name the ledger has this number. */
    readonly appliedFile: string,
    readonly appliedHash: string,
    readonly fileHash: string,
  ) {
    super(
      file === appliedFile
        ? `${file} was applied with content sha256 ${appliedHash.slice(0, 12)}…, the file now has ${fileHash.slice(0, 12)}…; an applied change must stay as it was; restore the file and put the correction into a new change`
        : `${file} has the number of ${appliedFile}, which was applied to this database before; numbers are never used twice; give ${file} a number that is not in bluegreen.change`,
    );
  }
}

/** The ledger holds what no run has written. */
export class LedgerBroken extends BlueGreenError {
  readonly policy = 'refuse';
  constructor(
    readonly entry: { readonly number: number; readonly file: string; readonly chain: string },
    readonly expectedChain: string,
    /** The file of the entry before it; undefined when it is the first. */
    readonly previousFile: string | undefined,
  ) {
    super(
      `the ledger (bluegreen.change) was altered by hand: entry ${entry.number} (${entry.file}) has the chain value ${short(entry.chain)}, ${previousFile === undefined ? 'as the first one' : `after ${previousFile}`} it must have ${short(expectedChain)}; only a run adds entries, and nobody changes or removes them; put the rows back as they were, from a backup or a snapshot`,
    );
  }
}

function short(hash: string): string {
  return `${hash.slice(0, 12)}…`;
}

export class GuardrailViolated extends BlueGreenError {
  readonly policy = 'refuse';
  constructor(readonly reasons: readonly string[]) {
    super(`blue is not ready for a run:\n${listed(reasons)}`);
  }
}

export class SecretUnusable extends BlueGreenError {
  readonly policy = 'refuse';
  constructor(
    readonly secretArn: string,
    readonly why: string,
  ) {
    super(
      `secret ${secretArn} cannot be used: ${why}; it must hold {"username": …, "password": …} and be readable for the run`,
    );
  }
}

/** An object has the name this run would give its own, but belongs to somebody else. */
export class ForeignResource extends BlueGreenError {
  readonly policy = 'stop';
  constructor(
    readonly identifier: string,
    readonly owner: string,
  ) {
    super(
      `"${identifier}" exists and is not of this run (its tags say: ${owner}); nothing was changed on it; delete or rename it, or start a run with another id`,
    );
  }
}

/** A snapshot or instance ended in a status from which RDS does not bring it back. */
export class ResourceFailed extends BlueGreenError {
  readonly policy = 'stop';
  constructor(
    readonly identifier: string,
    readonly status: string,
  ) {
    super(`"${identifier}" has status "${status}" and will not become available; see its events in the RDS console`);
  }
}

/** Green is not a copy this run's blue handed over. */
export class GreenNotOurs extends BlueGreenError {
  readonly policy = 'stop';
  constructor(
    readonly identifier: string,
    readonly found: string,
  ) {
    super(
      `green "${identifier}" does not carry this run's mark (found: ${found}); it was not cloned from this run's blue`,
    );
  }
}

export class FreezeFailed extends BlueGreenError {
  readonly policy = 'stop';
  constructor(readonly why: string) {
    super(`blue does not refuse writes although it is frozen: ${why}`);
  }
}

export class FreezeExpired extends BlueGreenError {
  readonly policy = 'stop';
  constructor(readonly deadline: string) {
    super(
      `the freeze of blue ended at ${deadline} before the switchover was done; raise freeze.timeoutSeconds in plan.json if the work really takes longer`,
    );
  }
}

export interface StatementFailure {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The line of the file the server complained about, or the part of a very long line around the column. */
  readonly source: string;
  /** Column of `source` under which the caret goes. */
  readonly caret: number;
  readonly sqlState: string;
  readonly serverMessage: string;
  readonly serverDetail?: string;
}

export class ChangeFailed extends BlueGreenError {
  readonly policy = 'stop';
  constructor(
    readonly failure: StatementFailure,
    options?: ErrorOptions,
  ) {
    const { file, line, column, source, caret, sqlState, serverMessage, serverDetail: detail } = failure;
    const said = `${file}:${line}:${column}: ${serverMessage} (SQLSTATE ${sqlState})`;
    super([said, source, `${' '.repeat(caret - 1)}^`, ...(detail ? [detail] : [])].join('\n  '), options);
  }
}

/** A change was begun again and again, and each time the server lost it: it was neither applied nor did it fail. */
export class ChangeLost extends BlueGreenError {
  readonly policy = 'stop';
  constructor(
    readonly file: string,
    readonly attempts: number,
  ) {
    super(
      `${file} was begun ${attempts} times, and each time the session that applied it ended without a word; see the log of green's server for restarts and ended sessions, and its metrics for memory and storage; then mend the cause, or split the change, and start a new run`,
    );
  }
}

/** The database server refused a statement of ours. */
export class DatabaseRefused extends BlueGreenError {
  readonly policy = 'stop';
  constructor(
    readonly sqlState: string,
    readonly serverMessage: string,
    options: { cause: unknown },
  ) {
    super(`the database refused a statement of the run: ${serverMessage} (SQLSTATE ${sqlState})`, options);
  }
}

/** The control plane refused a request of ours for good. */
export class ControlPlaneRefused extends BlueGreenError {
  readonly policy = 'stop';
  constructor(
    readonly operation: string,
    readonly code: string,
    options: { cause: unknown },
  ) {
    super(
      `${operation} was refused: ${options.cause instanceof Error ? options.cause.message : String(options.cause)} (${code})`,
      options,
    );
  }
}

export class SwitchoverRefused extends BlueGreenError {
  readonly policy = 'stop';
  constructor(readonly reasons: readonly string[]) {
    super(`the switchover was not started:\n${listed(reasons)}`);
  }
}

/** A service or server did not answer, or asked to be left alone for a while. */
export class TemporarilyUnavailable extends BlueGreenError {
  readonly policy = 'retry';
  constructor(what: string, options: { cause: unknown }) {
    const cause = options.cause instanceof Error ? options.cause.message : String(options.cause);
    super(`${what} is not available right now: ${cause}`, options);
  }
}

/** RDS is at something else with the resource, and takes no such order until that is over. It said so: the order was not taken. */
export class ResourceBusy extends TemporarilyUnavailable {
  override readonly policy = 'retry';
  constructor(operation: string, options: { cause: unknown }) {
    super(`what ${operation} is about`, options);
  }
}

/** The recovery itself failed; carries what a human has to do if it keeps failing. */
export class RollbackFailed extends BlueGreenError {
  readonly policy = 'retry';
  constructor(
    readonly remaining: readonly Leftover[],
    options: { cause: unknown },
  ) {
    const cause =
      options.cause instanceof Error ? `${options.cause.name}: ${options.cause.message}` : String(options.cause);
    super(
      `${cause}\nto finish by hand, in this order:\n${remaining.map(({ what, command }) => `  # ${what}\n  ${command}`).join('\n')}`,
      options,
    );
  }
}
