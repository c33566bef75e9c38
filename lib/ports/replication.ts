/** Following: one database's changes applied to its counterpart, as the phases need it. A channel is one way between two of them. */
import type { ShowOptions } from '../core/differences';
import type { ApplyFailure } from '../core/following-errors';
import type { Address } from '../core/run';

export interface SlotState {
  /** Whether somebody is connected to it; without, figures about lag say nothing. */
  readonly active: boolean;
  /** The WAL it needs is gone. */
  readonly lost: boolean;
  /** Bytes of WAL written here and not confirmed by the other side. */
  readonly lagBytes: number;
  /** Bytes of WAL this side keeps because of it. */
  readonly keptBytes: number;
}

export interface SubscriptionState {
  readonly enabled: boolean;
  readonly working: boolean;
  /** How often applying, or the connection, has failed so far. */
  readonly errors: number;
  /** What came from the other side and did not find here what it should have, in words; not every server tells. */
  readonly conflicts: readonly string[];
  /** Now, on this server's clock. */
  readonly at: Date;
}

/** What proves, once it is seen on the other side, that everything before it is there. */
export interface Marker {
  readonly token: string;
  /** On the clock of the side that wrote it. */
  readonly at: Date;
}

/** A table to be published, and which of its columns. */
export interface PublishedColumns {
  readonly schema: string;
  readonly name: string;
  /** All that are not generated, where they are not named. */
  readonly columns?: readonly string[];
}

/** The side that is followed. Every method may be called again after a crash. */
export interface Publishing {
  /**
   * Publishes every table of the application, and only then makes the slot; begins a new lineage when the slot is new.
   *
   * @returns false when the slot has to wait for transactions that are running
   */
  publish(runId: string, channel: string): Promise<boolean>;
  /** Publishes these columns of these tables, and makes the slot. @returns as {@link publish} */
  publishColumns(channel: string, tables: readonly PublishedColumns[]): Promise<boolean>;
  /** Changes which columns are published of the tables that already are. */
  setPublishedColumns(channel: string, tables: readonly PublishedColumns[]): Promise<void>;
  slot(channel: string): Promise<SlotState | undefined>;
  /** Lets the slot forget what was written so far; where the server crashes it may remember. */
  forgetWritten(channel: string): Promise<void>;
  /** Where what was written so far ends in the server's WAL. */
  endOfWritten(): Promise<string>;
  slotCovers(channel: string, position: string): Promise<boolean>;
  /** Removes publication and slot, whoever is connected. */
  closeChannel(channel: string): Promise<void>;
  /** What was changed since the tables were published, and is not replicated, in words. */
  drift(): Promise<readonly string[]>;
  /** Writes what is to be awaited on the other side. */
  writeMarker(): Promise<Marker>;
  /** Transactions that have been open for longer than `seconds`, and prepared ones, in words. */
  longTransactions(seconds: number): Promise<readonly string[]>;
}

/** The side that follows. Every method may be called again after a crash. */
export interface Following {
  /**
   * Makes a fresh copy fit to follow: reads the seed and keeps it, removes slots and publications that were copied along,
   * pauses jobs, and refuses writes.
   *
   * @returns the seed; undefined when this copy does not know where it begins
   */
  adopt(runId: string): Promise<string | undefined>;
  /** Subscribes to the database of the same name at `publisher`, without following yet. */
  subscribe(channel: string, publisher: Address): Promise<void>;
  /** Sets where following begins, the first time it is called. */
  beginAt(channel: string, position: string): Promise<void>;
  /** Lets following, once it begins, pass over everything before `position`, whatever the other side still has. */
  passOver(channel: string, position: string): Promise<void>;
  /** Follows from where it stands, with the credentials of now. */
  follow(channel: string, publisher: Address): Promise<void>;
  /** When it returns, nothing further is applied. */
  stopFollowing(channel: string): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  subscription(channel: string): Promise<SubscriptionState | undefined>;
  /** What the log of this side's server says of a change it could not apply. @returns undefined when it says nothing of it */
  applyFailure(log: readonly string[], options: ShowOptions): Promise<ApplyFailure | undefined>;
  /** Whether everything written before the marker is here, waiting at most `patienceMs` for it. */
  markerArrives(token: string, patienceMs: number): Promise<boolean>;
  /** When the newest marker that arrived was written. */
  markerAt(): Promise<Date>;
}
