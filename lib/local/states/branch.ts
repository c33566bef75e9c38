/** One line of control: the execution itself, a branch of a Parallel, an iteration of a Map. */
import type { StateType } from './definition';
import type { History } from './history';
import type { JsonObject, JsonValue } from './json-value';
import { VariableScope } from './variable-scope';

export interface MapItem {
  readonly Index: number;
  readonly Value: JsonValue;
}

export interface BranchOptions {
  readonly history: History;
  readonly scope?: VariableScope;
  readonly lastEventId?: number;
  readonly mapItem?: MapItem;
}

/** The states that may be interrupted, and whose interruption the history therefore tells. */
const INTERRUPTIBLE: readonly (StateType | undefined)[] = ['Task', 'Wait', 'Parallel', 'Map'];

export class Branch {
  readonly scope: VariableScope;
  readonly mapItem: MapItem | undefined;
  /** The state that the branch is in. */
  current: StateType | undefined;
  /** The event that the next one follows from. */
  lastEventId: number;
  private readonly history: History;
  private readonly children = new Set<Branch>();
  private readonly controller = new AbortController();

  constructor({ history, scope, lastEventId, mapItem }: BranchOptions) {
    this.history = history;
    this.scope = scope ?? new VariableScope();
    this.lastEventId = lastEventId ?? 0;
    this.mapItem = mapItem;
  }

  /** Aborted when the branch is to go no further. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** A branch inside this one: it sees the variables set here and sets its own. */
  child(mapItem: MapItem | undefined = this.mapItem): Branch {
    return this.adopt(
      new Branch({
        history: this.history,
        scope: new VariableScope(this.scope),
        lastEventId: this.lastEventId,
        ...(mapItem ? { mapItem } : {}),
      }),
    );
  }

  /** A branch inside this one that keeps a history of its own. */
  detached(history: History): Branch {
    return this.adopt(
      new Branch({ history, scope: new VariableScope(this.scope), ...(this.mapItem ? { mapItem: this.mapItem } : {}) }),
    );
  }

  /** The child has ended and needs no aborting any more. */
  leave(child: Branch): void {
    this.children.delete(child);
  }

  /** Records an event that the next one follows from. */
  record(type: string, details?: JsonObject): number {
    this.lastEventId = this.note(type, details);
    return this.lastEventId;
  }

  /** Records an event that the next one passes by. */
  note(type: string, details?: JsonObject, previousEventId = this.lastEventId): number {
    this.signal.throwIfAborted();
    return this.history.append({ type, previousEventId, ...(details ? { details } : {}) });
  }

  /** Stops the branch and all inside it; whatever still runs there can record nothing more. */
  abort(reason: unknown): void {
    for (const child of this.children) child.abort(reason);
    this.controller.abort(reason);
  }

  /** Records that the state the branch is in, and those inside it, were interrupted by the failure of a sibling. */
  noteInterrupted(previousEventId: number): void {
    for (const child of this.children) child.noteInterrupted(previousEventId);
    if (INTERRUPTIBLE.includes(this.current)) this.note(`${this.current}StateAborted`, undefined, previousEventId);
  }

  private adopt(child: Branch): Branch {
    this.children.add(child);
    if (this.signal.aborted) child.abort(this.signal.reason);
    return child;
  }
}
