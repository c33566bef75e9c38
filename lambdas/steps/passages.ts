/** The way of the application from one side to the other: a passage for each of its databases. */
import type { Address, Run } from '../../lib/core/run';
import type { Counters } from '../../lib/ports/counters';
import type { Database } from '../../lib/ports/database';
import type { World } from '../../lib/ports/world';
import { type Pair, pairsOf } from './sides';

/** One database on the side that serves and on the side that is to. */
export interface Passage {
  readonly name: string;
  readonly from: Database;
  readonly to: Database;
  /** By which `to` follows `from`. */
  readonly channel: string;
  readonly counters: Counters;
}

export interface Way {
  /** The plan's own database first: what is decided there is decided. */
  readonly passages: readonly [Passage, ...Passage[]];
  readonly fromAddress: Address;
  readonly toAddress: Address;
}

/** From blue to green. */
export function wayBetween(run: Run, world: World, blue: Address, green: Address): Way {
  const passages = pairsOf(run, world, blue, green).map((pair) => passage(pair, pair.blue, pair.green, pair.forward));
  return { passages: passages as [Passage, ...Passage[]], fromAddress: blue, toAddress: green };
}

/** From green to blue. */
export function wayBackBetween(pairs: readonly Pair[], blue: Address, green: Address): Way {
  const passages = pairs.map((pair) => passage(pair, pair.green, pair.blue, pair.back));
  return { passages: passages as [Passage, ...Passage[]], fromAddress: green, toAddress: blue };
}

function passage({ name }: Pair, from: Database, to: Database, channel: string): Passage {
  return { name, from, to, channel, counters: from.countersTo(to) };
}
