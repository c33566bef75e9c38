/** The iterations of one Map: how many at once, and how many may fail. */
import type { Branch, MapItem } from '../branch';
import { flowFor } from '../flow/flow-for';
import { HarnessError } from '../harness-error';
import { copyOf, type JsonObject, type JsonValue } from '../json-value';
import { Siblings } from '../siblings';
import { StateFailure } from '../state-failure';
import type { Visit } from '../visit';

export interface MapLimits {
  readonly concurrency: number;
  readonly toleratedCount: number | undefined;
  readonly toleratedPercentage: number | undefined;
  /** Whether too many failures are an error of their own; otherwise the first failure is the Map's. */
  readonly ownError: boolean;
}

export interface MapRunOptions {
  readonly visit: Visit;
  readonly items: readonly JsonValue[];
  readonly limits: MapLimits;
  /** Where the iterations record their events. */
  readonly root: Branch;
}

export class MapRun {
  private readonly outputs = new Map<number, JsonValue>();
  private readonly indexes = new Map<Branch, number>();
  private readonly siblings: Siblings;
  private next = 0;
  private failures = 0;
  /** The event that the next iteration starts from: the Map's start, or the end of the iteration it had to wait for. */
  private startsFrom: number;

  constructor(private readonly options: MapRunOptions) {
    const { root } = options;
    this.startsFrom = root.lastEventId;
    this.siblings = new Siblings(root, (branch, failedAt) => {
      root.note('MapIterationAborted', this.detailsOf(branch), failedAt);
    });
  }

  /** The outputs in the order of the items, without those of iterations whose failure was tolerated. */
  async results(): Promise<JsonValue[]> {
    const { items, limits } = this.options;
    const lanes = Array.from({ length: Math.min(limits.concurrency, items.length) }, () => this.lane());
    await this.siblings.all(lanes);
    return [...this.outputs].sort(([a], [b]) => a - b).map(([, output]) => output);
  }

  private async lane(): Promise<void> {
    while (this.next < this.options.items.length && !this.siblings.collapsed) {
      const index = this.next;
      this.next += 1;
      await this.iterate(index);
    }
  }

  private async iterate(index: number): Promise<void> {
    const { items, root } = this.options;
    const item = { Index: index, Value: copyOf(items[index] ?? null) };
    const input = await this.inputFor(item);
    const branch = root.child(item);
    this.indexes.set(branch, index);
    branch.lastEventId = this.startsFrom;
    branch.record('MapIterationStarted', this.detailsOf(branch));
    this.siblings.joined(branch);
    try {
      await this.process(branch, copyOf(input));
    } catch (thrown) {
      this.failed(branch, thrown);
    }
  }

  private async inputFor(item: MapItem): Promise<JsonValue> {
    const { visit, root } = this.options;
    try {
      return await flowFor(visit).itemInput(visit, item);
    } catch (thrown) {
      this.siblings.collapse(root, thrown);
      throw thrown;
    }
  }

  private async process(branch: Branch, input: JsonValue): Promise<void> {
    const { state, name, runInside } = this.options.visit;
    const block = state.ItemProcessor;
    if (!block) throw new HarnessError(`the Map '${name}' has no ItemProcessor, which loading should have refused`);
    const output = await runInside(block, branch, input);
    this.outputs.set(this.indexes.get(branch) ?? -1, output);
    const succeeded = branch.note('MapIterationSucceeded', this.detailsOf(branch));
    this.ended(branch, succeeded);
  }

  private failed(branch: Branch, thrown: unknown): void {
    const { root, limits } = this.options;
    if (!(thrown instanceof StateFailure) || !thrown.catchable || branch.signal.aborted) {
      this.siblings.collapse(branch, thrown);
      throw thrown;
    }
    const noted = root.note('MapIterationFailed', this.detailsOf(branch), branch.lastEventId);
    this.failures += 1;
    if (this.tolerable()) {
      this.ended(branch, noted);
      return;
    }
    const failure = limits.ownError ? thresholdExceeded() : thrown;
    this.siblings.collapse(branch, failure);
    throw failure;
  }

  /** Without a threshold none may fail; with two, neither may be exceeded. */
  private tolerable(): boolean {
    const { items, limits } = this.options;
    const { toleratedCount: count, toleratedPercentage: percentage } = limits;
    if (count === undefined && percentage === undefined) return false;
    const failedPercentage = (100 * this.failures) / items.length;
    return this.failures <= (count ?? items.length) && failedPercentage <= (percentage ?? 100);
  }

  private ended(branch: Branch, noted: number): void {
    this.startsFrom = branch.lastEventId;
    this.options.root.lastEventId = noted;
    this.siblings.left(branch);
  }

  private detailsOf(branch: Branch): JsonObject {
    return { index: this.indexes.get(branch) ?? -1, name: this.options.visit.name };
  }
}

function thresholdExceeded(): StateFailure {
  return new StateFailure({
    error: 'States.ExceedToleratedFailureThreshold',
    cause: 'The specified tolerated failure threshold was exceeded',
  });
}
