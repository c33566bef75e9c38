/** How a visit to a state ends: what it hands on, and where to. */
import type { Yield } from './flow/data-flow';

/** Without `next` the block of states ends here. */
export interface Outcome extends Yield {
  readonly next?: string | undefined;
}
