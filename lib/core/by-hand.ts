/** Commands with which a human does what a run could not do, as wings know them; each may be run more than once. */

/** Names of what lets one side of a database follow the other, there and back, and of what says which rows changed. */
export interface Channels {
  readonly forward: string;
  readonly back: string;
  readonly rows: string;
}

/** In a database; `on` is the identifier of its side, whose address the human puts in. */
export interface DatabaseByHand {
  /** Closes green for good, unless it was opened, and shows which it is. */
  closeGreen(on: string, database: string): string;
  /** Lets blue accept writes again and releases the lock. */
  giveBack(on: string, database: string): string;
  /** Ends following on blue, in either direction. */
  endFollowing(on: string, database: string, channels: Channels): string;
  /** Gives the way back up on green. */
  giveUpWayBack(on: string, database: string, channels: Channels): string;
  /** Removes the run's record from green, which serves. */
  removeRecord(on: string, database: string): string;
}

export interface ShapeByHand {
  unprotect(identifier: string): string;
  /** @param finalSnapshot taken before; none where it is absent */
  remove(identifier: string, finalSnapshot?: string): string;
  removeSnapshot(identifier: string): string;
}

export interface EndpointByHand {
  /** Leads the endpoint to a side, whose address the human puts in. */
  leadTo(identifier: string): string;
}

export interface ByHand {
  readonly database: DatabaseByHand;
  readonly shape: ShapeByHand;
  readonly endpoint: EndpointByHand;
}
