/** What is known of a move that got through: by what the endpoint's swap is known, and what production waited for. */
import type { ChangedRowsResult } from '../../lib/core/changed-rows';

/** Milliseconds each step took, by its name. */
export type Steps = Readonly<Record<string, number>>;

/** The other side is open; `swapId` is what the endpoint's swap is known by, `steps` what production waited for. */
export interface Moved {
  readonly swapId: string;
  readonly steps?: Steps;
  /** What was compared again on the way. */
  readonly changedRows?: ChangedRowsResult;
}

export function stepsInWords({ steps }: Partial<Moved> = {}): string {
  return steps
    ? ` (${Object.entries(steps)
        .map(([name, ms]) => `${name} ${ms} ms`)
        .join(', ')})`
    : '';
}

export class StepWatch {
  readonly steps: Record<string, number> = {};
  private last = performance.now();

  lap(name: string): void {
    const now = performance.now();
    this.steps[name] = Math.round((now - this.last) * 10) / 10;
    this.last = now;
  }
}
