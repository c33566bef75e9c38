/** The way of the application from one side to the other: a passage for each of its databases. */
import type { Address, Run } from '../lib/core/run';
import type { Database } from '../lib/ports/database';
import type { World } from '../lib/ports/world';
import { pairsOf } from './sides';

/** One database on the side that serves and on the side that is to. */
export interface Passage {
  readonly name: string;
  readonly from: Database;
  readonly to: Database;
  /** By which `to` follows `from`. */
  readonly channel: string;
}

export interface Way {
  /** The plan's own database first: what is decided there is decided. */
  readonly passages: readonly [Passage, ...Passage[]];
  readonly fromAddress: Address;
  readonly toAddress: Address;
}

/** From blue to green. */
export function wayBetween(run: Run, world: World, blue: Address, green: Address): Way {
  const passages = pairsOf(run, world, blue, green).map(
    (pair): Passage => ({ name: pair.name, from: pair.blue, to: pair.green, channel: pair.forward }),
  );
  return { passages: passages as [Passage, ...Passage[]], fromAddress: blue, toAddress: green };
}
